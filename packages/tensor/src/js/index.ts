// The pure-JavaScript backend: a twin of every kernel of the tensor module, with its name and parameters.
import type { KernelTable } from '../backend/kernels.ts'
import { binary } from './binary.ts'
import { cast } from './cast.ts'
import { compare } from './compare.ts'
import { conv } from './conv.ts'
import { division } from './division.ts'
import { fft } from './fft.ts'
import { indexing } from './indexing.ts'
import { integers } from './integers.ts'
import { linalg } from './linalg/index.ts'
import { matmul } from './matmul.ts'
import { fills, moves } from './moving.ts'
import { pooling } from './pooling.ts'
import { random } from './random.ts'
import { reduce } from './reduce.ts'
import { sampling } from './sampling.ts'
import { scattering } from './scattering.ts'
import { softmax } from './softmax.ts'
import { sorting } from './sorting.ts'
import { special } from './special.ts'
import { storage } from './storage.ts'
import { unary } from './unary.ts'
import { where } from './where.ts'
import { winograd } from './winograd.ts'

export const js: KernelTable = {
  module: 'tensor',
  kernels: {
    ...unary,
    ...binary,
    ...compare,
    ...where,
    ...cast,
    ...division,
    ...integers,
    ...special,
    ...storage,
    ...moves,
    ...fills,
    ...reduce,
    ...softmax,
    ...matmul,
    ...linalg,
    ...fft,
    ...conv,
    ...winograd,
    ...pooling,
    ...indexing,
    ...scattering,
    ...sorting,
    ...random,
    ...sampling,
  },
}

export type { KernelTable } from '../backend/kernels.ts'
export { erfc } from './erf.ts'
export { forTypes, log2Bytes, type Twins } from './family.ts'
export { gelu, geluTanh, sigmoid } from './scalar.ts'
