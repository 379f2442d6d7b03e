// What generation is asked for, checked once.
import type { Generator } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import type { CausalConfig } from '../models/causal.ts'
import { checkFilters, FILTERS, type FilterOptions, type LogitsProcessor, type PenaltyOptions } from './processors.ts'

/** What turns ids into text: a Tokenizer. */
export interface Codec {
  encode(text: string): readonly number[]
  decode(ids: readonly number[], options?: { skipSpecialTokens?: boolean }): string
}

export interface GenerateOptions extends FilterOptions, PenaltyOptions {
  /** The most tokens to add. Default 128, or as many as the model has positions for. */
  readonly maxNewTokens?: number
  /** Whether tokens are drawn; else the likeliest comes. Default: whether a temperature or filter is given. */
  readonly doSample?: boolean
  /** Texts that a beam search keeps side by side. Default 1: none. */
  readonly numBeams?: number
  /** Texts for each prompt: of a beam search the best, else drawn anew. Default 1. */
  readonly numReturnSequences?: number
  /** Of beam searches: log-probabilities are divided by length ** lengthPenalty. Default 1. */
  readonly lengthPenalty?: number
  /** Called in turn after the penalties, before temperature and filters. */
  readonly logitsProcessors?: readonly LogitsProcessor[]
  /** Tokens that end a text. Default: what the configuration says; null for none. */
  readonly eosTokenId?: number | readonly number[] | null
  /** Texts end once they contain one of these; needs a tokenizer. */
  readonly stopStrings?: readonly string[]
  readonly tokenizer?: Codec
  /** Seeds the draws, a whole number from 0; a given generator goes on from where it is. Default: `manualSeed`'s. */
  readonly seed?: number
  readonly generator?: Generator
  /** Ends the generation with the signal's reason. */
  readonly signal?: AbortSignal
}

const KNOWN = [
  ...['maxNewTokens', 'doSample', 'numBeams', 'numReturnSequences', 'lengthPenalty', 'logitsProcessors', 'eosTokenId'],
  ...['stopStrings', 'tokenizer', 'seed', 'generator', 'signal'],
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
}

/** @param room how many tokens the model has positions for beyond the prompts @throws RangeError */
export function settled(op: string, options: GenerateOptions, config: CausalConfig, room: number): Settled {
  checkOptions(op, options, KNOWN)
  checkFilters(op, options)
  const { numBeams = 1, numReturnSequences = 1, stopStrings = [], tokenizer, seed, generator } = options
  const { maxNewTokens = Math.min(128, room) } = options
  const count = (name: string, n: number): void => {
    if (!(Number.isInteger(n) && n >= 1)) throw new RangeError(`${op}: ${name} ${n} is not a whole number from 1`)
  }
  for (const [name, n] of Object.entries({ maxNewTokens, numBeams, numReturnSequences })) count(name, n)
  if (maxNewTokens > room) {
    throw new RangeError(`${op}: maxNewTokens ${maxNewTokens} is beyond the ${room} positions left behind the prompts`)
  }
  const wanted = FILTERS.filter((name) => options[name as keyof FilterOptions] !== undefined)
  const doSample = options.doSample ?? (wanted.length > 0 && options.temperature !== 0)
  const clash = (what: string): RangeError => new RangeError(`${op}: ${what}`)
  if (!doSample && wanted.some((name) => name !== 'temperature')) throw clash(`${wanted.join(', ')} want doSample`)
  if (!doSample && options.temperature) throw clash('a temperature wants doSample')
  if (doSample && options.temperature === 0) throw clash('temperature 0 draws nothing; leave doSample out')
  if (doSample && numBeams > 1) throw clash('a beam search draws nothing; leave out doSample, temperature and filters')
  if (!doSample && numReturnSequences > numBeams) {
    throw clash(`numReturnSequences ${numReturnSequences} wants doSample, or as many numBeams`)
  }
  if (numBeams === 1 && options.lengthPenalty !== undefined) throw clash('lengthPenalty wants numBeams above 1')
  if (stopStrings.length > 0 && !tokenizer) throw clash('stopStrings want the tokenizer')
  if (seed !== undefined && generator) throw clash('give seed or generator, not both')
  const eos = options.eosTokenId === undefined ? config.eosTokenId : options.eosTokenId
  return {
    ...{ ...options, maxNewTokens, doSample, numBeams, numReturnSequences, stopStrings },
    eos: eos === null || eos === undefined ? [] : [eos].flat(),
  }
}
