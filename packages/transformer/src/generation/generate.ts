// Texts from models: greedy, drawn, or searched with beams; at once, or token by token.
import { pace } from '@x/nn/training'
import { defaultGenerator, Generator, Tensor, tidy } from '@x/tensor'
import { isFloating, show } from '@x/tensor/op'
import { CausalLM } from '../models/causal.ts'
import { idsOf } from '../models/checks.ts'
import type { Seq2SeqLM } from '../models/seq2seq.ts'
import { named } from '../named.ts'
import { beamSearch, type NextTokens } from './beam.ts'
import { CausalDecoder } from './causalDecoder.ts'
import { type Codec, type GenerateOptions, type Settled, settled } from './options.ts'
import { argmax, filtered, filterScores, penalize, pick } from './processors.ts'
import { Seq2SeqDecoder } from './seq2seqDecoder.ts'

/** Why a text ended: a token or string that ends texts, or as many tokens as were asked for. */
export type FinishReason = 'stop' | 'length'

export interface Generated {
  /** Prompt and what was added, the token that ended it included, for each prompt the texts one after the other. */
  readonly sequences: number[][]
  readonly finishReasons: FinishReason[]
  /** Of beam searches: log-probability / length ** lengthPenalty of each text. */
  readonly scores?: number[]
}

/** @throws TypeError for a model that writes no text */
function checkWriter(op: string, model: unknown): void {
  if (typeof (model as TextModel | null)?.newCache === 'function') return
  throw new TypeError(`${op}: the model is ${named(model)}, which writes no text; loadCausalLM() loads models that do`)
}

/** Prompts as lists. @throws TypeError, RangeError */
function promptsOf(op: string, model: TextModel, input: Prompt): number[][] {
  const vocabSize = model instanceof CausalLM ? model.config.vocabSize : model.sourceVocabulary
  return listsOf(op, input).map((list, i, { length }) =>
    idsOf(op, length === 1 ? 'the prompt' : `prompt ${i}`, list, vocabSize),
  )
}

function listsOf(op: string, input: Prompt): readonly ArrayLike<number>[] {
  if (input instanceof Tensor) {
    if (isFloating(input.dtype) || input.ndim < 1 || input.ndim > 2)
      throw new TypeError(`${op}: a prompt is integers [T] or [B, T], not ${input.dtype} ${show(input.shape)}`)
    const rows = tidy(() => input.cast('int32').toArray()) as number[] | number[][]
    return input.ndim === 1 ? [rows as number[]] : (rows as number[][])
  }
  const isList = Array.isArray(input) || ArrayBuffer.isView(input)
  if (!isList) {
    throw new TypeError(
      `${op}: a prompt is a list of tokens, lists of tokens, or a tensor, not ${named(input)}; generateText() takes text`,
    )
  }
  return (typeof input[0] === 'object' ? input : [input]) as readonly ArrayLike<number>[]
}

/** A prompt as token ids, or several. */
export type Prompt = Tensor | ArrayLike<number> | readonly ArrayLike<number>[]

/** What `drawn` tells of each step: the token of each text; null for those that have ended. */
interface Drawn {
  readonly tokens: readonly (number | null)[]
  readonly reasons: readonly (FinishReason | null)[]
}

/** Something that goes on with texts, and is freed at the end. */
interface TextSource extends NextTokens {
  dispose(): void
}

/** Step after step of texts that go on by themselves, greedy or drawn. Frees the source. */
async function* drawn(source: TextSource, texts: number[][], options: Settled): AsyncGenerator<Drawn, void, undefined> {
  const { maxNewTokens, doSample, eos, stopStrings, tokenizer, signal, numReturnSequences: each } = options
  const draws = doSample ? drawing(options) : null
  const breathe = pace(signal)
  const V = source.vocabSize
  const starts = texts.map((t) => t.length)
  const reasons = texts.map((): FinishReason | null => null)
  try {
    let last: number[] | null = null
    for (let n = 0; n < maxNewTokens && reasons.includes(null); n++) {
      await breathe()
      const logits = source.next(last)
      // The same numbers for every prompt, as if it were alone.
      const u = draws?.numbers(each)
      const tokens = texts.map((text, row) => {
        if (reasons[row] !== null) return null
        const token = chosen(logits.subarray(row * V, (row + 1) * V), text, starts[row], options, u?.[row % each])
        text.push(token)
        if (eos.includes(token) || endsText(text, starts[row], stopStrings, tokenizer)) reasons[row] = 'stop'
        else if (n + 1 === maxNewTokens) reasons[row] = 'length'
        return token
      })
      yield { tokens, reasons: [...reasons] }
      last = tokens.map((t) => t ?? 0)
    }
  } finally {
    source.dispose()
    draws?.dispose()
  }
}

/** Numbers of [0, 1) from where the options say. `dispose` frees what is not theirs. */
function drawing({ seed, generator }: Settled): { numbers(count: number): number[]; dispose(): void } {
  const own = seed === undefined ? null : new Generator(seed)
  const from = generator ?? own ?? defaultGenerator()
  return {
    numbers(count) {
      const words = from.words(2 * count)
      const of = (_: unknown, i: number): number =>
        ((words[2 * i] >>> 5) * 2 ** 26 + (words[2 * i + 1] >>> 6)) / 2 ** 53
      return Array.from({ length: count }, of)
    },
    dispose: () => own?.dispose(),
  }
}

/** The next token of a text: the likeliest, or one that is drawn with a number of [0, 1). */
function chosen(
  logits: Float32Array | Float64Array,
  tokens: readonly number[],
  promptLength: number,
  options: Settled,
  u: number | undefined,
): number {
  const { logitsProcessors, repetitionPenalty, presencePenalty, frequencyPenalty } = options
  const isPlain = u === undefined && logitsProcessors.length === 0
  if (isPlain && !repetitionPenalty && !presencePenalty && !frequencyPenalty) return argmax(logits)
  const scores = Float64Array.from(logits)
  const context = { tokens, promptLength }
  penalize(scores, context, options)
  for (const process of logitsProcessors) process(scores, context)
  if (u === undefined) return argmax(scores)
  return pick(filtered(scores, options), u)
}

/** Whether what was added contains one of the strings, of which the last token may complete one. */
function endsText(text: readonly number[], start: number, strings: readonly string[], tokenizer?: Codec): boolean {
  if (strings.length === 0 || !tokenizer) return false
  // A string of n characters is in the last n tokens and what they complete.
  const longest = Math.max(...strings.map((s) => s.length))
  const tail = tokenizer.decode(text.slice(Math.max(start, text.length - longest - 4)))
  return strings.some((s) => tail.includes(s))
}

/** A model that can be asked for texts. */
export type TextModel = CausalLM | Seq2SeqLM

/**
 * Texts that go on from prompts, or of models with an encoder, texts that are written for sources. Prompts of different
 * lengths run side by side; each gives what it gives alone. Dropout is as the model's mode has it: `eval()` turns it off.
 * @param model one that `loadCausalLM` or `loadSeq2SeqLM` gave, or made anew
 * @param input tokens of a prompt, or of several
 * @throws TypeError for a model that writes no text, and values of another kind; RangeError for tokens outside the
 * vocabulary, options that there are not, clash or are out of range, and when no token can come; the signal's reason
 * @example
 * import { generate, Llama } from '@x/transformer'
 * const model = new Llama({
 *   vocabSize: 50, hiddenSize: 32, intermediateSize: 64, numHiddenLayers: 2, numAttentionHeads: 4,
 * })
 * const { sequences } = await generate(model, [1, 2, 3], { maxNewTokens: 5, temperature: 0.8, topK: 10, seed: 1 })
 * sequences[0].length // 8
 */
export async function generate(model: TextModel, input: Prompt, options: GenerateOptions = {}): Promise<Generated> {
  checkWriter('generate', model)
  const prompts = promptsOf('generate', model, input)
  const { settings, texts, source } = begin('generate', model, prompts, options)
  const { numBeams, numReturnSequences } = settings
  if (numBeams > 1) {
    try {
      const starts = texts.filter((_, i) => i % numBeams === 0)
      return filled(await searched(source, starts, settings, numReturnSequences), settings)
    } finally {
      source.dispose()
    }
  }
  let finishReasons: FinishReason[] = []
  for await (const { reasons } of drawn(source, texts, settings)) finishReasons = reasons as FinishReason[]
  return filled({ sequences: texts, finishReasons }, settings)
}

/** All texts of one length, if that is wished. */
function filled(generated: Generated, { padTokenId }: Settled): Generated {
  if (padTokenId === undefined) return generated
  const { sequences } = generated
  const longest = Math.max(...sequences.map((text) => text.length))
  for (const text of sequences) while (text.length < longest) text.push(padTokenId)
  return generated
}

/**
 * The tokens that go on from one prompt, as they come. Leaving the loop ends the generation and frees its memory.
 * @throws as `generate`; RangeError for beam searches and several texts, which have no next token
 * @example
 * import { Llama, stream } from '@x/transformer'
 * const model = new Llama({
 *   vocabSize: 50, hiddenSize: 32, intermediateSize: 64, numHiddenLayers: 2, numAttentionHeads: 4,
 * })
 * for await (const token of stream(model, [1, 2, 3], { maxNewTokens: 5 })) console.log(token)
 */
export async function* stream(
  model: TextModel,
  input: Prompt,
  options: GenerateOptions = {},
): AsyncGenerator<number, FinishReason, undefined> {
  checkWriter('stream', model)
  const prompts = promptsOf('stream', model, input)
  const { settings, texts, source } = begin('stream', model, prompts, options)
  if (prompts.length !== 1 || settings.numBeams > 1 || settings.numReturnSequences > 1) {
    source.dispose()
    throw new RangeError('stream: one prompt and one text at a time; generate() takes several, and beams')
  }
  let reason: FinishReason = 'length'
  for await (const { tokens, reasons } of drawn(source, texts, settings)) {
    reason = reasons[0] ?? reason
    yield tokens[0] as number
  }
  return reason
}

interface Beginning {
  readonly settings: Settled
  /** What each text begins with. */
  readonly texts: number[][]
  readonly source: TextSource
}

function begin(op: string, model: TextModel, prompts: number[][], options: GenerateOptions): Beginning {
  const isCausal = model instanceof CausalLM
  const start = isCausal ? [] : [startOf(op, model)]
  if (prompts.length === 0 || prompts.some((p) => p.length === 0))
    throw new RangeError(`${op}: a prompt needs at least one token; give the one that begins texts`)
  const longest = isCausal ? Math.max(...prompts.map((p) => p.length)) : 1
  const isEven = !isCausal || prompts.every((p) => p.length === longest)
  const { maxLength } = model.sizes
  const settings = settled(op, options, model.config, { length: longest, isEven, maxLength })
  const { numBeams, doSample, numReturnSequences, maxNewTokens, eos } = settings
  const rows = numBeams > 1 ? numBeams : doSample ? numReturnSequences : 1
  // Of what fills short prompts nothing is seen, but it is to be a token.
  const padding = [model.config.padTokenId, eos[0]].find((id) => id != null && id < model.config.vocabSize) ?? 0
  // The last token is never read again.
  const capacity = longest + maxNewTokens - 1
  const repeated = prompts.flatMap((p) => Array.from({ length: rows }, () => [...p]))
  if (isCausal) {
    const copies = repeated.map((p) => [...p])
    return { settings, texts: repeated, source: new CausalDecoder(model, copies, { capacity, padding }) }
  }
  const source = new Seq2SeqDecoder(model, prompts, { rows, start, capacity, padding })
  return { settings, texts: repeated.map(() => [...start]), source }
}

/** @throws RangeError for a configuration that does not say how targets begin */
function startOf(op: string, { config }: Seq2SeqLM): number {
  const start = config.decoderStartTokenId ?? config.bosTokenId
  if (start === null || start === undefined)
    throw new RangeError(`${op}: the configuration has no decoderStartTokenId, which targets begin with`)
  return start
}

/** The best texts of a beam search behind each prompt. */
async function searched(
  source: TextSource,
  prompts: readonly (readonly number[])[],
  options: Settled,
  wanted: number,
): Promise<Generated> {
  const { numBeams, maxNewTokens, eos, lengthPenalty, logitsProcessors, stopStrings, tokenizer, signal } = options
  const draws = options.doSample ? drawing(options) : null
  const found = await beamSearch(source, prompts.length, {
    ...{ numBeams, maxNewTokens, eos, lengthPenalty, onStep: pace(signal), draw: draws?.numbers },
    process: (scores, tokens, example) => {
      const context = { tokens: [...prompts[example], ...tokens], promptLength: prompts[example].length }
      penalize(scores, context, options)
      for (const process of logitsProcessors) process(scores, context)
      if (draws) filterScores(scores, options)
    },
    isEnd: (tokens) => endsText(tokens, 0, stopStrings, tokenizer),
  }).finally(() => draws?.dispose())
  const chosen = found.flatMap((list, i) => list.slice(0, wanted).map((h) => ({ h, prompt: prompts[i] })))
  return {
    sequences: chosen.map(({ h, prompt }) => [...prompt, ...h.tokens]),
    finishReasons: chosen.map(({ h }) => (h.isFinished ? 'stop' : 'length')),
    scores: chosen.map(({ h }) => h.score),
  }
}
