// Unigram: the most probable way to cut a text into pieces that each have a probability of their own.
// Source: Kudo 2018, "Subword regularization", equation 4; google/sentencepiece, src/unigram_model.cc (EncodeOptimized);
// huggingface/tokenizers, src/models/unigram/model.rs.
import { utf8 } from '../bytes.ts'
import { byteIds, byteOfToken, type Model, Tokens } from './model.ts'
import { Trie } from './trie.ts'

/** A piece and the logarithm of its probability. */
export type ScoredPiece = readonly [text: string, score: number]

export interface UnigramOptions {
  /** Id of the unknown token; null for none. */
  readonly unknown?: number | null
  /** Unknown characters become tokens like `<0x0A>`, one for each byte. Default false. */
  readonly byteFallback?: boolean
  /** Pieces that never stand for text. Default none. */
  readonly hidden?: ReadonlySet<number>
  /** Pieces that are taken wherever they stand. Default none. */
  readonly always?: ReadonlySet<number>
  /** Add scores in float32, as SentencePiece does, which decides between nearly equal ways. Default false. */
  readonly single?: boolean
}

/** An unknown character costs so much more than the least probable piece. */
const UNKNOWN_PENALTY = 10

/** Pieces with probabilities. */
export class Unigram implements Model {
  readonly pieces: readonly ScoredPiece[]
  readonly options: UnigramOptions
  readonly #ids = new Map<string, number>()
  readonly #trie = new Trie()
  readonly #scores: Float64Array
  readonly #unknownScore: number
  readonly #unknown: number
  readonly #bytes: Int32Array | null

  constructor(pieces: readonly ScoredPiece[], options: UnigramOptions = {}) {
    this.pieces = pieces
    this.options = options
    const { hidden, always, single = false, byteFallback = false } = options
    this.#unknown = options.unknown ?? -1
    this.#scores = Float64Array.from(pieces, ([, score]) => score)
    // SentencePiece looks for the highest score from the least positive float32 on.
    let [least, most] = [Number.POSITIVE_INFINITY, 2 ** -126]
    pieces.forEach(([text, score], id) => {
      this.#ids.set(text, id)
      if (hidden?.has(id) || text === '') return
      this.#trie.set(text, id)
      if (always?.has(id)) return
      least = Math.min(least, score)
      most = Math.max(most, score)
    })
    this.#unknownScore = least - UNKNOWN_PENALTY
    if (single) this.#unknownScore = Math.fround(this.#unknownScore)
    for (const id of always ?? []) this.#scores[id] = utf8(pieces[id][0]).length * most - 0.1
    this.#bytes = byteFallback ? byteIds((token) => this.#ids.get(token)) : null
  }

  get size(): number {
    return this.pieces.length
  }

  idOf(token: string): number | undefined {
    return this.#ids.get(token)
  }

  tokenOf(id: number): string | undefined {
    return this.pieces[id]?.[0]
  }

  /** @throws RangeError for a character that is in no piece when there is no unknown token */
  tokenize(word: string): Tokens {
    const { ids, starts } = this.#best(word)
    const tokens = new Tokens()
    let isUnknown = false
    for (let i = ids.length - 1; i >= 0; i--) {
      const [id, start, end] = [ids[i], starts[i], i > 0 ? starts[i - 1] : word.length]
      if (id >= 0) tokens.push(id, start, end)
      else if (this.#bytes) for (const byte of utf8(word.slice(start, end))) tokens.push(this.#bytes[byte], start, end)
      else if (isUnknown) tokens.ends[tokens.ends.length - 1] = end
      else tokens.push(this.#known(word.slice(start, end)), start, end)
      isUnknown = id < 0 && !this.#bytes
    }
    return tokens
  }

  #known(text: string): number {
    if (this.#unknown >= 0) return this.#unknown
    throw new RangeError(`encode: there is no piece for ${JSON.stringify(text)}, and no unknown token`)
  }

  /** The best way to cut the word, from its end; −1 stands for an unknown character. */
  #best(word: string): { ids: number[]; starts: number[] } {
    const n = word.length
    const round = this.options.single ? Math.fround : (x: number): number => x
    const score = new Float64Array(n + 1)
    const from = new Int32Array(n + 1).fill(-1)
    const id = new Int32Array(n + 1).fill(-1)
    const offer = (start: number, end: number, piece: number, total: number): void => {
      // What is kept is rounded, what is compared with it is not: so up to SentencePiece 0.2.1.
      if (from[end] >= 0 && total <= score[end]) return
      score[end] = round(total)
      from[end] = start
      id[end] = piece
    }
    for (let start = 0, width = 1; start < n; start += width) {
      width = (word.codePointAt(start) as number) > 0xffff ? 2 : 1
      let hasOne = false
      let node = 0
      for (let end = start; end < n; ) {
        node = this.#trie.childOf(node, word.charCodeAt(end++))
        if (node < 0) break
        const piece = this.#trie.valueOf(node)
        if (piece < 0) continue
        offer(start, end, piece, score[start] + this.#scores[piece])
        if (end - start === width) hasOne = true
      }
      if (!hasOne) offer(start, start + width, -1, round(score[start] + this.#unknownScore))
    }
    const ids: number[] = []
    const starts: number[] = []
    for (let end = n; end > 0; end = from[end]) {
      ids.push(id[end])
      starts.push(from[end])
    }
    return { ids, starts }
  }

  surface(id: number, text: string): string {
    const token = this.pieces[id][0]
    return this.#bytes && byteOfToken(token) >= 0 ? token : text
  }

  toJSON(): object | undefined {
    const { unknown = null, byteFallback = false, hidden, always, single } = this.options
    if (hidden || always || single) return undefined
    return { type: 'Unigram', unk_id: unknown, vocab: this.pieces, byte_fallback: byteFallback }
  }
}
