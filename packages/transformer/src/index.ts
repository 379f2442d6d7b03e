// The public API of @x/transformer. Tokenizers have an entry of their own: @x/transformer/tokenizers.

export { type CacheSize, KVCache } from './blocks/cache.ts'
export { type Activation, activationOf, feedForward, gatedFeedForward, type Projection } from './blocks/feedForward.ts'
export type { InitialOptions, LayerMaker } from './blocks/layers.ts'
export type { Hooks, Place, RunOptions, TraceOptions } from './blocks/pass.ts'
export { alibiBias, alibiSlopes, type BucketOptions, relativeBucket, relativeBuckets } from './blocks/positions.ts'
export {
  fromInterleaved,
  type RotaryFrequencies,
  type RotaryFrequencyOptions,
  type RotaryScaling,
  RotaryTable,
  type Rotation,
  rotaryFrequencies,
  rotate,
  toInterleaved,
} from './blocks/rotary.ts'
export { dequantizeGgml, quantizeGgml } from './formats/ggmlTypes.ts'
export {
  type Gguf,
  type GgufTensor,
  GgufTooShort,
  type GgufType,
  type GgufValue,
  readGguf,
} from './formats/gguf.ts'
export { type BeamOptions, beamSearch, type Hypothesis, type NextTokens } from './generation/beam.ts'
export {
  type FinishReason,
  type Generated,
  generate,
  type Prompt,
  stream,
  type TextModel,
} from './generation/generate.ts'
export { type BleuOptions, bleu } from './generation/metrics.ts'
export type { Codec, GenerateOptions } from './generation/options.ts'
export {
  type FilterOptions,
  type LogitsProcessor,
  type PenaltyOptions,
  type ProcessorContext,
  tokenProbabilities,
} from './generation/processors.ts'
export { generateText, streamText, type TextCodec, type TextOptions } from './generation/text.ts'
export { ablateHeads, type HeadChoice, logitLens, replaceHeads } from './inside/lens.ts'
export { type CachingOptions, cachingFetch, folderStore, type PieceStore, pageStore } from './load/cachingFetch.ts'
export type { ModelSource } from './load/folder.ts'
export { type LoadOptions, loadCausalLM, loadModel, loadSeq2SeqLM } from './load/loadModel.ts'
export { type PretrainedFiles, type SavePretrainedOptions, savePretrained } from './load/savePretrained.ts'
export {
  Bert,
  type BertConfig,
  BertForMaskedLM,
  BertForSequenceClassification,
  type BertOptions,
  type BertOutput,
  meanPool,
} from './models/bert.ts'
export { Bloom, type BloomConfig } from './models/bloom.ts'
export {
  type CausalConfig,
  CausalLM,
  type CausalOutput,
  type DecoderSizes,
  type InspectOptions,
  type LogitOptions,
} from './models/causal.ts'
export { GPT, type GPTConfig } from './models/gpt.ts'
export { Llama, type LlamaConfig } from './models/llama.ts'
export {
  type DecodeOptions as TargetOptions,
  type EncodeOptions as SourceOptions,
  type Seq2SeqConfig,
  Seq2SeqLM,
  type Seq2SeqOptions,
  type Seq2SeqOutput,
} from './models/seq2seq.ts'
export { T5, type T5Config } from './models/t5.ts'
export { type TranslationConfig, TranslationTransformer } from './models/translation.ts'
export type { Quantization } from './quantized/format.ts'
export { QuantizedEmbedding, QuantizedLinear } from './quantized/layers.ts'
export { type QuantizeOptions, quantize } from './quantized/quantize.ts'
export type { Tokenizer } from './tokenizers.ts'
export { addLora, Lora, LoraLinear, type LoraOptions } from './training/lora.ts'
export {
  type Example,
  type LanguageModelLossOptions,
  languageModelLoss,
  type MaskingOptions,
  maskTokens,
  type Seq2SeqLossOptions,
  seq2seqLoss,
  shiftRight,
  supervisedBatch,
  type TokenLossOptions,
  tokenLoss,
} from './training/losses.ts'
export { type PerplexityOptions, textPerplexity } from './training/perplexity.ts'
