// The kernels of @x/nn: makes its Wasm modules known and names what the ops call. Those of training alone, of recurrent
// layers and of attention are modules of their own, which only those who use them carry.
import { attention, attentionRelaxed, layers, recurrent, training } from '@x/assembly/nn'
import { type FamilyOptions, type Kernel, type KernelFamily, type KernelMaker, kernelsOf } from '@x/tensor/op'

const all: KernelMaker = kernelsOf({ name: 'nn', strict: layers })
const ofTraining: KernelMaker = kernelsOf({ name: 'nn', strict: training })
const ofAttention: KernelMaker = kernelsOf({ name: 'nn', strict: attention, relaxed: attentionRelaxed })
const ofRecurrent: KernelMaker = kernelsOf({ name: 'nn', strict: recurrent })

export function family(name: string, options?: FamilyOptions): KernelFamily {
  return all.family(name, options)
}

export function trainingKernel(name: string, options?: FamilyOptions): Kernel {
  return ofTraining.kernel(name, options)
}

export function trainingFamily(name: string, options?: FamilyOptions): KernelFamily {
  return ofTraining.family(name, options)
}

export function attentionKernel(name: string, options?: FamilyOptions): Kernel {
  return ofAttention.kernel(name, options)
}

export function recurrentKernel(name: string, options?: FamilyOptions): Kernel {
  return ofRecurrent.kernel(name, options)
}
