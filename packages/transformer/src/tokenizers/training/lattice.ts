// All ways to cut a word into pieces, and what they say about the pieces.
import { Trie } from '../models/trie.ts'

/** A piece and the logarithm of its probability. */
export interface Scored {
  readonly text: string
  readonly score: number
}

/** An unknown character costs so much more than the least probable piece. */
const UNKNOWN_PENALTY = 10

/** The ways to cut one word after the other; a character that is no piece gets the number behind the last piece. */
export class Lattice {
  readonly #trie = new Trie()
  readonly #scores: Float64Array
  /** The pieces that stand in the word, by where they begin. */
  #ids: number[] = []
  #starts: number[] = []
  #ends: number[] = []
  #length = 0

  constructor(pieces: readonly Scored[]) {
    this.#scores = new Float64Array(pieces.length + 1)
    let least = 0
    for (const [id, { text, score }] of pieces.entries()) {
      this.#trie.set(text, id)
      this.#scores[id] = score
      least = Math.min(least, score)
    }
    this.#scores[pieces.length] = least - UNKNOWN_PENALTY
  }

  /** Takes the next word. */
  set(word: string): this {
    const n = word.length
    const trie = this.#trie
    this.#length = n
    this.#ids = []
    this.#starts = []
    this.#ends = []
    for (let start = 0, width = 1; start < n; start += width) {
      width = (word.codePointAt(start) as number) > 0xffff ? 2 : 1
      let hasOne = false
      let node = 0
      for (let end = start; end < n; ) {
        node = trie.childOf(node, word.charCodeAt(end++))
        if (node < 0) break
        const id = trie.valueOf(node)
        if (id < 0) continue
        this.#add(id, start, end)
        if (end - start === width) hasOne = true
      }
      if (!hasOne) this.#add(this.#scores.length - 1, start, start + width)
    }
    return this
  }

  #add(id: number, start: number, end: number): void {
    this.#ids.push(id)
    this.#starts.push(start)
    this.#ends.push(end)
  }

  /**
   * Adds to each piece how often it is expected among all ways to cut the word, each as likely as its pieces are.
   * @returns the logarithm of the probability of the word
   */
  addExpected(expected: Float64Array, count: number): number {
    const n = this.#length
    const [ids, starts, ends, scores] = [this.#ids, this.#starts, this.#ends, this.#scores]
    const forward = new Float64Array(n + 1).fill(Number.NEGATIVE_INFINITY)
    const backward = new Float64Array(n + 1).fill(Number.NEGATIVE_INFINITY)
    forward[0] = 0
    backward[n] = 0
    for (let i = 0; i < ids.length; i++) {
      forward[ends[i]] = logAdd(forward[ends[i]], forward[starts[i]] + scores[ids[i]])
    }
    for (let i = ids.length - 1; i >= 0; i--) {
      backward[starts[i]] = logAdd(backward[starts[i]], backward[ends[i]] + scores[ids[i]])
    }
    for (let i = 0; i < ids.length; i++) {
      expected[ids[i]] += count * Math.exp(forward[starts[i]] + scores[ids[i]] + backward[ends[i]] - forward[n])
    }
    return forward[n]
  }

  /** The pieces of the most probable way to cut the word. */
  best(): number[] {
    return this.#best(false) as number[]
  }

  /** The pieces of the most probable way that does not take the word as one; null when there is none. */
  bestInParts(): number[] | null {
    return this.#best(true)
  }

  #best(inParts: boolean): number[] | null {
    const n = this.#length
    const [ids, starts, ends, scores] = [this.#ids, this.#starts, this.#ends, this.#scores]
    const total = new Float64Array(n + 1).fill(Number.NEGATIVE_INFINITY)
    const from = new Int32Array(n + 1).fill(-1)
    total[0] = 0
    for (let i = 0; i < ids.length; i++) {
      if (inParts && starts[i] === 0 && ends[i] === n) continue
      const score = total[starts[i]] + scores[ids[i]]
      if (score <= total[ends[i]]) continue
      total[ends[i]] = score
      from[ends[i]] = i
    }
    if (n > 0 && from[n] < 0) return null
    const found: number[] = []
    for (let end = n; end > 0; end = starts[from[end]]) found.push(ids[from[end]])
    return found.reverse()
  }
}

function logAdd(a: number, b: number): number {
  if (a < b) return a === Number.NEGATIVE_INFINITY ? b : b + Math.log1p(Math.exp(a - b))
  return b === Number.NEGATIVE_INFINITY ? a : a + Math.log1p(Math.exp(b - a))
}
