// The cases of every op of @x/tensor.
import type { OpCases } from './case.ts'
import { elementwiseCases } from './elementwise.ts'
import { fftCases } from './fft.ts'
import { spatialCases } from './images.ts'
import { indexingCases } from './indexing.ts'
import { linalgCases } from './linalg.ts'
import { productCases } from './products.ts'
import { shapeCases } from './shape.ts'
import { sortCases } from './sorting.ts'
import { specialCases } from './special.ts'
import { structuredCases } from './structured.ts'

export const tensorCases: readonly OpCases[] = [
  ...elementwiseCases,
  ...specialCases,
  ...structuredCases,
  ...shapeCases,
  ...indexingCases,
  ...sortCases,
  ...productCases,
  ...spatialCases,
  ...linalgCases,
  ...fftCases,
]
