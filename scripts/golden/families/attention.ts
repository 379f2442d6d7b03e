// Attention and transformers.
import {
  attentionWeights,
  crossEntropy,
  layerNorm,
  linear,
  MultiheadAttention,
  scaledDotProductAttention,
  Transformer,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
} from '@x/nn'
import { arange, type Tensor } from '@x/tensor'
import { withRecorded } from './modules.ts'
import { camelCase } from './optim.ts'
import type { Inputs, Op, Table } from './table.ts'

/** q, k and v of [B, T, 3E] in heads [B, H, T, D], and what they become as [B, T, E]. */
function causalHeads(qkv: Tensor, heads: number): Tensor {
  const [B, T, row] = qkv.shape
  const parts = qkv.reshape([B, T, 3, heads, row / 3 / heads]).permute([2, 0, 3, 1, 4])
  const y = scaledDotProductAttention(parts.at(0), parts.at(1), parts.at(2), { isCausal: true })
  return y.transpose(1, 2).reshape([B, T, row / 3])
}

/** A decoder-only model of pre-normalised blocks: wte, wpe, blocks.0.norm1 …, normf. Without a head, that is wte. */
export function gpt(idx: Tensor, p: (name: string) => Tensor, blocks: readonly string[], heads: number): Tensor {
  const map = (name: string, x: Tensor): Tensor => linear(x, p(`${name}.weight`), p(`${name}.bias`))
  const norm = (name: string, x: Tensor): Tensor => layerNorm(x, p(`${name}.weight`), p(`${name}.bias`))
  const T = idx.shape[1]
  let x = p('wte.weight')
    .take(idx)
    .add(p('wpe.weight').take(arange(T, undefined, { dtype: 'int32' })))
  for (const block of blocks) {
    const attended = causalHeads(map(`${block}.attn`, norm(`${block}.norm1`, x)), heads)
    x = x.add(map(`${block}.proj`, attended))
    x = x.add(map(`${block}.out`, map(`${block}.fc`, norm(`${block}.norm2`, x)).geluTanh()))
  }
  return norm('normf', x)
}

const named = (inputs: Inputs) => (name: string) => inputs[`param:${name}`]

/** dModel and heads apart from the options. */
function sized(args: Readonly<Record<string, unknown>>): [dModel: number, nhead: number, options: object] {
  const { dModel, nhead, ...options } = camelCase(args)
  return [dModel as number, nhead as number, options]
}

const scaled: Op = ({ q, k, v, mask }, { causal = false }) => {
  const isBool = mask?.dtype === 'bool'
  const options = { attnMask: isBool ? mask.logicalNot() : (mask ?? null), isCausal: causal as boolean }
  return [scaledDotProductAttention(q, k, v, options), attentionWeights(q, k, options)]
}

export const attention: Table = {
  scaled_dot_product_attention: scaled,
  'torch.nn.MultiheadAttention': (inputs, args) => {
    const { embedDim, numHeads, averageAttnWeights, ...options } = camelCase(args)
    const model = withRecorded(new MultiheadAttention(embedDim as number, numHeads as number, options), inputs)
    const { query, key, value, attn_mask: attnMask, key_padding_mask: keyPaddingMask } = inputs
    const masks = { attnMask, keyPaddingMask, averageAttnWeights: averageAttnWeights as boolean }
    const [y, weights] = model.forward(query, key, value, masks)
    return [y, weights as Tensor]
  },
  'torch.nn.TransformerEncoderLayer': (inputs, args) => {
    const model = withRecorded(new TransformerEncoderLayer(...sized(args)), inputs)
    const { src, src_mask: srcMask, src_key_padding_mask: srcKeyPaddingMask } = inputs
    return model.forward(src, { srcMask, srcKeyPaddingMask })
  },
  'torch.nn.TransformerDecoderLayer': (inputs, args) => {
    const model = withRecorded(new TransformerDecoderLayer(...sized(args)), inputs)
    const { tgt, memory, tgt_mask: tgtMask, memory_mask: memoryMask } = inputs
    const { tgt_key_padding_mask: tgtKeyPaddingMask, memory_key_padding_mask: memoryKeyPaddingMask } = inputs
    return model.forward(tgt, memory, { tgtMask, memoryMask, tgtKeyPaddingMask, memoryKeyPaddingMask })
  },
  'torch.nn.Transformer': (inputs, args) => {
    const model = withRecorded(new Transformer(camelCase(args)), inputs)
    const { src, tgt, src_mask: srcMask, tgt_mask: tgtMask, memory_mask: memoryMask } = inputs
    const { src_key_padding_mask: srcKeyPaddingMask, tgt_key_padding_mask: tgtKeyPaddingMask } = inputs
    // What pads the source pads the memory, unless that was recorded for itself.
    const { memory_key_padding_mask: memoryKeyPaddingMask = srcKeyPaddingMask } = inputs
    const padding = { srcKeyPaddingMask, tgtKeyPaddingMask, memoryKeyPaddingMask }
    return model.forward(src, tgt, { srcMask, tgtMask, memoryMask, ...padding })
  },
  'GPT-2 style decoder (pre-norm, tied head, gelu tanh, learned positions)': (
    inputs,
    { vocab, block, d, layers, heads },
  ) => {
    const p = named(inputs)
    if (String(p('wpe.weight').shape) !== String([block, d])) throw new Error('positions of another size were recorded')
    const blocks = Array.from({ length: layers }, (_, i) => `blocks.${i}`)
    const logits = linear(gpt(inputs.idx, p, blocks, heads), p('wte.weight'), null)
    return [logits, crossEntropy(logits.reshape([-1, vocab]), inputs.target.reshape([-1]))]
  },
}
