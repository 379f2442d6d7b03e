// What is done to the scores of the next token before one is chosen: penalties, temperature, filters. On plain arrays of
// one text's scores, in place.
import { named } from '../named.ts'

/** Where a text is. */
export interface ProcessorContext {
  /** The text so far, prompt included. */
  readonly tokens: readonly number[]
  /** How many of them are the prompt. */
  readonly promptLength: number
}

/** Changes the scores of what comes next. −Infinity forbids a token. */
export type LogitsProcessor = (scores: Float64Array, context: ProcessorContext) => void

export interface PenaltyOptions {
  /** Scores of tokens that are in the text are divided by it (negative ones multiplied). 1 is none. Default 1. */
  readonly repetitionPenalty?: number
  /** Taken off the score of tokens that were generated. Default 0. */
  readonly presencePenalty?: number
  /** Taken off the score of tokens for each time they were generated. Default 0. */
  readonly frequencyPenalty?: number
}

export interface FilterOptions {
  /** Scores are divided by it: below 1 likely tokens become likelier. 0 takes the likeliest. Default 1. */
  readonly temperature?: number
  /** How many of the likeliest tokens may come; 0 for all. Default 0. */
  readonly topK?: number
  /** The likeliest tokens that together have this probability may come, at least one. Default 1. */
  readonly topP?: number
  /** Tokens that have this share of the likeliest one's probability may come. Default 0. */
  readonly minP?: number
}

const FORBIDDEN = Number.NEGATIVE_INFINITY

/**
 * Sources: Keskar et al. 2019, arXiv:1909.05858 (repetition, as transformers has it: over prompt and text); presence and
 * frequency over what was generated, as vLLM has them.
 */
export function penalize(
  scores: Float64Array,
  { tokens, promptLength }: ProcessorContext,
  options: PenaltyOptions,
): void {
  const { repetitionPenalty = 1, presencePenalty = 0, frequencyPenalty = 0 } = options
  if (repetitionPenalty !== 1) {
    for (const t of new Set(tokens)) {
      const score = scores[t]
      scores[t] = score < 0 ? score * repetitionPenalty : score / repetitionPenalty
    }
  }
  if (presencePenalty === 0 && frequencyPenalty === 0) return
  const counts = new Map<number, number>()
  for (const t of tokens.slice(promptLength)) counts.set(t, (counts.get(t) ?? 0) + 1)
  for (const [t, n] of counts) scores[t] -= presencePenalty + n * frequencyPenalty
}

/** Forbids tokens while there are fewer than so many behind the prompt. */
export const notBefore =
  (count: number, tokens: readonly number[]): LogitsProcessor =>
  (scores, context) => {
    if (context.tokens.length - context.promptLength >= count) return
    for (const t of tokens) scores[t] = FORBIDDEN
  }

/** Forbids the token that would make the last n tokens some that were there before. Source: Paulus et al. 2017, arXiv:1705.04304. */
export const noRepeat =
  (n: number): LogitsProcessor =>
  (scores, { tokens }) => {
    const last = tokens.length - n + 1
    for (let i = 0; i < last; i++) {
      let k = 0
      while (k < n - 1 && tokens[i + k] === tokens[last + k]) k++
      if (k === n - 1) scores[tokens[i + k]] = FORBIDDEN
    }
  }

/** Forbids the last token of each sequence where the text ends in the others. */
export const without =
  (words: readonly (readonly number[])[]): LogitsProcessor =>
  (scores, { tokens }) => {
    for (const word of words) {
      const start = tokens.length - word.length + 1
      if (start >= 0 && word.every((t, i) => i === word.length - 1 || t === tokens[start + i]))
        scores[word[word.length - 1]] = FORBIDDEN
    }
  }

/** Forbids all but the k best; more where several share the last place. */
function keepTopK(scores: Float64Array, k: number): void {
  if (k === 0 || k >= scores.length) return
  const last = scores.slice().sort()[scores.length - k]
  for (let i = 0; i < scores.length; i++) if (scores[i] < last) scores[i] = FORBIDDEN
}

/** Forbids all but the fewest tokens whose probabilities add up to p. Source: Holtzman et al. 2019, arXiv:1904.09751. */
function keepTopP(scores: Float64Array, p: number): void {
  if (p >= 1) return
  const probabilities = softmax(scores)
  const order = sortedBy(probabilities)
  let sum = 0
  let kept = 0
  while (kept < order.length && (kept === 0 || sum < p)) sum += probabilities[order[kept++]]
  for (const i of order.subarray(kept)) scores[i] = FORBIDDEN
}

/** Positions that may come at all, the likeliest first, ties as they stand. */
function sortedBy(probabilities: Float64Array): Int32Array {
  const possible: number[] = []
  for (let i = 0; i < probabilities.length; i++) if (probabilities[i] > 0) possible.push(i)
  return Int32Array.from(possible).sort((a, b) => probabilities[b] - probabilities[a] || a - b)
}

/** Forbids what is less likely than p times the likeliest. Source: Nguyen et al. 2024, arXiv:2407.01082. */
function keepMinP(scores: Float64Array, p: number): void {
  if (p <= 0) return
  const least = largest(scores) + Math.log(p)
  for (let i = 0; i < scores.length; i++) if (scores[i] < least) scores[i] = FORBIDDEN
}

/** Temperature, then top-k, top-p and min-p, each on what the one before left. */
export function filterScores(scores: Float64Array, options: FilterOptions): void {
  const { temperature = 1, topK = 0, topP = 1, minP = 0 } = options
  if (temperature === 0) {
    keepTopK(scores, 1)
    return
  }
  if (temperature !== 1) for (let i = 0; i < scores.length; i++) scores[i] /= temperature
  keepTopK(scores, topK)
  keepTopP(scores, topP)
  keepMinP(scores, minP)
}

function largest(scores: Float64Array): number {
  let top = FORBIDDEN
  for (let i = 0; i < scores.length; i++) if (scores[i] > top) top = scores[i]
  return top
}

/** Probabilities of scores. */
export function softmax(scores: Float64Array): Float64Array {
  const top = largest(scores)
  const y = scores.map((s) => Math.exp(s - top))
  let sum = 0
  for (const p of y) sum += p
  for (let i = 0; i < y.length; i++) y[i] /= sum
  return y
}

/** Logarithms of the probabilities of scores. */
export function logSoftmax(scores: Float64Array): Float64Array {
  const top = largest(scores)
  let sum = 0
  for (const s of scores) sum += Math.exp(s - top)
  const off = top + Math.log(sum)
  return scores.map((s) => s - off)
}

/** Where there is nothing to choose from. */
export function noChoice(scores: Float32Array | Float64Array, op = 'generate'): RangeError {
  const reason = scores.includes(Number.NaN)
    ? "are NaN: look at the model's weights, and at the logitsProcessors"
    : 'are all −Infinity: the options and logitsProcessors leave no token to come'
  return new RangeError(`${op}: the scores of the next token ${reason}`)
}

/** The position of the largest, the first of several. @throws RangeError for NaN, and when none is possible */
export function argmax(scores: Float32Array | Float64Array): number {
  let best = 0
  let top = FORBIDDEN
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]
    // Of NaN, too.
    if (!(score <= top)) {
      best = i
      top = score
      if (Number.isNaN(top)) break
    }
  }
  if (!(top > FORBIDDEN)) throw noChoice(scores)
  return best
}

/** The position at which the probabilities so far pass u of [0, 1). */
export function pick(probabilities: Float64Array, u: number): number {
  let sum = 0
  let last = 0
  for (let i = 0; i < probabilities.length; i++) {
    if (probabilities[i] === 0) continue
    sum += probabilities[i]
    last = i
    if (u < sum) return i
  }
  // Rounding left the sum below u.
  return last
}

/** @throws RangeError naming the option */
export function checkFilters(op: string, options: FilterOptions & PenaltyOptions): void {
  const check = (name: keyof typeof options, isRight: (n: number) => boolean, range: string): void => {
    const value = options[name]
    if (value !== undefined && !(typeof value === 'number' && isRight(value)))
      throw new RangeError(`${op}: ${name} ${named(value)} is not ${range}`)
  }
  check('temperature', (n) => n >= 0 && n < Number.POSITIVE_INFINITY, 'a number from 0')
  check('topK', (n) => Number.isInteger(n) && n >= 0, 'a whole number from 0')
  check('topP', (n) => n > 0 && n <= 1, 'above 0 and at most 1')
  check('minP', (n) => n >= 0 && n <= 1, 'from 0 to 1')
  check('repetitionPenalty', (n) => n > 0 && n < Number.POSITIVE_INFINITY, 'a positive number')
  check('presencePenalty', Number.isFinite, 'a number')
  check('frequencyPenalty', Number.isFinite, 'a number')
}

/** The probabilities that temperature and filters leave of scores. @throws RangeError for NaN, and when none is possible */
export function filtered(scores: Float64Array, options: FilterOptions, op?: string): Float64Array {
  filterScores(scores, options)
  const probabilities = softmax(scores)
  // One of them makes all of them so.
  if (Number.isNaN(probabilities[0])) throw noChoice(scores, op)
  return probabilities
}

/** The options that say which tokens may be drawn. */
export const FILTERS: readonly string[] = ['temperature', 'topK', 'topP', 'minP']

/**
 * The probabilities from which the next token is drawn: temperature, then top-k, top-p and min-p.
 * @throws RangeError for an option out of its range, and for scores that are NaN or leave no token
 * @example
 * import { tokenProbabilities } from '@x/transformer'
 * const probabilities = tokenProbabilities([2, 1, 0, -1], { topK: 2 })
 * Array.from(probabilities, (p) => p.toFixed(3)).join() // '0.731,0.269,0.000,0.000'
 */
export function tokenProbabilities(logits: ArrayLike<number>, options: FilterOptions = {}): Float64Array {
  checkFilters('tokenProbabilities', options)
  const scores = Float64Array.from(logits)
  return filtered(scores, options, 'tokenProbabilities')
}
