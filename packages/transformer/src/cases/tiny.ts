// Small models with random weights, one of each family: what the tests run.
import { Generator } from '@x/tensor'
import { Bert, BertForMaskedLM, BertForSequenceClassification } from '../models/bert.ts'
import { Bloom } from '../models/bloom.ts'
import type { CausalLM } from '../models/causal.ts'
import { GPT } from '../models/gpt.ts'
import { Llama, type LlamaConfig } from '../models/llama.ts'
import type { Seq2SeqLM } from '../models/seq2seq.ts'
import { T5 } from '../models/t5.ts'
import { TranslationTransformer } from '../models/translation.ts'

const initial = () => ({ generator: new Generator(3), std: 0.3 })

export const LLAMA: LlamaConfig = {
  vocabSize: 40,
  hiddenSize: 32,
  intermediateSize: 48,
  numHiddenLayers: 2,
  numAttentionHeads: 4,
  numKeyValueHeads: 2,
  maxPositionEmbeddings: 128,
  eosTokenId: 2,
}
const gpt = { vocabSize: 40, nPositions: 128, nEmbd: 32, nLayer: 2, nHead: 4 }
const bert = { vocabSize: 40, hiddenSize: 24, numHiddenLayers: 2, numAttentionHeads: 3, intermediateSize: 40 }
const t5 = {
  vocabSize: 40,
  dModel: 24,
  dKv: 8,
  dFf: 40,
  numLayers: 2,
  numHeads: 3,
  decoderStartTokenId: 0,
  eosTokenId: 1,
}
const translation = {
  vocabSize: 40,
  dModel: 24,
  encoderLayers: 2,
  decoderLayers: 2,
  attentionHeads: 3,
  ffnDim: 40,
  decoderStartTokenId: 3,
  eosTokenId: 1,
}

/** Models that continue texts, by name. */
export const CAUSAL: Readonly<Record<string, () => CausalLM>> = {
  llama: () => new Llama(LLAMA, initial()).eval(),
  'llama, tied, a window, biases': () =>
    new Llama({ ...LLAMA, tieWordEmbeddings: true, slidingWindow: 5, attentionBias: 'all' }, initial()).eval(),
  'llama, rotations stretched': () =>
    new Llama(
      {
        ...LLAMA,
        headDim: 6,
        ropeScaling: { type: 'llama3', factor: 4, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalLength: 16 },
      },
      initial(),
    ).eval(),
  'llama, rotations that depend on the length': () =>
    new Llama({ ...LLAMA, ropeScaling: { type: 'dynamic', factor: 2, originalLength: 6 } }, initial()).eval(),
  gpt: () => new GPT(gpt, initial()).eval(),
  'gpt, untied, without biases': () =>
    new GPT({ ...gpt, tieWordEmbeddings: false, bias: false, activationFunction: 'gelu' }, initial()).eval(),
  bloom: () => new Bloom({ vocabSize: 40, hiddenSize: 24, nLayer: 2, nHead: 3 }, initial()).eval(),
}

/** Models with an encoder and a decoder. */
export const SEQ2SEQ: Readonly<Record<string, () => Seq2SeqLM>> = {
  t5: () => new T5(t5, initial()).eval(),
  't5, gated, untied': () =>
    new T5({ ...t5, feedForwardProj: 'gated-gelu', tieWordEmbeddings: false, numDecoderLayers: 1 }, initial()).eval(),
  translation: () => new TranslationTransformer(translation, initial()).eval(),
  'translation, norms before, two vocabularies': () =>
    new TranslationTransformer({ ...translation, normalizeBefore: true, sourceVocabSize: 30 }, initial()).eval(),
}

export const BERT: {
  readonly plain: () => Bert
  readonly masked: () => BertForMaskedLM
  readonly classifier: () => BertForSequenceClassification
} = {
  plain: () => new Bert(bert, initial()).eval(),
  masked: () => new BertForMaskedLM(bert, initial()).eval(),
  classifier: () => new BertForSequenceClassification({ ...bert, numLabels: 3 }, initial()).eval(),
}
