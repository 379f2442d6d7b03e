// Bloom: no positions but ALiBi's, which lower scores with the distance. Source: BigScience 2022, arXiv:2211.05100.
import { type Embedding, type LayerNorm, type Linear, Module, snakeCase } from '@x/nn'
import { arange, type DType, slice, type Tensor } from '@x/tensor'
import { attend, remembered } from '../blocks/attention.ts'
import { activationOf, feedForward } from '../blocks/feedForward.ts'
import { type InitialOptions, type LayerMaker, layersFor } from '../blocks/layers.ts'
import { goingOn, leave, type Pass } from '../blocks/pass.ts'
import { alibiBias } from '../blocks/positions.ts'
import { project } from '../quantized/layers.ts'
import { type CausalConfig, CausalLM, type DecoderSizes, type Run } from './causal.ts'
import { checkConfig } from './config.ts'

export interface BloomConfig extends CausalConfig {
  readonly hiddenSize: number
  readonly nLayer: number
  readonly nHead: number
  /** Default 1e-5. */
  readonly layerNormEpsilon?: number
  /** Whether what is added to the residual is added to the normed input instead. Default false. */
  readonly applyResidualConnectionPostLayernorm?: boolean
}

class BloomAttention extends Module {
  /** Of each head queries, keys and values side by side. */
  readonly queryKeyValue: Linear
  readonly dense: Linear
  private readonly heads: number
  private readonly layer: number

  constructor({ hiddenSize: E, nHead }: BloomConfig, layer: number, make: LayerMaker) {
    super()
    this.queryKeyValue = make.linear(E, 3 * E)
    this.dense = make.linear(E, E)
    this.heads = nHead
    this.layer = layer
  }

  protected override keyOf(field: string): string {
    return snakeCase(field)
  }

  override forward(x: Tensor, pass: Pass, bias: Tensor): Tensor {
    const { heads, layer } = this
    const [B, T, E] = x.shape
    const parts = this.queryKeyValue.forward(x).reshape([B, T, heads, 3, E / heads])
    const [q, k, v] = [0, 1, 2].map((i) => parts.at('...', i, slice()))
    return this.dense.forward(attend(q, remembered(k, v, layer, pass), pass, { layer, kind: 'self' }, { bias }))
  }
}

class BloomMLP extends Module {
  readonly denseHTo4h: Linear
  readonly dense4hToH: Linear

  constructor({ hiddenSize: E }: BloomConfig, make: LayerMaker) {
    super()
    this.denseHTo4h = make.linear(E, 4 * E)
    this.dense4hToH = make.linear(4 * E, E)
  }

  protected override keyOf(field: string): string {
    return field === 'denseHTo4h' ? 'dense_h_to_4h' : 'dense_4h_to_h'
  }

  override forward(x: Tensor): Tensor {
    return feedForward(x, this.denseHTo4h, activationOf('gelu_new'), this.dense4hToH)
  }
}

class BloomBlock extends Module {
  readonly inputLayernorm: LayerNorm
  readonly selfAttention: BloomAttention
  readonly postAttentionLayernorm: LayerNorm
  readonly mlp: BloomMLP
  private readonly layer: number
  private readonly isAfterNorm: boolean

  constructor(config: BloomConfig, layer: number, make: LayerMaker) {
    super()
    const { hiddenSize: E, layerNormEpsilon: eps = 1e-5 } = config
    this.inputLayernorm = make.layerNorm(E, eps)
    this.selfAttention = new BloomAttention(config, layer, make)
    this.postAttentionLayernorm = make.layerNorm(E, eps)
    this.mlp = new BloomMLP(config, make)
    this.layer = layer
    this.isAfterNorm = config.applyResidualConnectionPostLayernorm ?? false
  }

  protected override keyOf(field: string): string {
    return snakeCase(field)
  }

  override forward(x: Tensor, pass: Pass, bias: Tensor): Tensor {
    const normed = this.inputLayernorm.forward(x)
    const from = goingOn(this.isAfterNorm ? normed : x, this.layer, pass)
    const y = from.add(this.selfAttention.forward(normed, pass, bias))
    const wide = this.postAttentionLayernorm.forward(y)
    return leave((this.isAfterNorm ? wide : y).add(this.mlp.forward(wide)), this.layer, pass)
  }
}

class BloomStack extends Module {
  readonly wordEmbeddings: Embedding
  readonly wordEmbeddingsLayernorm: LayerNorm
  readonly h: BloomBlock[]
  readonly lnF: LayerNorm

  constructor(config: BloomConfig, make: LayerMaker) {
    super()
    const { vocabSize, hiddenSize: E, nLayer, layerNormEpsilon: eps = 1e-5 } = config
    this.wordEmbeddings = make.embedding(vocabSize, E)
    this.wordEmbeddingsLayernorm = make.layerNorm(E, eps)
    this.h = Array.from({ length: nLayer }, (_, i) => new BloomBlock(config, i, make))
    this.lnF = make.layerNorm(E, eps)
  }

  protected override keyOf(field: string): string {
    return snakeCase(field)
  }

  override forward(tokens: Tensor, pass: Pass, bias: Tensor): Tensor {
    let x = this.wordEmbeddingsLayernorm.forward(this.wordEmbeddings.forward(tokens))
    pass.trace?.enter(x, 'decoder')
    for (const block of this.h) x = block.forward(x, pass, bias)
    return this.lnF.forward(x)
  }
}

/** A Bloom, with the keys of BloomForCausalLM. @throws RangeError for heads that do not divide hiddenSize */
export class Bloom extends CausalLM {
  readonly config: BloomConfig
  readonly transformer: BloomStack

  constructor(config: BloomConfig, options: InitialOptions | LayerMaker = {}) {
    super()
    const others = ['layerNormEpsilon', 'applyResidualConnectionPostLayernorm']
    checkConfig('Bloom', config, ['vocabSize', 'hiddenSize', 'nLayer', 'nHead'], others)
    const { hiddenSize, nHead } = config
    if (hiddenSize % nHead !== 0) throw new RangeError(`Bloom: ${nHead} heads do not divide hiddenSize ${hiddenSize}`)
    this.config = config
    this.transformer = new BloomStack(config, layersFor('Bloom', options))
  }

  get sizes(): DecoderSizes {
    const { nLayer: layers, nHead: heads, hiddenSize } = this.config
    return { layers, heads, headSize: hiddenSize / heads, maxLength: Number.POSITIVE_INFINITY }
  }

  get dtype(): DType {
    return this.transformer.lnF.weight?.dtype ?? 'float32'
  }

  protected override states(tokens: Tensor, { pass, keys: S }: Run): Tensor {
    // Padding before a text moves all its positions alike, which changes no weight.
    const keys = arange(S, undefined, { dtype: 'int32' }).unsqueeze(0)
    return this.transformer.forward(tokens, pass, alibiBias(this.config.nHead, keys, this.dtype))
  }

  override normalize(x: Tensor): Tensor {
    return this.transformer.lnF.forward(x)
  }

  override unembed(x: Tensor): Tensor {
    return project(x, this.transformer.wordEmbeddings)
  }
}
