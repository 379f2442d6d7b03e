// Attention as all models here use it: fused where nobody looks inside, composed of plain ops where somebody does.
import { attentionWeights, dropout, scaledDotProductAttention, selfAttention } from '@x/nn'
import { slice, type Tensor } from '@x/tensor'
import { attendOne, takesOne } from './attendOne.ts'
import { goingOn, type Pass, type Place } from './pass.ts'

export interface AttendOptions {
  /** Factor of the scores. Default 1/√D. */
  readonly scale?: number
  /** Added to the scores, in addition to the mask of the pass: [B or 1, H, T or 1, S]. */
  readonly bias?: Tensor | null
  /** Probability of dropping a weight. Default 0. */
  readonly dropoutP?: number
}

/**
 * softmax(scale · q kᵀ + mask + bias) v. q [B, T, H, D], k and v [B, Hk, S, D] with Hk dividing H → [B, T, H·D], or of
 * the last position alone [B, 1, H·D] where the pass needs no more.
 */
export function attend(
  queries: Tensor,
  [k, v]: readonly [k: Tensor, v: Tensor],
  pass: Pass,
  place: Pick<Place, 'layer' | 'kind'>,
  options: AttendOptions = {},
): Tensor {
  const { scale, bias = null, dropoutP = 0 } = options
  const { mask: visible, trace, stack } = pass
  const q = goingOn(queries, place.layer, pass)
  const [B, T, H, D] = q.shape
  const isLast = place.layer === pass.lastOf
  // The last sees everything before it.
  const causal = pass.causal && !isLast
  const all = visible && bias ? visible.add(bias) : (visible ?? bias)
  const mask = isLast && all ? all.at('...', slice(-1), slice()) : all
  if (!causal && dropoutP === 0 && !trace?.needsWeights && !trace?.needsHeads && takesOne(q, k, v, mask)) {
    return attendOne(q, [k, v], mask, scale ?? 1 / Math.sqrt(D)).reshape([B, T, H * D])
  }
  const shown = { attnMask: mask, isCausal: causal, scale, enableGqa: k.shape[1] !== H }
  const rows = q.transpose(1, 2)
  let heads: Tensor // [B, H, T, D]
  if (trace?.needsWeights) {
    const weights = trace.weights(attentionWeights(rows, k, shown), { ...place, stack })
    heads = (dropoutP > 0 ? dropout(weights, dropoutP) : weights).matmul(shared(v, H))
  } else heads = scaledDotProductAttention(rows, k, v, { ...shown, dropoutP })
  if (trace?.needsHeads) heads = trace.head(heads, { ...place, stack })
  return heads.transpose(1, 2).reshape([B, T, H * D])
}

/** `attend` for queries, keys and values side by side in one projection [B, T, 3·H·D], each head by head. */
export function attendPacked(
  qkv: Tensor,
  heads: number,
  pass: Pass,
  layer: number,
  options: AttendOptions = {},
): Tensor {
  const { mask: attnMask, causal: isCausal, trace, cache } = pass
  const [B, T, row] = qkv.shape
  const { dropoutP = 0 } = options
  if (!cache && !trace?.needsWeights && !trace?.needsHeads && dropoutP === 0 && layer !== pass.lastOf) {
    return selfAttention(qkv, heads, { attnMask, isCausal })
  }
  const parts = qkv.reshape([B, T, 3, heads, row / 3 / heads])
  const [q, k, v] = [0, 1, 2].map((i) => parts.at('...', i, slice(), slice()))
  return attend(q, remembered(k, v, layer, pass), pass, { layer, kind: 'self' }, options)
}

/** Values [B, Hk, S, D] for each of H heads. */
function shared(v: Tensor, H: number): Tensor {
  const [B, Hk, S, D] = v.shape
  return Hk === H
    ? v
    : v
        .unsqueeze(2)
        .expand([B, Hk, H / Hk, S, D])
        .reshape([B, H, S, D])
}

/** A projection [B, T, H·D] as heads [B, T, H, D]. */
export const headed = (x: Tensor, heads: number): Tensor =>
  x.reshape([x.shape[0], x.shape[1], heads, x.shape[2] / heads])

/** Keys and values [B, T, Hk, D] as [B, Hk, S, D], behind those of the tokens before where the pass has a cache. */
export function remembered(k: Tensor, v: Tensor, layer: number, { cache }: Pass): readonly [k: Tensor, v: Tensor] {
  return cache ? cache.extend(layer, k, v) : [k.transpose(1, 2), v.transpose(1, 2)]
}
