// The kernels of uniform and normal numbers: a Wasm module that only those who draw some carry.
import { drawing } from '@x/assembly/tensor'
import { type Kernel, type KernelFamily, type KernelMaker, kernelsOf } from './kernels.ts'

const all: KernelMaker = kernelsOf({ name: 'tensor', strict: drawing })

export function kernel(name: string): Kernel {
  return all.kernel(name)
}

export function family(name: string): KernelFamily {
  return all.family(name)
}
