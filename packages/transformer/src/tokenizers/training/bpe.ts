// Training byte-pair encoding and WordPiece, which learns merges as well but keeps only the tokens.
import { checkOptions } from '@x/tensor/bytes'
import { BYTE_CHARACTERS, byteCharactersOf } from '../bytes.ts'
import { bertWords, splitAt } from '../cuts.ts'
import { bertNormalizer } from '../normalizers/bert.ts'
import { checkCount, checkTexts } from '../options.ts'
import { GPT2 } from '../patterns.ts'
import { readTokenizerJson } from '../readers/tokenizerJson.ts'
import { translateRegex } from '../regex.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { type CountedWord, learnMerges, type Ties } from './merges.ts'
import { charactersOf, countWords } from './words.ts'

export interface TrainBpeOptions {
  /** Tokens in all at most, special ones counted. */
  readonly vocabSize: number
  /** They come first in the vocabulary, and are not learnt from. Default none. */
  readonly specialTokens?: readonly string[]
  /** Pairs that occur less often are not merged. Default 0. */
  readonly minFrequency?: number
  /** How texts are cut into words that no token crosses, as a regular expression of Oniguruma; null for not at all. Default GPT-2's. */
  readonly pattern?: string | null
  /**
   * The order of the 256 bytes: 'visible' ones first as in GPT-2, or by their 'value' as in minbpe. Default 'visible'.
   */
  readonly byteOrder?: 'visible' | 'value'
  /**
   * Which of equally frequent pairs is merged: that of the 'lowestIds' (Hugging Face), the one that occurs 'first'
   * (minbpe), or the 'greatest' by its bytes (Stanford's CS 336). Default 'lowestIds'.
   */
  readonly ties?: Ties
}

/**
 * A byte-level byte-pair encoding learnt from texts: every text can be encoded with it. Training is deterministic.
 * @throws RangeError for options that there are not, or that make no sense
 * @example
 * import { trainBpe } from '@x/transformer/tokenizers'
 * const tokenizer = trainBpe(['low low low lower newest'], { vocabSize: 258 })
 * tokenizer.tokenize('low') // ['low']
 * JSON.stringify(tokenizer) // a tokenizer.json
 * @see Sennrich, Haddow, Birch 2016, "Neural machine translation of rare words with subword units"
 */
export function trainBpe(texts: Iterable<string>, options: TrainBpeOptions): Tokenizer {
  checkOptions('trainBpe', options, ['vocabSize', 'specialTokens', 'minFrequency', 'pattern', 'byteOrder', 'ties'])
  const { vocabSize, specialTokens = [], minFrequency = 0, pattern = GPT2, byteOrder = 'visible' } = options
  checkTexts('trainBpe', 'specialTokens', specialTokens)
  checkCount('trainBpe', 'minFrequency', minFrequency)
  const least = 256 + new Set(specialTokens).size
  if (!Number.isSafeInteger(vocabSize) || vocabSize < least) {
    throw new RangeError(`trainBpe: vocabSize ${vocabSize} is below the ${least} of all bytes and special tokens`)
  }
  const ties = oneOf('trainBpe', 'ties', options.ties ?? 'lowestIds', ['lowestIds', 'first', 'greatest'])
  oneOf('trainBpe', 'byteOrder', byteOrder, ['visible', 'value'])
  const cut = pattern === null ? [] : [splitAt(translateRegex(pattern), 'Isolated')]
  const counts = countWords('trainBpe', texts, { normalizer: [], steps: [...cut, byteCharactersOf], specialTokens })
  const tokens = new TokenList([
    ...specialTokens,
    ...(byteOrder === 'value' ? BYTE_CHARACTERS : [...BYTE_CHARACTERS].sort()),
  ])
  const words = [...counts].map(([word, count]) => ({ symbols: Array.from(word, (c) => tokens.idOf(c)), count }))
  const merges = learn(words, tokens, { vocabSize, minFrequency, ties, prefix: '' })
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: pattern === GPT2 }
  const split = { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false }
  return readTokenizerJson({
    added_tokens: tokens.added(specialTokens),
    pre_tokenizer:
      pattern === null || pattern === GPT2 ? byteLevel : { type: 'Sequence', pretokenizers: [split, byteLevel] },
    decoder: byteLevel,
    model: { type: 'BPE', vocab: tokens.vocab(), merges },
  })
}

export interface TrainWordPieceOptions {
  /** Tokens in all at most, special ones counted. */
  readonly vocabSize: number
  /** They come first in the vocabulary. Default BERT's: [PAD], [UNK], [CLS], [SEP], [MASK]. The unknown one must be among them. */
  readonly specialTokens?: readonly string[]
  /** Default '[UNK]'. */
  readonly unknown?: string
  /** Pairs that occur less often are not merged. Default 0. */
  readonly minFrequency?: number
  /** What tokens begin with that do not begin a word. Default '##'. */
  readonly continuingPrefix?: string
  /** Make small letters and strip accents. Default true. */
  readonly lowercase?: boolean
}

const BERT_TOKENS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']

/**
 * BERT's kind of tokenizer learnt from texts, as Hugging Face trains it: by the most frequent pairs. Training is
 * deterministic. Texts stand between `[CLS]` and `[SEP]` where these are among the special tokens.
 * @throws RangeError for options that there are not, or that make no sense
 * @example
 * import { trainWordPiece } from '@x/transformer/tokenizers'
 * const tokenizer = trainWordPiece(['hug hugs hugging'], { vocabSize: 18 })
 * tokenizer.tokenize('hugs', { addSpecialTokens: false }) // ['hug', '##s']
 * @see Schuster, Nakajima 2012, "Japanese and Korean voice search" (there by likelihood, not by frequency)
 */
export function trainWordPiece(texts: Iterable<string>, options: TrainWordPieceOptions): Tokenizer {
  checkOptions('trainWordPiece', options, [
    ...['vocabSize', 'specialTokens', 'unknown', 'minFrequency', 'continuingPrefix', 'lowercase'],
  ])
  const { vocabSize, specialTokens = BERT_TOKENS, unknown = '[UNK]', minFrequency = 0 } = options
  checkTexts('trainWordPiece', 'specialTokens', specialTokens)
  const { continuingPrefix = '##', lowercase = true } = options
  checkCount('trainWordPiece', 'minFrequency', minFrequency)
  checkCount('trainWordPiece', 'vocabSize', vocabSize, 1)
  if (!specialTokens.includes(unknown)) {
    throw new RangeError(`trainWordPiece: the unknown token '${unknown}' is not among the special tokens`)
  }
  const normalizer = bertNormalizer({ lowercase })
  const counts = countWords('trainWordPiece', texts, { normalizer, steps: [bertWords()], specialTokens })
  const tokens = new TokenList([...specialTokens, ...charactersOf(counts.keys())])
  const words = [...counts].map(([word, count]) => ({
    symbols: Array.from(word, (c, i) => tokens.add(i === 0 ? c : continuingPrefix + c)),
    count,
  }))
  if (vocabSize < tokens.size) {
    throw new RangeError(`trainWordPiece: vocabSize ${vocabSize} is below the ${tokens.size} of all characters`)
  }
  learn(words, tokens, { vocabSize, minFrequency, ties: 'lowestIds', prefix: continuingPrefix })
  const [cls, sep] = ['[CLS]', '[SEP]'].map((token) => [token, specialTokens.indexOf(token)] as const)
  return readTokenizerJson(
    {
      added_tokens: tokens.added(specialTokens),
      normalizer: {
        ...{ type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null },
        lowercase,
      },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: cls[1] >= 0 && sep[1] >= 0 ? { type: 'BertProcessing', cls, sep } : null,
      decoder: { type: 'WordPiece', prefix: continuingPrefix, cleanup: true },
      model: {
        type: 'WordPiece',
        unk_token: unknown,
        continuing_subword_prefix: continuingPrefix,
        max_input_chars_per_word: 100,
        vocab: tokens.vocab(),
      },
    },
    { config: bertConfig(specialTokens, unknown) },
  )
}

function bertConfig(specialTokens: readonly string[], unknown: string): object {
  const names = { pad_token: '[PAD]', cls_token: '[CLS]', sep_token: '[SEP]', mask_token: '[MASK]' }
  const known = Object.entries(names).filter(([, token]) => specialTokens.includes(token))
  return { ...Object.fromEntries(known), unk_token: unknown }
}

/** Tokens in the order of their ids. */
class TokenList {
  readonly #tokens: string[] = []
  readonly #ids = new Map<string, number>()

  constructor(tokens: Iterable<string>) {
    for (const token of tokens) this.add(token)
  }

  get size(): number {
    return this.#tokens.length
  }

  /** The id of a token, a new one if there was none. */
  add(token: string): number {
    const known = this.#ids.get(token)
    if (known !== undefined) return known
    this.#ids.set(token, this.#tokens.length)
    return this.#tokens.push(token) - 1
  }

  idOf(token: string): number {
    return this.#ids.get(token) as number
  }

  tokenOf(id: number): string {
    return this.#tokens[id]
  }

  vocab(): Record<string, number> {
    return Object.fromEntries(this.#ids)
  }

  added(specialTokens: readonly string[]): object[] {
    return [...new Set(specialTokens)].map((content) => ({ content, id: this.idOf(content), special: true }))
  }
}

interface Limits {
  readonly vocabSize: number
  readonly minFrequency: number
  readonly ties: Ties
  /** What a token loses when it is merged with the one before it. */
  readonly prefix: string
}

/** Learns merges until the list of tokens is full. */
function learn(
  words: CountedWord[],
  tokens: TokenList,
  { vocabSize, minFrequency, ties, prefix }: Limits,
): [string, string][] {
  const merges: [string, string][] = []
  learnMerges(words, {
    ties,
    minFrequency,
    isGreater: ([a, b], [c, d]) => {
      const [x, y] = a === c ? [b, d] : [a, c]
      return isGreaterByBytes(tokens.tokenOf(x), tokens.tokenOf(y))
    },
    merge(a, b) {
      if (tokens.size >= vocabSize) return null
      const [left, right] = [tokens.tokenOf(a), tokens.tokenOf(b)]
      merges.push([left, right])
      return tokens.add(left + right.slice(right.startsWith(prefix) ? prefix.length : 0))
    },
  })
  return merges
}

/** Whether the bytes that one text of byte characters stands for come behind those of another. */
function isGreaterByBytes(x: string, y: string): boolean {
  const values = (text: string): number[] => Array.from(text, (c) => BYTE_CHARACTERS.indexOf(c))
  const [a, b] = [values(x), values(y)]
  const i = a.findIndex((byte, at) => byte !== b[at])
  return i >= 0 && (b[i] === undefined || a[i] > b[i])
}

function oneOf<T extends string>(op: string, name: string, value: T, names: readonly T[]): T {
  if (!names.includes(value)) throw new RangeError(`${op}: ${name} must be one of ${names.join(', ')}, not ${value}`)
  return value
}
