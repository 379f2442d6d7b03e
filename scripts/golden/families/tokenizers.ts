// Tokenizers: what the original programs give for a list of tricky texts, and what training learns.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  readBertVocab,
  readGgufVocab,
  readGpt2,
  readLlama2c,
  readSentencePiece,
  readTiktoken,
  readTokenizerJson,
  type Tokenizer,
  trainBpe,
} from '@x/transformer/tokenizers'
import { Mismatch } from '../compare.ts'
import type { Case } from '../read.ts'
import type { Table } from './table.ts'

/** A text and what was recorded for it. */
interface Text {
  readonly text: string
  readonly ids: readonly number[]
  readonly ids_no_special?: readonly number[]
  readonly tokens?: readonly string[]
  readonly pieces?: readonly string[]
  readonly decoded?: string
}

/** Where the models lie: beside the folder of the vectors. */
const modelsOf = ({ folder }: Case): string => join(folder, '..', 'models')

/** The vocabulary of Llama 2 lies in another file. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'llama2/tokenizer32k.model': 'ggml-vocab/ggml-vocab-llama-spm.gguf',
}

function tokenizerOf(c: Case): Tokenizer {
  const { model } = c.rest
  const read = (path: string): Uint8Array => readFileSync(join(modelsOf(c), path))
  const path = existsSync(join(modelsOf(c), model)) ? model : (ELSEWHERE[model] ?? model)
  if (path.includes(' + ')) {
    const [vocab, merges] = path.split(' + ')
    return readGpt2({ vocab: read(vocab), merges: read(join(vocab, '..', merges)) })
  }
  if (path.endsWith('vocab.txt')) return readBertVocab(read(path), { lowercase: !path.includes('-cased') })
  if (path.endsWith('.tiktoken')) return readTiktoken(read(path))
  if (path.endsWith('.bin')) return readLlama2c(read(path))
  if (path.endsWith('.json')) return readTokenizerJson(read(path))
  return path.endsWith('.gguf') ? readGgufVocab(read(path)) : readSentencePiece(read(path))
}

function same(what: string, found: unknown, wanted: unknown): void {
  if (wanted === undefined || JSON.stringify(found) === JSON.stringify(wanted)) return
  throw new Mismatch(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`)
}

/** Only Hugging Face's programs set special tokens, and find them in texts. */
function checkText(tokenizer: Tokenizer, recorded: Text, isHuggingFace: boolean): void {
  const { text, ids, tokens, pieces } = recorded
  const what = JSON.stringify(text)
  const plain = { addSpecialTokens: false, splitSpecialTokens: true }
  const options = isHuggingFace ? {} : plain
  const encoding = tokenizer.encodePlus(text, options)
  same(`${what}: ids`, tokenizer.encode(text, options), ids)
  same(`${what}: ids with offsets`, encoding.ids, ids)
  same(`${what}: tokens`, encoding.tokens, tokens ?? pieces)
  same(
    `${what}: ids without special tokens`,
    tokenizer.encode(text, { addSpecialTokens: false }),
    recorded.ids_no_special,
  )
  const decoded = tokenizer.decode(ids)
  same(`${what}: decoded`, decoded, recorded.decoded)
  const stream = tokenizer.decodeStream()
  same(`${what}: decoded one by one`, ids.map((id) => stream.push(id)).join('') + stream.end(), decoded)
}

/** minbpe's pattern for its RegexTokenizer: GPT-4's. */
const GPT4 =
  "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+"

function checkTraining(c: Case): void {
  const { note, merges, cases } = c.rest as { note: string; merges: number[][]; cases: Text[] }
  const [, length, name, vocabSize] = /first (\d+) chars of (\S+) to vocab (\d+)/.exec(note) ?? []
  if (!name) throw new Error(`what was trained on? ${note}`)
  const corpus = readFileSync(join(c.folder, '..', name), 'utf8').slice(0, Number(length))
  const tokenizer = trainBpe([corpus], {
    vocabSize: Number(vocabSize),
    pattern: c.id.includes('Regex') ? GPT4 : null,
    byteOrder: 'value',
    ties: 'first',
  })
  const { model } = tokenizer.toJSON() as { model: { merges: [string, string][] } }
  const found = model.merges.map(([a, b]) => [a, b, a + b].map((token) => tokenizer.tokenToId(token)))
  same('merges', found, merges)
  for (const { text, ids } of cases) same(JSON.stringify(text), tokenizer.encode(text), ids)
}

export const tokenizers: Table = {
  tokenize: {
    read: async (c) => {
      const tokenizer = tokenizerOf(c)
      const isHuggingFace = String(c.rest.peer).startsWith('HF')
      for (const text of c.rest.cases as Text[]) checkText(tokenizer, text, isHuggingFace)
    },
  },
  'BPE training': { read: async (c) => checkTraining(c) },
}
