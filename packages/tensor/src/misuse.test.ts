// Slips that plain JavaScript lets through to run time: each is named, none leaves anything behind.
import { expect, test } from 'vitest'
import { lpPool1d } from './conv.ts'
import * as x from './index.ts'
import { luSolve, matrixNorm, tensorinv, tensorsolve } from './linalg.ts'
import * as files from './safetensors.ts'
import { quantile } from './statistics.ts'

const a = x.ones([2, 3])
const any = a as unknown as Record<string, (...args: unknown[]) => unknown>

test.each<[string, () => unknown, new (...args: never[]) => Error, string]>([
  ['slice', () => x.slice(Number.NaN, 1), RangeError, 'slice: NaN is not a whole number or null'],
  ['a string as index', () => any.at('1'), TypeError, 'at: index is a string, not a position, slice'],
  ['a floating tensor as index', () => any.at(x.tensor([0])), x.DTypeError, 'at: index has dtype float32'],
  ['a position beyond int32', () => a.at(x.tensor([2 ** 32], { dtype: 'int64' })), RangeError, 'at: index 2147483647'],
  ['a truth value as index', () => any.at(true), TypeError, 'at: index is a boolean, not a position, slice'],
  ['an unknown option', () => x.scatter(a, a, 1, { dim: 1 } as never), RangeError, "no option 'dim'; there is axis"],
  [
    'a tensor as options',
    () => x.zerosLike(a, a as never),
    TypeError,
    'zerosLike: options are { dtype }, not a tensor',
  ],
  ['options of another kind', () => x.indexPut(a, 0, 1, true as never), TypeError, 'options are { accumulate }'],
  ['a number as shape', () => x.zeros(3 as never), x.ShapeError, 'shape 3 is not a list of lengths'],
  ['lengths as arguments', () => any.reshape(3, 2), x.ShapeError, 'reshape: shape 3 is not a list'],
  ['a dtype alone', () => x.zeros([2], 'float64' as never), TypeError, 'zeros: options are { dtype }'],
  ['keepdim', () => any.sum(1, { keepdim: true }), RangeError, "sum: there is no option 'keepdim'; there is keepdims"],
  ['an axis as text', () => any.sum('0'), x.ShapeError, 'sum: axis is a string, not a number'],
  ['an axis of null', () => x.softmax(a, null as never), x.ShapeError, 'softmax: axis is null, not a number'],
  ['null for the most', () => x.topk(a, 1, null as never), x.ShapeError, 'topk: axis is null, not a number'],
  ['a median along null', () => x.medianWithIndices(a, null as never), x.ShapeError, 'axis is null, not a number'],
  [
    'gather without an axis',
    () => x.gather(a, x.zeros([2, 3], { dtype: 'int32' }), undefined as never),
    x.ShapeError,
    'gather: axis is undefined, not a number',
  ],
  ['null as new axis', () => x.expandDims(a, null as never), x.ShapeError, 'expandDims: axis is null, not a number'],
  ['a dtype of null', () => x.zerosLike(a, { dtype: null as never }), x.DTypeError, "zerosLike: unknown dtype 'null'"],
  ['concat without list', () => x.concat(a as never), TypeError, 'concat: xs is a tensor, not a list'],
  ['text in a product', () => any.matmul('x'), TypeError, 'matmul: b is a string, not a tensor'],
  [
    'saving no tensors',
    () => files.saveSafetensors({ training: true } as never),
    TypeError,
    "'training' is not a tensor",
  ],
  ['loading a name', () => files.loadSafetensors('file' as never), TypeError, 'give the bytes of a file'],
])('%s', (_, run, kind, text) => {
  expect(run).toThrow(kind)
  expect(run).toThrow(text)
  expect(Number.isFinite(x.memoryStats().bytes)).toBe(true)
})

const none = null as never

test.each<[string, () => unknown, new (...args: never[]) => Error, string]>([
  ['sum', () => x.sum(none), TypeError, 'sum: x is null, not a tensor'],
  ['softmax', () => x.softmax(undefined as never), TypeError, 'softmax: x is undefined, not a tensor'],
  ['argmax', () => x.argmax([1] as never), TypeError, 'argmax: x is an array, not a tensor'],
  ['reshape', () => x.reshape(none, [1]), TypeError, 'reshape: x is null'],
  ['squeeze', () => x.squeeze(none), TypeError, 'squeeze: x is null'],
  ['unsqueeze', () => x.unsqueeze(none, 0), TypeError, 'unsqueeze: x is null'],
  ['transpose', () => x.transpose(none), TypeError, 'transpose: x is null'],
  ['permute', () => any.permute(1, 0), TypeError, 'permute: axes is a number, not a list'],
  ['expand', () => x.expand(a, none), TypeError, 'expand: shape is null, not a list'],
  ['broadcastTo', () => x.broadcastTo(a, 3 as never), TypeError, 'broadcastTo: shape is a number, not a list'],
  ['tile', () => x.tile(none, 2), TypeError, 'tile: x is null'],
  ['repeat', () => x.repeat(a, 2 as never), TypeError, 'repeat: counts is a number, not a list'],
  ['split', () => x.split(a, '2' as never), RangeError, "split: size '2' is not a whole number ≥ 1"],
  ['stack', () => x.stack(a as never), TypeError, 'stack: xs is a tensor, not a list'],
  ['stack of none', () => x.stack([]), x.ShapeError, 'stack: needs at least one tensor'],
  ['concat', () => x.concat([a, none]), TypeError, 'concat: x1 is null, not a tensor'],
  ['hstack', () => x.hstack([[1]] as never), TypeError, 'hstack: x0 is an array, not a tensor'],
  ['vstack', () => x.vstack(none), TypeError, 'vstack: xs is null, not a list'],
  ['where', () => x.where(true as never, a, a), TypeError, 'where: condition is a boolean, not a tensor'],
  ['where of one', () => x.where(a, 1, undefined as never), TypeError, 'where: b is undefined, not a tensor'],
  ['clamp', () => x.clamp(a, undefined as never), TypeError, 'clamp: there is no bound'],
  ['isnan', () => x.isnan(none), TypeError, 'isnan: x is null'],
  ['equal', () => x.equal(a, none), TypeError, 'equal: b is null'],
  ['full', () => x.full([2], undefined as never), TypeError, 'full: value is undefined, not a number'],
  ['full of text', () => x.full([2], '1' as never), TypeError, 'full: value is a string, not a number'],
  ['ones', () => x.ones([2], none), TypeError, 'ones: options are { dtype }, not null'],
  ['zerosLike', () => x.zerosLike(none), TypeError, 'zerosLike: x is null'],
  ['arange', () => x.arange('5' as never), TypeError, 'arange: stop is a string, not a number'],
  ['linspace', () => x.linspace(none, 1, 2), TypeError, 'linspace: start is null, not a number'],
  ['oneHot', () => x.oneHot(x.tensor([0], { dtype: 'int32' }), 2, { dim: 1 } as never), RangeError, "no option 'dim'"],
  ['vecdot', () => x.vecdot(a, a, { dim: 1 } as never), RangeError, "vecdot: there is no option 'dim'; there is axis"],
  ['null among values', () => x.tensor([null] as never), TypeError, 'tensor: null among the values of shape [1]'],
  ['unsigned values', () => x.tensor(new Uint16Array(1) as never), TypeError, 'a Uint16Array has no dtype here'],
  ['contiguous', () => x.contiguous(none), TypeError, 'copy: x is null'],
  ['diagonal', () => x.diagonal(none), TypeError, 'diagonal: x is null'],
  ['diagEmbed', () => x.diagEmbed(none), TypeError, 'diagEmbed: x is null'],
  ['diag', () => x.diag(none), TypeError, 'diag: x is null'],
  ['tril', () => x.tril(none), TypeError, 'tril: x is null'],
  ['vander', () => x.vander(none), TypeError, 'vander: x is null'],
  ['cartesianProd', () => x.cartesianProd(a.reshape([6]), none), TypeError, 'cartesianProd: x1 is null'],
  ['pad', () => x.pad(none, 1), TypeError, 'pad: x is null'],
  ['nanToNum', () => x.nanToNum(none), TypeError, 'nanToNum: x is null'],
  ['isclose', () => x.isclose(a, 1 as never), TypeError, 'isclose: b is a number, not a tensor'],
  ['lerp', () => x.lerp(a, none, 0.5), TypeError, 'lerp: b is null'],
  ['lerp without weight', () => x.lerp(a, a, none), TypeError, 'lerp: weight is null'],
  ['scatter', () => x.scatter(a, x.zeros([1, 1], { dtype: 'int32' }), none), TypeError, 'scatter: src is null'],
  ['indexFill', () => x.indexFill(a, x.zeros([1], { dtype: 'int32' }), none), TypeError, 'indexFill: value is null'],
  ['lexsort', () => x.lexsort(a as never), TypeError, 'lexsort: keys is a tensor, not a list'],
  ['movedim', () => x.movedim(a, none, 0), TypeError, 'movedim: axes is null, not a list'],
  ['unflatten', () => x.unflatten(a, 1, 3 as never), TypeError, 'unflatten: sizes is a number, not a list'],
  ['rot90', () => x.rot90(a, 1, none), TypeError, 'rot90: axes is null, not a list'],
  ['roll', () => x.roll(a, none, 0), TypeError, 'roll: shift is null, not a list'],
  ['roll along', () => x.roll(a, 1, '0' as never), TypeError, 'roll: axis is a string, not a list'],
  ['broadcastShapes', () => x.broadcastShapes([2], none), x.ShapeError, 'broadcastShapes: shape null is not a list'],
  ['trapezoid', () => x.trapezoid(a, none), TypeError, 'trapezoid: x is null'],
  ['tidy', () => x.tidy(a as never), TypeError, 'tidy: fn is a tensor, not a function'],
  ['keep', () => x.keep(none), TypeError, 'keep: x is null'],
  ['toStrided', () => x.toStrided(none), TypeError, 'toStrided: x is null'],
  ['quantile', () => quantile(a, none), TypeError, 'quantile: q is null, not a list'],
  ['tensorinv', () => tensorinv(none), TypeError, 'tensorinv: a is null'],
  ['tensorsolve', () => tensorsolve(a, none), TypeError, 'tensorsolve: b is null'],
  ['luSolve', () => luSolve(none, a), TypeError, 'luSolve: LU is undefined'],
  ['matrixNorm', () => matrixNorm(a, 'fro', none), TypeError, 'matrixNorm: axis is null, not a list'],
  ['lpPool1d', () => lpPool1d(none, 2, 1), TypeError, 'lpPool1d: x is null'],
])('%s says what it was given', (_, run, kind, text) => {
  expect(run).toThrow(kind)
  expect(run).toThrow(text)
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
  expect(() => t.sum(t as never)).toThrow('sum: axis is a tensor, not a number')
  expect(JSON.stringify(t)).toBe('{"dtype":"float32","shape":[1,3],"values":[[1,2,3]]}')
  expect(t.T.shape).toEqual([3, 1])
  expect(() => x.setBackend('js' as never)).toThrow("'js' is neither 'wasm' nor a table")
})

test('what walks over the properties of a tensor does not meet its methods, nor transposes without end', () => {
  const names: string[] = []
  for (const name in a) names.push(name)
  expect(names).toEqual(Object.keys(a))
})
