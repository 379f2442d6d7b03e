// Distributions of numbers with fractions. All are computed in float64 and rounded once; all take tensors as parameters,
// which broadcast to the shape of the result. Where a result is location + scale · noise, gradients flow to these two.
import { ShapeError } from '../errors.ts'
import { dispose, tidy } from '../memory/scope.ts'
import { sub } from '../ops/elementwise/binary.ts'
import { div } from '../ops/elementwise/division.ts'
import { checkOptions } from '../options.ts'
import { normal } from '../random.ts'
import { type TensorLike, unheard } from '../record.ts'
import type { Shape } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import {
  asDType,
  checkFraction,
  checkWithin,
  type DrawOptions,
  fromUnit,
  GAMMA,
  LOG_GAMMA,
  located,
  sampled,
  shapeFor,
  TRUNCATED_NORMAL,
} from './draw.ts'

const COMMON = ['generator', 'dtype']
/** What a scale, rate or concentration can be. */
const POSITIVE = [Number.MIN_VALUE, Number.MAX_VALUE] as const
const ANY = [-Number.MAX_VALUE, Number.MAX_VALUE] as const

export interface LocationOptions extends DrawOptions {
  /** Default 0. */
  loc?: TensorLike
  /** Above 0. Default 1. */
  scale?: TensorLike
}

/** location + scale · f(u), u uniform in (0, 1). */
function locationScale(op: string, noise: (u: Tensor) => Tensor): (shape: Shape | null, o?: LocationOptions) => Tensor {
  return (shape, options = {}) => {
    checkOptions(op, options, ['loc', 'scale', ...COMMON])
    const { loc = 0, scale = 1, generator, dtype = 'float32' } = options
    const own = shapeFor(op, shape, { loc, scale })
    checkFraction(op, dtype)
    checkWithin(op, 'loc', loc, ANY)
    checkWithin(op, 'scale', scale, POSITIVE)
    return located(fromUnit(own, generator, noise), dtype, loc, scale)
  }
}

/**
 * Laplace numbers: density e^(−|x − loc| / scale) / (2 scale).
 * @param shape null for that of the parameters
 * @throws ShapeError, DTypeError, RangeError
 */
export const laplace: (shape: Shape | null, options?: LocationOptions) => Tensor = locationScale('laplace', (u) => {
  const centred = u.sub(0.5)
  return centred.sign().mul(centred.abs().mul(-2).log1p()).neg()
})

/**
 * Gumbel numbers: the largest of many exponential ones, distribution function e^(−e^−(x − loc) / scale).
 * @param shape null for that of the parameters
 * @throws ShapeError, DTypeError, RangeError
 */
export const gumbel: (shape: Shape | null, options?: LocationOptions) => Tensor = locationScale('gumbel', (u) =>
  u.log().neg().log().neg(),
)

/**
 * Cauchy numbers: loc + scale · tan π(u − ½). They have no mean.
 * @param shape null for that of the parameters
 * @throws ShapeError, DTypeError, RangeError
 */
export const cauchy: (shape: Shape | null, options?: LocationOptions) => Tensor = locationScale('cauchy', (u) => {
  const angle = u.sub(0.5).mul(Math.PI)
  return angle.sin().div(angle.cos())
})

/**
 * Exponential numbers: density rate · e^(−rate · x), mean 1 / rate. Gradients flow to a tensor `rate`.
 * @param shape null for that of `rate`
 * @throws ShapeError, DTypeError, RangeError for a rate that is not above 0
 * @example
 * import { exponential } from '@x/tensor/random'
 * const waits = exponential([1000], { rate: 2 })
 */
export function exponential(shape: Shape | null, options: DrawOptions & { rate?: TensorLike } = {}): Tensor {
  checkOptions('exponential', options, ['rate', ...COMMON])
  const { rate = 1, generator, dtype = 'float32' } = options
  const own = shapeFor('exponential', shape, { rate })
  checkFraction('exponential', dtype)
  checkWithin('exponential', 'rate', rate, POSITIVE)
  const noise = fromUnit(own, generator, (u) => u.neg().log1p().neg())
  return located(noise, dtype, 0, typeof rate === 'number' ? 1 / rate : rate.reciprocal())
}

/**
 * Numbers whose logarithm is normal with this mean and standard deviation. Gradients flow to tensors among the two.
 * @param shape null for that of the parameters
 * @throws ShapeError, DTypeError, RangeError
 */
export function logNormal(
  shape: Shape | null,
  options: DrawOptions & { mean?: TensorLike; std?: TensorLike } = {},
): Tensor {
  checkOptions('logNormal', options, ['mean', 'std', ...COMMON])
  const { mean = 0, std = 1, generator, dtype = 'float32' } = options
  const own = shapeFor('logNormal', shape, { mean, std })
  checkFraction('logNormal', dtype)
  checkWithin('logNormal', 'mean', mean, ANY)
  checkWithin('logNormal', 'std', std, [0, Number.MAX_VALUE])
  return located(normal(own, { dtype: 'float64', generator }), dtype, mean, std).exp()
}

export interface TruncatedNormalOptions extends DrawOptions {
  /** Of the distribution before it is cut. Default 0. */
  mean?: TensorLike
  /** Of the distribution before it is cut; above 0. Default 1. */
  std?: TensorLike
  /** Bounds of the result, infinities allowed. Default −2 and 2, as torch.nn.init.trunc_normal_. */
  low?: TensorLike
  high?: TensorLike
}

/**
 * Normal numbers on condition that they lie within [low, high], exact in the far tails too.
 * @param shape null for that of the parameters
 * @throws ShapeError, DTypeError, RangeError unless low < high
 * @example
 * import { truncatedNormal } from '@x/tensor/random'
 * const w = truncatedNormal([128, 64], { std: 0.02, low: -0.04, high: 0.04 })
 */
export function truncatedNormal(shape: Shape | null, options: TruncatedNormalOptions = {}): Tensor {
  checkOptions('truncatedNormal', options, ['mean', 'std', 'low', 'high', ...COMMON])
  const { mean = 0, std = 1, low = -2, high = 2, generator, dtype = 'float32' } = options
  const own = shapeFor('truncatedNormal', shape, { mean, std, low, high })
  checkFraction('truncatedNormal', dtype)
  checkWithin('truncatedNormal', 'mean', mean, ANY)
  checkWithin('truncatedNormal', 'std', std, POSITIVE)
  const numbers = [low, high, mean, std].every((p) => typeof p === 'number')
  // The bounds in units of the standard deviation, tensors where a parameter is one.
  const bounds = unheard(() =>
    tidy(() => {
      const [a, b, m, s] = [low, high, mean, std].map((p) => (typeof p === 'number' ? p : p.cast('float64')))
      checkWithin('truncatedNormal', 'high − low', minus(b, a), [Number.MIN_VALUE, Number.POSITIVE_INFINITY])
      return [over(minus(a, m), s), over(minus(b, m), s)] as const
    }),
  )
  const x = located(sampled(TRUNCATED_NORMAL, own, bounds, generator), numbers ? 'float64' : dtype, mean, std)
  dispose(bounds)
  // What rounding took beyond a bound.
  if (!numbers) return x.maximum(low).minimum(high).cast(dtype)
  return asDType(clipped(x, low, high), dtype)
}

function clipped(x: Tensor, low: TensorLike, high: TensorLike): Tensor {
  const y = unheard(() => tidy(() => x.maximum(low).minimum(high)))
  x.dispose()
  return y
}

const minus = (a: TensorLike, b: TensorLike): TensorLike =>
  typeof a === 'number' && typeof b === 'number' ? a - b : sub(a, b)
const over = (a: TensorLike, b: TensorLike): TensorLike =>
  typeof a === 'number' && typeof b === 'number' ? a / b : div(a, b)

/**
 * Gamma numbers: density ∝ x^(concentration − 1) e^(−rate · x), mean concentration / rate. Any concentration from 0 on.
 * Gradients flow to a tensor `rate`, not to `concentration`. Source: Marsaglia and Tsang 2000.
 * @param shape null for that of the parameters
 * @throws ShapeError, DTypeError, RangeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { gamma } from '@x/tensor/random'
 * const x = gamma([1000, 3], { concentration: tensor([0.5, 2, 50]) })
 */
export function gamma(
  shape: Shape | null,
  options: DrawOptions & { concentration?: TensorLike; rate?: TensorLike } = {},
): Tensor {
  checkOptions('gamma', options, ['concentration', 'rate', ...COMMON])
  const { concentration = 1, rate = 1, generator, dtype = 'float32' } = options
  const own = shapeFor('gamma', shape, { concentration, rate })
  checkFraction('gamma', dtype)
  checkWithin('gamma', 'concentration', concentration, [0, Number.MAX_VALUE])
  checkWithin('gamma', 'rate', rate, POSITIVE)
  const noise = sampled(GAMMA, own, [concentration, 0], generator)
  return located(noise, dtype, 0, typeof rate === 'number' ? 1 / rate : rate.reciprocal())
}

/**
 * Beta numbers: density ∝ x^(a − 1) (1 − x)^(b − 1) on (0, 1), mean a / (a + b). From the logarithms of two gamma numbers,
 * so that small a and b do no harm. No gradients.
 * @param shape null for that of the parameters
 * @throws ShapeError, DTypeError, RangeError unless a and b are above 0
 */
export function beta(shape: Shape | null, options: DrawOptions & { a: TensorLike; b: TensorLike }): Tensor {
  checkOptions('beta', options, ['a', 'b', ...COMMON])
  const { a, b, generator, dtype = 'float32' } = options
  const own = shapeFor('beta', shape, { a, b })
  checkFraction('beta', dtype)
  for (const [name, x] of Object.entries({ a, b })) checkWithin('beta', name, x, POSITIVE)
  const logGamma = (p: TensorLike): Tensor => sampled(LOG_GAMMA, own, [p, 0], generator)
  return unheard(() => tidy(() => logGamma(a).sub(logGamma(b)).sigmoid().cast(dtype)))
}

/**
 * Dirichlet numbers: rows of the last axis that are positive and add up to 1, with mean concentration / its sum.
 * No gradients.
 * @param shape [..., k], null for that of `concentration`
 * @throws ShapeError, DTypeError, RangeError unless concentrations are above 0
 * @example
 * import { tensor } from '@x/tensor'
 * import { dirichlet } from '@x/tensor/random'
 * const shares = dirichlet([10, 3], { concentration: tensor([1, 2, 3]) })
 */
export function dirichlet(shape: Shape | null, options: DrawOptions & { concentration: TensorLike }): Tensor {
  checkOptions('dirichlet', options, ['concentration', ...COMMON])
  const { concentration, generator, dtype = 'float32' } = options
  const own = shapeFor('dirichlet', shape, { concentration })
  if (own.length === 0) throw new ShapeError('dirichlet: shape [] has no axis for the shares')
  checkFraction('dirichlet', dtype)
  checkWithin('dirichlet', 'concentration', concentration, POSITIVE)
  return unheard(() => tidy(() => sampled(LOG_GAMMA, own, [concentration, 0], generator).softmax().cast(dtype)))
}
