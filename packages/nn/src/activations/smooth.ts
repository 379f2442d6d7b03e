// Activations with a smooth bend: exponential units, sigmoid's kin, gates.
import { ShapeError, slice, type Tensor } from '@x/tensor'
import { checkOptions, normalizeAxis, show } from '@x/tensor/op'
import { positive, tensorOf } from '../options.ts'
import { curve, log1pExp } from './curve.ts'

interface Exponential {
  readonly alpha: number
  readonly scale?: number
  /** What x is multiplied with in the exponent, and its value in the derivative. */
  readonly rate?: number
  readonly slopeRate?: number
}

/** scale·x for x > 0, scale·alpha·(e^(rate·x) − 1) elsewhere; at 0 the derivative is that from the left. */
function exponential(x: Tensor, { alpha, scale = 1, rate = 1, slopeRate = rate }: Exponential): Tensor {
  return curve(
    x,
    (x) => x.le(0).where(x.mul(rate).expm1().mul(alpha), x).mul(scale),
    (x) => {
      const left = x.le(0)
      const bent = left.where(x, 0).mul(slopeRate).exp()
      return left.where(bent.mul(alpha * slopeRate), 1).mul(scale)
    },
  )
}

/** Options of `elu` and `celu`. */
export interface EluOptions {
  /** −alpha is the limit for x → −∞. Default 1. */
  alpha?: number
}

/**
 * x where x > 0, alpha·(eˣ − 1) elsewhere.
 * Source: Clevert, Unterthiner and Hochreiter 2016, arXiv:1511.07289.
 * @throws RangeError for an option that there is not
 * @example
 * import { tensor } from '@x/tensor'
 * import { elu } from '@x/nn'
 * elu(tensor([-100, 0, 2]), { alpha: 0.5 }).toArray() // [-0.5, 0, 2]
 */
export function elu(x: Tensor, options: EluOptions = {}): Tensor {
  checkOptions('elu', options, ['alpha'])
  return exponential(tensorOf('elu', x), { alpha: options.alpha ?? 1 })
}

/**
 * 1.0507·elu(x) with alpha 1.67326, which keeps mean 0 and variance 1 from layer to layer.
 * Source: Klambauer et al. 2017, arXiv:1706.02515.
 * @example
 * import { tensor } from '@x/tensor'
 * import { selu } from '@x/nn'
 * selu(tensor(1)).item().toFixed(4) // '1.0507'
 */
export const selu = (x: Tensor): Tensor =>
  exponential(tensorOf('selu', x), { alpha: 1.6732632423543772, scale: 1.0507009873554805 })

/**
 * x where x > 0, alpha·(e^(x/alpha) − 1) elsewhere: an ELU with a continuous derivative for every alpha.
 * Source: Barron 2017, arXiv:1704.07483.
 * @throws RangeError for alpha 0
 * @example
 * import { tensor } from '@x/tensor'
 * import { celu } from '@x/nn'
 * celu(tensor([-100, 2]), { alpha: 2 }).toArray() // [-2, 2]
 */
export function celu(x: Tensor, options: EluOptions = {}): Tensor {
  checkOptions('celu', options, ['alpha'])
  const { alpha = 1 } = options
  if (alpha === 0) throw new RangeError('celu: alpha is 0')
  // PyTorch rounds alpha to float32 in the derivative.
  return exponential(tensorOf('celu', x), { alpha, rate: 1 / alpha, slopeRate: 1 / Math.fround(alpha) })
}

/**
 * x·σ(x), also called swish.
 * Source: Elfwing, Uchibe and Doya 2017, arXiv:1702.03118.
 * @example
 * import { tensor } from '@x/tensor'
 * import { silu } from '@x/nn'
 * silu(tensor(1)).item().toFixed(4) // '0.7311'
 */
export const silu = (x: Tensor): Tensor => tensorOf('silu', x).mul(x.sigmoid())

/** Options of `softplus`. */
export interface SoftplusOptions {
  /** How sharp the bend is. Default 1. */
  beta?: number
  /** Where beta·x is above, the result is x. Default 20. */
  threshold?: number
}

/**
 * ln(1 + e^(beta·x)) / beta, a smooth max(x, 0).
 * @throws RangeError unless beta > 0
 * @example
 * import { tensor } from '@x/tensor'
 * import { softplus } from '@x/nn'
 * softplus(tensor([0, 1000])).at(1).item() // 1000
 */
export function softplus(x: Tensor, options: SoftplusOptions = {}): Tensor {
  checkOptions('softplus', options, ['beta', 'threshold'])
  const { beta = 1, threshold = 20 } = options
  positive('softplus: beta', beta)
  return curve(
    tensorOf('softplus', x),
    (x) =>
      x
        .mul(beta)
        .gt(threshold)
        .where(x, log1pExp(x.mul(beta)).div(beta)),
    (x) => x.mul(beta).gt(threshold).where(1, x.mul(beta).sigmoid()),
  )
}

/**
 * ln σ(x) = −ln(1 + e⁻ˣ), without overflow.
 * @example
 * import { tensor } from '@x/tensor'
 * import { logSigmoid } from '@x/nn'
 * logSigmoid(tensor([-1000, 1000])).toArray() // [-1000, 0]
 */
export const logSigmoid = (x: Tensor): Tensor => log1pExp(tensorOf('logSigmoid', x).neg()).neg()

/**
 * x·tanh(ln(1 + eˣ)).
 * Source: Misra 2019, arXiv:1908.08681.
 * @example
 * import { tensor } from '@x/tensor'
 * import { mish } from '@x/nn'
 * mish(tensor(1)).item().toFixed(4) // '0.8651'
 */
export const mish = (x: Tensor): Tensor => tensorOf('mish', x).mul(log1pExp(x).tanh())

/**
 * x / (1 + |x|).
 * @example
 * import { tensor } from '@x/tensor'
 * import { softsign } from '@x/nn'
 * softsign(tensor([-1, 3])).toArray() // [-0.5, 0.75]
 */
export const softsign = (x: Tensor): Tensor => tensorOf('softsign', x).div(x.abs().add(1))

/**
 * x − tanh x.
 * @example
 * import { tensor } from '@x/tensor'
 * import { tanhshrink } from '@x/nn'
 * tanhshrink(tensor(1)).item().toFixed(4) // '0.2384'
 */
export const tanhshrink = (x: Tensor): Tensor =>
  curve(
    tensorOf('tanhshrink', x),
    (x) => x.sub(x.tanh()),
    (x) => x.tanh().square(),
  )

/**
 * e⁻ˣ / Σ e⁻ˣ along `axis`, by default the last: the softmax of −x.
 * @throws ShapeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { softmin } from '@x/nn'
 * softmin(tensor([5, 5])).toArray() // [0.5, 0.5]
 */
export const softmin = (x: Tensor, axis = -1): Tensor => tensorOf('softmin', x).neg().softmax(axis)

/**
 * a·σ(b), where a and b are the halves of x along `axis`, by default the last: [..., 2n] → [..., n].
 * Source: Dauphin et al. 2017, arXiv:1612.08083.
 * @throws ShapeError when the axis has no halves
 * @example
 * import { tensor } from '@x/tensor'
 * import { glu } from '@x/nn'
 * glu(tensor([4, 0])).toArray() // [2]
 */
export function glu(x: Tensor, axis = -1): Tensor {
  const a = normalizeAxis('glu', axis, tensorOf('glu', x).ndim)
  const n = x.shape[a] / 2
  if (!Number.isInteger(n)) throw new ShapeError(`glu: axis ${axis} of ${show(x.shape)} has no two halves`)
  const before = Array.from({ length: a }, () => slice())
  return x.at(...before, slice(0, n)).mul(x.at(...before, slice(n)).sigmoid())
}
