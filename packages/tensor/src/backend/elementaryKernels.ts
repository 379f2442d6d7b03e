// The kernels of the less common elementary functions: a Wasm module that only those who use one carry.
import { elementary } from '@x/assembly/tensor'
import { type KernelFamily, type KernelMaker, kernelsOf } from './kernels.ts'

const all: KernelMaker = kernelsOf({ name: 'tensor', strict: elementary })

export function family(name: string): KernelFamily {
  return all.family(name)
}
