// Decoding as ids come. Source: `DecodeStream` in huggingface/tokenizers, src/tokenizer/mod.rs.

/**
 * Text piece by piece, from ids that come one by one. No piece ends within a character: what is not complete waits for
 * the next id. All pieces together are the text that `decode` gives for all ids.
 * @example
 * import { trainBpe } from '@x/transformer/tokenizers'
 * const tokenizer = trainBpe(['naïve'], { vocabSize: 256 })
 * const stream = tokenizer.decodeStream()
 * tokenizer.encode('naïve').map((id) => stream.push(id)) // ['n', 'a', '', 'ï', 'v', 'e']
 * stream.end() // ''
 */
export class DecodeStream {
  readonly #decode: (ids: readonly number[]) => string
  /** Whether nothing that comes can change the text. */
  readonly #isWhole: (text: string) => boolean
  /** The last ids that gave text, since decoders look at what stands before, and those that wait behind them. */
  #ids: number[] = []
  #told = 0
  /** The text of the ids that gave text. */
  #text = ''

  /** Made by `tokenizer.decodeStream()`. */
  constructor(decode: (ids: readonly number[]) => string, isWhole: (text: string) => boolean) {
    this.#decode = decode
    this.#isWhole = isWhole
  }

  /** The text that an id completes; empty when it completes none. */
  push(id: number): string {
    const ids = [...this.#ids, id]
    const text = this.#decode(ids)
    this.#ids = ids
    if (text.length <= this.#text.length || !this.#isWhole(text)) return ''
    const piece = text.slice(this.#text.length)
    const last = ids.slice(this.#told)
    const lastText = this.#decode(last)
    // Spaces may be lost where a text begins: what follows them needs what stands before them.
    const isEnough = /\P{White_Space}/u.test(lastText)
    this.#ids = isEnough ? last : ids
    this.#text = isEnough ? lastText : text
    this.#told = this.#ids.length
    return piece
  }

  /** What is left at the end: incomplete characters, as U+FFFD. Then the stream begins anew. */
  end(): string {
    const rest = this.#decode(this.#ids).slice(this.#text.length)
    this.#ids = []
    this.#told = 0
    this.#text = ''
    return rest
  }
}
