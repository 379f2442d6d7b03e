// Pre-tokenisers: cuts of the text into words that no token crosses. Source: huggingface/tokenizers, src/pre_tokenizers.
import { literalRegex } from './regex.ts'
import { type Cut, type Rewrite, type Step, wordsOf } from './steps.ts'

/** What becomes of the parts that a pattern finds: lost, or words of their own, or parts of a neighbour. */
export type SplitBehavior = 'Removed' | 'Isolated' | 'MergedWithPrevious' | 'MergedWithNext' | 'Contiguous'

const WORDS_AND_SIGNS =
  /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}\p{White_Space}]+/gu
const SIGNS = '!-\\/:-@\\[-`\\{-~\\p{P}'

/**
 * Cuts at what a pattern finds; inverted, at what it does not find.
 * @param pattern with the flag `g`
 */
export function splitAt(pattern: RegExp, behavior: SplitBehavior, invert = false): Cut {
  const ranges = (text: string): number[] => merged(partsOf(text, pattern, invert), behavior)
  const words = (text: string): readonly string[] => wordsOf(text, ranges(text))
  if (behavior === 'Removed' && invert) {
    return { ranges, words: (text) => text.match(pattern)?.filter((word) => word !== '') ?? [] }
  }
  if (behavior !== 'Isolated') return { ranges, words }
  return {
    ranges,
    // Most patterns leave no gaps, and then what they find is all there is.
    words(text) {
      const found = text.match(pattern)
      let length = 0
      for (const word of found ?? []) length += word === '' ? Number.NaN : word.length
      return length === text.length ? (found ?? []) : words(text)
    },
  }
}

interface Part {
  readonly start: number
  end: number
  readonly found: boolean
}

/** What the pattern finds and what lies between, in order; nothing empty. */
function partsOf(text: string, pattern: RegExp, invert: boolean): Part[] {
  const parts: Part[] = []
  const push = (start: number, end: number, found: boolean): void => {
    if (end > start) parts.push({ start, end, found: found !== invert })
  }
  let at = 0
  for (const { 0: found, index } of text.matchAll(pattern)) {
    push(at, index, false)
    push(index, index + found.length, true)
    at = index + found.length
  }
  push(at, text.length, false)
  return parts
}

function merged(parts: readonly Part[], behavior: SplitBehavior): number[] {
  const kept: { start: number; end: number }[] = []
  const rest = behavior === 'MergedWithNext' ? parts.toReversed() : parts
  let before: boolean | undefined
  for (const { start, end, found } of rest) {
    const last = kept.at(-1)
    const isMerged = behavior === 'Contiguous' ? found === before : behavior !== 'Isolated' && found && before === false
    before = found
    if (behavior === 'Removed') {
      if (!found) kept.push({ start, end })
    } else if (isMerged && last) {
      last.start = Math.min(last.start, start)
      last.end = Math.max(last.end, end)
    } else kept.push({ start, end })
  }
  if (behavior === 'MergedWithNext') kept.reverse()
  return kept.flatMap(({ start, end }) => [start, end])
}

/** Runs of letters, digits and underscores, and runs of other signs. */
export const whitespace = (): Cut => splitAt(WORDS_AND_SIGNS, 'Removed', true)

/** What stands between white space. */
export const whitespaceSplit = (): Cut => splitAt(/\P{White_Space}+/gu, 'Removed', true)

/** What stands between white space, and each sign for itself. */
export const bertWords = (): Cut =>
  splitAt(new RegExp(`[${SIGNS}]|[^\\p{White_Space}${SIGNS}]+`, 'gv'), 'Removed', true)

/** Cuts at signs of ASCII and Unicode's punctuation. */
export const punctuation = (behavior: SplitBehavior = 'Isolated'): Cut =>
  splitAt(new RegExp(`[${SIGNS}]`, 'gv'), behavior)

/** Cuts numbers out, in one piece or digit by digit. */
export const digits = (individual = false): Cut => splitAt(/\p{N}/gu, individual ? 'Isolated' : 'Contiguous')

/** Pieces of so many characters; the last may be shorter. */
export const fixedLength = (length: number): Cut => {
  if (length === 1) return { words: (text) => Array.from(text), ranges: (text) => rangesOf(Array.from(text)) }
  return splitAt(new RegExp(`[^]{1,${length}}`, 'gv'), 'Isolated')
}

function rangesOf(words: readonly string[]): number[] {
  let at = 0
  return words.flatMap((word) => [at, (at += word.length)])
}

export interface MetaspaceOptions {
  /** What is written for a space. Default `▁`. */
  readonly replacement?: string
  /** Where a space is set before the text, unless there is one: before the input, each part of it, or nowhere. */
  readonly prependScheme?: 'first' | 'always' | 'never'
  /** Cut before every space. Default true. */
  readonly split?: boolean
}

/** SentencePiece's way: spaces become visible, and words begin with one. */
export function metaspace(options: MetaspaceOptions = {}): Step[] {
  const { replacement = '\u2581', prependScheme = 'always', split = true } = options
  const isPrepended = (text: string, first: boolean): boolean =>
    text !== '' &&
    !text.startsWith(replacement) &&
    !text.startsWith(' ') &&
    (prependScheme === 'always' || (prependScheme === 'first' && first))
  const visible: Rewrite = {
    apply: (text, first) => (isPrepended(text, first) ? replacement : '') + text.replaceAll(' ', replacement),
    edits: (text, first) => [
      ...(isPrepended(text, first) ? [{ start: 0, end: 0, text: replacement }] : []),
      ...Array.from(text.matchAll(/ /g), ({ index }) => ({ start: index, end: index + 1, text: replacement })),
    ],
  }
  if (!split) return [visible]
  const cut = splitAt(literalRegex(replacement), 'MergedWithNext')
  // Most words have one space, and it comes first.
  const words = (text: string): readonly string[] => (text.lastIndexOf(replacement) > 0 ? cut.words(text) : [text])
  return [visible, { ...cut, words }]
}

/** Sets a space before a text that does not begin with one. */
export const prefixSpace = (): Rewrite => ({
  apply: (text) => (text === '' || text.startsWith(' ') ? text : ` ${text}`),
  edits: (text) => (text === '' || text.startsWith(' ') ? [] : [{ start: 0, end: 0, text: ' ' }]),
})
