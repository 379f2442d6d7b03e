// GPT-2's two files: a vocabulary (encoder.json, vocab.json) and merges (vocab.bpe, merges.txt).
import { checkOptions, FormatError } from '@x/tensor/bytes'
import type { Tokenizer } from '../tokenizer.ts'
import { Json } from './json.ts'
import { linesOf } from './lines.ts'
import { readTokenizerJson } from './tokenizerJson.ts'

export interface Gpt2Files {
  /** encoder.json or vocab.json: text, bytes, or what JSON.parse made of them. */
  readonly vocab: string | Uint8Array | object
  /** vocab.bpe or merges.txt. */
  readonly merges: string | Uint8Array
}

export interface Gpt2Options {
  /** Begin every text with a space, as some models want it. Default false. */
  readonly addPrefixSpace?: boolean
  /** Tokens that are no text. Default `<|endoftext|>`, if it is in the vocabulary. */
  readonly specialTokens?: readonly string[]
}

/**
 * Byte-level byte-pair encoding from a vocabulary and merges: GPT-2, RoBERTa, and what is like them.
 * `tokenizer.encode(text, { splitSpecialTokens: true })` is what OpenAI's encoder.py gives.
 * @throws FormatError naming the line or the token, and the reason
 * @example
 * import { readGpt2 } from '@x/transformer/tokenizers'
 * const tokenizer = readGpt2({ vocab: { l: 0, o: 1, lo: 2, 'Ġ': 3 }, merges: '#version: 0.2\nl o\n' })
 * tokenizer.encode('lo lo') // [2, 3, 2]
 */
export function readGpt2(files: Gpt2Files, options: Gpt2Options = {}): Tokenizer {
  checkOptions('readGpt2', files, ['vocab', 'merges'])
  checkOptions('readGpt2', options, ['addPrefixSpace', 'specialTokens'])
  const { addPrefixSpace = false, specialTokens } = options
  const vocab = Json.parse(files.vocab, 'vocab.json')
  const ids = vocab.vocabulary()
  const special = specialTokens ?? ['<|endoftext|>'].filter((token) => ids.has(token))
  const end = special.find((token) => token === '<|endoftext|>')
  const byteLevel = { type: 'ByteLevel', add_prefix_space: addPrefixSpace, trim_offsets: false, use_regex: true }
  return readTokenizerJson(
    {
      added_tokens: special.map((content) => ({ content, id: ids.get(content) ?? missing(content), special: true })),
      pre_tokenizer: byteLevel,
      post_processor: byteLevel,
      decoder: byteLevel,
      model: { type: 'BPE', vocab: vocab.value, merges: mergesOf(files.merges) },
    },
    { config: end ? { bos_token: end, eos_token: end, unk_token: end } : {} },
  )
}

function missing(token: string): never {
  throw new FormatError(`vocab.json: the special token '${token}' is not in the vocabulary`)
}

function mergesOf(file: string | Uint8Array): string[][] {
  return linesOf(file).flatMap((line, i) => {
    if (line.startsWith('#version') || line.trim() === '') return []
    const parts = line.replace(/\r$/, '').split(' ')
    if (parts.length !== 2) {
      throw new FormatError(
        `merges.txt: line ${i + 1}: two tokens are wanted, not ${JSON.stringify(line.slice(0, 60))}`,
      )
    }
    return [parts]
  })
}
