// A tokenizer from wherever its file is, whatever its format.
import { FormatError, openBytes, type ReadOptions, type Source } from '@x/tensor/bytes'
import { ggufOf } from '../../formats/gguf.ts'
import {
  type Folder,
  folderAt,
  folderOf,
  isOneFile,
  isSource,
  listed,
  type ModelSource,
  pathOf,
  readText,
} from '../../load/folder.ts'
import type { EdgeOptions } from '../pieces.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { type BertOptions, readBertVocab } from './bert.ts'
import { readGgufVocab } from './gguf.ts'
import { readGpt2 } from './gpt2.ts'
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

/** Files of one tokenizer, in the order in which a folder is looked through. */
const FILES = [
  ...['tokenizer.json', 'tokenizer.model', 'spiece.model', 'sentencepiece.bpe.model', 'vocab.txt'],
  ...['tokenizer.bin', 'tokenizer.tiktoken'],
]
/** Pairs of files. */
const PAIRS = [
  ['vocab.json', 'merges.txt'],
  ['encoder.json', 'vocab.bpe'],
] as const

/**
 * Reads a tokenizer from a path, URL, File, Blob, Response or bytes: tokenizer.json, a SentencePiece model, the
 * vocabulary of a GGUF file (of which no more is read than needed), a tiktoken file, BERT's vocab.txt, llama2.c's
 * tokenizer.bin. Told by their first bytes. Of a model's folder (a path, a URL, the Files that somebody chose, sources
 * under their names) it takes the first that there is of these, or GPT-2's two files; of the path or URL of one of those two
 * the other one beside it.
 * @throws TypeError for what is no source; FormatError naming the place and the reason; RangeError for options that the
 * format does not have; Error for a folder without a tokenizer
 * @example
 * import { loadTokenizer } from '@x/transformer/tokenizers'
 * const file = new Blob(['[PAD]\n[UNK]\n[CLS]\n[SEP]\nhello\n'])
 * const tokenizer = await loadTokenizer(file, { lowercase: true })
 * tokenizer.encode('Hello') // [2, 4, 3]
 */
export async function loadTokenizer(source: ModelSource, options: LoadTokenizerOptions = {}): Promise<Tokenizer> {
  const { onProgress, signal, headers, fetch, ...format } = options
  const given = Object.entries({ onProgress, signal, headers, fetch }).filter(([, value]) => value)
  const reading = Object.fromEntries(given) as ReadOptions
  if (isOneFile(source)) return fromFile(source[0], reading, format)
  if (!isSource(source)) return inFolder(listed('loadTokenizer', source), reading, format)
  const isName = typeof source === 'string' || source instanceof URL
  if (!isName) return fromFile(source, reading, format)
  const name = pathOf(source).replace(/^.*[\\/]/, '')
  const pair = PAIRS.find((names) => names.some((one) => one === name))
  const both = pair && (await fromPair(folderOf(source, reading), pair, reading, format))
  if (both) return both
  const folder = folderAt(source, reading)
  // A name that ends like a file's is one; any other may be a folder's.
  const isFile = /\.(json|model|spm|tiktoken|txt|bin|gguf|bpe)$/i.test(name)
  if (!isFile && (await isModelFolder(folder))) return inFolder(folder, reading, format)
  try {
    return await fromFile(source, reading, format)
  } catch (error) {
    if ((error as { code?: string }).code !== 'EISDIR') throw error
    return inFolder(folder, reading, format)
  }
}

async function isModelFolder(folder: Folder): Promise<boolean> {
  try {
    for (const name of [...FILES, PAIRS[0][0], PAIRS[1][0], 'config.json'])
      if ((await folder.find(name)) !== null) return true
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOTDIR') throw error
  }
  return false
}

/** GPT-2's two files; null unless both are there. */
async function fromPair(
  folder: Folder,
  [first, second]: (typeof PAIRS)[number],
  reading: ReadOptions,
  format: LoadTokenizerOptions,
): Promise<Tokenizer | null> {
  const [vocab, merges] = [await folder.find(first), await folder.find(second)]
  if (vocab === null || merges === null) return null
  const files = { vocab: await readText(vocab, reading), merges: await readText(merges, reading) }
  return readGpt2(files, format as object)
}

async function inFolder(folder: Folder, reading: ReadOptions, format: LoadTokenizerOptions): Promise<Tokenizer> {
  for (const name of FILES) {
    const source = await folder.find(name)
    if (source === null) continue
    // What begins and ends texts may be said in a file of its own.
    const beside = name === 'tokenizer.json' && !format.config ? await folder.find('tokenizer_config.json') : null
    const config = beside && { config: await readText(beside, reading) }
    return fromFile(source, reading, { ...config, ...format })
  }
  for (const pair of PAIRS) {
    const both = await fromPair(folder, pair, reading, format)
    if (both) return both
  }
  const looked = [...FILES, ...PAIRS.map((names) => names.join(' with '))].join(', ')
  throw new Error(`${folder.name}: there is no tokenizer; looked for ${looked}`)
}

async function fromFile(source: Source, reading: ReadOptions, format: LoadTokenizerOptions): Promise<Tokenizer> {
  const reader = await openBytes(source, reading)
  try {
    const first = await reader.read(0, 4)
    if (String.fromCharCode(...first) === 'GGUF') return readGgufVocab(await ggufOf(reader), format)
    return readerOf(await reader.read(0, Number.POSITIVE_INFINITY))(format)
  } finally {
    await reader.close()
  }
}

/** The reader for a file that begins like this one. */
function readerOf(bytes: Uint8Array): (options: object) => Tokenizer {
  const begin = textOf(bytes.subarray(0, 4096))
  if (/^#version|^\s*\{\s*"([^"\\]|\\.)*"\s*:\s*\d/.test(begin)) {
    throw new FormatError(
      'loadTokenizer: at byte 0: this is one of two files (vocab.json and merges.txt, or encoder.json and vocab.bpe); ' +
        'give their folder, or both to readGpt2({ vocab, merges })',
    )
  }
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
