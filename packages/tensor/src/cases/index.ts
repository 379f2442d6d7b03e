// The cases of every op of @x/tensor.
import type { OpCases } from './case.ts'
import { elementwiseCases } from './elementwise.ts'
import { structuredCases } from './structured.ts'

export const tensorCases: readonly OpCases[] = [...elementwiseCases, ...structuredCases]
