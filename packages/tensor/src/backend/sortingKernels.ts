// The kernels of sorting and searching: a Wasm module that only those who use them carry.
import { sorting } from '@x/assembly/tensor'
import { type FamilyOptions, type Kernel, type KernelFamily, type KernelMaker, kernelsOf } from './kernels.ts'

const all: KernelMaker = kernelsOf({ name: 'tensor', strict: sorting })

export function kernel(name: string, options?: FamilyOptions): Kernel {
  return all.kernel(name, options)
}

export function family(name: string, options?: FamilyOptions): KernelFamily {
  return all.family(name, options)
}
