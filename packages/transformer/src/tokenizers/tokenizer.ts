// A tokenizer: added tokens, normaliser, pre-tokenisers, model, template and decoder, one after the other.
import { checkOptions } from '@x/tensor/bytes'
import type { AddedToken } from './addedTokens.ts'
import type { Decoder } from './decoders.ts'
import { DecodeStream } from './decodeStream.ts'
import { type Encoding, type Padding, padded, type Truncation, truncated } from './encoding.ts'
import type { Model } from './models/model.ts'
import { checkCount, checkIds, checkList, checkText } from './options.ts'
import { Pipeline } from './pipeline.ts'
import type { Rewrite, Step } from './steps.ts'
import { filled, plainTemplate, specialCount, type Template } from './template.ts'

/** What a tokenizer is made of. */
export interface TokenizerParts {
  readonly model: Model
  readonly addedTokens?: readonly AddedToken[]
  readonly normalizer?: readonly Rewrite[]
  readonly preTokenizer?: readonly Step[]
  readonly template?: Template
  /** Tokens to text; without one they are joined by spaces. `ids` are those of the tokens. */
  readonly decoder?: ((tokens: readonly string[], ids: readonly number[]) => readonly string[]) | Decoder
  /** Whether decoded text stays as it is, whatever follows. Default: it does not end in an incomplete character. */
  readonly isWhole?: (text: string) => boolean
  readonly truncation?: Truncation | null
  readonly padding?: Padding | null
  readonly specialIds?: SpecialIds
  /** The parts that a tokenizer.json describes otherwise than by code. */
  readonly json?: object
}

/** Ids of tokens with a meaning of their own; undefined where there are none. */
export interface SpecialIds {
  readonly bos?: number
  readonly eos?: number
  readonly unk?: number
  readonly pad?: number
  readonly cls?: number
  readonly sep?: number
  readonly mask?: number
}

export interface EncodeOptions {
  /** Set what the model wants around a text: `[CLS]`, `<s>` and the like. Default true. */
  readonly addSpecialTokens?: boolean
  /** Take special tokens in the text for text: for input that nobody vouches for. Default false. */
  readonly splitSpecialTokens?: boolean
}

export interface EncodePlusOptions extends EncodeOptions {
  /** A second text. */
  readonly pair?: string
  /** Default: as the tokenizer's file says; null for none. */
  readonly truncation?: Truncation | null
  /** Default: as the tokenizer's file says; null for none. */
  readonly padding?: Padding | null
}

export interface DecodeOptions {
  /** Leave special tokens out. Default false. */
  readonly skipSpecialTokens?: boolean
}

const ENCODE = ['addSpecialTokens', 'splitSpecialTokens']
const ENCODE_PLUS = [...ENCODE, 'pair', 'truncation', 'padding']
const TRUNCATION = ['maxLength', 'stride', 'strategy', 'direction']
const PADDING = ['length', 'padToMultipleOf', 'direction', 'padId', 'padTypeId', 'padToken']

/**
 * Text to ids and back, as the program does it that a vocabulary was made with. Made by the readers (`loadTokenizer`,
 * `readTokenizerJson`, …) and the trainers (`trainBpe`, …).
 * @example
 * import { trainBpe } from '@x/transformer/tokenizers'
 * const tokenizer = trainBpe(['low lower lowest'], { vocabSize: 262 })
 * const ids = tokenizer.encode('lower')
 * tokenizer.decode(ids) // 'lower'
 */
export class Tokenizer {
  readonly model: Model
  readonly specialIds: SpecialIds
  readonly #parts: TokenizerParts
  readonly #pipeline: Pipeline
  readonly #template: Template
  #added: readonly AddedToken[] = []
  #addedIds = new Map<string, number>()
  #addedById = new Map<number, AddedToken>()

  constructor(parts: TokenizerParts) {
    this.#parts = parts
    this.model = parts.model
    this.specialIds = parts.specialIds ?? {}
    this.#template = parts.template ?? plainTemplate
    this.#pipeline = new Pipeline(parts.model, parts.normalizer ?? [], parts.preTokenizer ?? [])
    this.#setAdded(parts.addedTokens ?? [])
  }

  /** One more than the largest id. */
  get vocabSize(): number {
    return this.#added.reduce((size, { id }) => Math.max(size, id + 1), this.model.size)
  }

  /** Tokens that are found in the text as they are written. */
  get addedTokens(): readonly AddedToken[] {
    return this.#added
  }

  tokenToId(token: string): number | undefined {
    return this.#addedIds.get(token) ?? this.model.idOf(token)
  }

  idToToken(id: number): string | undefined {
    return this.#addedById.get(id)?.content ?? this.model.tokenOf(id)
  }

  /** Every token and its id. */
  getVocab(): Map<string, number> {
    const vocab = new Map<string, number>()
    for (let id = 0; id < this.vocabSize; id++) {
      const token = this.idToToken(id)
      if (token !== undefined) vocab.set(token, id)
    }
    return vocab
  }

  /**
   * Makes further tokens known, behind the last one unless the model has them; a name stands for a token that is
   * `normalized`, or `special` as `options` say.
   * @returns how many new ids there are
   * @throws TypeError for an empty token
   */
  addTokens(
    tokens: readonly (string | (Omit<AddedToken, 'id'> & { readonly id?: number }))[],
    options: { readonly special?: boolean } = {},
  ): number {
    checkOptions('addTokens', options, ['special'])
    checkList('addTokens', 'tokens', tokens)
    const before = this.vocabSize
    let size = before
    const fresh = new Map<string, number>()
    const added = tokens.map((given) => {
      const token = typeof given === 'string' ? { content: given, special: options.special ?? false } : given
      if (token.content === '') throw new TypeError('addTokens: a token must have at least one character')
      const id = token.id ?? fresh.get(token.content) ?? this.tokenToId(token.content) ?? size
      fresh.set(token.content, id)
      size = Math.max(size, id + 1)
      return { ...token, id }
    })
    this.#setAdded([...this.#added, ...added])
    return size - before
  }

  #setAdded(tokens: readonly AddedToken[]): void {
    this.#addedIds = new Map(tokens.map((token) => [token.content, token.id]))
    this.#addedById = new Map(tokens.map((token) => [token.id, token]))
    this.#added = [...this.#addedById.values()]
    this.#pipeline.addedTokens = this.#added
  }

  /**
   * The ids of a text.
   * @throws RangeError for options that there are not, or for text that the vocabulary has nothing for
   */
  encode(text: string, options: EncodeOptions = {}): number[] {
    checkText('encode', text)
    checkOptions('encode', options, ENCODE)
    const { truncation, padding } = this.#parts
    if (truncation || padding) return this.encodePlus(text, options).ids
    const { addSpecialTokens = true, splitSpecialTokens = false } = options
    const ids: number[] = []
    for (const part of this.#template.single) {
      if (!('ids' in part)) this.#pipeline.ids(text, splitSpecialTokens, ids)
      else if (addSpecialTokens) ids.push(...part.ids)
    }
    return ids
  }

  /** The tokens of a text, as they stand in the vocabulary. */
  tokenize(text: string, options: EncodeOptions = {}): string[] {
    return this.encode(text, options).map((id) => this.idToToken(id) as string)
  }

  /**
   * All that is to be said about a text, or a pair of texts: ids, tokens, where they come from, masks.
   * @throws RangeError for options that there are not, or that make no sense
   */
  encodePlus(text: string, options: EncodePlusOptions = {}): Encoding {
    checkText('encodePlus', text)
    checkOptions('encodePlus', options, ENCODE_PLUS)
    const encoding = this.#encoding(options.pair === undefined ? [text] : [text, options.pair], options)
    const padding = this.#paddingOf(options)
    return padding ? padded([encoding], padding)[0] : encoding
  }

  /**
   * The same for several texts, or pairs of texts, which padding brings to one length.
   * @throws RangeError for options that there are not, or that make no sense
   */
  encodeBatch(
    inputs: readonly (string | readonly [text: string, pair: string])[],
    options: Omit<EncodePlusOptions, 'pair'> = {},
  ): Encoding[] {
    checkOptions(
      'encodeBatch',
      options,
      ENCODE_PLUS.filter((name) => name !== 'pair'),
    )
    checkList('encodeBatch', 'texts', inputs)
    const encodings = inputs.map((input) => {
      const texts: readonly string[] = typeof input === 'object' ? input : [input]
      checkList('encodeBatch', 'a pair', texts)
      for (const text of texts) checkText('encodeBatch', text)
      if (texts.length < 1 || texts.length > 2)
        throw new RangeError(`encodeBatch: a text or a pair of them is wanted, not ${texts.length}`)
      return this.#encoding(texts, options)
    })
    const padding = this.#paddingOf(options)
    return padding ? padded(encodings, padding) : encodings
  }

  #paddingOf(options: EncodePlusOptions): Padding | null {
    const padding = options.padding === undefined ? this.#parts.padding : options.padding
    if (!padding) return null
    checkOptions('padding', padding, PADDING)
    if (padding.length !== undefined) checkCount('padding', 'length', padding.length)
    if (padding.padToMultipleOf !== undefined) checkCount('padding', 'padToMultipleOf', padding.padToMultipleOf, 1)
    const padId =
      padding.padId ?? (padding.padToken === undefined ? this.specialIds.pad : this.tokenToId(padding.padToken))
    if (padId === undefined) {
      const name = padding.padToken === undefined ? 'no token of its own to pad with' : `no token '${padding.padToken}'`
      throw new RangeError(
        `padding: the tokenizer has ${name}; give { padding: { padToken } }, one that it has, or padId`,
      )
    }
    return { padToken: this.idToToken(padId), ...padding, padId }
  }

  #encoding(texts: readonly string[], options: EncodePlusOptions): Encoding {
    const { addSpecialTokens = true, splitSpecialTokens = false } = options
    let encodings = texts.map((text) => this.#pipeline.spans(text, splitSpecialTokens))
    const truncation = options.truncation === undefined ? this.#parts.truncation : options.truncation
    if (truncation) {
      checkOptions('truncation', truncation, TRUNCATION)
      checkCount('truncation', 'maxLength', truncation.maxLength)
      checkCount('truncation', 'stride', truncation.stride ?? 0)
      const parts = texts.length === 2 ? this.#template.pair : this.#template.single
      encodings = truncated(encodings, addSpecialTokens ? specialCount(parts) : 0, truncation)
    }
    return filled(encodings, this.#template, addSpecialTokens)
  }

  /**
   * The text of ids.
   * @throws TypeError for what is no list; RangeError for an id that is no token's, and for options that there are not
   */
  decode(ids: ArrayLike<number>, options: DecodeOptions = {}): string {
    checkIds('decode', ids)
    checkOptions('decode', options, ['skipSpecialTokens'])
    const kept: number[] = []
    const tokens: string[] = []
    for (let i = 0; i < ids.length; i++) {
      const token = this.idToToken(ids[i])
      if (token === undefined) {
        throw new RangeError(`decode: there is no token ${ids[i]}; ids are below ${this.vocabSize}`)
      }
      if (options.skipSpecialTokens && this.#addedById.get(ids[i])?.special) continue
      kept.push(ids[i])
      tokens.push(token)
    }
    const { decoder } = this.#parts
    return decoder ? decoder(tokens, kept).join('') : tokens.join(' ')
  }

  /** The texts of several lists of ids. */
  decodeBatch(batch: Iterable<ArrayLike<number>>, options: DecodeOptions = {}): string[] {
    const lists = typeof batch === 'object' && batch && Symbol.iterator in batch ? [...batch] : batch
    checkList('decodeBatch', 'ids', lists)
    return Array.from(lists, (ids) => this.decode(ids, options))
  }

  /** Decodes ids one by one as they come, never half a character. */
  decodeStream(options: DecodeOptions = {}): DecodeStream {
    checkOptions('decodeStream', options, ['skipSpecialTokens'])
    const { isWhole = (text: string) => !text.endsWith('\ufffd') } = this.#parts
    return new DecodeStream((ids) => this.decode(ids, options), isWhole)
  }

  /**
   * The contents of a tokenizer.json: `JSON.stringify(tokenizer)` is one.
   * @throws TypeError for a tokenizer that such a file cannot describe (SentencePiece models, tiktoken files, GGUF)
   */
  toJSON(): object {
    const model = this.#parts.json && this.model.toJSON?.()
    if (!model)
      throw new TypeError('toJSON: a tokenizer.json cannot describe this tokenizer; keep the file it came from')
    return {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: this.#added.map(addedTokenJson),
      ...this.#parts.json,
      model,
    }
  }
}

function addedTokenJson({ id, content, special = false, singleWord, lstrip, rstrip, normalized }: AddedToken): object {
  return {
    id,
    content,
    single_word: singleWord ?? false,
    lstrip: lstrip ?? false,
    rstrip: rstrip ?? false,
    normalized: normalized ?? !special,
    special,
  }
}
