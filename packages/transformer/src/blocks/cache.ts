// Keys and values of the tokens that a decoder has seen, so that each further token costs one row.
import { keep, set, slice, type Tensor, zeros } from '@x/tensor'
import { assign, checkOptions, show } from '@x/tensor/op'

export interface CacheSize {
  /** Layers of the decoder. */
  readonly layers: number
  /** Heads of keys and values. */
  readonly heads: number
  /** Numbers of a key, and of a value. */
  readonly headSize: number
  /** Texts side by side. Default 1. */
  readonly batch?: number
  /** The most tokens of a text. */
  readonly capacity: number
  /** Default 'float32'. */
  readonly dtype?: 'float32' | 'float64'
}

type Pair = readonly [k: Tensor, v: Tensor]

/**
 * Memory for keys and values [B, heads, capacity, headSize] of every layer, made once and written in place. Decoding with
 * it gives what a run over the whole text gives. It outlives every tidy: `dispose` frees it.
 * @throws RangeError for a text that it does not hold
 */
export class KVCache {
  readonly batch: number
  readonly capacity: number
  private readonly layers: readonly Pair[]
  private readonly cross: (Pair | null)[]
  private count = 0
  private fixed: { readonly slot: Tensor; readonly visible: number } | null = null

  constructor(size: CacheSize) {
    checkOptions('KVCache', size, ['layers', 'heads', 'headSize', 'batch', 'capacity', 'dtype'])
    const { layers, heads, headSize, batch = 1, capacity, dtype = 'float32' } = size
    for (const [name, n] of Object.entries({ layers, heads, headSize, batch, capacity })) {
      if (!(Number.isInteger(n) && n >= 1)) throw new RangeError(`KVCache: ${name} ${n} is not a whole number from 1`)
    }
    this.batch = batch
    this.capacity = capacity
    const make = (): Tensor => keep(zeros([batch, heads, capacity, headSize], { dtype }))
    this.layers = Array.from({ length: layers }, () => [make(), make()] as const)
    this.cross = this.layers.map(() => null)
  }

  /** Tokens that are in it. */
  get length(): number {
    return this.count
  }

  /** Writes keys and values [B, T, heads, headSize] behind those that are there; returns all [B, heads, S, headSize]. */
  extend(layer: number, k: Tensor, v: Tensor): Pair {
    const own = this.layers[layer]
    const [B, T] = k.shape
    const end = this.count + T
    if (B !== this.batch) throw new RangeError(`KVCache: it is for ${this.batch} texts, not for ${show(k.shape)}`)
    const { fixed } = this
    if (!fixed && end > this.capacity) {
      throw new RangeError(`KVCache: it holds ${this.capacity} tokens; ${this.count} are there and ${T} more come`)
    }
    const rows = fixed ? fixed.slot : slice(this.count, end)
    set(own[0], [slice(), slice(), rows], k.transpose(1, 2))
    set(own[1], [slice(), slice(), rows], v.transpose(1, 2))
    const seen = slice(0, fixed ? fixed.visible : end)
    return [own[0].at(slice(), slice(), seen), own[1].at(slice(), slice(), seen)]
  }

  /** Counts T tokens whose keys and values all layers have written. */
  advance(T: number): void {
    this.count += T
  }

  /**
   * Runs `fn`, in which one token comes to the place that a tensor says (int32 [1]) and the first `visible` places are
   * seen whatever is in them: what a compiled step needs, whose sizes are fixed. Nothing is counted.
   */
  at<T>(slot: Tensor, visible: number, fn: () => T): T {
    this.fixed = { slot, visible }
    const { count } = this
    try {
      return fn()
    } finally {
      this.fixed = null
      this.count = count
    }
  }

  /** Keys and values of what an encoder gave, made by `make` when a layer first asks. */
  crossed(layer: number, make: () => Pair): Pair {
    const known = this.cross[layer]
    if (known) return known
    const [k, v] = make()
    const made = [keep(k.copy()), keep(v.copy())] as const
    this.cross[layer] = made
    return made
  }

  /** Row b becomes what row index[b] was: beams that go on from others. @param index int32 [batch] */
  reorder(index: Tensor): void {
    const moved = (t: Tensor): void => {
      const seen = t.at(slice(), slice(), slice(0, Math.max(1, this.count)))
      assign(seen, seen.take(index))
    }
    for (const pair of this.layers) for (const t of pair) moved(t)
  }

  /** Forgets all tokens from `length` on. */
  truncate(length: number): void {
    if (!(Number.isInteger(length) && length >= 0 && length <= this.count)) {
      throw new RangeError(`KVCache: length ${length} is not from 0 to ${this.count}`)
    }
    this.count = length
    if (length === 0) this.forgetCrossed()
  }

  /** Frees the memory. */
  dispose(): void {
    for (const pair of this.layers) for (const t of pair) t.dispose()
    this.forgetCrossed()
  }

  private forgetCrossed(): void {
    for (const pair of this.cross) pair?.forEach((t) => void t.dispose())
    this.cross.fill(null)
  }
}
