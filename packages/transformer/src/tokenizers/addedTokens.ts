// Tokens that are found in the text before anything else happens to it. Source: huggingface/tokenizers,
// src/tokenizer/added_vocabulary.rs.
import { literalRegex } from './regex.ts'

/** A token beside those of the model, or one of them that is to be found as it is written. */
export interface AddedToken {
  readonly content: string
  readonly id: number
  /** Says something about the text instead of being text: left out by `skipSpecialTokens`. Default false. */
  readonly special?: boolean
  /** Found only where no letter or digit stands beside it. Default false. */
  readonly singleWord?: boolean
  /** Takes the white space before it, or behind it, into itself. Default false. */
  readonly lstrip?: boolean
  readonly rstrip?: boolean
  /** Looked for in the normalised text instead of the given one. Default: not `special`. */
  readonly normalized?: boolean
  /** Looked for in texts at all. Default true. */
  readonly inText?: boolean
}

/** A part of a text: an added token, or what lies between. */
export interface Part {
  readonly start: number
  readonly end: number
  readonly token: AddedToken | null
}

const WORD = '[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]'
const ENDS_WITH_WORD = new RegExp(`${WORD}$`, 'v')
const STARTS_WITH_WORD = new RegExp(`^${WORD}`, 'v')

/** Finds added tokens in texts: of several that begin at the same place the longest. */
export class TokenFinder {
  readonly #tokens = new Map<string, AddedToken>()
  readonly #pattern: RegExp | null

  /** @param write how a token is written in the texts that are searched */
  constructor(tokens: Iterable<AddedToken>, write: (content: string) => string = (content) => content) {
    for (const token of tokens) {
      const text = write(token.content)
      if (text !== '') this.#tokens.set(text, token)
    }
    const texts = [...this.#tokens.keys()].sort((a, b) => b.length - a.length)
    const source = texts.map((text) => literalRegex(text).source).join('|')
    this.#pattern = texts.length > 0 ? new RegExp(source, 'gv') : null
  }

  /** The text in parts, in order; null when there is no token in it. With `plain`, special tokens are text. */
  find(text: string, plain = false): Part[] | null {
    if (!this.#pattern || text.search(this.#pattern) < 0) return null
    const parts: Part[] = []
    let at = 0
    const between = (end: number): void => {
      if (end > at) parts.push({ start: at, end, token: null })
    }
    for (const { 0: found, index } of text.matchAll(this.#pattern)) {
      const token = this.#tokens.get(found) as AddedToken
      let start = index
      let end = index + found.length
      if ((plain && token.special) || (token.singleWord && !isAlone(text, start, end))) continue
      if (token.lstrip)
        start = Math.max(at, start - (text.slice(0, start).match(/\p{White_Space}+$/u)?.[0].length ?? 0))
      if (token.rstrip) end += text.slice(end).match(/^\p{White_Space}+/u)?.[0].length ?? 0
      between(start)
      parts.push({ start, end, token })
      at = end
    }
    if (parts.length === 0) return null
    between(text.length)
    return parts
  }
}

function isAlone(text: string, start: number, end: number): boolean {
  return !ENDS_WITH_WORD.test(text.slice(0, start)) && !STARTS_WITH_WORD.test(text.slice(end))
}
