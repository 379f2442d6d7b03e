// Activations against their formulas on single numbers, on both backends, with gradients of both orders.
import { grad, valueAndGrad } from '@x/autograd'
import { checkGradient } from '@x/autograd/testing'
import { ShapeError, type Tensor, tensor } from '@x/tensor'
import { js } from '@x/tensor/js'
import { assertClose, assertNoLeak, assertThrows, checkOp, makeInput, type OpCase } from '@x/tensor/testing'
import { describe, expect, test } from 'vitest'
import * as nn from '../index.ts'
import { js as nnJs } from '../js/index.ts'

type Case = readonly [run: (x: Tensor) => Tensor, formula: (x: number) => number]

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
const clip = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high)

const pointwise: Readonly<Record<string, Case>> = {
  relu6: [nn.relu6, (x) => clip(x, 0, 6)],
  leakyRelu: [nn.leakyRelu, (x) => (x > 0 ? x : 0.01 * x)],
  'leakyRelu 0.2': [(x) => nn.leakyRelu(x, { negativeSlope: 0.2 }), (x) => (x > 0 ? x : 0.2 * x)],
  threshold: [(x) => nn.threshold(x, 0.1, -2), (x) => (x > 0.1 ? x : -2)],
  hardtanh: [nn.hardtanh, (x) => clip(x, -1, 1)],
  'hardtanh −½ to 2': [(x) => nn.hardtanh(x, { minVal: -0.5, maxVal: 2 }), (x) => clip(x, -0.5, 2)],
  hardsigmoid: [nn.hardsigmoid, (x) => clip(x + 3, 0, 6) / 6],
  hardswish: [nn.hardswish, (x) => (x * clip(x + 3, 0, 6)) / 6],
  hardshrink: [nn.hardshrink, (x) => (Math.abs(x) > 0.5 ? x : 0)],
  softshrink: [(x) => nn.softshrink(x, { lambda: 1 }), (x) => x - clip(x, -1, 1)],
  elu: [(x) => nn.elu(x, { alpha: 0.7 }), (x) => (x > 0 ? x : 0.7 * Math.expm1(x))],
  selu: [nn.selu, (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x))],
  celu: [(x) => nn.celu(x, { alpha: 1.3 }), (x) => (x > 0 ? x : 1.3 * Math.expm1(x / 1.3))],
  silu: [nn.silu, (x) => x * sigmoid(x)],
  softplus: [nn.softplus, (x) => Math.log1p(Math.exp(x))],
  'softplus cut off': [
    (x) => nn.softplus(x, { beta: 2, threshold: 5 }),
    (x) => (2 * x > 5 ? x : Math.log1p(Math.exp(2 * x)) / 2),
  ],
  logSigmoid: [nn.logSigmoid, (x) => Math.log(sigmoid(x))],
  mish: [nn.mish, (x) => x * Math.tanh(Math.log1p(Math.exp(x)))],
  softsign: [nn.softsign, (x) => x / (1 + Math.abs(x))],
  tanhshrink: [nn.tanhshrink, (x) => x - Math.tanh(x)],
}

const special = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3, -3, 0.5, -0.5]
const range = [-7, 7] as const
const settings = { dtypes: ['float32', 'float64'], ulp: 64, atol: 1e-6 } as const

const rest: readonly OpCase[] = [
  { name: 'softmin', inputs: [{ shape: [3, 4] }], run: (x) => nn.softmin(x, 0), ...settings },
  { name: 'glu', inputs: [{ shape: [3, 6] }], run: (x) => nn.glu(x), ...settings },
  { name: 'glu along axis 0', inputs: [{ shape: [4, 2], strided: true }], run: (x) => nn.glu(x, 0), ...settings },
  ...[[1], [3]].map((shape) => ({
    name: `prelu with ${shape} slopes`,
    inputs: [{ shape: [2, 3, 4] }, { shape }],
    run: nn.prelu,
    ...settings,
  })),
  ...[1, 1.5, 2, 3, Number.POSITIVE_INFINITY].map((p) => ({
    name: `normalize by p ${p}`,
    inputs: [{ shape: [3, 4] }],
    run: (x: Tensor) => nn.normalize(x, { p }),
    ...settings,
  })),
  {
    name: 'cosineSimilarity',
    inputs: [{ shape: [3, 4] }, { shape: [1, 4] }],
    run: (a, b) => nn.cosineSimilarity(a, b, { axis: -1 }),
    ...settings,
  },
  {
    name: 'pairwiseDistance',
    inputs: [{ shape: [3, 4] }, { shape: [3, 4] }],
    run: (a, b) => nn.pairwiseDistance(a, b, { p: 3, keepdims: true }),
    ...settings,
  },
]

describe.each(Object.entries(pointwise))('%s', (name, [run, formula]) => {
  test('is its formula', () => {
    const x = makeInput({ shape: [40], range }, 'float64', 1)
    assertClose(name, run(x), tensor(Array.from(x.data(), formula), { dtype: 'float64' }), 64, 1e-12)
  })
  test('on both backends, for empty, scalar, strided and special inputs', () => {
    for (const input of [{ shape: [0] }, { shape: [], range }, { shape: [5, 7], range, strided: true }]) {
      checkOp({ name, inputs: [input], run, ...settings }, { js: [js, nnJs] })
    }
    checkOp({ name, inputs: [{ shape: [12], special }], run, ...settings }, { js: [js, nnJs] })
  })
  test('gradients agree with finite differences', () => {
    checkGradient({ name, inputs: [{ shape: [20], range }], run, ...settings })
  })
})

describe.each(rest)('$name', (c) => {
  test('both backends agree', () => checkOp(c, { js: [js, nnJs] }))
  test('gradients agree with finite differences', () => checkGradient(c))
})

const slopes = (f: (x: Tensor) => Tensor, x: number[]): number[] => {
  const at = tensor(x, { dtype: 'float64' })
  return Array.from(grad(() => f(at).sum(), at).data())
}

test('far out nothing overflows, and gradients stay finite', () => {
  expect(nn.softplus(tensor([-1000, 1000])).toArray()).toEqual([0, 1000])
  expect(nn.logSigmoid(tensor([-1000, 1000])).toArray()).toEqual([-1000, -0])
  expect(slopes(nn.softplus, [-1000, 0, 1000])).toEqual([0, 0.5, 1])
  expect(slopes(nn.elu, [-1000, 1000])).toEqual([0, 1])
  expect(slopes(nn.mish, [-1000, 1000])).toEqual([0, 1])
  expect(slopes(nn.hardswish, [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY])).toEqual([0, 1])
})

test('at kinks the slope is PyTorch’s', () => {
  expect(slopes(nn.relu6, [0, 6])).toEqual([0, 0])
  expect(slopes(nn.leakyRelu, [0])).toEqual([0.01])
  expect(slopes(nn.elu, [0])).toEqual([1])
  expect(slopes(nn.hardswish, [-3, 3])).toEqual([-0.5, 1.5])
  expect(slopes(nn.hardsigmoid, [-3, 3])).toEqual([0, 0])
  expect(slopes(nn.hardshrink, [0.5, -0.5])).toEqual([0, 0])
  expect(slopes(nn.softshrink, [0.5, -0.5])).toEqual([0, 0])
})

test('the curvature of softplus is there at 0 too', () => {
  const x = tensor([0], { dtype: 'float64' })
  expect(grad(() => grad(() => nn.softplus(x).sum(), x).sum(), x).toArray()).toEqual([0.25])
})

test('zeros have no direction: they stay, with a finite gradient', () => {
  const x = tensor([
    [0, 0],
    [3, 4],
  ])
  expect(nn.normalize(x).data()).toEqual(Float32Array.of(0, 0, 3 / 5, 4 / 5))
  expect(nn.cosineSimilarity(x, x).toArray()).toEqual([0, 1])
  for (const f of [nn.normalize, (t: Tensor) => nn.cosineSimilarity(t, tensor([[1, 2]]))]) {
    expect(
      grad(() => f(x).sum(), x)
        .data()
        .every(Number.isFinite),
    ).toBe(true)
  }
})

test('an infinite input does not spoil the slope that prelu learns', () => {
  const [x, w] = [tensor([Number.POSITIVE_INFINITY, -2]), tensor([0.25])]
  expect(grad(() => nn.prelu(x, w).sum(), w).toArray()).toEqual([-2])
  expect(nn.prelu(tensor(-4), w).toArray()).toBe(-1)
})

test('gradients leave nothing behind', () => {
  const x = tensor([-1, 0, 1])
  for (const [name, [run]] of Object.entries(pointwise)) {
    assertNoLeak(name, () => void valueAndGrad(() => run(x).sum(), x))
  }
})

test('misuse is named', () => {
  const x = tensor([[1, 2, 3]])
  assertThrows('', () => nn.hardtanh(x, { minVal: 1, maxVal: 1 }), RangeError, 'hardtanh: minVal 1')
  assertThrows('', () => nn.softshrink(x, { lambda: -1 }), RangeError, 'softshrink: lambda -1')
  assertThrows('', () => nn.hardshrink(x, { lambda: Number.NaN }), RangeError, 'hardshrink: lambda NaN')
  assertThrows('', () => nn.softplus(x, { beta: 0 }), RangeError, 'softplus: beta 0')
  assertThrows('', () => nn.celu(x, { alpha: 0 }), RangeError, 'celu: alpha is 0')
  assertThrows('', () => nn.glu(x), ShapeError, 'glu: axis -1 of [1, 3]')
  assertThrows('', () => nn.softmin(x, 2), ShapeError, 'axis 2')
  assertThrows('', () => nn.prelu(x, tensor([1, 2])), ShapeError, 'prelu: weight [2]')
  assertThrows('', () => nn.normalize(x, { p: 0 }), RangeError, 'normalize: p 0')
  assertThrows('', () => nn.pairwiseDistance(x, x, { p: -1 }), RangeError, 'pairwiseDistance: p -1')
})
