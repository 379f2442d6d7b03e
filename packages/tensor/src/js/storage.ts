// cast_S_D(x, y, begin, end) of the dtypes that are only stored, from and to those that compute: y[i] = x[i] as D.
import type { KernelFunction } from '../backend/kernels.ts'
import { BFLOAT16, FLOAT16, fromHalf, type HalfFormat, toHalf } from '../half.ts'
import { heap } from '../memory/heap.ts'
import type { Twins } from './family.ts'

function fromHalves(format: HalfFormat): KernelFunction {
  return (x, y, begin, end) => {
    const { u16, f32 } = heap
    for (let i = begin; i < end; i++) f32[(y >>> 2) + i] = fromHalf(u16[(x >>> 1) + i], format)
  }
}

function toHalves(from: 'f32' | 'f64', format: HalfFormat): KernelFunction {
  const shift = from === 'f32' ? 2 : 3
  return (x, y, begin, end) => {
    const { u16, [from]: source } = heap
    for (let i = begin; i < end; i++) u16[(y >>> 1) + i] = toHalf(source[(x >>> shift) + i], format)
  }
}

/** Conversions that are those of typed arrays of numbers, which wrap. */
function convert(from: 'i8' | 'i16' | 'i32', to: 'i8' | 'i16' | 'i32'): KernelFunction {
  return (x, y, begin, end) => {
    const source = heap[from]
    const target = heap[to]
    x /= source.BYTES_PER_ELEMENT
    target.set(source.subarray(x + begin, x + end), y / target.BYTES_PER_ELEMENT + begin)
  }
}

function fromBig(to: 'i32' | 'f32' | 'f64' | 'u8', of: (x: bigint) => number): KernelFunction {
  return (x, y, begin, end) => {
    const { i64, [to]: target } = heap
    y /= target.BYTES_PER_ELEMENT
    for (let i = begin; i < end; i++) target[y + i] = of(i64[(x >>> 3) + i])
  }
}

function toBig(from: 'i32' | 'f64', of: (x: number) => bigint): KernelFunction {
  return (x, y, begin, end) => {
    const { i64, [from]: source } = heap
    x /= source.BYTES_PER_ELEMENT
    for (let i = begin; i < end; i++) i64[(y >>> 3) + i] = of(source[x + i])
  }
}

const LEAST = -(2n ** 63n)

/** The nearest float32, halves to even: the bits below the 53 of a float64 are kept as one, which decides between halves. */
function toFloat32(x: bigint): number {
  const magnitude = x < 0n ? -x : x
  if (magnitude < 2n ** 53n) return Number(x)
  const top = Number((magnitude >> 12n) | BigInt((magnitude & 0xfffn) !== 0n)) * 4096
  return x < 0n ? -top : top
}

function truncate(x: number): bigint {
  if (Number.isNaN(x)) return 0n
  if (x >= 2 ** 63) return -LEAST - 1n
  return x < -(2 ** 63) ? LEAST : BigInt(Math.trunc(x))
}

export const storage: Twins = {
  cast_f16_f32: fromHalves(FLOAT16),
  cast_bf16_f32: fromHalves(BFLOAT16),
  cast_f32_f16: toHalves('f32', FLOAT16),
  cast_f64_f16: toHalves('f64', FLOAT16),
  cast_f32_bf16: toHalves('f32', BFLOAT16),
  cast_f64_bf16: toHalves('f64', BFLOAT16),
  cast_i8_i32: convert('i8', 'i32'),
  cast_i16_i32: convert('i16', 'i32'),
  cast_i32_i8: convert('i32', 'i8'),
  cast_i32_i16: convert('i32', 'i16'),
  cast_i64_i32: fromBig('i32', (x) => Number(BigInt.asIntN(32, x))),
  cast_i64_f32: fromBig('f32', toFloat32),
  cast_i64_f64: fromBig('f64', Number),
  cast_i64_bool: fromBig('u8', (x) => Number(x !== 0n)),
  cast_i32_i64: toBig('i32', BigInt),
  cast_f64_i64: toBig('f64', truncate),
}
