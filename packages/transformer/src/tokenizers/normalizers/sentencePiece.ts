// SentencePiece's normaliser: replacements by a compiled table, and what it does with spaces.
// Source: google/sentencepiece, src/normalizer.cc.
import { literalRegex } from '../regex.ts'
import type { Edit, Rewrite } from '../steps.ts'
import type { CharsMap } from './charsMap.ts'

export interface SentencePieceNormalizerOptions {
  readonly charsMap?: CharsMap | null
  /** Begin with a space. Default true. */
  readonly addDummyPrefix?: boolean
  /** Leave out spaces at the ends, and all but one of several. Default true. */
  readonly removeExtraWhitespaces?: boolean
  /** Write spaces as U+2581. Default true. */
  readonly escapeWhitespaces?: boolean
  /** The dummy space comes last. Default false. */
  readonly whitespaceAsSuffix?: boolean
  /** Texts that stay as they are. */
  readonly symbols?: readonly string[]
}

export const SPACE = '\u2581'

/** A text as SentencePiece's models were trained to see it. */
export function sentencePieceNormalizer(options: SentencePieceNormalizerOptions = {}): Rewrite {
  const { addDummyPrefix = true, removeExtraWhitespaces = true, escapeWhitespaces = true } = options
  const { whitespaceAsSuffix = false } = options
  const space = escapeWhitespaces ? SPACE : ' '
  const prefixes = prefixReader(options)

  /** The text in parts that replace what they come from; those that stay as they are too. */
  const parts = (text: string): Edit[] => {
    const found: Edit[] = []
    let at = 0
    if (removeExtraWhitespaces) at = prefixes.skipSpaces(text)
    if (at === text.length) return []
    if (addDummyPrefix && !whitespaceAsSuffix) found.push({ start: at, end: at, text: space })
    let afterSpace = removeExtraWhitespaces
    while (at < text.length) {
      const start = at
      while (at < text.length && prefixes.isPlain(text, at)) at++
      if (at > start) {
        found.push({ start, end: at, text: text.slice(start, at) })
        afterSpace = false
        continue
      }
      const { length, text: normal } = prefixes.read(text, at)
      const kept = afterSpace ? normal.replace(/^ +/, '') : normal
      if (kept !== '') afterSpace = removeExtraWhitespaces && kept.endsWith(' ')
      at += length
      found.push({ start, end: at, text: kept.replaceAll(' ', space) })
    }
    if (removeExtraWhitespaces) trimEnd(text, found, space)
    if (addDummyPrefix && whitespaceAsSuffix) found.push({ start: at, end: at, text: space })
    return found
  }

  return {
    apply: (text) =>
      parts(text)
        .map((part) => part.text)
        .join(''),
    edits: (text) => gapless(text, parts(text)),
  }
}

interface Prefix {
  readonly length: number
  readonly text: string
}

/** Reads a text piece by piece: symbols, entries of the table, characters. */
function prefixReader({ charsMap, symbols = [] }: SentencePieceNormalizerOptions) {
  // The longest first.
  const sources = [...symbols].sort((a, b) => b.length - a.length).map((symbol) => literalRegex(symbol).source)
  const symbol = sources.length > 0 ? new RegExp(sources.join('|'), 'vy') : null
  const symbolStarts = new Set(symbols.map((text) => text.charCodeAt(0)))

  /** Length and normal form of what stands at `at`. */
  const read = (text: string, at: number): Prefix => {
    if (symbol && symbolStarts.has(text.charCodeAt(at))) {
      symbol.lastIndex = at
      const found = symbol.exec(text)
      if (found) return { length: found[0].length, text: found[0] }
    }
    const replaced = charsMap?.longest(text, at)
    if (replaced) return replaced
    const c = String.fromCodePoint(text.codePointAt(at) as number)
    return { length: c.length, text: c }
  }
  /** Whether the code unit at `at` surely stays: the usual case, told fast. */
  const isPlain = (text: string, at: number): boolean => {
    const c = text.charCodeAt(at)
    if (c === 32 || (symbol && symbolStarts.has(c))) return false
    return charsMap ? charsMap.isPlain(text, at) : true
  }
  /** Where the first thing begins that is not a space. */
  const skipSpaces = (text: string): number => {
    let at = 0
    while (at < text.length) {
      const next = read(text, at)
      if (next.text !== ' ') break
      at += next.length
    }
    return at
  }
  return { read, isPlain, skipSpaces }
}

/** Takes the spaces away that the parts end with. */
function trimEnd(text: string, parts: Edit[], space: string): void {
  for (;;) {
    const last = parts.pop()
    if (!last) return
    let kept = last.text
    while (kept.endsWith(space)) kept = kept.slice(0, -space.length)
    if (kept === '') continue
    const isSame = text.slice(last.start, last.end) === last.text
    parts.push({ start: last.start, end: isSame ? last.start + kept.length : last.end, text: kept })
    return
  }
}

/** The edits that make the parts of the text: what changes, and nothing where a part is missing. */
function gapless(text: string, parts: readonly Edit[]): Edit[] {
  const edits: Edit[] = []
  let at = 0
  for (const part of [...parts, { start: text.length, end: text.length, text: '' }]) {
    if (part.start > at) edits.push({ start: at, end: part.start, text: '' })
    if (part.text !== text.slice(part.start, part.end)) edits.push(part)
    at = part.end
  }
  return edits
}
