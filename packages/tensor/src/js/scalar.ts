// The scalar functions that JavaScript's Math lacks.
import { erfc } from './erf.ts'

/** 1 / (1 + e⁻ˣ). Where the result would be subnormal in float64 (x < −709) it is 0. */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/** x Φ(x) with the normal distribution Φ(x) = erfc(−x/√2)/2, which keeps the left tail exact. */
export function gelu(x: number): number {
  return 0.5 * x * erfc(-x * Math.SQRT1_2)
}

const sqrt8OverPi = Math.sqrt(8 / Math.PI)

/** x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))), written with 1 + tanh(u) = 2 sigmoid(2u) for the left tail. */
export function geluTanh(x: number): number {
  return x / (1 + Math.exp(-sqrt8OverPi * (x + 0.044715 * x * x * x)))
}

/** The nearest integer, halves to the even one. */
export function roundHalfEven(x: number): number {
  const r = Math.round(x)
  return r - x === 0.5 && r % 2 !== 0 ? r - 1 : r
}

/** aᵇ of IEEE 754 and C: 1 to any power is 1, also NaN, and (−1)^±∞ is 1; Math.pow gives NaN for these. */
export function pow(a: number, b: number): number {
  if (a === 1 || (a === -1 && Math.abs(b) === Infinity)) return 1
  return a ** b
}
