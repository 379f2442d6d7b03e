// Scaled dot-product attention, and its weights.
import { DTypeError, type Generator, ShapeError, type Tensor } from '@x/tensor'
import { checkOptions, floatingFor, isFloating, requireTensor, sameShape, show } from '@x/tensor/op'
import { dropout } from '../dropout.ts'
import { type Scores, shared, weights } from './composed.ts'
import { fits, fusedAttention } from './fused.ts'

/** Options of `attentionWeights`. */
export interface AttentionWeightsOptions {
  /** bool, true where a query may see a key; or floating numbers that are added to the scores. [..., Tq, Tk], broadcast. */
  attnMask?: Tensor | null
  /** Whether query i sees keys j ≤ i alone. Default false. */
  isCausal?: boolean
  /** Factor of the scores. Default 1/√D. */
  scale?: number
  /** Whether several heads of q share one of k and v: q [..., H, Tq, D], k [..., Hk, Tk, D], Hk divides H. Default false. */
  enableGqa?: boolean
}

/** Options of `scaledDotProductAttention`. */
export interface AttentionOptions extends AttentionWeightsOptions {
  /** Probability of dropping a weight. Default 0. */
  dropoutP?: number
  /** Where dropout takes its numbers from. Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

const OPTIONS = ['attnMask', 'isCausal', 'scale', 'enableGqa']

interface Checked extends Scores {
  readonly heads: number
  readonly mask: Tensor | null
}

/** @throws ShapeError, DTypeError, RangeError */
function checked(op: string, q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions, known: string[]): Checked {
  checkOptions(op, options, known)
  for (const [name, t] of Object.entries({ q, k, v })) requireTensor(op, name, t)
  const { attnMask = null, isCausal = false, enableGqa = false } = options
  const shapes = `q ${show(q.shape)}, k ${show(k.shape)}, v ${show(v.shape)}`
  const rank = q.ndim
  if (rank < 2 || k.ndim !== rank || v.ndim !== rank) throw new ShapeError(`${op}: ${shapes} need the same rank from 2`)
  const D = q.shape[rank - 1]
  if (k.shape[rank - 1] !== D) throw new ShapeError(`${op}: q and k differ in their last axis: ${shapes}`)
  if (k.shape[rank - 2] !== v.shape[rank - 2]) throw new ShapeError(`${op}: there is not one v for each k: ${shapes}`)
  const heads = q.shape[rank - 3] ?? 1
  if (enableGqa && (rank < 3 || [k, v].some((t) => heads % t.shape[rank - 3] !== 0))) {
    throw new ShapeError(`${op}: the heads of q are no multiple of those of k and v: ${shapes}`)
  }
  const { scale = 1 / Math.sqrt(D) } = options
  return { heads: enableGqa ? heads : 0, scale, causal: isCausal, mask: attnMask && added(op, attnMask, q) }
}

/** A mask as numbers to add to the scores. @throws DTypeError for integers */
export function added(op: string, mask: Tensor, { dtype }: Tensor): Tensor {
  const own = floatingFor(dtype)
  if (mask.dtype === 'bool') return mask.where(0, Number.NEGATIVE_INFINITY).cast(own)
  if (isFloating(mask.dtype)) return mask.cast(own)
  throw new DTypeError(`${op}: the mask has dtype ${mask.dtype}; masks are bool, or floating numbers to add`)
}

/**
 * softmax(scale · q kᵀ + mask): how much each query takes of each key. q [..., Tq, D], k [..., Tk, D] → [..., Tq, Tk].
 * A query that sees no key has NaN.
 * @throws ShapeError; DTypeError for a mask of integers
 * @example
 * import { ones } from '@x/tensor'
 * import { attentionWeights } from '@x/nn'
 * attentionWeights(ones([1, 2, 4]), ones([1, 2, 4])).toArray() // [[[0.5, 0.5], [0.5, 0.5]]]
 */
export function attentionWeights(q: Tensor, k: Tensor, options: AttentionWeightsOptions = {}): Tensor {
  const { heads, mask, ...scores } = checked('attentionWeights', q, k, k, options, OPTIONS)
  return weights(q, heads ? shared(k, heads) : k, mask, scores)
}

/**
 * softmax(scale · q kᵀ + mask) · v. q [..., Tq, D], k [..., Tk, D], v [..., Tk, E] → [..., Tq, E].
 *
 * float32 of up to four axes with D and E multiples of 8 goes through a fused op, whose memory does not grow with Tq·Tk.
 * A mask of bool says true for what takes part, as torch.nn.functional.scaled_dot_product_attention has it (in
 * `MultiheadAttention` it is the other way round, there as here). A query that sees no key has NaN.
 *
 * Source: A. Vaswani et al. 2017, arXiv:1706.03762, eq. 1.
 * @throws ShapeError; RangeError for dropoutP; DTypeError for a mask of integers
 * @example
 * import { randn } from '@x/tensor'
 * import { scaledDotProductAttention } from '@x/nn'
 * const [q, k, v] = [randn([2, 4, 10, 8]), randn([2, 4, 10, 8]), randn([2, 4, 10, 8])] // [B, heads, T, D]
 * scaledDotProductAttention(q, k, v, { isCausal: true }).shape // [2, 4, 10, 8]
 */
export function scaledDotProductAttention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  const op = 'scaledDotProductAttention'
  const { heads, mask, ...scores } = checked(op, q, k, v, options, [...OPTIONS, 'dropoutP', 'generator'])
  const { dropoutP = 0, generator } = options
  const rank = q.ndim
  const lead = (t: Tensor): Tensor['shape'] => t.shape.slice(0, heads ? -3 : -2)
  const same = sameShape(lead(q), lead(k)) && sameShape(k.shape.slice(0, -2), v.shape.slice(0, -2))
  const isFused =
    dropoutP === 0 &&
    rank <= 4 &&
    same &&
    [q, k, v].every((t) => t.dtype === 'float32' && t.size > 0) &&
    fits(q.shape[rank - 1], v.shape[rank - 1]) &&
    (mask === null || mask.ndim <= rank)
  if (isFused) {
    const four = (t: Tensor): Tensor => {
      const [last, before] = [t.shape.slice(-2), t.shape.slice(0, -2)]
      return t.reshape([before[0] ?? 1, before[1] ?? 1, ...last])
    }
    const all = [q, k, v].map(four)
    const y = fusedAttention(
      all[0],
      all[1],
      all[2],
      mask && aligned(op, mask, rank, [...all[0].shape.slice(0, 3), k.shape[rank - 2]]),
      scores,
    )
    return y.transpose(1, 2).reshape([...q.shape.slice(0, -1), v.shape[rank - 1]])
  }
  const w = weights(q, heads ? shared(k, heads) : k, mask, scores)
  return (dropoutP === 0 ? w : dropout(w, dropoutP, { generator })).matmul(heads ? shared(v, heads) : v)
}

/** A mask of at most `rank` axes as [B or 1, H or 1, Tq or 1, Tk]. @throws ShapeError */
export function aligned(op: string, mask: Tensor, rank: number, scores: readonly number[]): Tensor {
  const missing = Array(Math.max(0, rank - mask.ndim)).fill(1)
  const own = [...missing, ...mask.shape]
  // Of three axes the first is that of the batch.
  const shape = rank === 2 ? [1, 1, ...own] : rank === 3 ? [own[0], 1, ...own.slice(1)] : own
  if (shape.length !== 4 || shape.some((n, i) => n !== 1 && n !== scores[i])) {
    throw new ShapeError(`${op}: the mask ${show(mask.shape)} does not broadcast to the scores ${show(scores)}`)
  }
  const four = mask.reshape(shape)
  return four.expand([...shape.slice(0, 3), scores[3]]).contiguous()
}
