// WordPiece and whole words. Source: google-research/bert, tokenization.py; huggingface/tokenizers, src/models.
import { type Model, Tokens, type Vocabulary } from './model.ts'

export interface WordPieceOptions {
  /** The token of words that cannot be cut into tokens. Default `[UNK]`. */
  readonly unknown?: string
  /** What tokens begin with that do not begin a word. Default `##`. */
  readonly continuingPrefix?: string
  /** Words of more characters are unknown. Default 100. */
  readonly maxCharacters?: number
}

/** WordPiece: the longest token that a word begins with, then the longest that the rest begins with, and so on. */
export class WordPiece implements Model {
  readonly vocabulary: Vocabulary
  readonly unknown: string
  readonly continuingPrefix: string
  readonly maxCharacters: number
  readonly #unknownId: number
  readonly #longest: number

  /** `unknown` must be a token. */
  constructor(vocabulary: Vocabulary, options: WordPieceOptions = {}) {
    this.vocabulary = vocabulary
    this.unknown = options.unknown ?? '[UNK]'
    this.continuingPrefix = options.continuingPrefix ?? '##'
    this.maxCharacters = options.maxCharacters ?? 100
    this.#unknownId = vocabulary.ids.get(this.unknown) as number
    let longest = 0
    for (const token of vocabulary.ids.keys()) longest = Math.max(longest, token.length)
    this.#longest = longest
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

  tokenize(word: string): Tokens {
    const tokens = new Tokens()
    const isLong = word.length > this.maxCharacters && Array.from(word).length > this.maxCharacters
    if (isLong || !this.#cut(word, tokens)) {
      const unknown = new Tokens()
      unknown.push(this.#unknownId, 0, word.length)
      return unknown
    }
    return tokens
  }

  #cut(word: string, tokens: Tokens): boolean {
    const { ids } = this.vocabulary
    let start = 0
    while (start < word.length) {
      const prefix = start > 0 ? this.continuingPrefix : ''
      let end = Math.min(word.length, start + this.#longest)
      let id: number | undefined
      for (; end > start; end--) {
        id = ids.get(prefix + word.slice(start, end))
        if (id !== undefined) break
      }
      if (id === undefined) return false
      tokens.push(id, start, end)
      start = end
    }
    return true
  }

  toJSON(): object {
    return {
      type: 'WordPiece',
      unk_token: this.unknown,
      continuing_subword_prefix: this.continuingPrefix,
      max_input_chars_per_word: this.maxCharacters,
      vocab: this.vocabulary.toJSON(),
    }
  }
}

/** Whole words (or characters, when the text is cut into those): a token each, or the unknown one. */
export class WordLevel implements Model {
  readonly vocabulary: Vocabulary
  readonly unknown: string
  readonly #unknownId: number | undefined

  constructor(vocabulary: Vocabulary, { unknown = '<unk>' }: { readonly unknown?: string } = {}) {
    this.vocabulary = vocabulary
    this.unknown = unknown
    this.#unknownId = vocabulary.ids.get(unknown)
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

  /** @throws RangeError for a word that is no token when none stands for what is unknown */
  tokenize(word: string): Tokens {
    const id = this.vocabulary.ids.get(word) ?? this.#unknownId
    if (id === undefined) {
      throw new RangeError(
        `encode: there is no token for ${JSON.stringify(word)}, and no token '${this.unknown}' for what is unknown`,
      )
    }
    const tokens = new Tokens()
    tokens.push(id, 0, word.length)
    return tokens
  }

  toJSON(): object {
    return { type: 'WordLevel', vocab: this.vocabulary.toJSON(), unk_token: this.unknown }
  }
}
