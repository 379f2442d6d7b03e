// All kernels of the package in one module: the file that is shipped beside the inlined ones.

export * from './decoding'
export * from './quantized'
