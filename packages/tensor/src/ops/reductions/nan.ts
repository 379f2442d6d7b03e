// Reductions that leave NaN out. Integers and bool have none: for them these are the plain reductions.
import { isFloating } from '../../dtype.ts'
import { tidy } from '../../memory/scope.ts'
import { requireTensor } from '../../record.ts'
import type { Tensor } from '../../tensor.ts'
import { root } from '../elementwise/kinks.ts'
import { type Cumulative, cumprod, cumsum } from './cumulative.ts'
import { max, mean, min, prod, type Reduction, std, sum, type VarianceOptions, variance } from './reduce.ts'
import { type AxisOption, axesOf, type ReduceOptions } from './reducing.ts'

/** x with `value` in the place of NaN. */
function filled(name: string, x: Tensor, value: number): Tensor {
  requireTensor(name, 'x', x)
  return isFloating(x.dtype) ? x.ne(x).where(value, x) : x
}

const without =
  (name: string, reduce: Reduction, value: number): Reduction =>
  (x, axis, options) =>
    tidy(() => reduce(filled(name, x, value), axis, options))

/** How many elements are not NaN, in the dtype of x. */
const numbers = (x: Tensor, axis: AxisOption | undefined, options: ReduceOptions): Tensor =>
  sum(x.eq(x).cast(x.dtype), axis, options)

/** Σ of what is not NaN. */
export const nansum: Reduction = without('nansum', sum, 0)
/** Π of what is not NaN. */
export const nanprod: Reduction = without('nanprod', prod, 1)

/** Mean of what is not NaN; NaN where nothing else is. */
export const nanmean: Reduction = (x, axis, options = {}) => {
  requireTensor('nanmean', 'x', x)
  if (!isFloating(x.dtype)) return mean(x, axis, options)
  return tidy(() => nansum(x, axis, options).div(numbers(x, axis, options)))
}

const extreme =
  (name: string, reduce: Reduction, value: number): Reduction =>
  (x, axis, options = {}) => {
    requireTensor(name, 'x', x)
    if (!isFloating(x.dtype)) return reduce(x, axis, options)
    return tidy(() =>
      numbers(x, axis, options)
        .eq(0)
        .where(Number.NaN, reduce(filled(name, x, value), axis, options)),
    )
  }
/** The largest of what is not NaN; NaN where nothing else is. @throws ShapeError for nothing */
export const nanmax: Reduction = extreme('nanmax', max, Number.NEGATIVE_INFINITY)
/** The smallest of what is not NaN; NaN where nothing else is. @throws ShapeError for nothing */
export const nanmin: Reduction = extreme('nanmin', min, Number.POSITIVE_INFINITY)

/** `variance` of what is not NaN; NaN where too few are left. */
export function nanvar(x: Tensor, axis?: AxisOption, options: VarianceOptions = {}): Tensor {
  requireTensor('nanvar', 'x', x)
  if (!isFloating(x.dtype)) return variance(x, axis, options)
  const { axes, keepdims } = axesOf('nanvar', x, axis, options, ['correction', 'keepdims'])
  const { correction = 1 } = options
  return tidy(() => {
    const deviation = filled('nanvar', x.sub(nanmean(x, axes, { keepdims: true })), 0)
    const divisor = numbers(x, axes, { keepdims }).sub(correction).maximum(0)
    return deviation.square().sum(axes, { keepdims }).div(divisor)
  })
}

/** `std` of what is not NaN; NaN where too few are left. */
export function nanstd(x: Tensor, axis?: AxisOption, options: VarianceOptions = {}): Tensor {
  requireTensor('nanstd', 'x', x)
  if (!isFloating(x.dtype)) return std(x, axis, options)
  return tidy(() => root(nanvar(x, axis, options)))
}

/** Running sums in which NaN counts as 0. */
export const nancumsum: Cumulative = (x, axis, options) => tidy(() => cumsum(filled('nancumsum', x, 0), axis, options))
/** Running products in which NaN counts as 1. */
export const nancumprod: Cumulative = (x, axis, options) =>
  tidy(() => cumprod(filled('nancumprod', x, 1), axis, options))
