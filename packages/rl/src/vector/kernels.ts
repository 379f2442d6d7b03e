// The kernels of @x/rl: makes its Wasm module known.
import { rl } from '@x/assembly/rl'
import { type Kernel, type KernelMaker, kernelsOf } from '@x/tensor/op'

const all: KernelMaker = kernelsOf({ name: 'rl', strict: rl })

export const kernel = (name: string): Kernel => all.kernel(name)
