// Fused ops against their compositions and the other backend, with gradients of both orders.
import { checkGradient } from '@x/autograd/testing'
import { compile, Generator, ones, type Tensor, tensor, tidy } from '@x/tensor'
import { conv2d as plainConv2d } from '@x/tensor/conv'
import { js } from '@x/tensor/js'
import { assertClose, assertThrows, checkOp, makeInput, type OpCase } from '@x/tensor/testing'
import { describe, expect, test } from 'vitest'
import { conv2d, crossEntropy, Dropout, dropout, Linear, layerNorm, linear, mseLoss, Sequential } from './index.ts'
import { js as nnJs } from './js/index.ts'

const target = tensor([2, 0, 1, 2, 2], { dtype: 'int32' })
const partly = tensor([2, -100, 1, -100, 0], { dtype: 'int32' })

interface FusedCase extends OpCase {
  /** The same written with plain ops. */
  readonly composed: OpCase['run']
}

const of = (
  name: string,
  shapes: readonly (readonly number[])[],
  run: OpCase['run'],
  composed: OpCase['run'],
  rest: Partial<OpCase> = {},
): FusedCase => ({
  name,
  inputs: shapes.map((shape) => ({ shape })),
  run,
  composed,
  dtypes: ['float32', 'float64'],
  ulp: 256,
  atol: 1e-5,
  ...rest,
})

const normalised = (x: Tensor, g: Tensor, b: Tensor): Tensor => {
  const c = x.sub(x.mean(-1, { keepdims: true }))
  return c
    .mul(c.square().mean(-1, { keepdims: true }).add(1e-5).rsqrt())
    .mul(g)
    .add(b)
}
const nll = (x: Tensor, t: Tensor): Tensor => x.logSoftmax().gather(t.unsqueeze(1), 1).neg()

const cases: readonly FusedCase[] = [
  of(
    'linear',
    [[5, 3], [4, 3], [4]],
    (x, w, b) => linear(x, w, b),
    (x, w, b) => x.matmul(w.mT).add(b),
  ),
  of(
    'linear without bias',
    [
      [5, 3],
      [4, 3],
    ],
    (x, w) => linear(x, w, null),
    (x, w) => x.matmul(w.mT),
  ),
  of(
    'linear on rank 3',
    [[2, 3, 3], [2, 3], [2]],
    (x, w, b) => linear(x, w, b),
    (x, w, b) => x.matmul(w.mT).add(b),
  ),
  ...(['relu', 'tanh', 'sigmoid'] as const).map((activation) =>
    of(
      `linear and ${activation}`,
      [[5, 3], [4, 3], [4]],
      (x, w, b) => linear(x, w, b, { activation }),
      (x, w, b) => x.matmul(w.mT).add(b)[activation](),
    ),
  ),
  of(
    'conv2d with bias',
    [[2, 2, 4, 4], [3, 2, 3, 3], [3]],
    (x, w, b) => conv2d(x, w, b, { padding: 1 }),
    (x, w, b) => plainConv2d(x, w, { padding: 1 }).add(b.reshape([3, 1, 1])),
  ),
  ...[1, 3, 4, 16, 33].map((n) =>
    of(
      `layerNorm ${n}`,
      [[3, n], [n], [n]],
      (x, g, b) => layerNorm(x, g, b),
      normalised,
      n === 1 ? { differentiable: [] } : {},
    ),
  ),
  of(
    'crossEntropy',
    [[5, 3]],
    (x) => crossEntropy(x, target),
    (x) => nll(x, target).mean(),
  ),
  of(
    'crossEntropy sum',
    [[5, 3]],
    (x) => crossEntropy(x, target, { reduction: 'sum' }),
    (x) => nll(x, target).sum(),
  ),
  of(
    'crossEntropy none',
    [[5, 3]],
    (x) => crossEntropy(x, target, { reduction: 'none' }),
    (x) => nll(x, target).squeeze(1),
  ),
  of(
    'crossEntropy ignoring',
    [[5, 3]],
    (x) => crossEntropy(x, partly),
    (x) => nll(x, partly.maximum(0)).squeeze(1).mul(partly.ge(0).cast(x.dtype)).sum().div(3),
  ),
  of(
    'crossEntropy smoothed',
    [[5, 3]],
    (x) => crossEntropy(x, target, { labelSmoothing: 0.1 }),
    (x) => nll(x, target).mean().mul(0.9).sub(x.logSoftmax().mean().mul(0.1)),
  ),
  of(
    'mseLoss',
    [
      [5, 3],
      [5, 3],
    ],
    (x, y) => mseLoss(x, y),
    (x, y) => x.sub(y).square().mean(),
  ),
]

describe.each(cases)('$name', (c) => {
  test('both backends agree', () => checkOp(c, { js: [js, nnJs] }))
  test('is its composition', () => {
    for (const dtype of c.dtypes) {
      const inputs = c.inputs.map((spec, i) => makeInput(spec, dtype, i + 1))
      assertClose(c.name, c.run(...inputs), c.composed(...inputs), 256, 1e-5)
    }
  })
  test('gradients agree with finite differences', () => checkGradient(c))
})

test('dropout drops a share p, scales the rest, and repeats with its seed', () => {
  const x = makeInput({ shape: [10_000], range: [1, 1] }, 'float32', 1)
  const drop = (): Tensor => dropout(x, 0.25, { generator: new Generator(3) })
  const y = drop()
  const kept = y.ne(0).sum().item() / 10_000
  expect(kept).toBeGreaterThan(0.73)
  expect(kept).toBeLessThan(0.77)
  expect(y.max().item()).toBeCloseTo(1 / 0.75, 6)
  expect(drop().toArray()).toEqual(y.toArray())
  checkGradient(
    of(
      'dropout',
      [[20]],
      (t) => dropout(t, 0.5, { generator: new Generator(1) }),
      (t) => t,
    ),
  )
})

test('misuse is named', () => {
  const x = tensor([[1, 2]])
  assertThrows('', () => linear(x, tensor([[1, 2, 3]]), null), Error, 'linear: x [1, 2] and w [1, 3]')
  assertThrows(
    '',
    () => crossEntropy(x, tensor([2], { dtype: 'int32' })),
    RangeError,
    'target 2 at position 0 is not a class from 0 to 1',
  )
  assertThrows('', () => crossEntropy(x, tensor([0.5])), TypeError, 'classes are int32')
  assertThrows('', () => mseLoss(x, x, { reduction: 'all' as 'sum' }), RangeError, "reduction 'all'")
  assertThrows('', () => dropout(x, 2), RangeError, 'dropout: p 2')
})

test('a compiled forward pass follows train and eval', () => {
  const model = new Sequential(new Linear(4, 4), new Dropout(0.5))
  const forward = compile((x: Tensor) => model.forward(x))
  const x = ones([1, 4])
  const values = (): unknown => tidy(() => forward(x).toArray())
  values()
  model.eval()
  const plain = tidy(() => model.forward(x).toArray())
  expect(values()).toEqual(plain)
  expect(values()).toEqual(plain)
  model.train()
  expect(values()).not.toEqual(values())
  expect(forward.recordings).toBe(2)
  forward.dispose()
  model.dispose()
})

test('a model prints as its layers, and goes into another dtype', () => {
  const model = new Sequential(new Linear(2, 3), new Dropout(0.5))
  expect(String(model)).toBe('Sequential(\n  (0): Linear(weight [3, 2], bias [3])\n  (1): Dropout()\n)')
  expect(
    model
      .to('float64')
      .parameters()
      .map((p) => p.dtype),
  ).toEqual(['float64', 'float64'])
  expect(model.forward(ones([1, 2], { dtype: 'float64' })).dtype).toBe('float64')
  expect(() => model.to('int32')).toThrow('int32 is not')
  expect([...model].length).toBe(model.length)
  expect(() => new Sequential([new Linear(1, 1)] as never)).toThrow('layer 0 is no module')
  expect(() => new Linear(2, 3, { bais: false } as never)).toThrow("no option 'bais'")
  expect(() => new Linear(-1, 2)).toThrow('Linear: inFeatures -1 is not a whole number ≥ 1')
})
