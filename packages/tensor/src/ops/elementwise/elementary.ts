// Elementary functions beyond the most common: logarithms to other bases, trigonometry, hyperbolic functions.
// Integers and bool promote to float32. Results of float32 are rounded once from float64.
import { family } from '../../backend/elementaryKernels.ts'
import type { Gradient } from '../../record.ts'
import type { Tensor } from '../../tensor.ts'
import { mul } from './binary.ts'
import { type Unary, unaryOp } from './elementwise.ts'
import { floating } from './rules.ts'

const elementary = (name: string, weight: number, grad: Gradient<void>): Unary =>
  unaryOp(name, { kernels: family(name), cast: floating, weight, grad })

/** 2ˣ. */
export const exp2: Unary = elementary('exp2', 8, ({ y, dy }) => dy.mul(y).mul(Math.LN2))
/** Logarithm to base 2, exact for powers of 2. */
export const log2: Unary = elementary('log2', 12, ({ x, dy }) => dy.div(x).mul(Math.LOG2E))
/** Logarithm to base 10, exact for powers of 10. */
export const log10: Unary = elementary('log10', 12, ({ x, dy }) => dy.div(x).mul(Math.LOG10E))

/** Tangent of x in radians. */
export const tan: Unary = elementary('tan', 24, ({ y, dy }) => dy.mul(y.square().add(1)))
/** The angle in [−π/2, π/2] whose sine is x; NaN beyond ±1. */
export const asin: Unary = elementary('asin', 16, ({ x, dy }) => dy.mul(leg(x)))
/** The angle in [0, π] whose cosine is x; NaN beyond ±1. */
export const acos: Unary = elementary('acos', 16, ({ x, dy }) => dy.mul(leg(x)).neg())
/** The angle in (−π/2, π/2) whose tangent is x. */
export const atan: Unary = elementary('atan', 14, ({ x, dy }) => dy.div(x.square().add(1)))
/** 1/√(1 − x²). */
const leg = (x: Tensor): Tensor => x.square().neg().add(1).rsqrt()

/** (eˣ − e⁻ˣ) / 2. */
export const sinh: Unary = elementary('sinh', 24, ({ x, dy }) => dy.mul(cosh(x)))
/** (eˣ + e⁻ˣ) / 2. */
export const cosh: Unary = elementary('cosh', 24, ({ x, dy }) => dy.mul(sinh(x)))
/** ln(x + √(x² + 1)), the inverse of sinh. */
export const asinh: Unary = elementary('asinh', 20, ({ x, dy }) => dy.mul(x.square().add(1).rsqrt()))
/** ln(x + √(x² − 1)), the inverse of cosh; NaN below 1. */
export const acosh: Unary = elementary('acosh', 20, ({ x, dy }) => dy.mul(x.square().sub(1).rsqrt()))
/** ½ ln((1 + x)/(1 − x)), the inverse of tanh; NaN beyond ±1. */
export const atanh: Unary = elementary('atanh', 16, ({ x, dy }) => dy.div(x.square().neg().add(1)))

/** Degrees as radians, x · π/180. */
export const deg2rad: Unary = (x) => mul(x, Math.PI / 180)
/** Radians as degrees, x · 180/π. */
export const rad2deg: Unary = (x) => mul(x, 180 / Math.PI)
