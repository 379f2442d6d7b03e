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

test('creation refuses what it would have to change silently', () => {
  expect(() => x.tensor([1e12], { dtype: 'int32' })).toThrow('1000000000000 is beyond int32')
  expect(() => x.tensor([256], { dtype: 'uint8' })).toThrow(RangeError)
  expect(() => x.tensor([Number.NaN], { dtype: 'int64' })).toThrow('NaN is beyond int64')
  expect(() => x.full([1], -1, { dtype: 'uint8' })).toThrow('-1 is beyond uint8')
  expect(x.tensor([255.9], { dtype: 'uint8' }).toArray()).toEqual([255])
  expect(() => x.tensor([1], { dytpe: 'int32' } as never)).toThrow("no option 'dytpe'")
  expect(() => x.tensor([1], 'int32' as never)).toThrow('options are')
  expect(x.tensor([true, 5]).toArray()).toEqual([1, 5])
  expect(x.arange(3, { dtype: 'int32' }).toArray()).toEqual([0, 1, 2])
})

test('what looks like a number or an axis and is none says so', () => {
  const t = x.tensor([[1, 2, 3]])
  expect(() => (t as never as number) * 2).toThrow('no operators')
  expect(() => t.sum(t as never)).toThrow('axis of another kind is not a number')
  expect(JSON.stringify(t)).toBe('{"dtype":"float32","shape":[1,3],"values":[[1,2,3]]}')
  expect(t.T.shape).toEqual([3, 1])
  expect(() => x.setBackend('js' as never)).toThrow("'js' is neither 'wasm' nor a table")
})
