// The pure-JavaScript backend: a twin of every kernel of the nn module, with its name and parameters.
import type { KernelTable } from '@x/tensor/js'
import { activation } from './activation.ts'
import { crossEntropy } from './crossEntropy.ts'
import { dropout } from './dropout.ts'
import { norm } from './norm.ts'
import { optim } from './optim.ts'

export const js: KernelTable = {
  module: 'nn',
  kernels: { ...activation, ...norm, ...crossEntropy, ...dropout, ...optim },
}
