import { expect, test } from 'vitest'
import { heldOut } from './digits.ts'
import { bundledDigits, CLASSES } from './images.ts'

const all = bundledDigits()
const { train, test: held } = heldOut('digits', all)
const perClass = (labels: Uint8Array): number[] =>
  Array.from({ length: CLASSES }, (_, c) => labels.filter((label) => label === c).length)

test('the bundled digits are the 1,797 of scikit-learn', () => {
  // As its documentation counts them.
  expect(perClass(all.labels)).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
  expect([...all.pixels.subarray(0, 16)]).toEqual([0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0])
  expect(all.pixels.length).toBe(1797 * 64)
  expect(all.pixels.reduce((a, b) => a + b, 0)).toBe(561718)
  expect([...all.labels.subarray(-5)]).toEqual([9, 0, 8, 9, 8])
})

test('a fifth of every class is held out, the same images every time, none of them to learn from', () => {
  expect(perClass(held.labels)).toEqual([36, 36, 35, 37, 36, 36, 36, 36, 35, 36])
  expect(perClass(held.labels).map((n, c) => n + perClass(train.labels)[c])).toEqual(perClass(all.labels))
  expect(heldOut('again', all).test).toEqual(held)
  const image = (pixels: Uint8Array, n: number): string => pixels.subarray(n * 64, (n + 1) * 64).join()
  const learnt = new Set(Array.from(train.labels, (_, n) => image(train.pixels, n)))
  expect(Array.from(held.labels, (_, n) => image(held.pixels, n)).filter((text) => learnt.has(text))).toEqual([])
})
