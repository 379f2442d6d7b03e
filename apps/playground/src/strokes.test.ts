import { expect, test } from 'vitest'
import { type Point, pixelsOf, SIDE, type Stroke } from './strokes.ts'

const line = (...coordinates: number[]): Stroke =>
  Array.from({ length: coordinates.length / 2 }, (_, i) => ({ x: coordinates[2 * i], y: coordinates[2 * i + 1] }))

const ring: Stroke = Array.from({ length: 40 }, (_, i) => {
  const angle = (2 * Math.PI * i) / 39
  return { x: 0.5 + 0.2 * Math.cos(angle), y: 0.5 + 0.3 * Math.sin(angle) }
})

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0)
const columns = (pixels: Uint8Array): number[] =>
  Array.from({ length: SIDE }, (_, x) => sum(pixels.filter((_, i) => i % SIDE === x)))

test('an empty pad has no pixels', () => {
  expect(pixelsOf([])).toBeNull()
})

test('a vertical line fills the middle columns from top to bottom', () => {
  const pixels = pixelsOf([line(0.3, 0.2, 0.3, 0.7)]) as Uint8Array
  expect(columns(pixels)).toEqual([0, 0, 0, 128, 128, 0, 0, 0])
})

test('a ring has the ink of an average digit, around an empty middle', () => {
  const pixels = pixelsOf([ring]) as Uint8Array
  expect(Math.max(...pixels)).toBeLessThanOrEqual(16)
  expect(sum(pixels)).toBeGreaterThan(300)
  expect(sum(pixels)).toBeLessThan(325)
  for (const i of [27, 28, 35, 36]) expect(pixels[i]).toBe(0)
})

test('place and size on the pad do not matter', () => {
  const moved = (by: number, scale: number): Stroke =>
    ring.map(({ x, y }: Point) => ({ x: x * scale + by, y: y * scale + by }))
  expect(pixelsOf([moved(0, 0.25)])).toEqual(pixelsOf([ring]))
  expect(pixelsOf([moved(-0.125, 1)])).toEqual(pixelsOf([ring]))
})

test('a dot and a flat line stay in the middle and have finite sizes', () => {
  for (const strokes of [[line(0.1, 0.9)], [line(0.1, 0.5, 0.9, 0.5)]]) {
    const pixels = pixelsOf(strokes) as Uint8Array
    expect(sum(pixels)).toBeGreaterThan(10)
    expect([...pixels]).toEqual([...pixels].reverse())
  }
})
