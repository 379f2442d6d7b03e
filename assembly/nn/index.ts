// All kernels of the package in one module: the file that is shipped beside the inlined ones.

export * from './attention'
export * from './layers'
export * from './recurrent'
export * from './training'
