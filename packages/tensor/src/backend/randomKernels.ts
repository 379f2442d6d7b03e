// The kernels of distributions, picks and shuffles: a Wasm module that only those who use them carry.
import { random } from '@x/assembly/random'
import { type Kernel, type KernelMaker, kernelsOf } from './kernels.ts'

const all: KernelMaker = kernelsOf({ name: 'tensor', strict: random })

export function kernel(name: string, { scratch = false }: { scratch?: boolean } = {}): Kernel {
  return all.kernel(name, { scratch })
}
