// detectAnomaly names the op where the first NaN or infinity was born.
import { compile, ones, type Tensor, tensor } from '@x/tensor'
import { assertNoLeak } from '@x/tensor/testing'
import { expect, test } from 'vitest'
import { AnomalyError, checkpoint, customGrad, detectAnomaly, grad } from './index.ts'

const caught = (fn: () => unknown, options?: { infinities?: boolean }): AnomalyError => {
  try {
    detectAnomaly(fn, options)
  } catch (error) {
    if (error instanceof AnomalyError) return error
    throw error
  }
  throw new Error('nothing was found')
}

test('forward', () => {
  const x = tensor([4, -1])
  expect(caught(() => x.sqrt().add(1).sum()).message).toBe('sqrt(x [2]) made NaN at position 1')
  expect(caught(() => tensor([800]).exp()).message).toBe('exp(x [1]) made Infinity at position 0')
  expect(caught(() => grad(() => x.sqrt().sum(), x))).toMatchObject({ op: 'sqrt', behind: null })
})

test('in a gradient: what was computed, and of which op', () => {
  const x = tensor([4, 0])
  const error = caught(() => grad(() => x.sqrt().mul(3).sum(), x))
  expect(error.message).toBe('div(a [2], b [2]) made Infinity at position 1, in the gradient of sqrt(x [2])')
  expect(error).toMatchObject({ op: 'div', behind: 'sqrt' })
})

test('inside checkpoints and custom gradients', () => {
  const x = tensor([1, -1])
  const cut = checkpoint((x: Tensor) => x.mul(2).log().mul(2))
  expect(caught(() => grad(() => cut(x).sum(), x)).message).toBe('log(x [2]) made NaN at position 1')
  const custom = customGrad({ forward: (x) => x.log(), backward: ({ dy }) => [dy.div(0)] })
  expect(caught(() => grad(() => custom(x).sum(), x)).op).toBe('log')
  expect(
    caught(() =>
      grad(
        () =>
          custom(ones([1]))
            .add(custom(x.abs()))
            .sum(),
        x,
      ),
    ),
  ).toMatchObject({
    op: 'div',
    behind: 'customGrad',
  })
})

test('what is given is not reported, what comes of it is', () => {
  const [nan, infinite] = [tensor([Number.NaN, 1]), tensor([Number.NEGATIVE_INFINITY, 0])]
  expect(detectAnomaly(() => nan.add(1).exp().toArray())).toEqual([Number.NaN, Math.fround(Math.exp(2))])
  expect(detectAnomaly(() => infinite.softmax().toArray())).toEqual([0, 1])
  expect(caught(() => infinite.sub(infinite)).message).toBe('sub(a [2], b [2]) made NaN at position 0')
})

test('infinities may be let pass, NaN may not', () => {
  const x = tensor([1, 2])
  expect(detectAnomaly(() => x.div(0).toArray(), { infinities: false })).toEqual([
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  ])
  expect(caught(() => x.div(0).mul(0), { infinities: false }).op).toBe('mul')
})

test('misuse is named, nothing is left behind', () => {
  expect(() => detectAnomaly(async () => 1)).toThrow('must be synchronous')
  const f = compile((x: Tensor) => detectAnomaly(() => x.add(1)))
  expect(() => f(ones([2]))).toThrow('inside a compiled function')
  const x = tensor([4, 0])
  assertNoLeak('found', () => void caught(() => grad(() => x.sqrt().sum(), x)))
  assertNoLeak('clean', () => void detectAnomaly(() => grad(() => x.exp().sum(), x)))
})
