// checkpoint: the same gradients in less memory, inside compile, gradients of gradients and randomness.
import { compile, manualSeed, memoryStats, ones, randn, type Tensor, tensor, uniform } from '@x/tensor'
import { listen } from '@x/tensor/op'
import { assertNoLeak } from '@x/tensor/testing'
import { describe, expect, test } from 'vitest'
import { checkpoint, grad, gradcheck, hvp, valueAndGrad } from './index.ts'

const block = (x: Tensor): Tensor => x.sin().exp().tanh().square().add(x).sigmoid().mul(2).log1p()

/** The most bytes there are at any op of `fn`, beyond those before. */
function peakOf(fn: () => void): number {
  const before = memoryStats().bytes
  let most = 0
  listen(() => {
    most = Math.max(most, memoryStats().bytes)
  }, fn)
  return most - before
}

test('measured: 16 blocks of 8 ops hold 16 values and one block instead of 128', () => {
  const x = randn([4096])
  const chain = (f: (x: Tensor) => Tensor) => (): void => {
    const { value, grads } = valueAndGrad((x) => Array.from({ length: 16 }).reduce<Tensor>(f, x).sum(), x)
    value.dispose()
    grads.dispose()
  }
  const [plain, cut] = [chain(block), chain((x) => checkpoint(block)(x))].map(peakOf)
  const bytes = 4 * 4096
  expect(plain / bytes).toBeGreaterThan(120)
  // 16 values, the 10 or so of one block, and what one op's gradient needs.
  expect(cut / bytes).toBeLessThan(36)
})

test('gradients are the same to the last bit', () => {
  const x = randn([50])
  const plain = valueAndGrad((x) => block(block(x)).sum(), x)
  const cut = valueAndGrad((x) => checkpoint(block)(checkpoint(block)(x)).sum(), x)
  expect(cut.value.item()).toBe(plain.value.item())
  expect(cut.grads.toArray()).toEqual(plain.grads.toArray())
})

test('parameters that fn brings along get their gradients, constants made inside do no harm', () => {
  const [x, w, b] = [tensor([[1, 2]]), tensor([[3], [4]]), tensor([5])]
  const frozen = tensor([2])
  const layer = checkpoint((x: Tensor) =>
    x
      .matmul(w)
      .add(b)
      .mul(frozen)
      .mul(ones([1, 1]))
      .mul(3),
  )
  const grads = grad(() => layer(x).sum(), { w, b, x })
  expect([grads.w.toArray(), grads.b.toArray(), grads.x.toArray()]).toEqual([[[6], [12]], [6], [[18, 24]]])
})

test('several inputs, inputs returned as they are, checkpoints in checkpoints', () => {
  const [x, y] = [tensor([2, 3], { dtype: 'float64' }), tensor([5, 7], { dtype: 'float64' })]
  const inner = checkpoint((a: Tensor, b: Tensor) => a.mul(b).exp())
  const outer = checkpoint((a: Tensor, b: Tensor) => inner(a.mul(0.1), b).mul(b))
  gradcheck(outer, [x, y], { second: true })
  expect(
    grad(
      (x) =>
        checkpoint((x: Tensor) => x)(x)
          .mul(x)
          .sum(),
      x,
    ).toArray(),
  ).toEqual([4, 6])
  expect(
    grad(
      (x) =>
        checkpoint((_: Tensor) => x)(y)
          .mul(x)
          .sum(),
      x,
    ).toArray(),
  ).toEqual([4, 6])
})

test('second derivatives', () => {
  const x = tensor([1, 2], { dtype: 'float64' })
  const cube = checkpoint((x: Tensor) => x.mul(x).mul(x))
  expect(grad((x) => grad((x) => cube(x).sum(), x).sum(), x).toArray()).toEqual([6, 12])
  expect(hvp((x) => cube(x).sum(), x, tensor([1, 10])).toArray()).toEqual([6, 120])
})

test('random numbers are the same again, and go on as without', () => {
  const x = ones([20])
  const noisy = checkpoint((x: Tensor) => x.mul(uniform([20])))
  const run = (f: (x: Tensor) => Tensor): number[][] => {
    manualSeed(3)
    const { value, grads } = valueAndGrad((x) => f(x).sum(), x)
    return [[value.item()], grads, uniform([3])].map((t) => (Array.isArray(t) ? t : Array.from(t.data())))
  }
  expect(run(noisy)).toEqual(run((x) => x.mul(uniform([20]))))
})

describe('inside compile', () => {
  test('replays equal eager steps', () => {
    const w = randn([8, 8])
    const layer = checkpoint((x: Tensor) => x.matmul(w).tanh())
    const step = (x: Tensor): Tensor => grad(() => layer(layer(x)).square().sum(), w)
    const compiled = compile(step)
    for (let i = 0; i < 3; i++) {
      const x = randn([4, 8])
      expect(compiled(x).toArray()).toEqual(step(x).toArray())
    }
    compiled.dispose()
  })
  test('new random numbers come with every replay', () => {
    const noisy = checkpoint((x: Tensor) => x.mul(uniform([4])))
    const step = (x: Tensor): Tensor => grad((x) => noisy(x).sum(), x)
    const compiled = compile(step)
    const x = ones([4])
    manualSeed(5)
    const eager = [step(x), step(x)].map((t) => t.toArray())
    manualSeed(5)
    expect([compiled(x), compiled(x)].map((t) => t.toArray())).toEqual(eager)
    expect(eager[0]).not.toEqual(eager[1])
    compiled.dispose()
  })
})

test('without gradients it is the function, and nothing is left behind', () => {
  const x = randn([10])
  const cut = checkpoint(block)
  expect(cut(x).toArray()).toEqual(block(x).toArray())
  assertNoLeak('value', () => void cut(x))
  assertNoLeak('gradient', () => void grad((x) => cut(cut(x)).sum(), x))
  assertNoLeak('second', () => void grad((x) => grad((x) => cut(x).sum(), x).sum(), x))
  assertNoLeak('error', () => {
    const fails = checkpoint((x: Tensor) => x.exp().add(tensor([1, 2, 3])))
    expect(() => grad((x) => fails(x).sum(), x)).toThrow('add')
  })
  expect(() => grad((x) => checkpoint((_: Tensor) => 3 as never)(x), x)).toThrow('checkpoint: fn returned no tensor')
})
