// The kernels of linear algebra: a Wasm module that only those who use @x/tensor/linalg carry.
import { linalg } from '@x/assembly/linalg'
import { type FamilyOptions, type Kernel, type KernelFamily, type KernelMaker, kernelsOf } from './kernels.ts'

const all: KernelMaker = kernelsOf({ name: 'tensor', strict: linalg })

/** A kernel for float32 and one for float64. */
export function family(name: string, options: FamilyOptions = { scratch: true }): KernelFamily {
  return all.family(name, options)
}

/** A kernel for float64, in which float32 is computed too. */
export function wideKernel(name: string): Kernel {
  return all.kernel(`${name}_f64`, { scratch: true })
}
