// What describes a sample: medians, quantiles, the mode, weighted means, norms.
import { checkAxis } from '../../axes.ts'
import { arange, tensor } from '../../create.ts'
import type { DType } from '../../dtype.ts'
import { ShapeError } from '../../errors.ts'
import { tidy } from '../../memory/scope.ts'
import { requireList, requireOneOf } from '../../options.ts'
import { defineOp, requireTensor } from '../../record.ts'
import { sameShape, show } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import { at0, evenly, root } from '../elementwise/kinks.ts'
import { floating } from '../elementwise/rules.ts'
import { gather } from '../indexing/indexing.ts'
import { expand, permute, reshape } from '../shape/view.ts'
import {
  longAxis,
  MEDIAN,
  NANMEDIAN,
  order,
  type Picked,
  picked,
  SORTABLE,
  sort,
  sortWithIndices,
} from '../sorting/sort.ts'
import { cummax } from './cumulative.ts'
import { changes } from './diff.ts'
import { argmax, max, min, type Reduction } from './reduce.ts'
import {
  type Axes,
  type AxisOption,
  axesLast,
  axesOf,
  countOf,
  laidOut,
  nothing,
  type ReduceOptions,
  reducedShape,
} from './reducing.ts'

function medianOf(name: string, from: number): Reduction {
  const op = defineOp<Axes>({
    name,
    inputs: ['x'],
    native: SORTABLE,
    shape: ([x], p) => {
      if (countOf(x, p.axes) === 0) throw nothing(name, x.shape)
      return reducedShape(x.shape, p)
    },
    launch: ([given], values, { axes }) => {
      const { x, ...line } = laidOut(given, axes)
      order(x, { values }, line, { from, count: 1, descending: false })
    },
    // Equals share the gradient, as NaN do where the median is NaN.
    grad: { x: evenly((x, y) => x.eq(y).logicalOr(x.ne(x).logicalAnd(y.ne(y)))) },
  })
  return (x, axis, options) => op([x], axesOf(name, x, axis, options))
}

/**
 * The middle of the sorted elements, of an even number the lower of two (torch.median; quantile(x, 0.5) halves them as
 * NumPy does). NaN if there is one. `medianWithIndices` also tells where it stands.
 * @throws ShapeError for nothing
 */
export const median: Reduction = medianOf('median', MEDIAN)
/** `median` of what is not NaN; NaN where nothing else is. @throws ShapeError for nothing */
export const nanmedian: Reduction = medianOf('nanmedian', NANMEDIAN)

/** How a quantile between two elements follows from them. */
export type QuantileMethod = 'linear' | 'lower' | 'higher' | 'midpoint' | 'nearest'

export interface QuantileOptions extends ReduceOptions {
  /** Default linear. nearest takes the even rank of two that are as near. */
  method?: QuantileMethod
}

/** The ranks of the elements on either side of a rank, and the share of the upper one. */
const METHODS: Readonly<Record<QuantileMethod, (rank: Tensor) => readonly [Tensor, Tensor, Tensor | number]>> = {
  linear: (rank) => [rank.floor(), rank.ceil(), rank.sub(rank.floor())],
  lower: (rank) => [rank.floor(), rank.floor(), 0],
  higher: (rank) => [rank.ceil(), rank.ceil(), 0],
  midpoint: (rank) => [rank.floor(), rank.ceil(), 0.5],
  nearest: (rank) => [rank.round(), rank.round(), 0],
}

/** A quantile, or with several q one for each along a new first axis. */
export type Quantile = (
  x: Tensor,
  q: number | readonly number[],
  axis?: AxisOption,
  options?: QuantileOptions,
) => Tensor

const quantiles =
  (name: string, skipsNaN: boolean): Quantile =>
  (given, q, axis = null, options = {}) => {
    requireTensor(name, 'x', given)
    const { method = 'linear' } = options
    const p = axesOf(name, given, axis, options, ['keepdims', 'method'])
    requireOneOf(name, 'method', method, Object.keys(METHODS))
    const rule = METHODS[method]
    const list = typeof q === 'number' ? [q] : q
    requireList(name, 'q', list)
    const wrong = list.find((v) => !(v >= 0 && v <= 1))
    if (wrong !== undefined) throw new RangeError(`${name}: q is ${wrong}, which lies outside of [0, 1]`)
    const n = countOf(given, p.axes)
    if (n === 0) throw nothing(name, given.shape)
    return tidy(() => {
      const x = given.cast(floating([given]))
      const moved = permute(x, axesLast(x.ndim, p.axes))
      const kept = moved.shape.slice(0, x.ndim - p.axes.length)
      const sorted = sort(reshape(moved, [...kept, n])) // [..., n], NaN last
      const numbers = sorted.eq(sorted).cast('float64').sum(-1, { keepdims: true }) // [..., 1]
      const levels = tensor([...list], { dtype: 'float64' }) // [Q]
      const rank = skipsNaN ? numbers.sub(1).maximum(0).mul(levels) : numbers.lt(n).where(n - 1, levels.mul(n - 1)) // a NaN, which stands last, is the quantile
      const [low, high, share] = rule(rank)
      const at = (place: Tensor): Tensor => gather(sorted, expand(place, [...kept, list.length]).cast('int32'), -1)
      const below = at(low)
      const y = share === 0 ? below : mix(below, at(high), share, x.dtype)
      const first = permute(y, [kept.length, ...kept.keys()]) // [Q, ...]
      const shape = reducedShape(x.shape, p)
      return reshape(first, typeof q === 'number' ? shape : [list.length, ...shape])
    })
  }

const mix = (a: Tensor, b: Tensor, share: Tensor | number, dtype: DType): Tensor =>
  a.add(b.sub(a).mul(typeof share === 'number' ? share : share.cast(dtype)))

/**
 * The element below which a share q of them lies, between two elements by `method`. NaN if there is one.
 * @param q one number in [0, 1], or several: then the result has a first axis for them
 * @param axis one, several, or null (the default) for all
 * @throws RangeError for q, ShapeError for nothing
 * @example
 * import { tensor } from '@x/tensor'
 * import { quantile } from '@x/tensor/statistics'
 * quantile(tensor([1, 2, 3, 4]), [0.25, 0.5]).toArray() // [1.75, 2.5]
 */
export const quantile: Quantile = quantiles('quantile', false)
/** `quantile` of what is not NaN; NaN where nothing else is. */
export const nanquantile: Quantile = quantiles('nanquantile', true)

/**
 * The most frequent element along `axis`, the smallest of equally frequent ones, and where it stands last: torch.mode.
 * @throws ShapeError for nothing
 */
export function mode(x: Tensor, axis = -1, options: ReduceOptions = {}): Picked {
  checkAxis('mode', axis, x)
  const a = longAxis('mode', x, axis, options)
  const n = x.shape[a]
  return tidy(() => {
    const { values, indices } = sortWithIndices(x, a)
    const place = reshape(arange(n, undefined, { dtype: 'int32' }), [n, ...x.shape.slice(a + 1).fill(1)])
    const start = cummax(changes(values, a).where(place, 0), a).values // where the run of equals begins
    const end = argmax(place.sub(start), a, { keepdims: true })
    return picked(x, gather(indices, end, a), a, options)
  })
}

/** The smallest and the largest element, NaN if there is one: torch.aminmax. @throws ShapeError for nothing */
export function aminmax(x: Tensor, axis?: AxisOption, options?: ReduceOptions): { min: Tensor; max: Tensor } {
  return { min: min(x, axis, options), max: max(x, axis, options) }
}

/** How many elements are not 0: int32. NaN is not 0. */
export const countNonzero: Reduction = (x, axis, options) => {
  requireTensor('countNonzero', 'x', x)
  return x.cast('bool').sum(axis, options)
}

export interface AverageOptions extends ReduceOptions {
  /** Of the shape of x, or that of the axes. Default: all the same, which makes it the mean. */
  weights?: Tensor
}

/**
 * Σ w x / Σ w.
 * @throws ShapeError when the weights fit neither x nor the axes
 * @example
 * import { tensor } from '@x/tensor'
 * import { average } from '@x/tensor/statistics'
 * average(tensor([1, 2]), null, { weights: tensor([3, 1]) }).item() // 1.25
 */
export function average(x: Tensor, axis?: AxisOption, options: AverageOptions = {}): Tensor {
  requireTensor('average', 'x', x)
  const p = axesOf('average', x, axis, options, ['keepdims', 'weights'])
  const { weights } = options
  if (!weights) return x.mean(p.axes, { keepdims: p.keepdims })
  const own = x.shape.filter((_, i) => p.axes.includes(i))
  const fits = [x.shape, own].some((shape) => sameShape(shape, weights.shape))
  if (!fits)
    throw new ShapeError(`average: weights ${show(weights.shape)} are neither ${show(x.shape)} nor ${show(own)}`)
  return tidy(() => {
    const opened = x.shape.map((n, i) => (p.axes.includes(i) ? n : 1))
    const w = expand(sameShape(x.shape, weights.shape) ? weights : reshape(weights, opened), x.shape)
    const total = (t: Tensor): Tensor => t.sum(p.axes, { keepdims: p.keepdims })
    return total(x.mul(w)).div(total(w))
  })
}

/**
 * (Σ |x|ᵖ)^(1/p) with p = `ord`: 1 the sum of magnitudes, 2 (the default) their Euclidean length, ∞ and −∞ the largest and
 * the smallest, 0 how many are not 0. Where the norm has no derivative (at 0), the gradient is 0; largest ones share it.
 * @param axis one, several, or null (the default) for all
 * @throws RangeError for an order that is no number, ShapeError for ±∞ of nothing
 * @example
 * import { norm, tensor } from '@x/tensor'
 * norm(tensor([3, 4])).item() // 5
 */
export function vectorNorm(given: Tensor, ord = 2, axis?: AxisOption, options?: ReduceOptions): Tensor {
  requireTensor('vectorNorm', 'x', given)
  if (typeof ord !== 'number' || Number.isNaN(ord)) throw new RangeError(`vectorNorm: ord is ${ord}, not a number`)
  const p = axesOf('vectorNorm', given, axis, options)
  return tidy(() => {
    const x = given.cast(floating([given]))
    const total = (t: Tensor): Tensor => t.sum(p.axes, { keepdims: p.keepdims })
    if (ord === 2) return root(total(x.square()))
    if (ord === 0) return total(x.cast('bool').cast(x.dtype))
    const size = x.abs()
    if (ord === 1) return total(size)
    if (Math.abs(ord) === Number.POSITIVE_INFINITY) {
      if (countOf(x, p.axes) === 0) throw nothing('vectorNorm', x.shape)
      return (ord > 0 ? max : min)(size, p.axes, { keepdims: p.keepdims })
    }
    return at0(total(at0(size, 0 ** ord, (t) => t.pow(ord))), 0 ** (1 / ord), (t) => t.pow(1 / ord))
  })
}

export { vectorNorm as norm }
