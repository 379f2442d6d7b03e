// Tables of replacements as SentencePiece compiles them (nmt_nfkc and kin): a double-array trie over UTF-8, and the
// texts that its leaves point to. Source: google/sentencepiece, src/normalizer.cc; s-yata/darts-clone, darts.h.
import { FormatError } from '@x/tensor/bytes'
import { fromUtf8, utf8 } from '../bytes.ts'
import { type Edit, edited, type Rewrite } from '../steps.ts'

/** A table of replacements. */
export class CharsMap {
  readonly #units: Uint32Array
  readonly #texts: Uint8Array
  readonly #decoded = new Map<number, string>()
  /** Per byte: a text that begins with it may be replaced even when what follows is ASCII. */
  readonly #busy: Uint8Array

  /** @throws FormatError when the table is broken */
  constructor(bytes: Uint8Array, where = 'precompiled_charsmap') {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const size = bytes.length >= 4 ? view.getUint32(0, true) : -1
    if (size <= 0 || size % 4 !== 0 || size + 4 >= bytes.length) {
      throw new FormatError(`${where}: at byte 0: a trie of ${size} bytes does not fit into ${bytes.length}`)
    }
    this.#units = Uint32Array.from({ length: size / 4 }, (_, i) => view.getUint32(4 + 4 * i, true))
    this.#texts = bytes.subarray(4 + size)
    if (this.#texts.at(-1) !== 0) throw new FormatError(`${where}: at byte ${bytes.length}: the last text has no end`)
    this.#busy = Uint8Array.from({ length: 128 }, (_, c) => Number(this.#isBusy(c)))
  }

  #isBusy(c: number): boolean {
    const found = this.#find([c])
    if (found.length > 0) return true
    for (let next = 0; next < 128; next++) if (this.#find([c, next]).length > 0) return true
    return false
  }

  /** Length in bytes and place of the text for every entry that the bytes begin with, the shortest first. */
  #find(bytes: Iterable<number>): [length: number, place: number][] {
    const found: [number, number][] = []
    let length = 0
    let node = offsetOf(this.#units[0])
    for (const byte of bytes) {
      node ^= byte
      const unit = this.#units[node]
      // Behind the end of a broken table there is nothing, which no byte equals.
      if ((unit & 0x800000ff) !== byte) break
      node ^= offsetOf(unit)
      length++
      if ((unit >>> 8) & 1) found.push([length, this.#units[node] & 0x7fffffff])
    }
    return found
  }

  #textAt(place: number): string {
    let text = this.#decoded.get(place)
    if (text === undefined) {
      const end = this.#texts.indexOf(0, place)
      text = place < this.#texts.length ? fromUtf8(this.#texts.subarray(place, end)) : ''
      this.#decoded.set(place, text)
    }
    return text
  }

  /** Whether the character at `at` stays as it is for sure: the usual case, told fast. */
  isPlain(text: string, at: number): boolean {
    const c = text.charCodeAt(at)
    return c < 128 && this.#busy[c] === 0 && !(text.charCodeAt(at + 1) >= 128)
  }

  /** The replacement of the longest entry that the text begins with at `at`, and how many code units that is. */
  longest(text: string, at: number): { readonly length: number; readonly text: string } | null {
    const found = this.#find(bytesFrom(text, at)).at(-1)
    if (!found) return null
    let bytes = found[0]
    let length = 0
    while (bytes > 0) {
      const c = text.codePointAt(at + length) as number
      bytes -= c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4
      length += c < 0x10000 ? 1 : 2
    }
    return { length, text: this.#textAt(found[1]) }
  }

  /** The replacement of the shortest entry that a piece of text begins with, which `tokenizers` puts for all of it. */
  shortest(piece: string): string | null {
    const found = this.#find(utf8(piece))
    return found.length > 0 ? this.#textAt(found[0][1]) : null
  }
}

const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6)

function* bytesFrom(text: string, at: number): Generator<number> {
  while (at < text.length) {
    const c = text.codePointAt(at) as number
    if (c < 0x80) yield c
    else yield* utf8(String.fromCodePoint(c))
    at += c < 0x10000 ? 1 : 2
  }
}

/**
 * The table as `tokenizers` applies it: to graphemes of fewer than six bytes as a whole, to others character by
 * character. Not the same as in SentencePiece, and meant so.
 */
export function precompiled(map: CharsMap): Rewrite {
  const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
  const changed = (c: string): boolean => c !== '\n' && map.shortest(c) !== null
  const ascii = Array.from({ length: 128 }, (_, c) => String.fromCharCode(c))
  const busy = ascii.filter(changed).map((c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
  // Other characters of ASCII stay, and are graphemes of their own, unless those beyond ASCII stand beside them.
  const parts = ['\\r\\n?|\\n', '\\p{ASCII}?(?:\\P{ASCII}|\\p{ASCII}(?=\\P{ASCII}))+\\p{ASCII}?', `[${busy.join('')}]`]
  const found = new RegExp(parts.join('|'), 'gv')
  const known = new Map<string, string | null>()
  const replacementOf = (piece: string): string | null => {
    let replacement = known.get(piece)
    if (replacement === undefined) {
      replacement = map.shortest(piece)
      if (known.size < REMEMBERED) known.set(piece, replacement)
    }
    return replacement
  }
  const edits = (text: string): Edit[] => {
    const all: Edit[] = []
    const put = (start: number, piece: string): boolean => {
      const replaced = replacementOf(piece)
      if (replaced === null) return false
      if (replaced !== piece) all.push({ start, end: start + piece.length, text: replaced })
      return true
    }
    for (const { 0: run, index: from } of text.matchAll(found)) {
      for (const { segment, index } of segmenter.segment(run)) {
        if (utf8Length(segment) < 6 && put(from + index, segment)) continue
        let start = from + index
        for (const c of segment) {
          put(start, c)
          start += c.length
        }
      }
    }
    return all
  }
  return { apply: (text) => edited(text, edits(text)), edits }
}

/** Pieces that are remembered with their replacements. */
const REMEMBERED = 1 << 14

/** Bytes of a text in UTF-8. */
function utf8Length(text: string): number {
  let bytes = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    // Each half of a surrogate pair counts for two.
    bytes += c < 0x80 ? 1 : c < 0x800 || (c >= 0xd800 && c < 0xe000) ? 2 : 3
  }
  return bytes
}
