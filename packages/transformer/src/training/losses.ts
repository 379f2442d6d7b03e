// What language models are trained on: the next token, masked tokens, a target behind a source.
import { crossEntropy } from '@x/nn'
import { type Generator, ShapeError, slice, type Tensor, tensor, tidy, uniform } from '@x/tensor'
import { checkOptions, requireTensor, show } from '@x/tensor/op'
import { type CausalLM, requireCausal } from '../models/causal.ts'
import { Seq2SeqLM } from '../models/seq2seq.ts'
import { named } from '../named.ts'

/** The label of tokens that do not count, as in PyTorch. */
export const IGNORED = -100

export interface TokenLossOptions {
  /** Share of the probability that is spread over all tokens. Default 0. */
  labelSmoothing?: number
}

/** Mean cross-entropy of logits [B, T, V] at labels [B, T] that are not −100. @throws ShapeError */
export function tokenLoss(logits: Tensor, labels: Tensor, options: TokenLossOptions = {}): Tensor {
  checkOptions('tokenLoss', options, ['labelSmoothing'])
  requireTensor('tokenLoss', 'logits', logits)
  requireTensor('tokenLoss', 'labels', labels)
  if (logits.ndim !== 3 || show(logits.shape.slice(0, 2)) !== show(labels.shape))
    throw new ShapeError(`tokenLoss: labels ${show(labels.shape)} are not one for each of logits ${show(logits.shape)}`)
  const { labelSmoothing = 0 } = options
  const flat = logits.reshape([-1, logits.shape[2]])
  return crossEntropy(flat, labels.reshape([-1]).cast('int32'), { ignoreIndex: IGNORED, labelSmoothing })
}

export interface LanguageModelLossOptions extends TokenLossOptions {
  /** What is to come at each place [B, T], −100 where it does not count. Default: the tokens themselves. */
  labels?: Tensor | null
  /** 1 for tokens, 0 for padding [B, T], which does not count. */
  attentionMask?: Tensor | null
}

/**
 * Mean cross-entropy of each token given those before it. Labels stand where their tokens stand: they are moved here.
 * @param tokens integers [B, T], T ≥ 2
 * @throws TypeError for a model that does not continue texts, and what is no tensor; ShapeError, RangeError as the model
 * @example
 * import { tensor } from '@x/tensor'
 * import { GPT, languageModelLoss } from '@x/transformer'
 * const model = new GPT({ vocabSize: 10, nPositions: 8, nEmbd: 16, nLayer: 1, nHead: 2 })
 * languageModelLoss(model, tensor([[1, 2, 3]], { dtype: 'int32' })).item() // about ln 10
 */
export function languageModelLoss(model: CausalLM, tokens: Tensor, options: LanguageModelLossOptions = {}): Tensor {
  checkOptions('languageModelLoss', options, ['labels', 'attentionMask', 'labelSmoothing'])
  requireCausal('languageModelLoss', model)
  requireTensor('languageModelLoss', 'tokens', tokens)
  const { labels = null, attentionMask = null, labelSmoothing } = options
  if (tokens.ndim !== 2 || tokens.shape[1] < 2)
    throw new ShapeError(`languageModelLoss: tokens ${show(tokens.shape)} are not [B, T] with T from 2`)
  const before = slice(0, -1)
  const logits = model.forward(tokens.at(slice(), before), { attentionMask: attentionMask?.at(slice(), before) })
  let wanted = (labels ?? tokens).at(slice(), slice(1)).cast('int32')
  if (attentionMask) wanted = attentionMask.at(slice(), slice(1)).ne(0).where(wanted, IGNORED)
  return tokenLoss(logits, wanted, { labelSmoothing })
}

/** `start` before the target, whose last token is left out: what a decoder reads when it is to write the target. */
export function shiftRight(target: Tensor, start: number, filling: number): Tensor {
  const [B, T] = target.shape
  const ids = target.cast('int32')
  const read = ids
    .ne(IGNORED)
    .where(ids, filling)
    .at(slice(), slice(0, T - 1))
  return read
    .pad(
      [
        [0, 0],
        [1, 0],
      ],
      start,
    )
    .reshape([B, T])
}

export interface Seq2SeqLossOptions extends TokenLossOptions {
  /** 1 for tokens of the source, 0 for padding [B, S]. */
  attentionMask?: Tensor | null
}

/**
 * Mean cross-entropy of each token of the target given the source and the true tokens before it (teacher forcing).
 * @param target integers [B, T], −100 for padding
 * @throws TypeError for a model without an encoder and a decoder, RangeError for a configuration without
 * decoderStartTokenId, ShapeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { seq2seqLoss, TranslationTransformer } from '@x/transformer'
 * const model = new TranslationTransformer({
 *   vocabSize: 10, dModel: 16, encoderLayers: 1, decoderLayers: 1, attentionHeads: 2, ffnDim: 32, decoderStartTokenId: 1,
 * })
 * const [source, target] = [[[4, 5, 2]], [[6, 7, 2]]].map((rows) => tensor(rows, { dtype: 'int32' }))
 * seq2seqLoss(model, source, target, { labelSmoothing: 0.1 }).shape // []
 */
export function seq2seqLoss(
  model: Seq2SeqLM,
  source: Tensor,
  target: Tensor,
  options: Seq2SeqLossOptions = {},
): Tensor {
  checkOptions('seq2seqLoss', options, ['attentionMask', 'labelSmoothing'])
  if (!(model instanceof Seq2SeqLM))
    throw new TypeError(`seq2seqLoss: the model is ${named(model)}, which has no encoder and decoder; T5 has`)
  requireTensor('seq2seqLoss', 'source', source)
  requireTensor('seq2seqLoss', 'target', target)
  const { decoderStartTokenId: start, padTokenId } = model.config
  if (start === null || start === undefined)
    throw new RangeError('seq2seqLoss: the configuration has no decoderStartTokenId, which targets begin with')
  const logits = model.forward(source, shiftRight(target, start, padTokenId ?? start), {
    attentionMask: options.attentionMask,
  })
  return tokenLoss(logits, target, { labelSmoothing: options.labelSmoothing })
}

export interface MaskingOptions {
  /** The token that stands for a masked one. */
  maskTokenId: number
  /** Tokens that random ones are drawn from: 0 … vocabSize − 1. */
  vocabSize: number
  /** Share of tokens to guess. Default 0.15. */
  probability?: number
  /** Tokens that are never masked. Default none. */
  specialTokenIds?: readonly number[]
  /** Default: the one that `manualSeed` seeds. */
  generator?: Generator
}

/**
 * Tokens for training a masked language model: of those to guess 80 % become the mask, 10 % a random token, 10 % stay.
 * Labels [B, T] are the true tokens there, and −100 elsewhere.
 * Source: Devlin et al. 2018, arXiv:1810.04805, section 3.1.
 * @param tokens integers of any shape, [B, T] say
 * @throws TypeError for what is no tensor; RangeError for options that are missing or out of range
 * @example
 * import { tensor } from '@x/tensor'
 * import { BertForMaskedLM, maskTokens, tokenLoss } from '@x/transformer'
 * const model = new BertForMaskedLM({
 *   vocabSize: 10, hiddenSize: 16, numHiddenLayers: 1, numAttentionHeads: 2, intermediateSize: 32,
 * })
 * const tokens = tensor([[1, 5, 6, 7, 2]], { dtype: 'int32' })
 * const masking = { maskTokenId: 3, vocabSize: 10, specialTokenIds: [1, 2], probability: 0.5 }
 * const { inputs, labels } = maskTokens(tokens, masking)
 * tokenLoss(model.forward(inputs), labels).shape // []
 */
export function maskTokens(tokens: Tensor, options: MaskingOptions): { inputs: Tensor; labels: Tensor } {
  checkOptions('maskTokens', options, ['maskTokenId', 'vocabSize', 'probability', 'specialTokenIds', 'generator'])
  const { maskTokenId, vocabSize, probability = 0.15, specialTokenIds = [], generator } = options
  requireTensor('maskTokens', 'tokens', tokens)
  wholeNumbers('maskTokens', { maskTokenId }, 0)
  wholeNumbers('maskTokens', { vocabSize }, 1)
  if (!(probability >= 0 && probability <= 1))
    throw new RangeError(`maskTokens: probability ${probability} is not from 0 to 1`)
  return tidy(() => {
    const ids = tokens.cast('int32')
    const draw = (high = 1): Tensor => uniform(ids.shape, { high, generator })
    let chosen = draw().lt(probability)
    for (const id of specialTokenIds) chosen = chosen.logicalAnd(ids.ne(id))
    const fate = draw()
    const random = draw(vocabSize).floor().cast('int32')
    const guessed = fate.lt(0.8).where(maskTokenId, fate.lt(0.9).where(random, ids)).cast('int32')
    return { inputs: chosen.where(guessed, ids).cast('int32'), labels: chosen.where(ids, IGNORED).cast('int32') }
  })
}

/** @throws RangeError naming the first that is missing, or no whole number */
function wholeNumbers(op: string, numbers: Readonly<Record<string, number>>, least: number): void {
  for (const [name, n] of Object.entries(numbers)) {
    if (!(Number.isInteger(n) && n >= least))
      throw new RangeError(
        `${op}: ${name} is ${n === undefined ? 'missing' : named(n)}, not a whole number from ${least}`,
      )
  }
}

/** A conversation's turn, or an instruction, and what is to be answered: as tokens. */
export interface Example {
  readonly prompt: readonly number[]
  readonly answer: readonly number[]
}

/**
 * Examples side by side for supervised finetuning: labels are −100 over prompts and padding, so that only answers count.
 * @param options padTokenId: fills short examples; maxLength: longer ones lose their end
 * @throws TypeError for what is no list of examples, RangeError without any, and for options
 * @example
 * import { supervisedBatch } from '@x/transformer'
 * const examples = [{ prompt: [1, 2], answer: [3, 4] }, { prompt: [5], answer: [6] }]
 * const { tokens, labels } = supervisedBatch(examples, { padTokenId: 0 })
 * tokens.toArray() // [[1, 2, 3, 4], [5, 6, 0, 0]]
 * labels.toArray() // [[-100, -100, 3, 4], [-100, 6, -100, -100]]
 */
export function supervisedBatch(
  examples: readonly Example[],
  options: { padTokenId: number; maxLength?: number },
): { tokens: Tensor; labels: Tensor; attentionMask: Tensor } {
  checkOptions('supervisedBatch', options, ['padTokenId', 'maxLength'])
  const { padTokenId, maxLength = Number.POSITIVE_INFINITY } = options
  wholeNumbers('supervisedBatch', { padTokenId }, 0)
  if (options.maxLength !== undefined) wholeNumbers('supervisedBatch', { maxLength }, 1)
  if (!Array.isArray(examples) || examples.some((e) => !Array.isArray(e?.prompt) || !Array.isArray(e?.answer)))
    throw new TypeError('supervisedBatch: examples are a list of { prompt, answer }, each a list of token ids')
  if (examples.length === 0) throw new RangeError('supervisedBatch: there are no examples')
  const T = Math.min(maxLength, Math.max(...examples.map(({ prompt, answer }) => prompt.length + answer.length)))
  const rows = (of: (e: Example, i: number) => number): Tensor => {
    const values = examples.flatMap((e) => Array.from({ length: T }, (_, i) => of(e, i)))
    return tensor(Int32Array.from(values), { shape: [examples.length, T] })
  }
  const tokenAt = ({ prompt, answer }: Example, i: number): number | undefined => prompt[i] ?? answer[i - prompt.length]
  return {
    tokens: rows((e, i) => tokenAt(e, i) ?? padTokenId),
    labels: rows((e, i) => (i < e.prompt.length ? IGNORED : (tokenAt(e, i) ?? IGNORED))),
    attentionMask: rows((e, i) => Number(tokenAt(e, i) !== undefined)),
  }
}
