// The kernels that write by position: a Wasm module that only those who scatter carry.
import { order, scatter } from '@x/assembly/scatter'
import { type FamilyOptions, type KernelFamily, type KernelMaker, kernelsOf } from './kernels.ts'

const all: KernelMaker = kernelsOf({ name: 'tensor/scatter', strict: scatter, order })

export function family(name: string, options?: FamilyOptions): KernelFamily {
  return all.family(name, options)
}
