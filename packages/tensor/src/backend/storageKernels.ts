// The casts of the dtypes that are only stored.
import { storage } from '@x/assembly/tensor'
import { type FamilyOptions, type Kernel, type KernelMaker, kernelsOf } from './kernels.ts'

const all: KernelMaker = kernelsOf({ name: 'tensor', strict: storage })

export function kernel(name: string, options?: FamilyOptions): Kernel {
  return all.kernel(name, options)
}
