// Elementwise functions beyond the most common: logarithms to other bases, trigonometry, hyperbolic and special functions.
// Integers and bool promote to float32. Results of float32 are rounded once from float64.
import { run } from '../backend/launch.ts'
import { family } from '../backend/specialKernels.ts'
import { checkOptions } from '../options.ts'
import { defineOp, type Gradient, type TensorLike } from '../record.ts'
import { pointer, type Tensor } from '../tensor.ts'
import { mul } from './binary.ts'
import { clamp } from './clamp.ts'
import { dense } from './contiguous.ts'
import { type Unary, unaryOp } from './elementwise.ts'
import { floating } from './rules.ts'

const special = (name: string, weight: number, grad: Gradient<void>): Unary =>
  unaryOp(name, { kernels: family(name), cast: floating, weight, grad })

/** 2ˣ. */
export const exp2: Unary = special('exp2', 8, ({ y, dy }) => dy.mul(y).mul(Math.LN2))
/** Logarithm to base 2, exact for powers of 2. */
export const log2: Unary = special('log2', 12, ({ x, dy }) => dy.div(x).mul(Math.LOG2E))
/** Logarithm to base 10, exact for powers of 10. */
export const log10: Unary = special('log10', 12, ({ x, dy }) => dy.div(x).mul(Math.LOG10E))

/** Tangent of x in radians. */
export const tan: Unary = special('tan', 24, ({ y, dy }) => dy.mul(y.square().add(1)))
/** The angle in [−π/2, π/2] whose sine is x; NaN beyond ±1. */
export const asin: Unary = special('asin', 16, ({ x, dy }) => dy.mul(leg(x)))
/** The angle in [0, π] whose cosine is x; NaN beyond ±1. */
export const acos: Unary = special('acos', 16, ({ x, dy }) => dy.mul(leg(x)).neg())
/** The angle in (−π/2, π/2) whose tangent is x. */
export const atan: Unary = special('atan', 14, ({ x, dy }) => dy.div(x.square().add(1)))
/** 1/√(1 − x²). */
const leg = (x: Tensor): Tensor => x.square().neg().add(1).rsqrt()

/** (eˣ − e⁻ˣ) / 2. */
export const sinh: Unary = special('sinh', 24, ({ x, dy }) => dy.mul(cosh(x)))
/** (eˣ + e⁻ˣ) / 2. */
export const cosh: Unary = special('cosh', 24, ({ x, dy }) => dy.mul(sinh(x)))
/** ln(x + √(x² + 1)), the inverse of sinh. */
export const asinh: Unary = special('asinh', 20, ({ x, dy }) => dy.mul(x.square().add(1).rsqrt()))
/** ln(x + √(x² − 1)), the inverse of cosh; NaN below 1. */
export const acosh: Unary = special('acosh', 20, ({ x, dy }) => dy.mul(x.square().sub(1).rsqrt()))
/** ½ ln((1 + x)/(1 − x)), the inverse of tanh; NaN beyond ±1. */
export const atanh: Unary = special('atanh', 16, ({ x, dy }) => dy.div(x.square().neg().add(1)))

/** 1 − erf(x), to full relative precision in the upper tail. */
export const erfc: Unary = special('erfc', 24, ({ x, dy }) =>
  dy.mul(x.square().neg().exp()).mul(-2 / Math.sqrt(Math.PI)),
)
/** The inverse of erf: ±∞ at ±1, NaN beyond. */
export const erfinv: Unary = special('erfinv', 90, ({ y, dy }) => dy.mul(y.square().exp()).mul(Math.sqrt(Math.PI) / 2))
/** ln |Γ(x)|; ∞ at 0, −1, −2 … */
export const lgamma: Unary = special('lgamma', 40, ({ x, dy }) => dy.mul(digamma(x)))
/** ψ(x) = d ln Γ(x)/dx; NaN at −1, −2 …, ∓∞ at ±0. */
export const digamma: Unary = special('digamma', 40, ({ x, dy }) => dy.mul(polygamma(1, x)))

interface Zeta {
  readonly order: number
}

const zeta = family('zeta')
const polygammaOp = defineOp<Zeta>({
  name: 'polygamma',
  inputs: ['x'],
  cast: floating,
  shape: ([x]) => x.shape,
  launch: ([x], y, { order }) => {
    let scale = order % 2 === 0 ? -1 : 1
    for (let k = 2; k <= order; k++) scale *= k
    run(zeta[x.dtype], y.size, y.size * 120, pointer(dense(x)), pointer(y), order + 1, scale)
  },
  grad: { x: ({ x, dy }, { order }) => dy.mul(polygamma(order + 1, x)) },
})

/**
 * The derivative of order n of digamma, (−1)ⁿ⁺¹ n! Σ (x + k)^(−n−1); n = 0 is digamma itself.
 * @param n a whole number ≥ 0
 * @throws RangeError
 * @example
 * import { polygamma, tensor } from '@x/tensor'
 * polygamma(1, tensor(1)).item() // π²/6 = 1.6449340581893921 in float32
 */
export function polygamma(n: number, x: TensorLike): Tensor {
  if (!Number.isInteger(n) || n < 0) throw new RangeError(`polygamma: n ${n} is not a whole number ≥ 0`)
  return n === 0 ? digamma(x) : polygammaOp([x], { order: n })
}

const logitOf: Unary = special('logit', 24, ({ x, dy }) => {
  const inside = x.ge(0).logicalAnd(x.le(1))
  return inside.where(dy.div(x.mul(x.neg().add(1))), Number.NaN)
})

/**
 * ln(x / (1 − x)), the inverse of sigmoid; NaN outside of [0, 1].
 * @param options.eps keeps x within [eps, 1 − eps], 0 to ½. Default: x as it is
 * @throws RangeError
 */
export function logit(x: Tensor, options: { eps?: number } = {}): Tensor {
  checkOptions('logit', options, ['eps'])
  const { eps } = options
  if (eps === undefined) return logitOf(x)
  if (!(eps >= 0 && eps <= 0.5)) throw new RangeError(`logit: eps ${eps} is not in [0, 0.5]`)
  return logitOf(clamp(x, eps, 1 - eps))
}

/** sin(πx) / (πx), 1 at 0. */
export const sinc: Unary = special('sinc', 20, ({ x, y, dy }) => {
  const slope = x.mul(Math.PI).cos().sub(y).div(x)
  return dy.mul(x.eq(0).where(0, slope))
})

/** Degrees as radians, x · π/180. */
export const deg2rad: Unary = (x) => mul(x, Math.PI / 180)
/** Radians as degrees, x · 180/π. */
export const rad2deg: Unary = (x) => mul(x, 180 / Math.PI)
