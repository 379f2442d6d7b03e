// Slips that plain JavaScript lets through to run time: each is named, none leaves anything behind.
import { expect, test } from 'vitest'
import * as x from './index.ts'

const a = x.ones([2, 3])
const any = a as unknown as Record<string, (...args: unknown[]) => unknown>

test.each<[string, () => unknown, new (...args: never[]) => Error, string]>([
  ['slice', () => x.slice(Number.NaN, 1), RangeError, 'slice: NaN is not a whole number or null'],
  ['a string as index', () => any.at('1'), TypeError, 'at: string is no index'],
  ['a floating tensor as index', () => any.at(x.tensor([0])), x.DTypeError, 'at: index has dtype float32'],
  ['a position beyond int32', () => a.at(x.tensor([2 ** 32], { dtype: 'int64' })), RangeError, 'at: index 2147483647'],
  ['a truth value as index', () => any.at(true), TypeError, 'at: boolean is no index'],
  ['an unknown option', () => x.scatter(a, a, 1, { dim: 1 } as never), RangeError, "no option 'dim'; there is axis"],
  ['options of another kind', () => x.indexPut(a, 0, 1, true as never), TypeError, 'options are { accumulate }'],
  ['a number as shape', () => x.zeros(3 as never), x.ShapeError, 'shape 3 is not a list of lengths'],
  ['lengths as arguments', () => any.reshape(3, 2), x.ShapeError, 'reshape: shape 3 is not a list'],
  ['a dtype alone', () => x.zeros([2], 'float64' as never), TypeError, 'is not { dtype }'],
  ['keepdim', () => any.sum(1, { keepdim: true }), RangeError, "sum: there is no option 'keepdim'; there is keepdims"],
  ['an axis as text', () => any.sum('0'), x.ShapeError, 'sum: axis "0" is not a number'],
  ['concat without list', () => x.concat(a as never), TypeError, 'concat([a, b])'],
  ['text in a product', () => any.matmul('x'), TypeError, 'matmul: b is a string, not a tensor'],
  ['saving no tensors', () => x.saveSafetensors({ training: true } as never), TypeError, "'training' is not a tensor"],
  ['loading a name', () => x.loadSafetensors('file' as never), TypeError, 'give the bytes of a file'],
])('%s', (_, run, kind, text) => {
  expect(run).toThrow(kind)
  expect(run).toThrow(text)
  expect(Number.isFinite(x.memoryStats().bytes)).toBe(true)
})

test('a tensor keeps its shape whatever becomes of the array it was given', () => {
  for (const make of [
    x.zeros,
    x.randn,
    (s: number[]) => x.ones([6]).reshape(s),
    (s: number[]) => x.tensor(new Float32Array(6), { shape: s }),
  ]) {
    const shape = [2, 3]
    const made = make(shape)
    shape[0] = 100
    expect(made.shape).toEqual([2, 3])
    expect(() => {
      ;(made.shape as number[])[0] = 100
    }).toThrow(TypeError)
  }
})
