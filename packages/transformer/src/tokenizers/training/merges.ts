// Learning merges: the most frequent pair of neighbours becomes a token, again and again.
// Source: Sennrich, Haddow, Birch 2016, algorithm 1; huggingface/tokenizers, src/models/bpe/trainer.rs.

/** A word as numbers of tokens, and how often it occurs. */
export interface CountedWord {
  symbols: number[]
  readonly count: number
}

/** Which of equally frequent pairs is merged: that of the lowest ids, that which occurs first, or the greatest by name. */
export type Ties = 'lowestIds' | 'first' | 'greatest'

/** How often a pair of neighbours occurs, and in which words. */
interface Pair {
  readonly a: number
  readonly b: number
  count: number
  readonly words: Set<number>
}

/** A pair with the count that it had when it was put into the queue. */
interface Offer {
  readonly pair: Pair
  readonly count: number
}

export interface LearnOptions {
  readonly ties: Ties
  /** Pairs that occur less often are not merged. */
  readonly minFrequency: number
  /** Whether `x` comes before `y` by their names, for ties of 'greatest'. */
  readonly isGreater: (x: readonly [number, number], y: readonly [number, number]) => boolean
  /** The token that a pair becomes; null ends the learning. */
  readonly merge: (a: number, b: number) => number | null
}

/** Merges pairs until `merge` says that it is enough, or none is left that is frequent enough. Changes the words. */
export function learnMerges(words: readonly CountedWord[], options: LearnOptions): void {
  const pairs = new Pairs(words, options)
  for (;;) {
    const pair = pairs.take()
    if (!pair || pair.count < Math.max(1, options.minFrequency)) return
    const merged = options.merge(pair.a, pair.b)
    if (merged === null) return
    pairs.merge(pair, merged)
  }
}

/** Room for ids in the keys of pairs. */
const IDS = 2 ** 24

/** All pairs of neighbours, the most frequent at hand. */
class Pairs {
  readonly #words: readonly CountedWord[]
  readonly #pairs = new Map<number, Pair>()
  readonly #queue: Offer[] = []
  readonly #isBefore: (x: Offer, y: Offer) => boolean
  readonly #first: boolean

  constructor(words: readonly CountedWord[], { ties, isGreater }: LearnOptions) {
    this.#words = words
    this.#first = ties === 'first'
    const order = {
      lowestIds: (x: Pair, y: Pair) => x.a - y.a || x.b - y.b,
      greatest: (x: Pair, y: Pair) => (isGreater([x.a, x.b], [y.a, y.b]) ? -1 : 1),
      first: () => 0,
    }[ties]
    this.#isBefore = (x, y) => x.count > y.count || (x.count === y.count && order(x.pair, y.pair) < 0)
    words.forEach(({ symbols, count }, word) => {
      for (let i = 1; i < symbols.length; i++) this.#change(symbols[i - 1], symbols[i], count, word)
    })
    for (const pair of this.#pairs.values()) this.#push({ pair, count: pair.count })
  }

  #change(a: number, b: number, by: number, word: number): Pair {
    const key = a * IDS + b
    let pair = this.#pairs.get(key)
    if (!pair) {
      pair = { a, b, count: 0, words: new Set() }
      this.#pairs.set(key, pair)
    }
    pair.count += by
    if (by > 0) pair.words.add(word)
    return pair
  }

  /** The most frequent pair; undefined when there is none. */
  take(): Pair | undefined {
    const top = this.#takeOne()
    if (!top || !this.#first) return top
    const tied = new Map([[top.a * IDS + top.b, top]])
    while (this.#queue[0]?.count === top.count) {
      const next = this.#takeOne()
      if (next?.count === top.count) tied.set(next.a * IDS + next.b, next)
      else if (next) this.#push({ pair: next, count: next.count })
    }
    const chosen = tied.size > 1 ? this.#firstOf(tied) : top
    for (const pair of tied.values()) if (pair !== chosen) this.#push({ pair, count: pair.count })
    return chosen
  }

  /** Whichever stands first in the corpus. */
  #firstOf(tied: ReadonlyMap<number, Pair>): Pair {
    for (const { symbols } of this.#words) {
      for (let i = 1; i < symbols.length; i++) {
        const found = tied.get(symbols[i - 1] * IDS + symbols[i])
        if (found) return found
      }
    }
    throw new Error('a pair that was counted is in no word')
  }

  /** From the top of the queue, where counts may be out of date. */
  #takeOne(): Pair | undefined {
    for (;;) {
      const top = this.#pop()
      if (!top) return undefined
      if (top.count === top.pair.count) return top.pair
      if (top.pair.count > 0) this.#push({ pair: top.pair, count: top.pair.count })
    }
  }

  /** Puts the merged token wherever the pair stands, and counts the neighbours anew. */
  merge(pair: Pair, merged: number): void {
    const { a, b } = pair
    const grown = new Set<Pair>()
    for (const index of pair.words) {
      const word = this.#words[index]
      const { symbols, count } = word
      const kept: number[] = []
      for (let i = 0; i < symbols.length; i++) {
        if (symbols[i] !== a || symbols[i + 1] !== b) {
          kept.push(symbols[i])
          continue
        }
        const before = kept.at(-1)
        const behind = symbols[i + 2]
        pair.count -= count
        if (before !== undefined) {
          this.#change(before, a, -count, index)
          grown.add(this.#change(before, merged, count, index))
        }
        if (behind !== undefined) {
          this.#change(b, behind, -count, index)
          grown.add(this.#change(merged, behind, count, index))
        }
        kept.push(merged)
        i++
      }
      word.symbols = kept
    }
    for (const other of grown) if (other.count > 0) this.#push({ pair: other, count: other.count })
  }

  #push(offer: Offer): void {
    const queue = this.#queue
    let at = queue.push(offer) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#isBefore(offer, queue[parent])) break
      queue[at] = queue[parent]
      at = parent
    }
    queue[at] = offer
  }

  #pop(): Offer | undefined {
    const queue = this.#queue
    const top = queue[0]
    const last = queue.pop()
    if (queue.length === 0 || !last) return top
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= queue.length) break
      if (child + 1 < queue.length && this.#isBefore(queue[child + 1], queue[child])) child++
      if (!this.#isBefore(queue[child], last)) break
      queue[at] = queue[child]
      at = child
    }
    queue[at] = last
    return top
  }
}
