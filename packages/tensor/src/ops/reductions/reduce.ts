// Reductions over any axes.
import { checkAxis } from '../../axes.ts'
import { run } from '../../backend/launch.ts'
import { family } from '../../backend/tensorKernels.ts'
import { arange } from '../../create.ts'
import { isHeld } from '../../memory/storage.ts'
import { defineOp, type Gradient, type OpFunction, type OpRecord } from '../../record.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { evenly, root } from '../elementwise/kinks.ts'
import { arithmetic, common, floating, NUMBERS, toBool, toInt32 } from '../elementwise/rules.ts'
import {
  type Axes,
  type AxisOption,
  axesLast,
  axesOf,
  countOf,
  laidOut,
  nothing,
  opened,
  type ReduceOptions,
  reducedShape,
} from './reducing.ts'

export type { ReduceOptions } from './reducing.ts'

/** A reduction over `axis` (one, several, or null for all), as in NumPy. */
export type Reduction = (x: Tensor, axis?: AxisOption, options?: ReduceOptions) => Tensor

interface ReductionRecord {
  cast: NonNullable<OpRecord['cast']>
  dtype?: NonNullable<OpRecord['dtype']>
  /** Whether reducing nothing has a value (0 for a sum). */
  ofNothing: boolean
  grad: Gradient<Axes> | null
}

function reduction(name: string, { cast, dtype, ofNothing, grad }: ReductionRecord): Reduction {
  const kernels = family(name)
  const op = defineOp<Axes>({
    name,
    inputs: ['x'],
    cast,
    native: cast === toBool ? ['bool'] : NUMBERS,
    dtype,
    shape: ([x], p) => {
      if (!ofNothing && countOf(x, p) === 0) throw nothing(name, x.shape)
      return reducedShape(x.shape, p)
    },
    launch: ([given], y, { axes }) => {
      const { x, n, inner } = laidOut(given, axes)
      run(kernels[x.dtype], y.size, x.size, pointer(x), pointer(y), n, inner)
    },
    grad: grad && { x: grad },
  })
  return (x, axis, options) => op([x], axesOf(name, x, axis, options))
}

/** Σ x. */
export const sum: Reduction = reduction('sum', {
  cast: arithmetic,
  ofNothing: true,
  grad: ({ x, dy }, p) => opened(dy, x, p).expand(x.shape),
})

/** Σ x / n; NaN for n = 0. */
export const mean: Reduction = reduction('mean', {
  cast: floating,
  ofNothing: true,
  grad: ({ x, dy }, p) =>
    opened(dy, x, p)
      .mul(1 / countOf(x, p))
      .expand(x.shape),
})

/** Π x. */
export const prod: Reduction = reduction('prod', {
  cast: arithmetic,
  ofNothing: true,
  // Each element's gradient is the product of the others; where there is a zero, dividing by it is not the way.
  grad: ({ x, dy }, p) => {
    if (isHeld()) return opened(dy, x, p).mul(productsOfOthers(x, p.axes))
    const zero = x.eq(0)
    const others = zero.where(1, x)
    const zeros = zero.cast(x.dtype).sum(p.axes, { keepdims: true })
    const product = others.prod(p.axes, { keepdims: true })
    const atZero = zeros.eq(1).where(product, 0)
    const elsewhere = zeros.eq(0).where(product, 0).div(others)
    return opened(dy, x, p).mul(zero.where(atZero, elsewhere))
  },
})

/**
 * For each element the product of the others along `axes`, in n² work but smooth at zeros as well: for gradients that are
 * differentiated again.
 */
function productsOfOthers(x: Tensor, axes: readonly number[]): Tensor {
  const order = axesLast(x.ndim, axes)
  const n = countOf(x, { axes, keepdims: false })
  const moved = x.permute(order)
  const rows = moved.reshape([n === 0 ? 0 : x.size / n, 1, n])
  const itself = arange(n, undefined, { dtype: 'int32' })
  const products = itself.unsqueeze(1).eq(itself).where(1, rows).prod(2)
  return products.reshape(moved.shape).permute(order.map((_, i) => order.indexOf(i)))
}

/** The largest element, NaN if there is one. @throws ShapeError for nothing */
export const max: Reduction = reduction('max', { cast: common, ofNothing: false, grad: evenly })
/** The smallest element, NaN if there is one. @throws ShapeError for nothing */
export const min: Reduction = reduction('min', { cast: common, ofNothing: false, grad: evenly })

/** Whether any element is nonzero. */
export const any: Reduction = reduction('any', { cast: toBool, ofNothing: true, grad: null })
/** Whether all elements are nonzero. */
export const all: Reduction = reduction('all', { cast: toBool, ofNothing: true, grad: null })

/** A reduction to a position. */
export type ArgReduction = (x: Tensor, axis?: number | null, options?: ReduceOptions) => Tensor

function position(name: string): ArgReduction {
  const reduce = reduction(name, { cast: arithmetic, dtype: toInt32, ofNothing: false, grad: null })
  return (x, axis = null, options) =>
    reduce(x, axis === null || x?.ndim === 0 ? axis : checkAxis(name, axis, x), options)
}
/** Position (int32) of the largest element along `axis`, or in the flattened tensor; the first of equals, a NaN before all. */
export const argmax: ArgReduction = position('argmax')
/** Position (int32) of the smallest element; see `argmax`. */
export const argmin: ArgReduction = position('argmin')

/** Options of `variance` and `std`. */
export interface VarianceOptions extends ReduceOptions {
  /** Subtracted from n in the divisor: 1 for the sample's estimate, 0 for the population's. Default 1, as PyTorch. */
  correction?: number
}

/** A reduction of floats whose kernels take rows. */
function ofRows<P extends Axes>(name: string, grad: Gradient<P>, extra: (p: P) => number[]): OpFunction<P> {
  const kernels = family(name)
  return defineOp<P>({
    name,
    inputs: ['x'],
    cast: floating,
    shape: ([x], p) => reducedShape(x.shape, p),
    launch: ([given], y, p) => {
      const { x, n } = laidOut(given, p.axes, true)
      run(kernels[x.dtype], y.size, x.size * 8, pointer(x), pointer(y), n, ...extra(p))
    },
    grad: { x: grad },
  })
}

const varianceOp = ofRows<Axes & { divisor: number; single: boolean }>(
  'variance',
  ({ x, dy }, p) => {
    const d = opened(dy, x, p)
    // Of a single number as a whole the variance is NaN and its gradient ±∞, as in PyTorch.
    if (p.single) return d.mul(Number.POSITIVE_INFINITY).expand(x.shape)
    return d.mul(2 / p.divisor).mul(x.sub(x.mean(p.axes, { keepdims: true })))
  },
  ({ divisor }) => [divisor],
)

/** Σ (x − mean)² / (n − correction); NaN where n ≤ correction. */
export function variance(x: Tensor, axis?: AxisOption, options: VarianceOptions = {}): Tensor {
  const p = axesOf('variance', x, axis, options, ['correction', 'keepdims'])
  const { correction = 1 } = options
  const n = countOf(x, p)
  const single = n === correction && (axis ?? null) === null
  return varianceOp([x], { ...p, divisor: Math.max(0, n - correction), single })
}

/** √variance; where it is 0, so is the gradient. */
export function std(x: Tensor, axis?: AxisOption, options?: VarianceOptions): Tensor {
  return root(variance(x, axis, options))
}

const logsumexpOp = ofRows<Axes>(
  'logsumexp',
  ({ x, y, dy }, p) => opened(dy, x, p).mul(x.sub(opened(y, x, p)).exp()),
  () => [],
)

/** ln Σ eˣ, computed without overflow; −∞ for nothing. */
export function logsumexp(x: Tensor, axis?: AxisOption, options?: ReduceOptions): Tensor {
  return logsumexpOp([x], axesOf('logsumexp', x, axis, options))
}
