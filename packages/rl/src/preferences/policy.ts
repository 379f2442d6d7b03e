// Language models as policies: what they answer to prompts, and how likely they hold an answer to be.
// B responses of T tokens to prompts of P tokens, out of V.
import { slice, type Tensor, tensor, tidy } from '@x/tensor'
import { tokenLogProbs } from '../arithmetic/preferences.ts'
import { knownOptions } from '../env/errors.ts'
import { above0, whole } from '../env/numbers.ts'
import { NumpyGenerator } from '../random/generator.ts'

/**
 * What gives logits of the next token [B, L, V] for tokens [B, L] (int32), such as RecurrentLanguageModel of @x/nn/models. A
 * model that returns a state beside them must go on from it when it gets it as second argument.
 */
export interface LanguagePolicy {
  forward(tokens: Tensor): Tensor | readonly [logits: Tensor, state: unknown]
  parameters(): Tensor[]
}

/** Prompts of one length with a response to each. Plain numbers: nothing to dispose of. */
export interface Responses {
  /** B */
  readonly count: number
  /** P */
  readonly promptLength: number
  /** T */
  readonly length: number
  /** Prompts and responses [B, P + T] */
  readonly tokens: Int32Array
  /** [B, T]: 1 up to the end token and on it, 0 behind. */
  readonly mask: Float32Array
  /** The token that ends a response; null for none. */
  readonly end: number | null
}

export interface ResponseOptions {
  /** Tokens of a response at most, ≥ 1. */
  length: number
  /** The token that ends a response. Default none: all have the full length */
  end?: number | null
  /** Divides the logits, > 0. Default 1 */
  temperature?: number
  /** Default: one with seed 0 */
  generator?: NumpyGenerator
}

type WithState = (tokens: Tensor, state?: unknown) => Tensor | readonly [Tensor, unknown]

/** Logits [B, L, V] without the state. */
export function logitsOf(policy: LanguagePolicy, tokens: Tensor): Tensor {
  const out = policy.forward(tokens)
  return Array.isArray(out) ? out[0] : (out as Tensor)
}

/**
 * A response to every prompt, each token drawn from softmax(logits / temperature).
 * @param prompts of one length ≥ 1
 * @throws RangeError for an option that there is not, no prompts, what is no token, prompts of different lengths, or a length or temperature out of range
 * @example
 * import { RecurrentLanguageModel } from '@x/nn/models'
 * import { responseTokens, sampleResponses } from '@x/rl/preferences'
 * const policy = new RecurrentLanguageModel(12, { cell: 'GRU', hidden: 16 })
 * responseTokens(sampleResponses(policy, [[0], [1]], { length: 8, end: 0 })) // two lists of up to 8 tokens
 */
export function sampleResponses(
  policy: LanguagePolicy,
  prompts: readonly (readonly number[])[],
  options: ResponseOptions,
): Responses {
  knownOptions('sampleResponses', options, ['length', 'end', 'temperature', 'generator'])
  const { length: T, end = null, temperature = 1, generator = new NumpyGenerator(0) } = options ?? {}
  for (const prompt of prompts) checkTokens('sampleResponses: prompt', prompt)
  const B = prompts.length
  const P = prompts[0]?.length ?? 0
  if (P === 0 || prompts.some((prompt) => prompt.length !== P))
    throw new RangeError('sampleResponses: prompts must have one length of at least 1')
  whole('sampleResponses: length', T)
  above0('sampleResponses: temperature', temperature)
  const L = P + T
  const tokens = new Int32Array(B * L).fill(end ?? 0)
  const mask = new Float32Array(B * T)
  const isOver = new Uint8Array(B)
  prompts.forEach((prompt, b) => {
    tokens.set(prompt, b * L)
  })
  const forward = policy.forward.bind(policy) as WithState
  const part = (from: number, to: number): Tensor => {
    const values = new Int32Array(B * (to - from))
    for (let b = 0; b < B; b++) values.set(tokens.subarray(b * L + from, b * L + to), b * (to - from))
    return tensor(values, { shape: [B, to - from] })
  }
  tidy(() => {
    let state: unknown
    for (let t = 0; t < T && isOver.includes(0); t++) {
      // With a state only what is new is read, without one all from the start.
      const out = tidy(() => forward(part(state === undefined ? 0 : P + t - 1, P + t), state))
      if (Array.isArray(out)) state = out[1]
      const p = tidy(() => (Array.isArray(out) ? out[0] : out).at(slice(), -1).div(temperature).softmax(-1).data())
      const V = p.length / B
      for (let b = 0; b < B; b++) {
        if (isOver[b]) continue
        const token = draw(p as Float32Array, b * V, V, generator.random())
        tokens[b * L + P + t] = token
        mask[b * T + t] = 1
        isOver[b] = Number(token === end)
      }
    }
  })
  return { count: B, promptLength: P, length: T, tokens, mask, end }
}

/** @throws RangeError unless all are whole numbers ≥ 0 */
export function checkTokens(what: string, tokens: readonly number[]): void {
  if (Array.isArray(tokens) && tokens.every((token) => Number.isInteger(token) && token >= 0)) return
  throw new RangeError(`${what} ${JSON.stringify(tokens)} is not a list of tokens, whole numbers ≥ 0`)
}

/** The place of u in the distribution p[from … from + n). */
function draw(p: Float32Array, from: number, n: number, u: number): number {
  let left = u
  for (let i = 0; i < n - 1; i++) {
    left -= p[from + i]
    if (left < 0) return i
  }
  return n - 1
}

/** The tokens of every response, without the one that ends it. */
export function responseTokens({ count, promptLength: P, length: T, tokens, mask, end }: Responses): number[][] {
  return Array.from({ length: count }, (_, b) =>
    Array.from(tokens.subarray(b * (P + T) + P, (b + 1) * (P + T))).filter(
      (token, t) => mask[b * T + t] === 1 && token !== end,
    ),
  )
}

/** Some of the responses, in the order of `rows`. */
export function takeResponses(all: Responses, rows: ArrayLike<number>): Responses {
  const { promptLength: P, length: T } = all
  const tokens = new Int32Array(rows.length * (P + T))
  const mask = new Float32Array(rows.length * T)
  Array.from(rows).forEach((row, i) => {
    tokens.set(all.tokens.subarray(row * (P + T), (row + 1) * (P + T)), i * (P + T))
    mask.set(all.mask.subarray(row * T, (row + 1) * T), i * T)
  })
  return { ...all, count: rows.length, tokens, mask }
}

/** Responses as tensors: tokens int32 [B, P + T], mask [B, T]. */
export function tensorsOf({ count, promptLength, length, tokens, mask }: Responses): { tokens: Tensor; mask: Tensor } {
  return {
    tokens: tensor(tokens, { shape: [count, promptLength + length] }),
    mask: tensor(mask, { shape: [count, length] }),
  }
}

/** log π(token) of every token of the responses, 0 where the mask is. tokens [B, P + T], mask [B, T] → [B, T] */
export function responseLogProbs(policy: LanguagePolicy, tokens: Tensor, mask: Tensor): Tensor {
  const [, T] = mask.shape
  const P = tokens.shape[1] - T
  const logits = logitsOf(policy, tokens.at(slice(), slice(0, -1))).at(slice(), slice(P - 1)) // [B, T, V]
  return tokenLogProbs(logits, tokens.at(slice(), slice(P))).mul(mask)
}
