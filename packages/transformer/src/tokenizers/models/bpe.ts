// Byte-pair encoding: characters merge into tokens, pair by pair, in the order in which training found them.
// Source: Sennrich, Haddow, Birch 2016, "Neural machine translation of rare words with subword units";
// huggingface/tokenizers, src/models/bpe; google/sentencepiece, src/bpe_model.cc.
import { utf8 } from '../bytes.ts'
import { byteIds, type Model, Tokens, type Vocabulary } from './model.ts'
import { mergePairs, PairTable } from './pairTable.ts'

export interface BpeOptions {
  /** The token of characters that there are no tokens for; without one they are left out. */
  readonly unknown?: string | null
  /** One unknown token for several unknown characters in a row. Default false. */
  readonly fuseUnknown?: boolean
  /** Unknown characters become tokens like `<0x0A>`, one for each byte. Default false. */
  readonly byteFallback?: boolean
  /** What tokens begin with that do not begin a word. Default none. */
  readonly continuingPrefix?: string | null
  /** What tokens end with that end a word. Default none. */
  readonly wordSuffix?: string | null
  /** A word that is a token is that token, whatever the merges say. Default false. */
  readonly ignoreMerges?: boolean
  /** Texts that never merge with their neighbours. */
  readonly symbols?: readonly string[]
  /** An unknown token shows the text that it stands for. Default false. */
  readonly showUnknown?: boolean
  /** Numbers of single characters that are no tokens but may become part of some. All at least the vocabulary's size + 1. */
  readonly parts?: ReadonlyMap<string, number>
}

/** Byte-pair encoding with a given table of pairs. */
export class Bpe implements Model {
  readonly vocabulary: Vocabulary
  readonly table: PairTable
  readonly options: BpeOptions
  readonly seams?: RegExp
  readonly #unknown: number | undefined
  readonly #bytes: Int32Array | null
  readonly #symbols: ReadonlySet<string>
  readonly #longestSymbol: number

  constructor(vocabulary: Vocabulary, table: PairTable, options: BpeOptions = {}) {
    this.vocabulary = vocabulary
    this.table = table
    this.options = options
    const { unknown, byteFallback = false, symbols = [] } = options
    this.#unknown = unknown ? vocabulary.ids.get(unknown) : undefined
    this.#bytes = byteFallback ? byteIds((token) => vocabulary.ids.get(token)) : null
    this.#symbols = new Set(symbols)
    this.#longestSymbol = symbols.reduce((longest, symbol) => Math.max(longest, symbol.length), 0)
    if (this.#isCutBySpaces()) this.seams = /\u2581*[^\u2581]+|\u2581+/g
  }

  get size(): number {
    return this.vocabulary.size
  }

  idOf(token: string): number | undefined {
    return this.vocabulary.ids.get(token)
  }

  tokenOf(id: number): string | undefined {
    return this.vocabulary.tokens[id]
  }

  /** Whether SentencePiece's spaces stand only where tokens begin: then words can be merged one by one. */
  #isCutBySpaces(): boolean {
    const { ids } = this.vocabulary
    const { ignoreMerges, continuingPrefix, wordSuffix } = this.options
    if (!ids.has('\u2581') || ignoreMerges || continuingPrefix || wordSuffix) return false
    for (const token of ids.keys()) if (token.lastIndexOf('\u2581') > 0 && /[^\u2581]\u2581/.test(token)) return false
    return true
  }

  tokenize(word: string): Tokens {
    const tokens = new Tokens()
    const whole = this.options.ignoreMerges ? this.vocabulary.ids.get(word) : undefined
    if (whole !== undefined) tokens.push(whole, 0, word.length)
    else this.#merge(word, tokens)
    return tokens
  }

  #merge(word: string, tokens: Tokens): void {
    const { ids, starts, ends } = this.#characters(word)
    const places = mergePairs(ids, this.table)
    const { fuseUnknown = false } = this.options
    let isUnknown = false
    places.forEach((place, i) => {
      const start = starts[place]
      const end = ends[(places[i + 1] ?? ids.length) - 1]
      const id = ids[place]
      if (id < this.size) tokens.push(id, start, end)
      else if (this.#bytes) for (const byte of utf8(word.slice(start, end))) tokens.push(this.#bytes[byte], start, end)
      else if (isUnknown && fuseUnknown) tokens.ends[tokens.ends.length - 1] = end
      else tokens.push(this.#unknown as number, start, end)
      isUnknown = id >= this.size
    })
  }

  /** What merging begins with; what is unknown has a number behind the last token. */
  #characters(word: string): Tokens {
    const { ids } = this.vocabulary
    const { continuingPrefix, wordSuffix, parts } = this.options
    const found = new Tokens()
    let start = 0
    while (start < word.length) {
      const symbol = this.#symbolAt(word, start)
      const c = symbol ?? String.fromCodePoint(word.codePointAt(start) as number)
      const end = start + c.length
      let token = c
      if (continuingPrefix && start > 0) token = continuingPrefix + token
      if (wordSuffix && end === word.length) token += wordSuffix
      const id = ids.get(token) ?? parts?.get(token)
      if (id !== undefined) found.push(id, start, end)
      else if (this.#bytes) for (const byte of utf8(c)) found.push(this.#bytes[byte], start, end)
      // Without an unknown token its neighbours become each other's.
      else if (this.#unknown !== undefined) found.push(this.size, start, end)
      start = end
    }
    return found
  }

  /** The longest of the symbols that never merge, if one stands here. */
  #symbolAt(word: string, start: number): string | null {
    for (let end = Math.min(word.length, start + this.#longestSymbol); end > start; end--) {
      const symbol = word.slice(start, end)
      if (this.#symbols.has(symbol)) return symbol
    }
    return null
  }

  surface(id: number, text: string): string {
    return this.options.showUnknown && id === this.#unknown ? text : (this.tokenOf(id) as string)
  }

  toJSON(): object {
    const { tokens } = this.vocabulary
    const { unknown, continuingPrefix, wordSuffix, fuseUnknown, byteFallback, ignoreMerges } = this.options
    return {
      type: 'BPE',
      dropout: null,
      unk_token: unknown ?? null,
      continuing_subword_prefix: continuingPrefix ?? null,
      end_of_word_suffix: wordSuffix ?? null,
      fuse_unk: fuseUnknown ?? false,
      byte_fallback: byteFallback ?? false,
      ignore_merges: ignoreMerges ?? false,
      vocab: this.vocabulary.toJSON(),
      merges: this.table.entries().map(({ a, b }) => [tokens[a], tokens[b]]),
    }
  }
}

/** A token that may be made of two others, and when it is: of lower ranks first. */
export interface RankedToken {
  readonly token: string
  readonly id: number
  readonly rank: number
}

/** The pairs of tokens that make a token: the rule of tiktoken and SentencePiece, which know no merges but tokens. */
export function pairsOf(tokens: Iterable<RankedToken>, idOf: (part: string) => number | undefined): PairTable {
  const table = new PairTable()
  for (const { token, id, rank } of tokens) {
    let cut = 0
    for (const c of token) {
      cut += c.length
      if (cut === token.length) break
      const a = idOf(token.slice(0, cut))
      if (a === undefined) continue
      const b = idOf(token.slice(cut))
      if (b !== undefined) table.set(a, b, { rank, merged: id })
    }
  }
  return table
}
