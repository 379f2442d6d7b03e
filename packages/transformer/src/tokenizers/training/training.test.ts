import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GPT2 } from '../patterns.ts'
import { translateRegex } from '../regex.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { trainBpe, trainWordPiece } from './bpe.ts'
import { Lattice } from './lattice.ts'
import { seedPieces } from './seeds.ts'
import { trainUnigram } from './unigram.ts'
import { trainCharacters, trainWords } from './wordLevel.ts'

type Merges = [string, string][]
const mergesOf = (tokenizer: Tokenizer): Merges => (tokenizer.toJSON() as { model: { merges: Merges } }).model.merges
const letters = fc
  .array(fc.constantFrom('a', 'b', 'c', ' ', 'ab', 'ba '), { maxLength: 60 })
  .map((parts) => parts.join(''))

/** Counts all pairs anew for every merge, and takes the best: what training has to give, slowly. */
function slowMerges(text: string, count: number, isBetter: (x: Pair, y: Pair) => boolean): Merges {
  let words = [...text.matchAll(translateRegex(GPT2))].map(([word]) => Array.from(word.replaceAll(' ', 'Ġ')))
  const merges: Merges = []
  while (merges.length < count) {
    const pairs = new Map<string, Pair>()
    for (const word of words) {
      for (let i = 1; i < word.length; i++) {
        const key = `${word[i - 1]} ${word[i]}`
        const pair = pairs.get(key) ?? { left: word[i - 1], right: word[i], count: 0, place: pairs.size }
        pair.count++
        pairs.set(key, pair)
      }
    }
    if (pairs.size === 0) return merges
    const best = [...pairs.values()].reduce((x, y) =>
      y.count > x.count || (y.count === x.count && isBetter(y, x)) ? y : x,
    )
    merges.push([best.left, best.right])
    words = words.map((word) => merged(word, best))
  }
  return merges
}

interface Pair {
  readonly left: string
  readonly right: string
  readonly place: number
  count: number
}

function merged(word: readonly string[], { left, right }: Pair): string[] {
  const result: string[] = []
  for (let i = 0; i < word.length; i++) {
    if (word[i] === left && word[i + 1] === right) result.push(left + word[++i])
    else result.push(word[i])
  }
  return result
}

describe('trainBpe', () => {
  test('merges what counting anew each time would', () => {
    fc.assert(
      fc.property(letters, (text) => {
        const options = { vocabSize: 256 + 20 } as const
        const first = mergesOf(trainBpe([text], { ...options, ties: 'first' }))
        expect(first).toEqual(slowMerges(text, 20, (x, y) => x.place < y.place))
        const greatest = mergesOf(trainBpe([text], { ...options, ties: 'greatest' }))
        const isGreater = (x: Pair, y: Pair): boolean =>
          x.left === y.left ? x.right > y.right : x.left.replaceAll('Ġ', ' ') > y.left.replaceAll('Ġ', ' ')
        expect(greatest).toEqual(
          slowMerges(text, 20, (x, y) =>
            isGreater({ ...x, right: x.right.replaceAll('Ġ', ' ') }, { ...y, right: y.right.replaceAll('Ġ', ' ') }),
          ),
        )
      }),
    )
  })

  test('learns the example of Sennrich et al.', () => {
    const text = `${'low '.repeat(5)}${'lower '.repeat(2)}${'newest '.repeat(6)}${'widest '.repeat(3)}`
    const merges = mergesOf(trainBpe([text], { vocabSize: 260, pattern: '\\w+', ties: 'first' }))
    expect(merges.slice(0, 4)).toEqual([
      ['e', 's'],
      ['es', 't'],
      ['l', 'o'],
      ['lo', 'w'],
    ])
  })

  test('special tokens come first and end texts', () => {
    const tokenizer = trainBpe(['ab<|end|>ab<|end|>'], { vocabSize: 300, specialTokens: ['<|end|>'] })
    expect(tokenizer.tokenToId('<|end|>')).toBe(0)
    expect(mergesOf(tokenizer)).toEqual([['a', 'b']])
    expect(tokenizer.encode('ab<|end|>')).toEqual([257, 0])
  })

  test('bytes come in the order that is asked for', () => {
    expect(trainBpe([], { vocabSize: 256, byteOrder: 'value' }).encode('\0 ~\n')).toEqual([0, 32, 126, 10])
    expect(trainBpe([], { vocabSize: 256 }).encode('!~')).toEqual([0, 93])
  })

  test('rare pairs are left, and one text is one word where nothing cuts it', () => {
    expect(mergesOf(trainBpe(['abab ac'], { vocabSize: 300, minFrequency: 2 }))).toEqual([['a', 'b']])
    const whole = trainBpe(['a b a b a b'], { vocabSize: 300, pattern: null })
    expect(whole.encode('a b a b a b').length).toBe(1)
  })

  test.each([
    [{ vocabSize: 255 }, /vocabSize 255 is below the 256/],
    [{ vocabSize: 256, ties: 'last' as never }, /ties must be one of/],
    [{ vocabSize: 256, byteOrder: 'x' as never }, /byteOrder must be one of/],
    [{ vocabSize: 256, minFrequency: -1 }, /minFrequency must be/],
    [{ vocabSize: 256, size: 1 } as never, /no option 'size'/],
  ])('refuses %o', (options, message) => {
    expect(() => trainBpe(['a'], options)).toThrow(message)
  })
})

describe('trainWordPiece', () => {
  test('marks what does not begin a word', () => {
    const tokenizer = trainWordPiece(['Hug hugs, HUGGING pug puns!'], { vocabSize: 40 })
    expect(tokenizer.tokenize('hugs puns', { addSpecialTokens: false })).toEqual(['hugs', 'puns'])
    expect(tokenizer.tokenize('pugs')).toEqual(['[CLS]', 'pug', '##s', '[SEP]'])
    expect(tokenizer.specialIds).toEqual({ pad: 0, unk: 1, cls: 2, sep: 3, mask: 4 })
    expect(tokenizer.decode(tokenizer.encode('Hugs!'), { skipSpecialTokens: true })).toBe('hugs!')
  })

  test('refuses what makes no sense', () => {
    expect(() => trainWordPiece(['abc'], { vocabSize: 6 })).toThrow(/vocabSize 6 is below the 10/)
    expect(() => trainWordPiece(['abc'], { vocabSize: 6, specialTokens: [] })).toThrow(/'\[UNK\]' is not among/)
  })
})

describe('trainUnigram', () => {
  const corpus = ['the cat sat on the mat', 'the dog sat on the log', 'that is the thing that counts'].flatMap(
    (text) => [text, text],
  )

  test('gives no more pieces than asked for, all characters among them, and is the same each time', () => {
    const tokenizer = trainUnigram(corpus, { vocabSize: 30 })
    expect(tokenizer.vocabSize).toBeLessThanOrEqual(30)
    for (const c of 'thecasonmdgliu') expect(tokenizer.tokenToId(c)).toBeDefined()
    expect(tokenizer.tokenize('the cat sat')).toEqual(['▁the', '▁cat', '▁sat'])
    expect(JSON.stringify(trainUnigram(corpus, { vocabSize: 30 }))).toBe(JSON.stringify(tokenizer))
    for (const text of corpus) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
    expect(tokenizer.encode('the x').at(-1)).toBe(0)
    expect(trainUnigram(corpus, { vocabSize: 5000 }).vocabSize).toBeLessThan(100)
  })

  test('the most probable pieces come first, behind the special ones', () => {
    const { model } = trainUnigram(corpus, { vocabSize: 30 }).toJSON() as { model: { vocab: [string, number][] } }
    expect(model.vocab.slice(0, 3)).toEqual([
      ['<unk>', 0],
      ['<s>', 0],
      ['</s>', 0],
    ])
    const scores = model.vocab.slice(3).map(([, score]) => score)
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
    expect(scores[0]).toBeLessThan(0)
    expect(model.vocab.slice(3, 6).map(([text]) => text)).toContain('▁the')
  })

  test.each([
    [{ vocabSize: 10 }, /vocabSize 10 is below the \d+ of all characters/],
    [{ vocabSize: 100, shrinkingFactor: 1 }, /shrinkingFactor must lie between/],
    [{ vocabSize: 100, subIterations: 0 }, /subIterations must be/],
    [{ vocabSize: 100, unknown: '?' }, /'\?' is not among/],
  ])('refuses %o', (options, message) => {
    expect(() => trainUnigram(corpus, options)).toThrow(message)
  })
})

describe('the parts of Unigram', () => {
  test('seeds are the substrings that go on in different ways', () => {
    const word = fc
      .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 12 })
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.array(fc.tuple(word, fc.integer({ min: 1, max: 3 })), { maxLength: 6 }), (given) => {
        const words = new Map(given)
        const found = seedPieces(words, { maxPieceLength: 5, size: 1000 })
        const counts = new Map<string, { count: number; next: Set<string> }>()
        for (const [text, count] of words) {
          for (let i = 0; i < text.length; i++) {
            for (let n = 2; n <= 5 && i + n <= text.length; n++) {
              const entry = counts.get(text.slice(i, i + n)) ?? { count: 0, next: new Set() }
              counts.set(text.slice(i, i + n), entry)
              entry.count += count
              // Longer ones are not looked at, and the ends of words are all different.
              for (let k = 0; k < count; k++)
                entry.next.add(n === 5 ? `${text} ${i} ${k}` : (text[i + n] ?? `${text} ${k}`))
            }
          }
        }
        const wanted = [...counts].filter(([, { next }]) => next.size > 1)
        const substrings = found.filter(({ text }) => text.length > 1).map(({ text, score }) => [text, score])
        expect(substrings.sort()).toEqual(wanted.map(([text, { count }]) => [text, count * text.length]).sort())
      }),
    )
  })

  test('expectations are those over all ways to cut a word', () => {
    const pieces = Object.entries({ a: 0.4, b: 0.3, ab: 0.2, aa: 0.1 })
    const lattice = new Lattice(pieces.map(([text, p]) => ({ text, score: Math.log(p) }))).set('aab')
    const expected = new Float64Array(5)
    // a a b, aa b, a ab
    const ways = [0.4 * 0.4 * 0.3, 0.1 * 0.3, 0.4 * 0.2]
    const total = ways.reduce((a, b) => a + b)
    expect(lattice.addExpected(expected, 3)).toBeCloseTo(Math.log(total), 12)
    const [aab, aaB, aAb] = ways.map((way) => (3 * way) / total)
    const wanted = [2 * aab + aAb, aab + aaB, aAb, aaB, 0]
    wanted.forEach((value, id) => {
      expect(expected[id]).toBeCloseTo(value, 12)
    })
    expect(lattice.best()).toEqual([0, 2])
    expect(lattice.set('ab').best()).toEqual([2])
    expect(lattice.set('ab').bestInParts()).toEqual([0, 1])
    expect(lattice.set('a').bestInParts()).toBeNull()
    expect(lattice.set('x').best()).toEqual([4])
  })
})

test('texts and special tokens of another kind are refused', () => {
  const trainers: [string, (texts: never, options: never) => unknown][] = [
    ['trainBpe', trainBpe],
    ['trainWordPiece', trainWordPiece],
    ['trainUnigram', trainUnigram],
    ['trainWords', trainWords],
    ['trainCharacters', trainCharacters],
  ]
  for (const [name, train] of trainers) {
    // A limit for those that want one.
    const options = (more: object): never =>
      ({ ...(/Words|Characters/.test(name) ? {} : { vocabSize: 300 }), ...more }) as never
    expect(() => train([5] as never, options({})), name).toThrow(`${name}: the text must be a string, not 5`)
    expect(() => train(5 as never, options({})), name).toThrow(TypeError)
    const text = `${name}: specialTokens must be a list, not '<s>'`
    expect(() => train(['a'] as never, options({ specialTokens: '<s>' })), name).toThrow(text)
    expect(() => train(['a'] as never, options({ specialTokens: [5] })), name).toThrow(TypeError)
  }
})

describe('words and characters', () => {
  test('characters are in the order of their code points', () => {
    const tokenizer = trainCharacters('hello 🙂\uffff')
    expect([...tokenizer.getVocab().keys()].join('')).toBe(' ehlo\uffff🙂')
    expect(tokenizer.decode(tokenizer.encode('lol 🙂'))).toBe('lol 🙂')
    expect(() => tokenizer.encode('x')).toThrow(/no token for "x"/)
    expect(trainCharacters('ab', { specialTokens: ['?', '.'], unknown: '?' }).encode('axb')).toEqual([2, 0, 3])
    expect(() => trainCharacters('ab', { unknown: '?' })).toThrow(/'\?' is not among/)
  })

  test('words are in the order of their frequency', () => {
    const tokenizer = trainWords(['b a b c, B'], { specialTokens: ['<pad>', '<unk>'] })
    expect([...tokenizer.getVocab().keys()]).toEqual(['<pad>', '<unk>', 'b', ',', 'B', 'a', 'c'])
    expect(tokenizer.decode(tokenizer.encode('a,b x'))).toBe('a , b <unk>')
    expect(trainWords(['b a b c, B'], { lowercase: true, vocabSize: 2 }).encode('B a')).toEqual([1, 0])
    expect(trainWords(['b a, b'], { splitPunctuation: false, minFrequency: 2 }).getVocab().size).toBe(2)
    expect(() => trainWords(['a'], { specialTokens: [] })).toThrow(/'<unk>' is not among/)
  })
})
