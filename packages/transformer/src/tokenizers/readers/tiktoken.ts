// tiktoken's files: a token in base64 and its rank per line. Source: openai/tiktoken, tiktoken_ext/openai_public.py;
// meta-llama/llama3, llama/tokenizer.py.
import { checkOptions, FormatError } from '@x/tensor/bytes'
import { byteCharactersOf, bytesToCharacters } from '../bytes.ts'
import { splitAt } from '../cuts.ts'
import { byteLevel } from '../decoders.ts'
import { Bpe, pairsOf } from '../models/bpe.ts'
import { Vocabulary } from '../models/model.ts'
import { CL100K, GPT2, O200K } from '../patterns.ts'
import { translateRegex } from '../regex.ts'
import { Tokenizer } from '../tokenizer.ts'
import { linesOf } from './lines.ts'

/** Encodings whose patterns and special tokens are known. */
export type TiktokenName = 'r50k_base' | 'p50k_base' | 'cl100k_base' | 'o200k_base' | 'llama3'

export interface TiktokenOptions {
  /** Default: told by the number of tokens. */
  readonly encoding?: TiktokenName
  /** How texts are cut into words, in Rust's way of writing it, for other encodings. */
  readonly pattern?: string
  /** Default: those of the encoding. */
  readonly specialTokens?: Readonly<Record<string, number>>
}

interface Encoding {
  /** How many tokens the file has. */
  readonly size: number
  readonly pattern: string
  readonly specialTokens: Readonly<Record<string, number>>
  readonly bos?: string
}

const ENCODINGS: Readonly<Record<TiktokenName, Encoding>> = {
  r50k_base: { size: 50256, pattern: GPT2, specialTokens: { '<|endoftext|>': 50256 } },
  p50k_base: { size: 50280, pattern: GPT2, specialTokens: { '<|endoftext|>': 50256 } },
  cl100k_base: {
    size: 100256,
    pattern: CL100K,
    specialTokens: {
      '<|endoftext|>': 100257,
      '<|fim_prefix|>': 100258,
      '<|fim_middle|>': 100259,
      '<|fim_suffix|>': 100260,
      '<|endofprompt|>': 100276,
    },
  },
  o200k_base: { size: 199998, pattern: O200K, specialTokens: { '<|endoftext|>': 199999, '<|endofprompt|>': 200018 } },
  llama3: { size: 128000, pattern: CL100K, specialTokens: llama3Tokens(), bos: '<|begin_of_text|>' },
}

/** Ten with names among 256, of which most are kept for later. */
function llama3Tokens(): Record<string, number> {
  const names: Record<number, string> = {
    0: 'begin_of_text',
    1: 'end_of_text',
    6: 'start_header_id',
    7: 'end_header_id',
    9: 'eot_id',
  }
  let reserved = 0
  return Object.fromEntries(
    Array.from({ length: 256 }, (_, i) => [`<|${names[i] ?? `reserved_special_token_${reserved++}`}|>`, 128000 + i]),
  )
}

/**
 * The tokenizer of a tiktoken file. `encode(text, { splitSpecialTokens: true })` is tiktoken's `encode_ordinary`, the
 * default its `encode` with all special tokens allowed.
 * @throws FormatError naming the line and the reason; RangeError when it is not known how texts are to be cut
 * @example
 * import { readTiktoken } from '@x/transformer/tokenizers'
 * const lines = Array.from({ length: 256 }, (_, byte) => `${btoa(String.fromCharCode(byte))} ${byte}`)
 * const tokenizer = readTiktoken([...lines, `${btoa('hi')} 256`].join('\n'), { pattern: '\\S+|\\s+', specialTokens: {} })
 * tokenizer.encode('hi!') // [256, 33]
 */
export function readTiktoken(file: string | Uint8Array, options: TiktokenOptions = {}): Tokenizer {
  checkOptions('readTiktoken', options, ['encoding', 'pattern', 'specialTokens'])
  const ranks = readRanks(file)
  const known = encodingOf(ranks.size, options)
  const pattern = options.pattern ?? known.pattern
  const special = Object.entries(options.specialTokens ?? known.specialTokens)
  const idOf = (token: string | undefined): number | undefined => special.find(([content]) => content === token)?.[1]
  const bos = idOf(known.bos)
  return new Tokenizer({
    model: new Bpe(
      new Vocabulary(ranks),
      pairsOf(
        Array.from(ranks, ([token, rank]) => ({ token, id: rank, rank })),
        (part) => ranks.get(part),
      ),
      { ignoreMerges: true },
    ),
    addedTokens: special.map(([content, id]) => ({ content, id, special: true })),
    preTokenizer: [
      splitAt(translateRegex(pattern, 'pattern', { possessiveCounts: true }), 'Isolated'),
      byteCharactersOf,
    ],
    decoder: byteLevel(),
    specialIds: { bos, eos: idOf(bos === undefined ? '<|endoftext|>' : '<|end_of_text|>') },
  })
}

function encodingOf(size: number, { encoding, pattern, specialTokens }: TiktokenOptions): Encoding {
  if (encoding !== undefined) {
    if (!Object.hasOwn(ENCODINGS, encoding)) {
      throw new RangeError(
        `readTiktoken: there is no encoding '${encoding}'; there are ${Object.keys(ENCODINGS).join(', ')}`,
      )
    }
    return ENCODINGS[encoding]
  }
  const known = Object.values(ENCODINGS).find((candidate) => candidate.size === size)
  if (known) return known
  if (pattern !== undefined) return { size, pattern, specialTokens: specialTokens ?? {} }
  throw new RangeError(`readTiktoken: no known encoding has ${size} tokens; give a pattern, and the special tokens`)
}

function readRanks(file: string | Uint8Array): Map<string, number> {
  const ranks = new Map<string, number>()
  linesOf(file).forEach((line, i) => {
    const fail = (reason: string): never => {
      throw new FormatError(`tiktoken: line ${i + 1}: ${reason}`)
    }
    if (line.trim() === '') return
    const [, token, rank] =
      /^(\S+) (\d+)\r?$/.exec(line) ?? fail(`a token and a rank are wanted, not ${JSON.stringify(line.slice(0, 60))}`)
    let characters = ''
    try {
      characters = bytesToCharacters(Array.from(atob(token), (c) => c.charCodeAt(0)))
    } catch {
      fail(`no base64: ${JSON.stringify(token.slice(0, 60))}`)
    }
    if (ranks.has(characters)) fail('the token stands there twice')
    if (Number(rank) >= 2 ** 24) fail(`the rank ${rank} is too large`)
    ranks.set(characters, Number(rank))
  })
  if (ranks.size === 0) throw new FormatError('tiktoken: line 1: the file has no tokens')
  return ranks
}
