// The kernels of the less common functions: a Wasm module that only those who use one carry.
import { order, special } from '@x/assembly/special'
import { type KernelFamily, type KernelMaker, kernelsOf } from './kernels.ts'

const all: KernelMaker = kernelsOf({ name: 'tensor/special', strict: special, order })

export function family(name: string): KernelFamily {
  return all.family(name)
}
