// The public API of @x/transformer/tokenizers: text to ids and back.

export type { AddedToken } from './tokenizers/addedTokens.ts'
export type { DecodeStream } from './tokenizers/decodeStream.ts'
export type { Encoding, Padding, Truncation } from './tokenizers/encoding.ts'
export { readTokenizerJson, type TokenizerJsonOptions } from './tokenizers/readers/tokenizerJson.ts'
export {
  type DecodeOptions,
  type EncodeOptions,
  type EncodePlusOptions,
  type SpecialIds,
  Tokenizer,
} from './tokenizers/tokenizer.ts'
