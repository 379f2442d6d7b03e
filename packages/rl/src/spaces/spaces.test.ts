import { tensor } from '@x/tensor'
import { describe, expect, test } from 'vitest'
import { NumpyGenerator } from '../random/generator.ts'
import { Box } from './box.ts'
import { Dict, Tuple } from './composite.ts'
import { Discrete } from './discrete.ts'
import { batchSpace, flatdim, flatten, flattenSpace, unflatten } from './flatten.ts'
import { MultiBinary, MultiDiscrete } from './multi.ts'
import type { Space } from './space.ts'

const make = (): Space[] => [
  new Discrete(5),
  new Discrete(3, { start: -1 }),
  new Box(-2, 2, { shape: [2, 3] }),
  new Box([0, -Infinity, -Infinity], [Infinity, 1, Infinity], { dtype: 'float64' }),
  new Box(0, 9, { shape: [4], dtype: 'int32' }),
  new MultiDiscrete([3, 4]),
  new MultiDiscrete([2, 2], { start: [5, -5] }),
  new MultiBinary([2, 2]),
  new Tuple([new Discrete(2), new Box(0, 1)]),
  new Dict({ b: new Discrete(2), a: new Tuple([new MultiBinary(3), new Box(-1, 1, { shape: [2] })]) }),
]

describe.each(make().map((space, i) => [String(space), i] as const))('%s', (_, i) => {
  const space = make()[i]

  test('contains what it samples, the same for the same seed', () => {
    const other = make()[i]
    space.seed(5)
    other.seed(5)
    for (let k = 0; k < 50; k++) {
      const element = space.sample()
      expect(space.contains(element)).toBe(true)
      expect(other.sample()).toEqual(element)
    }
  })

  test('equals its like alone', () => {
    make().forEach((other, k) => {
      expect(space.equals(other)).toBe(i === k)
    })
    expect(space.equals(null)).toBe(false)
  })

  test('flattens and unflattens', () => {
    space.seed(1)
    const flat = flattenSpace(space)
    for (let k = 0; k < 10; k++) {
      const element = space.sample()
      const row = flatten(space, element)
      expect(row.length).toBe(flatdim(space))
      expect(flat.contains(row)).toBe(true)
      expect(unflatten(space, row)).toEqual(element)
    }
  })

  test('has a space of batches', () => {
    const batch = batchSpace(space, 3)
    batch.seed(2)
    expect(batch.contains(batch.sample())).toBe(true)
  })
})

test('Discrete samples by mask and by probability', () => {
  const space = new Discrete(4, { start: 10 })
  const generator = new NumpyGenerator(0)
  const seen = new Set(Array.from({ length: 100 }, () => space.sample([0, 1, 0, 1], { generator })))
  expect([...seen].sort()).toEqual([11, 13])
  expect(space.sample([0, 0, 0, 0])).toBe(10)
  expect(space.sample(null, { probability: [0, 0, 1, 0] })).toBe(12)
  expect(() => space.sample([1, 0])).toThrow(/2 values for the 4 elements of Discrete\(4, start=10\)/)
  expect(() => space.sample([1, 1, 1, 1], { probability: [1, 0, 0, 0] })).toThrow(/not both/)
  expect(() => space.sample(null, { prob: [1] } as never)).toThrow(/no option 'prob'/)
})

test('masks reach into structures', () => {
  const space = new Dict({ a: new Discrete(3), b: new Tuple([new MultiBinary(3), new MultiDiscrete([2, 3])]) })
  const element = space.sample({
    a: [0, 0, 1],
    b: [
      [1, 0, 2],
      [
        [0, 1],
        [0, 0, 1],
      ],
    ],
  })
  expect(element.a).toBe(2)
  expect([...(element.b as [Uint8Array, Int32Array])[0].slice(0, 2)]).toEqual([1, 0])
  expect([...(element.b as [Uint8Array, Int32Array])[1]]).toEqual([1, 2])
})

test('contains refuses other kinds, shapes, dtypes and values', () => {
  const box = new Box(-1, 1, { shape: [2] })
  expect(box.contains(new Float32Array([0, 1]))).toBe(true)
  expect(box.contains([0.5, -1])).toBe(true)
  expect(box.contains(tensor([0, 1]))).toBe(true)
  expect(box.contains(new Float64Array([0, 1]))).toBe(false)
  expect(box.contains(new Float32Array([0, 1.5]))).toBe(false)
  expect(box.contains(new Float32Array([0, Number.NaN]))).toBe(false)
  expect(box.contains(new Float32Array(3))).toBe(false)
  expect(box.contains(tensor([[0, 1]]))).toBe(false)
  expect(box.contains(null)).toBe(false)
  expect(new Discrete(3).contains(1.5)).toBe(false)
  expect(new Discrete(3).contains(3)).toBe(false)
  expect(new Discrete(3).contains('1')).toBe(false)
  expect(new MultiDiscrete([2, 2]).contains(new Int32Array([1, 2]))).toBe(false)
  expect(new Dict({ a: new Discrete(2) }).contains({ a: 1, b: 0 })).toBe(false)
})

test('a box knows which sides are bounded', () => {
  const box = new Box([0, 0], [1, Infinity])
  expect([box.isBounded('below'), box.isBounded('above'), box.isBounded()]).toEqual([true, false, false])
})

test('bad parameters are named', () => {
  expect(() => new Discrete(0)).toThrow(/n 0/)
  expect(() => new Box(1, 0)).toThrow(/low 1 is not ≤ high 0/)
  expect(() => new Box([0, 0], [1, 1], { shape: [3] })).toThrow(/2 values of low/)
  expect(() => new Box(0, 1, { type: 'f4' } as never)).toThrow(/no option 'type'/)
  expect(() => new MultiDiscrete([2, 0])).toThrow(/0 is not/)
  expect(() => new Box(0, 1).sample([1])).toThrow(/neither a mask/)
})
