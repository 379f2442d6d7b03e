// Writing targets token by token for sources that are read once.
import { keep, type Tensor, tensor, tidy } from '@x/tensor'
import { lasting } from '@x/tensor/op'
import type { KVCache } from '../blocks/cache.ts'
import type { Seq2SeqLM } from '../models/seq2seq.ts'
import type { NextTokens } from './beam.ts'

/** A model that writes several targets. `dispose` frees what it knows of the sources. */
export class Seq2SeqDecoder implements NextTokens {
  readonly vocabSize: number
  private readonly model: Seq2SeqLM
  private readonly cache: KVCache
  private readonly states: Tensor
  private readonly mask: Tensor | null
  private readonly start: readonly number[]

  /**
   * @param sources tokens of each source
   * @param rows targets for each source
   * @param start what every target begins with
   * @param capacity the most tokens of a target
   */
  constructor(
    model: Seq2SeqLM,
    sources: readonly (readonly number[])[],
    { rows, start, capacity, padding }: { rows: number; start: readonly number[]; capacity: number; padding: number },
  ) {
    if (sources.some((s) => s.length === 0)) throw new RangeError('generate: a source needs at least one token')
    this.model = model
    this.vocabSize = model.config.vocabSize
    this.start = start
    const batch = sources.length * rows
    this.cache = lasting(() => model.newCache({ batch, capacity }))
    const S = Math.max(...sources.map((s) => s.length))
    const of = (value: (source: readonly number[], i: number) => number): Tensor => {
      const values = sources.flatMap((source) => Array.from({ length: S }, (_, i) => value(source, i)))
      return tensor(Int32Array.from(values), { shape: [sources.length, S] })
    }
    const isEven = sources.every((s) => s.length === S)
    const known = tidy(() => {
      const tokens = of((source, i) => source[i] ?? padding)
      const mask = isEven ? null : of((source, i) => Number(i < source.length))
      const states = model.encode(tokens, { attentionMask: mask })
      const each = tensor(Int32Array.from({ length: batch }, (_, row) => Math.floor(row / rows)))
      return { states: keep(states.take(each)), mask: mask && keep(mask.take(each)) }
    })
    this.states = known.states
    this.mask = known.mask
  }

  /** The last scores [B · V]. */
  next(tokens: readonly number[] | null): Float32Array {
    const { model, cache, states, mask, start } = this
    const B = states.shape[0]
    return tidy(() => {
      const given = tokens ?? Array.from({ length: B }, () => start).flat()
      const rows = tensor(Int32Array.from(given), { shape: [B, given.length / B] })
      return model.decode(states, rows, { attentionMask: mask, cache, lastOnly: true }).data<Float32Array>()
    })
  }

  /** Rows of one source go on from each other: what is known of the source stays. */
  reorder(index: readonly number[]): void {
    if (index.every((row, i) => row === i)) return
    tidy(() => this.cache.reorder(tensor(Int32Array.from(index))))
  }

  dispose(): void {
    this.cache.dispose()
    this.states.dispose()
    this.mask?.dispose()
  }
}
