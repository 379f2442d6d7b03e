// The dtypes that are only stored: exact casts, arithmetic with PyTorch's results and dtypes, reading, and where dtypes meet.
import { afterAll, describe, expect, test } from 'vitest'
import type { DType } from '../../dtype.ts'
import {
  arange,
  concat,
  DTypeError,
  floorDivide,
  full,
  gather,
  pad,
  pow,
  promoteTypes,
  remainder,
  resultType,
  setBackend,
  slice,
  sub,
  tensor,
  where,
  zeros,
} from '../../index.ts'
import { js } from '../../js/index.ts'
import { loadSafetensors, saveSafetensors } from '../../safetensors.ts'

const ALL: readonly DType[] = [
  'bool',
  'uint8',
  'int8',
  'int16',
  'int32',
  'int64',
  'float16',
  'bfloat16',
  'float32',
  'float64',
]

const MOST = 2n ** 63n - 1n
const bytesOf = (x: { data(): { buffer: ArrayBufferLike } }): Uint8Array => new Uint8Array(x.data().buffer)

describe.each(['wasm', 'js'] as const)('on %s', (backend) => {
  const on = (fn: () => void) => () => {
    if (backend === 'js') setBackend(js)
    try {
      fn()
    } finally {
      setBackend('wasm')
    }
  }

  test(
    'every float16 and bfloat16 comes back from float32 and float64',
    on(() => {
      const bits = new Uint8Array(Uint16Array.from({ length: 65536 }, (_, i) => i).buffer)
      for (const [dtype, name] of [
        ['float16', 'F16'],
        ['bfloat16', 'BF16'],
      ] as const) {
        const header = JSON.stringify({ x: { dtype: name, shape: [65536], data_offsets: [0, 131072] } }).padEnd(96)
        const file = new Uint8Array(8 + 96 + bits.length)
        new DataView(file.buffer).setBigUint64(0, 96n, true)
        file.set(new TextEncoder().encode(header), 8)
        file.set(bits, 104)
        const { x } = loadSafetensors(file).tensors
        expect(x.dtype).toBe(dtype)
        for (const wide of ['float32', 'float64'] as const) {
          const back = saveSafetensors({ x: x.cast(wide).cast(dtype) }).slice(-bits.length)
          const differing = new Uint16Array(back.buffer).findIndex((b, i) => b !== i && !Number.isNaN(x.at(i).item()))
          expect(differing).toBe(-1)
        }
      }
    }),
  )

  test(
    'halves are the nearest, halves to even, in one rounding',
    on(() => {
      const x = [65519.99, 65520, -65520, 2 ** -25, 2 ** -25 * 1.001, 1 + 2 ** -11, 1 + 3 * 2 ** -11, 1e300, -0, NaN]
      const x64 = tensor(x, { dtype: 'float64' })
      expect(x64.cast('float16').data()).toEqual(
        Float32Array.of(65504, Infinity, -Infinity, 0, 2 ** -24, 1, 1 + 2 ** -9, Infinity, -0, NaN),
      )
      // A detour by float32 would land on the half and then on the even side of it.
      const tricky = tensor(1 + 2 ** -8 + 2 ** -40, { dtype: 'float64' })
      expect(tricky.cast('bfloat16').item()).toBe(1 + 2 ** -7)
      expect(tricky.cast('float32').cast('bfloat16').item()).toBe(1)
      expect(tensor([3.4e38, 1e-40]).cast('bfloat16').data()).toEqual(
        Float32Array.of(Infinity, 2 ** -133 * Math.round(1e-40 * 2 ** 133)),
      )
    }),
  )

  test(
    'integers wrap, floats are cut off and saturate, int64 is exact',
    on(() => {
      const x = tensor([300, -129, 70000, -1], { dtype: 'int32' })
      expect(x.cast('int8').data()).toEqual(Int8Array.of(44, 127, 112, -1))
      expect(x.cast('int16').data()).toEqual(Int16Array.of(300, -129, 4464, -1))
      expect(x.cast('uint8').data()).toEqual(Uint8Array.of(44, 127, 112, 255))
      const y = tensor([2.9, -2.9, Infinity, -Infinity, NaN, 2 ** 40])
      expect(y.cast('int64').data()).toEqual(BigInt64Array.of(2n, -2n, MOST, -MOST - 1n, 0n, 2n ** 40n))
      const z = tensor([MOST, 2n ** 32n + 7n, 16777217n, 2n ** 60n + 2n ** 36n + 1n])
      expect(z.dtype).toBe('int64')
      expect(z.cast('int32').data()).toEqual(Int32Array.of(-1, 7, 16777217, 1))
      expect(z.cast('float32').data()).toEqual(Float32Array.of(2 ** 63, 2 ** 32, 16777216, 2 ** 60 + 2 ** 37))
      expect(z.cast('bool').toArray()).toEqual([true, true, true, true])
    }),
  )

  test.each(ALL)('%s is made, viewed, moved, compared and printed', (dtype) => {
    on(() => {
      const x = tensor(
        [
          [0, 1, 1],
          [1, 0, 1],
        ],
        { dtype },
      )
      const unit = dtype === 'bool' ? true : 1
      const zero = dtype === 'bool' ? false : 0
      expect(x.mT.copy().toArray()).toEqual([
        [zero, unit],
        [unit, zero],
        [unit, unit],
      ])
      expect(
        x
          .at(slice(null, null, -1), slice(1))
          .copy()
          .toArray(),
      ).toEqual([
        [zero, unit],
        [unit, unit],
      ])
      expect(concat([x, x], 1).shape).toEqual([2, 6])
      expect(concat([x, x], 1).dtype).toBe(dtype)
      expect(x.take(tensor([1], { dtype: 'int64' })).toArray()).toEqual([[unit, zero, unit]])
      expect(gather(x, tensor([[2], [0]], { dtype: 'int32' }), 1).toArray()).toEqual([[unit], [unit]])
      expect(where(tensor([true, false, true]), x, zeros([], { dtype })).toArray()).toEqual([
        [zero, zero, unit],
        [unit, zero, unit],
      ])
      expect(
        pad(x, [
          [0, 0],
          [1, 0],
        ]).toArray(),
      ).toEqual([
        [zero, zero, unit, unit],
        [zero, unit, zero, unit],
      ])
      expect(x.eq(x).all().item()).toBe(1)
      expect(full([2], 1, { dtype }).toArray()).toEqual([unit, unit])
      expect(arange(2, undefined, { dtype }).toArray()).toEqual([zero, unit])
      expect(x.max().toArray()).toBe(unit)
      expect(x.max().dtype).toBe(dtype)
      expect(String(x)).toContain(dtype === 'bool' ? 'alse' : dtype === 'float32' ? '0.' : dtype)
      const { x: loaded } = loadSafetensors(saveSafetensors({ x: x.mT })).tensors
      expect([loaded.dtype, loaded.toArray()]).toEqual([dtype, x.mT.toArray()])
    })()
  })

  test(
    'arithmetic wraps in the dtype of its operands',
    on(() => {
      const bytes = tensor([200, 7], { dtype: 'uint8' })
      expect(bytes.add(100).data()).toEqual(Uint8Array.of(44, 107))
      expect(bytes.mul(bytes).data()).toEqual(Uint8Array.of(64, 49))
      expect(bytes.neg().data()).toEqual(Uint8Array.of(56, 249))
      expect(sub(3, bytes).data()).toEqual(Uint8Array.of(59, 252))
      expect(tensor([-128], { dtype: 'int8' }).abs().data()).toEqual(Int8Array.of(-128))
      expect(tensor([30000], { dtype: 'int16' }).mul(3).data()).toEqual(Int16Array.of(24464))
      const big = tensor([MOST, -MOST])
      expect(big.add(1).data<BigInt64Array>()).toEqual(BigInt64Array.of(-MOST - 1n, -MOST + 1n))
      expect(big.mul(big).data<BigInt64Array>()).toEqual(BigInt64Array.of(1n, 1n))
      expect(big.sum().item()).toBe(0)
      expect(big.argmin().item()).toBe(1)
      expect(big.gt(tensor([MOST - 1n, -MOST])).toArray()).toEqual([true, false])
      expect(remainder(big, 10).data<BigInt64Array>()).toEqual(BigInt64Array.of(7n, 3n))
      expect(floorDivide(tensor([-MOST - 1n]), -1).data<BigInt64Array>()).toEqual(BigInt64Array.of(-MOST - 1n))
      expect(pow(tensor([3n, -2n]), 39).data<BigInt64Array>()).toEqual(BigInt64Array.of(3n ** 39n, -(2n ** 39n)))
      expect(pow(tensor([2], { dtype: 'int8' }), 7).data()).toEqual(Int8Array.of(-128))
    }),
  )

  test(
    'halves compute in float32 and are rounded back',
    on(() => {
      for (const dtype of ['float16', 'bfloat16'] as const) {
        const x = tensor([0.1, 1000, 3], { dtype })
        const exact = (f: (v: typeof x) => typeof x): number[] => f(x.cast('float32')).cast(dtype).toArray() as number[]
        expect([x.exp().dtype, x.add(1).dtype, x.mean().dtype]).toEqual([dtype, dtype, dtype])
        expect(x.mul(x).toArray()).toEqual(exact((v) => v.mul(v)))
        expect(x.softmax().toArray()).toEqual(exact((v) => v.softmax()))
        expect(x.sum().item()).toBe(exact((v) => v.sum().reshape([1]))[0])
      }
    }),
  )
})

afterAll(() => setBackend('wasm'))

test('bool counts as a number where numbers are asked for, and is refused where it has no sense', () => {
  const x = tensor([true, false])
  expect(x.add(x).toArray()).toEqual([true, false])
  expect(x.mul(x).toArray()).toEqual([true, false])
  expect(x.sum().item()).toBe(1)
  expect(x.add(1).toArray()).toEqual([2, 1])
  expect(() => x.neg()).toThrow(DTypeError)
  expect(() => x.sub(x)).toThrow('sub: bool has no sub; use logicalXor, or cast to an integer dtype')
})

test('reading int64: bigints as data, numbers where they are exact', () => {
  const x = tensor([1n, MOST])
  expect(x.data<BigInt64Array>()).toEqual(BigInt64Array.of(1n, MOST))
  expect(x.toArray()).toEqual([1, MOST])
  expect(x.at(0).item()).toBe(1)
  expect(() => x.at(1).item()).toThrow('item: 9223372036854775807 is beyond 2^53')
  expect(tensor([2 ** 53 + 2], { dtype: 'int64' }).data<BigInt64Array>()).toEqual(BigInt64Array.of(2n ** 53n + 2n))
})

test('dtypes of typed arrays', () => {
  expect(tensor(Int8Array.of(-1)).dtype).toBe('int8')
  expect(tensor(Int16Array.of(-1)).dtype).toBe('int16')
  expect(tensor(BigInt64Array.of(-1n)).dtype).toBe('int64')
  expect(tensor(BigInt64Array.of(-1n), { dtype: 'float16' }).toArray()).toEqual([-1])
  expect(bytesOf(tensor([1.5], { dtype: 'float64' }))).toHaveLength(8)
})

test('where dtypes meet', () => {
  expect(promoteTypes('uint8', 'int8')).toBe('int16')
  expect(promoteTypes('bfloat16', 'float16')).toBe('float32')
  expect(promoteTypes('float16', 'int64')).toBe('float16')
  expect(() => promoteTypes('float8' as DType, 'float8' as DType)).toThrow("promoteTypes: unknown dtype 'float8'")
  const bytes = zeros([2], { dtype: 'uint8' })
  expect(resultType(bytes, tensor(1000, { dtype: 'int32' }))).toBe('uint8')
  expect(resultType(bytes, tensor(1, { dtype: 'float64' }))).toBe('float64')
  expect(resultType(bytes, 1)).toBe('uint8')
  expect(resultType(bytes, 0.5)).toBe('float32')
  expect(resultType(zeros([2], { dtype: 'bool' }), 1)).toBe('int32')
  expect(resultType(zeros([2], { dtype: 'float16' }), 0.5)).toBe('float16')
  expect(resultType('int32', 'float64', 'uint8')).toBe('float64')
  expect(zeros([2]).add(tensor(1, { dtype: 'float64' })).dtype).toBe('float32')
  expect(() => resultType()).toThrow('resultType: give tensors')
})
