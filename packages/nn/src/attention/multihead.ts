// Attention of several heads, with projections before and behind.
import { concat, type Generator, ShapeError, slice, type Tensor, zeros } from '@x/tensor'
import { checkOptions, requireTensor, show } from '@x/tensor/op'
import { dropout } from '../dropout.ts'
import { linear } from '../functional.ts'
import * as init from '../initialize.ts'
import { Linear } from '../layers/linear.ts'
import { Module, parameter, snakeCase } from '../module.ts'
import { checkSizes, inRange, multiple } from '../options.ts'
import { added, aligned, scaledDotProductAttention } from './attention.ts'
import { weights as attentionWeights, future } from './composed.ts'
import { fits, fusedSelfAttention } from './fused.ts'

/** Options of `MultiheadAttention`. */
export interface MultiheadOptions {
  /** Probability of dropping a weight, in training. Default 0. */
  dropout?: number
  /** Whether projections have biases. Default true. */
  bias?: boolean
  /** Whether to add a trained key and value to those that there are. Default false. */
  addBiasKv?: boolean
  /** Whether to add a key and value of zeros. Default false. */
  addZeroAttn?: boolean
  /** Numbers of a key. Default: embedDim. */
  kdim?: number
  /** Numbers of a value. Default: embedDim. */
  vdim?: number
  /** Whether inputs are [B, T, E] instead of [T, B, E], and outputs likewise. Default false. */
  batchFirst?: boolean
  /** Where initial values and dropout come from. Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

const OPTIONS = ['dropout', 'bias', 'addBiasKv', 'addZeroAttn', 'kdim', 'vdim', 'batchFirst', 'generator']

/** Options of `MultiheadAttention.forward`. */
export interface AttendOptions {
  /** [B, S] (of one example [S]): true, or −∞ to add, where a key is left out. */
  keyPaddingMask?: Tensor | null
  /** Whether to return the weights, which the fused way never has. Default true. */
  needWeights?: boolean
  /** [L, S] or [B·H, L, S]: true where a query may not see a key; or numbers to add to the scores. */
  attnMask?: Tensor | null
  /** Whether weights are the mean over the heads. Default true. */
  averageAttnWeights?: boolean
  /** Whether query i sees keys j ≤ i alone, with a mask or without. Default false. */
  isCausal?: boolean
}

const ATTEND = ['keyPaddingMask', 'needWeights', 'attnMask', 'averageAttnWeights', 'isCausal']

/** What a layer looks up, before and behind the projections: q, k and v [B, T, …]. */
type Three = readonly [q: Tensor, k: Tensor, v: Tensor]

/**
 * Multi-head attention: heads of q, k and v, each a linear map of its input, attend apart and are mapped together.
 * query [L, B, E], key [S, B, kdim], value [S, B, vdim], with `batchFirst` the batch first, or of one example without
 * it → [output, weights]: [L, B, E], and [B, L, S] or null.
 *
 * Keys are PyTorch's: in_proj_weight [3E, E] (or q_proj_weight, k_proj_weight, v_proj_weight), in_proj_bias,
 * out_proj.weight, out_proj.bias, bias_k, bias_v. A mask of bool says true for what is left out, as there. With
 * `needWeights: false` and without dropout the work is one fused op.
 *
 * Source: A. Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2.
 * @throws RangeError for sizes and options; ShapeError and DTypeError from `forward`
 * @example
 * import { randn } from '@x/tensor'
 * import { MultiheadAttention } from '@x/nn'
 * const attention = new MultiheadAttention(16, 4, { batchFirst: true })
 * const x = randn([2, 5, 16])
 * const [y, weights] = attention.forward(x, x, x) // [2, 5, 16] and [2, 5, 5]
 */
export class MultiheadAttention extends Module<readonly [output: Tensor, weights: Tensor | null]> {
  readonly embedDim: number
  readonly numHeads: number
  readonly dropout: number
  readonly batchFirst: boolean
  readonly addZeroAttn: boolean
  readonly generator: Generator | undefined
  readonly inProjWeight: Tensor | null = null
  readonly qProjWeight: Tensor | null = null
  readonly kProjWeight: Tensor | null = null
  readonly vProjWeight: Tensor | null = null
  readonly inProjBias: Tensor | null
  readonly outProj: Linear
  readonly biasK: Tensor | null = null
  readonly biasV: Tensor | null = null

  constructor(embedDim: number, numHeads: number, options: MultiheadOptions = {}) {
    super()
    checkOptions('MultiheadAttention', options, OPTIONS)
    const { dropout = 0, bias = true, addBiasKv = false, addZeroAttn = false, batchFirst = false, generator } = options
    const { kdim = embedDim, vdim = embedDim } = options
    checkSizes('MultiheadAttention', { embedDim, numHeads, kdim, vdim })
    multiple('MultiheadAttention: embedDim', embedDim, numHeads)
    inRange('MultiheadAttention: dropout', dropout, 0, 1)
    this.embedDim = embedDim
    this.numHeads = numHeads
    this.dropout = dropout
    this.batchFirst = batchFirst
    this.addZeroAttn = addZeroAttn
    this.generator = generator
    const uniform = (...shape: number[]): Tensor => init.xavierUniform(parameter(zeros(shape)), { generator })
    if (kdim === embedDim && vdim === embedDim) this.inProjWeight = uniform(3 * embedDim, embedDim)
    else {
      this.qProjWeight = uniform(embedDim, embedDim)
      this.kProjWeight = uniform(embedDim, kdim)
      this.vProjWeight = uniform(embedDim, vdim)
    }
    this.inProjBias = bias ? parameter(zeros([3 * embedDim])) : null
    this.outProj = new Linear(embedDim, embedDim, { bias, generator })
    if (this.outProj.bias) init.zeros(this.outProj.bias)
    if (addBiasKv) {
      this.biasK = init.xavierNormal(parameter(zeros([1, 1, embedDim])), { generator })
      this.biasV = init.xavierNormal(parameter(zeros([1, 1, embedDim])), { generator })
    }
  }

  protected override keyOf(field: string): string {
    return snakeCase(field)
  }

  override forward(
    query: Tensor,
    key: Tensor = query,
    value: Tensor = key,
    options: AttendOptions = {},
  ): readonly [output: Tensor, weights: Tensor | null] {
    checkOptions('MultiheadAttention', options, ATTEND)
    const isBatch = this.check(query, key, value)
    const first = (x: Tensor): Tensor => (isBatch ? (this.batchFirst ? x : x.transpose(0, 1)) : x.unsqueeze(0))
    // The same tensor stays the same tensor: then one product projects it.
    const q = first(query)
    const k = key === query ? q : first(key)
    const v = value === key ? k : value === query ? q : first(value)
    const { needWeights = true, averageAttnWeights = true, isCausal = false } = options
    const [heads, weights] = this.attend([q, k, v], this.masks(q, k, options), needWeights, isCausal)
    const y = this.outProj.forward(heads)
    const shown = weights && (averageAttnWeights ? weights.mean(1) : weights)
    if (!isBatch) return [y.squeeze(0), shown ? shown.squeeze(0) : null]
    return [this.batchFirst ? y : y.transpose(0, 1), shown]
  }

  /** Whether there is a batch. @throws ShapeError */
  private check(query: Tensor, key: Tensor, value: Tensor): boolean {
    for (const [name, t] of Object.entries({ query, key, value })) requireTensor('MultiheadAttention', name, t)
    const { embedDim, batchFirst } = this
    const wanted = [embedDim, this.kProjWeight?.shape[1] ?? embedDim, this.vProjWeight?.shape[1] ?? embedDim]
    const isBatch = query.ndim === 3
    const [batch, time] = batchFirst ? [0, 1] : [1, 0]
    const all = [query, key, value]
    const fit =
      all.every((t, i) => t.ndim === (isBatch ? 3 : 2) && t.shape[t.ndim - 1] === wanted[i]) &&
      (isBatch || query.ndim === 2) &&
      (!isBatch || all.every((t) => t.shape[batch] === query.shape[batch])) &&
      key.shape[isBatch ? time : 0] === value.shape[isBatch ? time : 0]
    if (fit) return isBatch
    throw new ShapeError(
      `MultiheadAttention: query ${show(query.shape)}, key ${show(key.shape)} and value ${show(value.shape)} do not fit ` +
        `each other and the layer's sizes ${wanted.join(', ')}`,
    )
  }

  /** Both masks as one that is added: [B or 1, H or 1, L or 1, S]. */
  private masks(q: Tensor, k: Tensor, { attnMask, keyPaddingMask }: AttendOptions): Tensor | null {
    const [B, L] = q.shape
    const S = k.shape[1]
    const full = [B, this.numHeads, L, S]
    // true leaves out here, and takes part in scaledDotProductAttention.
    const numbers = (mask: Tensor): Tensor =>
      added('MultiheadAttention', mask.dtype === 'bool' ? mask.logicalNot() : mask, q)
    const four = (mask: Tensor, shape: readonly number[]): Tensor =>
      aligned('MultiheadAttention', numbers(mask).reshape(shape), 4, full)
    const misfit = (name: string, mask: Tensor): ShapeError =>
      new ShapeError(
        `MultiheadAttention: ${name} ${show(mask.shape)} does not fit ${B} examples with ${L} queries and ${S} keys`,
      )
    let mask: Tensor | null = null
    if (attnMask) {
      const isWhole = attnMask.size === B * this.numHeads * L * S && attnMask.ndim === 3
      if (!isWhole && show(attnMask.shape) !== show([L, S])) throw misfit('attnMask', attnMask)
      mask = four(attnMask, isWhole ? full : [1, 1, L, S])
    }
    if (keyPaddingMask) {
      if (keyPaddingMask.size !== B * S || keyPaddingMask.ndim > 2) throw misfit('keyPaddingMask', keyPaddingMask)
      const padding = four(keyPaddingMask, [B, 1, 1, S])
      mask = mask ? mask.add(padding) : padding
    }
    return mask
  }

  private attend(
    given: Three,
    mask: Tensor | null,
    needWeights: boolean,
    causal: boolean,
  ): [output: Tensor, weights: Tensor | null] {
    const { numHeads, embedDim, inProjWeight } = this
    const [query, key, value] = given
    const size = embedDim / numHeads
    const scale = 1 / Math.sqrt(size)
    const p = this.training ? this.dropout : 0
    const merged = (y: Tensor): Tensor => y.reshape([y.shape[0], y.shape[1], embedDim])
    const isPlain = !needWeights && p === 0
    const isAlone = query === key && key === value && !this.biasK && !this.addZeroAttn
    if (isPlain && isAlone && inProjWeight && fits(size, size) && query.size > 0) {
      const qkv = linear(query, inProjWeight, this.inProjBias)
      if (qkv.dtype === 'float32') return [merged(fusedSelfAttention(qkv, numHeads, mask, { scale, causal })), null]
    }
    const [q, k, v] = this.extended(this.projected(given)).map((t) =>
      t.reshape([t.shape[0], t.shape[1], numHeads, size]).transpose(1, 2),
    )
    const extra = k.shape[2] - key.shape[1]
    // Everybody sees the keys that were added behind.
    const own = causal && extra > 0 ? future(query.shape[1], key.shape[1], query.dtype) : null
    const both = own && mask ? mask.add(own) : (own ?? mask)
    const wide = both && extra > 0 ? both.pad(both.shape.map((_, i) => [0, i === both.ndim - 1 ? extra : 0])) : both
    const isCausal = causal && extra === 0
    if (isPlain) {
      const y = scaledDotProductAttention(q, k, v, { attnMask: wide, isCausal, scale })
      return [merged(y.transpose(1, 2)), null]
    }
    const all = attentionWeights(q, k, wide, { scale, causal: isCausal })
    const weights = p > 0 ? dropout(all, p, { generator: this.generator }) : all
    return [merged(weights.matmul(v).transpose(1, 2)), needWeights ? weights : null]
  }

  /** q, k and v, by as few products as inputs allow. */
  private projected([query, key, value]: Three): Three {
    const { embedDim: E, inProjWeight, inProjBias } = this
    const rows = (t: Tensor, from: number, to: number): Tensor => t.at(slice(from * E, to * E))
    const map = (x: Tensor, w: Tensor | null, from: number, to: number): Tensor =>
      linear(x, w ?? rows(inProjWeight as Tensor, from, to), inProjBias && rows(inProjBias, from, to))
    const columns = (t: Tensor, i: number): Tensor => t.at('...', slice(i * E, (i + 1) * E))
    if (inProjWeight && query === key && key === value) {
      const all = linear(query, inProjWeight, inProjBias)
      return [columns(all, 0), columns(all, 1), columns(all, 2)]
    }
    const q = map(query, this.qProjWeight, 0, 1)
    if (inProjWeight && key === value) {
      const both = map(key, null, 1, 3)
      return [q, columns(both, 0), columns(both, 1)]
    }
    return [q, map(key, this.kProjWeight, 1, 2), map(value, this.vProjWeight, 2, 3)]
  }

  /** Keys and values with those that every example has. */
  private extended([q, k, v]: Three): Three {
    const grown = (t: Tensor, bias: Tensor | null): Tensor => {
      const one = [t.shape[0], 1, this.embedDim]
      const parts = [
        t,
        ...(bias ? [bias.expand(one)] : []),
        ...(this.addZeroAttn ? [zeros(one, { dtype: t.dtype })] : []),
      ]
      return parts.length > 1 ? concat(parts, 1) : t
    }
    return [q, grown(k, this.biasK), grown(v, this.biasV)]
  }
}
