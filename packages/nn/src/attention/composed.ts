// Attention written with plain ops: what the fused op is held against, and what runs where that cannot.
import { arange, type DType, type Tensor } from '@x/tensor'

/** How attention scores its keys. */
export interface Scores {
  /** What products are multiplied with. */
  readonly scale: number
  /** Whether key j is hidden from query i < j. */
  readonly causal: boolean
}

/** k or v [..., Hk, T, D] for `heads` heads of the query: each head repeated for the queries that share it. */
export function shared(t: Tensor, heads: number): Tensor {
  const axis = t.ndim - 3
  const own = t.shape[axis]
  if (t.ndim < 3 || own === heads) return t
  const lead = t.shape.slice(0, axis)
  const last = t.shape.slice(axis + 1)
  return t
    .unsqueeze(axis + 1)
    .expand([...lead, own, heads / own, ...last])
    .reshape([...lead, heads, ...last])
}

/** softmax(scale q kᵀ + mask): q [..., Tq, D], k [..., Tk, D] → [..., Tq, Tk]. The mask is added. */
export function weights(q: Tensor, k: Tensor, mask: Tensor | null, { scale, causal }: Scores): Tensor {
  let scores = q.mul(scale).matmul(k.mT)
  if (mask) scores = scores.add(mask)
  if (causal) scores = scores.add(future(q.shape[q.ndim - 2], k.shape[k.ndim - 2], scores.dtype))
  return scores.softmax()
}

/** What is added to scores [queries, keys] so that query i sees keys j ≤ i alone: 0 and −∞. */
export function future(queries: number, keys: number, dtype: DType): Tensor {
  const [i, j] = [queries, keys].map((n) => arange(n, undefined, { dtype: 'int32' }))
  return i.unsqueeze(1).ge(j).where(0, Number.NEGATIVE_INFINITY).cast(dtype)
}

/** softmax(…) v for [B, H, T, D]: → [B, H, Tq, E]. k and v may have fewer heads than q. */
export function attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | null, scores: Scores): Tensor {
  const heads = q.shape[1]
  return weights(q, shared(k, heads), mask, scores).matmul(shared(v, heads))
}
