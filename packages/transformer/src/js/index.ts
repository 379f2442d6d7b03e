// @x/transformer/js: a twin of every kernel of the package, with its name and parameters, for setBackend.
import type { KernelTable } from '@x/tensor/js'
import { decoding } from './decoding.ts'
import { quantized } from './quantized.ts'

export const js: KernelTable = { module: 'transformer', kernels: { ...decoding, ...quantized } }
