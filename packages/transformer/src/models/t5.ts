// T5: an encoder and a decoder whose attention knows distances by a number for each bucket of them and each head.
// Sources: Raffel et al. 2020, arXiv:1910.10683; Shazeer 2020 (the gated parts of T5 1.1).
import { Dropout, type Embedding, type Linear, Module, type RMSNorm } from '@x/nn'
import type { DType, Tensor } from '@x/tensor'
import { attend, headed, remembered } from '../blocks/attention.ts'
import { type Activation, activationOf, feedForward, gatedFeedForward } from '../blocks/feedForward.ts'
import { type InitialOptions, type LayerMaker, layersFor } from '../blocks/layers.ts'
import { leave, type Pass } from '../blocks/pass.ts'
import { relativeBuckets } from '../blocks/positions.ts'
import { project } from '../quantized/layers.ts'
import type { DecoderSizes } from './causal.ts'
import { checkConfig } from './config.ts'
import { type Seq2SeqConfig, Seq2SeqLM, type Source } from './seq2seq.ts'

export interface T5Config extends Seq2SeqConfig {
  readonly dModel: number
  /** Numbers of a head. */
  readonly dKv: number
  readonly dFf: number
  readonly numLayers: number
  /** Default: numLayers. */
  readonly numDecoderLayers?: number
  readonly numHeads: number
  /** Default 32. */
  readonly relativeAttentionNumBuckets?: number
  /** Default 128. */
  readonly relativeAttentionMaxDistance?: number
  /** Default 1e-6. */
  readonly layerNormEpsilon?: number
  /** 'relu' (default), or with 'gated-' before an activation the gated form: 'gated-gelu'. */
  readonly feedForwardProj?: string
  /** Whether logits are made with the table of embeddings. Default true. */
  readonly tieWordEmbeddings?: boolean
  /** Probability of dropping a number, in training. Default 0. */
  readonly dropoutRate?: number
}

const SIZES = ['vocabSize', 'dModel', 'dKv', 'dFf', 'numLayers', 'numHeads']
const OTHERS = [
  ...['numDecoderLayers', 'relativeAttentionNumBuckets', 'relativeAttentionMaxDistance', 'layerNormEpsilon'],
  ...['feedForwardProj', 'tieWordEmbeddings', 'dropoutRate'],
]

class T5Attention extends Module {
  readonly q: Linear
  readonly k: Linear
  readonly v: Linear
  readonly o: Linear
  /** Of the first block of a stack, for all of its blocks: [buckets, heads]. */
  readonly bias: Embedding | null
  private readonly heads: number

  constructor(config: T5Config, hasBias: boolean, make: LayerMaker) {
    super()
    const { dModel: E, dKv, numHeads: H, relativeAttentionNumBuckets: buckets = 32 } = config
    this.q = make.linear(E, H * dKv, { bias: false })
    this.k = make.linear(E, H * dKv, { bias: false })
    this.v = make.linear(E, H * dKv, { bias: false })
    this.o = make.linear(H * dKv, E, { bias: false })
    this.bias = hasBias ? make.embedding(buckets, H) : null
    this.heads = H
  }

  protected override keyOf(field: string): string {
    return field === 'bias' ? 'relative_attention_bias' : field
  }

  /** Attends to x itself, or to a source. Scores are not scaled: the first weights of T5 make up for it. */
  override forward(x: Tensor, pass: Pass, layer: number, bias: Tensor | null, source: Source | null): Tensor {
    const { heads } = this
    const q = headed(this.q.forward(x), heads)
    const project = (from: Tensor): Tensor[] => [this.k, this.v].map((map) => headed(map.forward(from), heads))
    const crossed = ({ states }: Source): readonly [Tensor, Tensor] => {
      const [k, v] = project(states).map((t) => t.transpose(1, 2))
      return [k, v]
    }
    if (source) {
      const found = pass.cache ? pass.cache.crossed(layer, () => crossed(source)) : crossed(source)
      return this.o.forward(attend(q, found, source.pass, { layer, kind: 'cross' }, { scale: 1 }))
    }
    const [k, v] = project(x)
    return this.o.forward(attend(q, remembered(k, v, layer, pass), pass, { layer, kind: 'self' }, { scale: 1, bias }))
  }
}

class T5FeedForward extends Module {
  readonly wi: Linear | null
  readonly wi0: Linear | null
  readonly wi1: Linear | null
  readonly wo: Linear
  private readonly activation: Activation

  constructor({ dModel: E, dFf: F, feedForwardProj = 'relu' }: T5Config, make: LayerMaker) {
    super()
    const isGated = feedForwardProj.startsWith('gated-')
    const up = (): Linear => make.linear(E, F, { bias: false })
    this.wi = isGated ? null : up()
    this.wi0 = isGated ? up() : null
    this.wi1 = isGated ? up() : null
    this.wo = make.linear(F, E, { bias: false })
    // What T5 1.1 calls gelu is the tanh form.
    this.activation = activationOf(
      feedForwardProj === 'gated-gelu' ? 'gelu_new' : feedForwardProj.replace('gated-', ''),
    )
  }

  protected override keyOf(field: string): string {
    return { wi0: 'wi_0', wi1: 'wi_1' }[field] ?? field
  }

  override forward(x: Tensor): Tensor {
    const { wi, wi0, wi1, wo, activation } = this
    if (wi0 && wi1) return gatedFeedForward(x, { gate: wi0, up: wi1, down: wo }, activation)
    return feedForward(x, wi as Linear, activation, wo)
  }
}

class T5Block extends Module {
  readonly selfAttention: T5Attention
  readonly selfNorm: RMSNorm
  readonly crossAttention: T5Attention | null
  readonly crossNorm: RMSNorm | null
  readonly dense: T5FeedForward
  readonly denseNorm: RMSNorm
  private readonly drop: Dropout
  private readonly layer: number

  constructor(config: T5Config, layer: number, isDecoder: boolean, make: LayerMaker) {
    super()
    const { dModel: E, layerNormEpsilon: eps = 1e-6 } = config
    this.selfAttention = new T5Attention(config, layer === 0, make)
    this.selfNorm = make.rmsNorm(E, eps)
    this.crossAttention = isDecoder ? new T5Attention(config, false, make) : null
    this.crossNorm = isDecoder ? make.rmsNorm(E, eps) : null
    this.dense = new T5FeedForward(config, make)
    this.denseNorm = make.rmsNorm(E, eps)
    this.drop = new Dropout(config.dropoutRate ?? 0)
    this.layer = layer
  }

  protected override keyOf(field: string): string {
    const last = this.crossAttention ? 2 : 1
    const keys: Readonly<Record<string, string>> = {
      selfAttention: 'layer.0.SelfAttention',
      selfNorm: 'layer.0.layer_norm',
      crossAttention: 'layer.1.EncDecAttention',
      crossNorm: 'layer.1.layer_norm',
      dense: `layer.${last}.DenseReluDense`,
      denseNorm: `layer.${last}.layer_norm`,
    }
    return keys[field] ?? field
  }

  override forward(x: Tensor, pass: Pass, bias: Tensor, source: Source | null): Tensor {
    const { drop, layer } = this
    let y = x.add(drop.forward(this.selfAttention.forward(this.selfNorm.forward(x), pass, layer, bias, null)))
    if (this.crossAttention && this.crossNorm)
      y = y.add(drop.forward(this.crossAttention.forward(this.crossNorm.forward(y), pass, layer, null, source)))
    return leave(y.add(drop.forward(this.dense.forward(this.denseNorm.forward(y)))), layer, pass)
  }
}

class T5Stack extends Module {
  readonly block: T5Block[]
  readonly finalLayerNorm: RMSNorm
  private readonly drop: Dropout
  private readonly config: T5Config
  private readonly isDecoder: boolean

  constructor(config: T5Config, layers: number, isDecoder: boolean, make: LayerMaker) {
    super()
    this.block = Array.from({ length: layers }, (_, i) => new T5Block(config, i, isDecoder, make))
    this.finalLayerNorm = make.rmsNorm(config.dModel, config.layerNormEpsilon ?? 1e-6)
    this.drop = new Dropout(config.dropoutRate ?? 0)
    this.config = config
    this.isDecoder = isDecoder
  }

  protected override keyOf(field: string): string {
    return field === 'finalLayerNorm' ? 'final_layer_norm' : field
  }

  override forward(x: Tensor, pass: Pass, start: number, source: Source | null): Tensor {
    const T = x.shape[1]
    const { relativeAttentionNumBuckets: buckets = 32, relativeAttentionMaxDistance: maxDistance = 128 } = this.config
    const places = relativeBuckets(T, start + T, start, { bidirectional: !this.isDecoder, buckets, maxDistance })
    const table = this.block[0].selfAttention.bias as Embedding
    const bias = table.forward(places).permute([2, 0, 1]).unsqueeze(0) // [1, H, T, S]
    let y = this.drop.forward(x)
    pass.trace?.enter(y, pass.stack)
    for (const block of this.block) y = block.forward(y, pass, bias, source)
    return this.drop.forward(this.finalLayerNorm.forward(y))
  }
}

/**
 * A T5 or T5 1.1, with the keys of T5ForConditionalGeneration.
 * @example
 * import { tensor } from '@x/tensor'
 * import { T5 } from '@x/transformer'
 * const model = new T5({ vocabSize: 50, dModel: 32, dKv: 8, dFf: 64, numLayers: 2, numHeads: 4 })
 * const [source, target] = [[[5, 6, 7, 1]], [[0, 8]]].map((ids) => tensor(ids, { dtype: 'int32' }))
 * model.forward(source, target).shape // [1, 2, 50]
 */
export class T5 extends Seq2SeqLM {
  readonly config: T5Config
  readonly shared: Embedding
  readonly encoder: T5Stack
  readonly decoder: T5Stack
  readonly lmHead: Linear | null

  constructor(config: T5Config, options: InitialOptions | LayerMaker = {}) {
    super()
    checkConfig('T5', config, SIZES, OTHERS)
    const { vocabSize, dModel, numLayers, numDecoderLayers = numLayers, tieWordEmbeddings = true } = config
    const make = layersFor('T5', options)
    this.config = config
    this.shared = make.embedding(vocabSize, dModel)
    this.encoder = new T5Stack(config, numLayers, false, make)
    this.decoder = new T5Stack(config, numDecoderLayers, true, make)
    this.lmHead = tieWordEmbeddings ? null : make.linear(dModel, vocabSize, { bias: false })
  }

  protected override keyOf(field: string): string {
    return field === 'lmHead' ? 'lm_head' : field
  }

  get sizes(): DecoderSizes {
    const { numLayers, numDecoderLayers: layers = numLayers, numHeads: heads, dKv: headSize } = this.config
    return { layers, heads, headSize, maxLength: Number.POSITIVE_INFINITY }
  }

  get dtype(): DType {
    return this.encoder.finalLayerNorm.weight?.dtype ?? 'float32'
  }

  protected override encoded(tokens: Tensor, pass: Pass): Tensor {
    return this.encoder.forward(this.shared.forward(tokens), pass, 0, null)
  }

  protected override decoded(tokens: Tensor, pass: Pass, source: Source, start: number): Tensor {
    return this.decoder.forward(this.shared.forward(tokens), pass, start, source)
  }

  override unembed(x: Tensor): Tensor {
    if (this.lmHead) return this.lmHead.forward(x)
    return project(x.mul(this.config.dModel ** -0.5), this.shared)
  }
}
