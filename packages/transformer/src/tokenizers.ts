// The public API of @x/transformer/tokenizers: text to ids and back.

export type { AddedToken } from './tokenizers/addedTokens.ts'
export type { DecodeStream } from './tokenizers/decodeStream.ts'
export type { Encoding, Padding, Truncation } from './tokenizers/encoding.ts'
export type { Model, Tokens } from './tokenizers/models/model.ts'
export type { EdgeOptions } from './tokenizers/pieces.ts'
export { type BertOptions, readBertVocab } from './tokenizers/readers/bert.ts'
export { readGgufVocab } from './tokenizers/readers/gguf.ts'
export { type Gpt2Files, type Gpt2Options, readGpt2 } from './tokenizers/readers/gpt2.ts'
export { readLlama2c } from './tokenizers/readers/llama2c.ts'
export { type LoadTokenizerOptions, loadTokenizer } from './tokenizers/readers/load.ts'
export { readSentencePiece } from './tokenizers/readers/sentencePiece.ts'
export { readTiktoken, type TiktokenName, type TiktokenOptions } from './tokenizers/readers/tiktoken.ts'
export { readTokenizerJson, type TokenizerJsonOptions } from './tokenizers/readers/tokenizerJson.ts'
export type { Cut, Edit, Rewrite, Step } from './tokenizers/steps.ts'
export type { Template, TemplatePart } from './tokenizers/template.ts'
export {
  type DecodeOptions,
  type EncodeOptions,
  type EncodePlusOptions,
  type SpecialIds,
  Tokenizer,
  type TokenizerParts,
} from './tokenizers/tokenizer.ts'
export {
  type TrainBpeOptions,
  type TrainWordPieceOptions,
  trainBpe,
  trainWordPiece,
} from './tokenizers/training/bpe.ts'
export { type TrainUnigramOptions, trainUnigram } from './tokenizers/training/unigram.ts'
export {
  type TrainCharactersOptions,
  type TrainWordsOptions,
  trainCharacters,
  trainWords,
} from './tokenizers/training/wordLevel.ts'
