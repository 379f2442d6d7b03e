// The original Transformer for translation: an encoder and a decoder over sinusoidal positions.
// Source: Vaswani et al. 2017, arXiv:1706.03762; names of the weights as Marian's models have them in Hugging Face's layout.
import { buffer, Dropout, type Embedding, type LayerNorm, type Linear, Module } from '@x/nn'
import { type DType, slice, type Tensor, zeros } from '@x/tensor'
import { attend, headed, remembered } from '../blocks/attention.ts'
import { type Activation, activationOf, feedForward } from '../blocks/feedForward.ts'
import { type InitialOptions, type LayerMaker, layersFor } from '../blocks/layers.ts'
import { leave, type Pass } from '../blocks/pass.ts'
import { lastingTable } from '../blocks/table.ts'
import { project } from '../quantized/layers.ts'
import type { DecoderSizes } from './causal.ts'
import { checkConfig } from './config.ts'
import { type Seq2SeqConfig, Seq2SeqLM, type Source } from './seq2seq.ts'

export interface TranslationConfig extends Seq2SeqConfig {
  /** Tokens of the source, where it has a vocabulary of its own. Default: both share one table of embeddings. */
  readonly sourceVocabSize?: number | null
  readonly dModel: number
  readonly encoderLayers: number
  readonly decoderLayers: number
  readonly attentionHeads: number
  readonly ffnDim: number
  /** The longest text. Default 512. */
  readonly maxPositionEmbeddings?: number
  /** Default 'relu'. */
  readonly activationFunction?: string
  /** Whether norms come before each part instead of behind it, and once more at the end. Default false. */
  readonly normalizeBefore?: boolean
  /** Whether embeddings are multiplied with √dModel. Default true. */
  readonly scaleEmbedding?: boolean
  /** Sines and cosines in turn, as in the paper, or first all sines, as Marian has them. Default 'interleaved'. */
  readonly positions?: 'interleaved' | 'halves'
  /** Default 1e-5. */
  readonly layerNormEps?: number
  /** Probability of dropping a number, in training. Default 0. */
  readonly dropout?: number
}

const SIZES = ['vocabSize', 'dModel', 'encoderLayers', 'decoderLayers', 'attentionHeads', 'ffnDim']
const OTHERS = [
  ...['sourceVocabSize', 'maxPositionEmbeddings', 'activationFunction', 'normalizeBefore', 'scaleEmbedding'],
  ...['positions', 'layerNormEps', 'dropout'],
]

const ATTENTION_KEYS: Readonly<Record<string, string>> = { q: 'q_proj', k: 'k_proj', v: 'v_proj', out: 'out_proj' }

class TranslationAttention extends Module {
  readonly q: Linear
  readonly k: Linear
  readonly v: Linear
  readonly out: Linear
  private readonly heads: number

  constructor({ dModel: E, attentionHeads }: TranslationConfig, make: LayerMaker) {
    super()
    this.q = make.linear(E, E)
    this.k = make.linear(E, E)
    this.v = make.linear(E, E)
    this.out = make.linear(E, E)
    this.heads = attentionHeads
  }

  protected override keyOf(field: string): string {
    return ATTENTION_KEYS[field] ?? field
  }

  /** Attends to x itself, or to a source. */
  override forward(x: Tensor, pass: Pass, layer: number, source: Source | null): Tensor {
    const { heads } = this
    const q = headed(this.q.forward(x), heads)
    const project = (from: Tensor): Tensor[] => [this.k, this.v].map((map) => headed(map.forward(from), heads))
    if (source) {
      const make = (): readonly [Tensor, Tensor] => {
        const [k, v] = project(source.states).map((t) => t.transpose(1, 2))
        return [k, v]
      }
      const found = pass.cache ? pass.cache.crossed(layer, make) : make()
      return this.out.forward(attend(q, found, source.pass, { layer, kind: 'cross' }))
    }
    const [k, v] = project(x)
    return this.out.forward(attend(q, remembered(k, v, layer, pass), pass, { layer, kind: 'self' }))
  }
}

const BLOCK_KEYS: Readonly<Record<string, string>> = {
  selfAttention: 'self_attn',
  selfNorm: 'self_attn_layer_norm',
  crossAttention: 'encoder_attn',
  crossNorm: 'encoder_attn_layer_norm',
  finalNorm: 'final_layer_norm',
}

class TranslationBlock extends Module {
  readonly selfAttention: TranslationAttention
  readonly selfNorm: LayerNorm
  readonly crossAttention: TranslationAttention | null
  readonly crossNorm: LayerNorm | null
  readonly fc1: Linear
  readonly fc2: Linear
  readonly finalNorm: LayerNorm
  private readonly drop: Dropout
  private readonly activation: Activation
  private readonly layer: number
  private readonly isBefore: boolean

  constructor(config: TranslationConfig, layer: number, isDecoder: boolean, make: LayerMaker) {
    super()
    const { dModel: E, ffnDim, layerNormEps: eps = 1e-5, activationFunction = 'relu' } = config
    this.selfAttention = new TranslationAttention(config, make)
    this.selfNorm = make.layerNorm(E, eps)
    this.crossAttention = isDecoder ? new TranslationAttention(config, make) : null
    this.crossNorm = isDecoder ? make.layerNorm(E, eps) : null
    this.fc1 = make.linear(E, ffnDim)
    this.fc2 = make.linear(ffnDim, E)
    this.finalNorm = make.layerNorm(E, eps)
    this.drop = new Dropout(config.dropout ?? 0)
    this.activation = activationOf(activationFunction)
    this.layer = layer
    this.isBefore = config.normalizeBefore ?? false
  }

  protected override keyOf(field: string): string {
    return BLOCK_KEYS[field] ?? field
  }

  override forward(x: Tensor, pass: Pass, source: Source | null): Tensor {
    const { layer } = this
    let y = this.residual(x, this.selfNorm, (z) => this.selfAttention.forward(z, pass, layer, null))
    const { crossAttention, crossNorm } = this
    if (crossAttention && crossNorm)
      y = this.residual(y, crossNorm, (z) => crossAttention.forward(z, pass, layer, source))
    const dense = (z: Tensor): Tensor => feedForward(z, this.fc1, this.activation, this.fc2)
    return leave(this.residual(y, this.finalNorm, dense), layer, pass)
  }

  /** x + part(x), with the norm before the part or behind the sum. */
  private residual(x: Tensor, norm: LayerNorm, part: (z: Tensor) => Tensor): Tensor {
    const y = x.add(this.drop.forward(part(this.isBefore ? norm.forward(x) : x)))
    return this.isBefore ? y : norm.forward(y)
  }
}

class TranslationStack extends Module {
  /** Null where both sides share a table. */
  readonly embedTokens: Embedding | null
  readonly layers: TranslationBlock[]
  readonly layerNorm: LayerNorm | null

  constructor(config: TranslationConfig, vocabSize: number | null, isDecoder: boolean, make: LayerMaker) {
    super()
    const { dModel: E, encoderLayers, decoderLayers, normalizeBefore = false, layerNormEps: eps = 1e-5 } = config
    this.embedTokens = vocabSize === null ? null : make.embedding(vocabSize, E)
    const count = isDecoder ? decoderLayers : encoderLayers
    this.layers = Array.from({ length: count }, (_, i) => new TranslationBlock(config, i, isDecoder, make))
    this.layerNorm = normalizeBefore ? make.layerNorm(E, eps) : null
  }

  protected override keyOf(field: string): string {
    return { embedTokens: 'embed_tokens', layerNorm: 'layer_norm' }[field] ?? field
  }

  override forward(x: Tensor, pass: Pass, source: Source | null): Tensor {
    pass.trace?.enter(x, pass.stack)
    let y = x
    for (const block of this.layers) y = block.forward(y, pass, source)
    return this.layerNorm ? this.layerNorm.forward(y) : y
  }
}

/**
 * The encoder-decoder Transformer for translation: tokens of the source [B, S] and of the target so far [B, T] → logits of
 * what follows in the target [B, T, V]. Its weights have the keys of MarianMTModel.
 * @throws RangeError for heads that do not divide dModel
 * @example
 * import { tensor } from '@x/tensor'
 * import { TranslationTransformer } from '@x/transformer'
 * const model = new TranslationTransformer({
 *   vocabSize: 60, dModel: 32, encoderLayers: 2, decoderLayers: 2, attentionHeads: 4, ffnDim: 64,
 * })
 * const [source, target] = [[[5, 6, 7]], [[1, 8]]].map((ids) => tensor(ids, { dtype: 'int32' }))
 * model.forward(source, target).shape // [1, 2, 60]
 */
export class TranslationTransformer extends Seq2SeqLM {
  readonly config: TranslationConfig
  readonly shared: Embedding | null
  readonly encoder: TranslationStack
  readonly decoder: TranslationStack
  readonly finalLogitsBias: Tensor
  private readonly drop: Dropout
  private places: Tensor | null = null

  constructor(config: TranslationConfig, options: InitialOptions | LayerMaker = {}) {
    super()
    checkConfig('TranslationTransformer', config, SIZES, OTHERS)
    const { vocabSize, sourceVocabSize = null, dModel: E, attentionHeads: H } = config
    if (E % H !== 0 || E % 2 !== 0)
      throw new RangeError(`TranslationTransformer: ${H} heads do not divide dModel ${E}, which is to be even`)
    const make = layersFor('TranslationTransformer', options)
    this.config = config
    const isShared = sourceVocabSize === null
    this.shared = isShared ? make.embedding(vocabSize, E) : null
    this.encoder = new TranslationStack(config, sourceVocabSize, false, make)
    this.decoder = new TranslationStack(config, isShared ? null : vocabSize, true, make)
    this.finalLogitsBias = buffer(zeros([1, vocabSize]))
    this.drop = new Dropout(config.dropout ?? 0)
  }

  protected override keyOf(field: string): string {
    return field === 'finalLogitsBias' ? 'final_logits_bias' : `model.${field}`
  }

  get sizes(): DecoderSizes {
    const { decoderLayers: layers, attentionHeads: heads, dModel, maxPositionEmbeddings: maxLength = 512 } = this.config
    return { layers, heads, headSize: dModel / heads, maxLength }
  }

  override get sourceVocabulary(): number {
    return this.config.sourceVocabSize ?? this.config.vocabSize
  }

  get dtype(): DType {
    return this.encoder.layers[0]?.finalNorm.weight?.dtype ?? 'float32'
  }

  protected override encoded(tokens: Tensor, pass: Pass): Tensor {
    return this.encoder.forward(this.embed(tokens, this.encoder, 0), pass, null)
  }

  protected override decoded(tokens: Tensor, pass: Pass, source: Source, start: number): Tensor {
    return this.decoder.forward(this.embed(tokens, this.decoder, start), pass, source)
  }

  override unembed(x: Tensor): Tensor {
    return project(x, this.tableOf(this.decoder), this.finalLogitsBias.reshape([this.config.vocabSize]))
  }

  override dispose(): void {
    super.dispose()
    this.places?.dispose()
  }

  private tableOf(stack: TranslationStack): Embedding {
    return (stack.embedTokens ?? this.shared) as Embedding
  }

  private embed(tokens: Tensor, stack: TranslationStack, start: number): Tensor {
    const T = tokens.shape[1]
    const { dModel, scaleEmbedding = true, maxPositionEmbeddings: length = 512 } = this.config
    if (start + T > length)
      throw new RangeError(`TranslationTransformer: ${start + T} tokens are more than its ${length} positions`)
    const x = this.tableOf(stack).forward(tokens)
    const places = this.positions()
      .at(slice(start, start + T))
      .cast(x.dtype)
    return this.drop.forward((scaleEmbedding ? x.mul(Math.sqrt(dModel)) : x).add(places))
  }

  /** Sines and cosines of all positions, float64 [length, E]. */
  positions(): Tensor {
    const { dModel: E, maxPositionEmbeddings: length = 512, positions = 'interleaved' } = this.config
    if (this.places) return this.places
    const values = new Float64Array(length * E)
    for (let at = 0; at < length; at++) {
      for (let i = 0; i < E; i++) {
        const angle = at / 10000 ** ((i - (i % 2)) / E)
        const column = positions === 'interleaved' ? i : (i >> 1) + (i % 2) * Math.ceil(E / 2)
        values[at * E + column] = i % 2 === 0 ? Math.sin(angle) : Math.cos(angle)
      }
    }
    this.places = lastingTable(values, [length, E])
    return this.places
  }
}
