// Random numbers: known answers, the same on both backends, right moments, and streams that continue.
import { expect, test } from 'vitest'
import { Generator, manualSeed, normal, rand, randn, uniform } from './index.ts'
import { js } from './js/index.ts'
import { withBackend } from './testing.ts'

test('the stream is Philox4x32-10', () => {
  // Known answer of Random123 for counter 0, key 0.
  expect(Array.from(new Generator(0).words(4), (w) => (w >>> 0).toString(16))).toEqual([
    '6627e8d5',
    'e169c58d',
    'bc57ac4c',
    '9b00dbd8',
  ])
})

test.each(['float32', 'float64'] as const)('both backends draw the same uniform %s', (dtype) => {
  const draw = (): unknown => uniform([1001], { dtype, generator: new Generator(3) }).data()
  expect(draw()).toEqual(withBackend([js], draw))
})

test('moments are right', () => {
  const u = uniform([100_000], { low: -1, high: 3, generator: new Generator(5) })
  expect(u.mean().item()).toBeCloseTo(1, 1)
  expect(u.std().item()).toBeCloseTo(4 / Math.sqrt(12), 1)
  expect(u.min().item()).toBeGreaterThanOrEqual(-1)
  expect(u.max().item()).toBeLessThan(3)
  const n = normal([100_001], { mean: 2, std: 3, generator: new Generator(6) })
  expect(n.mean().item()).toBeCloseTo(2, 1)
  expect(n.std().item()).toBeCloseTo(3, 1)
  const z = n.sub(2).div(3)
  expect(z.pow(4).mean().item()).toBeCloseTo(3, 0)
})

test('a seed starts over, save and restore continue', () => {
  manualSeed(9)
  const first = [rand([5]).toArray(), randn([3]).toArray()]
  manualSeed(9)
  expect([rand([5]).toArray(), randn([3]).toArray()]).toEqual(first)
  const g = new Generator(1)
  rand([7], { generator: g })
  const saved = g.save()
  const next = rand([7], { generator: g }).toArray()
  g.restore(saved)
  expect(rand([7], { generator: g }).toArray()).toEqual(next)
  expect(() => new Generator(-1)).toThrow(RangeError)
})

test('a permutation holds every position once', () => {
  const order = new Generator(2).permutation(1000)
  expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
  expect(order[0] === 0 && order[1] === 1 && order[2] === 2).toBe(false)
})

test('split streams differ', () => {
  const g = new Generator(4)
  const [a, b] = [g.split(), g.split()]
  expect(rand([4], { generator: a }).toArray()).not.toEqual(rand([4], { generator: b }).toArray())
})
