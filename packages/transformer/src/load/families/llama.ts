// Configurations of the Llama family.
import { Llama, type LlamaConfig } from '../../models/llama.ts'
import type { Architecture } from '../architectures.ts'
import type { Config } from '../settings.ts'

function read(c: Config, attentionBias: LlamaConfig['attentionBias']): LlamaConfig {
  const heads = c.number('numAttentionHeads')
  const maxPositionEmbeddings = c.number('maxPositionEmbeddings', 2048)
  return {
    vocabSize: c.number('vocabSize'),
    hiddenSize: c.number('hiddenSize'),
    intermediateSize: c.number('intermediateSize'),
    numHiddenLayers: c.number('numHiddenLayers'),
    numAttentionHeads: heads,
    numKeyValueHeads: c.number('numKeyValueHeads', heads),
    headDim: c.number('headDim', c.number('hiddenSize') / heads),
    maxPositionEmbeddings,
    rmsNormEps: c.number('rmsNormEps', 1e-6),
    ropeTheta: c.ropeTheta(),
    ropeScaling: c.scaling(maxPositionEmbeddings),
    hiddenAct: c.string('hiddenAct', 'silu'),
    tieWordEmbeddings: c.boolean('tieWordEmbeddings', false),
    attentionBias,
    mlpBias: c.boolean('mlpBias', false),
    slidingWindow: c.boolean('useSlidingWindow', true) ? c.optional('slidingWindow') : null,
    ...c.tokens(),
  }
}

const shared = { prefix: 'model', ignored: [/rotary_emb\.inv_freq$/, /^lm_head\.weight$/] }

export const llama: readonly Architecture[] = [
  {
    ...shared,
    names: ['LlamaForCausalLM', 'MistralForCausalLM'],
    modelTypes: ['llama', 'mistral'],
    build: (c, make) => new Llama(read(c, c.boolean('attentionBias', false) && 'all'), make),
  },
  {
    ...shared,
    names: ['Qwen2ForCausalLM'],
    modelTypes: ['qwen2'],
    // Sliding windows are for some of its layers alone, and off in all that were published.
    build: (c, make) => new Llama({ ...read(c, true), slidingWindow: null }, make),
  },
]
