import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Bpe, pairsOf } from './bpe.ts'
import { byteIds, type Model, Vocabulary } from './model.ts'
import { mergePairs, PairTable } from './pairTable.ts'
import { Trie } from './trie.ts'
import { type ScoredPiece, Unigram } from './unigram.ts'
import { WordLevel, WordPiece } from './wordPiece.ts'

const tokensOf = (model: Model, word: string): string[] =>
  model.tokenize(word).ids.map((id) => model.tokenOf(id) as string)
const vocabularyOf = (tokens: readonly string[]): Vocabulary =>
  new Vocabulary(new Map(tokens.map((token, id) => [token, id])))
const BYTES = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)

/** A table of the merges, in their order. */
function tableOf(vocabulary: Vocabulary, merges: readonly string[]): PairTable {
  const table = new PairTable()
  merges.forEach((merge, rank) => {
    const [left, right] = merge.split(' ')
    const [a, b, merged] = [left, right, left + right].map((token) => vocabulary.ids.get(token) as number)
    table.set(a, b, { rank, merged })
  })
  return table
}

describe('PairTable', () => {
  test('keeps what a map keeps', () => {
    const pairs = fc.array(fc.tuple(fc.nat(40), fc.nat(40), fc.nat(1000)), { maxLength: 2000 })
    fc.assert(
      fc.property(pairs, (entries) => {
        const table = new PairTable()
        const map = new Map<string, number>()
        for (const [a, b, rank] of entries) {
          table.set(a, b, { rank, merged: rank + 1 })
          map.set(`${a} ${b}`, rank)
        }
        expect(table.size).toBe(map.size)
        for (let a = 0; a < 41; a++) {
          for (let b = 0; b < 41; b++) {
            expect(table.rankOf(a, b)).toBe(map.get(`${a} ${b}`) ?? -1)
            expect(table.mergedOf(a, b)).toBe((map.get(`${a} ${b}`) ?? -2) + 1)
          }
        }
        expect(table.entries().map(({ rank }) => rank)).toEqual([...map.values()].sort((x, y) => x - y))
      }),
      { numRuns: 20 },
    )
  })
})

describe('mergePairs', () => {
  /** The rule itself: the pair of the lowest rank, the leftmost of equal ones, one at a time. */
  function slowly(given: readonly number[], table: PairTable): number[] {
    const symbols = [...given]
    for (;;) {
      let best = -1
      for (let i = 0; i + 1 < symbols.length; i++) {
        const rank = table.rankOf(symbols[i], symbols[i + 1])
        if (rank >= 0 && (best < 0 || rank < table.rankOf(symbols[best], symbols[best + 1]))) best = i
      }
      if (best < 0) return symbols
      symbols.splice(best, 2, table.mergedOf(symbols[best], symbols[best + 1]))
    }
  }

  test('merges as the rule says, with equal ranks too', () => {
    const entry = fc.tuple(fc.nat(8), fc.nat(8), fc.nat(6), fc.nat(8))
    const symbols = fc.array(fc.nat(4), { maxLength: 40 })
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 30 }), symbols, (entries, given) => {
        const table = new PairTable()
        // What merges becomes something greater, so that it ends.
        for (const [a, b, rank, merged] of entries) table.set(a, b, { rank, merged: Math.max(a, b) + 1 + merged })
        const changed = [...given]
        expect(mergePairs(changed, table).map((place) => changed[place])).toEqual(slowly(given, table))
      }),
      { numRuns: 500 },
    )
  })
})

describe('Bpe', () => {
  const vocabulary = vocabularyOf(['<unk>', ...'lower', 'lo', 'low', 'er', 'lower'])
  const table = tableOf(vocabulary, ['l o', 'lo w', 'e r', 'low er'])

  test('merges in the order of the merges', () => {
    const bpe = new Bpe(vocabulary, table)
    expect(tokensOf(bpe, 'lower')).toEqual(['lower'])
    expect(tokensOf(bpe, 'lowol')).toEqual(['low', 'o', 'l'])
    expect(bpe.tokenize('lowol')).toEqual({ ids: [7, 2, 1], starts: [0, 3, 4], ends: [3, 4, 5] })
  })

  test('leaves out what it does not know, or names it, once or each time, or by its bytes', () => {
    expect(tokensOf(new Bpe(vocabulary, table), 'l?o')).toEqual(['lo'])
    expect(tokensOf(new Bpe(vocabulary, table, { unknown: '<unk>' }), 'l??o')).toEqual(['l', '<unk>', '<unk>', 'o'])
    const fused = new Bpe(vocabulary, table, { unknown: '<unk>', fuseUnknown: true }).tokenize('l?🙂o')
    expect(fused).toEqual({ ids: [1, 0, 2], starts: [0, 1, 4], ends: [1, 4, 5] })
    const withBytes = vocabularyOf(['l', ...BYTES])
    const bytes = new Bpe(withBytes, new PairTable(), { byteFallback: true })
    expect(tokensOf(bytes, 'lé')).toEqual(['l', '<0xC3>', '<0xA9>'])
    expect(bytes.tokenize('lé')).toEqual({ ids: [0, 196, 170], starts: [0, 1, 1], ends: [1, 2, 2] })
  })

  test('words may end or go on with a mark', () => {
    const ended = vocabularyOf(['a', 'b', 'b</w>', 'ab</w>'])
    const withSuffix = new Bpe(ended, tableOf(ended, ['a b</w>']), { wordSuffix: '</w>' })
    expect(tokensOf(withSuffix, 'ab')).toEqual(['ab</w>'])
    expect(tokensOf(withSuffix, 'aab')).toEqual(['a', 'ab</w>'])
    const goingOn = vocabularyOf(['a', '##b', 'ab'])
    const pairs = new PairTable()
    pairs.set(0, 1, { rank: 0, merged: 2 })
    expect(tokensOf(new Bpe(goingOn, pairs, { continuingPrefix: '##' }), 'ab')).toEqual(['ab'])
  })

  test('a whole word may come before the merges', () => {
    const words = vocabularyOf(['a', 'b', 'ab', 'aab'])
    const pairs = tableOf(words, ['a b'])
    expect(tokensOf(new Bpe(words, pairs), 'aab')).toEqual(['a', 'ab'])
    expect(tokensOf(new Bpe(words, pairs, { ignoreMerges: true }), 'aab')).toEqual(['aab'])
  })

  test('symbols never merge', () => {
    const words = vocabularyOf(['<unk>', 'a', 'b', 'ab', 'ba'])
    const model = new Bpe(words, tableOf(words, ['a b', 'b a']), { symbols: ['ba'], unknown: '<unk>' })
    expect(tokensOf(model, 'aba')).toEqual(['a', 'ba'])
    expect(tokensOf(model, 'ab')).toEqual(['ab'])
  })

  test('is cut at spaces only where no token has one behind its beginning', () => {
    const seams = (tokens: readonly string[]) => new Bpe(vocabularyOf(tokens), new PairTable()).seams
    expect('▁▁a▁b'.match(seams(['▁', 'a', '▁a', '▁▁']) as RegExp)).toEqual(['▁▁a', '▁b'])
    expect(seams(['▁', 'a▁b'])).toBeUndefined()
    expect(seams(['a', '▁b'])).toBeUndefined()
  })

  test('pairsOf knows every way to make a token of two', () => {
    const ranks = new Map(['a', 'b', 'c', 'ab', 'bc', 'abc'].map((token, id) => [token, id]))
    const tokens = [...ranks].map(([token, id]) => ({ token, id, rank: id }))
    const made = pairsOf(tokens, (part) => ranks.get(part)).entries()
    expect(made).toEqual([
      { a: 0, b: 1, rank: 3, merged: 3 },
      { a: 1, b: 2, rank: 4, merged: 4 },
      { a: 0, b: 4, rank: 5, merged: 5 },
      { a: 3, b: 2, rank: 5, merged: 5 },
    ])
  })
})

describe('WordPiece', () => {
  const model = new WordPiece(vocabularyOf(['[UNK]', 'un', '##aff', '##able', '##a', 'u']), { maxCharacters: 10 })

  test('takes the longest token each time, or the whole word is unknown', () => {
    expect(tokensOf(model, 'unaffable')).toEqual(['un', '##aff', '##able'])
    expect(tokensOf(model, 'unx')).toEqual(['[UNK]'])
    expect(tokensOf(model, 'un'.repeat(6))).toEqual(['[UNK]'])
    expect(model.tokenize('una')).toEqual({ ids: [1, 4], starts: [0, 2], ends: [2, 3] })
  })
})

describe('WordLevel', () => {
  test('knows words, and says which it does not know', () => {
    expect(tokensOf(new WordLevel(vocabularyOf(['<unk>', 'a'])), 'b')).toEqual(['<unk>'])
    expect(() => new WordLevel(vocabularyOf(['a'])).tokenize('b')).toThrow(/no token for "b", and no token '<unk>'/)
  })
})

describe('Trie', () => {
  test('finds what was put into it', () => {
    const words = fc.uniqueArray(fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }), { maxLength: 300 })
    fc.assert(
      fc.property(words, (entries) => {
        const trie = new Trie()
        entries.forEach((word, i) => {
          trie.set(word, i)
        })
        const found = (word: string): number => {
          let node = 0
          for (let i = 0; i < word.length && node >= 0; i++) node = trie.childOf(node, word.charCodeAt(i))
          return node < 0 ? -1 : trie.valueOf(node)
        }
        entries.forEach((word, i) => {
          expect(found(word)).toBe(i)
        })
        expect(found('no such entry')).toBe(-1)
      }),
      { numRuns: 20 },
    )
  })
})

describe('Unigram', () => {
  const pieces: ScoredPiece[] = [
    ['<unk>', 0],
    ['a', -2],
    ['b', -2.5],
    ['ab', -3],
    ['abc', -3.5],
    ['c', -4],
    ['bc', -3],
  ]

  /** The best of all ways, by trying them. */
  function bestScore(text: string): number {
    if (text === '') return 0
    const scores = pieces
      .slice(1)
      .flatMap(([piece, score]) => (text.startsWith(piece) ? [score + bestScore(text.slice(piece.length))] : []))
    return Math.max(...scores)
  }

  test('finds the most probable way', () => {
    const model = new Unigram(pieces, { unknown: 0 })
    expect(tokensOf(model, 'abcab')).toEqual(['abc', 'ab'])
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 9 }), (letters) => {
        const text = letters.join('')
        const found = model.tokenize(text)
        const score = found.ids.reduce((sum, id) => sum + pieces[id][1], 0)
        expect(score).toBeCloseTo(bestScore(text), 9)
        expect(tokensOf(model, text).join('')).toBe(text)
      }),
    )
  })

  test('what is unknown is one token, or its bytes, or an error', () => {
    expect(new Unigram(pieces, { unknown: 0 }).tokenize('a??b')).toEqual({
      ids: [1, 0, 2],
      starts: [0, 1, 3],
      ends: [1, 3, 4],
    })
    const withBytes = new Unigram([...pieces, ...BYTES.map((text): ScoredPiece => [text, -20])], { byteFallback: true })
    expect(tokensOf(withBytes, 'aé')).toEqual(['a', '<0xC3>', '<0xA9>'])
    expect(() => new Unigram(pieces).tokenize('a?')).toThrow(/no piece for "\?"/)
  })

  test('hidden pieces stand for no text, and some are always taken', () => {
    const model = new Unigram(pieces, { unknown: 0, hidden: new Set([0, 4]), always: new Set([3]) })
    expect(tokensOf(model, 'abc')).toEqual(['ab', 'c'])
    expect(tokensOf(new Unigram(pieces, { unknown: 0, hidden: new Set([0]) }), '<unk>')).toEqual(['<unk>'])
  })
})

test('byteIds wants all bytes', () => {
  expect(byteIds((token) => BYTES.indexOf(token))?.[255]).toBe(255)
  expect(byteIds((token) => (token === '<0x41>' ? undefined : 0))).toBeNull()
})
