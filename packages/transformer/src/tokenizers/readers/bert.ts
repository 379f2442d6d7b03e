// BERT's vocab.txt: one token per line.
import { FormatError } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import { bertWords } from '../cuts.ts'
import { sequence, wordPiece } from '../decoders.ts'
import { Vocabulary } from '../models/model.ts'
import { WordPiece } from '../models/wordPiece.ts'
import { bertNormalizer } from '../normalizers/bert.ts'
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
    if (ids.has(token)) throw new FormatError(`vocab.txt: line ${id + 1}: '${token}' stands in line ${Number(ids.get(token)) + 1} too`)
    ids.set(token, id)
  })
  const specialIds = Object.fromEntries(
    Object.entries(NAMES).flatMap(([name, token]) => (ids.has(token) ? [[name, ids.get(token)]] : [])),
  ) as SpecialIds
  const { unk, cls, sep } = specialIds
  if (unk === undefined) throw new FormatError("vocab.txt: '[UNK]' is missing: this is no vocabulary of BERT")
  const part = (name: 'cls' | 'sep', typeId = 0): TemplatePart => ({
    ids: [specialIds[name] as number],
    tokens: [NAMES[name]],
    typeId,
  })
  const a: TemplatePart = { sequence: 'A', typeId: 0 }
  return new Tokenizer({
    model: new WordPiece(new Vocabulary(ids), { unknown: NAMES.unk, maxCharacters }),
    addedTokens: Object.values(NAMES).flatMap((content) => {
      const id = ids.get(content)
      return id === undefined ? [] : [{ content, id, special: true }]
    }),
    normalizer: bertNormalizer({ lowercase, finalSigma: true }),
    preTokenizer: [bertWords()],
    template:
      cls === undefined || sep === undefined
        ? undefined
        : {
            single: [part('cls'), a, part('sep')],
            pair: [part('cls'), a, part('sep'), { sequence: 'B', typeId: 1 }, part('sep', 1)],
          },
    decoder: sequence([wordPiece('##', true)]),
    specialIds,
  })
}
