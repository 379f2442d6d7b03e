// Gradients of every op of @x/tensor against finite differences in float64, first and second order.
import { ops } from '@x/tensor/op'
import { tensorCases } from '@x/tensor/testing'
import { describe, expect, test } from 'vitest'
import { checkGradient } from './testing.ts'

/** Ops whose values do not vary smoothly anywhere. */
const WITHOUT = [
  'eq',
  'ne',
  'lt',
  'le',
  'gt',
  'ge',
  'logicalAnd',
  'logicalOr',
  'logicalXor',
  'logicalNot',
  'any',
  'all',
  'argmax',
  'argmin',
]

describe.each(tensorCases)('$op', ({ cases }) => {
  test('gradients agree with finite differences', () => {
    for (const c of cases) checkGradient(c)
  })
})

test('every op has gradients or is declared to have none', () => {
  const bare = [...ops.values()].filter((op) => op.grad === null).map((op) => op.name)
  expect(bare.filter((name) => name !== 'stopGradient').sort()).toEqual([...WITHOUT].sort())
})
