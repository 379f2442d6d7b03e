// What turns a word into tokens.

/** Tokens of one word, one array per property. */
export class Tokens {
  readonly ids: number[] = []
  /** Code units of the word where each token begins and ends; bytes of one character share its place. */
  readonly starts: number[] = []
  readonly ends: number[] = []

  push(id: number, start: number, end: number): void {
    this.ids.push(id)
    this.starts.push(start)
    this.ends.push(end)
  }
}

/** A vocabulary and the rule that cuts words into its tokens. */
export interface Model {
  /** One more than the largest id. */
  readonly size: number
  idOf(token: string): number | undefined
  tokenOf(id: number): string | undefined
  /** The tokens of a word, none of which crosses its ends. */
  tokenize(word: string): Tokens
  /** The text of a token of a word, where that is not what its id says: what is unknown shows itself. */
  surface?(id: number, text: string): string
  /** Finds words within words that tokens never cross: an equal result, sooner. Has the flag `g`. */
  readonly seams?: RegExp
  /** The model as it stands in a tokenizer.json; absent where that cannot say it. */
  toJSON?(): object | undefined
}

/** A vocabulary in both directions. */
export class Vocabulary {
  readonly ids: ReadonlyMap<string, number>
  readonly tokens: readonly (string | undefined)[]

  constructor(ids: ReadonlyMap<string, number>) {
    this.ids = ids
    const tokens: (string | undefined)[] = []
    for (const [token, id] of ids) tokens[id] = token
    this.tokens = tokens
  }

  get size(): number {
    return this.tokens.length
  }

  /** Names and ids, in the order of the ids. */
  toJSON(): Record<string, number> {
    return Object.fromEntries([...this.ids].sort((a, b) => a[1] - b[1]))
  }
}

const BYTE = /^<0x([0-9A-Fa-f]{2})>$/

/** The byte that a token like `<0x0A>` stands for; −1 for other tokens. */
export function byteOfToken(token: string): number {
  const found = BYTE.exec(token)
  return found ? Number.parseInt(found[1], 16) : -1
}

/** The ids of the 256 tokens for bytes; null when not all are there. */
export function byteIds(idOf: (token: string) => number | undefined): Int32Array | null {
  const ids = new Int32Array(256)
  for (let byte = 0; byte < 256; byte++) {
    const id = idOf(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)
    if (id === undefined) return null
    ids[byte] = id
  }
  return ids
}
