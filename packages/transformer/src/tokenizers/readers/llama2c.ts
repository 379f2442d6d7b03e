// The vocabularies of karpathy/llama2.c: tokenizer.bin, tok512.bin. Source: run.c, build_tokenizer and encode.
import { checkOptions, FormatError } from '@x/tensor/bytes'
import { fromUtf8 } from '../bytes.ts'
import { byteOfToken } from '../models/model.ts'
import { SPACE } from '../normalizers/sentencePiece.ts'
import { type EdgeOptions, type Piece, tokenizerOfPieces } from '../pieces.ts'
import type { Tokenizer } from '../tokenizer.ts'

/** Ids that have a meaning of their own in every such file, and behind them one for each byte. */
const NAMES = ['<unk>', '<s>', '</s>']
const BYTES = NAMES.length

/**
 * The tokenizer of llama2.c. As there, texts begin with `<s>` unless `addBos` is false, and `</s>` is not set.
 * @throws FormatError naming the offset and the reason
 */
export function readLlama2c(file: Uint8Array, options: EdgeOptions = {}): Tokenizer {
  checkOptions('readLlama2c', options, ['addBos', 'addEos'])
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const pieces: Piece[] = []
  const fail = (at: number, reason: string): never => {
    throw new FormatError(`llama2.c vocabulary: at byte ${at}: ${reason}`)
  }
  if (file.length < 4) fail(0, `${file.length} bytes are no vocabulary`)
  const longest = view.getInt32(0, true)
  for (let at = 4; at < file.length; ) {
    if (at + 8 > file.length) fail(at, 'the file ends within a token')
    const length = view.getInt32(at + 4, true)
    if (length < 0 || length > longest) fail(at + 4, `a token of ${length} bytes where ${longest} are the most`)
    if (at + 8 + length > file.length) fail(at + 8, 'the file ends within a token')
    const text = fromUtf8(file.subarray(at + 8, at + 8 + length)).replaceAll(' ', SPACE)
    pieces.push(pieceOf(text, view.getFloat32(at, true), pieces.length))
    at += 8 + length
  }
  for (let byte = 0; byte < 256; byte++) {
    const text = pieces[BYTES + byte]?.text
    if (text === undefined || byteOfToken(text) !== byte)
      fail(0, `token ${BYTES + byte} does not stand for the byte ${byte}`)
  }
  return tokenizerOfPieces(pieces, {
    addBos: true,
    ...options,
    model: 'bpe',
    byteFallback: true,
    normalizer: { removeExtraWhitespaces: false },
    specialIds: { unk: 0, bos: 1, eos: 2 },
  })
}

function pieceOf(text: string, score: number, id: number): Piece {
  if (id < BYTES) return { text: NAMES[id], score, kind: id === 0 ? 'unknown' : 'control' }
  return { text, score, kind: id < BYTES + 256 ? 'byte' : 'normal' }
}
