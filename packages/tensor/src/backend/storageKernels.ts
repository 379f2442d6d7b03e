// The casts of the dtypes that are only stored.
import { order, storage } from '@x/assembly/special'
import { type FamilyOptions, type Kernel, type KernelMaker, kernelsOf } from './kernels.ts'

const all: KernelMaker = kernelsOf({ name: 'tensor/storage', strict: storage, order })

export function kernel(name: string, options?: FamilyOptions): Kernel {
  return all.kernel(name, options)
}
