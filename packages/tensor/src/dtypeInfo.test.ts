import { expect, test } from 'vitest'
import { canCast, finfo, iinfo, isdtype, nextafter, tensor } from './index.ts'

test('limits of floats', () => {
  expect(finfo('float16')).toEqual({
    dtype: 'float16',
    bits: 16,
    eps: 2 ** -10,
    max: 65504,
    min: -65504,
    smallestNormal: 2 ** -14,
  })
  expect(finfo('float64').max).toBe(Number.MAX_VALUE)
  expect(finfo('float64').eps).toBe(Number.EPSILON)
  const { max, eps } = finfo(tensor([1]))
  expect(nextafter(tensor([Infinity, 1]), tensor([0, 2])).toArray()).toEqual([max, 1 + eps])
  expect(finfo('bfloat16').max).toBe(tensor(3.38953139e38).cast('bfloat16').item())
  expect(() => finfo('int32')).toThrow('finfo: int32 is not floating')
})

test('limits of integers', () => {
  expect(iinfo('uint8')).toEqual({ dtype: 'uint8', bits: 8, max: 255, min: 0 })
  expect(iinfo('int32')).toEqual({ dtype: 'int32', bits: 32, max: 2147483647, min: -2147483648 })
  expect(iinfo('int64').max).toBe(9223372036854775807n)
  expect(() => iinfo('bool')).toThrow('iinfo: bool is not an integer dtype')
})

test('kinds of dtypes, and what may become what', () => {
  expect(isdtype('uint8', 'unsigned integer')).toBe(true)
  expect(isdtype('int8', ['bool', 'signed integer'])).toBe(true)
  expect(isdtype('bool', 'numeric')).toBe(false)
  expect(isdtype('float16', ['float32', 'real floating'])).toBe(true)
  expect(() => isdtype('float16', 'floating')).toThrow("isdtype: 'floating' is neither a dtype nor a kind")
  expect(canCast('uint8', 'int16')).toBe(true)
  expect(canCast('int32', 'int16')).toBe(false)
})
