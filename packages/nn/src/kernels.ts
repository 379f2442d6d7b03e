// The kernels of @x/nn: makes its Wasm module known and names what the ops call.
import { nn, order } from '@x/assembly/nn'
import { type FamilyOptions, type Kernel, type KernelFamily, type KernelMaker, kernelsOf } from '@x/tensor/op'

const all: KernelMaker = kernelsOf({ name: 'nn', strict: nn, order })

export function kernel(name: string, options?: FamilyOptions): Kernel {
  return all.kernel(name, options)
}

export function family(name: string, options?: FamilyOptions): KernelFamily {
  return all.family(name, options)
}
