// What kind of number each element is, comparisons with tolerance, and mixtures: written with the other ops.
import { requireTensors } from '../../axes.ts'
import { floatingFor, isFloating } from '../../dtype.ts'
import { finfo } from '../../dtypeInfo.ts'
import { optionsOf } from '../../options.ts'
import { requireTensor, type TensorLike } from '../../record.ts'
import { sameShape } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import { add, type Binary, eq, lt, mul, ne, sub, where } from './binary.ts'
import { div } from './division.ts'
import { copysign } from './elementaryPairs.ts'
import { exactly } from './rules.ts'
import { trunc } from './unary.ts'

/** `ofFloat` of floats; of integers, which are always finite, `ofWhole`. */
const predicate =
  (op: string, ofFloat: (x: Tensor) => Tensor, ofWhole: Binary = ne) =>
  (x: Tensor): Tensor => {
    requireTensor(op, 'x', x)
    return isFloating(x.dtype) ? ofFloat(x) : ofWhole(x, x)
  }

type Predicate = (x: Tensor) => Tensor
/** Whether each element is NaN. */
export const isnan: Predicate = predicate('isnan', (x) => x.ne(x))
/** Whether each element is ∞ or −∞. */
export const isinf: Predicate = predicate('isinf', (x) => x.abs().eq(Number.POSITIVE_INFINITY))
/** Whether each element is neither infinite nor NaN. */
export const isfinite: Predicate = predicate('isfinite', (x) => x.abs().lt(Number.POSITIVE_INFINITY), eq)
/** Whether each element is ∞. */
export const isposinf: Predicate = predicate('isposinf', (x) => x.eq(Number.POSITIVE_INFINITY))
/** Whether each element is −∞. */
export const isneginf: Predicate = predicate('isneginf', (x) => x.eq(Number.NEGATIVE_INFINITY))
/** Whether the sign of each element is set: negative numbers, −0, and NaN with that bit. */
export const signbit: Predicate = predicate(
  'signbit',
  (x) => copysign(1, x).lt(0),
  (x) => lt(x, 0),
)
/** x itself. */
export const positive = (x: Tensor): Tensor => x
/** What follows the point, x − trunc(x), with the sign of x; NaN for infinities. */
export const frac = (x: Tensor): Tensor => sub(x, trunc(x))

export interface NanToNumOptions {
  /** In the place of NaN. Default 0. */
  nan?: number
  /** In the place of ∞. Default: the largest number of the dtype. */
  posinf?: number
  /** In the place of −∞. Default: the least number of the dtype. */
  neginf?: number
}

/**
 * x with numbers in the place of NaN and infinities; what is replaced has no gradient.
 * @example
 * import { nanToNum, tensor } from '@x/tensor'
 * nanToNum(tensor([NaN, Infinity, 1]), { posinf: 9 }).toArray() // [0, 9, 1]
 */
export function nanToNum(x: Tensor, options?: NanToNumOptions): Tensor {
  requireTensor('nanToNum', 'x', x)
  const { max, min } = finfo(floatingFor(x.dtype))
  const { nan, posinf, neginf } = optionsOf('nanToNum', options, { nan: 0, posinf: max, neginf: min })
  if (!isFloating(x.dtype)) return x
  return isnan(x).where(nan, isposinf(x).where(posinf, isneginf(x).where(neginf, x)))
}

export interface IscloseOptions {
  /** Share of |b| that may differ. Default 1e-5. */
  rtol?: number
  /** What may differ in any case. Default 1e-8. */
  atol?: number
  /** Whether NaN is close to NaN. Default false. */
  equalNan?: boolean
}

/** Whether |a − b| ≤ atol + rtol |b|, elementwise; infinities are close to themselves alone. @throws RangeError */
export function isclose(a: Tensor, b: Tensor, options?: IscloseOptions): Tensor {
  const { rtol, atol, equalNan } = optionsOf('isclose', options, { rtol: 1e-5, atol: 1e-8, equalNan: false })
  if (!(rtol >= 0 && atol >= 0)) throw new RangeError(`isclose: rtol ${rtol} and atol ${atol} are not both ≥ 0`)
  requireTensors('isclose', { a, b })
  const dtype = exactly([a, b])
  const [p, q] = [a.cast(dtype), b.cast(dtype)]
  const distance = p.sub(q).abs()
  const near = distance.le(q.abs().mul(rtol).add(atol)).logicalAnd(distance.lt(Number.POSITIVE_INFINITY))
  const close = p.eq(q).logicalOr(near)
  return equalNan ? close.logicalOr(isnan(p).logicalAnd(isnan(q))) : close
}

/** Whether all elements are close: see `isclose`. Shapes broadcast. */
export const allclose = (a: Tensor, b: Tensor, options?: IscloseOptions): boolean =>
  isclose(a, b, options).all().item() === 1

/** Whether a and b have the same shape and elements; NaN equals nothing. Elementwise it is `eq`. */
export function equal(a: Tensor, b: Tensor): boolean {
  requireTensors('equal', { a, b })
  return sameShape(a.shape, b.shape) && eq(a, b).all().item() === 1
}

/**
 * a + weight (b − a): a at weight 0, b at weight 1.
 * @param weight a number, or a tensor that broadcasts
 */
export function lerp(a: Tensor, b: Tensor, weight: TensorLike): Tensor {
  requireTensors('lerp', { a, b })
  const rise = sub(b, a)
  if (typeof weight === 'number') return weight < 0.5 ? a.add(rise.mul(weight)) : b.sub(rise.mul(1 - weight))
  requireTensor('lerp', 'weight', weight)
  // From the nearer end, so that the ends are met exactly.
  const rest = weight.neg().add(1)
  return where(weight.abs().lt(0.5), a.add(rise.mul(weight)), b.sub(rise.mul(rest)))
}

export interface ScaleOptions {
  /** What the product or quotient counts. Default 1. */
  value?: number
}

function scaled(op: string, x: Tensor, options?: ScaleOptions): Tensor {
  const { value } = optionsOf(op, options, { value: 1 })
  return value === 1 ? x : x.mul(value)
}

/** x + value · a · b. */
export const addcmul = (x: Tensor, a: Tensor, b: Tensor, options?: ScaleOptions): Tensor =>
  add(x, scaled('addcmul', mul(a, b), options))
/** x + value · a / b. */
export const addcdiv = (x: Tensor, a: Tensor, b: Tensor, options?: ScaleOptions): Tensor =>
  add(x, scaled('addcdiv', div(a, b), options))
