// Gradients of every op of @x/tensor against finite differences in float64, first and second order.
import { ones, type Tensor } from '@x/tensor'
import { apply, type GradientContext } from '@x/tensor/op'
import { makeInput, tensorCases } from '@x/tensor/testing'
import { describe, expect, test } from 'vitest'
import { stopGradient } from './index.ts'
import { checkGradient, missingGradients, withoutGradients } from './testing.ts'

/** Inputs that are declared to have no derivative. */
const DECLARED = ['stopGradient.x']

describe.each(tensorCases)('$op', ({ cases }) => {
  test('gradients agree with finite differences', () => {
    for (const c of cases) checkGradient(c)
  })
})

test('every floating input has a gradient, or is declared to have none', () => {
  const found = tensorCases.flatMap(({ cases }) =>
    missingGradients(() => {
      for (const c of cases) {
        for (const dtype of c.dtypes) c.run(...c.inputs.map((spec, i) => makeInput(spec, dtype, i + 1)))
      }
    }),
  )
  expect(found).toEqual([])
  expect(missingGradients(() => stopGradient(ones([2])))).toEqual(DECLARED)
})

describe('the check', () => {
  const bare = { inputs: ['x'], shape: ([x]: readonly Tensor[]) => x.shape, grad: null }
  test('finds an op without gradients, whatever its name', () => {
    const view = ([x]: readonly Tensor[]) => ({ shape: x.shape, strides: x.strides, offset: x.offset })
    const op = { ...bare, name: 'forgotten', view }
    expect(missingGradients(() => void apply(op, [ones([2])], undefined))).toEqual(['forgotten.x'])
    expect(withoutGradients([op])).toEqual(['forgotten'])
    expect(withoutGradients([{ ...bare, name: 'compares', dtype: () => 'bool' }])).toEqual([])
    expect(withoutGradients([{ ...bare, name: 'casts', dtype: ([x]) => x.dtype }])).toEqual(['casts'])
  })
  test('finds an input that was left out', () => {
    const grad = { a: ({ dy }: GradientContext) => dy }
    const op = { name: 'half', inputs: ['a', 'b'], shape: ([a]: readonly Tensor[]) => a.shape, launch: () => {}, grad }
    expect(missingGradients(() => void apply(op, [ones([2]), ones([2])], undefined))).toEqual(['half.b'])
  })
})
