// What every program that uses tensors needs: all kernels but those of matrices and images.

export * from './binary'
export * from './cast'
export * from './compare'
export * from './indexing'
export * from './logic'
export * from './moving'
export * from './random'
export * from './reduce'
export * from './softmax'
export * from './transcendental'
export * from './unary'
export * from './where'
