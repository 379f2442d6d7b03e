// All ways to cut a word into pieces, and what they say about the pieces.
import type { Trie } from '../models/trie.ts'

/** A piece at a place of a word. */
export interface Node {
  readonly id: number
  readonly start: number
  readonly end: number
  readonly score: number
}

/** The pieces that a word has; characters that are none get the unknown piece. */
export class Lattice {
  readonly #nodesFrom: Node[][]
  readonly #nodesTo: Node[][]
  readonly #length: number

  constructor(
    word: string,
    pieces: { readonly trie: Trie; readonly scores: readonly number[]; readonly unknown: Omit<Node, 'start' | 'end'> },
  ) {
    const n = word.length
    this.#length = n
    this.#nodesFrom = Array.from({ length: n + 1 }, () => [])
    this.#nodesTo = Array.from({ length: n + 1 }, () => [])
    const add = (node: Node): void => {
      this.#nodesFrom[node.start].push(node)
      this.#nodesTo[node.end].push(node)
    }
    for (let start = 0, width = 1; start < n; start += width) {
      width = (word.codePointAt(start) as number) > 0xffff ? 2 : 1
      let hasOne = false
      let node = 0
      for (let end = start; end < n; ) {
        node = pieces.trie.childOf(node, word.charCodeAt(end++))
        if (node < 0) break
        const id = pieces.trie.valueOf(node)
        if (id < 0) continue
        add({ id, start, end, score: pieces.scores[id] })
        if (end - start === width) hasOne = true
      }
      if (!hasOne) add({ ...pieces.unknown, start, end: start + width })
    }
  }

  /**
   * Adds to each piece how often it is expected among all ways to cut the word, each as likely as its pieces are.
   * @returns the logarithm of the probability of the word
   */
  addExpected(expected: Float64Array, count: number): number {
    const n = this.#length
    const forward = new Float64Array(n + 1).fill(Number.NEGATIVE_INFINITY)
    const backward = new Float64Array(n + 1).fill(Number.NEGATIVE_INFINITY)
    forward[0] = 0
    backward[n] = 0
    for (let at = 0; at < n; at++) {
      for (const { end, score } of this.#nodesFrom[at]) forward[end] = logAdd(forward[end], forward[at] + score)
    }
    for (let at = n; at > 0; at--) {
      for (const { start, score } of this.#nodesTo[at]) backward[start] = logAdd(backward[start], backward[at] + score)
    }
    for (const nodes of this.#nodesFrom) {
      for (const { id, start, end, score } of nodes) {
        expected[id] += count * Math.exp(forward[start] + score + backward[end] - forward[n])
      }
    }
    return forward[n]
  }

  /** The most probable way to cut the word. */
  best(): Node[] {
    return this.#bestBut(null) as Node[]
  }

  /** The most probable way that does not take the word as one piece; null when there is none. */
  bestInParts(): Node[] | null {
    return this.#bestBut((node) => node.start === 0 && node.end === this.#length)
  }

  #bestBut(isExcluded: ((node: Node) => boolean) | null): Node[] | null {
    const n = this.#length
    const score = new Float64Array(n + 1).fill(Number.NEGATIVE_INFINITY)
    const from: (Node | null)[] = Array.from({ length: n + 1 }, () => null)
    score[0] = 0
    for (let at = 0; at < n; at++) {
      for (const node of this.#nodesFrom[at]) {
        if (isExcluded?.(node) || score[at] + node.score <= score[node.end]) continue
        score[node.end] = score[at] + node.score
        from[node.end] = node
      }
    }
    const nodes: Node[] = []
    for (let node = from[n]; node; node = from[node.start]) nodes.push(node)
    return n > 0 && nodes.length === 0 ? null : nodes.reverse()
  }
}

function logAdd(a: number, b: number): number {
  const [low, high] = a < b ? [a, b] : [b, a]
  return low === Number.NEGATIVE_INFINITY ? high : high + Math.log1p(Math.exp(low - high))
}
