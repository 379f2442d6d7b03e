// The kernels of @x/tensor: makes its Wasm modules known and names what the ops call.
import { core, matrix, matrix64, matrixRelaxed } from '@x/assembly/tensor'
import { kernel as int64Kernel } from './discreteKernels.ts'
import {
  type FamilyOptions,
  type FloatingKernels,
  floatingFamily,
  type Kernel,
  type KernelFamily,
  type KernelMaker,
  kernelsOf,
} from './kernels.ts'

const all: KernelMaker = kernelsOf({ name: 'tensor/core', strict: core })

export function kernel(name: string, options?: FamilyOptions): Kernel {
  return all.kernel(name, options)
}

/** Kernels by dtype; those that compute on int64 stand in a module of their own. */
export function family(name: string, options: FamilyOptions = {}): KernelFamily {
  const kernels = all.family(name, options)
  return options.bits ? kernels : { ...kernels, int64: int64Kernel(`${name}_i64`, options) }
}

/** The kernels of the matrix product: there are none for integers. */
export const matmulKernels: FloatingKernels = floatingFamily(
  kernelsOf({ name: 'tensor/matrix', strict: matrix, relaxed: matrixRelaxed }),
  kernelsOf({ name: 'tensor/matrix64', strict: matrix64 }),
  'matmul',
)
