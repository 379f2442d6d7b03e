// The kernels of special functions: a Wasm module that only those who use one carry.
import { special } from '@x/assembly/special'
import { type KernelFamily, type KernelMaker, kernelsOf } from './kernels.ts'

const all: KernelMaker = kernelsOf({ name: 'tensor', strict: special })

export function family(name: string): KernelFamily {
  return all.family(name)
}
