// Llama and its kin: RMSNorm before each part, rotary positions, queries that share keys, SwiGLU.
// Sources: Touvron et al. 2023, arXiv:2302.13971 and arXiv:2307.09288; Jiang et al. 2023 (Mistral), arXiv:2310.06825.
import { type Embedding, type Linear, Module, type RMSNorm, snakeCase } from '@x/nn'
import type { DType, Tensor } from '@x/tensor'
import { attend, headed, remembered } from '../blocks/attention.ts'
import { type Activation, activationOf, gatedFeedForward } from '../blocks/feedForward.ts'
import { type InitialOptions, type LayerMaker, layersFor } from '../blocks/layers.ts'
import { goingOn, leave, type Pass } from '../blocks/pass.ts'
import { type RotaryScaling, RotaryTable, type Rotation, rotate } from '../blocks/rotary.ts'
import { project } from '../quantized/layers.ts'
import { type CausalConfig, CausalLM, type DecoderSizes, type Run } from './causal.ts'
import { checkConfig } from './config.ts'

export interface LlamaConfig extends CausalConfig {
  readonly hiddenSize: number
  readonly intermediateSize: number
  readonly numHiddenLayers: number
  readonly numAttentionHeads: number
  /** Default: numAttentionHeads. */
  readonly numKeyValueHeads?: number
  /** Numbers of a head. Default: hiddenSize / numAttentionHeads. */
  readonly headDim?: number
  /** The longest text. Default 2048. */
  readonly maxPositionEmbeddings?: number
  /** Default 1e-6. */
  readonly rmsNormEps?: number
  /** Base of the rotations. Default 10000. */
  readonly ropeTheta?: number
  readonly ropeScaling?: RotaryScaling | null
  /** Default 'silu'. */
  readonly hiddenAct?: string
  /** Whether logits are made with the table of embeddings. Default false. */
  readonly tieWordEmbeddings?: boolean
  /** Whether queries, keys and values have biases (and with 'all' what joins the heads). Default false. */
  readonly attentionBias?: boolean | 'all'
  readonly mlpBias?: boolean
  /** How many tokens back are seen (Mistral). Default: all. */
  readonly slidingWindow?: number | null
}

const SIZES = ['vocabSize', 'hiddenSize', 'intermediateSize', 'numHiddenLayers', 'numAttentionHeads']
const OTHERS = [
  ...['numKeyValueHeads', 'headDim', 'maxPositionEmbeddings', 'rmsNormEps', 'ropeTheta', 'ropeScaling', 'hiddenAct'],
  ...['tieWordEmbeddings', 'attentionBias', 'mlpBias', 'slidingWindow'],
]

class LlamaAttention extends Module {
  readonly qProj: Linear
  readonly kProj: Linear
  readonly vProj: Linear
  readonly oProj: Linear
  private readonly heads: number
  private readonly layer: number

  constructor(config: LlamaConfig, layer: number, make: LayerMaker) {
    super()
    const { hiddenSize: E, numAttentionHeads: H, numKeyValueHeads: Hk = H, attentionBias = false } = config
    const D = config.headDim ?? E / H
    const bias = attentionBias !== false
    this.qProj = make.linear(E, H * D, { bias })
    this.kProj = make.linear(E, Hk * D, { bias })
    this.vProj = make.linear(E, Hk * D, { bias })
    this.oProj = make.linear(H * D, E, { bias: attentionBias === 'all' })
    this.heads = H
    this.layer = layer
  }

  protected override keyOf(field: string): string {
    return snakeCase(field)
  }

  override forward(x: Tensor, pass: Pass, rotation: Rotation): Tensor {
    const { layer, heads } = this
    const q = headed(this.qProj.forward(x), heads) // [B, T, H, D]
    const D = q.shape[3]
    const [k, v] = [this.kProj, this.vProj].map((map) => map.forward(x)).map((t) => headed(t, t.shape[2] / D))
    const found = remembered(rotate(k, rotation), v, layer, pass)
    return this.oProj.forward(attend(rotate(q, rotation), found, pass, { layer, kind: 'self' }))
  }
}

class LlamaMLP extends Module {
  readonly gateProj: Linear
  readonly upProj: Linear
  readonly downProj: Linear
  private readonly activation: Activation

  constructor({ hiddenSize: E, intermediateSize: F, mlpBias: bias = false, hiddenAct }: LlamaConfig, make: LayerMaker) {
    super()
    this.gateProj = make.linear(E, F, { bias })
    this.upProj = make.linear(E, F, { bias })
    this.downProj = make.linear(F, E, { bias })
    this.activation = activationOf(hiddenAct ?? 'silu')
  }

  protected override keyOf(field: string): string {
    return snakeCase(field)
  }

  override forward(x: Tensor): Tensor {
    return gatedFeedForward(x, { gate: this.gateProj, up: this.upProj, down: this.downProj }, this.activation)
  }
}

class LlamaBlock extends Module {
  readonly inputLayernorm: RMSNorm
  readonly selfAttn: LlamaAttention
  readonly postAttentionLayernorm: RMSNorm
  readonly mlp: LlamaMLP
  private readonly layer: number

  constructor(config: LlamaConfig, layer: number, make: LayerMaker) {
    super()
    const { hiddenSize: E, rmsNormEps: eps = 1e-6 } = config
    this.inputLayernorm = make.rmsNorm(E, eps)
    this.selfAttn = new LlamaAttention(config, layer, make)
    this.postAttentionLayernorm = make.rmsNorm(E, eps)
    this.mlp = new LlamaMLP(config, make)
    this.layer = layer
  }

  protected override keyOf(field: string): string {
    return snakeCase(field)
  }

  override forward(x: Tensor, pass: Pass, rotation: Rotation): Tensor {
    const y = goingOn(x, this.layer, pass).add(this.selfAttn.forward(this.inputLayernorm.forward(x), pass, rotation))
    return leave(y.add(this.mlp.forward(this.postAttentionLayernorm.forward(y))), this.layer, pass)
  }
}

class LlamaStack extends Module {
  readonly embedTokens: Embedding
  readonly layers: LlamaBlock[]
  readonly norm: RMSNorm

  constructor(config: LlamaConfig, make: LayerMaker) {
    super()
    this.embedTokens = make.embedding(config.vocabSize, config.hiddenSize)
    this.layers = Array.from({ length: config.numHiddenLayers }, (_, i) => new LlamaBlock(config, i, make))
    this.norm = make.rmsNorm(config.hiddenSize, config.rmsNormEps ?? 1e-6)
  }

  protected override keyOf(field: string): string {
    return snakeCase(field)
  }

  override forward(tokens: Tensor, pass: Pass, rotation: Rotation): Tensor {
    let x = this.embedTokens.forward(tokens) // [B, T, E]
    pass.trace?.enter(x, 'decoder')
    for (const block of this.layers) x = block.forward(x, pass, rotation)
    return this.norm.forward(x)
  }
}

/**
 * A model of the Llama family (Llama 1 to 3, Mistral, Qwen 2, TinyLlama, the stories models), with the keys of
 * LlamaForCausalLM.
 * @throws RangeError for sizes that do not fit each other
 * @example
 * import { tensor } from '@x/tensor'
 * import { Llama } from '@x/transformer'
 * const model = new Llama({
 *   vocabSize: 100, hiddenSize: 32, intermediateSize: 64, numHiddenLayers: 2, numAttentionHeads: 4, numKeyValueHeads: 2,
 * })
 * model.forward(tensor([[1, 2, 3]], { dtype: 'int32' })).shape // [1, 3, 100]
 */
export class Llama extends CausalLM {
  readonly config: LlamaConfig
  readonly model: LlamaStack
  readonly lmHead: Linear | null
  private readonly rotary: RotaryTable

  constructor(config: LlamaConfig, options: InitialOptions | LayerMaker = {}) {
    super()
    checkConfig('Llama', config, SIZES, OTHERS)
    const { hiddenSize: E, numAttentionHeads: H, numKeyValueHeads: Hk = H, headDim: D = E / H } = config
    if (!(Number.isInteger(D / 2) && Number.isInteger(H / Hk)))
      throw new RangeError(`Llama: ${H} heads, ${Hk} of keys, and ${D} numbers a head do not fit hiddenSize ${E}`)
    const make = layersFor('Llama', options)
    this.config = config
    this.model = new LlamaStack(config, make)
    this.lmHead = config.tieWordEmbeddings ? null : make.linear(E, config.vocabSize, { bias: false })
    this.rotary = new RotaryTable(D, { base: config.ropeTheta ?? 10000, scaling: config.ropeScaling })
  }

  protected override keyOf(field: string): string {
    return snakeCase(field)
  }

  get sizes(): DecoderSizes {
    const { hiddenSize: E, numAttentionHeads: H, numKeyValueHeads: heads = H, headDim: headSize = E / H } = this.config
    const { numHiddenLayers: layers, maxPositionEmbeddings: maxLength = 2048 } = this.config
    return { layers, heads, headSize, maxLength }
  }

  get dtype(): DType {
    return this.model.norm.weight?.dtype ?? 'float32'
  }

  override get window(): number | null {
    return this.config.slidingWindow ?? null
  }

  override get isSteady(): boolean {
    return this.config.ropeScaling?.type !== 'dynamic'
  }

  protected override prepare(length: number): void {
    this.rotary.at(0, length, 'float64')
  }

  protected override states(tokens: Tensor, { pass, start, positionIds, length }: Run): Tensor {
    const { dtype, rotary } = this
    const rotation = positionIds ? rotary.of(positionIds, length, dtype) : rotary.at(start, tokens.shape[1], dtype)
    return this.model.forward(tokens, pass, rotation)
  }

  override normalize(x: Tensor): Tensor {
    return this.model.norm.forward(x)
  }

  override unembed(x: Tensor): Tensor {
    return this.lmHead ? this.lmHead.forward(x) : project(x, this.model.embedTokens)
  }

  override dispose(): void {
    super.dispose()
    this.rotary.dispose()
  }
}
