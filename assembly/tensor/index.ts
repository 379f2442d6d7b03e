// All kernels of the package in one module: the file that is shipped beside the inlined ones.

export * from './convolution'
export * from './convolution64'
export * from './core'
export * from './matrix'
export * from './matrix64'
