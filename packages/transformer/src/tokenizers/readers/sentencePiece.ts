// SentencePiece's .model files. Source: google/sentencepiece, src/sentencepiece_model.proto.
import { checkOptions, FormatError } from '@x/tensor/bytes'
import { fromUtf8 } from '../bytes.ts'
import { CharsMap } from '../normalizers/charsMap.ts'
import { type SentencePieceNormalizerOptions, sentencePieceNormalizer } from '../normalizers/sentencePiece.ts'
import { type EdgeOptions, type Piece, type PieceKind, type PieceOptions, tokenizerOfPieces } from '../pieces.ts'
import type { SpecialIds, Tokenizer } from '../tokenizer.ts'
import { type Field, fieldsOf } from './protobuf.ts'

const WHERE = 'sentencepiece'
const KINDS: readonly (PieceKind | undefined)[] = [
  undefined,
  'normal',
  'unknown',
  'control',
  'symbol',
  'unused',
  'byte',
]
const MODELS: readonly (PieceOptions['model'] | undefined)[] = [undefined, 'unigram', 'bpe', undefined, 'characters']

/** What a file says about its training that matters for its use. */
interface Trainer {
  model: PieceOptions['model']
  whitespaceAsSuffix: boolean
  byteFallback: boolean
  unknownSurface: string | undefined
  names: { bos: string; eos: string; pad: string }
}

/**
 * The tokenizer of a SentencePiece model (Unigram, byte-pair encoding or characters). As there, special tokens are never
 * found in texts, and nothing is set around them unless asked for: Llama wants `addBos`, T5 `addEos`.
 * @throws FormatError naming the offset and the reason
 */
export function readSentencePiece(file: Uint8Array, options: EdgeOptions = {}): Tokenizer {
  checkOptions('readSentencePiece', options, ['addBos', 'addEos'])
  const pieces: Piece[] = []
  const trainer: Trainer = {
    model: 'unigram',
    whitespaceAsSuffix: false,
    byteFallback: false,
    unknownSurface: undefined,
    names: { bos: '<s>', eos: '</s>', pad: '<pad>' },
  }
  let normalizer: SentencePieceNormalizerOptions = {}
  let denormalizer: SentencePieceNormalizerOptions | null = null
  for (const field of fieldsOf(file, WHERE)) {
    if (field.number === 1) pieces.push(readPiece(field))
    else if (field.number === 2) readTrainer(field, trainer)
    else if (field.number === 3) normalizer = readNormalizer(field)
    else if (field.number === 5) denormalizer = readNormalizer(field)
  }
  checkPieces(pieces, trainer)
  const idOf = (name: string): number | undefined => {
    const id = pieces.findIndex(({ text, kind }) => text === name && kind === 'control')
    return id < 0 ? undefined : id
  }
  const unk = pieces.findIndex(({ kind }) => kind === 'unknown')
  const { bos, eos, pad } = trainer.names
  const specialIds: SpecialIds = { bos: idOf(bos), eos: idOf(eos), pad: idOf(pad), unk: unk < 0 ? undefined : unk }
  return tokenizerOfPieces(pieces, {
    ...options,
    model: trainer.model,
    byteFallback: trainer.byteFallback,
    unknownSurface: trainer.unknownSurface,
    normalizer: { ...normalizer, whitespaceAsSuffix: trainer.whitespaceAsSuffix },
    denormalizer: denormalizer?.charsMap ? sentencePieceNormalizer(denormalizer) : null,
    specialIds,
  })
}

function readPiece({ bytes, at }: Field): Piece {
  let [text, score, kind] = ['', 0, 'normal' as PieceKind]
  for (const field of fieldsOf(bytes, WHERE, at)) {
    if (field.number === 1) text = fromUtf8(field.bytes)
    else if (field.number === 2) score = field.float
    else if (field.number === 3) {
      const known = KINDS[field.whole]
      if (!known) throw new FormatError(`${WHERE}: at byte ${field.at}: there is no type ${field.whole} of pieces`)
      kind = known
    }
  }
  if (text === '') throw new FormatError(`${WHERE}: at byte ${at}: a piece without a text`)
  return { text, score, kind }
}

function readTrainer({ bytes, at }: Field, trainer: Trainer): void {
  for (const { number, whole, bytes: given, at: place } of fieldsOf(bytes, WHERE, at)) {
    const text = fromUtf8(given)
    if (number === 3) {
      const model = MODELS[whole]
      if (!model) {
        throw new FormatError(
          `${WHERE}: at byte ${place}: models of type ${whole} (${whole === 3 ? 'words' : 'unknown'}) are not supported`,
        )
      }
      trainer.model = model
    } else if (number === 24) trainer.whitespaceAsSuffix = whole !== 0
    else if (number === 35) trainer.byteFallback = whole !== 0
    else if (number === 44) trainer.unknownSurface = text
    else if (number === 46) trainer.names.bos = text
    else if (number === 47) trainer.names.eos = text
    else if (number === 48) trainer.names.pad = text
  }
}

function readNormalizer({ bytes, at }: Field): SentencePieceNormalizerOptions {
  const options: { -readonly [K in keyof SentencePieceNormalizerOptions]: SentencePieceNormalizerOptions[K] } = {}
  for (const { number, whole, bytes: given, at: place } of fieldsOf(bytes, WHERE, at)) {
    if (number === 2 && given.length > 0)
      options.charsMap = new CharsMap(given, `${WHERE}: at byte ${place}: precompiled_charsmap`)
    else if (number === 3) options.addDummyPrefix = whole !== 0
    else if (number === 4) options.removeExtraWhitespaces = whole !== 0
    else if (number === 5) options.escapeWhitespaces = whole !== 0
  }
  return options
}

function checkPieces(pieces: readonly Piece[], { model, byteFallback }: Trainer): void {
  if (pieces.length === 0)
    throw new FormatError(`${WHERE}: at byte 0: the file has no pieces: this is no model of SentencePiece`)
  const ids = new Map<string, number>()
  pieces.forEach(({ text, kind }, id) => {
    if (ids.has(text))
      throw new FormatError(`${WHERE}: pieces ${ids.get(text)} and ${id} are both ${JSON.stringify(text)}`)
    ids.set(text, id)
    if (kind === 'unused' && model === 'bpe') {
      throw new FormatError(`${WHERE}: piece ${id}: unused pieces are not supported in models of byte-pair encoding`)
    }
  })
  const unknowns = pieces.filter(({ kind }) => kind === 'unknown').length
  if (unknowns !== 1) throw new FormatError(`${WHERE}: there must be one unknown piece, not ${unknowns}`)
  const bytes = pieces.filter(({ kind }) => kind === 'byte').length
  if (byteFallback && bytes !== 256) throw new FormatError(`${WHERE}: ${bytes} pieces for the 256 bytes`)
}
