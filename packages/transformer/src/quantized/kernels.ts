// The kernels of quantised layers: a Wasm module that only those who quantise carry.
import { quantized, quantizedRelaxed } from '@x/assembly/transformer'
import { type Kernel, type KernelMaker, kernelsOf } from '@x/tensor/op'
import type { Quantization } from './format.ts'

const all: KernelMaker = kernelsOf({ name: 'transformer/quantized', strict: quantized, relaxed: quantizedRelaxed })

const SUFFIX = { int8: 'i8', int4: 'i4' } as const

/** One kernel for each kind of weights. */
export const kernels = (name: string): Readonly<Record<Quantization, Kernel>> => ({
  int8: all.kernel(`${name}_${SUFFIX.int8}`),
  int4: all.kernel(`${name}_${SUFFIX.int4}`),
})
