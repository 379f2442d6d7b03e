// BERT: blocks in which every token sees every other, each part followed by its LayerNorm; and heads for its two uses.
// Source: Devlin et al. 2018, arXiv:1810.04805.
import { Dropout, type Embedding, type LayerNorm, type Linear, Module, snakeCase } from '@x/nn'
import { arange, type DType, ShapeError, type Tensor, zerosLike } from '@x/tensor'
import { checkOptions, show } from '@x/tensor/op'
import { attend, headed, remembered } from '../blocks/attention.ts'
import { type Activation, activationOf, feedForward } from '../blocks/feedForward.ts'
import { type InitialOptions, type LayerMaker, layersFor } from '../blocks/layers.ts'
import { leave, type Pass, paddingMask, TRACE_OPTIONS, Trace, type TraceOptions } from '../blocks/pass.ts'
import { project } from '../quantized/layers.ts'
import { checkBeside, checkTokens } from './checks.ts'
import { checkConfig } from './config.ts'

export interface BertConfig {
  readonly vocabSize: number
  readonly hiddenSize: number
  readonly numHiddenLayers: number
  readonly numAttentionHeads: number
  readonly intermediateSize: number
  /** The longest text. Default 512. */
  readonly maxPositionEmbeddings?: number
  /** Kinds of text that stand side by side. Default 2. */
  readonly typeVocabSize?: number
  /** Default 1e-12. */
  readonly layerNormEps?: number
  /** Default 'gelu'. */
  readonly hiddenAct?: string
  /** Classes of BertForSequenceClassification. Default 2. */
  readonly numLabels?: number
  /** Probability of dropping a number, in training. Default 0. */
  readonly dropout?: number
}

export interface BertOptions {
  /** 1 for tokens, 0 for padding [B, T]. Default: all are tokens. */
  readonly attentionMask?: Tensor | null
  /** Which text a token belongs to [B, T], int32. Default 0. */
  readonly tokenTypeIds?: Tensor | null
  /** [B, T] or [1, T], int32. Default 0, 1, 2 … */
  readonly positionIds?: Tensor | null
}

const OPTIONS = ['attentionMask', 'tokenTypeIds', 'positionIds']

export interface BertOutput {
  /** [B, T, E] */
  readonly lastHiddenState: Tensor
  /** tanh of a map of the first token's state [B, E]; null without a pooler. */
  readonly poolerOutput: Tensor | null
  /** What enters the first block, and what leaves each: layers + 1 of [B, T, E], if asked for. */
  readonly hiddenStates: readonly Tensor[]
  /** [B, H, T, T] of each layer, if asked for. */
  readonly attentions: readonly Tensor[]
  /** [B, H, T, D] of each layer, if asked for. */
  readonly heads: readonly Tensor[]
}

const SIZES = ['vocabSize', 'hiddenSize', 'numHiddenLayers', 'numAttentionHeads', 'intermediateSize']
const OTHERS = ['maxPositionEmbeddings', 'typeVocabSize', 'layerNormEps', 'hiddenAct', 'numLabels', 'dropout']

const BLOCK_KEYS: Readonly<Record<string, string>> = {
  query: 'attention.self.query',
  key: 'attention.self.key',
  value: 'attention.self.value',
  attentionOutput: 'attention.output.dense',
  attentionNorm: 'attention.output.LayerNorm',
  intermediate: 'intermediate.dense',
  output: 'output.dense',
  outputNorm: 'output.LayerNorm',
}

class BertBlock extends Module {
  readonly query: Linear
  readonly key: Linear
  readonly value: Linear
  readonly attentionOutput: Linear
  readonly attentionNorm: LayerNorm
  readonly intermediate: Linear
  readonly output: Linear
  readonly outputNorm: LayerNorm
  private readonly drop: Dropout
  private readonly activation: Activation
  private readonly heads: number
  private readonly layer: number

  constructor(config: BertConfig, layer: number, make: LayerMaker) {
    super()
    const { hiddenSize: E, intermediateSize: F, numAttentionHeads, layerNormEps: eps = 1e-12 } = config
    this.query = make.linear(E, E)
    this.key = make.linear(E, E)
    this.value = make.linear(E, E)
    this.attentionOutput = make.linear(E, E)
    this.attentionNorm = make.layerNorm(E, eps)
    this.intermediate = make.linear(E, F)
    this.output = make.linear(F, E)
    this.outputNorm = make.layerNorm(E, eps)
    this.drop = new Dropout(config.dropout ?? 0)
    this.activation = activationOf(config.hiddenAct ?? 'gelu')
    this.heads = numAttentionHeads
    this.layer = layer
  }

  protected override keyOf(field: string): string {
    return BLOCK_KEYS[field] ?? field
  }

  override forward(x: Tensor, pass: Pass): Tensor {
    const { heads, layer, drop } = this
    const [q, k, v] = [this.query, this.key, this.value].map((map) => headed(map.forward(x), heads))
    const found = attend(q, remembered(k, v, layer, pass), pass, { layer, kind: 'self' })
    const y = this.attentionNorm.forward(x.add(drop.forward(this.attentionOutput.forward(found))))
    const z = feedForward(y, this.intermediate, this.activation, this.output)
    return leave(this.outputNorm.forward(y.add(drop.forward(z))), layer, pass)
  }
}

class BertEmbeddings extends Module {
  readonly wordEmbeddings: Embedding
  readonly positionEmbeddings: Embedding
  readonly tokenTypeEmbeddings: Embedding
  readonly norm: LayerNorm

  constructor(config: BertConfig, make: LayerMaker) {
    super()
    const { vocabSize, hiddenSize: E, maxPositionEmbeddings: length = 512, typeVocabSize = 2 } = config
    this.wordEmbeddings = make.embedding(vocabSize, E)
    this.positionEmbeddings = make.embedding(length, E)
    this.tokenTypeEmbeddings = make.embedding(typeVocabSize, E)
    this.norm = make.layerNorm(E, config.layerNormEps ?? 1e-12)
  }

  protected override keyOf(field: string): string {
    return field === 'norm' ? 'LayerNorm' : snakeCase(field)
  }

  override forward(tokens: Tensor, { tokenTypeIds, positionIds }: BertOptions = {}): Tensor {
    const types = this.tokenTypeEmbeddings.forward(tokenTypeIds ?? zerosLike(tokens, { dtype: 'int32' }))
    const places = positionIds ?? arange(tokens.shape[1], undefined, { dtype: 'int32' }).unsqueeze(0)
    const words = this.wordEmbeddings.forward(tokens)
    return this.norm.forward(words.add(types).add(this.positionEmbeddings.forward(places)))
  }
}

/**
 * A BERT without a head, with the keys of BertModel: tokens [B, T] → hidden states [B, T, E].
 * @throws RangeError for heads that do not divide hiddenSize
 * @example
 * import { tensor } from '@x/tensor'
 * import { Bert } from '@x/transformer'
 * const model = new Bert({
 *   vocabSize: 100, hiddenSize: 32, numHiddenLayers: 2, numAttentionHeads: 4, intermediateSize: 64,
 * })
 * model.forward(tensor([[1, 2, 3]], { dtype: 'int32' })).shape // [1, 3, 32]
 */
export class Bert extends Module {
  readonly config: BertConfig
  readonly embeddings: BertEmbeddings
  readonly layer: BertBlock[]
  readonly pooler: Linear | null
  private readonly drop: Dropout

  /** @param options `pooler`: whether there is one. Default true */
  constructor(config: BertConfig, options: (InitialOptions | LayerMaker) & { pooler?: boolean } = {}) {
    super()
    checkConfig('Bert', config, SIZES, OTHERS)
    const { hiddenSize: E, numAttentionHeads: H, numHiddenLayers } = config
    if (E % H !== 0) throw new RangeError(`Bert: ${H} heads do not divide hiddenSize ${E}`)
    const make = layersFor('Bert', options, ['pooler'])
    this.config = config
    this.embeddings = new BertEmbeddings(config, make)
    this.layer = Array.from({ length: numHiddenLayers }, (_, i) => new BertBlock(config, i, make))
    this.pooler = (options.pooler ?? true) ? make.linear(E, E) : null
    this.drop = new Dropout(config.dropout ?? 0)
  }

  protected override keyOf(field: string): string {
    return { layer: 'encoder.layer', pooler: 'pooler.dense' }[field] ?? field
  }

  get dtype(): DType {
    return this.embeddings.norm.weight?.dtype ?? 'float32'
  }

  /** The hidden states [B, T, E]. @throws ShapeError, DTypeError; RangeError for tokens outside the vocabulary, options */
  override forward(tokens: Tensor, options: BertOptions = {}): Tensor {
    checkOptions('forward', options, OPTIONS)
    return this.run(tokens, options, null)
  }

  /** Hidden states and what passed on the way. @throws as `forward` */
  inspect(tokens: Tensor, options: BertOptions & TraceOptions = {}): BertOutput {
    checkOptions('inspect', options, [...OPTIONS, ...TRACE_OPTIONS])
    const trace = new Trace(options)
    const lastHiddenState = this.run(tokens, options, trace)
    trace.finish()
    const { hiddenStates, attentions, heads } = trace.encoder
    const poolerOutput = this.pooler && this.pool(lastHiddenState)
    return { lastHiddenState, poolerOutput, hiddenStates, attentions, heads }
  }

  /** tanh of a map of the first token's state: [B, T, E] → [B, E]. @throws TypeError without a pooler */
  pool(states: Tensor): Tensor {
    if (!this.pooler) throw new TypeError('Bert: the model has no pooler; make it with { pooler: true }')
    return this.pooler.forward(firstOf(states)).tanh()
  }

  /**
   * A vector for each text [B, E], of length 1: the mean of its tokens' states, or the first of them.
   * @param options pooling: 'mean' (default) or 'cls'; the rest as `forward`
   */
  embed(tokens: Tensor, options: BertOptions & { pooling?: 'mean' | 'cls' } = {}): Tensor {
    const { pooling = 'mean', ...rest } = options
    if (pooling !== 'mean' && pooling !== 'cls')
      throw new RangeError(`embed: pooling '${pooling}' is not 'mean' or 'cls'`)
    const states = this.forward(tokens, rest)
    const y = pooling === 'cls' ? firstOf(states) : meanPool(states, rest.attentionMask ?? null)
    return y.div(y.square().sum(-1, { keepdims: true }).sqrt().maximum(1e-12))
  }

  private run(tokens: Tensor, options: BertOptions, trace: Trace | null): Tensor {
    const { vocabSize, maxPositionEmbeddings = 512, typeVocabSize = 2 } = this.config
    checkTokens('Bert', tokens, vocabSize)
    const { attentionMask = null, positionIds, tokenTypeIds } = options
    if (tokenTypeIds) checkBeside('Bert', 'tokenTypeIds', tokenTypeIds, tokens, typeVocabSize)
    if (positionIds) checkBeside('Bert', 'positionIds', positionIds, tokens, maxPositionEmbeddings)
    if (!positionIds && tokens.shape[1] > maxPositionEmbeddings)
      throw new RangeError(`Bert: ${tokens.shape[1]} tokens are more than its ${maxPositionEmbeddings} positions`)
    if (attentionMask && show(attentionMask.shape) !== show(tokens.shape))
      throw new ShapeError(`Bert: attentionMask ${show(attentionMask.shape)} is not of the shape ${show(tokens.shape)}`)
    const mask = attentionMask && paddingMask(attentionMask, this.dtype)
    const pass: Pass = { mask, causal: false, stack: 'encoder', trace, cache: null }
    let x = this.drop.forward(this.embeddings.forward(tokens, options))
    trace?.enter(x, 'encoder')
    for (const block of this.layer) x = block.forward(x, pass)
    return x
  }
}

const firstOf = (states: Tensor): Tensor => states.transpose(0, 1).at(0)

/** The mean of the states [B, T, E] of tokens, of which a mask [B, T] says 1: [B, E]. */
export function meanPool(states: Tensor, attentionMask: Tensor | null = null): Tensor {
  if (!attentionMask) return states.mean(1)
  const there = attentionMask.ne(0).cast(states.dtype).unsqueeze(-1)
  return states.mul(there).sum(1).div(there.sum(1).maximum(1))
}

/** A head over a BERT. */
abstract class BertWithHead extends Module {
  abstract readonly bert: Bert

  get config(): BertConfig {
    return this.bert.config
  }

  /** Logits of the hidden states. */
  protected abstract head(states: Tensor): Tensor

  override forward(tokens: Tensor, options: BertOptions = {}): Tensor {
    return this.head(this.bert.forward(tokens, options))
  }

  /** Logits, hidden states, and what passed on the way. */
  inspect(tokens: Tensor, options: BertOptions & TraceOptions = {}): BertOutput & { readonly logits: Tensor } {
    const output = this.bert.inspect(tokens, options)
    return { ...output, logits: this.head(output.lastHiddenState) }
  }
}

/** A BERT that guesses tokens that were masked, with the keys of BertForMaskedLM: tokens [B, T] → logits [B, T, V]. */
export class BertForMaskedLM extends BertWithHead {
  readonly bert: Bert
  readonly transform: Linear
  readonly norm: LayerNorm
  readonly bias: Tensor
  private readonly activation: Activation

  constructor(config: BertConfig, options: InitialOptions | LayerMaker = {}) {
    super()
    const make = layersFor('BertForMaskedLM', options)
    this.bert = new Bert(config, { ...make, pooler: false })
    const { hiddenSize: E, vocabSize, layerNormEps: eps = 1e-12, hiddenAct = 'gelu' } = config
    this.transform = make.linear(E, E)
    this.norm = make.layerNorm(E, eps)
    this.bias = make.zeros([vocabSize])
    this.activation = activationOf(hiddenAct)
  }

  protected override keyOf(field: string): string {
    const inside = { transform: 'transform.dense', norm: 'transform.LayerNorm', bias: 'bias' }[field]
    return inside === undefined ? field : `cls.predictions.${inside}`
  }

  protected override head(states: Tensor): Tensor {
    const x = this.norm.forward(this.activation(this.transform.forward(states)))
    return project(x, this.bert.embeddings.wordEmbeddings, this.bias)
  }
}

/** A BERT that classifies texts, with the keys of BertForSequenceClassification: tokens [B, T] → logits [B, labels]. */
export class BertForSequenceClassification extends BertWithHead {
  readonly bert: Bert
  readonly classifier: Linear
  private readonly drop: Dropout

  constructor(config: BertConfig, options: InitialOptions | LayerMaker = {}) {
    super()
    const make = layersFor('BertForSequenceClassification', options)
    this.bert = new Bert(config, make)
    this.classifier = make.linear(config.hiddenSize, config.numLabels ?? 2)
    this.drop = new Dropout(config.dropout ?? 0)
  }

  protected override head(states: Tensor): Tensor {
    return this.classifier.forward(this.drop.forward(this.bert.pool(states)))
  }
}
