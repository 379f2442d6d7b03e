// BERT's vocab.txt: one token per line.
import { checkOptions, FormatError } from '@x/tensor/bytes'
import type { AddedToken } from '../addedTokens.ts'
import { bertWords } from '../cuts.ts'
import { wordPiece } from '../decoders.ts'
import { Vocabulary } from '../models/model.ts'
import { WordPiece } from '../models/wordPiece.ts'
import { type BertNormalizerOptions, bertNormalizer } from '../normalizers/bert.ts'
import type { EdgeOptions } from '../pieces.ts'
import type { TemplatePart } from '../template.ts'
import { type SpecialIds, Tokenizer } from '../tokenizer.ts'
import { linesOf } from './lines.ts'

export interface BertOptions {
  /** Make small letters and strip accents: true for the "uncased" models. Default true. */
  readonly lowercase?: boolean
  /** Words of more characters are unknown. Default 200, as in google-research/bert; Hugging Face has 100. */
  readonly maxCharacters?: number
}

const NAMES = { unk: '[UNK]', cls: '[CLS]', sep: '[SEP]', pad: '[PAD]', mask: '[MASK]' } as const

/**
 * The tokenizer of BERT: words and signs, and WordPiece. Texts stand between `[CLS]` and `[SEP]`, as models want them;
 * `encode(text, { addSpecialTokens: false, splitSpecialTokens: true })` is what google-research/bert gives.
 * @throws FormatError when a token is missing or stands there twice
 * @example
 * import { readBertVocab } from '@x/transformer/tokenizers'
 * const tokenizer = readBertVocab('[PAD]\n[UNK]\n[CLS]\n[SEP]\nun\n##aff\n##able\n')
 * tokenizer.tokenize('unaffable') // ['[CLS]', 'un', '##aff', '##able', '[SEP]']
 */
export function readBertVocab(file: string | Uint8Array, options: BertOptions = {}): Tokenizer {
  checkOptions('readBertVocab', options, ['lowercase', 'maxCharacters'])
  const { lowercase = true, maxCharacters = 200 } = options
  const ids = new Map<string, number>()
  linesOf(file).forEach((line, id) => {
    const token = line.trim()
    if (ids.has(token))
      throw new FormatError(`vocab.txt: line ${id + 1}: '${token}' stands in line ${Number(ids.get(token)) + 1} too`)
    ids.set(token, id)
  })
  const named = Object.entries(NAMES).filter(([, token]) => ids.has(token))
  if (!ids.has(NAMES.unk)) throw new FormatError("vocab.txt: '[UNK]' is missing: this is no vocabulary of BERT")
  return bertTokenizer(new Vocabulary(ids), {
    specialIds: Object.fromEntries(named.map(([name, token]) => [name, ids.get(token)])),
    lowercase,
    maxCharacters,
    finalSigma: true,
  })
}

export interface BertParts extends EdgeOptions, BertNormalizerOptions {
  readonly specialIds: SpecialIds
  readonly addedTokens?: readonly AddedToken[]
  readonly maxCharacters?: number
}

/** BERT's tokenizer with a vocabulary from elsewhere; `specialIds.unk` must be given. */
export function bertTokenizer(vocabulary: Vocabulary, parts: BertParts): Tokenizer {
  const { specialIds, maxCharacters, addBos = true, addEos = true } = parts
  const contentOf = (id: number): string => vocabulary.tokens[id] as string
  const { unk, cls, sep } = specialIds
  const edge = (wanted: boolean, id: number | undefined, typeId = 0): TemplatePart[] =>
    wanted && id !== undefined ? [{ ids: [id], tokens: [contentOf(id)], typeId }] : []
  const single = [...edge(addBos, cls), { sequence: 'A', typeId: 0 } as const, ...edge(addEos, sep)]
  return new Tokenizer({
    model: new WordPiece(vocabulary, { unknown: contentOf(unk as number), maxCharacters }),
    addedTokens:
      parts.addedTokens ?? Object.values(specialIds).map((id) => ({ content: contentOf(id), id, special: true })),
    normalizer: bertNormalizer(parts),
    preTokenizer: [bertWords()],
    template: { single, pair: [...single, { sequence: 'B', typeId: 1 }, ...edge(addEos, sep, 1)] },
    decoder: wordPiece('##', true),
    specialIds,
  })
}
