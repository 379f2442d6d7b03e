// Tables of vectors: lookups, alone and summed up in bags.
import { customGrad, vjp } from '@x/autograd'
import { arange, DTypeError, ones, ShapeError, slice, type Tensor, tidy, zeros } from '@x/tensor'
import { assign, checkIndex, checkOptions, isFloating, requireTensor, show, unheard } from '@x/tensor/op'
import { inRange, oneOf } from '../options.ts'
import { checkValues } from '../values.ts'

/** Options of `embedding`. */
export interface EmbeddingOptions {
  /** A row whose gradient is 0; in bags, one that does not count. From the end if negative. Default null: none. */
  paddingIdx?: number | null
  /** Rows that are looked up and whose norm is larger are scaled down to it first, in the table itself. */
  maxNorm?: number | null
  /** Which norm that is. Default 2. */
  normType?: number
  /** Whether to divide a row's gradient by how often the row is looked up. Default false. */
  scaleGradByFreq?: boolean
}

export const OPTIONS: readonly string[] = ['paddingIdx', 'maxNorm', 'normType', 'scaleGradByFreq']

/** How often each row is looked up: [rows, 1]. */
const counts = (index: Tensor, rows: number, dtype: Tensor['dtype']): Tensor =>
  scattered(ones([index.size, 1], { dtype }), index.reshape([-1]), rows)

/** y [rows, D] with x[i] added at row index[i]. */
function scattered(x: Tensor, index: Tensor, rows: number): Tensor {
  return vjp((table) => table.take(index), zeros([rows, x.shape[1]], { dtype: x.dtype }), x).grads
}

/** @throws TypeError, DTypeError, ShapeError, RangeError; the row of padding, counted from the start, or −1 */
function checked(
  op: string,
  index: Tensor,
  weight: Tensor,
  options: EmbeddingOptions,
  known: readonly string[],
): number {
  checkOptions(op, options, known)
  requireTensor(op, 'input', index)
  requireTensor(op, 'weight', weight)
  if (isFloating(index.dtype) || index.dtype === 'bool')
    throw new DTypeError(`${op}: input has dtype ${index.dtype}; rows are integers, cast('int32')`)
  if (weight.ndim !== 2) throw new ShapeError(`${op}: weight ${show(weight.shape)} is not [rows, D]`)
  const [rows] = weight.shape
  const { paddingIdx = null } = options
  if (paddingIdx !== null) inRange(`${op}: paddingIdx`, paddingIdx, -rows, rows - 1)
  const { maxNorm = null, normType = 2 } = options
  if (maxNorm !== null) shorten(weight, index, maxNorm, normType)
  return paddingIdx === null ? -1 : paddingIdx < 0 ? paddingIdx + rows : paddingIdx
}

/** Scales the rows that are looked up down to the norm, in place. */
function shorten(weight: Tensor, index: Tensor, maxNorm: number, p: number): void {
  unheard(() =>
    tidy(() => {
      const norms = weight
        .abs()
        .pow(p)
        .sum(1, { keepdims: true })
        .pow(1 / p)
      const isMeant = counts(index, weight.shape[0], weight.dtype).gt(0).logicalAnd(norms.gt(maxNorm))
      assign(weight, isMeant.where(weight.mul(norms.add(1e-7).reciprocal().mul(maxNorm)), weight))
    }),
  )
}

/**
 * The rows of `weight` at the positions of `input`: input integers of any shape [...], weight [rows, D] → [..., D].
 * @throws DTypeError, ShapeError; RangeError for a position outside the table, also a negative one
 * @example
 * import { tensor } from '@x/tensor'
 * import { embedding } from '@x/nn'
 * const table = tensor([[0, 0], [1, 10], [2, 20]])
 * embedding(tensor([2, 1], { dtype: 'int32' }), table).toArray() // [[2, 20], [1, 10]]
 */
export function embedding(input: Tensor, weight: Tensor, options: EmbeddingOptions = {}): Tensor {
  const padding = checked('embedding', input, weight, options, OPTIONS)
  const index = input.cast('int32').contiguous()
  checkIndex('embedding', index, weight.shape[0], 0)
  if (padding < 0 && !options.scaleGradByFreq) return weight.take(index)
  const [rows] = weight.shape
  return customGrad({
    forward: (w) => w.take(index),
    backward: ({ dy, inputs: [w] }) => {
      let g = dy
      if (padding >= 0) g = index.ne(padding).unsqueeze(-1).where(g, 0)
      if (options.scaleGradByFreq)
        g = g.div(
          counts(index, rows, w.dtype)
            .take(index)
            .reshape([...index.shape, 1]),
        )
      return [vjp((w) => w.take(index), w, g).grads]
    },
  })(weight)
}

/** Options of `embeddingBag`. */
export interface EmbeddingBagOptions extends EmbeddingOptions {
  /** Where each bag starts in a flat input, int32 [B], rising from 0. */
  offsets?: Tensor | null
  /** Default 'mean'. */
  mode?: 'sum' | 'mean' | 'max'
  /** Factors of the shape of input, with mode 'sum'. */
  perSampleWeights?: Tensor | null
  /** Whether the last of the offsets is the end of the last bag. Default false. */
  includeLastOffset?: boolean
}

/**
 * Sum, mean or maximum of the rows of `weight` in each bag; of an empty bag 0. input [B, n], or flat [N] with offsets;
 * weight [rows, D] → [B, D]. The maximum over flat bags takes memory for B·N·D numbers.
 * @throws DTypeError, ShapeError, RangeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { embeddingBag } from '@x/nn'
 * const table = tensor([[0, 0], [1, 10], [2, 20]])
 * const [words, offsets] = [[1, 2, 2], [0, 2]].map((x) => tensor(x, { dtype: 'int32' }))
 * embeddingBag(words, table, { offsets, mode: 'sum' }).toArray() // [[3, 30], [2, 20]]
 */
export function embeddingBag(input: Tensor, weight: Tensor, options: EmbeddingBagOptions = {}): Tensor {
  const op = 'embeddingBag'
  const more = ['offsets', 'mode', 'perSampleWeights', 'includeLastOffset']
  const padding = checked(op, input, weight, options, [...OPTIONS, ...more])
  const { offsets = null, mode = 'mean', perSampleWeights = null, includeLastOffset = false, ...rest } = options
  oneOf(`${op}: mode`, mode, ['sum', 'mean', 'max'])
  if (perSampleWeights && mode !== 'sum')
    throw new RangeError(`${op}: perSampleWeights go with mode 'sum', not '${mode}'`)
  if (input.ndim !== (offsets ? 1 : 2) || (offsets && offsets.ndim !== 1))
    throw new ShapeError(`${op}: input ${show(input.shape)} is not [B, n], or flat [N] with offsets [B]`)
  if (perSampleWeights && show(perSampleWeights.shape) !== show(input.shape))
    throw new ShapeError(
      `${op}: perSampleWeights ${show(perSampleWeights.shape)} have not the shape of input ${show(input.shape)}`,
    )
  const flat = input.reshape([-1]).cast('int32')
  // Those of `checked` are done: maxNorm has been applied, and padding is left to what counts.
  let x = embedding(flat, weight, { paddingIdx: rest.paddingIdx, scaleGradByFreq: rest.scaleGradByFreq })
  if (perSampleWeights) x = x.mul(perSampleWeights.reshape([-1, 1]))
  const valid = padding < 0 ? null : flat.ne(padding)
  const B = offsets ? offsets.shape[0] : input.shape[0]
  const bags = offsets
    ? bagsOf(flat.size, offsets)
    : arange(B, undefined, { dtype: 'int32' }).unsqueeze(1).expand(input.shape).reshape([-1])
  // Behind the end of the last bag begins one that nobody asks for.
  const wanted = (y: Tensor): Tensor => (offsets && includeLastOffset ? y.at(slice(0, -1)) : y)
  if (mode === 'max') return wanted(largest(x, bags, B, valid))
  const kept = valid ? valid.unsqueeze(1).where(x, 0) : x
  const sum = scattered(kept, bags, B)
  if (mode === 'sum') return wanted(sum)
  const number = scattered(valid ? valid.cast(x.dtype).unsqueeze(1) : ones([flat.size, 1], { dtype: x.dtype }), bags, B)
  return wanted(sum.div(number.maximum(1)))
}

/** The bag of each of n positions: how many of the offsets are not behind it, less one. int32 [n]. */
function bagsOf(n: number, offsets: Tensor): Tensor {
  let least = 0
  checkValues('embeddingBag: offset', offsets, (start, bag) => {
    const [low, high] = bag === 0 ? [0, 0] : [least, n]
    least = start
    return start >= low && start <= high ? null : `is not from ${low} to ${high}; offsets rise from 0`
  })
  const at = arange(n, undefined, { dtype: 'int32' }).unsqueeze(1)
  return at.ge(offsets).sum(1).sub(1)
}

/** The largest of each bag [B, D], 0 of an empty one. */
function largest(x: Tensor, bags: Tensor, B: number, valid: Tensor | null): Tensor {
  let inside = bags.eq(arange(B, undefined, { dtype: 'int32' }).unsqueeze(1))
  if (valid) inside = inside.logicalAnd(valid)
  const rows = inside.unsqueeze(2).where(x, Number.NEGATIVE_INFINITY).max(1)
  return inside.any(1, { keepdims: true }).where(rows, 0)
}
