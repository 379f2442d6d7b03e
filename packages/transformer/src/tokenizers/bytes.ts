// UTF-8, and GPT-2's way of writing bytes as visible characters: what byte-level tokenizers see of a text.
// Source: bytes_to_unicode in openai/gpt-2, src/encoder.py.
import type { Rewrite } from './steps.ts'

/** The character of each byte: itself where it is visible in Latin-1, else one from U+0100 on. */
export const BYTE_CHARACTERS: readonly string[] = byteCharacters()

/** The byte of each of these characters. */
const CHARACTER_BYTES: ReadonlyMap<string, number> = byteValues()

function byteCharacters(): string[] {
  let hidden = 256
  return Array.from({ length: 256 }, (_, byte) => {
    const isVisible = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173)
    return String.fromCharCode(isVisible ? byte : hidden++)
  })
}

function byteValues(): ReadonlyMap<string, number> {
  return new Map(byteCharacters().map((c, byte) => [c, byte]))
}

const encoder = new TextEncoder()

/** The bytes of a text in UTF-8; half a surrogate pair becomes U+FFFD. */
export const utf8 = (text: string): Uint8Array => encoder.encode(text)

/** The text of bytes in UTF-8; what is none becomes U+FFFD. */
export const fromUtf8 = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)

/** Bytes written as characters. */
export function bytesToCharacters(bytes: Iterable<number>): string {
  let text = ''
  for (const byte of bytes) text += BYTE_CHARACTERS[byte]
  return text
}

/** The bytes that characters stand for; null when one of them stands for none. */
export function charactersToBytes(text: string): number[] | null {
  const bytes: number[] = []
  for (const c of text) {
    const byte = CHARACTER_BYTES.get(c)
    if (byte === undefined) return null
    bytes.push(byte)
  }
  return bytes
}

/** Writes the bytes of a text as characters. */
export const byteCharactersOf: Rewrite = {
  local: true,
  apply: (text) => (/^[!-~]*$/.test(text) ? text : bytesToCharacters(utf8(text))),
  edits(text) {
    const edits = []
    let start = 0
    for (const c of text) {
      const end = start + c.length
      const characters = bytesToCharacters(utf8(c))
      if (characters !== c) edits.push({ start, end, text: characters })
      start = end
    }
    return edits
  },
}
