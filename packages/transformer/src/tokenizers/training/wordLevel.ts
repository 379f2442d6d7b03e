// Tokens that are whole words, or characters: no training to speak of, but counting.
import { checkOptions } from '@x/tensor/bytes'
import { fixedLength, whitespace, whitespaceSplit } from '../cuts.ts'
import { lowercase as small } from '../normalizers/normalizers.ts'
import { checkCount, checkTexts } from '../options.ts'
import { readTokenizerJson } from '../readers/tokenizerJson.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { charactersOf, countWords } from './words.ts'

export interface TrainCharactersOptions {
  /** They come first in the vocabulary. Default none. */
  readonly specialTokens?: readonly string[]
  /** The special token of characters that the texts do not have; without one they are refused. */
  readonly unknown?: string
}

/**
 * One token for every character of the texts, in the order of their code points, as nanoGPT's character-level models
 * have it.
 * @throws RangeError for options that there are not, or that make no sense
 * @example
 * import { trainCharacters } from '@x/transformer/tokenizers'
 * const tokenizer = trainCharacters('hello')
 * tokenizer.encode('hole') // [1, 3, 2, 0]
 * tokenizer.decode([1, 3, 2, 0]) // 'hole'
 */
export function trainCharacters(texts: Iterable<string>, options: TrainCharactersOptions = {}): Tokenizer {
  checkOptions('trainCharacters', options, ['specialTokens', 'unknown'])
  const { specialTokens = [], unknown } = options
  checkTexts('trainCharacters', 'specialTokens', specialTokens)
  if (unknown !== undefined && !specialTokens.includes(unknown)) {
    throw new RangeError(`trainCharacters: the unknown token '${unknown}' is not among the special tokens`)
  }
  const counts = countWords('trainCharacters', texts, { normalizer: [], steps: [fixedLength(1)], specialTokens })
  return wordLevel([...specialTokens, ...charactersOf(counts.keys())], specialTokens, {
    unknown,
    pre_tokenizer: { type: 'FixedLength', length: 1 },
    decoder: { type: 'Fuse' },
  })
}

export interface TrainWordsOptions {
  /** The most frequent words are kept, special tokens counted. Default: all. */
  readonly vocabSize?: number
  /** Rarer words are unknown. Default 1. */
  readonly minFrequency?: number
  /** They come first in the vocabulary. Default `<unk>`. */
  readonly specialTokens?: readonly string[]
  /** Default '<unk>'; must be among the special tokens. */
  readonly unknown?: string
  /** Make small letters. Default false. */
  readonly lowercase?: boolean
  /** Take signs for words of their own. Default true. */
  readonly splitPunctuation?: boolean
}

/**
 * One token for every word of the texts, the most frequent first, of equally frequent ones by the alphabet. Decoding
 * sets a space between words.
 * @throws RangeError for options that there are not, or that make no sense
 * @example
 * import { trainWords } from '@x/transformer/tokenizers'
 * const tokenizer = trainWords(['the cat and the dog'])
 * tokenizer.encode('the bird and the cat') // [1, 0, 2, 1, 3]
 */
export function trainWords(texts: Iterable<string>, options: TrainWordsOptions = {}): Tokenizer {
  checkOptions('trainWords', options, [
    ...['vocabSize', 'minFrequency', 'specialTokens', 'unknown', 'lowercase', 'splitPunctuation'],
  ])
  const { vocabSize = Number.POSITIVE_INFINITY, minFrequency = 1, unknown = '<unk>' } = options
  const { specialTokens = [unknown], lowercase = false, splitPunctuation = true } = options
  checkTexts('trainWords', 'specialTokens', specialTokens)
  if (vocabSize !== Number.POSITIVE_INFINITY) checkCount('trainWords', 'vocabSize', vocabSize, specialTokens.length)
  checkCount('trainWords', 'minFrequency', minFrequency)
  if (!specialTokens.includes(unknown)) {
    throw new RangeError(`trainWords: the unknown token '${unknown}' is not among the special tokens`)
  }
  const counts = countWords('trainWords', texts, {
    normalizer: lowercase ? [small()] : [],
    steps: [splitPunctuation ? whitespace() : whitespaceSplit()],
    specialTokens,
  })
  const words = [...counts]
    .filter(([word, count]) => count >= minFrequency && !specialTokens.includes(word))
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .slice(0, vocabSize - specialTokens.length)
    .map(([word]) => word)
  return wordLevel([...specialTokens, ...words], specialTokens, {
    unknown,
    normalizer: lowercase ? { type: 'Lowercase' } : null,
    pre_tokenizer: { type: splitPunctuation ? 'Whitespace' : 'WhitespaceSplit' },
  })
}

function wordLevel(
  tokens: readonly string[],
  specialTokens: readonly string[],
  { unknown, ...parts }: { readonly unknown?: string } & Readonly<Record<string, unknown>>,
): Tokenizer {
  const vocab = Object.fromEntries([...new Set(tokens)].map((token, id) => [token, id]))
  return readTokenizerJson(
    {
      ...parts,
      added_tokens: [...new Set(specialTokens)].map((content) => ({ content, id: vocab[content], special: true })),
      model: { type: 'WordLevel', vocab, unk_token: unknown ?? '' },
    },
    { config: unknown === undefined ? {} : { unk_token: unknown } },
  )
}
