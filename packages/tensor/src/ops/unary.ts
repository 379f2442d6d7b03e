// Elementwise functions of one tensor.
import { run } from '../backend/launch.ts'
import { family } from '../backend/tensorKernels.ts'
import { defineOp, type Gradient, type TensorLike } from '../record.ts'
import { pointer, type Tensor } from '../tensor.ts'
import { dense } from './contiguous.ts'
import { arithmetic, floating, toBool } from './rules.ts'

/** An elementwise function: the result has the shape of `x`. */
export type Unary = (x: TensorLike) => Tensor

/**
 * @param weight steps per element, about 1 for an addition: decides when threads pay
 * @param cast `floating` for functions whose values have fractions, `arithmetic` where integers stay integers
 */
function unary(name: string, weight: number, cast: typeof floating, grad: Gradient<void> | null): Unary {
  const kernels = family(name)
  const op = defineOp<void>({
    name,
    inputs: ['x'],
    cast,
    shape: ([x]) => x.shape,
    launch: ([x], y) => {
      const n = y.size
      run(kernels[x.dtype], n, n * weight, pointer(dense(x)), pointer(y))
    },
    grad: grad && { x: grad },
  })
  return (x) => op([x], undefined)
}

/** −x. */
export const neg: Unary = unary('neg', 1, arithmetic, ({ dy }) => dy.neg())
/** |x|; the derivative at 0 is 0. */
export const abs: Unary = unary('abs', 1, arithmetic, ({ x, dy }) => dy.mul(x.sign()))
/** −1, 0 or 1 (0 for ±0, NaN for NaN); the derivative is 0. */
export const sign: Unary = unary('sign', 1, arithmetic, ({ dy }) => dy.mul(0))
/** x². */
export const square: Unary = unary('square', 1, arithmetic, ({ x, dy }) => dy.mul(x).mul(2))
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
export const relu: Unary = unary('relu', 1, arithmetic, ({ y, dy }) => y.le(0).where(0, dy))

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

/** The largest integer ≤ x. */
export const floor: Unary = unary('floor', 1, floating, ({ dy }) => dy.mul(0))
/** The smallest integer ≥ x. */
export const ceil: Unary = unary('ceil', 1, floating, ({ dy }) => dy.mul(0))
/** The nearest integer, halves to even. */
export const round: Unary = unary('round', 1, floating, ({ dy }) => dy.mul(0))

const not = family('logicalNot')
const logicalNotOp = defineOp<void>({
  name: 'logicalNot',
  inputs: ['x'],
  cast: toBool,
  shape: ([x]) => x.shape,
  launch: ([x], y) => run(not.bool, y.size, y.size, pointer(dense(x)), pointer(y)),
  grad: null,
})
/** Whether each element is zero (false). */
export const logicalNot: Unary = (x) => logicalNotOp([x], undefined)
