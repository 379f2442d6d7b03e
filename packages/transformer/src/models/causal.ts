// What models that continue texts have in common: logits, looking inside, and the state for going on token by token.
import { Module } from '@x/nn'
import { type DType, slice, type Tensor } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import { KVCache } from '../blocks/cache.ts'
import {
  causalVisibility,
  type Pass,
  positionsOf,
  RUN_OPTIONS,
  type RunOptions,
  TRACE_OPTIONS,
  Trace,
  type TraceOptions,
} from '../blocks/pass.ts'
import { named } from '../named.ts'
import { checkBeside, checkTokens } from './checks.ts'

/** What every configuration says. */
export interface CausalConfig {
  readonly vocabSize: number
  /** Token that ends a text, or several. Default of models without one: null. */
  readonly eosTokenId?: number | readonly number[] | null
  readonly bosTokenId?: number | null
  readonly padTokenId?: number | null
}

/** Sizes of the cache that a model needs. */
export interface DecoderSizes {
  readonly layers: number
  /** Heads of keys and values. */
  readonly heads: number
  readonly headSize: number
  /** The longest text, or Infinity where positions know no end. */
  readonly maxLength: number
}

export interface LogitOptions extends RunOptions {
  /** Whether to compute the logits of the last position alone, [B, 1, V], and only what they depend on. Default false. */
  readonly lastOnly?: boolean
}

export interface InspectOptions extends RunOptions, TraceOptions {}

/** What was asked for is there, the rest is empty. */
export interface CausalOutput {
  /** [B, T, V] */
  readonly logits: Tensor
  /** What the logits are made of, behind the last norm [B, T, E]. */
  readonly lastHiddenState: Tensor
  /** What enters the first block, and what leaves each block, before the last norm: layers + 1 of [B, T, E]. */
  readonly hiddenStates: readonly Tensor[]
  /** The weights of each layer's heads [B, H, T, S]. */
  readonly attentions: readonly Tensor[]
  /** What each layer's heads found [B, H, T, D]. */
  readonly heads: readonly Tensor[]
}

/** A run over tokens: where they stand, and what it takes along. */
export interface Run {
  readonly pass: Pass
  /** Position of the first token, where `positionIds` does not say otherwise. */
  readonly start: number
  readonly positionIds: Tensor | null
  /** All positions are below. */
  readonly length: number
  /** How many keys are seen, or hidden by the mask. */
  readonly keys: number
}

/**
 * A model that continues texts: tokens [B, T] → logits of what follows each of them [B, T, V].
 */
export abstract class CausalLM extends Module {
  abstract readonly config: CausalConfig
  abstract readonly sizes: DecoderSizes

  /** Hidden states behind the last norm [B, T, E]. */
  protected abstract states(tokens: Tensor, run: Run): Tensor

  /** The last norm alone: what `states` ends with. */
  abstract normalize(x: Tensor): Tensor

  /** Logits [..., V] of hidden states [..., E] behind the last norm. */
  abstract unembed(x: Tensor): Tensor

  /** dtype of the weights. */
  abstract readonly dtype: DType

  /**
   * Logits of what follows each token.
   * @param tokens integers [B, T]
   * @throws ShapeError, DTypeError; RangeError for tokens outside the vocabulary, texts that are too long, options
   */
  override forward(tokens: Tensor, options: LogitOptions = {}): Tensor {
    checkOptions('forward', options, [...RUN_OPTIONS, 'lastOnly'])
    const x = this.run(tokens, options, null)
    return this.unembed(options.lastOnly ? x.at(slice(), slice(-1)) : x)
  }

  /** Logits, and what passed on the way. Everything can be differentiated. @throws as `forward` */
  inspect(tokens: Tensor, options: InspectOptions = {}): CausalOutput {
    checkOptions('inspect', options, [...RUN_OPTIONS, ...TRACE_OPTIONS])
    const trace = new Trace(options)
    const lastHiddenState = this.run(tokens, options, trace)
    trace.finish()
    const { hiddenStates, attentions, heads } = trace.decoder
    return { logits: this.unembed(lastHiddenState), lastHiddenState, hiddenStates, attentions, heads }
  }

  /** Memory for going on token by token. @param capacity the most tokens of a text */
  newCache({ batch = 1, capacity }: { batch?: number; capacity: number }): KVCache {
    const { layers, heads, headSize, maxLength } = this.sizes
    if (capacity > maxLength) {
      throw new RangeError(
        `newCache: ${capacity} tokens are more than the ${maxLength} that the model has positions for`,
      )
    }
    this.prepare(capacity)
    return new KVCache({ layers, heads, headSize, batch, capacity, dtype: this.dtype as 'float32' })
  }

  /** Makes what texts of this length need beside the cache. */
  protected prepare(_length: number): void {}

  /**
   * One more token for each text, written to the place `slot` of the cache, of which the first places are seen that
   * `mask` does not hide: the form whose sizes stay the same from token to token, for `compile`.
   * @param tokens [B, 1]
   * @param slot int32 [1]
   * @param positionIds [B, 1]
   * @param mask added to the scores [B, 1, 1, visible]
   * @returns logits [B, 1, V]
   */
  step(tokens: Tensor, cache: KVCache, at: { slot: Tensor; positionIds: Tensor; mask: Tensor }): Tensor {
    const { slot, positionIds, mask } = at
    const visible = mask.shape[3]
    const pass: Pass = { mask, causal: false, stack: 'decoder', trace: null, cache }
    const run: Run = { pass, start: 0, positionIds, length: cache.capacity, keys: visible }
    return cache.at(slot, visible, () => this.unembed(this.states(tokens, run)))
  }

  private run(tokens: Tensor, options: LogitOptions, trace: Trace | null): Tensor {
    const name = this.constructor.name
    checkTokens(name, tokens, this.config.vocabSize)
    const { cache = null, attentionMask = null, positionIds: given = null, lastOnly } = options
    const T = tokens.shape[1]
    const start = cache?.length ?? 0
    const S = start + T
    const { maxLength } = this.sizes
    if (S > maxLength) throw new RangeError(`${name}: ${S} tokens are more than its ${maxLength} positions`)
    const visibility = causalVisibility({ T, S, start, window: this.window }, attentionMask, this.dtype)
    // Positions that are given may lie beyond the tokens that there are.
    const length = given ? checkBeside(name, 'positionIds', given, tokens, maxLength) + 1 : S
    const positionIds = given ?? (attentionMask && positionsOf(attentionMask, T))
    const lastOf = lastOnly ? this.sizes.layers - 1 : undefined
    const pass: Pass = { ...visibility, stack: 'decoder', trace, cache, lastOf }
    const y = this.states(tokens, { pass, start, positionIds, length, keys: S })
    cache?.advance(T)
    return y
  }

  /** How many tokens back are seen; null for all. */
  get window(): number | null {
    return null
  }

  /** Whether a step is the same computation at every length, so that it can be compiled. */
  get isSteady(): boolean {
    return true
  }
}

/** @throws TypeError for what does not continue texts */
export function requireCausal(op: string, model: unknown): asserts model is CausalLM {
  if (model instanceof CausalLM) return
  throw new TypeError(
    `${op}: the model is ${named(model)}, which does not continue texts; GPT, Llama and Bloom do, and loadCausalLM() loads them`,
  )
}
