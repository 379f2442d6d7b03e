// What generation is asked for, checked once.
import { Generator } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import type { CausalConfig } from '../models/causal.ts'
import { idsOf } from '../models/checks.ts'
import { named } from '../named.ts'
import {
  checkFilters,
  FILTERS,
  type FilterOptions,
  type LogitsProcessor,
  noRepeat,
  notBefore,
  type PenaltyOptions,
  without,
} from './processors.ts'

/** What turns ids into text: a Tokenizer. */
export interface Codec {
  encode(text: string): readonly number[]
  decode(ids: readonly number[], options?: { skipSpecialTokens?: boolean }): string
}

export interface GenerateOptions extends FilterOptions, PenaltyOptions {
  /** The most tokens to add. Default 128, or as many as the model has positions for. */
  readonly maxNewTokens?: number
  /** The most tokens of a text, its prompt included: instead of maxNewTokens, for prompts of one length. */
  readonly maxLength?: number
  /** No text ends by a token before so many were added. Default 0. */
  readonly minNewTokens?: number
  /** No tokens in a row come twice that are so many; 0 for any. Default 0. */
  readonly noRepeatNgramSize?: number
  /** Sequences of tokens that do not come. Default none. */
  readonly badWordsIds?: readonly (readonly number[])[]
  /** Whether tokens are drawn; else the likeliest comes. Default: whether a temperature or filter is given. */
  readonly doSample?: boolean
  /** Texts that a beam search keeps side by side; with doSample, it draws which. Default 1: none. */
  readonly numBeams?: number
  /** Texts for each prompt: of a beam search the best, else drawn anew. Default 1. */
  readonly numReturnSequences?: number
  /** Of beam searches: log-probabilities are divided by length ** lengthPenalty. Default 1. */
  readonly lengthPenalty?: number
  /** Called in turn after the penalties, before temperature and filters. */
  readonly logitsProcessors?: readonly LogitsProcessor[]
  /** Tokens that end a text. Default: what the configuration says; null for none. */
  readonly eosTokenId?: number | readonly number[] | null
  /** Fills shorter texts at their end, so that all are of one length. Default: each keeps its own. */
  readonly padTokenId?: number
  /** Texts end once they contain this, or one of these; needs a tokenizer. */
  readonly stopStrings?: string | readonly string[]
  readonly tokenizer?: Codec
  /**
   * Seeds the draws, a whole number from 0; a given generator goes on from where it is. Default: `manualSeed`'s. All
   * prompts draw with the same numbers, so that each gives what it gives alone.
   */
  readonly seed?: number
  readonly generator?: Generator
  /** Ends the generation with the signal's reason. */
  readonly signal?: AbortSignal
}

const KNOWN = [
  ...['maxNewTokens', 'doSample', 'numBeams', 'numReturnSequences', 'lengthPenalty', 'logitsProcessors', 'eosTokenId'],
  ...['stopStrings', 'tokenizer', 'seed', 'generator', 'signal'],
  ...['maxLength', 'minNewTokens', 'noRepeatNgramSize', 'badWordsIds', 'padTokenId'],
  ...['repetitionPenalty', 'presencePenalty', 'frequencyPenalty', ...FILTERS],
]

/** Options with their defaults. */
export interface Settled extends GenerateOptions {
  readonly maxNewTokens: number
  readonly doSample: boolean
  readonly numBeams: number
  readonly numReturnSequences: number
  readonly eos: readonly number[]
  readonly stopStrings: readonly string[]
  readonly logitsProcessors: readonly LogitsProcessor[]
}

/**
 * @param length tokens of the longest prompt, or of what targets begin with; `isEven` whether all are of that length
 * @throws RangeError, TypeError
 */
export function settled(
  op: string,
  options: GenerateOptions,
  { vocabSize, eosTokenId }: CausalConfig,
  { length, isEven, maxLength: most }: { length: number; isEven: boolean; maxLength: number },
): Settled {
  checkOptions(op, options, KNOWN)
  checkFilters(op, options)
  const refuse = (what: string): never => {
    throw new RangeError(`${op}: ${what}`)
  }
  const count = (name: keyof GenerateOptions, least = 1): void => {
    const n = options[name]
    if (n !== undefined && !(Number.isInteger(n) && (n as number) >= least))
      refuse(`${name} ${named(n)} is not a whole number from ${least}`)
  }
  for (const name of ['maxNewTokens', 'maxLength', 'numBeams', 'numReturnSequences'] as const) count(name)
  for (const name of ['minNewTokens', 'noRepeatNgramSize', 'seed'] as const) count(name, 0)
  checkKinds(op, options)
  const { numBeams = 1, numReturnSequences = 1, tokenizer, seed, generator, temperature, lengthPenalty } = options
  const room = most - length
  if (room < 1) refuse(`a prompt of ${length} tokens leaves none of the ${most} positions of the model`)
  const maxNewTokens = newTokens(options, room, length, isEven, refuse)
  const { minNewTokens = 0, noRepeatNgramSize = 0, badWordsIds = [] } = options
  if (minNewTokens > maxNewTokens) refuse(`minNewTokens ${minNewTokens} is above the ${maxNewTokens} that may come`)
  const wanted = FILTERS.filter((name) => options[name as keyof FilterOptions] !== undefined)
  const doSample = options.doSample ?? (wanted.length > 0 && temperature !== 0)
  if (!doSample && wanted.some((name) => name !== 'temperature')) refuse(`${wanted.join(', ')} want doSample`)
  if (!doSample && temperature) refuse('a temperature wants doSample')
  if (doSample && temperature === 0) refuse('temperature 0 draws nothing; leave doSample out')
  if ((!doSample || numBeams > 1) && numReturnSequences > numBeams) {
    refuse(`numReturnSequences ${numReturnSequences} wants doSample, or as many numBeams`)
  }
  if (numBeams === 1 && lengthPenalty !== undefined) refuse('lengthPenalty wants numBeams above 1')
  const stopStrings = [options.stopStrings ?? []].flat()
  if (stopStrings.length > 0 && !tokenizer) refuse('stopStrings want the tokenizer')
  if (seed !== undefined && generator) refuse('give seed or generator, not both')
  const tokens = (name: string, ids: ArrayLike<number>): number[] => idsOf(op, name, ids, vocabSize)
  const given = options.eosTokenId === undefined ? null : tokens('eosTokenId', [options.eosTokenId ?? []].flat())
  const eos = given ?? [eosTokenId ?? []].flat()
  if (options.padTokenId !== undefined) tokens('padTokenId', [options.padTokenId])
  if (badWordsIds.some((word) => tokens('badWordsIds', word).length === 0)) refuse('badWordsIds has an empty list')
  const logitsProcessors = [
    ...(noRepeatNgramSize > 0 ? [noRepeat(noRepeatNgramSize)] : []),
    ...(badWordsIds.length > 0 ? [without(badWordsIds)] : []),
    ...(minNewTokens > 0 ? [notBefore(minNewTokens, eos)] : []),
    ...(options.logitsProcessors ?? []),
  ]
  return { ...options, maxNewTokens, doSample, numBeams, numReturnSequences, stopStrings, logitsProcessors, eos }
}

/** How many tokens may come at most. */
function newTokens(
  { maxNewTokens, maxLength }: GenerateOptions,
  room: number,
  length: number,
  isEven: boolean,
  refuse: (what: string) => never,
): number {
  if (maxLength === undefined) {
    if (maxNewTokens !== undefined && maxNewTokens > room)
      refuse(`maxNewTokens ${maxNewTokens} is beyond the ${room} positions left behind the prompts`)
    return maxNewTokens ?? Math.min(128, room)
  }
  if (maxNewTokens !== undefined) refuse('give maxNewTokens or maxLength, not both')
  if (!isEven) refuse('maxLength counts the prompts, which are of several lengths; give maxNewTokens')
  if (maxLength <= length) refuse(`maxLength ${maxLength} leaves nothing behind a prompt of ${length} tokens`)
  if (maxLength > room + length) refuse(`maxLength ${maxLength} is beyond the ${room + length} positions of the model`)
  return maxLength - length
}

/** What is to be of a kind. @throws TypeError, RangeError */
function checkKinds(op: string, options: GenerateOptions): void {
  const check = (name: keyof GenerateOptions, isRight: (value: never) => boolean, kind: string): void => {
    const value = options[name]
    if (value !== undefined && !isRight(value as never))
      throw new TypeError(`${op}: ${name} is ${named(value)}, not ${kind}`)
  }
  const isList = <T>(value: readonly T[], each: (item: T) => boolean): boolean =>
    Array.isArray(value) && value.every(each)
  const isText = (s: unknown): boolean => typeof s === 'string' && s !== ''
  check('doSample', (value) => typeof value === 'boolean', 'true or false')
  check('lengthPenalty', Number.isFinite, 'a number')
  check(
    'stopStrings',
    (value) => isText(value) || isList(value, isText),
    'a text, or a list of texts that are not empty',
  )
  check('logitsProcessors', (value) => isList(value, (f) => typeof f === 'function'), 'a list of functions')
  check('badWordsIds', (value) => isList(value, Array.isArray), 'a list of lists of token ids')
  check(
    'tokenizer',
    (value: Codec | null) => typeof value?.decode === 'function',
    'a tokenizer; loadTokenizer() gives one',
  )
  check('generator', (value: unknown) => value instanceof Generator, 'a Generator')
  check('signal', (value: AbortSignal | null) => typeof value?.throwIfAborted === 'function', 'an AbortSignal')
}
