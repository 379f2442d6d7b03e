// Arrays of other libraries, in and out.
import { expect, test } from 'vitest'
import * as x from './index.ts'
import { assertNoLeak } from './testing.ts'

/** The elements that a strided array describes, in row-major order. */
function elementsOf({ data, shape, strides, offset }: Required<x.Strided>): unknown[] {
  const walk = (d: number, at: number): unknown[] =>
    d === shape.length
      ? [data[at]]
      : Array.from({ length: shape[d] }, (_, i) => walk(d + 1, at + i * strides[d])).flat()
  return walk(0, offset)
}

test('out and in again, whatever the view and the dtype', () => {
  for (const dtype of ['float32', 'float64', 'int32', 'int64', 'uint8', 'int8', 'int16', 'bool', 'float16'] as const) {
    const whole = x.arange(24).cast(dtype).reshape([2, 3, 4])
    for (const view of [
      whole,
      whole.mT,
      whole.at(1, x.slice(null, null, -1)),
      whole.at(0, 0, 0),
      whole.flip().at('...', x.slice(1)),
    ]) {
      const array = x.toStrided(view)
      expect(array).toMatchObject({ dtype, shape: view.shape, strides: view.strides, offset: view.offset })
      if (dtype !== 'float16') expect(elementsOf(array)).toEqual([...view.data<Float32Array>()])
      const back = x.fromStrided(array)
      expect(back.dtype).toBe(dtype)
      expect(back.toArray()).toEqual(view.toArray())
      expect(back.storage).not.toBe(view.storage)
    }
  }
})

test('nothing is copied on the way out, and a write is seen', () => {
  const y = x.arange(6).reshape([2, 3])
  const { data, offset, strides } = x.toStrided(y.at(1))
  data[offset + 2 * strides[0]] = 50
  expect(y.toArray()).toEqual([
    [0, 1, 2],
    [3, 4, 50],
  ])
})

test('defaults: row-major, from the start, the dtype of the array', () => {
  const y = x.fromStrided({ data: new Int32Array([1, 2, 3, 4, 5, 6, 7]), shape: [2, 3] })
  expect(y.dtype).toBe('int32')
  expect(y.toArray()).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ])
  expect(x.fromStrided({ data: new BigInt64Array([3n]), shape: [] }).dtype).toBe('int64')
  expect(x.fromStrided({ data: new Float32Array(0), shape: [0, 3], offset: 9 }).shape).toEqual([0, 3])
  expect(x.fromStrided({ data: new Float32Array([7]), shape: [2, 2], strides: [0, 0] }).toArray()).toEqual([
    [7, 7],
    [7, 7],
  ])
})

test('misuse', () => {
  const data = new Float32Array(6)
  const cases: [x.Strided, new (...args: never[]) => Error, string][] = [
    [{ data, shape: [2, 3], strides: [3] }, x.ShapeError, 'strides [3] and offset 0 do not belong to [2, 3]'],
    [{ data, shape: [7] }, RangeError, 'elements 0 to 6 do not lie in data of length 6'],
    [{ data, shape: [2, 3], strides: [-3, 1] }, RangeError, 'elements -3 to 2'],
    [{ data, shape: [2], dtype: 'int32' }, x.DTypeError, 'int32 lies in a Int32Array, not in a Float32Array'],
    [{ data: [1] as never, shape: [1] }, x.DTypeError, 'does not tell its dtype'],
    [{ data: new Uint16Array(1), shape: [1] }, x.DTypeError, 'a Uint16Array does not tell its dtype'],
    [{ data, shape: [2], order: 'F' } as never, RangeError, "there is no option 'order'"],
  ]
  for (const [array, kind, text] of cases) {
    assertNoLeak('fromStrided', () => {
      expect(() => x.fromStrided(array)).toThrow(kind)
      expect(() => x.fromStrided(array)).toThrow(text)
    })
  }
  const gone = x.ones([2])
  gone.dispose()
  expect(() => x.toStrided(gone)).toThrow(x.DisposedError)
})
