// CTC against the sum over all alignments, one by one.
import { grad, valueAndGrad } from '@x/autograd'
import { checkGradient } from '@x/autograd/testing'
import { compile, DTypeError, ShapeError, slice, type Tensor, tensor } from '@x/tensor'
import { js } from '@x/tensor/js'
import { assertClose, assertNoLeak, assertThrows, checkOp, makeInput } from '@x/tensor/testing'
import { expect, test } from 'vitest'
import { ctcLoss } from '../index.ts'
import { js as nnJs } from '../js/index.ts'

const int = (values: number[] | number[][]): Tensor => tensor(values, { dtype: 'int32' })
const [T, N, C] = [5, 3, 3]
const logits = makeInput({ shape: [T, N, C] }, 'float64', 1)
const logProbs = logits.logSoftmax()
const targets = int([
  [1, 2],
  [1, 1],
  [2, 9],
])
const options = { inputLengths: [5, 4, 3], targetLengths: [2, 2, 1] }

/** −ln of the sum over all paths of `steps` classes whose repeats and blanks drop to `labels`. */
function byEnumeration(example: number, steps: number, labels: readonly number[], blank = 0): number {
  const rows = logProbs.toArray() as number[][][]
  let total = 0
  for (let code = 0; code < C ** steps; code++) {
    const path = Array.from({ length: steps }, (_, t) => Math.floor(code / C ** t) % C)
    const read = path.filter((c, t) => c !== blank && c !== path[t - 1])
    if (read.join() === labels.join()) total += Math.exp(path.reduce((sum, c, t) => sum + rows[t][example][c], 0))
  }
  return -Math.log(total)
}

test('is the sum over all alignments', () => {
  const losses = ctcLoss(logProbs, targets, { ...options, reduction: 'none' })
  const want = [byEnumeration(0, 5, [1, 2]), byEnumeration(1, 4, [1, 1]), byEnumeration(2, 3, [2])]
  assertClose('ctcLoss', losses, tensor(want, { dtype: 'float64' }), 64)
  const mean = (want[0] / 2 + want[1] / 2 + want[2]) / 3
  expect(ctcLoss(logProbs, targets, options).item()).toBeCloseTo(mean, 12)
})

test('with another blank, without labels, and for one example alone', () => {
  const one = logProbs.at(slice(), 1)
  expect(ctcLoss(one, int([1, 0]), { blank: 2 }).item()).toBeCloseTo(byEnumeration(1, 5, [1, 0], 2) / 2, 12)
  const nothing = ctcLoss(one, int([1]), { targetLengths: [0], reduction: 'none' })
  expect(nothing.shape).toEqual([])
  expect(nothing.item()).toBeCloseTo(byEnumeration(1, 5, []), 12)
})

test('takes labels one example behind the other, and lengths as tensors', () => {
  const joined = ctcLoss(logProbs, int([1, 2, 1, 1, 2]), {
    inputLengths: int(options.inputLengths),
    targetLengths: int(options.targetLengths),
  })
  expect(joined.item()).toBe(ctcLoss(logProbs, targets, options).item())
})

const c = {
  name: 'ctcLoss',
  inputs: [{ shape: [T, N, C] }],
  run: (x: Tensor) => ctcLoss(x.logSoftmax(), targets, { ...options, reduction: 'sum' }),
  dtypes: ['float32', 'float64'],
  ulp: 256,
  atol: 1e-5,
} as const

test('both backends agree', () => checkOp(c, { js: [js, nnJs] }))
test('gradients agree with finite differences', () => {
  checkGradient(c)
  // Of log-probabilities that are not normalised, and twice.
  const inputs = [{ shape: [4, 2, 3] }]
  const run = (x: Tensor): Tensor =>
    ctcLoss(
      x,
      int([
        [1, 1],
        [2, 1],
      ]),
    )
  checkGradient({ ...c, inputs, run })
})

test('too few steps for the labels: infinite, or nothing', () => {
  const short = { inputLengths: [5, 2, 3], targetLengths: [2, 2, 1] }
  const { value, grads } = valueAndGrad(() => ctcLoss(logProbs, targets, { ...short, reduction: 'sum' }), logProbs)
  expect(value.item()).toBe(Number.POSITIVE_INFINITY)
  expect(grads.data().every(Number.isFinite)).toBe(true)
  const kept = ctcLoss(logProbs, targets, { ...short, reduction: 'none', zeroInfinity: true })
  expect(kept.at(1).item()).toBe(0)
  expect(kept.at(0).item()).toBe(
    ctcLoss(logProbs, targets, { ...options, reduction: 'none' })
      .at(0)
      .item(),
  )
})

test('a class of probability 0 does not spoil the gradient', () => {
  const x = tensor([
    [0, Number.NEGATIVE_INFINITY],
    [Math.log(0.5), Math.log(0.5)],
  ])
  expect(ctcLoss(x, int([1])).item()).toBeCloseTo(Math.log(2), 6)
  expect(grad(() => ctcLoss(x, int([1])), x).toArray()).toEqual([
    [-1, 0],
    [0, -1],
  ])
})

test('replays in a compiled function, and leaves nothing behind', () => {
  const f = compile((x: Tensor) => grad(() => c.run(x), x))
  f(logits.mul(2))
  assertClose(
    'replayed',
    f(logits),
    grad(() => c.run(logits), logits),
    0,
  )
  assertNoLeak('ctcLoss', () => void valueAndGrad(() => c.run(logits), logits))
})

test('misuse is named', () => {
  const run =
    (changes: object, labels = targets) =>
    () =>
      ctcLoss(logProbs, labels, { ...options, ...changes })
  assertThrows('', run({ targetLengths: [2, 2, 2] }), RangeError, 'label 9 at position 5 is not a class from 0 to 2')
  assertThrows('', run({ blank: 1 }), RangeError, 'label 1 at position 0')
  assertThrows('', run({ blank: 3 }), RangeError, 'ctcLoss: blank 3')
  assertThrows('', run({ inputLengths: [5, 5, 6] }), RangeError, '6 among the inputLengths')
  assertThrows('', run({ targetLengths: [2, 2] }), ShapeError, '2 targetLengths for 3 examples')
  assertThrows('', run({ targetLengths: undefined }, int([1, 2, 1])), ShapeError, 'targets [3] are neither')
  assertThrows('', run({}, int([1, 2, 1])), ShapeError, 'not the 5 that targetLengths add up to')
  assertThrows('', run({}, targets.cast('float32')), DTypeError, 'ctcLoss: targets have dtype float32')
  assertThrows('', () => ctcLoss(tensor([1]), targets), ShapeError, 'ctcLoss: logProbs [1]')
})
