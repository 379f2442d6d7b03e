// What BERT does to a text first. Source: BasicTokenizer in google-research/bert, tokenization.py, and
// huggingface/tokenizers, src/normalizers/bert.rs.
import { type Rewrite, substituting } from '../steps.ts'
import { lowercase, unicodeForm } from './normalizers.ts'

export interface BertNormalizerOptions {
  /** Remove control characters, make every white space a space. Default true. */
  readonly cleanText?: boolean
  /** Set spaces around Chinese characters. Default true. */
  readonly handleChineseChars?: boolean
  /** Remove accents. Default: as `lowercase`. */
  readonly stripAccents?: boolean | null
  /** Default true. */
  readonly lowercase?: boolean
  /** Small letters as Python makes them: the last sigma of a word is another one. Default false. */
  readonly finalSigma?: boolean
}

const REMOVED = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\ufffd]/u
const CHINESE =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu

/** BERT's normaliser, as rewrites one after the other. */
export function bertNormalizer(options: BertNormalizerOptions = {}): Rewrite[] {
  const { cleanText = true, handleChineseChars = true, lowercase: small = true, finalSigma = false } = options
  const rewrites: Rewrite[] = []
  if (cleanText)
    rewrites.push(
      substituting(new RegExp(`${REMOVED.source}|\\p{White_Space}`, 'gv'), (c) => (REMOVED.test(c) ? '' : ' ')),
    )
  if (handleChineseChars) rewrites.push(substituting(CHINESE, (c) => ` ${c} `))
  const accents = options.stripAccents ?? small
  const lower = small ? [lowercase({ finalSigma })] : []
  const stripped = accents ? [unicodeForm('NFD'), substituting(/\p{Mn}+/gu)] : []
  return [...rewrites, ...stripped, ...lower]
}
