// Losses on numbers, pairs and distributions: both backends, gradients of both orders, relations that must hold.
import { grad, valueAndGrad } from '@x/autograd'
import { checkGradient } from '@x/autograd/testing'
import { compile, ShapeError, setBackend, type Tensor, tensor } from '@x/tensor'
import { js } from '@x/tensor/js'
import { assertClose, assertNoLeak, assertThrows, checkOp, makeInput, type OpCase } from '@x/tensor/testing'
import { describe, expect, test } from 'vitest'
import * as nn from '../index.ts'
import { js as nnJs } from '../js/index.ts'

const settings = { dtypes: ['float32', 'float64'], ulp: 256, atol: 1e-5 } as const

const of = (name: string, run: OpCase['run'], ranges: readonly (readonly [number, number])[] = []): OpCase => ({
  name,
  inputs: [0, 1].map((k) => ({ shape: [3, 4], range: ranges[k] ?? [-2, 2] })),
  run,
  ...settings,
})

const signs = tensor([1, -1, 1])
const chances = [0.05, 0.95] as const
const weight = tensor([0.5, 1, 2, 3])

const cases: readonly OpCase[] = [
  of('mseLoss', (x, t) => nn.mseLoss(x, t)),
  of('l1Loss', (x, t) => nn.l1Loss(x, t)),
  of('smoothL1Loss', (x, t) => nn.smoothL1Loss(x, t, { beta: 0.5, reduction: 'sum' })),
  of('smoothL1Loss with beta 0', (x, t) => nn.smoothL1Loss(x, t, { beta: 0 })),
  of('huberLoss', (x, t) => nn.huberLoss(x, t, { delta: 0.4, reduction: 'none' })),
  of('klDiv', (x, t) => nn.klDiv(x, t, { reduction: 'batchmean' }), [[-3, 0], chances]),
  of('klDiv of logarithms', (x, t) => nn.klDiv(x, t, { logTarget: true }), [
    [-3, 0],
    [-3, 0],
  ]),
  of('poissonNllLoss', (x, t) => nn.poissonNllLoss(x, t, { full: true }), [
    [-2, 2],
    [0, 5],
  ]),
  of('poissonNllLoss of a rate', (x, t) => nn.poissonNllLoss(x, t, { logInput: false }), [
    [0.5, 3],
    [0, 5],
  ]),
  of('gaussianNllLoss', (x, v) => nn.gaussianNllLoss(x, x.mul(0.5), v, { full: true }), [
    [-2, 2],
    [0.5, 2],
  ]),
  of('binaryCrossEntropy', (x, t) => nn.binaryCrossEntropy(x, t, { weight }), [chances, chances]),
  of(
    'binaryCrossEntropyWithLogits',
    (x, t) => nn.binaryCrossEntropyWithLogits(x, t, { weight, posWeight: weight.add(1) }),
    [[-4, 4], chances],
  ),
  of('softMarginLoss', (x, t) => nn.softMarginLoss(x, t)),
  of('cosineEmbeddingLoss', (a, b) => nn.cosineEmbeddingLoss(a, b, signs, { margin: -0.5 })),
  of('tripletMarginLoss', (a, b) => nn.tripletMarginLoss(a, b, a.mul(b), { swap: true, margin: 3 })),
  of('marginRankingLoss', (a, b) => nn.marginRankingLoss(a, b, signs.unsqueeze(1), { margin: 0.3 })),
  of('hingeEmbeddingLoss', (a, b) => nn.hingeEmbeddingLoss(a.mul(b), signs.unsqueeze(1))),
]

describe.each(cases)('$name', (c) => {
  test('both backends agree', () => checkOp(c, { js: [js, nnJs] }))
  test('gradients agree with finite differences', () => checkGradient(c))
  test('gradients leave nothing behind', () => {
    const inputs = c.inputs.map((spec, i) => makeInput(spec, 'float32', i))
    assertNoLeak(c.name, () => void valueAndGrad(() => c.run(...inputs).sum(), inputs))
  })
})

const f64 = (values: number[]): Tensor => tensor(values, { dtype: 'float64' })
const none = { reduction: 'none' } as const

test('regression losses by hand', () => {
  const [x, t] = [f64([0, 1, 4]), f64([0.5, 1, 0])]
  expect(nn.l1Loss(x, t, none).toArray()).toEqual([0.5, 0, 4])
  expect(nn.huberLoss(x, t, none).toArray()).toEqual([0.125, 0, 3.5])
  expect(nn.huberLoss(x, t, { delta: 2, reduction: 'sum' }).item()).toBe(0.125 + 6)
  expect(nn.smoothL1Loss(x, t, { ...none, beta: 2 }).toArray()).toEqual([0.0625, 0, 3])
  const infinite = f64([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
  expect(grad(() => nn.huberLoss(infinite, f64([0, 0]), { reduction: 'sum' }), infinite).toArray()).toEqual([1, -1])
})

test('the square part of huberLoss is curved at 0 too', () => {
  const x = f64([0])
  const slope = (): Tensor => grad(() => nn.huberLoss(x, f64([0])), x).sum()
  expect(grad(slope, x).toArray()).toEqual([1])
})

test.each(['wasm', 'js'] as const)('a squared error has one gradient whichever way leads to it, with %s', (name) => {
  if (name === 'js') setBackend(js, nnJs)
  const same = (got: Tensor, want: Tensor): void => assertClose('mseLoss', got, want, 4, 1e-7)
  for (const n of [1, 3, 4, 15, 16, 17, 35]) {
    assertNoLeak(`mseLoss of ${n}`, () => {
      const [x, t] = [1, 2].map((seed) => makeInput({ shape: [n] }, 'float32', seed))
      const [sum, mean] = (['sum', 'mean'] as const).map((reduction) => (x: Tensor) => nn.mseLoss(x, t, { reduction }))
      const want = x.sub(t).mul(2)
      same(mean(x), x.sub(t).square().mean())
      same(grad(sum, x), want)
      same(grad(mean, x), want.div(n))
      same(
        grad((x) => sum(x).mul(3), x),
        want.mul(3),
      )
      same(
        grad((t) => nn.mseLoss(x, t, { reduction: 'sum' }), t),
        want.neg(),
      )
      const both = grad(([x, t]) => nn.mseLoss(x, t), [x, t])
      same(both[0], both[1].neg())
      same(
        grad((x) => nn.mseLoss(x, x), x),
        x.mul(0),
      )
      same(
        grad((x) => grad(sum, x).square().sum(), x),
        want.mul(4),
      )
      const compiled = compile((x: Tensor, scale: Tensor) => grad((x) => sum(x).mul(scale), x))
      for (const scale of [1, 3]) same(compiled(x, tensor(scale)), want.mul(scale))
      compiled.dispose()
    })
  }
  setBackend('wasm')
})

test('likelihoods by hand', () => {
  const half = Math.log(0.5)
  expect(nn.klDiv(f64([half, half]), f64([1, 0]), none).toArray()).toEqual([-half, 0])
  expect(nn.poissonNllLoss(f64([2]), f64([1]), { logInput: false, eps: 0 }).item()).toBeCloseTo(2 + half, 12)
  const stirling = 3 * Math.log(3) - 3 + 0.5 * Math.log(6 * Math.PI)
  expect(nn.poissonNllLoss(f64([0, 0]), f64([1, 3]), { ...none, full: true }).toArray()).toEqual([
    1,
    expect.closeTo(1 + stirling, 12),
  ])
  const [x, t] = [f64([1, 3]), f64([1, 1])]
  expect(nn.gaussianNllLoss(x, t, f64([1, 4]), none).toArray()).toEqual([0, expect.closeTo(Math.log(2) + 0.5, 12)])
  expect(nn.gaussianNllLoss(x.unsqueeze(0), t.unsqueeze(0), f64([4])).shape).toEqual([])
  // A variance below eps still has a gradient, by which it recovers.
  const v = f64([0])
  expect(grad(() => nn.gaussianNllLoss(f64([1]), f64([1]), v, { eps: 0.5 }), v).item()).toBeCloseTo(1, 12)
})

test('binaryCrossEntropyWithLogits is binaryCrossEntropy of the sigmoid, without its overflow', () => {
  const [x, t] = [makeInput({ shape: [20] }, 'float64', 1), makeInput({ shape: [20], range: [0, 1] }, 'float64', 2)]
  const direct = nn.binaryCrossEntropy(x.sigmoid(), t, none)
  assertClose('', nn.binaryCrossEntropyWithLogits(x, t, none), direct, 1e4, 1e-12)
  const far = f64([1000, -1000])
  expect(nn.binaryCrossEntropyWithLogits(far, f64([0, 1]), none).toArray()).toEqual([1000, 1000])
  expect(nn.binaryCrossEntropyWithLogits(far, f64([1, 0]), none).toArray()).toEqual([0, 0])
  expect(nn.binaryCrossEntropy(f64([0, 1]), f64([1, 1]), none).toArray()).toEqual([100, -0])
  expect(nn.softMarginLoss(far, f64([-1, -1]), none).toArray()).toEqual([1000, 0])
})

test('margins by hand', () => {
  const [a, b] = [f64([3, 1]), f64([5, 0])]
  expect(nn.marginRankingLoss(a, b, f64([1, 1]), none).toArray()).toEqual([2, 0])
  expect(nn.marginRankingLoss(a, b, f64([-1, -1]), { ...none, margin: 1 }).toArray()).toEqual([0, 2])
  expect(nn.hingeEmbeddingLoss(f64([0.5, 0.25, 3]), f64([1, -1, -1]), none).toArray()).toEqual([0.5, 0.75, 0])
  const [x, y] = [f64([1, 0]), f64([0, 1])]
  expect(nn.cosineEmbeddingLoss(x, y, f64([1]).squeeze()).item()).toBe(1)
  for (const dtype of ['int64', 'int8', 'float16', 'int32'] as const) {
    const [rows, target] = [x.unsqueeze(0).expand([2, -1]), f64([1, -1]).cast(dtype)]
    expect(nn.cosineEmbeddingLoss(rows, rows, target, none).round().toArray(), dtype).toEqual([0, 1])
  }
  expect(nn.cosineEmbeddingLoss(x, x, f64([-1]).squeeze(), { margin: 0.5 }).item()).toBeCloseTo(0.5, 9)
  const [p, n] = [f64([0, 2]).unsqueeze(0), f64([0, 3]).unsqueeze(0)]
  const triplet = (swap: boolean): number => nn.tripletMarginLoss(f64([0, 0]).unsqueeze(0), p, n, { swap }).item()
  expect(triplet(false)).toBeCloseTo(0, 5)
  expect(triplet(true)).toBeCloseTo(2, 5)
})

test('values are checked in a compiled function as well', () => {
  const f = compile((x: Tensor) => nn.binaryCrossEntropy(x, x.mul(0)))
  expect(f(tensor([0.5])).item()).toBeCloseTo(Math.log(2), 6)
  expect(() => f(tensor([1.5]))).toThrow('binaryCrossEntropy: x 1.5 at position 0')
})

test('misuse is named', () => {
  const x = tensor([[1, 2]])
  const short = tensor([[1]])
  assertThrows('', () => nn.huberLoss(x, x, { delta: 0 }), RangeError, 'huberLoss: delta 0')
  assertThrows('', () => nn.smoothL1Loss(x, x, { beta: -1 }), RangeError, 'smoothL1Loss: beta -1')
  assertThrows('', () => nn.klDiv(x, x, { reduction: 'all' as 'sum' }), RangeError, "klDiv: reduction 'all'")
  assertThrows('', () => nn.gaussianNllLoss(x, x, x.neg()), RangeError, 'gaussianNllLoss: variance -1 at position 0')
  assertThrows('', () => nn.binaryCrossEntropy(x, short), ShapeError, 'binaryCrossEntropy: x [1, 2] and target [1, 1]')
  assertThrows('', () => nn.binaryCrossEntropy(x, x), RangeError, 'binaryCrossEntropy: x 2 at position 1')
  assertThrows('', () => nn.binaryCrossEntropyWithLogits(x, short), ShapeError, 'target [1, 1] differ')
  assertThrows('', () => nn.marginRankingLoss(x, x, tensor([0])), RangeError, 'target 0 at position 0')
  assertThrows('', () => nn.hingeEmbeddingLoss(x, x), RangeError, 'hingeEmbeddingLoss: target 2')
  assertThrows('', () => nn.cosineEmbeddingLoss(x, x, x), ShapeError, 'are not [N, D], [N, D] and [N]')
  assertThrows('', () => nn.tripletMarginLoss(x, x, x, { p: 0 }), RangeError, 'p 0')
})

const named = nn as unknown as Readonly<Record<string, (...given: unknown[]) => unknown>>

test.each([
  'binaryCrossEntropy',
  'binaryCrossEntropyWithLogits',
  'cosineEmbeddingLoss',
  'crossEntropy',
  'ctcLoss',
  'gaussianNllLoss',
  'hingeEmbeddingLoss',
  'huberLoss',
  'klDiv',
  'l1Loss',
  'marginRankingLoss',
  'mseLoss',
  'multiMarginLoss',
  'nllLoss',
  'poissonNllLoss',
  'smoothL1Loss',
  'softMarginLoss',
  'tripletMarginLoss',
])('%s names what is no tensor', (name) => {
  const x = tensor([[0.5]])
  expect(() => named[name](undefined, x)).toThrow(TypeError)
  expect(() => named[name](undefined, x)).toThrow(/^\w+: (x1?|anchor|logProbs) is undefined, not a tensor/)
  expect(() => named[name](x, [1])).toThrow(/^\w+: (x2|targets?|positive) is an array, not a tensor/)
})
