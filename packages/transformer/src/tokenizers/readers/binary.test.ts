// Readers of binary files, held against files that are written here.
import { FormatError } from '@x/tensor/bytes'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GgufTooShort, readGguf } from '../../formats/gguf.ts'
import { utf8 } from '../bytes.ts'
import { CharsMap, precompiled } from '../normalizers/charsMap.ts'
import { Aligned } from '../steps.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { readGgufVocab } from './gguf.ts'
import { readLlama2c } from './llama2c.ts'
import { loadTokenizer } from './load.ts'
import { readSentencePiece } from './sentencePiece.ts'

const le = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) % 256)
const float = (value: number): number[] => [...new Uint8Array(Float32Array.of(value).buffer)]
const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]

/** A table of replacements, its trie placed entry by entry where there is room. */
function charsMapOf(rules: Readonly<Record<string, string>>): Uint8Array {
  const texts: number[] = []
  const places = new Map<string, number>()
  for (const [from, to] of Object.entries(rules)) {
    places.set([...utf8(from)].join(), texts.length)
    texts.push(...utf8(to), 0)
  }
  const units = new Uint32Array(4096)
  const taken = new Set([0])
  const keys = Object.keys(rules).map((from) => [...utf8(from)])
  const place = (node: number, prefix: number[]): void => {
    const depth = prefix.length
    const below = keys.filter((key) => key.length > depth && prefix.every((byte, i) => key[i] === byte))
    const children = [...new Set(below.map((key) => key[depth]))]
    const value = places.get(prefix.join())
    let offset = 1
    const isFree = (): boolean => [0, ...children].every((byte) => !taken.has(node ^ offset ^ byte))
    while (!isFree() || offset === 0) offset++
    for (const byte of [0, ...children]) taken.add(node ^ offset ^ byte)
    units[node] = (units[node] & 0xff) | (offset << 10) | (value === undefined ? 0 : 0x100)
    if (value !== undefined) units[node ^ offset] = 0x80000000 | value
    for (const byte of children) {
      units[node ^ offset ^ byte] = byte
      place(node ^ offset ^ byte, [...prefix, byte])
    }
  }
  place(0, [])
  return Uint8Array.from([...le(units.byteLength, 4), ...new Uint8Array(units.buffer), ...texts])
}

const RULES = { '\t': ' ', é: 'e', 'e\u0301': 'E', ﬁ: 'fi', '\u3000': ' ', '\u200b': '', A: 'a' }

describe('CharsMap', () => {
  const map = new CharsMap(charsMapOf(RULES))

  test('finds the longest entry, and the shortest', () => {
    expect(map.longest('e\u0301x', 0)).toEqual({ length: 2, text: 'E' })
    expect(map.longest('xﬁ', 1)).toEqual({ length: 1, text: 'fi' })
    expect(map.longest('ex', 0)).toBeNull()
    expect(map.shortest('Ax')).toBe('a')
    expect([map.isPlain('x', 0), map.isPlain('e\u0301', 0), map.isPlain('A', 0)]).toEqual([true, false, false])
  })

  test('is applied to graphemes as tokenizers does', () => {
    const rewrite = precompiled(map)
    expect(rewrite.apply('xé e\u0301 ﬁ\tA\r\n', true)).toBe('xe E fi a\r\n')
    // What an entry is a part of, it stands for.
    expect(rewrite.apply('A\u0301.', true)).toBe('a.')
    expect(rewrite.apply('é\u0301\u0302\u0303', true)).toBe('e\u0301\u0302\u0303')
    const aligned = Aligned.of('aﬁb').rewrite(rewrite)
    expect([aligned.text, aligned.origin(1, 2), aligned.origin(3, 4)]).toEqual(['afib', [1, 2], [2, 3]])
  })

  test('broken tables are refused, or do no harm', () => {
    expect(() => new CharsMap(new Uint8Array(3))).toThrow(FormatError)
    expect(() => new CharsMap(Uint8Array.from([...le(4, 4), 0, 0, 0, 0, 65]))).toThrow(/the last text has no end/)
    const bytes = charsMapOf(RULES)
    fc.assert(
      fc.property(fc.nat(bytes.length - 5), fc.nat(255), (at, value) => {
        const broken = new CharsMap(bytes.with(at + 4, value).with(bytes.length - 1, 0))
        for (let i = 0; i < 4; i++) broken.longest('ée\u0301\tA', i)
      }),
      { numRuns: 50 },
    )
  })
})

const message = (number: number, bytes: readonly number[] | Uint8Array): number[] => [
  ...varint(number * 8 + 2),
  ...varint(bytes.length),
  ...bytes,
]
const whole = (number: number, value: number): number[] => [...varint(number * 8), ...varint(value)]
const [NORMAL, UNKNOWN, CONTROL, SYMBOL, , BYTE] = [1, 2, 3, 4, 5, 6]
const BYTES = Array.from({ length: 256 }, (_, b) => `<0x${b.toString(16).toUpperCase().padStart(2, '0')}>`)

type Entry = readonly [text: string, score?: number, kind?: number]

/** A SentencePiece model. Types: 1 Unigram, 2 byte-pair encoding, 3 words, 4 characters. */
function modelOf(
  pieces: readonly Entry[],
  { type = 1, trainer = [] as number[], normalizer = [] as number[] } = {},
): Uint8Array {
  return Uint8Array.from([
    ...pieces.flatMap(([text, score = 0, kind = NORMAL]) =>
      message(1, [...message(1, utf8(text)), 0x15, ...float(score), ...(kind === NORMAL ? [] : whole(3, kind))]),
    ),
    ...message(2, [...whole(3, type), ...trainer]),
    ...message(3, normalizer),
  ])
}

const SPECIAL: Entry[] = [
  ['<unk>', 0, UNKNOWN],
  ['<s>', 0, CONTROL],
  ['</s>', 0, CONTROL],
]
const PIECES: Entry[] = [...SPECIAL, ['▁', -2], ['a', -3], ['b', -3], ['▁a', -3.5], ['ab', -4], ['▁ab', -4.5]]
const tokens = (tokenizer: Tokenizer, text: string): string[] => tokenizer.encodePlus(text).tokens

describe('readSentencePiece', () => {
  test('Unigram: spaces begin words, what is unknown is one piece', () => {
    const tokenizer = readSentencePiece(modelOf(PIECES))
    expect(tokens(tokenizer, '  ab  xyb ')).toEqual(['▁ab', '▁', 'xy', 'b'])
    expect(tokenizer.encode('ab xy')).toEqual([8, 3, 0])
    expect(tokenizer.decode([1, 8, 3, 0, 2])).toBe('ab  \u2047 ')
    expect(tokenizer.encodePlus(' ab  b').offsets).toEqual([
      [1, 3],
      [3, 4],
      [5, 6],
    ])
    expect(tokenizer.specialIds).toEqual({ bos: 1, eos: 2, pad: undefined, unk: 0 })
    expect(tokenizer.encode('<s>')).toEqual([3, 0])
    expect(readSentencePiece(modelOf(PIECES), { addBos: true, addEos: true }).encode('ab')).toEqual([1, 8, 2])
  })

  test('byte-pair encoding merges by score, and bytes stand for what is unknown', () => {
    const bytes = BYTES.map((text): Entry => [text, 0, BYTE])
    const trainer = whole(35, 1)
    const pieces: Entry[] = [...PIECES.slice(0, 5), ['b', -3], ['ab', -1], ['▁a', -2], ...bytes, ['qz', -9]]
    const tokenizer = readSentencePiece(modelOf(pieces, { type: 2, trainer }))
    expect(tokens(tokenizer, 'ab a é')).toEqual(['▁', 'ab', '▁a', '▁', '<0xC3>', '<0xA9>'])
    // Two characters that are no pieces may still be one together.
    expect(tokens(tokenizer, 'qz')).toEqual(['▁', 'qz'])
    expect(tokens(tokenizer, 'q')).toEqual(['▁', '<0x71>'])
    expect(tokenizer.decode(tokenizer.encode('é\u0301 ab'))).toBe('é\u0301 ab')
    expect(tokenizer.decode([8 + 0xc3, 8 + 0xff, 8 + 0x41, 4])).toBe('\ufffd\ufffdAa')
  })

  test('symbols are taken whole, whatever they are', () => {
    const symbols: Entry[] = [
      ['<sep>', 0, SYMBOL],
      ['ba', 0, SYMBOL],
    ]
    for (const type of [1, 2, 4]) {
      const tokenizer = readSentencePiece(modelOf([...PIECES, ...symbols], { type }))
      expect(tokens(tokenizer, 'b<sep>aba')).toEqual(['▁', 'b', '<sep>', 'a', 'ba'])
    }
  })

  test('says how texts are normalised', () => {
    const with_ = (normalizer: number[], trainer: number[] = []) =>
      readSentencePiece(modelOf(PIECES, { normalizer, trainer }))
    expect(tokens(with_(whole(3, 0)), 'ab')).toEqual(['ab'])
    expect(tokens(with_(whole(4, 0)), ' ab')).toEqual(['▁', '▁ab'])
    expect(tokens(with_([], whole(24, 1)), 'ab')).toEqual(['ab', '▁'])
    expect(tokens(with_(message(2, charsMapOf(RULES))), 'A\tb')).toEqual(['▁a', '▁', 'b'])
    expect(with_([], message(44, utf8('?'))).decode([0])).toBe('?')
  })

  test('says what is wrong', () => {
    const read = (bytes: Uint8Array) => () => readSentencePiece(bytes)
    expect(read(new Uint8Array(0))).toThrow(/at byte 0: the file has no pieces/)
    expect(read(modelOf(PIECES, { type: 3 }))).toThrow(/models of type 3 \(words\) are not supported/)
    expect(read(modelOf([...PIECES, ['a']]))).toThrow(/pieces 4 and 9 are both "a"/)
    expect(read(modelOf(PIECES.slice(1)))).toThrow(/one unknown piece, not 0/)
    expect(read(modelOf([...PIECES, ['c', 0, 9]]))).toThrow(/at byte \d+: there is no type 9/)
    expect(read(modelOf(PIECES, { trainer: whole(35, 1) }))).toThrow(/0 pieces for the 256 bytes/)
    expect(read(modelOf(PIECES).slice(0, 20))).toThrow(/at byte \d+: /)
    expect(read(modelOf([...PIECES, ['c', 0, 5]], { type: 2 }))).toThrow(/unused pieces/)
  })

  test('survives any change to a file', () => {
    survives(modelOf(PIECES, { normalizer: message(2, charsMapOf({ é: 'e' })) }).slice(0, 4000), readSentencePiece)
  })
})

/** Reads a file with some bytes changed, or cut off: it is read, or refused with a typed error. */
function survives(file: Uint8Array, read: (bytes: Uint8Array) => Tokenizer): void {
  const changes = fc.array(fc.tuple(fc.nat(Math.min(file.length, 300) - 1), fc.nat(255)), { maxLength: 3 })
  fc.assert(
    fc.property(changes, fc.nat(file.length), (some, end) => {
      const changed = file.slice(0, end < 40 ? end : file.length)
      for (const [at, value] of some) if (at < changed.length) changed[at] = value
      try {
        read(changed).encode('ab a')
      } catch (error) {
        if (!(error instanceof FormatError)) throw error
      }
    }),
    { numRuns: 300 },
  )
}

describe('readLlama2c', () => {
  const entries: [string, number][] = [
    ['<unk>', 0],
    ['\n<s>\n', 0],
    ['\n</s>\n', 0],
    ...BYTES.map((text): [string, number] => [text, 0]),
    [' ', -2],
    ['a', -3],
    ['b', -3],
    [' a', -1],
    ['ab', -2],
  ]
  const write = (list: readonly [string, number][]): Uint8Array =>
    Uint8Array.from([
      ...le(9, 4),
      ...list.flatMap(([text, score]) => [...float(score), ...le(utf8(text).length, 4), ...utf8(text)]),
    ])

  test('merges by score, and begins with <s>', () => {
    const tokenizer = readLlama2c(write(entries))
    expect(tokenizer.encode('ab ab\n')).toEqual([1, 262, 261, 262, 261, 13])
    expect(tokenizer.encode('ab', { addSpecialTokens: false })).toEqual([262, 261])
    expect(tokenizer.decode([1, 262, 261, 13])).toBe('ab\n')
    expect(readLlama2c(write(entries), { addBos: false, addEos: true }).encode('b')).toEqual([259, 261, 2])
  })

  test('says what is wrong', () => {
    expect(() => readLlama2c(new Uint8Array(2))).toThrow(/at byte 0: 2 bytes are no vocabulary/)
    expect(() => readLlama2c(write(entries).slice(0, 40))).toThrow(/at byte \d+: the file ends within a token/)
    expect(() => readLlama2c(write([['x'.repeat(10), 0]]))).toThrow(
      /at byte 8: a token of 10 bytes where 9 are the most/,
    )
    expect(() => readLlama2c(write(entries.slice(3)))).toThrow(/token 3 does not stand for the byte 0/)
  })
})

type Value = { readonly kind: number; readonly bytes: readonly number[] }
const u64 = (value: number): number[] => le(value, 8)
const string = (text: string): number[] => [...u64(utf8(text).length), ...utf8(text)]
const values = {
  text: (text: string): Value => ({ kind: 8, bytes: string(text) }),
  int: (value: number): Value => ({ kind: 4, bytes: le(value, 4) }),
  long: (value: number): Value => ({ kind: 10, bytes: u64(value) }),
  flag: (value: boolean): Value => ({ kind: 7, bytes: [Number(value)] }),
  texts: (list: readonly string[]): Value => ({
    kind: 9,
    bytes: [...le(8, 4), ...u64(list.length), ...list.flatMap(string)],
  }),
  floats: (list: readonly number[]): Value => ({
    kind: 9,
    bytes: [...le(6, 4), ...u64(list.length), ...list.flatMap(float)],
  }),
  ints: (list: readonly number[]): Value => ({
    kind: 9,
    bytes: [...le(5, 4), ...u64(list.length), ...list.flatMap((x) => le(x, 4))],
  }),
  bytes: (list: Uint8Array): Value => ({ kind: 9, bytes: [...le(0, 4), ...u64(list.length), ...list] }),
}

function ggufOf(metadata: Readonly<Record<string, Value>>, tensors: readonly number[][] = []): Uint8Array {
  const entries = Object.entries(metadata).flatMap(([key, { kind, bytes }]) => [
    ...string(key),
    ...le(kind, 4),
    ...bytes,
  ])
  return Uint8Array.from([
    ...utf8('GGUF'),
    ...le(3, 4),
    ...u64(tensors.length),
    ...u64(Object.keys(metadata).length),
    ...entries,
    ...tensors.flat(),
  ])
}

const tensor = (name: string, dims: readonly number[], type: number, offset: number): number[] => [
  ...string(name),
  ...le(dims.length, 4),
  ...dims.flatMap(u64),
  ...le(type, 4),
  ...u64(offset),
]

describe('readGguf', () => {
  test('reads metadata and tensors', () => {
    const nested: Value = { kind: 9, bytes: [...le(9, 4), ...u64(1), ...values.ints([1, 2]).bytes] }
    const metadata = {
      a: values.text('é'),
      b: values.long(5),
      c: values.flag(true),
      d: values.floats([0.5]),
      e: nested,
    }
    const file = ggufOf(metadata, [tensor('x', [4, 3], 0, 0), tensor('y', [64], 8, 64)])
    const { version, metadata: found, tensors } = readGguf(file)
    expect(version).toBe(3)
    expect(found.get('a')).toBe('é')
    expect(found.get('b')).toBe(5)
    expect(found.get('c')).toBe(true)
    expect(found.get('d')).toEqual(Float32Array.of(0.5))
    expect(found.get('e')).toEqual([Int32Array.of(1, 2)])
    const begin = Math.ceil(file.length / 32) * 32
    expect(tensors.map(({ name, shape, at, bytes, type }) => [name, shape, at, bytes, type.name])).toEqual([
      ['x', [3, 4], begin, 48, 'F32'],
      ['y', [64], begin + 64, 68, 'Q8_0'],
    ])
  })

  test('says what is wrong, and when there is too little', () => {
    const good = ggufOf({ a: values.text('x') }, [tensor('x', [4], 0, 0)])
    for (let end = 0; end < good.length; end++) expect(() => readGguf(good.slice(0, end))).toThrow(GgufTooShort)
    expect(() => readGguf(good.with(0, 0))).toThrow(/at byte 0: the file does not begin with GGUF/)
    expect(() => readGguf(good.with(4, 1))).toThrow(/version 1 is not supported/)
    expect(() => readGguf(ggufOf({ a: { kind: 99, bytes: [] } }))).toThrow(/no kind 99/)
    expect(() => readGguf(ggufOf({}, [tensor('x', [4], 77, 0)]))).toThrow(/'x' is of type 77/)
    expect(() => readGguf(ggufOf({}, [tensor('x', [33], 8, 0)]))).toThrow(/rows of 33, which blocks of 32/)
    expect(() => readGguf(ggufOf({}, [tensor('x', [4], 0, 8)]))).toThrow(/lies at 8, no multiple of 32/)
    expect(() => readGguf(ggufOf({}, [tensor('x', [4], 0, 0), tensor('x', [4], 0, 0)]))).toThrow(/stands there twice/)
    expect(() => readGguf(ggufOf({ 'general.alignment': values.int(7) }))).toThrow(/alignment 7/)
  })
})

describe('readGgufVocab', () => {
  const keys = (model: string, entries: Readonly<Record<string, Value>>): Uint8Array =>
    ggufOf(
      Object.fromEntries(
        Object.entries({ model: values.text(model), ...entries }).map(([key, value]) => [
          `tokenizer.ggml.${key}`,
          value,
        ]),
      ),
    )
  const pieceKeys = (list: readonly Entry[]): Readonly<Record<string, Value>> => ({
    tokens: values.texts(list.map(([text]) => text)),
    scores: values.floats(list.map(([, score = 0]) => score)),
    token_type: values.ints(list.map(([, , kind = NORMAL]) => kind)),
    bos_token_id: values.int(1),
    eos_token_id: values.int(2),
  })

  test('llama and t5: pieces, with what the file sets around texts', () => {
    const llama = readGgufVocab(keys('llama', pieceKeys(PIECES)))
    expect(llama.encode('ab</s>')).toEqual([1, 8, 2])
    expect(llama.encode(' a', { addSpecialTokens: false })).toEqual([3, 6])
    const t5 = readGgufVocab(
      keys('t5', {
        ...pieceKeys(PIECES),
        add_eos_token: values.flag(true),
        precompiled_charsmap: values.bytes(charsMapOf(RULES)),
      }),
    )
    expect(t5.encode('Ab')).toEqual([8, 2])
    expect(t5.decode([8, 2], { skipSpecialTokens: true })).toBe('ab')
    expect(readGgufVocab(keys('t5', pieceKeys(PIECES)), { addBos: true }).encode('a')).toEqual([1, 6])
  })

  const words = ['a', 'b', 'ab', 'Ġ', 'Ġab', '1', '2', '<s>']
  const gpt2 = {
    tokens: values.texts(words),
    token_type: values.ints(words.map((word) => (word === '<s>' ? CONTROL : NORMAL))),
    merges: values.texts(['a b', 'Ġ ab']),
  }

  test('gpt2: merges, and words by the name of the model', () => {
    const digits = readGgufVocab(keys('gpt2', { ...gpt2, pre: values.text('starcoder') }))
    expect(digits.encode('ab ab12<s>')).toEqual([2, 4, 5, 6, 7])
    expect(
      readGgufVocab(keys('gpt2', { ...gpt2, bos_token_id: values.int(7), add_bos_token: values.flag(true) })).encode(
        'ab',
      ),
    ).toEqual([7, 2])
    for (const pre of [
      'default',
      'gpt-2',
      'llama-bpe',
      'qwen2',
      'gpt-4o',
      'tekken',
      'falcon',
      'bloom',
      'viking',
      'deepseek-llm',
      'deepseek-coder',
      'deepseek-v3',
      'dbrx',
    ]) {
      const tokenizer = readGgufVocab(keys('gpt2', { ...gpt2, pre: values.text(pre) }))
      expect(tokenizer.decode(tokenizer.encode('ab 12 ab', { addSpecialTokens: false }))).toBe('ab 12 ab')
    }
  })

  test('bert: words are marked where they begin', () => {
    const list = ['[UNK]', '[CLS]', '[SEP]', '▁hello', 's', '▁,']
    const bert = readGgufVocab(
      keys('bert', {
        tokens: values.texts(list),
        token_type: values.ints([UNKNOWN, CONTROL, CONTROL, NORMAL, NORMAL, NORMAL]),
        unknown_token_id: values.int(0),
        cls_token_id: values.int(1),
        seperator_token_id: values.int(2),
      }),
    )
    expect(bert.encode('Hellos, x')).toEqual([1, 3, 4, 5, 0, 2])
    expect(bert.encodePlus('hello', { pair: 'hello' }).typeIds).toEqual([0, 0, 0, 1, 1])
  })

  test('says what is wrong', () => {
    const read = (file: Uint8Array) => () => readGgufVocab(file)
    expect(read(ggufOf({}))).toThrow('tokenizer.ggml.tokens: texts are wanted, and missing')
    expect(read(keys('rwkv', { tokens: values.texts(['a']) }))).toThrow(
      "'rwkv' is not supported; llama, t5, gpt2, bert are",
    )
    expect(read(keys('gpt2', { ...gpt2, pre: values.text('x') }))).toThrow(/'x' is not supported; default, gpt-2,/)
    expect(read(keys('gpt2', { ...gpt2, merges: values.texts(['a']) }))).toThrow('tokenizer.ggml.merges[0]: two tokens')
    expect(read(keys('gpt2', { ...gpt2, token_type: values.ints([1]) }))).toThrow('token_type: 8 numbers are wanted')
    expect(read(keys('gpt2', { ...gpt2, bos_token_id: values.int(99) }))).toThrow(
      'bos_token_id: the id of a token is wanted',
    )
    expect(read(keys('llama', { tokens: values.texts(['a']) }))).toThrow(
      /neither tokens for bytes nor one for what is unknown/,
    )
  })

  test('survives any change to a file', () => {
    survives(keys('llama', pieceKeys(PIECES)), readGgufVocab)
    survives(keys('gpt2', gpt2), readGgufVocab)
  })

  test('loadTokenizer tells binary formats apart', async () => {
    expect((await loadTokenizer(keys('gpt2', gpt2))).encode('ab')).toEqual([2])
    expect((await loadTokenizer(modelOf(PIECES), { addEos: true })).encode('ab')).toEqual([8, 2])
  })
})
