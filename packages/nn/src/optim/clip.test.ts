// Clipping of gradients. That it follows PyTorch is recorded in golden/optim.json.
import { valueAndGrad } from '@x/autograd'
import { compile, type Tensor, tensor } from '@x/tensor'
import { assertNoLeak } from '@x/tensor/testing'
import { expect, test } from 'vitest'
import { clipGradNorm, clipGradValue, Linear, SGD } from '../index.ts'

test('long gradients are shortened together, short ones stay, null stays null', () => {
  const g = [tensor([3, 0]), null, tensor(4)]
  const { grads, norm } = clipGradNorm(g, 1)
  expect(norm.item()).toBe(5)
  expect(grads[0]?.toArray()).toEqual([Math.fround(3 * Math.fround(1 / (5 + 1e-6))), 0])
  expect(grads[1]).toBe(null)
  expect(clipGradNorm(g, 100).grads[2]?.item()).toBe(4)
  expect(g[0]?.toArray()).toEqual([3, 0])
  expect(clipGradNorm(g, 1, { normType: 1 }).norm.item()).toBe(7)
  expect(clipGradNorm(g, 1, { normType: Number.POSITIVE_INFINITY }).norm.item()).toBe(4)
  expect(clipGradNorm([tensor([Number.NaN])], 1).norm.item()).toBeNaN()
  expect(clipGradValue([tensor([-3, 0.25, 7]), null], 0.5).map((x) => x?.toArray())).toEqual([
    [-0.5, 0.25, 0.5],
    undefined,
  ])
})

test('inside of a compiled function, and without leaks', () => {
  const clipped = compile((a: Tensor, b: Tensor) => clipGradNorm([a, b], 1))
  const [a, b] = [tensor([3]), tensor([4])]
  clipped(a, b)
  const { grads, norm } = clipped(tensor([30]), tensor([40]))
  expect([norm.item(), ...grads.map((x) => x.item())].map((x) => x.toFixed(4))).toEqual(['50.0000', '0.6000', '0.8000'])
  assertNoLeak('clipGradNorm', () => void clipGradNorm([a, b], 1))
  assertNoLeak('clipGradValue', () => void clipGradValue([a, b], 1))
})

test.each([
  [() => clipGradNorm([tensor([1])], -1), 'clipGradNorm: maxNorm -1 is not ≥ 0'],
  [() => clipGradNorm([tensor([1])], 1, { normType: 0 }), 'clipGradNorm: normType 0 is not positive'],
  [() => clipGradNorm([null], 1), 'clipGradNorm: there is no gradient'],
  [() => clipGradValue([tensor([1])], Number.NaN), 'clipGradValue: clip NaN is not ≥ 0'],
])('misuse %#', (fn, message) => {
  expect(fn).toThrow(RangeError)
  expect(fn).toThrow(message)
})

test('gradients by name stay by name, as step takes them', () => {
  const layer = new Linear(2, 1)
  const { grads } = valueAndGrad(() => layer.forward(tensor([[3, 4]])).sum(), layer)
  const { grads: short, norm } = clipGradNorm(grads, 1)
  expect(norm.item()).toBeCloseTo(Math.sqrt(26), 5)
  expect(Object.keys(short)).toEqual(['weight', 'bias'])
  expect([...short.weight.mul(norm).data()]).toEqual([expect.closeTo(3, 4), expect.closeTo(4, 4)])
  new SGD(layer.parameters(), { lr: 1 }).step(clipGradValue(short, 0.1))
  expect(clipGradValue(short, 0.1).bias.toArray()).toEqual([expect.closeTo(0.1, 6)])
})
