// Positions: slopes, buckets and rotations by their formulas and as the published models have them.

import { rotaryEmbedding } from '@x/nn'
import { randn, tensor } from '@x/tensor'
import { assertClose, assertSame } from '@x/tensor/testing'
import { describe, expect, test } from 'vitest'
import { alibiSlopes, relativeBucket, relativeBuckets } from './positions.ts'
import { fromInterleaved, RotaryTable, rotaryFrequencies, rotate, toInterleaved } from './rotary.ts'

test('slopes of ALiBi', () => {
  expect(alibiSlopes(8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((i) => 2 ** -i))
  expect(alibiSlopes(2)).toEqual([2 ** -4, 2 ** -8])
  // Of 6 heads: the 4 of four, and the first and third of eight.
  expect(alibiSlopes(6)).toEqual([2 ** -2, 2 ** -4, 2 ** -6, 2 ** -8, 2 ** -1, 2 ** -3])
  expect(() => alibiSlopes(0)).toThrow(RangeError)
})

test('buckets of T5', () => {
  const both = { bidirectional: true }
  // As transformers computes them for 32 buckets up to a distance of 128.
  expect([0, -1, -7, -8, -11, -12, -16, -128, -500].map((d) => relativeBucket(d, both))).toEqual([
    0, 1, 7, 8, 8, 9, 10, 15, 15,
  ])
  expect([1, 7, 8, 128].map((d) => relativeBucket(d, both))).toEqual([17, 23, 24, 31])
  const back = { bidirectional: false }
  expect([3, 0, -1, -15, -16, -20, -127, -128].map((d) => relativeBucket(d, back))).toEqual([
    0, 0, 1, 15, 16, 17, 31, 31,
  ])
  const square = relativeBuckets(3, 3, 0, both).toArray()
  expect(square).toEqual([
    [0, 17, 18],
    [1, 0, 17],
    [2, 1, 0],
  ])
  assertSame('a row', relativeBuckets(1, 3, 2, both).at(0), tensor([2, 1, 0], { dtype: 'int32' }))
})

describe('rotations', () => {
  test('are those of the half style', () => {
    const x = randn([2, 5, 3, 8], { dtype: 'float64' })
    const table = new RotaryTable(8, { base: 500 })
    const want = rotaryEmbedding(x, { base: 500, start: 7 })
    assertClose('start', rotate(x, table.at(7, 5, 'float64')), want, 8, 1e-14)
    const positions = tensor([[7, 8, 9, 10, 11]], { dtype: 'int32' })
    assertClose('positions', rotate(x, table.of(positions, 12, 'float64')), want, 8, 1e-14)
    table.dispose()
  })

  test('of neighbours become those of halves by moving rows', () => {
    const x = randn([16, 3])
    const [back, there] = [toInterleaved(fromInterleaved(x, 2), 2), fromInterleaved(x, 2)]
    assertSame('back', back, x)
    assertSame('third', there.at(2), x.at(4))
    expect(() => fromInterleaved(randn([6, 2]), 2)).toThrow(RangeError)
  })

  test('are stretched', () => {
    const plain = rotaryFrequencies(8).frequencies
    expect([...plain]).toEqual([1, 0.1, 0.01, 0.001].map((f) => expect.closeTo(f, 12)))
    const linear = rotaryFrequencies(8, { scaling: { type: 'linear', factor: 4 } }).frequencies
    expect([...linear]).toEqual([...plain].map((f) => f / 4))
    const ntk = rotaryFrequencies(8, { scaling: { type: 'ntk', factor: 4 } }).frequencies
    expect(ntk[1]).toBeCloseTo((10000 * 4 ** (8 / 6)) ** -0.25, 12)
    const dynamic = { scaling: { type: 'dynamic', factor: 2, originalLength: 100 } } as const
    expect(rotaryFrequencies(8, { ...dynamic, length: 100 }).frequencies).toEqual(plain)
    const longer = rotaryFrequencies(8, { ...dynamic, length: 300 }).frequencies
    expect(longer[1]).toBeCloseTo((10000 * (2 * 3 - 1) ** (8 / 6)) ** -0.25, 12)
    // Of Llama 3.1: fast rotations stay, slow ones are divided, between them there is a ramp.
    const { frequencies: llama3 } = rotaryFrequencies(8, {
      base: 500000,
      scaling: { type: 'llama3', factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalLength: 8192 },
    })
    const of = (i: number): number => 500000 ** (-i / 4)
    expect([llama3[0], llama3[3] * 8]).toEqual([1, expect.closeTo(of(3), 12)])
    const turns = (8192 * of(2)) / (2 * Math.PI)
    const share = (turns - 1) / 3
    expect(llama3[2]).toBeCloseTo(share > 0 && share < 1 ? share * of(2) + ((1 - share) * of(2)) / 8 : llama3[2], 12)
    const yarn = rotaryFrequencies(64, { scaling: { type: 'yarn', factor: 4, originalLength: 2048 } })
    expect(yarn.amplitude).toBeCloseTo(0.1 * Math.log(4) + 1, 12)
    expect([yarn.frequencies[0], yarn.frequencies[31] * 4]).toEqual([1, expect.closeTo(10000 ** (-62 / 64), 12)])
    expect(() => rotaryFrequencies(7)).toThrow('size 7 is not even')
    expect(() => rotaryFrequencies(8, { scaling: { type: 'longrope' } as never })).toThrow("scaling 'longrope'")
  })
})
