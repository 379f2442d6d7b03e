// Texts from models: greedy, drawn, or searched with beams; at once, or token by token.
import { pace } from '@x/nn/training'
import { defaultGenerator, Generator, Tensor } from '@x/tensor'
import { isFloating, show } from '@x/tensor/op'
import { CausalLM } from '../models/causal.ts'
import type { Seq2SeqLM } from '../models/seq2seq.ts'
import { beamSearch, type NextTokens } from './beam.ts'
import { CausalDecoder } from './causalDecoder.ts'
import { type Codec, type GenerateOptions, type Settled, settled } from './options.ts'
import { argmax, filterScores, penalize, pick, softmax } from './processors.ts'
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

/** Prompts as lists. @throws TypeError, RangeError */
function promptsOf(op: string, input: Prompt): number[][] {
  if (input instanceof Tensor) {
    if (isFloating(input.dtype) || input.ndim < 1 || input.ndim > 2)
      throw new TypeError(`${op}: a prompt is integers [T] or [B, T], not ${input.dtype} ${show(input.shape)}`)
    const rows = input.toArray() as number[] | number[][]
    return input.ndim === 1 ? [rows as number[]] : (rows as number[][])
  }
  const isList = Array.isArray(input) || ArrayBuffer.isView(input)
  if (!isList)
    throw new TypeError(`${op}: a prompt is a list of tokens, lists of tokens, or a tensor, not ${typeof input}`)
  const lists = (typeof input[0] === 'object' ? input : [input]) as readonly ArrayLike<number>[]
  return lists.map((list) => Array.from(list))
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
  const { maxNewTokens, doSample, eos, stopStrings, tokenizer, seed, signal } = options
  const own = seed === undefined ? null : new Generator(seed)
  const generator = options.generator ?? own ?? defaultGenerator()
  const breathe = pace(signal)
  const V = source.vocabSize
  const starts = texts.map((t) => t.length)
  const reasons = texts.map((): FinishReason | null => null)
  try {
    let last: number[] | null = null
    for (let n = 0; n < maxNewTokens && reasons.includes(null); n++) {
      await breathe()
      const logits = source.next(last)
      const words = doSample ? generator.words(2 * texts.length) : null
      const tokens = texts.map((text, row) => {
        if (reasons[row] !== null) return null
        const token = chosen(logits.subarray(row * V, (row + 1) * V), text, starts[row], options, words, row)
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
    own?.dispose()
  }
}

/** The next token of a text: the likeliest, or one that is drawn with the words of its row. */
function chosen(
  logits: Float32Array | Float64Array,
  tokens: readonly number[],
  promptLength: number,
  options: Settled,
  words: Int32Array | null,
  row: number,
): number {
  const { logitsProcessors = [], repetitionPenalty, presencePenalty, frequencyPenalty } = options
  const isPlain = !words && logitsProcessors.length === 0
  if (isPlain && !repetitionPenalty && !presencePenalty && !frequencyPenalty) return argmax(logits)
  const scores = Float64Array.from(logits)
  const context = { tokens, promptLength }
  penalize(scores, context, options)
  for (const process of logitsProcessors) process(scores, context)
  if (!words) return argmax(scores)
  filterScores(scores, options)
  const u = ((words[2 * row] >>> 5) * 2 ** 26 + (words[2 * row + 1] >>> 6)) / 2 ** 53
  return pick(softmax(scores), u)
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
 * @param input tokens of a prompt, or of several
 * @throws RangeError for options that there are not, clash or are out of range; the signal's reason
 * @example
 * import { generate, Llama } from '@x/transformer'
 * const model = new Llama({
 *   vocabSize: 50, hiddenSize: 32, intermediateSize: 64, numHiddenLayers: 2, numAttentionHeads: 4,
 * })
 * const { sequences } = await generate(model, [1, 2, 3], { maxNewTokens: 5, temperature: 0.8, topK: 10, seed: 1 })
 * sequences[0].length // 8
 */
export async function generate(model: TextModel, input: Prompt, options: GenerateOptions = {}): Promise<Generated> {
  const prompts = promptsOf('generate', input)
  const { settings, texts, source } = begin('generate', model, prompts, options)
  const { numBeams, numReturnSequences } = settings
  if (numBeams > 1) {
    try {
      const starts = texts.filter((_, i) => i % numBeams === 0)
      return await searched(source, starts, settings, numReturnSequences)
    } finally {
      source.dispose()
    }
  }
  let finishReasons: FinishReason[] = []
  for await (const { reasons } of drawn(source, texts, settings)) finishReasons = reasons as FinishReason[]
  return { sequences: texts, finishReasons }
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
  const prompts = promptsOf('stream', input)
  if (prompts.length !== 1 || (options.numBeams ?? 1) > 1 || (options.numReturnSequences ?? 1) > 1)
    throw new RangeError('stream: one prompt and one text at a time; generate() takes several, and beams')
  const { settings, texts, source } = begin('stream', model, prompts, options)
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
  const longest = isCausal ? Math.max(...prompts.map((p) => p.length)) : 1
  const settings = settled(op, options, model.config, model.sizes.maxLength - longest)
  const { numBeams, doSample, numReturnSequences, maxNewTokens, eos } = settings
  const rows = numBeams > 1 ? numBeams : doSample ? numReturnSequences : 1
  const padding = model.config.padTokenId ?? eos[0] ?? 0
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
  const { numBeams, maxNewTokens, eos, lengthPenalty, logitsProcessors = [], stopStrings, tokenizer, signal } = options
  const found = await beamSearch(source, prompts.length, {
    ...{ numBeams, maxNewTokens, eos, lengthPenalty, onStep: pace(signal) },
    process: (scores, tokens, example) => {
      const context = { tokens: [...prompts[example], ...tokens], promptLength: prompts[example].length }
      penalize(scores, context, options)
      for (const process of logitsProcessors) process(scores, context)
    },
    isEnd: (tokens) => endsText(tokens, 0, stopStrings, tokenizer),
  })
  const chosen = found.flatMap((list, i) => list.slice(0, wanted).map((h) => ({ h, prompt: prompts[i] })))
  return {
    sequences: chosen.map(({ h, prompt }) => [...prompt, ...h.tokens]),
    finishReasons: chosen.map(({ h }) => (h.isFinished ? 'stop' : 'length')),
    scores: chosen.map(({ h }) => h.score),
  }
}
