// The 16-bit floats as bits: float16 (1 sign, 5 exponent, 10 fraction) and bfloat16 (1, 8, 7), which is half a float32.
import type { DType } from './dtype.ts'

/** A binary format of 16 bits, by the width of its fraction. */
export interface HalfFormat {
  readonly fraction: 10 | 7
  /** What is added to exponents, which is also the largest one. */
  readonly bias: 15 | 127
}

export const FLOAT16: HalfFormat = { fraction: 10, bias: 15 }
export const BFLOAT16: HalfFormat = { fraction: 7, bias: 127 }

/** The format of a dtype of two bytes; null for the others. */
export const formatOf = (dtype: DType): HalfFormat | null =>
  dtype === 'float16' ? FLOAT16 : dtype === 'bfloat16' ? BFLOAT16 : null

const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)

/** The bits of the nearest number, halves to even, infinities beyond the range; exact from float64 in one rounding. */
export function toHalf(x: number, { fraction, bias }: HalfFormat): number {
  double[0] = x
  const high = words[1]
  const sign = (high >>> 16) & 0x8000
  const infinity = (2 * bias + 1) << fraction
  if (Number.isNaN(x)) return infinity | (1 << (fraction - 1))
  const exponent = Math.max(((high >>> 20) & 0x7ff) - 1023, 1 - bias)
  if (exponent > bias) return sign | infinity
  // In units of the last place: at most 2 · 2^fraction, where the sum below carries into the exponent. Beside 2^52 there
  // is no room for fractions: float64 rounds them, halves to even.
  const rounded = Math.abs(x) * 2 ** (fraction - exponent) + 2 ** 52 - 2 ** 52
  return sign | (((exponent + bias - 1) << fraction) + rounded)
}

/** The number that the bits stand for. */
export function fromHalf(bits: number, { fraction, bias }: HalfFormat): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits & 0x7fff) >> fraction
  const rest = bits & ((1 << fraction) - 1)
  if (exponent === 2 * bias + 1) return rest ? Number.NaN : sign * Number.POSITIVE_INFINITY
  if (exponent === 0) return sign * rest * 2 ** (1 - bias - fraction)
  return sign * ((1 << fraction) + rest) * 2 ** (exponent - bias - fraction)
}
