import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readTokenizerJson } from './readers/tokenizerJson.ts'
import type { Tokenizer } from './tokenizer.ts'
import { trainBpe, trainWordPiece } from './training/bpe.ts'
import { trainUnigram } from './training/unigram.ts'
import { trainCharacters, trainWords } from './training/wordLevel.ts'

const CORPUS = [
  'The quick brown fox jumps over the lazy dog. The dog, who is old, does not mind; the fox is quick and glad!',
  'Der schnelle braune Fuchs springt über den faulen Hund. Größe und Maß. 1234567890 12 345,678.90',
  'नमस्ते दुनिया, आप कैसे हैं? 你好，世界。今天天气很好 こんにちは世界 Привет, мир! 🙂👍🏽',
  'def f(x):\n    return x**2  # the square\n\tlow lower lowest newest widest',
]
const bpe = trainBpe(CORPUS, { vocabSize: 400, specialTokens: ['<s>', '</s>'] })
const wordPiece = trainWordPiece(CORPUS, { vocabSize: 250 })
const unigram = trainUnigram(CORPUS, { vocabSize: 160 })
const characters = trainCharacters(CORPUS, { specialTokens: ['?!'], unknown: '?!' })
const words = trainWords(CORPUS)
const all: readonly (readonly [string, Tokenizer])[] = [
  ['bpe', bpe],
  ['wordPiece', wordPiece],
  ['unigram', unigram],
  ['characters', characters],
  ['words', words],
]
const snippets = CORPUS.flatMap((text) => text.split(/(?<=[ ,.])/)).concat([
  '<s>',
  '[SEP]',
  '</s>',
  '  ',
  'x',
  '\ud800',
])
const texts = fc.oneof(
  fc.array(fc.constantFrom(...snippets), { maxLength: 8 }).map((parts) => parts.join('')),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
)

describe.each(all)('%s', (name, tokenizer) => {
  test('gives the same ids with and without offsets, before and after remembering', () => {
    fc.assert(
      fc.property(texts, fc.boolean(), (text, addSpecialTokens) => {
        const ids = tokenizer.encode(text, { addSpecialTokens })
        expect(tokenizer.encodePlus(text, { addSpecialTokens }).ids).toEqual(ids)
        expect(tokenizer.encode(text, { addSpecialTokens })).toEqual(ids)
        expect(tokenizer.tokenize(text, { addSpecialTokens })).toEqual(ids.map((id) => tokenizer.idToToken(id)))
      }),
    )
  })

  test('says where tokens come from, in order', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const { ids, offsets, tokens, wordIds, sequenceIds, attentionMask, specialTokensMask, typeIds } =
          tokenizer.encodePlus(text, { addSpecialTokens: false })
        for (const list of [offsets, tokens, wordIds, sequenceIds, attentionMask, specialTokensMask, typeIds]) {
          expect(list.length).toBe(ids.length)
        }
        let before = 0
        offsets.forEach(([start, end], i) => {
          expect(start).toBeGreaterThanOrEqual(before)
          expect(end).toBeGreaterThanOrEqual(start)
          expect(end).toBeLessThanOrEqual(text.length)
          if (i > 0) expect(wordIds[i]).toBeGreaterThanOrEqual(wordIds[i - 1] as number)
          before = start
        })
      }),
    )
  })

  test('decodes one by one what it decodes at once', () => {
    const ids = fc.array(fc.nat(tokenizer.vocabSize - 1), { maxLength: 30 })
    fc.assert(
      fc.property(ids, fc.boolean(), (some, skipSpecialTokens) => {
        const stream = tokenizer.decodeStream({ skipSpecialTokens })
        const pieces = [...some.map((id) => stream.push(id)), stream.end()]
        expect(pieces.join('')).toBe(tokenizer.decode(some, { skipSpecialTokens }))
        if (name !== 'words') for (const piece of pieces.slice(0, -1)) expect(piece.endsWith('\ufffd')).toBe(false)
        // It begins anew.
        expect(some.map((id) => stream.push(id)).join('') + stream.end()).toBe(pieces.join(''))
      }),
    )
  })

  test('is the same when written and read', () => {
    const again = readTokenizerJson(JSON.stringify(tokenizer))
    expect(JSON.stringify(again)).toBe(JSON.stringify(tokenizer))
    const check = (text: string): void => {
      expect(again.encode(text)).toEqual(tokenizer.encode(text))
    }
    fc.assert(fc.property(texts, check), { numRuns: 30 })
  })
})

test('byte-level tokens and characters give every text back', () => {
  fc.assert(
    fc.property(fc.oneof(texts, fc.string({ unit: 'binary' })), (text) => {
      expect(bpe.decode(bpe.encode(text))).toBe(text.replace(/\p{Cs}/gu, '\ufffd'))
    }),
  )
  for (const text of CORPUS) {
    expect(characters.decode(characters.encode(text))).toBe(text)
    expect(unigram.decode(unigram.encode(text))).toBe(text.normalize('NFKC').replace(/\s+/g, ' ').trim())
  }
})

test('a stream holds characters back until they are whole', () => {
  const bytes = trainBpe([''], { vocabSize: 256 })
  const stream = bytes.decodeStream()
  expect(bytes.encode('a🧠b').map((id) => stream.push(id))).toEqual(['a', '', '', '', '🧠', 'b'])
  for (const id of bytes.encode('🧠').slice(0, 2)) expect(stream.push(id)).toBe('')
  expect(stream.end()).toBe('\ufffd')
})

/** A tokenizer of words with given added tokens. */
function withTokens(tokens: readonly object[], parts: object = {}): Tokenizer {
  return readTokenizerJson({
    added_tokens: tokens.map((token, i) => ({ id: 10 + i, ...token })),
    pre_tokenizer: { type: 'WhitespaceSplit' },
    model: { type: 'WordLevel', vocab: { '<unk>': 0, a: 1, b: 2, ab: 3 }, unk_token: '<unk>' },
    ...parts,
  })
}

describe('added tokens', () => {
  test('are found wherever they stand, the longest first', () => {
    const tokenizer = withTokens([{ content: '<x>' }, { content: '<x>y' }])
    expect(tokenizer.encode('a<x>b <x>y')).toEqual([1, 10, 2, 11])
    expect(tokenizer.encodePlus('a <x> b').offsets).toEqual([
      [0, 1],
      [2, 5],
      [6, 7],
    ])
  })

  test('may stand alone, take white space, or be looked for in normal text', () => {
    expect(withTokens([{ content: 'x', single_word: true }]).encode('x ax x')).toEqual([10, 0, 10])
    const greedy = withTokens([{ content: 'x', lstrip: true, rstrip: true }])
    expect(greedy.encodePlus('a  x  b').offsets).toEqual([
      [0, 1],
      [1, 6],
      [6, 7],
    ])
    expect(greedy.encodePlus('a  x  b').tokens).toEqual(['a', '  x  ', 'b'])
    const normalizer = { type: 'Lowercase' }
    expect(withTokens([{ content: 'X', normalized: true }], { normalizer }).encode('xX')).toEqual([10, 10])
    expect(withTokens([{ content: 'X', normalized: false }], { normalizer }).encode('xX')).toEqual([0, 10])
  })

  test('special ones can be text, and be left out of text', () => {
    const tokenizer = withTokens([{ content: '<s>', special: true }, { content: '<t>' }])
    expect(tokenizer.encode('<s> a <t>')).toEqual([10, 1, 11])
    expect(tokenizer.encode('<s> a <t>', { splitSpecialTokens: true })).toEqual([0, 1, 11])
    expect(tokenizer.decode([10, 1, 11])).toBe('<s> a <t>')
    expect(tokenizer.decode([10, 1, 11], { skipSpecialTokens: true })).toBe('a <t>')
  })

  test('can be added later', () => {
    const tokenizer = withTokens([])
    expect(tokenizer.addTokens(['<new>', 'a', '<new>'], { special: true })).toBe(1)
    expect(tokenizer.vocabSize).toBe(5)
    expect(tokenizer.tokenToId('<new>')).toBe(4)
    expect(tokenizer.encode('b<new>')).toEqual([2, 4])
    expect(tokenizer.addTokens([{ content: '<pad>', id: 9 }])).toBe(5)
    expect(tokenizer.getVocab()).toEqual(
      new Map([
        ['<unk>', 0],
        ['a', 1],
        ['b', 2],
        ['ab', 3],
        ['<new>', 4],
        ['<pad>', 9],
      ]),
    )
    expect(() => tokenizer.addTokens([''])).toThrow(TypeError)
  })
})

describe('pairs, truncation, padding', () => {
  const [cls, sep] = [2, 3]
  const bert = trainWordPiece(['a b c d e f g'], { vocabSize: 100 })
  const id = (token: string): number => bert.tokenToId(token) as number

  test('a pair is set into the template', () => {
    const { ids, typeIds, sequenceIds, specialTokensMask } = bert.encodePlus('a b', { pair: 'c' })
    expect(ids).toEqual([cls, id('a'), id('b'), sep, id('c'), sep])
    expect(typeIds).toEqual([0, 0, 0, 0, 1, 1])
    expect(sequenceIds).toEqual([null, 0, 0, null, 1, null])
    expect(specialTokensMask).toEqual([1, 0, 0, 1, 0, 1])
    expect(bert.encodePlus('a', { pair: 'b', addSpecialTokens: false }).typeIds).toEqual([0, 1])
  })

  test('what is too long overflows', () => {
    const { tokens, overflowing } = bert.encodePlus('a b c d e', { truncation: { maxLength: 4, stride: 1 } })
    expect(tokens).toEqual(['[CLS]', 'a', 'b', '[SEP]'])
    expect(overflowing.map((e) => e.tokens.slice(1, -1))).toEqual([
      ['b', 'c'],
      ['c', 'd'],
      ['d', 'e'],
    ])
    const left = bert.encodePlus('a b c', { truncation: { maxLength: 4, direction: 'left' } })
    expect(left.tokens.slice(1, -1)).toEqual(['b', 'c'])
  })

  test('of a pair the longer is cut, or the one that is named', () => {
    const cut = (truncation: object): string =>
      bert.encodePlus('a b c d', { pair: 'e f', truncation: { maxLength: 6, ...truncation } }).tokens.join(' ')
    expect(cut({})).toBe('[CLS] a b [SEP] e [SEP]')
    expect(cut({ strategy: 'onlyFirst' })).toBe('[CLS] a [SEP] e f [SEP]')
    expect(cut({ maxLength: 7 })).toBe('[CLS] a b [SEP] e f [SEP]')
    expect(cut({ maxLength: 8, strategy: 'onlySecond' })).toBe('[CLS] a b c d [SEP] e [SEP]')
    expect(() => cut({ strategy: 'onlySecond' })).toThrow(/'onlySecond' has 2 tokens to cut 3 from/)
  })

  test('a batch is brought to one length', () => {
    const batch = bert.encodeBatch(['a b', 'c', ['d', 'e']], { padding: {} })
    expect(batch.map(({ ids }) => ids.length)).toEqual([5, 5, 5])
    expect(batch[1].tokens).toEqual(['[CLS]', 'c', '[SEP]', '[PAD]', '[PAD]'])
    expect(batch[1].attentionMask).toEqual([1, 1, 1, 0, 0])
    const left = bert.encodeBatch(['a', 'b c'], { padding: { direction: 'left', padToMultipleOf: 8, padId: 7 } })
    expect(left[0].ids).toEqual([7, 7, 7, 7, 7, cls, id('a'), sep])
    expect(left[0].specialTokensMask).toEqual([1, 1, 1, 1, 1, 1, 0, 1])
  })

  test('with the token that the tokenizer pads with, or the one that is named', () => {
    const added = ['<s>', '<pad>', '</s>', '<mask>'].map((content, at) => ({ content, id: 500 + at, special: true }))
    const named = withTokens(added, {})
    expect(named.specialIds).toEqual({ bos: 500, pad: 501, eos: 502, mask: 503 })
    const [short] = named.encodeBatch(['a', 'a b ab'], { padding: {} })
    expect([short.ids.slice(-1), short.tokens.slice(-1)]).toEqual([[501], ['<pad>']])
    const [other] = named.encodeBatch(['a', 'a b ab'], { padding: { padToken: '</s>' } })
    expect([other.ids.slice(-1), other.tokens.slice(-1)]).toEqual([[502], ['</s>']])
    const none = withTokens([], {})
    expect(() => none.encodeBatch(['a'], { padding: {} })).toThrow(/no token of its own to pad with; give \{ padding/)
    expect(() => none.encodeBatch(['a'], { padding: { padToken: '<pad>' } })).toThrow(/no token '<pad>'/)
    expect(none.encodeBatch(['a', 'a b'], { padding: { padId: 0 } })[0].tokens).toEqual(['a', none.idToToken(0)])
  })

  test('the file may say how texts are cut and filled', () => {
    const tokenizer = withTokens([], {
      truncation: { max_length: 2, strategy: 'LongestFirst', stride: 0, direction: 'Right' },
      padding: { strategy: { Fixed: 4 }, pad_id: 9, pad_type_id: 0, pad_token: 'P', direction: 'Left' },
    })
    expect(tokenizer.encode('a b ab')).toEqual([9, 9, 1, 2])
    expect(tokenizer.encodePlus('a b ab', { truncation: null, padding: null }).ids).toEqual([1, 2, 3])
  })
})

describe('misuse', () => {
  test.each([
    [() => bpe.encode('a', { addSpecial: true } as object), /no option 'addSpecial'/],
    [() => bpe.encode(1 as never), /encode: the text must be a string, not \d/],
    [() => bpe.encodePlus('a', { truncation: { maxLength: -1 } }), /maxLength must be a whole number/],
    [() => bpe.encodePlus('a', { truncation: { maxlength: 1 } as never }), /no option 'maxlength'/],
    [() => bpe.encodePlus('a', { padding: { padToMultipleOf: 0 } }), /padToMultipleOf must be/],
    [() => wordPiece.encodePlus('a', { truncation: { maxLength: 1 } }), /no room for 2 special tokens/],
    [() => wordPiece.encodePlus('aaaaaaa', { truncation: { maxLength: 3, stride: 1 } }), /stride 1 is not below the 1/],
    [() => bpe.encodeBatch(['a'], { pair: 'b' } as object), /no option 'pair'/],
    [() => bpe.decode([400]), /decode: there is no token 400; ids are below 400/],
    [() => bpe.decode([1], { skip: true } as object), /no option 'skip'/],
    [() => bpe.decode('12' as never), /decode: the ids must be a list, not '12'/],
    [() => bpe.decode(5 as never), /decode: the ids must be a list, not 5/],
    [() => bpe.decode({ shape: [1] } as never), /those of a tensor are its data\(\)/],
    [() => bpe.decodeBatch(5 as never), /decodeBatch: ids must be a list/],
    [() => bpe.encodeBatch('low' as never), /encodeBatch: texts must be a list, not 'low'/],
    [() => bpe.encodeBatch([5] as never), /encodeBatch: the text must be a string, not \d/],
    [() => bpe.addTokens('low' as never), /addTokens: tokens must be a list, not 'low'/],
  ])('%s', (call, message) => {
    expect(call).toThrow(message)
  })
})
