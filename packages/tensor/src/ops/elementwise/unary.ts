// Elementwise functions of one tensor.
import { family } from '../../backend/tensorKernels.ts'
import { isFloating } from '../../dtype.ts'
import { optionsOf, requireWhole } from '../../options.ts'
import type { Gradient, TensorLike } from '../../record.ts'
import { Tensor } from '../../tensor.ts'
import { mul } from './binary.ts'
import { div } from './division.ts'
import { type Unary, unaryOp } from './elementwise.ts'
import { common, floating, numeric, toBool } from './rules.ts'

export type { Unary } from './elementwise.ts'

/** `cast`: `floating` for functions whose values have fractions, else one that keeps integers. */
function unary(name: string, weight: number, cast: typeof floating, grad: Gradient<void>): Unary {
  return unaryOp(name, { kernels: family(name), cast, weight, grad })
}

/** −x. @throws DTypeError for bool */
export const neg: Unary = unary('neg', 1, numeric('neg', 'use logicalNot, or cast to an integer dtype'), ({ dy }) =>
  dy.neg(),
)
/** |x|; the derivative at 0 is 0. */
export const abs: Unary = unary('abs', 1, common, ({ x, dy }) => dy.mul(x.sign()))
/** −1, 0 or 1 (0 for ±0, and for NaN as in PyTorch); the derivative is 0. */
export const sign: Unary = unary('sign', 1, common, ({ dy }) => dy.mul(0))
/** x². */
export const square: Unary = unary('square', 1, common, ({ x, dy }) => dy.mul(x).mul(2))
/** √x; NaN for negative x. */
export const sqrt: Unary = unary('sqrt', 2, floating, ({ y, dy }) => dy.div(y.mul(2)))
/** 1/√x. */
export const rsqrt: Unary = unary('rsqrt', 3, floating, ({ y, dy }) => dy.mul(y.mul(y).mul(y)).mul(-0.5))
/** 1/x. */
export const reciprocal: Unary = unary('reciprocal', 2, floating, ({ y, dy }) => dy.mul(y.square()).neg())
/** eˣ. */
export const exp: Unary = unary('exp', 8, floating, ({ y, dy }) => dy.mul(y))
/** Natural logarithm; NaN for negative x, −∞ at 0. */
export const log: Unary = unary('log', 10, floating, ({ x, dy }) => dy.div(x))
/** ln(1 + x), exact for small x. */
export const log1p: Unary = unary('log1p', 12, floating, ({ x, dy }) => dy.div(x.add(1)))
/** eˣ − 1, exact for small x. */
export const expm1: Unary = unary('expm1', 12, floating, ({ y, dy }) => dy.mul(y.add(1)))
/** Sine of x in radians. */
export const sin: Unary = unary('sin', 12, floating, ({ x, dy }) => dy.mul(x.cos()))
/** Cosine of x in radians. */
export const cos: Unary = unary('cos', 12, floating, ({ x, dy }) => dy.mul(x.sin()).neg())
/** Hyperbolic tangent. */
export const tanh: Unary = unary('tanh', 10, floating, ({ y, dy }) => dy.mul(y.square().neg().add(1)))
/** 1 / (1 + e⁻ˣ). */
export const sigmoid: Unary = unary('sigmoid', 10, floating, ({ y, dy }) => dy.mul(y).mul(y.neg().add(1)))
/** The error function 2/√π ∫₀ˣ e^(−t²) dt. */
export const erf: Unary = unary('erf', 14, floating, ({ x, dy }) =>
  dy.mul(x.square().neg().exp()).mul(2 / Math.sqrt(Math.PI)),
)
/** max(x, 0); the derivative at 0 is 0, at NaN 1. */
export const relu: Unary = unary('relu', 1, common, ({ y, dy }) => y.le(0).where(0, dy))

/**
 * x·Φ(x), with Φ the distribution function of the standard normal.
 * Source: Hendrycks and Gimpel 2016, arXiv:1606.08415.
 */
export const gelu: Unary = unary('gelu', 16, floating, ({ x, dy }) => {
  const cdf = x.mul(Math.SQRT1_2).erf().add(1).mul(0.5)
  const pdf = x
    .square()
    .mul(-0.5)
    .exp()
    .mul(1 / Math.sqrt(2 * Math.PI))
  return dy.mul(cdf.add(x.mul(pdf)))
})

const GELU_SCALE = Math.sqrt(2 / Math.PI)
const GELU_CUBE = 0.044715

/** The tanh form of GELU, ½x(1 + tanh(√(2/π)(x + 0.044715x³))), as GPT-2 uses it. */
export const geluTanh: Unary = unary('geluTanh', 14, floating, ({ x, dy }) => {
  const x2 = x.square()
  const t = x.mul(x2.mul(GELU_CUBE).add(1)).mul(GELU_SCALE).tanh()
  const slope = x2
    .mul(3 * GELU_CUBE)
    .add(1)
    .mul(GELU_SCALE)
  const sech2 = t.square().neg().add(1)
  return dy.mul(t.add(1).mul(0.5).add(x.mul(0.5).mul(sech2).mul(slope)))
})

/** A function to integers, which integers and bool are already. The derivative is 0. */
function rounding(name: string): Unary {
  const op = unary(name, 1, floating, ({ dy }) => dy.mul(0))
  return (x) => (x instanceof Tensor && !isFloating(x.dtype) ? x : op(x))
}

/** The largest integer ≤ x; integers stay what they are. */
export const floor: Unary = rounding('floor')
/** The smallest integer ≥ x. */
export const ceil: Unary = rounding('ceil')
/** The integer next to x toward 0. */
export const trunc: Unary = rounding('trunc')

const toInteger = rounding('round')
/**
 * The nearest integer, halves to even.
 * @param options.decimals digits after the point that are kept, or with a negative number zeros before it: x is
 *   rounded in units of 10^−decimals, as x · 10^decimals is. Default 0
 * @example
 * import { round, tensor } from '@x/tensor'
 * round(tensor([0.5, 1.5, 2.5])).toArray() // [0, 2, 2]
 * round(tensor([12.345], { dtype: 'float64' }), { decimals: 1 }).toArray() // [12.3]
 */
export function round(x: TensorLike, options?: { decimals?: number }): Tensor {
  const { decimals } = optionsOf('round', options, { decimals: 0 })
  requireWhole('round', 'decimals', decimals)
  const isWhole = x instanceof Tensor && !isFloating(x.dtype)
  if (decimals === 0 || (isWhole && decimals > 0)) return toInteger(x)
  const unit = 10 ** Math.abs(decimals)
  if (decimals > 0) return div(toInteger(mul(x, unit)), unit)
  const tens = toInteger(div(isWhole ? x.cast('float64') : x, unit)).mul(unit)
  return x instanceof Tensor ? tens.cast(x.dtype) : tens
}

/** Whether each element is zero (false). */
export const logicalNot: Unary = unaryOp('logicalNot', {
  kernels: family('logicalNot'),
  cast: toBool,
  native: ['bool'],
  grad: null,
})
