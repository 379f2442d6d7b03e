// The pure-JavaScript backend: a twin of every kernel of the nn module, with its name and parameters.
import type { KernelTable } from '@x/tensor/js'
import { activation } from './activation.ts'
import { attention } from './attention.ts'
import { batchNorm } from './batchNorm.ts'
import { crossEntropy } from './crossEntropy.ts'
import { dropout } from './dropout.ts'
import { norm } from './norm.ts'
import { optim } from './optim.ts'
import { recurrent } from './recurrent.ts'
import { squaredError } from './squaredError.ts'

export const js: KernelTable = {
  module: 'nn',
  kernels: {
    ...activation,
    ...attention,
    ...batchNorm,
    ...norm,
    ...crossEntropy,
    ...dropout,
    ...optim,
    ...recurrent,
    ...squaredError,
  },
}
