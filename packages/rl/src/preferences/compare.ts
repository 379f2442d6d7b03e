// What a preference is, and how a policy stands by it: how often its answers win, and how far it moved to get there.
import { tidy } from '@x/tensor'
import { knownOptions } from '../env/errors.ts'
import { NumpyGenerator } from '../random/generator.ts'
import {
  checkTokens,
  type LanguagePolicy,
  type Responses,
  responseLogProbs,
  responseTokens,
  sampleResponses,
  takeResponses,
  tensorsOf,
} from './policy.ts'

/** What a response is worth, from its tokens without the end token. */
export type Measure = (response: readonly number[]) => number

/** Pairs of responses to the same prompts, row by row, the first of which is preferred. */
export interface Preferences {
  readonly chosen: Responses
  readonly rejected: Responses
}

/**
 * Pairs out of two responses to each prompt: the one that measures more is chosen; where both are equal there is no pair.
 * `trainDPO` and `trainRewardModel` have examples.
 */
export function preferencesBy(measure: Measure, first: Responses, second: Responses): Preferences {
  const a = responseTokens(first).map(measure)
  const b = responseTokens(second).map(measure)
  const better = a.flatMap((v, i) => (v > b[i] ? [i] : []))
  const worse = a.flatMap((v, i) => (v < b[i] ? [i] : []))
  return {
    chosen: joined(takeResponses(first, better), takeResponses(second, worse)),
    rejected: joined(takeResponses(second, better), takeResponses(first, worse)),
  }
}

/** A pair of your own, in tokens. */
export interface PreferencePair {
  readonly prompt: readonly number[]
  readonly chosen: readonly number[]
  readonly rejected: readonly number[]
}

/**
 * Pairs of your own, of any lengths: shorter ones are filled up behind, where nothing counts.
 * @throws RangeError for no pairs, an empty prompt or response, or what is no list of tokens
 * @example
 * import { RecurrentLanguageModel } from '@x/nn/models'
 * import { preferencesOf, trainDPO } from '@x/rl/preferences'
 * const [policy, reference] = [0, 1].map(() => new RecurrentLanguageModel(12, { cell: 'GRU', hidden: 16 }))
 * policy.loadStateDict(reference.stateDict())
 * const pairs = preferencesOf([
 *   { prompt: [0, 5], chosen: [1, 2, 3], rejected: [9] },
 *   { prompt: [0], chosen: [2], rejected: [8, 9] },
 * ])
 * for (const { margin } of trainDPO(policy, reference, { ...pairs, epochs: 3 })) console.log(margin)
 */
export function preferencesOf(pairs: readonly PreferencePair[]): Preferences {
  if (!Array.isArray(pairs) || pairs.length === 0) throw new RangeError('preferencesOf: give a list of pairs')
  pairs.forEach((pair: PreferencePair, i) => {
    for (const name of ['prompt', 'chosen', 'rejected'] as const) {
      checkTokens(`preferencesOf: ${name} of pair ${i}`, pair?.[name])
      if (pair[name].length === 0) throw new RangeError(`preferencesOf: ${name} of pair ${i} is empty`)
    }
  })
  const side = (name: 'chosen' | 'rejected'): Responses => {
    const rows = pairs.map((pair) => [...pair.prompt, ...pair[name]])
    const L = Math.max(...rows.map((row) => row.length))
    // The first token is the prompt that all have; what follows of a prompt does not count as response.
    const tokens = new Int32Array(rows.length * L)
    const mask = new Float32Array(rows.length * (L - 1))
    rows.forEach((row, i) => {
      tokens.set(row, i * L)
      mask.fill(1, i * (L - 1) + pairs[i].prompt.length - 1, i * (L - 1) + row.length - 1)
    })
    return { count: rows.length, promptLength: 1, length: L - 1, tokens, mask, end: null }
  }
  return { chosen: side('chosen'), rejected: side('rejected') }
}

function joined(a: Responses, b: Responses): Responses {
  const tokens = new Int32Array(a.tokens.length + b.tokens.length)
  const mask = new Float32Array(a.mask.length + b.mask.length)
  tokens.set(a.tokens)
  tokens.set(b.tokens, a.tokens.length)
  mask.set(a.mask)
  mask.set(b.mask, a.mask.length)
  return { ...a, count: a.count + b.count, tokens, mask }
}

export interface CompareOptions {
  /** Prompts of one length, to each of which both answer. */
  prompts: readonly (readonly number[])[]
  /** What answers are measured by. */
  measure: Measure
  /** Tokens of a response at most, ≥ 1. */
  length: number
  /** The token that ends a response. Default none */
  end?: number | null
  /** Seeds the answers of both. Default 0 */
  seed?: number
}

export interface Comparison {
  /** Share of prompts to which the answer of the policy measures more; equal ones count half. */
  readonly winRate: number
  /** Mean measure of the answers. */
  readonly score: number
  readonly referenceScore: number
  /** KL(π ‖ π_ref) of a whole response in nats: the mean of log π − log π_ref over answers of the policy. */
  readonly kl: number
}

/**
 * A policy against the reference it came from, on answers drawn from both.
 * Source: Rafailov et al. 2023, arXiv:2305.18290, section 6: win rates and the frontier of reward and divergence.
 * @throws RangeError for options that there are not or out of range
 * @example
 * import { RecurrentLanguageModel } from '@x/nn/models'
 * import { comparePolicies } from '@x/rl/preferences'
 * const [policy, reference] = [0, 1].map(() => new RecurrentLanguageModel(12, { cell: 'GRU', hidden: 16 }))
 * const measure = (tokens) => tokens.filter((token) => token < 4).length
 * const { winRate, kl } = comparePolicies(policy, reference, { prompts: [[0], [1], [2]], measure, length: 8 })
 */
export function comparePolicies(
  policy: LanguagePolicy,
  reference: LanguagePolicy,
  options: CompareOptions,
): Comparison {
  knownOptions('comparePolicies', options, ['prompts', 'measure', 'length', 'end', 'seed'])
  const { prompts, measure, length, end, seed = 0 } = options
  const generator = new NumpyGenerator(seed)
  const ours = sampleResponses(policy, prompts, { length, end, generator })
  const theirs = sampleResponses(reference, prompts, { length, end, generator })
  const a = responseTokens(ours).map(measure)
  const b = responseTokens(theirs).map(measure)
  const mean = (x: readonly number[]): number => x.reduce((sum, v) => sum + v, 0) / x.length
  const kl = tidy(() => {
    const { tokens, mask } = tensorsOf(ours)
    const ratios = responseLogProbs(policy, tokens, mask).sub(responseLogProbs(reference, tokens, mask))
    return ratios.sum(-1).mean().item()
  })
  const winRate = mean(a.map((v, i) => (v > b[i] ? 1 : v === b[i] ? 0.5 : 0)))
  return { winRate, score: mean(a), referenceScore: mean(b), kl }
}
