// Tokenizers in SentencePiece's way: pieces with scores and kinds, found by Unigram or byte-pair encoding.
// Source: google/sentencepiece, src/model_interface.cc and src/sentencepiece_processor.cc.
import { fromUtf8 } from './bytes.ts'
import { Bpe, pairsOf } from './models/bpe.ts'
import { byteOfToken, type Model, Vocabulary } from './models/model.ts'
import { Unigram } from './models/unigram.ts'
import { type SentencePieceNormalizerOptions, SPACE, sentencePieceNormalizer } from './normalizers/sentencePiece.ts'
import type { Rewrite } from './steps.ts'
import type { Template, TemplatePart } from './template.ts'
import { type SpecialIds, Tokenizer } from './tokenizer.ts'

/** What a piece is for. */
export type PieceKind = 'normal' | 'unknown' | 'control' | 'symbol' | 'unused' | 'byte'

export interface Piece {
  readonly text: string
  readonly score: number
  readonly kind: PieceKind
}

/** What is set around texts. */
export interface EdgeOptions {
  /** Begin texts with the token that begins texts. */
  readonly addBos?: boolean
  /** End texts with the token that ends texts. */
  readonly addEos?: boolean
}

export interface PieceOptions extends EdgeOptions {
  readonly model: 'unigram' | 'bpe' | 'characters'
  readonly normalizer?: Omit<SentencePieceNormalizerOptions, 'symbols'>
  /** Unknown characters become pieces for their bytes. Default false. */
  readonly byteFallback?: boolean
  /** The text of an unknown piece. Default ` ⁇ `. */
  readonly unknownSurface?: string
  /** Rewrites the decoded text. */
  readonly denormalizer?: Rewrite | null
  readonly specialIds?: SpecialIds
  /** Find control pieces and symbols in texts wherever they are written. Default false. */
  readonly findControls?: boolean
}

/** The tokenizer of a list of pieces; their places are their ids. */
export function tokenizerOfPieces(pieces: readonly Piece[], options: PieceOptions): Tokenizer {
  const { findControls = false, specialIds = {} } = options
  const symbols = pieces.filter(({ kind }) => kind === 'symbol').map(({ text }) => text)
  const added = (kind: PieceKind): boolean =>
    kind === 'control' || kind === 'unknown' || (findControls && kind === 'symbol')
  return new Tokenizer({
    model: modelOf(pieces, symbols, options),
    addedTokens: pieces.flatMap(({ text, kind }, id) =>
      added(kind) ? [{ content: text, id, special: kind !== 'symbol', normalized: false, inText: findControls }] : [],
    ),
    normalizer: [sentencePieceNormalizer({ ...options.normalizer, symbols })],
    template: edgeTemplate(pieces, specialIds, options),
    decoder: decoderOf(pieces, options),
    // A piece may say how the one behind it is to be written, but not beyond a space.
    isWhole: options.denormalizer ? (text) => text.endsWith(' ') : undefined,
    specialIds,
  })
}

function modelOf(pieces: readonly Piece[], symbols: readonly string[], options: PieceOptions): Model {
  const { byteFallback = false } = options
  const unknown = pieces.findIndex(({ kind }) => kind === 'unknown')
  const isOf = (...kinds: PieceKind[]) => new Set(pieces.flatMap(({ kind }, id) => (kinds.includes(kind) ? [id] : [])))
  if (options.model === 'unigram') {
    return new Unigram(
      pieces.map(({ text, score }) => [text, score]),
      {
        unknown: unknown < 0 ? null : unknown,
        byteFallback,
        hidden: isOf('unknown', 'control', 'unused', 'byte'),
        always: isOf('symbol'),
        single: true,
      },
    )
  }
  const vocabulary = new Vocabulary(new Map(pieces.map(({ text }, id) => [text, id])))
  const normal = new Map(pieces.flatMap(({ text, kind }, id) => (kind === 'normal' ? [[text, id]] : [])))
  const parts = partsOf(normal, pieces.length)
  const merged = options.model === 'bpe' ? normal : new Map<string, number>()
  return new Bpe(
    vocabulary,
    pairsOf(ranked(merged, pieces), (part) => normal.get(part) ?? parts.get(part)),
    { unknown: pieces[unknown]?.text, fuseUnknown: true, showUnknown: true, byteFallback, symbols, parts },
  )
}

/** Characters that are in pieces but are none, with numbers behind the last piece. */
function partsOf(normal: ReadonlyMap<string, number>, size: number): Map<string, number> {
  const parts = new Map<string, number>()
  for (const text of normal.keys()) {
    for (const c of text) if (!normal.has(c) && !parts.has(c)) parts.set(c, size + 1 + parts.size)
  }
  return parts
}

/** The highest score is the lowest rank; equal scores have one rank. */
function* ranked(normal: ReadonlyMap<string, number>, pieces: readonly Piece[]) {
  const scores = [...new Set([...normal.values()].map((id) => pieces[id].score))].sort((a, b) => b - a)
  const ranks = new Map(scores.map((score, rank) => [score, rank]))
  for (const [token, id] of normal) yield { token, id, rank: ranks.get(pieces[id].score) as number }
}

/** What is set around texts, around each of a pair. */
export function edgeTemplate(
  pieces: readonly Piece[],
  { bos, eos }: SpecialIds,
  { addBos, addEos }: EdgeOptions,
): Template {
  const edge = (wanted: boolean | undefined, id: number | undefined): TemplatePart[] =>
    wanted && id !== undefined ? [{ ids: [id], tokens: [pieces[id].text], typeId: 0 }] : []
  const [begin, end] = [edge(addBos, bos), edge(addEos, eos)]
  const around = (sequence: 'A' | 'B'): TemplatePart[] => [...begin, { sequence, typeId: 0 }, ...end]
  return { single: around('A'), pair: [...around('A'), ...around('B')] }
}

/** Pieces put together: spaces for what stands for them, without the one that was set before the text. */
function decoderOf(pieces: readonly Piece[], options: PieceOptions) {
  const { unknownSurface = ' \u2047 ', denormalizer, normalizer = {} } = options
  const { addDummyPrefix = true, removeExtraWhitespaces = true } = normalizer
  return (tokens: readonly string[], ids: readonly number[]): string[] => {
    let text = ''
    let bytes: number[] = []
    let isBegin = true
    let sawSpace = false
    tokens.forEach((token, i) => {
      const kind = pieces[ids[i]]?.kind ?? 'normal'
      if (kind === 'byte') {
        bytes.push(byteOfToken(token))
        return
      }
      text += textOfBytes(bytes)
      bytes = []
      if (sawSpace || text !== '') isBegin = false
      sawSpace = false
      if (kind === 'control') return
      if (kind === 'unknown') {
        text += unknownSurface
        return
      }
      let rest = token
      if (isBegin && (addDummyPrefix || removeExtraWhitespaces) && rest.startsWith(SPACE)) {
        rest = rest.slice(SPACE.length)
        // Where extra spaces are removed there may be more to take away.
        sawSpace = !removeExtraWhitespaces
      }
      text += rest.replaceAll(SPACE, ' ')
    })
    text += textOfBytes(bytes)
    return [denormalizer ? denormalizer.apply(text, true) : text]
  }
}

/** Characters of UTF-8; every byte that belongs to none becomes U+FFFD. */
function textOfBytes(bytes: readonly number[]): string {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at]
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
    const c = fromUtf8(Uint8Array.from(bytes.slice(at, at + length)))
    const isOne =
      Array.from(c).length === 1 && (c !== '\ufffd' || (lead === 0xef && length === 3 && bytes[at + 1] === 0xbf))
    text += isOne && at + length <= bytes.length ? c : '\ufffd'
    at += isOne && at + length <= bytes.length ? length : 1
  }
  return text
}
