// The kernels of convolution and pooling: Wasm modules that only those who convolve carry.
import { convolution, convolution64, convolutionRelaxed } from '@x/assembly/convolution'
import {
  type FamilyOptions,
  type FloatingKernels,
  floatingFamily,
  type Kernel,
  type KernelMaker,
  kernelsOf,
} from './kernels.ts'

const relaxed = convolutionRelaxed
const single: KernelMaker = kernelsOf({ name: 'tensor', strict: convolution, relaxed })
const double: KernelMaker = kernelsOf({ name: 'tensor', strict: convolution64 })

export function family(name: string, options: FamilyOptions = {}): FloatingKernels {
  return floatingFamily(single, double, name, options)
}

/** A kernel that there is in float32 only. */
export function single32(name: string, options: FamilyOptions = {}): Kernel {
  return single.kernel(`${name}_f32`, options)
}
