// What only training needs: losses, optimisers, and batches that are normalised by themselves.

export * from './batchNorm'
export * from './crossEntropy'
export * from './optim'
export * from './squaredError'
