// The kernels of @x/nn: registers its Wasm module and names what the ops call.
import { nn, order } from '@x/assembly/nn'
import { type KernelMaker, kernelsOf, registerKernels } from '@x/tensor/op'

registerKernels({ name: 'nn', strict: nn, order })

const make: KernelMaker = kernelsOf('nn')

export const kernel: KernelMaker['kernel'] = make.kernel
export const family: KernelMaker['family'] = make.family
