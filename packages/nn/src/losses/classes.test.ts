// Losses on classes: every form of target, weights, smoothing, and how they relate.
import { valueAndGrad } from '@x/autograd'
import { checkGradient } from '@x/autograd/testing'
import { arange, compile, DTypeError, ShapeError, type Tensor, tensor } from '@x/tensor'
import { js } from '@x/tensor/js'
import { assertClose, assertNoLeak, assertThrows, checkOp, makeInput, type OpCase } from '@x/tensor/testing'
import { describe, expect, test } from 'vitest'
import { crossEntropy, multiMarginLoss, nllLoss } from '../index.ts'
import { js as nnJs } from '../js/index.ts'

const int = (values: number[] | number[][]): Tensor => tensor(values, { dtype: 'int32' })
const target = int([2, 0, 1, -100, 2])
const grid = int([
  [2, 0],
  [-100, 1],
  [1, 1],
])
const weight = tensor([0.5, 2, 3], { dtype: 'float64' })
const all = int([2, 0, 1, 0, 2])

const of = (name: string, shape: readonly number[], run: OpCase['run']): OpCase => ({
  name,
  inputs: [{ shape }],
  run: (x) => run(x).cast(x.dtype),
  dtypes: ['float32', 'float64'],
  ulp: 256,
  atol: 1e-5,
})

const cases: readonly OpCase[] = [
  of('crossEntropy weighted', [5, 3], (x) => crossEntropy(x, target, { weight })),
  of('crossEntropy weighted and smoothed', [5, 3], (x) => crossEntropy(x, target, { weight, labelSmoothing: 0.2 })),
  of('crossEntropy of pixels', [3, 3, 2], (x) => crossEntropy(x, grid, { weight, reduction: 'none' })),
  of('crossEntropy unbatched', [3], (x) => crossEntropy(x, tensor(1, { dtype: 'int32' }))),
  {
    ...of('crossEntropy of probabilities', [3, 3, 2], (x) => x),
    inputs: [{ shape: [3, 3, 2] }, { shape: [3, 3, 2], range: [0, 1] }],
    run: (x, t) => crossEntropy(x, t, { weight: weight.cast(x.dtype), labelSmoothing: 0.15 }),
  },
  of('nllLoss', [5, 3], (x) => nllLoss(x, target, { weight })),
  of('nllLoss of pixels', [3, 3, 2], (x) => nllLoss(x, grid, { ignoreIndex: -100, reduction: 'sum' })),
  of('multiMarginLoss', [5, 3], (x) => multiMarginLoss(x, all, { weight, margin: 0.7 })),
  of('multiMarginLoss squared', [5, 3], (x) => multiMarginLoss(x, all, { p: 2, reduction: 'none' })),
  of('multiMarginLoss unbatched', [3], (x) => multiMarginLoss(x, tensor(2, { dtype: 'int32' }))),
]

describe.each(cases)('$name', (c) => {
  test('both backends agree', () => checkOp(c, { js: [js, nnJs] }))
  test('gradients agree with finite differences', () => checkGradient(c))
  test('gradients leave nothing behind', () => {
    const inputs = c.inputs.map((spec, i) => makeInput(spec, 'float32', i))
    assertNoLeak(c.name, () => void valueAndGrad(() => c.run(...inputs).sum(), inputs))
  })
})

const logits = makeInput({ shape: [5, 3] }, 'float64', 4)
const oneHot = all
  .unsqueeze(1)
  .eq(arange(3, undefined, { dtype: 'int32' }))
  .cast('float64')
const none = { reduction: 'none' } as const

describe.each([
  { name: 'plain', options: {} },
  { name: 'weighted', options: { weight } },
  { name: 'smoothed', options: { labelSmoothing: 0.3 } },
  { name: 'weighted and smoothed', options: { weight, labelSmoothing: 0.3 } },
])('crossEntropy $name', ({ name, options }) => {
  test('of classes is that of certain probabilities', () => {
    const [a, b] = [all, oneHot].map((t) => crossEntropy(logits, t, { ...options, ...none }))
    assertClose(name, a, b, 64, 1e-12)
  })
  test('does not see what is ignored', () => {
    const part = crossEntropy(logits, target, options)
    const kept = int([0, 1, 2, 4])
    const want = crossEntropy(logits.take(kept), target.take(kept), options)
    assertClose(name, part, want, 64, 1e-12)
    expect(
      crossEntropy(logits, target, { ...options, ...none })
        .at(3)
        .item(),
    ).toBe(0)
  })
  test('has the classes second', () => {
    const x = makeInput({ shape: [3, 3, 2] }, 'float64', 5)
    const losses = crossEntropy(x, grid, { ...options, ...none })
    expect(losses.shape).toEqual([3, 2])
    const column = crossEntropy(x.at('...', 1), grid.at('...', 1), { ...options, ...none })
    assertClose(name, losses.at('...', 1), column, 64, 1e-12)
  })
})

test('nllLoss of logSoftmax is crossEntropy', () => {
  for (const reduction of ['mean', 'sum', 'none'] as const) {
    const options = { weight, reduction }
    assertClose('', nllLoss(logits.logSoftmax(), target, options), crossEntropy(logits, target, options), 64, 1e-12)
  }
})

test('a class that is ruled out (−∞) spoils neither loss nor gradient of the others', () => {
  const x = tensor([[0, 0, Number.NEGATIVE_INFINITY]])
  const { value, grads } = valueAndGrad(() => crossEntropy(x, int([0]), { weight: tensor([2, 1, 1]) }), x)
  expect(value.item()).toBeCloseTo(Math.log(2), 6)
  expect(grads.toArray()).toEqual([[expect.closeTo(-0.5, 6), expect.closeTo(0.5, 6), 0]])
})

test('where everything is ignored, the mean of nothing is NaN and the gradient 0', () => {
  const nothing = int([-100, -100, -100, -100, -100])
  for (const options of [{}, { weight }, { weight, labelSmoothing: 0.1 }]) {
    const { value, grads } = valueAndGrad(() => crossEntropy(logits, nothing, options), logits)
    expect(value.item()).toBeNaN()
    expect(grads.data().every((g) => g === 0)).toBe(true)
  }
})

test('multiMarginLoss by hand', () => {
  const x = tensor([[1, 0.5, 3]])
  expect(multiMarginLoss(x, int([0])).item()).toBeCloseTo((0.5 + 3) / 3, 6)
  expect(multiMarginLoss(x, int([0]), { p: 2 }).item()).toBeCloseTo((0.25 + 9) / 3, 6)
})

test('classes are checked in a compiled function as well', () => {
  const f = compile((x: Tensor, t: Tensor) => nllLoss(x, t))
  expect(f(tensor([[-1, -2]]), int([1])).item()).toBe(2)
  expect(() => f(tensor([[-1, -2]]), int([2]))).toThrow('nllLoss: target 2 at position 0 is not a class from 0 to 1')
})

test('misuse is named', () => {
  const x = tensor([[1, 2, 3]])
  assertThrows('', () => nllLoss(x, int([-1])), RangeError, 'nllLoss: target -1 at position 0')
  assertThrows('', () => nllLoss(x, tensor([1])), DTypeError, 'nllLoss: target has dtype float32')
  assertThrows('', () => nllLoss(x, int([1, 2])), ShapeError, 'nllLoss: x [1, 3] is not [N, C, …] with target [2]')
  assertThrows('', () => nllLoss(tensor(1), tensor(1, { dtype: 'int32' })), ShapeError, 'nllLoss: x []')
  assertThrows('', () => crossEntropy(x, int([3])), RangeError, 'crossEntropy: target 3 at position 0')
  assertThrows('', () => crossEntropy(x, int([3]), { weight }), RangeError, 'crossEntropy: target 3 at position 0')
  assertThrows('', () => crossEntropy(x, int([0]), { weight: tensor([1]) }), ShapeError, 'crossEntropy: weight [1]')
  assertThrows('', () => crossEntropy(x, int([0]), { weight: int([1, 1, 1]) }), DTypeError, 'weight has dtype int32')
  assertThrows('', () => crossEntropy(x, int([0]), { labelSmoothing: 2 }), RangeError, 'labelSmoothing 2')
  assertThrows('', () => crossEntropy(x, x, { ignoreIndex: 1 }), RangeError, 'ignoreIndex 1')
  assertThrows('', () => multiMarginLoss(x, int([3])), RangeError, 'multiMarginLoss: target 3')
  assertThrows('', () => multiMarginLoss(x, int([0]), { p: 3 as 2 }), RangeError, 'multiMarginLoss: p 3')
})
