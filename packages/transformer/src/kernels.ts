// The kernels of @x/transformer: Wasm modules that only those carry who decode, or quantise.
import { decoding, quantized, quantizedRelaxed } from '@x/assembly/transformer'
import { type Kernel, type KernelMaker, kernelsOf } from '@x/tensor/op'
import type { Quantization } from './quantized/format.ts'

const ofDecoding: KernelMaker = kernelsOf({ name: 'transformer', strict: decoding })
const relaxed = quantizedRelaxed
const ofQuantized: KernelMaker = kernelsOf({ name: 'transformer', strict: quantized, relaxed })

export const decodingKernel = (name: string): Kernel => ofDecoding.kernel(name, { scratch: true })

/** One kernel for each kind of weights. */
export const quantizedKernels = (name: string): Readonly<Record<Quantization, Kernel>> => ({
  int8: ofQuantized.kernel(`${name}_i8`),
  int4: ofQuantized.kernel(`${name}_i4`),
})
