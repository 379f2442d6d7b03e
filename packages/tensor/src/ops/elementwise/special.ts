// Special functions: the error function's kin, the gamma function's, logit and sinc.
// Integers and bool promote to float32. Results of float32 are rounded once from float64.
import { run } from '../../backend/launch.ts'
import { family } from '../../backend/specialKernels.ts'
import { checkOptions, requireWhole } from '../../options.ts'
import { defineOp, type Gradient, type TensorLike } from '../../record.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { dense } from '../shape/contiguous.ts'
import { clamp } from './clamp.ts'
import { type Unary, unaryOp } from './elementwise.ts'
import { floating } from './rules.ts'

const special = (name: string, weight: number, grad: Gradient<void>): Unary =>
  unaryOp(name, { kernels: family(name), cast: floating, weight, grad })

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
 * import { tensor } from '@x/tensor'
 * import { polygamma } from '@x/tensor/special'
 * polygamma(1, tensor(1)).item() // π²/6 = 1.6449340581893921 in float32
 */
export function polygamma(n: number, x: TensorLike): Tensor {
  requireWhole('polygamma', 'n', n, 0)
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
