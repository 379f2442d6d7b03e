// The kernels of running folds: a Wasm module that only those who use them carry.
import { running } from '@x/assembly/tensor'
import { type FamilyOptions, type KernelFamily, type KernelMaker, kernelsOf } from './kernels.ts'

const all: KernelMaker = kernelsOf({ name: 'tensor', strict: running })

export function family(name: string, options?: FamilyOptions): KernelFamily {
  return all.family(name, options)
}
