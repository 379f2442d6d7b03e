// The kernels of @x/tensor: registers its Wasm module and names what the ops call.
import { relaxed, strict } from '@x/assembly/tensor'
import { registerKernels } from './backend.ts'
import { type KernelMaker, kernelsOf } from './kernels.ts'

registerKernels({ name: 'tensor', strict, relaxed })

const make: KernelMaker = kernelsOf('tensor')

export const kernel: KernelMaker['kernel'] = make.kernel
export const family: KernelMaker['family'] = make.family
