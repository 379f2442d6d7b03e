// The layers of transformers: attention and a feed-forward network, each with what it adds to and a normalisation.
import type { Generator, Tensor } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import { MultiheadAttention } from '../attention/multihead.ts'
import { dropout } from '../dropout.ts'
import { Linear } from '../layers/linear.ts'
import { Module, snakeCase } from '../module.ts'
import { LayerNorm } from '../norms/layers.ts'
import { inRange, oneOf } from '../options.ts'

/** Options of `TransformerEncoderLayer` and `TransformerDecoderLayer`. */
export interface TransformerLayerOptions {
  /** Numbers inside the feed-forward network. Default 2048. */
  dimFeedforward?: number
  /** Probability of dropping, in training, of weights and of what is added. Default 0.1. */
  dropout?: number
  /** Inside the feed-forward network: a name ('geluTanh' is that of GPT-2) or any function. Default 'relu'. */
  activation?: 'relu' | 'gelu' | 'geluTanh' | ((x: Tensor) => Tensor)
  /** Of the normalisations. Default 1e-5. */
  layerNormEps?: number
  /** Whether inputs are [B, T, E] instead of [T, B, E], and outputs likewise. Default false. */
  batchFirst?: boolean
  /** Whether to normalise before attention and feed-forward network instead of behind. Default false. */
  normFirst?: boolean
  /** Whether projections and normalisations have biases. Default true. */
  bias?: boolean
  /** Where initial values and dropout come from. Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

export const LAYER_OPTIONS: readonly string[] = [
  'dimFeedforward',
  'dropout',
  'activation',
  'layerNormEps',
  'batchFirst',
  'normFirst',
  'bias',
  'generator',
]

/** What encoder and decoder layers share. */
abstract class TransformerLayer extends Module {
  readonly selfAttn: MultiheadAttention
  readonly linear1: Linear
  readonly linear2: Linear
  readonly norm1: LayerNorm
  readonly norm2: LayerNorm
  readonly normFirst: boolean
  readonly dropout: number
  readonly activation: NonNullable<TransformerLayerOptions['activation']>
  readonly generator: Generator | undefined

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions) {
    super()
    const name = this.constructor.name
    checkOptions(name, options, LAYER_OPTIONS)
    const { dimFeedforward = 2048, dropout = 0.1, activation = 'relu', bias = true, generator } = options
    inRange(`${name}: dropout`, dropout, 0, 1)
    if (typeof activation !== 'function') oneOf(`${name}: activation`, activation, ['relu', 'gelu', 'geluTanh'])
    this.normFirst = options.normFirst ?? false
    this.dropout = dropout
    this.activation = activation
    this.generator = generator
    this.selfAttn = this.attention(dModel, nhead, options)
    this.linear1 = new Linear(dModel, dimFeedforward, { bias, generator })
    this.linear2 = new Linear(dimFeedforward, dModel, { bias, generator })
    this.norm1 = this.norm(dModel, options)
    this.norm2 = this.norm(dModel, options)
  }

  protected override keyOf(field: string): string {
    return snakeCase(field)
  }

  protected attention(dModel: number, nhead: number, options: TransformerLayerOptions): MultiheadAttention {
    const { dropout = 0.1, batchFirst, bias, generator } = options
    return new MultiheadAttention(dModel, nhead, { dropout, batchFirst, bias, generator })
  }

  protected norm(dModel: number, { layerNormEps: eps, bias }: TransformerLayerOptions): LayerNorm {
    return new LayerNorm(dModel, { eps, bias })
  }

  protected drop(x: Tensor): Tensor {
    return this.training && this.dropout > 0 ? dropout(x, this.dropout, { generator: this.generator }) : x
  }

  /** x + f(x), normalised before f or behind the sum. */
  protected added(x: Tensor, norm: LayerNorm, f: (x: Tensor) => Tensor): Tensor {
    if (this.normFirst) return x.add(this.drop(f(norm.forward(x))))
    return norm.forward(x.add(this.drop(f(x))))
  }

  protected feedForward(x: Tensor): Tensor {
    const { activation, linear1, linear2 } = this
    // One with a forward of its own (a subclass, one that is watched) is asked by that.
    const isFused = typeof activation !== 'function' && linear1.forward === Linear.prototype.forward
    const apply = (y: Tensor): Tensor => (typeof activation === 'function' ? activation(y) : y[activation]())
    const inner = isFused ? linear1.forwardWith(x, activation) : apply(linear1.forward(x))
    return linear2.forward(this.drop(inner))
  }
}

/** Masks are those of `MultiheadAttention`: true, or −∞ to add, for what is left out. */
export interface EncoderMasks {
  /** [T, T] or [B·H, T, T] */
  srcMask?: Tensor | null
  /** [B, T] */
  srcKeyPaddingMask?: Tensor | null
  /** Whether position i sees j ≤ i alone. Default false. */
  isCausal?: boolean
}

/**
 * Self-attention and a feed-forward network of two linear maps, x [T, B, E] or with `batchFirst` [B, T, E] → the same.
 * With `isCausal` it is a layer of a decoder-only model such as GPT.
 * Source: A. Vaswani et al. 2017, arXiv:1706.03762, section 3.1; `normFirst`: R. Xiong et al. 2020, arXiv:2002.04745.
 * @throws RangeError for sizes and options; ShapeError from `forward`
 * @example
 * import { randn } from '@x/tensor'
 * import { TransformerEncoderLayer } from '@x/nn'
 * const layer = new TransformerEncoderLayer(16, 4, { dimFeedforward: 64, batchFirst: true, normFirst: true })
 * layer.forward(randn([2, 5, 16]), { isCausal: true }).shape // [2, 5, 16]
 */
export class TransformerEncoderLayer extends TransformerLayer {
  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super(dModel, nhead, options)
  }

  override forward(src: Tensor, masks: EncoderMasks = {}): Tensor {
    checkOptions('TransformerEncoderLayer', masks, ['srcMask', 'srcKeyPaddingMask', 'isCausal'])
    const { srcMask: attnMask, srcKeyPaddingMask: keyPaddingMask, isCausal } = masks
    const attend = (x: Tensor): Tensor =>
      this.selfAttn.forward(x, x, x, { attnMask, keyPaddingMask, isCausal, needWeights: false })[0]
    const x = this.added(src, this.norm1, attend)
    return this.added(x, this.norm2, (x) => this.feedForward(x))
  }
}

/** See `EncoderMasks`. */
export interface DecoderMasks {
  /** [T, T] or [B·H, T, T] */
  tgtMask?: Tensor | null
  /** [T, S] or [B·H, T, S] */
  memoryMask?: Tensor | null
  /** [B, T] */
  tgtKeyPaddingMask?: Tensor | null
  /** [B, S] */
  memoryKeyPaddingMask?: Tensor | null
  /** Whether position i sees j ≤ i alone. Default false. */
  tgtIsCausal?: boolean
  /** The same of the memory. Default false. */
  memoryIsCausal?: boolean
}

export const DECODER_MASKS: readonly string[] = [
  'tgtMask',
  'memoryMask',
  'tgtKeyPaddingMask',
  'memoryKeyPaddingMask',
  'tgtIsCausal',
  'memoryIsCausal',
]

/**
 * Self-attention, attention to a memory [S, B, E], and a feed-forward network, tgt [T, B, E] → the same; see
 * `TransformerEncoderLayer`.
 * @example
 * import { ones } from '@x/tensor'
 * import { TransformerDecoderLayer } from '@x/nn'
 * new TransformerDecoderLayer(16, 4, { batchFirst: true }).forward(ones([2, 5, 16]), ones([2, 7, 16])).shape // [2, 5, 16]
 */
export class TransformerDecoderLayer extends TransformerLayer {
  readonly multiheadAttn: MultiheadAttention
  readonly norm3: LayerNorm

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super(dModel, nhead, options)
    this.multiheadAttn = this.attention(dModel, nhead, options)
    this.norm3 = this.norm(dModel, options)
  }

  override forward(tgt: Tensor, memory: Tensor, masks: DecoderMasks = {}): Tensor {
    checkOptions('TransformerDecoderLayer', masks, DECODER_MASKS)
    const own = { attnMask: masks.tgtMask, keyPaddingMask: masks.tgtKeyPaddingMask, isCausal: masks.tgtIsCausal }
    const other = {
      attnMask: masks.memoryMask,
      keyPaddingMask: masks.memoryKeyPaddingMask,
      isCausal: masks.memoryIsCausal,
    }
    const needWeights = false
    let x = this.added(tgt, this.norm1, (x) => this.selfAttn.forward(x, x, x, { ...own, needWeights })[0])
    x = this.added(x, this.norm2, (x) => this.multiheadAttn.forward(x, memory, memory, { ...other, needWeights })[0])
    return this.added(x, this.norm3, (x) => this.feedForward(x))
  }
}
