// What a tokenizer.json says about steps, templates and decoders: one entry per type. Source: huggingface/tokenizers,
// the serialisation of each type.
import { byteCharactersOf } from '../bytes.ts'
import * as cuts from '../cuts.ts'
import * as decoders from '../decoders.ts'
import { bertNormalizer } from '../normalizers/bert.ts'
import { CharsMap, precompiled } from '../normalizers/charsMap.ts'
import {
  lowercase,
  nmt,
  prepend,
  strip,
  stripAccents,
  type UnicodeForm,
  unicodeForm,
} from '../normalizers/normalizers.ts'
import { GPT2 } from '../patterns.ts'
import { literalRegex, translateRegex } from '../regex.ts'
import { type Rewrite, replacingText, type Step, substituting } from '../steps.ts'
import type { Template, TemplatePart } from '../template.ts'
import type { Json } from './json.ts'

type Readers<T> = Readonly<Record<string, (json: Json) => T>>

/** Reads a part by its type; null and a missing part give nothing. */
function byType<T>(json: Json, readers: Readers<T[]>): T[] {
  if (!json.given) return []
  const type = json.at('type').string()
  if (!Object.hasOwn(readers, type))
    json.at('type').fail(`'${type}' is not supported; ${Object.keys(readers).join(', ')} are`)
  return readers[type](json)
}

/** A pattern as texts and regular expressions are given. */
function patternOf(json: Json): RegExp {
  const regex = json.at('Regex')
  return regex.given ? translateRegex(regex.string(), regex.path) : literalRegex(json.at('String').string())
}

const form = (name: UnicodeForm) => (): Rewrite[] => [unicodeForm(name)]

const NORMALIZERS: Readers<Rewrite[]> = {
  Sequence: (json) => json.at('normalizers').list().flatMap(readNormalizer),
  NFC: form('NFC'),
  NFD: form('NFD'),
  NFKC: form('NFKC'),
  NFKD: form('NFKD'),
  Nmt: () => [nmt()],
  Lowercase: () => [lowercase()],
  StripAccents: () => [stripAccents()],
  Strip: (json) => [strip({ left: json.at('strip_left').boolean(), right: json.at('strip_right').boolean() })],
  Prepend: (json) => [prepend(json.at('prepend').string())],
  Replace: (json) => {
    const content = json.at('content').string()
    const text = json.at('pattern').at('String')
    // A text of no characters stands everywhere.
    if (text.given && text.string() !== '') return [replacingText(text.string(), content)]
    return [substituting(patternOf(json.at('pattern')), () => content)]
  },
  BertNormalizer: (json) =>
    bertNormalizer({
      cleanText: json.at('clean_text').boolean(),
      handleChineseChars: json.at('handle_chinese_chars').boolean(),
      stripAccents: json.at('strip_accents').given ? json.at('strip_accents').boolean() : null,
      lowercase: json.at('lowercase').boolean(),
    }),
  Precompiled: (json) => {
    const { path } = json.at('precompiled_charsmap')
    return [precompiled(new CharsMap(base64(json.at('precompiled_charsmap')), path))]
  },
  ByteLevel: () => [byteCharactersOf],
}

function base64(json: Json): Uint8Array {
  try {
    return Uint8Array.from(atob(json.string()), (c) => c.charCodeAt(0))
  } catch {
    json.fail('no base64')
  }
}

/** The rewrites of a normaliser. @throws FormatError */
export const readNormalizer = (json: Json): Rewrite[] => byType(json, NORMALIZERS)

const BEHAVIORS = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'] as const

const PRE_TOKENIZERS: Readers<Step[]> = {
  Sequence: (json) => json.at('pretokenizers').list().flatMap(readPreTokenizer),
  ByteLevel: (json) => [
    ...(json.at('add_prefix_space').boolean() ? [cuts.prefixSpace()] : []),
    ...(json.at('use_regex').boolean(true) ? [cuts.splitAt(translateRegex(GPT2), 'Isolated')] : []),
    byteCharactersOf,
  ],
  Whitespace: () => [cuts.whitespace()],
  WhitespaceSplit: () => [cuts.whitespaceSplit()],
  BertPreTokenizer: () => [cuts.bertWords()],
  Punctuation: (json) => [cuts.punctuation(json.at('behavior').oneOf(BEHAVIORS, 'Isolated'))],
  Digits: (json) => [cuts.digits(json.at('individual_digits').boolean(false))],
  FixedLength: (json) => {
    const length = json.at('length').id()
    if (length === 0) json.at('length').fail('words of no characters make no sense')
    return [cuts.fixedLength(length)]
  },
  CharDelimiterSplit: (json) => [cuts.splitAt(literalRegex(json.at('delimiter').string()), 'Removed')],
  Split: (json) => [
    cuts.splitAt(patternOf(json.at('pattern')), json.at('behavior').oneOf(BEHAVIORS), json.at('invert').boolean(false)),
  ],
  Metaspace: (json) =>
    cuts.metaspace({
      replacement: json.at('replacement').string(),
      prependScheme: prependScheme(json),
      split: json.at('split').boolean(true),
    }),
}

/** Older files have `add_prefix_space` instead. */
function prependScheme(json: Json): 'first' | 'always' | 'never' {
  const prefix = json.at('add_prefix_space').boolean(true)
  return json.at('prepend_scheme').oneOf(['first', 'always', 'never'], prefix ? 'always' : 'never')
}

/** The steps of a pre-tokeniser. @throws FormatError */
export const readPreTokenizer = (json: Json): Step[] => byType(json, PRE_TOKENIZERS)

const DECODERS: Readers<decoders.Decoder[]> = {
  Sequence: (json) =>
    json
      .at('decoders')
      .list()
      .flatMap((inner) => byType(inner, DECODERS)),
  ByteLevel: () => [decoders.byteLevel()],
  WordPiece: (json) => [decoders.wordPiece(json.at('prefix').string('##'), json.at('cleanup').boolean(true))],
  Metaspace: (json) => [decoders.metaspace(json.at('replacement').string(), prependScheme(json) === 'never')],
  BPEDecoder: (json) => [decoders.bpe(json.at('suffix').string('</w>'))],
  ByteFallback: () => [decoders.byteFallback()],
  Fuse: () => [decoders.fuse()],
  Strip: (json) => [decoders.strip(json.at('content').string(), json.at('start').id(), json.at('stop').id())],
  Replace: (json) => [decoders.replace(patternOf(json.at('pattern')), json.at('content').string())],
  CTC: (json) => [
    decoders.ctc(
      json.at('pad_token').string(),
      json.at('word_delimiter_token').string(),
      json.at('cleanup').boolean(true),
    ),
  ],
}

/** What makes a text of tokens; undefined where the file says nothing. @throws FormatError */
export function readDecoder(json: Json): decoders.Decoder | undefined {
  return json.given ? decoders.sequence(byType(json, DECODERS)) : undefined
}

const text = (sequence: 'A' | 'B', typeId = 0): TemplatePart => ({ sequence, typeId })

function specialPart(json: Json, typeId = 0): TemplatePart {
  return { tokens: [json.at(0).string()], ids: [json.at(1).id()], typeId }
}

const TEMPLATES: Readers<Partial<Template>[]> = {
  Sequence: (json) =>
    json
      .at('processors')
      .list()
      .flatMap((inner) => byType(inner, TEMPLATES)),
  TemplateProcessing: (json) => [{ single: templateParts(json, 'single'), pair: templateParts(json, 'pair') }],
  BertProcessing: (json) => {
    const [cls, sep, end] = [specialPart(json.at('cls')), specialPart(json.at('sep')), specialPart(json.at('sep'), 1)]
    return [{ single: [cls, text('A'), sep], pair: [cls, text('A'), sep, text('B', 1), end] }]
  },
  RobertaProcessing: (json) => {
    const [cls, sep] = [specialPart(json.at('cls')), specialPart(json.at('sep'))]
    return [{ single: [cls, text('A'), sep], pair: [cls, text('A'), sep, sep, text('B'), sep] }, ...trimming(json)]
  },
  ByteLevel: (json) => trimming(json),
}

const trimming = (json: Json): Partial<Template>[] =>
  json.at('trim_offsets').boolean(true)
    ? [{ trimOffsets: { addPrefixSpace: json.at('add_prefix_space').boolean(true) } }]
    : []

function templateParts(json: Json, name: 'single' | 'pair'): TemplatePart[] {
  return json
    .at(name)
    .list()
    .map((part) => {
      const sequence = part.at('Sequence')
      if (sequence.given) return text(sequence.at('id').oneOf(['A', 'B']), sequence.at('type_id').id())
      const special = part.at('SpecialToken')
      const token = json.at('special_tokens').at(special.at('id').string())
      return {
        ids: token
          .at('ids')
          .list()
          .map((id) => id.id()),
        tokens: token
          .at('tokens')
          .list()
          .map((content) => content.string()),
        typeId: special.at('type_id').id(),
      }
    })
}

/** What is set around texts; undefined where the file says nothing. @throws FormatError */
export function readTemplate(json: Json): Template | undefined {
  const parts = byType(json, TEMPLATES)
  if (parts.filter(({ single }) => single).length > 1)
    json.fail('several templates, one around the other, are not supported')
  if (parts.length === 0) return undefined
  const around: Template = { single: [text('A')], pair: [text('A'), text('B', 1)] }
  return Object.assign({}, around, ...parts)
}
