// Pieces of this project's files as tokens, for the scenarios that read them with BERT.
import { type Generator, type Tensor, tensor } from '@x/tensor'
import type { Tokenizer } from '@x/transformer'
import { trainWordPiece } from '@x/transformer/tokenizers'
import { KINDS, type OwnFile, ownFiles } from './sources.ts'

/** Tokens of a piece: a beginning, words, an end. */
export const LENGTH = 32

export interface Piece {
  /** LENGTH of them. */
  readonly tokens: readonly number[]
  /** Which of `files` it is from. */
  readonly file: number
  /** Which of `KINDS` it is. */
  readonly kind: number
}

export interface Pieces {
  readonly tokenizer: Tokenizer
  readonly files: readonly OwnFile[]
  /** Of each file the first four fifths. */
  readonly train: readonly Piece[]
  /** The rest. */
  readonly test: readonly Piece[]
}

/** Every file in pieces, and the tokenizer that was trained on them. */
export async function ownPieces(vocabSize: number): Promise<Pieces> {
  const files = await ownFiles()
  const tokenizer = trainWordPiece(
    files.map(({ text }) => text),
    { vocabSize },
  )
  const { cls, sep } = tokenizer.specialIds as { cls: number; sep: number }
  const [train, test]: [Piece[], Piece[]] = [[], []]
  for (const [file, { kind, text }] of files.entries()) {
    const ids = tokenizer.encode(text, { addSpecialTokens: false })
    const words = LENGTH - 2
    const count = Math.floor(ids.length / words)
    for (let i = 0; i < count; i++) {
      const tokens = [cls, ...ids.slice(i * words, (i + 1) * words), sep]
      ;(i < 0.8 * count ? train : test).push({ tokens, file, kind: KINDS.indexOf(kind) })
    }
  }
  return { tokenizer, files, train, test }
}

/** As many pieces of each kind as the rarest has, in any order, at most `most`. */
export function balanced(pieces: readonly Piece[], generator: Generator, most: number): Piece[] {
  const groups = KINDS.map((_, kind) => pieces.filter((piece) => piece.kind === kind))
  const count = Math.min(Math.floor(most / KINDS.length), ...groups.map((group) => group.length))
  return groups.flatMap((group) => {
    const order = generator.permutation(group.length)
    return Array.from(order.slice(0, count), (i) => group[i])
  })
}

/** int32 [B, LENGTH] */
export const tokensOf = (pieces: readonly Piece[]): Tensor =>
  tensor(Int32Array.from(pieces.flatMap(({ tokens }) => tokens)), { shape: [pieces.length, LENGTH] })
