// Hugging Face's tokenizer.json: everything about a tokenizer in one file.
import { checkOptions } from '@x/tensor/bytes'
import type { AddedToken } from '../addedTokens.ts'
import type { Padding, Truncation } from '../encoding.ts'
import { Bpe } from '../models/bpe.ts'
import { type Model, Vocabulary } from '../models/model.ts'
import { PairTable } from '../models/pairTable.ts'
import { type ScoredPiece, Unigram } from '../models/unigram.ts'
import { WordLevel, WordPiece } from '../models/wordPiece.ts'
import { type SpecialIds, Tokenizer } from '../tokenizer.ts'
import { readDecoder, readNormalizer, readPreTokenizer, readTemplate } from './components.ts'
import { Json } from './json.ts'

export interface TokenizerJsonOptions {
  /** The contents of tokenizer_config.json, or of special_tokens_map.json: which token begins a text, ends it, pads it. */
  readonly config?: string | Uint8Array | object
}

/**
 * The tokenizer that a tokenizer.json describes (`tokenizers` of Hugging Face, version 1.0).
 * @param file its contents: text, bytes, or what JSON.parse made of them
 * @throws FormatError naming the path and the reason
 * @example
 * import { readTokenizerJson } from '@x/transformer/tokenizers'
 * const tokenizer = readTokenizerJson({
 *   added_tokens: [],
 *   pre_tokenizer: { type: 'Whitespace' },
 *   model: { type: 'WordLevel', vocab: { '<unk>': 0, hello: 1, world: 2 }, unk_token: '<unk>' },
 * })
 * tokenizer.encode('hello big world') // [1, 0, 2]
 */
export function readTokenizerJson(file: string | Uint8Array | object, options: TokenizerJsonOptions = {}): Tokenizer {
  checkOptions('readTokenizerJson', options, ['config'])
  const json = Json.parse(file, 'tokenizer.json')
  json.object()
  const config = Json.parse(options.config ?? {}, 'tokenizer_config.json')
  config.object()
  const model = readModel(json.at('model'))
  const addedTokens = json.at('added_tokens').given ? json.at('added_tokens').list().map(readAddedToken) : []
  const added = new Map(addedTokens.map(({ content, id }) => [content, id]))
  return new Tokenizer({
    model,
    addedTokens,
    normalizer: readNormalizer(json.at('normalizer')),
    preTokenizer: readPreTokenizer(json.at('pre_tokenizer')),
    template: readTemplate(json.at('post_processor')),
    decoder: readDecoder(json.at('decoder')),
    truncation: readTruncation(json.at('truncation')),
    padding: readPadding(json.at('padding')),
    specialIds: {
      ...edgesOf(json.at('post_processor')),
      ...specialIdsOf(config, (token) => added.get(token) ?? model.idOf(token), addedTokens),
    },
    json: Object.fromEntries(
      ['truncation', 'padding', 'normalizer', 'pre_tokenizer', 'post_processor', 'decoder'].map((name) => [
        name,
        json.at(name).value ?? null,
      ]),
    ),
  })
}

function readAddedToken(json: Json): AddedToken {
  const special = json.at('special').boolean(false)
  return {
    content: json.at('content').string(),
    id: json.at('id').id(),
    special,
    singleWord: json.at('single_word').boolean(false),
    lstrip: json.at('lstrip').boolean(false),
    rstrip: json.at('rstrip').boolean(false),
    normalized: json.at('normalized').boolean(!special),
  }
}

/** What special tokens are called, where no configuration says which they are. */
const SPECIAL: Readonly<Record<keyof SpecialIds, readonly string[]>> = {
  bos: ['<s>', '<|begin_of_text|>', '<bos>'],
  eos: ['</s>', '<|endoftext|>', '<|end_of_text|>', '<|eot_id|>', '<|im_end|>', '<eos>'],
  unk: ['<unk>', '[UNK]'],
  pad: ['<pad>', '[PAD]'],
  cls: ['[CLS]', '<cls>'],
  sep: ['[SEP]', '<sep>'],
  mask: ['<mask>', '[MASK]'],
}

/** What BERT's and RoBERTa's files set around texts. */
const edgesOf = (json: Json): SpecialIds =>
  Object.fromEntries(
    ['cls', 'sep'].filter((name) => json.at(name).given).map((name) => [name, json.at(name).at(1).id()]),
  )

function specialIdsOf(
  config: Json,
  idOf: (token: string) => number | undefined,
  addedTokens: readonly AddedToken[],
): SpecialIds {
  const ids: { -readonly [K in keyof SpecialIds]: number } = {}
  for (const name of Object.keys(SPECIAL) as (keyof SpecialIds)[]) {
    const given = config.at(`${name}_token`)
    if (!given.given) {
      const named = addedTokens.filter(({ content, special }) => special && SPECIAL[name].includes(content))
      // Of several, nobody knows which; null says that there is none.
      if (given.value === undefined && named.length === 1) ids[name] = named[0].id
      continue
    }
    const content = typeof given.value === 'string' ? given.value : given.at('content').string()
    const id = idOf(content)
    if (id !== undefined) ids[name] = id
  }
  return ids
}

const MODELS: Readonly<Record<string, (json: Json) => Model>> = {
  BPE: readBpe,
  WordPiece: (json) => {
    const vocabulary = new Vocabulary(json.at('vocab').vocabulary())
    const unknown = json.at('unk_token').string('[UNK]')
    if (!vocabulary.ids.has(unknown)) json.at('unk_token').fail(`'${unknown}' is not in the vocabulary`)
    return new WordPiece(vocabulary, {
      unknown,
      continuingPrefix: json.at('continuing_subword_prefix').string('##'),
      maxCharacters: json.at('max_input_chars_per_word').number(100),
    })
  },
  WordLevel: (json) =>
    new WordLevel(new Vocabulary(json.at('vocab').vocabulary()), { unknown: json.at('unk_token').string('<unk>') }),
  Unigram: (json) => {
    const pieces = json
      .at('vocab')
      .list()
      .map((piece): ScoredPiece => [piece.at(0).string(), piece.at(1).number()])
    const unknown = json.at('unk_id').given ? json.at('unk_id').id() : null
    if (unknown !== null && unknown >= pieces.length) json.at('unk_id').fail(`there are only ${pieces.length} pieces`)
    return new Unigram(pieces, { unknown, byteFallback: json.at('byte_fallback').boolean(false) })
  },
}

function readModel(json: Json): Model {
  json.object()
  const type = json.at('type').string(guessed(json))
  if (!Object.hasOwn(MODELS, type))
    json.at('type').fail(`'${type}' is not supported; ${Object.keys(MODELS).join(', ')} are`)
  return MODELS[type](json)
}

/** Older files do not name the type. */
function guessed(json: Json): string | undefined {
  if (json.at('merges').given) return 'BPE'
  if (Array.isArray(json.at('vocab').value)) return 'Unigram'
  if (json.at('max_input_chars_per_word').given) return 'WordPiece'
  return json.at('vocab').given ? 'WordLevel' : undefined
}

function readBpe(json: Json): Bpe {
  const vocabulary = new Vocabulary(json.at('vocab').vocabulary())
  const optional = (name: string): string | null => json.at(name).string('') || null
  if (json.at('dropout').number(0) > 0) json.at('dropout').fail('merges that are left out at random are not supported')
  const continuingPrefix = optional('continuing_subword_prefix')
  const unknown = optional('unk_token')
  if (unknown && !vocabulary.ids.has(unknown)) json.at('unk_token').fail(`'${unknown}' is not in the vocabulary`)
  return new Bpe(vocabulary, readMerges(json.at('merges'), vocabulary.ids, continuingPrefix ?? ''), {
    unknown,
    continuingPrefix,
    wordSuffix: optional('end_of_word_suffix'),
    fuseUnknown: json.at('fuse_unk').boolean(false),
    byteFallback: json.at('byte_fallback').boolean(false),
    ignoreMerges: json.at('ignore_merges').boolean(false),
  })
}

/** Merges as lists of two, or as texts with a space between, the first to be made first. */
export function readMerges(json: Json, ids: ReadonlyMap<string, number>, prefix: string): PairTable {
  const { value } = json
  if (!Array.isArray(value)) json.list()
  const table = new PairTable()
  for (const [rank, merge] of (value as unknown[]).entries()) {
    const fail = (reason: string): never => json.at(rank).fail(reason)
    const parts: unknown = typeof merge === 'string' ? merge.split(' ') : merge
    if (!Array.isArray(parts) || parts.length !== 2 || parts.some((part) => typeof part !== 'string')) {
      fail(`two tokens are wanted, not ${JSON.stringify(merge)?.slice(0, 60)}`)
    }
    const [left, right] = parts as [string, string]
    const whole = left + (right.startsWith(prefix) ? right.slice(prefix.length) : right)
    const [a, b, merged] = [left, right, whole].map(
      (token) => ids.get(token) ?? fail(`'${token}' is not in the vocabulary`),
    ) as [number, number, number]
    table.set(a, b, { rank, merged })
  }
  return table
}

function readTruncation(json: Json): Truncation | null {
  if (!json.given) return null
  const strategies = { LongestFirst: 'longestFirst', OnlyFirst: 'onlyFirst', OnlySecond: 'onlySecond' } as const
  const names = Object.keys(strategies) as (keyof typeof strategies)[]
  return {
    maxLength: json.at('max_length').id(),
    stride: json.at('stride').given ? json.at('stride').id() : 0,
    strategy: strategies[json.at('strategy').oneOf(names, 'LongestFirst')],
    direction: readDirection(json),
  }
}

const readDirection = (json: Json): 'left' | 'right' =>
  json.at('direction').oneOf(['Right', 'Left'], 'Right') === 'Left' ? 'left' : 'right'

function readPadding(json: Json): Padding | null {
  if (!json.given) return null
  const strategy = json.at('strategy')
  return {
    ...(strategy.value !== 'BatchLongest' && { length: strategy.at('Fixed').id() }),
    ...(json.at('pad_to_multiple_of').given && { padToMultipleOf: json.at('pad_to_multiple_of').id() }),
    direction: readDirection(json),
    padId: json.at('pad_id').id(),
    padTypeId: json.at('pad_type_id').id(),
    padToken: json.at('pad_token').string(),
  }
}
