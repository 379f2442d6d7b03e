// The kernels of Fourier transforms: a Wasm module that only those who use @x/tensor/fft carry.
import { fft } from '@x/assembly/fft'
import { type Kernel, type KernelFamily, type KernelMaker, kernelsOf } from './kernels.ts'

const all: KernelMaker = kernelsOf({ name: 'tensor', strict: fft })

export const transforms: KernelFamily = all.family('fft', { scratch: true })
export const roots: Kernel = all.kernel('fftRoots_f64')
