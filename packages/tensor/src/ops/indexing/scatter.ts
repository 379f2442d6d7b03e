// PyTorch's scatter family: the result is a copy of x in which elements were replaced or met.
import { checkAxis, requireTensors, requireVector } from '../../axes.ts'
import { isFloating } from '../../dtype.ts'
import { ShapeError } from '../../errors.ts'
import { tidy } from '../../memory/scope.ts'
import { optionsOf, requireOneOf } from '../../options.ts'
import { type OpFunction, requireTensor, scalar, type TensorLike } from '../../record.ts'
import { type Shape, show } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import { exactly } from '../elementwise/rules.ts'
import { asIndex, corner, matched } from './indexing.ts'
import { MEETINGS, type Meeting, meet, type Placing, placeSlices, reduceOp, scatterOp, valuesFor } from './placing.ts'
import { basic, putOp, slice } from './window.ts'

export interface ScatterOptions {
  /** Default 0. */
  axis?: number
}

const axisOf = (op: string, options?: ScatterOptions, axis = 0): number => optionsOf(op, options, { axis }).axis

/** Checks what the scatter family has in common, and lets `place` do its work where the positions are. */
function scattered(
  op: string,
  x: Tensor,
  index: Tensor,
  src: TensorLike,
  axis: number,
  place: OpFunction<Placing>,
): Tensor {
  const a = checkAxis(op, axis, x)
  const i = asIndex(op, index)
  if (typeof src !== 'number') requireTensor(op, 'src', src)
  const wide = (other: Shape, but: number): boolean =>
    other.length === i.ndim && i.shape.every((n, k) => k === but || n <= other[k])
  if (!wide(x.shape, a)) {
    throw new ShapeError(
      `${op}: index ${show(i.shape)} reaches beyond x ${show(x.shape)} beside axis ${a}, or has another rank`,
    )
  }
  const isTensor = typeof src !== 'number' && src.ndim > 0
  if (isTensor && !wide(src.shape, -1)) {
    throw new ShapeError(`${op}: src ${show(src.shape)} has not an element for each of index ${show(i.shape)}`)
  }
  const values = valuesFor(op, x, isTensor ? corner(src, i.shape, -1) : src, i.shape)
  const p: Placing = { op, axis: a, each: true }
  const part = corner(x, i.shape, a)
  if (part === x) return place([x, i, values], p)
  const of = basic(part.shape.map((n) => slice(0, n)))
  return tidy(() => putOp([x, place([part, i, values], p)], { of }))
}

/**
 * A copy of `x` in which y[…, index[…, i, …], …] = src[…, i, …] along an axis, as torch.scatter. Of several values for one
 * place the last in memory order stays, and gradients count for all of them.
 * @param index int32 (or other integers) of the rank of `x`; may be shorter than `x` beside the axis, negatives count from the end
 * @param src a number, or a tensor at least as long as `index` on every axis; it is cast to the dtype of `x`
 * @throws ShapeError, RangeError for a position outside the axis, DTypeError for an index that is not integer
 * @example
 * import { scatter, tensor, zeros } from '@x/tensor'
 * const index = tensor([[2], [0]], { dtype: 'int32' })
 * scatter(zeros([2, 3]), index, 1, { axis: 1 }).toArray() // [[0, 0, 1], [1, 0, 0]]
 */
export function scatter(x: Tensor, index: Tensor, src: TensorLike, options?: ScatterOptions): Tensor {
  return scattered('scatter', x, index, src, axisOf('scatter', options), scatterOp)
}

/** As `scatter`, but values are added to what is there, in memory order: torch.scatter_add. */
export function scatterAdd(x: Tensor, index: Tensor, src: TensorLike, options?: ScatterOptions): Tensor {
  return scattered('scatterAdd', x, index, src, axisOf('scatterAdd', options), (inputs, p) => meet('sum', inputs, p))
}

export interface ScatterReduceOptions extends ScatterOptions {
  /** How values meet. */
  reduce: Meeting | 'mean'
  /** Whether the elements of `x` take part where others come. Default true. */
  includeSelf?: boolean
}

/**
 * As `scatter`, but all values for a place are reduced to one, together with what is there: torch.scatter_reduce.
 * Equals share the gradient of a maximum or minimum; of integers the mean is rounded down.
 * @throws RangeError for an unknown `reduce`; otherwise as `scatter`
 * @example
 * import { scatterReduce, tensor, zeros } from '@x/tensor'
 * const index = tensor([0, 0, 2], { dtype: 'int32' })
 * const src = tensor([1, 2, 5])
 * scatterReduce(zeros([3]), index, src, { reduce: 'mean', includeSelf: false }).toArray() // [1.5, 0, 5]
 */
export function scatterReduce(x: Tensor, index: Tensor, src: TensorLike, options: ScatterReduceOptions): Tensor {
  const { axis, reduce, includeSelf } = optionsOf('scatterReduce', options, {
    axis: 0,
    reduce: options?.reduce,
    includeSelf: true,
  })
  requireOneOf('scatterReduce', 'reduce', reduce, ['mean', ...Object.keys(MEETINGS)])
  return scattered('scatterReduce', x, index, src, axis, (inputs, p) => {
    const [part, i] = inputs as readonly Tensor[]
    if (reduce !== 'mean') return reduceOp(inputs, { ...p, reduce, includeSelf })
    const total = reduceOp(inputs, { ...p, reduce: 'sum', includeSelf })
    const kind = exactly([x])
    const count = meet('sum', [scalar(Number(includeSelf), kind).expand(part.shape), i, scalar(1, kind)], p)
    const mean = total.cast(kind).div(count.maximum(1))
    return (isFloating(x.dtype) ? mean : mean.floor()).cast(x.dtype)
  })
}

/** The slices along an axis that the functions below write. */
function sliced(op: string, x: Tensor, index: Tensor, value: TensorLike, axis: number, by: Meeting | null): Tensor {
  requireTensor(op, 'x', x)
  const i = asIndex(op, index)
  requireVector(op, 'index', i, 0)
  return placeSlices(op, x, i.reshape([-1]), value, checkAxis(op, axis, x), by)
}

export interface IndexAddOptions extends ScatterOptions {
  /** What the source is multiplied by. Default 1. */
  alpha?: number
}

/**
 * A copy of `x` to whose slices at the positions of `index` those of `source` are added, as torch.index_add.
 * @param index a vector of positions
 * @param source a slice for each position; or a number, or what broadcasts to that
 * @throws ShapeError, RangeError for a position outside the axis, DTypeError for an index that is not integer
 */
export function indexAdd(x: Tensor, index: Tensor, source: TensorLike, options?: IndexAddOptions): Tensor {
  const { axis, alpha } = optionsOf('indexAdd', options, { axis: 0, alpha: 1 })
  const scaled = alpha === 1 ? source : typeof source === 'number' ? source * alpha : source.mul(alpha)
  return sliced('indexAdd', x, index, scaled, axis, 'sum')
}

/** A copy of `x` whose slices at the positions of `index` are those of `source`: torch.index_copy; see `indexAdd`. */
export function indexCopy(x: Tensor, index: Tensor, source: TensorLike, options?: ScatterOptions): Tensor {
  return sliced('indexCopy', x, index, source, axisOf('indexCopy', options), null)
}

/** A copy of `x` whose slices at the positions of `index` are all `value`: torch.index_fill; see `indexAdd`. */
export function indexFill(x: Tensor, index: Tensor, value: TensorLike, options?: ScatterOptions): Tensor {
  const axis = axisOf('indexFill', options)
  if (typeof value === 'number') return sliced('indexFill', x, index, value, axis, null)
  requireTensors('indexFill', { x, value })
  if (value.ndim > 0) throw new ShapeError(`indexFill: value ${show(value.shape)} is no scalar`)
  return tidy(() => {
    // A place that is named twice counts once for the gradient of the value.
    const filled = sliced('indexFill', scalar(0, 'bool').expand(x.shape), index, 1, axis, null)
    return filled.where(value, x).cast(x.dtype)
  })
}

/**
 * A copy of `x` with `values` where `takeAlongAxis` would take: numpy.put_along_axis, but nothing is changed. x, index and
 * values broadcast beside the axis.
 * @throws ShapeError when ranks differ or shapes do not broadcast; RangeError, DTypeError as `scatter`
 */
export function putAlongAxis(x: Tensor, index: Tensor, values: TensorLike, options?: ScatterOptions): Tensor {
  const { x: wide, index: i, axis } = matched('putAlongAxis', x, index, axisOf('putAlongAxis', options, -1))
  const p: Placing = { op: 'putAlongAxis', axis, each: true }
  if (wide !== x) throw new ShapeError(`putAlongAxis: index ${show(index.shape)} reaches beyond x ${show(x.shape)}`)
  return scatterOp([x, i, valuesFor('putAlongAxis', x, values, i.shape)], p)
}
