// Going on token by token with a model: the prompts in one run, then one compiled step for each further token.
import { arange, type Compiled, compile, slice, type Tensor, tensor, tidy } from '@x/tensor'
import { lasting } from '@x/tensor/op'
import type { KVCache } from '../blocks/cache.ts'
import { HIDDEN } from '../blocks/pass.ts'
import type { CausalLM } from '../models/causal.ts'
import type { NextTokens } from './beam.ts'

/** Places that a compiled step sees grow in steps of so many: each is recorded anew. */
const STRIDE = 64

/** Prompts side by side, of one length: shorter ones are filled at their beginning, and the filling is hidden. */
interface Prompts {
  /** int32 [B, T] */
  readonly tokens: Tensor
  /** 1 for tokens, 0 for filling, int32 [B, T]; null when there is none. */
  readonly mask: Tensor | null
}

function sideBySide(prompts: readonly (readonly number[])[], filling: number): Prompts {
  const T = Math.max(...prompts.map((p) => p.length))
  const shape = [prompts.length, T]
  const rows = prompts.flatMap((p) => [...new Array<number>(T - p.length).fill(filling), ...p])
  const isEven = prompts.every((p) => p.length === T)
  const there = prompts.flatMap((p) => Array.from({ length: T }, (_, i) => Number(i >= T - p.length)))
  const make = (values: readonly number[]): Tensor => tensor(Int32Array.from(values), { shape })
  return { tokens: make(rows), mask: isEven ? null : make(there) }
}

/** A model that goes on with several texts. `dispose` frees its cache. */
export class CausalDecoder implements NextTokens {
  readonly vocabSize: number
  private readonly model: CausalLM
  private readonly prompts: readonly (readonly number[])[]
  private readonly padding: number
  private readonly cache: KVCache
  /** Filling before each prompt. */
  private readonly before: readonly number[]
  private readonly compiled: Compiled<[Tensor, Tensor, Tensor, number, Tensor | null], Tensor> | null

  /** @param capacity the most tokens of a text */
  constructor(
    model: CausalLM,
    prompts: readonly (readonly number[])[],
    { capacity, padding }: { capacity: number; padding: number },
  ) {
    this.model = model
    this.vocabSize = model.config.vocabSize
    this.prompts = prompts
    this.padding = padding
    const longest = Math.max(...prompts.map((p) => p.length))
    this.before = prompts.map((p) => longest - p.length)
    this.cache = lasting(() => model.newCache({ batch: prompts.length, capacity }))
    this.compiled = model.isSteady ? compile((...args) => this.step(...args)) : null
  }

  /** The last scores [B · V]. */
  next(tokens: readonly number[] | null): Float32Array {
    return tidy(() => {
      if (tokens === null) {
        const { tokens: given, mask } = sideBySide(this.prompts, this.padding)
        return this.model
          .forward(given, { cache: this.cache, attentionMask: mask, lastOnly: true })
          .data<Float32Array>()
      }
      const { cache, compiled } = this
      const last = tensor(Int32Array.from(tokens), { shape: [tokens.length, 1] })
      const at = cache.length
      if (!compiled) {
        return this.model
          .forward(last, { cache, attentionMask: this.maskOf(at + 1), lastOnly: true })
          .data<Float32Array>()
      }
      const slot = tensor(Int32Array.of(at))
      const positions = tensor(
        Int32Array.from(this.before, (n) => at - n),
        { shape: [tokens.length, 1] },
      )
      const visible = Math.min(cache.capacity, Math.ceil((at + 1) / STRIDE) * STRIDE)
      const logits = compiled(last, slot, positions, visible, this.maskOf(visible))
      cache.advance(1)
      return logits.data<Float32Array>()
    })
  }

  reorder(index: readonly number[]): void {
    if (index.every((row, i) => row === i)) return
    tidy(() => this.cache.reorder(tensor(Int32Array.from(index))))
  }

  dispose(): void {
    this.compiled?.dispose()
    this.cache.dispose()
  }

  /** Which of the first places are tokens [B, length]; null when all are. */
  private maskOf(length: number): Tensor | null {
    if (this.before.every((n) => n === 0)) return null
    const values = this.before.flatMap((n) => Array.from({ length }, (_, i) => Number(i >= n)))
    return tensor(Int32Array.from(values), { shape: [this.before.length, length] })
  }

  /** What is compiled: everything that changes from token to token is a tensor. */
  private step(tokens: Tensor, slot: Tensor, positionIds: Tensor, visible: number, padding: Tensor | null): Tensor {
    const { model, cache } = this
    const places = arange(visible, undefined, { dtype: 'int32' })
    let seen = places.le(slot).reshape([1, visible])
    if (model.window !== null) seen = seen.logicalAnd(places.gt(slot.sub(model.window)))
    if (padding) seen = seen.logicalAnd(padding.ne(0))
    const mask = seen.where(0, HIDDEN).cast(model.dtype).reshape([seen.shape[0], 1, 1, visible])
    return model.step(tokens, cache, { slot, positionIds, mask }).at(slice(), 0)
  }
}
