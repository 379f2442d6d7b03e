import { ShapeError } from '@x/tensor'
import { expect, test } from 'vitest'
import { Conv2d } from './layers/conv.ts'
import { Linear } from './layers/linear.ts'
import { Sequential } from './layers/sequential.ts'
import { Flatten, ReLU } from './layers/simple.ts'
import { summary } from './summary.ts'

test('a chain of convolutions: 39 → 37 → 17 → 7 → 1960, 280 parameters in the first', () => {
  const model = new Sequential(
    new Conv2d(3, 10, 3),
    new ReLU(),
    new Conv2d(10, 20, 5, { stride: 2 }),
    new ReLU(),
    new Conv2d(20, 40, 5, { stride: 2 }),
    new Flatten(),
    new Linear(1960, 1),
  )
  const { layers, output, parameters, multiplies } = summary(model, [1, 3, 39, 39])
  expect(layers.map((l) => l.path)).toEqual(['0', '1', '2', '3', '4', '5', '6'])
  expect(layers.map((l) => l.output.at(-1))).toEqual([37, 37, 17, 17, 7, 1960, 1])
  expect(layers[0].parameters).toBe(280)
  expect(output).toEqual([1, 1])
  expect(parameters).toBe(280 + 10 * 20 * 25 + 20 + 20 * 40 * 25 + 40 + 1961)
  expect(layers[0].multiplies).toBe(37 * 37 * 10 * 27)
  expect(multiplies).toBe(layers.reduce((sum, l) => sum + l.multiplies, 0))
  expect(Object.hasOwn(model, 'forward')).toBe(false)
})

test('a bottleneck of 1 × 1 takes 12.4 instead of 120 million multiplications', () => {
  const through = new Sequential(new Conv2d(192, 16, 1), new Conv2d(16, 32, 5, { padding: 2 }))
  const direct = new Conv2d(192, 32, 5, { padding: 2 })
  expect(summary(through, [1, 192, 28, 28]).multiplies).toBe(12_443_648)
  expect(summary(direct, [1, 192, 28, 28]).multiplies).toBe(120_422_400)
})

test('shared weights count once, frozen ones are not trainable, wrong shapes throw and change nothing', () => {
  const shared = new Linear(4, 4)
  const model = new Sequential(shared, new ReLU(), shared, new Linear(4, 2).freeze())
  const s = summary(model, [2, 4])
  expect([s.parameters, s.trainable, s.layers.map((l) => l.parameters)]).toEqual([30, 20, [20, 0, 0, 10]])
  expect(String(s)).toContain('trainable 20, buffers 0')
  expect(() => summary(model, [2, 5])).toThrow(ShapeError)
  expect(model.training && shared.training).toBe(true)
})

test('what is no model and no shape is named', () => {
  const raw = summary as (...given: unknown[]) => unknown
  expect(() => raw()).toThrow('summary: model is undefined, not a Module')
  expect(() => raw(new Linear(1, 1))).toThrow('summary: shape is undefined, not a shape or an input')
  expect(() => raw(new Linear(1, 1), 3)).toThrow(TypeError)
})
