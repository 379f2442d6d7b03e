// The kernels of convolution and pooling: registers their Wasm modules, which only those who convolve carry.
import { convolution, convolution64, convolutionRelaxed, order } from '@x/assembly/convolution'
import { registerKernels } from './backend.ts'
import { type FamilyOptions, type FloatingKernels, floatingFamily } from './kernels.ts'

registerKernels({ name: 'tensor/convolution', strict: convolution, relaxed: convolutionRelaxed, order })
registerKernels({ name: 'tensor/convolution64', strict: convolution64, order })

export const family = (name: string, options: FamilyOptions = {}): FloatingKernels =>
  floatingFamily('tensor/convolution', name, options)
