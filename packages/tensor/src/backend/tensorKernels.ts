// The kernels of @x/tensor: makes its Wasm modules known and names what the ops call.
import { core, coreRelaxed, matrix, matrix64, matrixRelaxed } from '@x/assembly/tensor'
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

const all: KernelMaker = kernelsOf({ name: 'tensor', strict: core, relaxed: coreRelaxed })

export function kernel(name: string, options?: FamilyOptions): Kernel {
  return all.kernel(name, options)
}

/** Kernels by dtype; those that compute on int64 stand in a module of their own. */
export function family(name: string, options: FamilyOptions = {}): KernelFamily {
  return all.family(name, options.bits ? options : { ...options, apart: { int64: int64Kernel, ...options.apart } })
}

/** The kernels of the matrix product: there are none for integers. */
export const matmulKernels: FloatingKernels = floatingFamily(
  kernelsOf({ name: 'tensor', strict: matrix, relaxed: matrixRelaxed }),
  kernelsOf({ name: 'tensor', strict: matrix64 }),
  'matmul',
)
