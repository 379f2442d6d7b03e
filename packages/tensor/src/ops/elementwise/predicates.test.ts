// Functions written with other ops: what kind of number, comparisons with tolerance, mixtures, rounding to decimals.
import { expect, test } from 'vitest'
import {
  addcdiv,
  addcmul,
  allclose,
  bitwiseNot,
  deg2rad,
  div,
  equal,
  fmax,
  frac,
  heaviside,
  isclose,
  isfinite,
  isinf,
  isnan,
  isneginf,
  isposinf,
  lerp,
  nanToNum,
  nextafter,
  positive,
  rad2deg,
  round,
  signbit,
  tensor,
} from '../../index.ts'
import { logit } from './special.ts'

const x = tensor([Number.NaN, Infinity, -Infinity, -0, 1.5])
const [t, f] = [true, false]

test('kinds of numbers', () => {
  expect(isnan(x).toArray()).toEqual([t, f, f, f, f])
  expect(isinf(x).toArray()).toEqual([f, t, t, f, f])
  expect(isfinite(x).toArray()).toEqual([f, f, f, t, t])
  expect(isposinf(x).toArray()).toEqual([f, t, f, f, f])
  expect(isneginf(x).toArray()).toEqual([f, f, t, f, f])
  expect(signbit(x.at(1)).toArray()).toBe(f)
  expect(signbit(tensor([-Infinity, -0, 0, -2])).toArray()).toEqual([t, t, f, t])
  const whole = tensor([-1, 2], { dtype: 'int32' })
  expect([isnan, isinf, isfinite, isposinf, isneginf, signbit].map((g) => g(whole).toArray())).toEqual([
    [f, f],
    [f, f],
    [t, t],
    [f, f],
    [f, f],
    [t, f],
  ])
})

test('nanToNum', () => {
  const largest = 2 ** 127 * (2 - 2 ** -23)
  expect(nanToNum(x).toArray()).toEqual([0, largest, -largest, -0, 1.5])
  expect(nanToNum(x, { nan: 7, posinf: 8, neginf: 9 }).toArray()).toEqual([7, 8, 9, -0, 1.5])
  expect(nanToNum(x.cast('float16')).at(1).item()).toBe(65504)
  expect(() => nanToNum(x, { inf: 1 } as object)).toThrow("nanToNum: there is no option 'inf'")
})

test('closeness and equality', () => {
  const a = tensor([1, 100, Number.NaN, Infinity])
  const b = tensor([1 + 5e-6, 100.1, Number.NaN, Infinity])
  expect(isclose(a, b).toArray()).toEqual([t, f, f, t])
  expect(isclose(a, b, { rtol: 1e-2, equalNan: true }).toArray()).toEqual([t, t, t, t])
  expect(allclose(a, b, { rtol: 1e-2, equalNan: true })).toBe(true)
  expect(allclose(a, b)).toBe(false)
  expect(isclose(tensor([1], { dtype: 'int32' }), tensor([1], { dtype: 'int64' })).toArray()).toEqual([t])
  expect(() => isclose(a, b, { rtol: -1 })).toThrow('isclose: rtol -1')
  expect(equal(tensor([1, 2]), tensor([1, 2]))).toBe(true)
  expect(equal(tensor([1, 2]), tensor([1, 3]))).toBe(false)
  expect(equal(tensor([1, 1]), tensor(1))).toBe(false)
})

test('mixtures', () => {
  const [a, b] = [tensor([1, 2]), tensor([3, 8])]
  expect(lerp(a, b, 0.25).toArray()).toEqual([1.5, 3.5])
  expect(lerp(a, b, tensor([0, 1])).toArray()).toEqual([1, 8])
  expect(addcmul(a, a, b, { value: 2 }).toArray()).toEqual([7, 34])
  expect(addcdiv(a, b, a).toArray()).toEqual([4, 6])
  expect(() => addcmul(a, a, b, { alpha: 2 } as object)).toThrow("there is no option 'alpha'")
})

test('rounding to decimals', () => {
  const y = tensor([1234.5678, -0.125, 2.5], { dtype: 'float64' })
  expect(round(y, { decimals: 2 }).toArray()).toEqual([1234.57, -0.12, 2.5])
  expect(y.round({ decimals: -2 }).toArray()).toEqual([1200, -0, 0])
  expect(round(tensor([15, 25], { dtype: 'int32' }), { decimals: -1 }).toArray()).toEqual([20, 20])
  const whole = tensor([15], { dtype: 'int32' })
  expect([round(whole), whole.floor(), whole.trunc()].map((r) => r.dtype)).toEqual(['int32', 'int32', 'int32'])
  expect(() => round(y, { decimals: 0.5 })).toThrow('round: decimals 0.5 is not a whole number')
})

test('small things', () => {
  expect(positive(x)).toBe(x)
  expect(frac(tensor([1.25, -1.25])).toArray()).toEqual([0.25, -0.25])
  expect(bitwiseNot(tensor([0, 5], { dtype: 'uint8' })).toArray()).toEqual([255, 250])
  expect(bitwiseNot(tensor([true, false])).toArray()).toEqual([f, t])
  expect(rad2deg(deg2rad(tensor([90], { dtype: 'float64' }))).item()).toBeCloseTo(90, 12)
  expect(nextafter(tensor([1, 0]), 2).toArray()).toEqual([1 + 2 ** -23, 2 ** -149])
  expect(() => nextafter(x.cast('float16'), 2)).toThrow('nextafter: float16 is only stored')
  const whole = tensor([-1, 0, 1], { dtype: 'int32' })
  expect([fmax(whole, 0).dtype, heaviside(whole, 7).dtype]).toEqual(['int32', 'int32'])
  expect(heaviside(whole, 7).toArray()).toEqual([0, 7, 1])
  expect(logit(tensor([0, 1], { dtype: 'float64' }), { eps: 0.5 }).toArray()).toEqual([0, 0])
  expect(() => logit(x, { eps: 2 })).toThrow('logit: eps 2 is not in [0, 0.5]')
  expect(() => div(x, 2, { roundingMode: 'ceil' as 'floor' })).toThrow("div: roundingMode 'ceil'")
  expect(() => div(x, 2, { rounding: 'floor' } as object)).toThrow("div: there is no option 'rounding'")
})
