// The kernels of int64, of integer division, shifts and powers, and of division with a rest: a Wasm module of its own.
import { discrete } from '@x/assembly/tensor'
import { type FamilyOptions, type Kernel, type KernelFamily, type KernelMaker, kernelsOf } from './kernels.ts'

const all: KernelMaker = kernelsOf({ name: 'tensor', strict: discrete })

export function kernel(name: string, options?: FamilyOptions): Kernel {
  return all.kernel(name, options)
}

export function family(name: string, options?: FamilyOptions): KernelFamily {
  return all.family(name, options)
}
