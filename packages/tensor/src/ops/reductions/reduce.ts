// Reductions over any axes.
import { run } from '../../backend/launch.ts'
import { family } from '../../backend/tensorKernels.ts'
import { arange } from '../../create.ts'
import { isHeld } from '../../memory/storage.ts'
import { defineOp, type Gradient, named, type OpFunction, type OpRecord } from '../../record.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { evenly, othersOf, root } from '../elementwise/kinks.ts'
import { arithmetic, common, floating, NUMBERS, toBool, toInt32 } from '../elementwise/rules.ts'
import { lineAxis } from '../shape/view.ts'
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

interface ReductionRecord<P extends Axes> {
  cast: NonNullable<OpRecord['cast']>
  dtype?: NonNullable<OpRecord['dtype']>
  /** Whether reducing nothing has no value (as of a sum 0). Default false. */
  some?: boolean
  grad?: Gradient<P> | null
  /** Of kernels that take rows instead of [outer, n, inner]: what they take beside them. */
  rows?: (p: P) => number[]
}

function reductionOp<P extends Axes>(name: string, record: ReductionRecord<P>): OpFunction<P> {
  const { cast, dtype, some, grad = null, rows } = record
  const kernels = family(name)
  return defineOp<P>({
    name,
    inputs: ['x'],
    cast,
    native: cast === toBool ? ['bool'] : NUMBERS,
    dtype,
    shape: ([x], p) => {
      if (some && countOf(x, p.axes) === 0) throw nothing(name, x.shape)
      return reducedShape(x.shape, p)
    },
    launch: rows
      ? ([given], y, p) => {
          const { x, n } = laidOut(given, p.axes, true)
          run(kernels[x.dtype], y.size, x.size * 8, pointer(x), pointer(y), n, ...rows(p))
        }
      : ([given], y, { axes }) => {
          const { x, n, inner } = laidOut(given, axes)
          run(kernels[x.dtype], y.size, x.size, pointer(x), pointer(y), n, inner)
        },
    grad: grad && { x: grad },
  })
}

function reduction(name: string, record: ReductionRecord<Axes>): Reduction {
  const op = reductionOp(name, record)
  return named(name, (x, axis, options) => op([x], axesOf(name, x, axis, options)))
}

/** Σ x. */
export const sum: Reduction = reduction('sum', {
  cast: arithmetic,
  grad: ({ x, dy }, p) => opened(dy, x, p).expand(x.shape),
})

/** Σ x / n; NaN for n = 0. */
export const mean: Reduction = reduction('mean', {
  cast: floating,
  grad: ({ x, dy }, p) =>
    opened(dy, x, p)
      .mul(1 / countOf(x, p.axes))
      .expand(x.shape),
})

/** Π x. */
export const prod: Reduction = reduction('prod', {
  cast: arithmetic,
  // Each element's gradient is the product of the others; where there is a zero, dividing by it is not the way.
  grad: ({ x, dy }, p) => {
    if (isHeld()) return opened(dy, x, p).mul(productsOfOthers(x, p.axes))
    const zero = x.eq(0)
    const product = zero.where(1, x).prod(p.axes, { keepdims: true })
    return opened(dy, x, p).mul(othersOf(x, product, zero.cast(x.dtype).sum(p.axes, { keepdims: true })))
  },
})

/**
 * For each element the product of the others along `axes`, in n² work but smooth at zeros as well: for gradients that are
 * differentiated again.
 */
function productsOfOthers(x: Tensor, axes: readonly number[]): Tensor {
  const order = axesLast(x.ndim, axes)
  const n = countOf(x, axes)
  const moved = x.permute(order)
  const rows = moved.reshape([n === 0 ? 0 : x.size / n, 1, n])
  const itself = arange(n, undefined, { dtype: 'int32' })
  const products = itself.unsqueeze(1).eq(itself).where(1, rows).prod(2)
  return products.reshape(moved.shape).permute(order.map((_, i) => order.indexOf(i)))
}

const toEquals = evenly((x, y) => x.eq(y))
/** The largest element, NaN if there is one. @throws ShapeError for nothing */
export const max: Reduction = reduction('max', { cast: common, some: true, grad: toEquals })
/** The smallest element, NaN if there is one. @throws ShapeError for nothing */
export const min: Reduction = reduction('min', { cast: common, some: true, grad: toEquals })

/** Whether any element is nonzero. */
export const any: Reduction = reduction('any', { cast: toBool })
/** Whether all elements are nonzero. */
export const all: Reduction = reduction('all', { cast: toBool })

/** A reduction to a position. */
export type ArgReduction = (x: Tensor, axis?: number | null, options?: ReduceOptions) => Tensor

function position(name: string): ArgReduction {
  const reduce = reduction(name, { cast: arithmetic, dtype: toInt32, some: true })
  return (x, axis = null, options) => reduce(x, axis === null ? axis : lineAxis(name, x, axis), options)
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

const varianceOp = reductionOp<Axes & { divisor: number; single: boolean }>('variance', {
  cast: floating,
  grad: ({ x, dy }, p) => {
    const d = opened(dy, x, p)
    // Of a single number as a whole the variance is NaN and its gradient ±∞, as in PyTorch.
    if (p.single) return d.mul(Number.POSITIVE_INFINITY).expand(x.shape)
    return d.mul(2 / p.divisor).mul(x.sub(x.mean(p.axes, { keepdims: true })))
  },
  rows: ({ divisor }) => [divisor],
})

/** Σ (x − mean)² / (n − correction); NaN where n ≤ correction. */
export function variance(x: Tensor, axis?: AxisOption, options: VarianceOptions = {}): Tensor {
  const p = axesOf('variance', x, axis, options, ['correction', 'keepdims'])
  const { correction = 1 } = options
  const n = countOf(x, p.axes)
  const single = n === correction && (axis ?? null) === null
  return varianceOp([x], { ...p, divisor: Math.max(0, n - correction), single })
}

/** √variance; where it is 0, so is the gradient. */
export function std(x: Tensor, axis?: AxisOption, options?: VarianceOptions): Tensor {
  return root(variance(x, axis, options))
}

/** ln Σ eˣ, computed without overflow; −∞ for nothing. */
export const logsumexp: Reduction = reduction('logsumexp', {
  cast: floating,
  grad: ({ x, y, dy }, p) => opened(dy, x, p).mul(x.sub(opened(y, x, p)).exp()),
  rows: () => [],
})
