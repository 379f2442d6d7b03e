// The kernels of @x/tensor: registers its Wasm modules and names what the ops call.
import { core, matrix, matrix64, matrixRelaxed, order } from '@x/assembly/tensor'
import { registerKernels } from './backend.ts'
import { type FloatingKernels, floatingFamily, type KernelMaker, kernelsOf } from './kernels.ts'

registerKernels({ name: 'tensor/core', strict: core, order })
registerKernels({ name: 'tensor/matrix', strict: matrix, relaxed: matrixRelaxed, order })
registerKernels({ name: 'tensor/matrix64', strict: matrix64, order })

const make: KernelMaker = kernelsOf('tensor/core')
export const kernel: KernelMaker['kernel'] = make.kernel
export const family: KernelMaker['family'] = make.family

/** The kernels of the matrix product: there are none for integers. */
export const matmulKernels: FloatingKernels = floatingFamily('tensor/matrix', 'matmul')
