// Every step has two ways, a fast and an exact one: they must agree, on any text.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { byteCharactersOf, charactersToBytes, utf8 } from './bytes.ts'
import * as cuts from './cuts.ts'
import { bertNormalizer } from './normalizers/bert.ts'
import { lowercase, nmt, prepend, strip, stripAccents, unicodeForm } from './normalizers/normalizers.ts'
import { sentencePieceNormalizer } from './normalizers/sentencePiece.ts'
import { translateRegex } from './regex.ts'
import { Aligned, type Cut, edited, isCut, type Rewrite, replacingText, substituting, wordsOf } from './steps.ts'

const TRICKY = [
  ...[
    '',
    ' ',
    '  a  b ',
    'Ünïcödé',
    'e\u0301 \u1100\u1161\u11a8',
    'ΟΔΟΣ ΣΑΣ.',
    'İstanbul ß',
    '你好，世界',
    '🙂👍🏽',
    '①½ﬁ',
  ],
  ...['a\u0000b\u0001', '\r\n\t', '\u00a0\u2003\u200b', '\ud800x', 'a,b.c!?', '12 345', '▁a▁▁b', '\ufeffx', '…—«»'],
]
const texts = fc.oneof(
  fc.constantFrom(...TRICKY),
  fc.array(fc.constantFrom(...TRICKY, ...'abcé ▁.1'), { maxLength: 8 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 20 }),
)

const form = (name: 'NFC' | 'NFD' | 'NFKC' | 'NFKD') => [name, unicodeForm(name)] as const
const rewrites: readonly (readonly [string, Rewrite])[] = [
  form('NFC'),
  form('NFD'),
  form('NFKC'),
  form('NFKD'),
  ['lowercase', lowercase()],
  ['lowercase as in Python', lowercase({ finalSigma: true })],
  ['stripAccents', stripAccents()],
  ['strip', strip({ left: true, right: true })],
  ['strip left', strip({ left: true, right: false })],
  ['strip right', strip({ left: false, right: true })],
  ['prepend', prepend('▁')],
  ['nmt', nmt()],
  ['replacingText', replacingText(' ', '$1')],
  ['substituting', substituting(/a+/gu, (found) => found.toUpperCase())],
  ['bytes', byteCharactersOf],
  ['prefixSpace', cuts.prefixSpace()],
  ['metaspace', cuts.metaspace({ split: false })[0] as Rewrite],
  ['metaspace at the first', cuts.metaspace({ split: false, prependScheme: 'first' })[0] as Rewrite],
  ...bertNormalizer().map((rewrite, i) => [`bert ${i}`, rewrite] as const),
  ['sentencePiece', sentencePieceNormalizer()],
  ['sentencePiece, suffix', sentencePieceNormalizer({ whitespaceAsSuffix: true })],
  ['sentencePiece, spaces kept', sentencePieceNormalizer({ removeExtraWhitespaces: false })],
  ['sentencePiece, nothing', sentencePieceNormalizer({ addDummyPrefix: false, escapeWhitespaces: false })],
  ['sentencePiece, symbols', sentencePieceNormalizer({ symbols: ['a b', ' ', '🙂'] })],
]

describe.each(rewrites)('%s', (_, rewrite) => {
  test('its edits make what it makes, in order', () => {
    fc.assert(
      fc.property(texts, fc.boolean(), (text, first) => {
        const edits = rewrite.edits(text, first)
        expect(edited(text, edits)).toBe(rewrite.apply(text, first))
        let at = 0
        for (const { start, end } of edits) {
          expect(start).toBeGreaterThanOrEqual(at)
          expect(end).toBeGreaterThanOrEqual(start)
          at = end
        }
      }),
    )
  })
})

const allCuts: readonly (readonly [string, Cut])[] = [
  ...(['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'] as const).flatMap((behavior) =>
    [false, true].map(
      (invert) => [`${behavior}${invert ? ', inverted' : ''}`, cuts.splitAt(/[a ]/gu, behavior, invert)] as const,
    ),
  ),
  ['patterns that find nothing in places', cuts.splitAt(translateRegex('\\b|1*'), 'Isolated')],
  ['whitespace', cuts.whitespace()],
  ['whitespaceSplit', cuts.whitespaceSplit()],
  ['bertWords', cuts.bertWords()],
  ['punctuation', cuts.punctuation()],
  ['digits', cuts.digits()],
  ['digit by digit', cuts.digits(true)],
  ['characters', cuts.fixedLength(1)],
  ['threes', cuts.fixedLength(3)],
  ['metaspace', cuts.metaspace().find(isCut) as Cut],
]

describe.each(allCuts)('%s', (_, cut) => {
  test('its words are those of its ranges, and none is empty', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const words = cut.words(text).filter((word) => word !== '')
        expect(words).toEqual(wordsOf(text, cut.ranges(text)))
        expect(wordsOf(text, cut.ranges(text))).not.toContain('')
      }),
    )
  })
})

test('cuts cut as they say', () => {
  const words = (cut: Cut, text: string): string[] => wordsOf(text, cut.ranges(text))
  const at = (behavior: cuts.SplitBehavior): string[] => words(cuts.splitAt(/-/gu, behavior), 'a--b-c')
  expect(at('Removed')).toEqual(['a', 'b', 'c'])
  expect(at('Isolated')).toEqual(['a', '-', '-', 'b', '-', 'c'])
  expect(at('MergedWithPrevious')).toEqual(['a-', '-', 'b-', 'c'])
  expect(at('MergedWithNext')).toEqual(['a', '-', '-b', '-c'])
  expect(at('Contiguous')).toEqual(['a', '--', 'b', '-', 'c'])
  expect(words(cuts.whitespace(), "it's 1.5_x!?")).toEqual(['it', "'", 's', '1', '.', '5_x', '!?'])
  expect(words(cuts.bertWords(), "it's «x»!?")).toEqual(['it', "'", 's', '«', 'x', '»', '!', '?'])
  expect(words(cuts.fixedLength(2), 'a🙂b')).toEqual(['a🙂', 'b'])
})

test('bytes written as characters are the bytes of the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(charactersToBytes(byteCharactersOf.apply(text, true))).toEqual([...utf8(text)])
    }),
  )
  expect(byteCharactersOf.apply(' é\n', true)).toBe('ĠÃ©Ċ')
})

describe('Aligned', () => {
  test('what is put stands for what it replaces, and what is added for what follows', () => {
    const whole = Aligned.of('ab🙂').rewrite({ ...prepend('>>') })
    expect(whole.text).toBe('>>ab🙂')
    expect(whole.origin(0, 2)).toEqual([0, 1])
    expect(whole.origin(2, 4)).toEqual([0, 2])
    expect(whole.origin(4, 5)).toEqual([2, 4])
    const nfd = Aligned.of('éa')
      .rewrite(unicodeForm('NFD'))
      .rewrite(substituting(/\p{Mn}/gu))
    expect(nfd.text).toBe('ea')
    expect(nfd.origin(0, 1)).toEqual([0, 1])
    expect(nfd.origin(1, 2)).toEqual([1, 2])
    expect(Aligned.of('').origin(0, 0)).toEqual([0, 0])
  })

  test('origins never go back, through any steps', () => {
    const steps = rewrites.map(([, rewrite]) => rewrite)
    fc.assert(
      fc.property(texts, fc.array(fc.constantFrom(...steps), { maxLength: 4 }), (text, some) => {
        let piece = Aligned.of(text)
        for (const step of some) piece = piece.rewrite(step)
        expect(piece.starts.length).toBe(piece.text.length)
        for (let i = 0; i < piece.starts.length; i++) {
          expect(piece.ends[i]).toBeLessThanOrEqual(text.length)
          expect(piece.starts[i]).toBeLessThanOrEqual(piece.ends[i])
          if (i > 0) expect(piece.starts[i]).toBeGreaterThanOrEqual(piece.starts[i - 1])
        }
      }),
    )
  })
})
