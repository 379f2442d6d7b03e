// The kernels that write by position: a Wasm module that only those who scatter carry.
import { scatter } from '@x/assembly/tensor'
import { type FamilyOptions, type KernelFamily, type KernelMaker, kernelsOf } from './kernels.ts'

const all: KernelMaker = kernelsOf({ name: 'tensor', strict: scatter })

export function family(name: string, options?: FamilyOptions): KernelFamily {
  return all.family(name, options)
}
