// Reductions over any axes.
import { run } from '../backend/launch.ts'
import { family } from '../backend/tensorKernels.ts'
import { arange } from '../create.ts'
import { ShapeError } from '../errors.ts'
import { isHeld } from '../memory/storage.ts'
import { defineOp, type Gradient, type OpRecord, unheard } from '../record.ts'
import { normalizeAxes, normalizeAxis, type Shape, show, sizeOf } from '../shape.ts'
import { pointer, Tensor } from '../tensor.ts'
import { dense } from './contiguous.ts'
import { arithmetic, floating, toBool, toInt32 } from './rules.ts'

export interface ReduceOptions {
  /** Keep reduced axes with length 1. Default false. */
  keepdims?: boolean
}

/** A reduction over `axis` (one, several, or null for all), as in NumPy. */
export type Reduction = (x: Tensor, axis?: number | readonly number[] | null, options?: ReduceOptions) => Tensor

interface Axes {
  readonly axes: readonly number[]
  readonly keepdims: boolean
}

const reducedShape = (shape: Shape, { axes, keepdims }: Axes): Shape =>
  keepdims ? shape.map((n, i) => (axes.includes(i) ? 1 : n)) : shape.filter((_, i) => !axes.includes(i))

/** `dy` (or `y`) of a reduction with its reduced axes back, of length 1, so that it broadcasts against x. */
function opened(t: Tensor, x: Tensor, p: Axes): Tensor {
  return t.reshape(reducedShape(x.shape, { axes: p.axes, keepdims: true }))
}

const countOf = (x: Tensor, { axes }: Axes): number => axes.reduce((n, a) => n * x.shape[a], 1)

/**
 * x as [outer, n, inner] with the reduced axes in the middle: axes that are neighbours in contiguous memory are taken
 * where they lie, others are brought to the end by a copy.
 */
function laidOut(x: Tensor, axes: readonly number[]): { x: Tensor; n: number; inner: number } {
  const n = axes.reduce((m, a) => m * x.shape[a], 1)
  const last = axes[axes.length - 1] ?? x.ndim - 1
  const neighbours = axes.every((a, i) => i === 0 || a === axes[i - 1] + 1)
  if (neighbours) return { x: dense(x), n, inner: sizeOf(x.shape.slice(last + 1)) }
  const order = [...x.shape.keys()].filter((i) => !axes.includes(i)).concat(axes)
  const { shape, strides } = x
  const moved = new Tensor(
    x.storage,
    x.dtype,
    order.map((i) => shape[i]),
    order.map((i) => strides[i]),
    x.offset,
  )
  return { x: dense(moved), n, inner: 1 }
}

function keepdimsOf(name: string, options: ReduceOptions | undefined): boolean {
  for (const key in options)
    if (key !== 'keepdims') throw new RangeError(`${name}: there is no option '${key}'; there is keepdims`)
  return options?.keepdims ?? false
}

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
    dtype,
    shape: ([x], p) => {
      if (!ofNothing && countOf(x, p) === 0)
        throw new ShapeError(`${name}: there is nothing to reduce in ${show(x.shape)}`)
      return reducedShape(x.shape, p)
    },
    launch: ([given], y, { axes }) => {
      const { x, n, inner } = laidOut(given, axes)
      run(kernels[x.dtype], y.size, x.size, pointer(x), pointer(y), n, inner)
    },
    grad: grad && { x: grad },
  })
  return (x, axis, options) => op([x], { axes: normalizeAxes(name, axis, x.ndim), keepdims: keepdimsOf(name, options) })
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
  const order = [...x.shape.keys()].filter((i) => !axes.includes(i)).concat(axes)
  const n = axes.reduce((m, a) => m * x.shape[a], 1)
  const moved = x.permute(order)
  const rows = moved.reshape([n === 0 ? 0 : x.size / n, 1, n])
  const itself = arange(n, undefined, { dtype: 'int32' })
  const products = itself.unsqueeze(1).eq(itself).where(1, rows).prod(2)
  return products.reshape(moved.shape).permute(order.map((_, i) => order.indexOf(i)))
}

/** Ties share the gradient evenly. */
const extremeGrad: Gradient<Axes> = ({ x, y, dy }, p) => {
  const hit = x.eq(opened(y, x, p)).cast(x.dtype)
  return hit.mul(opened(dy, x, p)).div(hit.sum(p.axes, { keepdims: true }))
}
/** The largest element, NaN if there is one. @throws ShapeError for nothing */
export const max: Reduction = reduction('max', { cast: arithmetic, ofNothing: false, grad: extremeGrad })
/** The smallest element, NaN if there is one. @throws ShapeError for nothing */
export const min: Reduction = reduction('min', { cast: arithmetic, ofNothing: false, grad: extremeGrad })

/** Whether any element is nonzero. */
export const any: Reduction = reduction('any', { cast: toBool, ofNothing: true, grad: null })
/** Whether all elements are nonzero. */
export const all: Reduction = reduction('all', { cast: toBool, ofNothing: true, grad: null })

/** A reduction to a position. */
export type ArgReduction = (x: Tensor, axis?: number | null, options?: ReduceOptions) => Tensor

function position(name: string): ArgReduction {
  const reduce = reduction(name, { cast: arithmetic, dtype: toInt32, ofNothing: false, grad: null })
  return (x, axis = null, options) =>
    axis === null ? reduce(x, null, options) : reduce(x, normalizeAxis(name, axis, x.ndim), options)
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

/** Σ (x − mean)² / (n − correction). */
export function variance(x: Tensor, axis?: number | readonly number[] | null, options: VarianceOptions = {}): Tensor {
  const { correction = 1, keepdims = false } = options
  const axes = normalizeAxes('variance', axis, x.ndim)
  const n = countOf(x, { axes, keepdims })
  return x
    .sub(x.mean(axes, { keepdims: true }))
    .square()
    .sum(axes, { keepdims })
    .div(Math.max(0, n - correction))
}

/** √variance; where it is 0, so is the gradient. */
export function std(x: Tensor, axis?: number | readonly number[] | null, options?: VarianceOptions): Tensor {
  const v = variance(x, axis, options)
  const constant = v.eq(0)
  return constant.where(0, constant.where(1, v).sqrt())
}

/** ln Σ eˣ, computed without overflow; −∞ for nothing. */
export function logsumexp(
  x: Tensor,
  axis?: number | readonly number[] | null,
  { keepdims = false }: ReduceOptions = {},
): Tensor {
  const axes = normalizeAxes('logsumexp', axis, x.ndim)
  if (countOf(x, { axes, keepdims }) === 0) return x.exp().sum(axes, { keepdims }).log()
  const top = unheard(() => finite(x.max(axes, { keepdims: true }))) // its gradient cancels
  const total = x.sub(top).exp().sum(axes, { keepdims: true }).log().add(top)
  return keepdims ? total : total.reshape(reducedShape(x.shape, { axes, keepdims }))
}

/** Infinite maxima replaced by 0, so that x − max is never ∞ − ∞. */
const finite = (m: Tensor): Tensor => m.abs().eq(Number.POSITIVE_INFINITY).where(0, m)
