// From tokens back to text: decoders that follow one another. Source: huggingface/tokenizers, src/decoders.
import { charactersToBytes, fromUtf8, utf8 } from './bytes.ts'
import { byteOfToken } from './models/model.ts'

/** Changes tokens on their way to a text, which is what they are when they are put together. */
export type Decoder = (tokens: readonly string[]) => readonly string[]

/** Decoders one after the other. */
export const sequence =
  (decoders: readonly Decoder[]): Decoder =>
  (tokens) =>
    decoders.reduce((before, decoder) => decoder(before), tokens)

/** Characters that stand for bytes become those, and these a text. */
export const byteLevel = (): Decoder => (tokens) => {
  const bytes = tokens.flatMap((token) => charactersToBytes(token) ?? [...utf8(token)])
  return [fromUtf8(Uint8Array.from(bytes))]
}

/** Words with spaces between, of tokens that go on when they begin with the prefix. */
export const wordPiece =
  (prefix: string, cleanup: boolean): Decoder =>
  (tokens) =>
    tokens.map((token, i) => {
      const text = i === 0 ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`
      return cleanup ? cleanedUp(text) : text
    })

/** Takes the spaces away that tokens of their own leave before signs and contractions. */
function cleanedUp(text: string): string {
  return text
    .replace(/ ([.?!,])/g, '$1')
    .replaceAll(" ' ", "'")
    .replace(/ (n't|'m|'s|'ve|'re)/g, '$1')
    .replaceAll(' do not', " don't")
}

/** Visible spaces become spaces; those that the first token begins with were added, unless `keepFirst`. */
export const metaspace =
  (replacement: string, keepFirst: boolean): Decoder =>
  (tokens) =>
    tokens.map((token, i) => token.replaceAll(replacement, i === 0 && !keepFirst ? '' : ' '))

/** What ends a word becomes a space, but for the last. */
export const bpe =
  (suffix: string): Decoder =>
  (tokens) =>
    tokens.map((token, i) => token.replaceAll(suffix, i === tokens.length - 1 ? '' : ' '))

/** Tokens like `<0x0A>` become the characters that their bytes are together; those that are none, U+FFFD each. */
export const byteFallback = (): Decoder => (tokens) => {
  const texts: string[] = []
  let bytes: number[] = []
  const flush = (): void => {
    if (bytes.length === 0) return
    const text = fromUtf8(Uint8Array.from(bytes))
    // Bytes that are no text at all are told one by one.
    const isText = utf8(text).length === bytes.length && utf8(text).every((byte, i) => byte === bytes[i])
    texts.push(...(isText ? [text] : bytes.map(() => '\ufffd')))
    bytes = []
  }
  for (const token of tokens) {
    const byte = byteOfToken(token)
    if (byte >= 0) bytes.push(byte)
    else {
      flush()
      texts.push(token)
    }
  }
  flush()
  return texts
}

/** All tokens become one. */
export const fuse = (): Decoder => (tokens) => [tokens.join('')]

/** Takes away a character up to `start` times from where each token begins, and up to `stop` times from where it ends. */
export const strip =
  (content: string, start: number, stop: number): Decoder =>
  (tokens) =>
    tokens.map((token) => {
      let [begin, end] = [0, token.length]
      for (let i = 0; i < start && token.startsWith(content, begin) && begin < end; i++) begin += content.length
      for (let i = 0; i < stop && end - content.length >= begin && token.endsWith(content, end); i++)
        end -= content.length
      return token.slice(begin, end)
    })

/** Replaces what a pattern finds in each token. */
export const replace =
  (pattern: RegExp, content: string): Decoder =>
  (tokens) =>
    tokens.map((token) => token.replace(pattern, () => content))

/** Connectionist temporal classification: equal tokens in a row are one, and some are none. */
export const ctc =
  (padToken: string, wordDelimiter: string, cleanup: boolean): Decoder =>
  (tokens) =>
    tokens
      .filter((token, i) => i === 0 || token !== tokens[i - 1])
      .map((token) => token.replaceAll(padToken, ''))
      .map((token) => (cleanup ? cleanedUp(token).replaceAll(wordDelimiter, ' ') : token))
      .filter((token) => token !== '')
