// The kernels of @x/tensor: registers its Wasm modules and names what the ops call.
import { core, matrix, matrix64, matrixRelaxed, order } from '@x/assembly/tensor'
import { registerKernels } from './backend.ts'
import { type KernelFamily, type KernelMaker, kernelsOf } from './kernels.ts'

registerKernels({ name: 'tensor/core', strict: core, order })
registerKernels({ name: 'tensor/matrix', strict: matrix, relaxed: matrixRelaxed, order })
registerKernels({ name: 'tensor/matrix64', strict: matrix64, order })

const make: KernelMaker = kernelsOf('tensor/core')
const [make32, make64] = [kernelsOf('tensor/matrix'), kernelsOf('tensor/matrix64')]

export const kernel: KernelMaker['kernel'] = make.kernel
export const family: KernelMaker['family'] = make.family

/** The kernels of products: there are none for integers. */
export function matrixFamily(name: string): Pick<KernelFamily, 'float32' | 'float64'> {
  const options = { scratch: true }
  return { float32: make32.kernel(`${name}_f32`, options), float64: make64.kernel(`${name}_f64`, options) }
}
