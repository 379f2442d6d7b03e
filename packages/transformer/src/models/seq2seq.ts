// What models with an encoder and a decoder have in common: the source is read once, the target is written behind it.
import { Module } from '@x/nn'
import { type DType, ShapeError, slice, type Tensor } from '@x/tensor'
import { checkOptions, show } from '@x/tensor/op'
import { KVCache } from '../blocks/cache.ts'
import { causalVisibility, type Pass, paddingMask, TRACE_OPTIONS, Trace, type TraceOptions } from '../blocks/pass.ts'
import type { CausalConfig, DecoderSizes } from './causal.ts'
import { checkTokens } from './checks.ts'

export interface Seq2SeqConfig extends CausalConfig {
  /** The token before the target. */
  readonly decoderStartTokenId?: number | null
}

export interface EncodeOptions {
  /** 1 for tokens of the source, 0 for padding [B, S]. Default: all are tokens. */
  readonly attentionMask?: Tensor | null
}

export interface Seq2SeqOptions extends EncodeOptions {
  /** 1 for tokens of the target, 0 for padding [B, T]. Default: all are tokens. */
  readonly decoderAttentionMask?: Tensor | null
}

export interface DecodeOptions extends EncodeOptions {
  /** Keys and values of the target before. */
  readonly cache?: KVCache | null
  /** Whether to compute the logits of the last position alone. Default false. */
  readonly lastOnly?: boolean
}

/** What was asked for is there, the rest is empty. */
export interface Seq2SeqOutput {
  /** [B, T, V] */
  readonly logits: Tensor
  /** [B, S, E] */
  readonly encoderLastHiddenState: Tensor
  readonly encoderHiddenStates: readonly Tensor[]
  readonly decoderHiddenStates: readonly Tensor[]
  /** [B, H, S, S] of each layer of the encoder. */
  readonly encoderAttentions: readonly Tensor[]
  /** [B, H, T, T] of each layer of the decoder. */
  readonly decoderAttentions: readonly Tensor[]
  /** How much each token of the target looks at each of the source: [B, H, T, S] of each layer. */
  readonly crossAttentions: readonly Tensor[]
  readonly encoderHeads: readonly Tensor[]
  readonly decoderHeads: readonly Tensor[]
  readonly crossHeads: readonly Tensor[]
}

/** What a decoder knows of the source. */
export interface Source {
  /** [B, S, E] */
  readonly states: Tensor
  /** Who may be looked at. */
  readonly pass: Pass
}

const OPTIONS = ['attentionMask', 'decoderAttentionMask']

/** A model that writes a target for a source: tokens [B, S] and [B, T] → logits of what follows in the target [B, T, V]. */
export abstract class Seq2SeqLM extends Module {
  abstract readonly config: Seq2SeqConfig
  /** Of the decoder's cache. */
  abstract readonly sizes: DecoderSizes
  abstract readonly dtype: DType

  /** Hidden states of the source, behind the last norm [B, S, E]. */
  protected abstract encoded(tokens: Tensor, pass: Pass): Tensor

  /** Hidden states of the target, behind the last norm [B, T, E]; its first token stands at `start`. */
  protected abstract decoded(tokens: Tensor, pass: Pass, source: Source, start: number): Tensor

  /** Logits [..., V] of hidden states [..., E]. */
  abstract unembed(x: Tensor): Tensor

  /**
   * @param tokens the source, integers [B, S]
   * @param decoderTokens the target so far, integers [B, T]; in training what is to be written, moved on by one
   * @throws ShapeError, DTypeError; RangeError for tokens outside the vocabulary, and options
   */
  override forward(tokens: Tensor, decoderTokens: Tensor, options: Seq2SeqOptions = {}): Tensor {
    checkOptions('forward', options, OPTIONS)
    return this.unembed(this.run(tokens, decoderTokens, options, null).states)
  }

  /** Logits, and what passed on the way. Everything can be differentiated. @throws as `forward` */
  inspect(tokens: Tensor, decoderTokens: Tensor, options: Seq2SeqOptions & TraceOptions = {}): Seq2SeqOutput {
    checkOptions('inspect', options, [...OPTIONS, ...TRACE_OPTIONS])
    const trace = new Trace(options)
    const { states, source } = this.run(tokens, decoderTokens, options, trace)
    trace.finish()
    const { encoder, decoder } = trace
    return {
      logits: this.unembed(states),
      encoderLastHiddenState: source,
      encoderHiddenStates: encoder.hiddenStates,
      decoderHiddenStates: decoder.hiddenStates,
      encoderAttentions: encoder.attentions,
      decoderAttentions: decoder.attentions,
      crossAttentions: decoder.crossAttentions,
      encoderHeads: encoder.heads,
      decoderHeads: decoder.heads,
      crossHeads: decoder.crossHeads,
    }
  }

  /** Reads the source: integers [B, S] → hidden states [B, S, E]. */
  encode(tokens: Tensor, options: EncodeOptions = {}): Tensor {
    checkOptions('encode', options, ['attentionMask'])
    return this.read(tokens, options.attentionMask ?? null, null)
  }

  /** Logits of what follows in the target, for a source that was read. @param states what `encode` gave */
  decode(states: Tensor, decoderTokens: Tensor, options: DecodeOptions = {}): Tensor {
    checkOptions('decode', options, ['attentionMask', 'cache', 'lastOnly'])
    const { attentionMask = null, cache = null, lastOnly = false } = options
    const x = this.write(states, decoderTokens, { attentionMask, cache, padding: null, trace: null })
    return this.unembed(lastOnly ? x.at(slice(), slice(-1)) : x)
  }

  /** Memory for writing token by token. @param capacity the most tokens of a target */
  newCache({ batch = 1, capacity }: { batch?: number; capacity: number }): KVCache {
    const { layers, heads, headSize, maxLength } = this.sizes
    if (capacity > maxLength)
      throw new RangeError(
        `newCache: ${capacity} tokens are more than the ${maxLength} that the model has positions for`,
      )
    return new KVCache({ layers, heads, headSize, batch, capacity, dtype: this.dtype as 'float32' })
  }

  /** How many tokens sources are made of. */
  get sourceVocabulary(): number {
    return this.config.vocabSize
  }

  private run(
    tokens: Tensor,
    decoderTokens: Tensor,
    { attentionMask = null, decoderAttentionMask: padding = null }: Seq2SeqOptions,
    trace: Trace | null,
  ): { states: Tensor; source: Tensor } {
    const source = this.read(tokens, attentionMask, trace)
    return { source, states: this.write(source, decoderTokens, { attentionMask, cache: null, padding, trace }) }
  }

  private read(tokens: Tensor, attentionMask: Tensor | null, trace: Trace | null): Tensor {
    checkTokens(this.constructor.name, tokens, this.sourceVocabulary)
    if (attentionMask && show(attentionMask.shape) !== show(tokens.shape)) {
      throw new ShapeError(
        `${this.constructor.name}: attentionMask ${show(attentionMask.shape)} is not of the shape ${show(tokens.shape)}`,
      )
    }
    const mask = attentionMask && paddingMask(attentionMask, this.dtype)
    return this.encoded(tokens, { mask, causal: false, stack: 'encoder', trace, cache: null })
  }

  private write(
    states: Tensor,
    tokens: Tensor,
    given: { attentionMask: Tensor | null; cache: KVCache | null; padding: Tensor | null; trace: Trace | null },
  ): Tensor {
    const { attentionMask, cache, padding, trace } = given
    const name = this.constructor.name
    checkTokens(name, tokens, this.config.vocabSize)
    const T = tokens.shape[1]
    const start = cache?.length ?? 0
    const S = start + T
    if (S > this.sizes.maxLength)
      throw new RangeError(`${name}: ${S} tokens are more than its ${this.sizes.maxLength} positions`)
    const common = { stack: 'decoder', trace, cache } as const
    const mask = attentionMask && paddingMask(attentionMask, this.dtype)
    const source: Source = { states, pass: { mask, causal: false, ...common } }
    const pass: Pass = { ...causalVisibility({ T, S, start }, padding, this.dtype), ...common }
    const y = this.decoded(tokens, pass, source, start)
    cache?.advance(T)
    return y
  }
}
