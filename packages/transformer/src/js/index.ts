// @x/transformer/js: a twin of every kernel of the package, with its name and parameters, for setBackend.
import type { KernelTable } from '@x/tensor/js'
import { quantized } from './quantized.ts'

export const js: KernelTable = { module: 'transformer', kernels: { ...quantized } }
