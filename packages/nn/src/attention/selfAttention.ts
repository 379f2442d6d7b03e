// Attention over one tensor that holds queries, keys and values side by side.
import { ShapeError, type Tensor } from '@x/tensor'
import { checkOptions, requireTensor, show } from '@x/tensor/op'
import { type AttentionWeightsOptions, added, aligned, scaledDotProductAttention } from './attention.ts'
import { fits, fusedSelfAttention } from './fused.ts'

/**
 * Attention of `heads` heads whose queries, keys and values a single product made: qkv [B, T, 3·H·D], the queries of all
 * heads first, then their keys, then their values → [B, T, H·D]. In float32 with D a multiple of 8 it is one op, and so
 * is its gradient; else it is `scaledDotProductAttention` of the three parts.
 * @param options as `scaledDotProductAttention` has them, but for enableGqa
 * @throws ShapeError unless qkv has three axes and 3 · heads divides the last; DTypeError for a mask of integers
 * @example
 * import { randn } from '@x/tensor'
 * import { selfAttention } from '@x/nn'
 * selfAttention(randn([2, 10, 3 * 32]), 4, { isCausal: true }).shape // [2, 10, 32]
 */
export function selfAttention(
  qkv: Tensor,
  heads: number,
  options: Omit<AttentionWeightsOptions, 'enableGqa'> = {},
): Tensor {
  const op = 'selfAttention'
  checkOptions(op, options, ['attnMask', 'isCausal', 'scale'])
  requireTensor(op, 'qkv', qkv)
  const [B, T, row] = qkv.shape
  const D = row / 3 / heads
  if (qkv.ndim !== 3 || !(Number.isInteger(D) && D > 0))
    throw new ShapeError(`${op}: qkv ${show(qkv.shape)} is not [B, T, 3·${heads}·D]`)
  const { attnMask = null, isCausal = false, scale = 1 / Math.sqrt(D) } = options
  if (qkv.dtype === 'float32' && qkv.size > 0 && fits(D, D)) {
    const mask = attnMask && aligned(op, added(op, attnMask, qkv), 4, [B, heads, T, T])
    return fusedSelfAttention(qkv, heads, mask, { scale, causal: isCausal }).reshape([B, T, heads * D])
  }
  const parts = qkv.reshape([B, T, 3, heads, D]).permute([2, 0, 3, 1, 4])
  return scaledDotProductAttention(parts.at(0), parts.at(1), parts.at(2), { attnMask, isCausal, scale })
    .transpose(1, 2)
    .reshape([B, T, heads * D])
}
