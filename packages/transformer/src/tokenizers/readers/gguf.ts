// Vocabularies in GGUF files. Source: ggml-org/ggml, docs/gguf.md; ggml-org/llama.cpp, src/llama-vocab.cpp.
import { checkOptions, FormatError } from '@x/tensor/bytes'
import { type Gguf, type GgufValue, readGguf } from '../../formats/gguf.ts'
import type { AddedToken } from '../addedTokens.ts'
import { byteCharactersOf } from '../bytes.ts'
import { splitAt } from '../cuts.ts'
import { byteLevel } from '../decoders.ts'
import { Bpe } from '../models/bpe.ts'
import { byteIds, Vocabulary } from '../models/model.ts'
import { CharsMap } from '../normalizers/charsMap.ts'
import { SPACE } from '../normalizers/sentencePiece.ts'
import { type EdgeOptions, edgeTemplate, type Piece, type PieceKind, tokenizerOfPieces } from '../pieces.ts'
import { translateRegex } from '../regex.ts'
import { type SpecialIds, Tokenizer } from '../tokenizer.ts'
import { bertTokenizer } from './bert.ts'
import { WORD_RULES } from './ggufPatterns.ts'
import { Json } from './json.ts'
import { readMerges } from './tokenizerJson.ts'

const KINDS: readonly (PieceKind | undefined)[] = [
  undefined,
  'normal',
  'unknown',
  'control',
  'symbol',
  'unused',
  'byte',
]

/**
 * The tokenizer of a GGUF file (llama, gpt2, bert, t5). Control and user-defined tokens are found in texts, special
 * tokens are set around them as the file says, or as `options` do.
 * @param file the file or its beginning, or what `readGguf` made of it
 * @throws FormatError naming the key and the reason
 */
export function readGgufVocab(file: Uint8Array | Gguf, options: EdgeOptions = {}): Tokenizer {
  checkOptions('readGgufVocab', options, ['addBos', 'addEos'])
  const vocab = new GgufVocab(file instanceof Uint8Array ? readGguf(file) : file)
  const kind = vocab.text('model')
  if (!Object.hasOwn(FAMILIES, kind)) {
    throw new FormatError(
      `gguf: tokenizer.ggml.model: '${kind}' is not supported; ${Object.keys(FAMILIES).join(', ')} are`,
    )
  }
  return FAMILIES[kind](vocab, options)
}

const FAMILIES: Readonly<Record<string, (vocab: GgufVocab, options: EdgeOptions) => Tokenizer>> = {
  llama: (vocab, options) => readPieces(vocab, options, 'bpe'),
  t5: (vocab, options) => readPieces(vocab, options, 'unigram'),
  gpt2: readBytePairs,
  bert: readWordPieces,
}

/** The keys below tokenizer.ggml. */
class GgufVocab {
  readonly #metadata: ReadonlyMap<string, GgufValue>
  readonly pieces: readonly Piece[]

  constructor({ metadata }: Gguf) {
    this.#metadata = metadata
    const texts = this.texts('tokens')
    const scores = this.#numbers('scores', texts.length)
    const kinds = this.#numbers('token_type', texts.length)
    this.pieces = texts.map((text, id) => {
      const kind = kinds ? KINDS[kinds[id]] : 'normal'
      if (!kind) throw new FormatError(`gguf: tokenizer.ggml.token_type[${id}]: there is no type ${kinds?.[id]}`)
      return { text, score: scores ? scores[id] : 0, kind }
    })
  }

  get(key: string): GgufValue | undefined {
    return this.#metadata.get(`tokenizer.ggml.${key}`)
  }

  #fail(key: string, wanted: string): never {
    const value = this.get(key)
    throw new FormatError(
      `gguf: tokenizer.ggml.${key}: ${wanted} wanted, ${value === undefined ? 'and missing' : `not a ${typeof value}`}`,
    )
  }

  text(key: string, fallback?: string): string {
    const value = this.get(key) ?? fallback
    return typeof value === 'string' ? value : this.#fail(key, 'a text is')
  }

  texts(key: string): readonly string[] {
    const value = this.get(key)
    if (!Array.isArray(value) || value.some((text) => typeof text !== 'string')) this.#fail(key, 'texts are')
    return value as readonly string[]
  }

  bytes(key: string): Uint8Array | null {
    const value = this.get(key)
    if (value === undefined) return null
    if (!(value instanceof Uint8Array || value instanceof Int8Array)) this.#fail(key, 'bytes are')
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  }

  #numbers(key: string, length: number): ArrayLike<number> | null {
    const value = this.get(key)
    if (value === undefined) return null
    if (!ArrayBuffer.isView(value) || (value as Float32Array).length !== length)
      this.#fail(key, `${length} numbers are`)
    return value as Float32Array
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.get(key) ?? fallback
    return typeof value === 'boolean' ? value : this.#fail(key, 'true or false is')
  }

  id(key: string): number | undefined {
    const value = this.get(`${key}_token_id`)
    if (value === undefined) return undefined
    if (typeof value !== 'number' || !(value in this.pieces)) this.#fail(`${key}_token_id`, 'the id of a token is')
    return value
  }

  get specialIds(): SpecialIds {
    return {
      bos: this.id('bos'),
      eos: this.id('eos'),
      unk: this.id('unknown'),
      pad: this.id('padding'),
      cls: this.id('cls'),
      sep: this.id('seperator') ?? this.id('separator'),
      mask: this.id('mask'),
    }
  }

  edges(options: EdgeOptions, addBos: boolean): EdgeOptions {
    return {
      addBos: options.addBos ?? this.flag('add_bos_token', addBos),
      addEos: options.addEos ?? this.flag('add_eos_token', false),
    }
  }

  /** Tokens that are found in texts as they are written. */
  get addedTokens(): AddedToken[] {
    return this.pieces.flatMap(({ text, kind }, id) =>
      ['control', 'symbol', 'unknown'].includes(kind)
        ? [{ content: text, id, special: kind !== 'symbol', normalized: false }]
        : [],
    )
  }

  vocabulary(write: (piece: Piece) => string = ({ text }) => text): Vocabulary {
    return new Vocabulary(new Map(this.pieces.map((piece, id) => [write(piece), id])))
  }
}

function readPieces(vocab: GgufVocab, options: EdgeOptions, model: 'bpe' | 'unigram'): Tokenizer {
  const { pieces, specialIds } = vocab
  const names = new Map(pieces.map(({ text }, id) => [text, id]))
  const byteFallback = byteIds((token) => names.get(token)) !== null
  if (model === 'bpe' && !byteFallback && !pieces.some(({ kind }) => kind === 'unknown')) {
    throw new FormatError('gguf: tokenizer.ggml.tokens: there are neither tokens for bytes nor one for what is unknown')
  }
  const charsMap = vocab.bytes('precompiled_charsmap')
  return tokenizerOfPieces(pieces, {
    ...vocab.edges(options, model === 'bpe'),
    model,
    byteFallback,
    normalizer: {
      charsMap: charsMap ? new CharsMap(charsMap, 'gguf: tokenizer.ggml.precompiled_charsmap') : null,
      addDummyPrefix: vocab.flag('add_space_prefix', true),
      removeExtraWhitespaces: vocab.flag('remove_extra_whitespaces', model === 'unigram'),
    },
    specialIds,
    findControls: true,
  })
}

function readBytePairs(vocab: GgufVocab, options: EdgeOptions): Tokenizer {
  const { pieces, specialIds } = vocab
  const pre = vocab.text('pre', 'default')
  const rules = WORD_RULES.find(({ names }) => names.includes(pre))
  if (!rules) {
    const known = WORD_RULES.flatMap(({ names }) => names).join(', ')
    throw new FormatError(`gguf: tokenizer.ggml.pre: '${pre}' is not supported; ${known} are`)
  }
  const { patterns, ignoreMerges = false } = rules
  const vocabulary = vocab.vocabulary()
  const merges = new Json(vocab.texts('merges'), 'gguf: tokenizer.ggml.merges')
  return new Tokenizer({
    model: new Bpe(vocabulary, readMerges(merges, vocabulary.ids, ''), { ignoreMerges }),
    addedTokens: vocab.addedTokens,
    preTokenizer: [
      ...patterns.map((pattern) => splitAt(translateRegex(pattern, `pattern of '${pre}'`), 'Isolated')),
      byteCharactersOf,
    ],
    template: edgeTemplate(pieces, specialIds, vocab.edges(options, pre.startsWith('llama'))),
    decoder: byteLevel(),
    specialIds,
  })
}

/** Tokens that begin words are marked here, not those that go on. */
function readWordPieces(vocab: GgufVocab, options: EdgeOptions): Tokenizer {
  const { specialIds, addedTokens } = vocab
  if (specialIds.unk === undefined) throw new FormatError('gguf: tokenizer.ggml.unknown_token_id: is missing')
  const vocabulary = vocab.vocabulary(({ text, kind }) => {
    if (kind !== 'normal' || /^\[.*\]$/.test(text)) return text
    return text.startsWith(SPACE) ? text.slice(SPACE.length) : `##${text}`
  })
  return bertTokenizer(vocabulary, { ...options, specialIds, addedTokens })
}
