// What tensors look like as text: strings recorded from NumPy 2.4 (numpy.array2string with the same prefix), whose layout
// this is; the shape, the dtype and the words of booleans are our own.
import { afterEach, expect, test } from 'vitest'
import {
  arange,
  compile,
  type DType,
  getPrintOptions,
  setPrintOptions,
  type Tensor,
  tensor,
  type Values,
  zeros,
} from './index.ts'

const defaults = getPrintOptions()
afterEach(() => void setPrintOptions(defaults))

const { NaN: nan, POSITIVE_INFINITY: inf } = Number

test.each<[Values, DType, string]>([
  [3.25, 'float32', 'tensor(3.25)'],
  [-0, 'float32', 'tensor(-0.)'],
  [[0.1, 1 / 3, 12.456], 'float32', 'tensor([ 0.1       ,  0.33333334, 12.456     ])'],
  [[0.1, 1 / 3, 12.456], 'float64', 'tensor([ 0.1       ,  0.33333333, 12.456     ], dtype=float64)'],
  [[0.1, 1 / 3, 12.456], 'float16', 'tensor([ 0.1   ,  0.3333, 12.45  ], dtype=float16)'],
  [[2 ** -9, 3 * 2 ** -9, 1], 'float64', 'tensor([0.00195312, 0.00585938, 1.        ], dtype=float64)'],
  [[nan, inf, -inf, 1.5], 'float32', 'tensor([ nan,  inf, -inf,  1.5])'],
  [[nan, inf], 'float32', 'tensor([nan, inf])'],
  [[0, -0, 1e9], 'float32', 'tensor([ 0.e+00, -0.e+00,  1.e+09])'],
  [[1e-10, 1.2345679e-5], 'float32', 'tensor([1.0000000e-10, 1.2345679e-05])'],
  [[1e300, 1e-300], 'float64', 'tensor([1.e+300, 1.e-300], dtype=float64)'],
  [[999999, 1000], 'float32', 'tensor([999999.,   1000.])'],
  [[1234567, 0.5], 'float32', 'tensor([1.234567e+06, 5.000000e-01])'],
  [[1000.5, 2048], 'float16', 'tensor([1.0005e+03, 2.0480e+03], dtype=float16)'],
  [[1, -100, 30], 'int32', 'tensor([   1, -100,   30], dtype=int32)'],
  [[1n, -(2n ** 63n)], 'int64', 'tensor([                   1, -9223372036854775808], dtype=int64)'],
  [[true, false], 'bool', 'tensor([ true, false])'],
  [[], 'float32', 'tensor([])'],
  [[[], []], 'int8', 'tensor([], shape=[2, 0], dtype=int8)'],
])('%o as %s', (values, dtype, text) => {
  expect(String(tensor(values, { dtype }))).toBe(text)
})

test('rows are aligned, matrices apart, long rows broken', () => {
  expect(String(zeros([2, 1, 2]))).toBe('tensor([[[0., 0.]],\n\n        [[0., 0.]]])')
  expect(String(arange(12).reshape([3, 4]).mT)).toBe(
    'tensor([[ 0.,  4.,  8.],\n        [ 1.,  5.,  9.],\n        [ 2.,  6., 10.],\n        [ 3.,  7., 11.]])',
  )
  expect(String(arange(20))).toBe(
    'tensor([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12.,\n        13., 14., 15., 16., 17., 18., 19.])',
  )
})

test('more than 1000 elements are summarised', () => {
  expect(String(arange(1001, undefined, { dtype: 'int32' }))).toBe(
    'tensor([   0,    1,    2, ...,  998,  999, 1000],\n       shape=[1001], dtype=int32)',
  )
  expect(String(zeros([400, 4]))).toBe(
    `tensor([[0., 0., 0., 0.],\n${'        [0., 0., 0., 0.],\n'.repeat(2)}        ...,\n${'        [0., 0., 0., 0.],\n'.repeat(2)}        [0., 0., 0., 0.]], shape=[400, 4])`,
  )
  expect(String(zeros([1]).expand([100_000, 100_000])).length).toBeLessThan(600)
})

test('options change the layout, and come back', () => {
  const before = setPrintOptions({ precision: 3 })
  expect(String(tensor([1e-10, 0.1, 3.00000012]))).toBe('tensor([1.e-10, 1.e-01, 3.e+00])')
  expect(String(tensor([Math.PI, 1]))).toBe('tensor([3.142, 1.   ])')
  setPrintOptions({ ...before, suppress: true })
  expect(String(tensor([1e-20, 1, 2]))).toBe('tensor([0., 1., 2.])')
  expect(String(tensor([1e-5, 1, 2]))).toBe('tensor([0.00001, 1.     , 2.     ])')
  setPrintOptions({ ...before, precision: 0 })
  expect(String(tensor([0.5, 1.5, 2.5]))).toBe('tensor([0., 2., 2.])')
  setPrintOptions({ ...before, threshold: 4, edgeitems: 1 })
  expect(String(arange(5))).toBe('tensor([0., ..., 4.], shape=[5])')
  setPrintOptions({ ...before, linewidth: 20 })
  expect(String(arange(5))).toBe('tensor([0., 1., 2.,\n        3., 4.])')
  setPrintOptions(before)
  expect(getPrintOptions()).toEqual(defaults)
})

test('misuse is named', () => {
  expect(() => setPrintOptions({ edgeItems: 2 } as never)).toThrow(
    "there is no option 'edgeItems'; there are precision",
  )
  expect(() => setPrintOptions({ precision: -1 })).toThrow(RangeError)
  expect(() => setPrintOptions({ suppress: 1 as never })).toThrow('suppress cannot be 1')
  const x = tensor([1, 2])
  x.dispose()
  expect(String(x)).toBe('tensor(disposed, shape=[2])')
  expect(() => compile((x: Tensor) => x.add(String(x).length))(tensor([1]))).toThrow(
    'toString: values cannot be read inside a compiled',
  )
})

test('Node, Deno and notebooks show the same', () => {
  const x = tensor([1, 2]) as unknown as Record<symbol, () => unknown>
  expect(x[Symbol.for('nodejs.util.inspect.custom')]()).toBe('tensor([1., 2.])')
  expect(x[Symbol.for('Deno.customInspect')]()).toBe('tensor([1., 2.])')
  expect(x[Symbol.for('Jupyter.display')]()).toEqual({
    'text/plain': 'tensor([1., 2.])',
    'text/html': '<pre>tensor([1., 2.])</pre>',
  })
})
