// Initialisers: distributions, structure, and what they refuse. Bounds and gains are held against recordings too.
import { eye, Generator, manualSeed, ShapeError, type Tensor, zeros } from '@x/tensor'
import { assertClose } from '@x/tensor/testing'
import { expect, test } from 'vitest'
import { init, parameter } from './index.ts'

const weights = (...shape: number[]): Tensor => parameter(zeros(shape))

test('each writes over its tensor and returns it', () => {
  const w = weights(3, 3)
  expect(init.constant(w, 2)).toBe(w)
  expect(w.at(0).toArray()).toEqual([2, 2, 2])
  expect(init.eye(w).toArray()).toEqual([[1, 0, 0], [0, 1, 0], [0, 0, 1]]) // biome-ignore format: a matrix
  expect(init.ones(w).sum().item()).toBe(9)
  expect(init.zeros(w).sum().item()).toBe(0)
  expect(w.role).toBe('parameter')
})

test('distributions', () => {
  manualSeed(1)
  const w = weights(200, 100)
  init.uniform(w, { a: -2, b: 4 })
  expect([w.min().item() >= -2, w.max().item() < 4, Math.abs(w.mean().item() - 1) < 0.05]).toEqual([true, true, true])
  init.normal(w, { mean: 3, std: 0.5 })
  expect(w.mean().item()).toBeCloseTo(3, 1)
  expect(w.std().item()).toBeCloseTo(0.5, 1)
  init.truncNormal(w, { std: 2, a: -1, b: 5 })
  expect([w.min().item() >= -1, w.max().item() <= 5]).toEqual([true, true])
  // The mean of a normal number with deviation 2 between −1 and 5.
  expect(Math.abs(w.mean().item() - 0.9366)).toBeLessThan(0.05)
  init.truncNormal(w, { a: 6, b: 7 }) // far out, where hardly any number is
  expect([w.min().item() >= 6, w.max().item() <= 7]).toEqual([true, true])
})

test('the same generator gives the same values', () => {
  const [a, b] = [0, 1].map(() => init.kaimingNormal(weights(4, 5), { generator: new Generator(3) }).toArray())
  expect(a).toEqual(b)
})

test.each([
  [5, 3],
  [3, 5],
  [4, 2, 3],
])('orthogonal %i x %i', (...shape) => {
  const w = init.orthogonal(weights(...shape), { gain: 2 }).reshape([shape[0], -1])
  const product = w.shape[0] < w.shape[1] ? w.matmul(w.mT) : w.mT.matmul(w)
  assertClose('the products', product, eye(product.shape[0]).mul(4), 16, 1e-5)
})

test('dirac passes channels on, in groups', () => {
  expect(init.dirac(weights(2, 2, 3)).toArray()).toEqual([[[0, 1, 0], [0, 0, 0]], [[0, 0, 0], [0, 1, 0]]]) // biome-ignore format: channels
  expect(init.dirac(weights(4, 2, 1), { groups: 2 }).reshape([4, 2]).toArray()).toEqual([[1, 0], [0, 1], [1, 0], [0, 1]]) // biome-ignore format: channels
  expect(init.dirac(weights(1, 1, 2, 2)).toArray()).toEqual([[[[0, 0], [0, 1]]]]) // biome-ignore format: channels
})

test('sparse leaves a share of each column 0', () => {
  const zeroes = init.sparse(weights(10, 50), 0.25).eq(0).sum(0)
  expect([zeroes.min().item(), zeroes.max().item()]).toEqual([3, 3])
})

test('misuse is named', () => {
  expect(() => init.xavierUniform(weights(3))).toThrow(ShapeError)
  expect(() => init.kaimingUniform(weights(3, 3), { mode: 'fan' as 'fanIn' })).toThrow("mode 'fan'")
  expect(() => init.kaimingUniform(weights(3, 3), { nonlinearity: 'swish' })).toThrow("'swish' is none of linear")
  expect(() => init.truncNormal(weights(3), { a: 2, b: 1 })).toThrow('a 2 is not below b 1')
  expect(() => init.normal(weights(3), { scale: 1 } as object)).toThrow("there is no option 'scale'")
  expect(() => init.dirac(weights(3, 3))).toThrow('have not 3 to 5 axes')
  expect(() => init.eye(weights(3))).toThrow(ShapeError)
  expect(() => init.sparse(weights(3, 3), 2)).toThrow(RangeError)
})
