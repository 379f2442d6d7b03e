// The pure-JavaScript backend: a twin of every kernel of the tensor module, with its name and parameters.
import type { KernelTable } from '../backend/kernels.ts'
import { binary } from './binary.ts'
import { cast } from './cast.ts'
import { compare } from './compare.ts'
import { conv } from './conv.ts'
import { indexing } from './indexing.ts'
import { matmul } from './matmul.ts'
import { fills, moves } from './moving.ts'
import { pooling } from './pooling.ts'
import { random } from './random.ts'
import { reduce } from './reduce.ts'
import { softmax } from './softmax.ts'
import { unary } from './unary.ts'
import { where } from './where.ts'

export const js: KernelTable = {
  module: 'tensor',
  kernels: {
    ...unary,
    ...binary,
    ...compare,
    ...where,
    ...cast,
    ...moves,
    ...fills,
    ...reduce,
    ...softmax,
    ...matmul,
    ...conv,
    ...pooling,
    ...indexing,
    ...random,
  },
}

export type { KernelTable } from '../backend/kernels.ts'
export { erfc } from './erf.ts'
export { forTypes, log2Bytes, type Twins } from './family.ts'
export { gelu, geluTanh, sigmoid } from './scalar.ts'
