// GPT: blocks of attention and a feed-forward part, each behind a LayerNorm, over learned positions.
// Sources: Radford et al. 2019 (GPT-2); A. Karpathy's nanoGPT, whose layout is the same with linear layers and options.
import { Dropout, dropout, type Embedding, type LayerNorm, type Linear, Module } from '@x/nn'
import { arange, type DType, type Tensor } from '@x/tensor'
import { attendPacked } from '../blocks/attention.ts'
import { type Activation, activationOf, feedForward } from '../blocks/feedForward.ts'
import { type InitialOptions, type LayerMaker, layersFor } from '../blocks/layers.ts'
import { goingOn, leave, type Pass } from '../blocks/pass.ts'
import { project } from '../quantized/layers.ts'
import { type CausalConfig, CausalLM, type DecoderSizes, type Run } from './causal.ts'
import { checkConfig } from './config.ts'

export interface GPTConfig extends CausalConfig {
  /** The longest text. Default 1024. */
  readonly nPositions?: number
  /** Numbers of a hidden state. */
  readonly nEmbd: number
  readonly nLayer: number
  readonly nHead: number
  /** Numbers within the feed-forward part. Default 4 nEmbd. */
  readonly nInner?: number
  /** Default 1e-5. */
  readonly layerNormEpsilon?: number
  /** Default 'gelu_new', the tanh form; nanoGPT has 'gelu'. */
  readonly activationFunction?: string
  /** Whether linear layers and norms have biases. Default true. */
  readonly bias?: boolean
  /** Whether logits are made with the table of embeddings. Default true. */
  readonly tieWordEmbeddings?: boolean
  /** Probability of dropping a number behind embeddings, attention and feed-forward parts, in training. Default 0. */
  readonly dropout?: number
}

const SIZES = ['vocabSize', 'nEmbd', 'nLayer', 'nHead']
const OTHERS = [
  ...['nPositions', 'nInner', 'layerNormEpsilon', 'activationFunction', 'bias', 'tieWordEmbeddings', 'dropout'],
]

const KEYS: Readonly<Record<string, string>> = {
  ln1: 'ln_1',
  ln2: 'ln_2',
  lnF: 'ln_f',
  cAttn: 'c_attn',
  cProj: 'c_proj',
  cFc: 'c_fc',
  lmHead: 'lm_head',
}

/** A module under GPT-2's names. */
abstract class Part extends Module {
  protected override keyOf(field: string): string {
    return KEYS[field] ?? field
  }
}

class GPTAttention extends Part {
  /** Queries, keys and values side by side. */
  readonly cAttn: Linear
  readonly cProj: Linear
  private readonly heads: number
  private readonly layer: number
  private readonly p: number

  constructor({ nEmbd: E, nHead, nLayer, bias, dropout: p = 0 }: GPTConfig, layer: number, make: LayerMaker) {
    super()
    this.cAttn = make.linear(E, 3 * E, { bias })
    // Each residual adds to the stream: the more there are, the smaller they start.
    this.cProj = make.linear(E, E, { bias, scale: 1 / Math.sqrt(2 * nLayer) })
    this.heads = nHead
    this.layer = layer
    this.p = p
  }

  override forward(x: Tensor, pass: Pass): Tensor {
    const { heads, layer } = this
    const dropoutP = this.training ? this.p : 0
    return this.cProj.forward(attendPacked(this.cAttn.forward(x), heads, pass, layer, { dropoutP }))
  }
}

class GPTMLP extends Part {
  readonly cFc: Linear
  readonly cProj: Linear
  private readonly activation: Activation

  constructor({ nEmbd: E, nInner = 4 * E, nLayer, bias, activationFunction }: GPTConfig, make: LayerMaker) {
    super()
    this.cFc = make.linear(E, nInner, { bias })
    this.cProj = make.linear(nInner, E, { bias, scale: 1 / Math.sqrt(2 * nLayer) })
    this.activation = activationOf(activationFunction ?? 'gelu_new')
  }

  override forward(x: Tensor): Tensor {
    return feedForward(x, this.cFc, this.activation, this.cProj)
  }
}

class GPTBlock extends Part {
  readonly ln1: LayerNorm
  readonly attn: GPTAttention
  readonly ln2: LayerNorm
  readonly mlp: GPTMLP
  private readonly drop: Dropout
  private readonly layer: number

  constructor(config: GPTConfig, layer: number, make: LayerMaker) {
    super()
    const { nEmbd: E, layerNormEpsilon: eps = 1e-5, bias = true } = config
    this.ln1 = make.layerNorm(E, eps, bias)
    this.attn = new GPTAttention(config, layer, make)
    this.ln2 = make.layerNorm(E, eps, bias)
    this.mlp = new GPTMLP(config, make)
    this.drop = new Dropout(config.dropout ?? 0)
    this.layer = layer
  }

  override forward(x: Tensor, pass: Pass): Tensor {
    const y = goingOn(x, this.layer, pass).add(this.drop.forward(this.attn.forward(this.ln1.forward(x), pass)))
    return leave(y.add(this.drop.forward(this.mlp.forward(this.ln2.forward(y)))), this.layer, pass)
  }
}

class GPTStack extends Part {
  readonly wte: Embedding
  readonly wpe: Embedding
  readonly h: GPTBlock[]
  readonly lnF: LayerNorm
  private readonly p: number

  constructor(config: GPTConfig, make: LayerMaker) {
    super()
    const { vocabSize, nPositions = 1024, nEmbd: E, nLayer, layerNormEpsilon: eps = 1e-5, bias = true } = config
    this.wte = make.embedding(vocabSize, E)
    this.wpe = make.embedding(nPositions, E)
    this.h = Array.from({ length: nLayer }, (_, i) => new GPTBlock(config, i, make))
    this.lnF = make.layerNorm(E, eps, bias)
    this.p = config.dropout ?? 0
  }

  override forward(tokens: Tensor, pass: Pass, positions: Tensor): Tensor {
    let x = this.wte.forward(tokens).add(this.wpe.forward(positions)) // [B, T, E]
    if (this.training) x = dropout(x, this.p)
    pass.trace?.enter(x, 'decoder')
    for (const block of this.h) x = block.forward(x, pass)
    return this.lnF.forward(x)
  }
}

/**
 * A GPT, with the keys of GPT2LMHeadModel and nanoGPT.
 * @throws RangeError for heads that do not divide nEmbd
 * @example
 * import { tensor } from '@x/tensor'
 * import { GPT } from '@x/transformer'
 * const model = new GPT({ vocabSize: 65, nPositions: 64, nEmbd: 64, nLayer: 2, nHead: 4 })
 * model.forward(tensor([[1, 2, 3]], { dtype: 'int32' })).shape // [1, 3, 65]
 */
export class GPT extends CausalLM {
  readonly config: GPTConfig
  readonly transformer: GPTStack
  readonly lmHead: Linear | null

  constructor(config: GPTConfig, options: InitialOptions | LayerMaker = {}) {
    super()
    checkConfig('GPT', config, SIZES, OTHERS)
    const { nEmbd, nHead, vocabSize, tieWordEmbeddings = true } = config
    if (nEmbd % nHead !== 0) throw new RangeError(`GPT: ${nHead} heads do not divide nEmbd ${nEmbd}`)
    const make = layersFor('GPT', options)
    this.config = config
    this.transformer = new GPTStack(config, make)
    this.lmHead = tieWordEmbeddings ? null : make.linear(nEmbd, vocabSize, { bias: false })
  }

  protected override keyOf(field: string): string {
    return KEYS[field] ?? field
  }

  get sizes(): DecoderSizes {
    const { nLayer: layers, nHead: heads, nEmbd, nPositions: maxLength = 1024 } = this.config
    return { layers, heads, headSize: nEmbd / heads, maxLength }
  }

  get dtype(): DType {
    return this.transformer.lnF.weight?.dtype ?? 'float32'
  }

  protected override states(tokens: Tensor, { pass, start, positionIds }: Run): Tensor {
    const own = (): Tensor => arange(start, start + tokens.shape[1], { dtype: 'int32' }).unsqueeze(0)
    return this.transformer.forward(tokens, pass, positionIds ?? own())
  }

  override normalize(x: Tensor): Tensor {
    return this.transformer.lnF.forward(x)
  }

  override unembed(x: Tensor): Tensor {
    return this.lmHead ? this.lmHead.forward(x) : project(x, this.transformer.wte)
  }
}
