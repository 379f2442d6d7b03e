// A tokenizer from wherever its file is, whatever its format.
import { FormatError, openBytes, type Reader, type ReadOptions, type Source } from '@x/tensor/bytes'
import { type Gguf, GgufTooShort, readGguf } from '../../formats/gguf.ts'
import type { EdgeOptions } from '../pieces.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { type BertOptions, readBertVocab } from './bert.ts'
import { readGgufVocab } from './gguf.ts'
import { textOf } from './lines.ts'
import { readLlama2c } from './llama2c.ts'
import { readSentencePiece } from './sentencePiece.ts'
import { readTiktoken, type TiktokenOptions } from './tiktoken.ts'
import { readTokenizerJson, type TokenizerJsonOptions } from './tokenizerJson.ts'

/** How the file is read, and what its format takes: the options of the reader that it goes to. */
export interface LoadTokenizerOptions
  extends ReadOptions,
    EdgeOptions,
    BertOptions,
    TiktokenOptions,
    TokenizerJsonOptions {}

/** Bytes to begin with, where the metadata of a GGUF file most often ends. */
const FIRST = 1 << 22

/**
 * Reads a tokenizer from a path, URL, File, Blob, Response or bytes: tokenizer.json, a SentencePiece model, the
 * vocabulary of a GGUF file (of which no more is read than needed), a tiktoken file, BERT's vocab.txt, llama2.c's
 * tokenizer.bin. Told by their first bytes. GPT-2's two files are for `readGpt2`.
 * @throws FormatError naming the place and the reason; RangeError for options that the format does not have
 * @example
 * import { loadTokenizer } from '@x/transformer/tokenizers'
 * const file = new Blob(['[PAD]\n[UNK]\n[CLS]\n[SEP]\nhello\n'])
 * const tokenizer = await loadTokenizer(file, { lowercase: true })
 * tokenizer.encode('Hello') // [2, 4, 3]
 */
export async function loadTokenizer(source: Source, options: LoadTokenizerOptions = {}): Promise<Tokenizer> {
  const { onProgress, signal, headers, ...format } = options
  const reading = Object.fromEntries(Object.entries({ onProgress, signal, headers }).filter(([, value]) => value))
  const reader = await openBytes(source, reading)
  try {
    const first = await reader.read(0, 4)
    if (String.fromCharCode(...first) === 'GGUF') return readGgufVocab(await ggufOf(reader), format)
    return readerOf(await reader.read(0, Number.POSITIVE_INFINITY))(format)
  } finally {
    await reader.close()
  }
}

async function ggufOf(reader: Reader): Promise<Gguf> {
  for (let length = FIRST; ; length *= 4) {
    const bytes = await reader.read(0, length)
    try {
      return readGguf(bytes)
    } catch (error) {
      if (!(error instanceof GgufTooShort) || bytes.length < length) throw error
    }
  }
}

/** The reader for a file that begins like this one. */
function readerOf(bytes: Uint8Array): (options: object) => Tokenizer {
  const begin = textOf(bytes.subarray(0, 4096))
  if (/^\s*\{/.test(begin)) return (options) => readTokenizerJson(bytes, options)
  if (/^[A-Za-z0-9+/]+=* \d+\r?\n/.test(begin)) return (options) => readTiktoken(bytes, options)
  // A field of pieces, and their length.
  if (bytes[0] === 0x0a && bytes[1] !== 0 && bytes[2] === 0x0a) return (options) => readSentencePiece(bytes, options)
  if (bytes.length > 8 && bytes[0] > 0 && bytes[1] + bytes[2] + bytes[3] === 0) {
    return (options) => readLlama2c(bytes, options)
  }
  if (/^[^\0]*\n/.test(begin)) return (options) => readBertVocab(bytes, options)
  throw new FormatError('loadTokenizer: at byte 0: the file begins like no format of tokenizers that is known')
}
