// Readers of JSON and text files: what they make of good ones, and what they say about bad ones.
import { FormatError } from '@x/tensor/bytes'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { utf8 } from '../bytes.ts'
import { trainBpe, trainWordPiece } from '../training/bpe.ts'
import { trainUnigram } from '../training/unigram.ts'
import { readBertVocab } from './bert.ts'
import { readGpt2 } from './gpt2.ts'
import { loadTokenizer } from './load.ts'
import { readTiktoken } from './tiktoken.ts'
import { readTokenizerJson } from './tokenizerJson.ts'

const wordLevel = { type: 'WordLevel', vocab: { '<unk>': 0, a: 1, b: 2 }, unk_token: '<unk>' }
const bpe = { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: ['a b'] }

describe('readTokenizerJson', () => {
  test('takes text, bytes and objects, and tokens from a configuration', () => {
    const json = JSON.stringify({ model: wordLevel, added_tokens: [{ id: 3, content: '</s>', special: true }] })
    for (const file of [json, utf8(`\ufeff${json}`), JSON.parse(json)]) {
      expect(readTokenizerJson(file).encode('a')).toEqual([1])
    }
    const config = { eos_token: '</s>', unk_token: { content: '<unk>' }, pad_token: null, bos_token: 'nothing' }
    expect(readTokenizerJson(json, { config }).specialIds).toEqual({ eos: 3, unk: 0 })
  })

  test('knows the models of older files, and merges as lists', () => {
    const { type: _, ...old } = bpe
    expect(readTokenizerJson({ model: old }).encode('ab')).toEqual([2])
    expect(readTokenizerJson({ model: { ...bpe, merges: [['a', 'b']] } }).encode('ab')).toEqual([2])
    expect(readTokenizerJson({ model: { vocab: [['a', -1]], unk_id: null } }).encode('a')).toEqual([0])
    expect(readTokenizerJson({ model: { vocab: { a: 0 } } }).encode('a')).toEqual([0])
  })

  test.each<[string, object, string, string, string]>([
    [
      'Metaspace',
      {
        pre_tokenizer: { type: 'Metaspace', replacement: '▁', add_prefix_space: true },
        decoder: { type: 'Metaspace', replacement: '▁', add_prefix_space: true },
      },
      'a b',
      '▁a ▁b',
      'a b',
    ],
    [
      'ByteLevel',
      { pre_tokenizer: { type: 'ByteLevel', add_prefix_space: true }, decoder: { type: 'ByteLevel' } },
      'é',
      'ĠÃ©',
      ' é',
    ],
    [
      'Digits',
      { pre_tokenizer: { type: 'Digits', individual_digits: true }, decoder: { type: 'Fuse' } },
      'a12',
      'a 1 2',
      'a12',
    ],
    [
      'Split',
      {
        pre_tokenizer: { type: 'Split', pattern: { String: '-' }, behavior: 'MergedWithNext' },
        decoder: { type: 'Fuse' },
      },
      'a-b',
      'a -b',
      'a-b',
    ],
    ['CharDelimiterSplit', { pre_tokenizer: { type: 'CharDelimiterSplit', delimiter: '_' } }, 'a_b', 'a b', 'a b'],
    [
      'BPEDecoder',
      {
        pre_tokenizer: { type: 'Split', pattern: { Regex: '\\S+' }, behavior: 'Removed', invert: true },
        decoder: { type: 'BPEDecoder', suffix: '</w>' },
      },
      'a</w> b</w>',
      'a</w> b</w>',
      'a b',
    ],
    [
      'WordPiece',
      { pre_tokenizer: { type: 'WhitespaceSplit' }, decoder: { type: 'WordPiece', prefix: '##', cleanup: true } },
      "un ##do , do n't",
      "un ##do , do n't",
      "undo, don't",
    ],
    [
      'ByteFallback',
      {
        pre_tokenizer: { type: 'WhitespaceSplit' },
        decoder: { type: 'Sequence', decoders: [{ type: 'ByteFallback' }, { type: 'Fuse' }] },
      },
      '<0xC3> <0xA9> x <0xFF> <0xFE>',
      '<0xC3> <0xA9> x <0xFF> <0xFE>',
      'éx\ufffd\ufffd',
    ],
    [
      'Strip',
      {
        pre_tokenizer: { type: 'WhitespaceSplit' },
        decoder: {
          type: 'Sequence',
          decoders: [
            { type: 'Replace', pattern: { String: '_' }, content: '$&' },
            { type: 'Strip', content: 'x', start: 1, stop: 2 },
          ],
        },
      },
      'xx_axxx',
      'xx_axxx',
      'x$&ax',
    ],
    [
      'CTC',
      {
        pre_tokenizer: { type: 'FixedLength', length: 1 },
        decoder: { type: 'CTC', pad_token: '.', word_delimiter_token: '|', cleanup: true },
      },
      'aa.a||b',
      'a a . a | | b',
      'aa b',
    ],
  ])('%s cuts and puts together', (_, parts, text, tokens, decoded) => {
    const names = [...new Set(tokens.split(' '))]
    const vocab = Object.fromEntries(names.map((name, id) => [name, id]))
    const tokenizer = readTokenizerJson({ ...parts, model: { type: 'WordLevel', vocab, unk_token: '?' } })
    expect(tokenizer.tokenize(text).join(' ')).toBe(tokens)
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(decoded)
  })

  test('normalisers follow one another', () => {
    const normalizers = [
      { type: 'Strip', strip_left: true, strip_right: true },
      { type: 'NFKD' },
      { type: 'StripAccents' },
      { type: 'Lowercase' },
      { type: 'Replace', pattern: { Regex: 'x+' }, content: '$' },
      { type: 'Replace', pattern: { String: '$' }, content: '$$' },
      { type: 'Prepend', prepend: '_' },
    ]
    const vocab = { _fi$$e: 0 }
    const file = { normalizer: { type: 'Sequence', normalizers }, model: { type: 'WordLevel', vocab, unk_token: '?' } }
    expect(readTokenizerJson(file).encode('  ﬁxxÉ ')).toEqual([0])
    expect(readTokenizerJson(file).encodePlus('  ﬁxxÉ ').offsets).toEqual([[2, 6]])
  })

  test('templates stand around texts, and offsets leave out spaces', () => {
    const special = (id: string) => ({ SpecialToken: { id, type_id: 0 } })
    const sequence = (id: string, type_id = 0) => ({ Sequence: { id, type_id } })
    const template = {
      type: 'TemplateProcessing',
      single: [special('<s>'), sequence('A')],
      pair: [sequence('A'), special('<s>'), sequence('B', 1)],
      special_tokens: { '<s>': { id: '<s>', ids: [8, 9], tokens: ['<', 's>'] } },
    }
    const parts = {
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false },
      model: { ...wordLevel, vocab: { ...wordLevel.vocab, Ġb: 3 } },
    }
    const byteLevel = { type: 'ByteLevel', trim_offsets: true, add_prefix_space: false }
    const tokenizer = readTokenizerJson({
      ...parts,
      post_processor: { type: 'Sequence', processors: [byteLevel, template] },
    })
    expect(tokenizer.encode('a b')).toEqual([8, 9, 1, 3])
    expect(tokenizer.encodePlus('a b').offsets).toEqual([
      [0, 0],
      [0, 0],
      [0, 1],
      [2, 3],
    ])
    const pair = tokenizer.encodePlus('a', { pair: 'b' })
    expect([pair.ids, pair.typeIds]).toEqual([
      [1, 8, 9, 2],
      [0, 0, 0, 1],
    ])
    const roberta = { type: 'RobertaProcessing', sep: ['</s>', 7], cls: ['<s>', 6], trim_offsets: false }
    expect(readTokenizerJson({ ...parts, post_processor: roberta }).encodePlus('a', { pair: 'b' }).ids).toEqual([
      6, 1, 7, 7, 2, 7,
    ])
    const two = { type: 'Sequence', processors: [template, template] }
    expect(() => readTokenizerJson({ ...parts, post_processor: two })).toThrow(/several templates/)
  })

  test.each<[object | string, string]>([
    ['{', 'tokenizer.json: no JSON'],
    ['[]', 'tokenizer.json: an object is wanted'],
    [{}, 'tokenizer.json.model: an object is wanted, and it is missing'],
    [{ model: { type: 'X' } }, "tokenizer.json.model.type: 'X' is not supported; BPE,"],
    [{ model: { type: 'toString' } }, "tokenizer.json.model.type: 'toString' is not supported"],
    [{ model: { ...bpe, vocab: { a: -1 } } }, 'tokenizer.json.model.vocab["a"]: an id is wanted, not -1'],
    [{ model: { ...bpe, merges: ['a b', 'a'] } }, 'tokenizer.json.model.merges[1]: two tokens are wanted, not "a"'],
    [{ model: { ...bpe, merges: ['a c'] } }, "tokenizer.json.model.merges[0]: 'c' is not in the vocabulary"],
    [{ model: { ...bpe, merges: {} } }, 'tokenizer.json.model.merges: a list is wanted'],
    [{ model: { ...bpe, dropout: 0.1 } }, 'tokenizer.json.model.dropout: merges that are left out'],
    [{ model: { ...bpe, unk_token: '?' } }, "tokenizer.json.model.unk_token: '?' is not in the vocabulary"],
    [{ model: { type: 'Unigram', vocab: [['a']], unk_id: 0 } }, 'tokenizer.json.model.vocab[0][1]: a number is wanted'],
    [
      { model: { type: 'Unigram', vocab: [['a', 0]], unk_id: 1 } },
      'tokenizer.json.model.unk_id: there are only 1 pieces',
    ],
    [{ model: { type: 'WordPiece', vocab: { a: 0 } } }, "'[UNK]' is not in the vocabulary"],
    [
      { model: bpe, normalizer: { type: 'Upper' } },
      "tokenizer.json.normalizer.type: 'Upper' is not supported; Sequence, NFC",
    ],
    [{ model: bpe, normalizer: { type: 'Precompiled', precompiled_charsmap: '?' } }, 'precompiled_charsmap: no base64'],
    [
      { model: bpe, normalizer: { type: 'Precompiled', precompiled_charsmap: 'AAAA' } },
      'precompiled_charsmap: at byte 0',
    ],
    [
      { model: bpe, pre_tokenizer: { type: 'Split', pattern: { Regex: '(' }, behavior: 'Isolated' } },
      'tokenizer.json.pre_tokenizer.pattern.Regex: at 1 of "("',
    ],
    [
      { model: bpe, pre_tokenizer: { type: 'Split', pattern: { String: 'x' }, behavior: 'No' } },
      'behavior: one of Removed, ',
    ],
    [
      { model: bpe, added_tokens: [{ content: 'x' }] },
      'tokenizer.json.added_tokens[0].id: an id is wanted, and it is missing',
    ],
    [
      { model: bpe, post_processor: { type: 'BertProcessing', cls: ['a'], sep: ['b', 1] } },
      'post_processor.cls[1]: an id is wanted',
    ],
    [
      { model: bpe, truncation: { max_length: 1, strategy: 'No' } },
      'tokenizer.json.truncation.strategy: one of LongestFirst',
    ],
  ])('says what is wrong with %j', (file, message) => {
    expect(() => readTokenizerJson(file)).toThrow(FormatError)
    expect(() => readTokenizerJson(file)).toThrow(message)
  })

  test('survives any change to a file', () => {
    const files = [
      trainBpe(['ab abc'], { vocabSize: 258, specialTokens: ['<s>'] }),
      trainWordPiece(['ab abc'], { vocabSize: 12 }),
      trainUnigram(['ab abc ab'], { vocabSize: 12 }),
    ].map((tokenizer) => JSON.stringify(tokenizer))
    const values = fc.constantFrom('null', '0', '-1', '"x"', '[]', '{}', 'true', '1e9', '')
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        values,
        (file, where, value) => {
          // Puts another value where one begins.
          const places = [...file.matchAll(/(?<=[:[,])(?:"[^"]*"|[\d.-]+|true|false|null|\[\]|\{\})/g)]
          const { index, 0: old } = places[Math.floor(where * places.length)]
          const changed = file.slice(0, index) + value + file.slice(index + old.length)
          try {
            readTokenizerJson(changed).encode('abc ab')
          } catch (error) {
            if (!(error instanceof FormatError || error instanceof RangeError)) throw error
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('readGpt2', () => {
  const vocab = { l: 0, o: 1, w: 2, Ġ: 3, lo: 4, low: 5, Ġlow: 6, '<|endoftext|>': 7 }
  const merges = '#version: 0.2\nl o\nlo w\nĠ low\n'

  test('merges words, and knows the end of texts', () => {
    const tokenizer = readGpt2({ vocab: JSON.stringify(vocab), merges: utf8(merges.replaceAll('\n', '\r\n')) })
    expect(tokenizer.encode('low low<|endoftext|>')).toEqual([5, 6, 7])
    expect(tokenizer.specialIds).toEqual({ bos: 7, eos: 7, unk: 7 })
    expect(tokenizer.decode([5, 6])).toBe('low low')
    expect(readGpt2({ vocab, merges }, { addPrefixSpace: true, specialTokens: [] }).encode('low')).toEqual([6])
  })

  test('says what is wrong', () => {
    expect(() => readGpt2({ vocab, merges: 'l o\nl' })).toThrow('merges.txt: line 2: two tokens are wanted, not "l"')
    expect(() => readGpt2({ vocab: '', merges })).toThrow('vocab.json: no JSON')
    expect(() => readGpt2({ vocab, merges }, { specialTokens: ['<x>'] })).toThrow("the special token '<x>' is not in")
    expect(() => readGpt2({ vocab, merges }, { special: [] } as object)).toThrow(/no option 'special'/)
  })
})

describe('readBertVocab', () => {
  const lines = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'the', 'cafe', '##s', 'Café', ',', 'σας', 'σασ']

  test('cuts words into pieces, in small letters or as they are', () => {
    const tokenizer = readBertVocab(lines.join('\n'))
    expect(tokenizer.tokenize('The CAFÉS, x')).toEqual(['[CLS]', 'the', 'cafe', '##s', ',', '[UNK]', '[SEP]'])
    expect(tokenizer.encode('ΣΑΣ')).toEqual([2, 9, 3])
    expect(readBertVocab(utf8(`${lines.join('\r\n')}\r\n`), { lowercase: false }).encode('Café the')).toEqual([
      2, 7, 4, 3,
    ])
    expect(readBertVocab(lines.join('\n'), { maxCharacters: 3 }).encode('cafe')).toEqual([2, 1, 3])
    expect(tokenizer.encode('[CLS]', { splitSpecialTokens: true, addSpecialTokens: false })).toEqual([1, 1, 1])
    expect(tokenizer.decode(tokenizer.encode('the cafes,'), { skipSpecialTokens: true })).toBe('the cafes,')
  })

  test('says what is wrong', () => {
    expect(() => readBertVocab('a\nb\na')).toThrow("vocab.txt: line 3: 'a' stands in line 1 too")
    expect(() => readBertVocab('a\nb')).toThrow("'[UNK]' is missing")
  })
})

describe('readTiktoken', () => {
  const line = (text: string, rank: number): string => `${btoa(String.fromCharCode(...utf8(text)))} ${rank}`
  const bytes = Array.from({ length: 256 }, (_, byte) => `${btoa(String.fromCharCode(byte))} ${byte}`)
  const options = { pattern: '\\S+| +', specialTokens: { '<|end|>': 300 } }
  const file = [...bytes, line('ab', 256), line('bc', 257), line('abcd', 258), line('é', 259)].join('\n')

  test('merges by rank, but takes a word that is a token whole', () => {
    const tokenizer = readTiktoken(file, options)
    expect(tokenizer.encode('abc é')).toEqual([256, 99, 32, 259])
    expect(tokenizer.encode('abcd xabcd')).toEqual([258, 32, 120, 256, 99, 100])
    expect(tokenizer.encode('a<|end|>')).toEqual([97, 300])
    expect(tokenizer.encode('<|end|>', { splitSpecialTokens: true }).length).toBe(7)
    expect(tokenizer.decode([256, 300, 259])).toBe('ab<|end|>é')
  })

  test('says what is wrong', () => {
    expect(() => readTiktoken(file)).toThrow(/no known encoding has 260 tokens/)
    expect(() => readTiktoken(file, { encoding: 'x' as never })).toThrow(/there are r50k_base,/)
    expect(() => readTiktoken('', options)).toThrow('tiktoken: line 1: the file has no tokens')
    expect(() => readTiktoken('YQ== 0\nYQ==', options)).toThrow('tiktoken: line 2: a token and a rank are wanted')
    expect(() => readTiktoken('YQ== 0\nYQ== 1', options)).toThrow('line 2: the token stands there twice')
    expect(() => readTiktoken('Y 0', options)).toThrow('line 1: no base64')
  })
})

test('loadTokenizer tells the formats apart', async () => {
  const load = (text: string, options: object = {}) => loadTokenizer(new Blob([text]), options)
  expect((await load(` ${JSON.stringify({ model: bpe })}`)).encode('ab')).toEqual([2])
  expect((await load('[UNK]\nx\n', { lowercase: false })).encode('x')).toEqual([1])
  expect((await load('YQ== 0\nYg== 1\n', { pattern: '.', specialTokens: {} })).encode('ba')).toEqual([1, 0])
  await expect(load('\0\0')).rejects.toThrow(/begins like no format/)
  await expect(load('[UNK]\n', { addBos: true })).rejects.toThrow(/no option 'addBos'/)
})
