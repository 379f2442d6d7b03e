// Configurations of T5.
import { T5 } from '../../models/t5.ts'
import type { Architecture } from '../architectures.ts'

export const t5: readonly Architecture[] = [
  {
    names: ['T5ForConditionalGeneration', 'MT5ForConditionalGeneration'],
    modelTypes: ['t5', 'mt5'],
    // Copies of the table of embeddings, and a bias that an old version saved and never used.
    ignored: [
      /^(encoder|decoder)\.embed_tokens\.weight$/,
      /^lm_head\.weight$/,
      /EncDecAttention\.relative_attention_bias/,
    ],
    build: (c, make) => {
      const numLayers = c.number('numLayers')
      return new T5(
        {
          vocabSize: c.number('vocabSize'),
          dModel: c.number('dModel'),
          dKv: c.number('dKv'),
          dFf: c.number('dFf'),
          numLayers,
          numDecoderLayers: c.number('numDecoderLayers', numLayers),
          numHeads: c.number('numHeads'),
          relativeAttentionNumBuckets: c.number('relativeAttentionNumBuckets', 32),
          relativeAttentionMaxDistance: c.number('relativeAttentionMaxDistance', 128),
          layerNormEpsilon: c.number('layerNormEpsilon', 1e-6),
          feedForwardProj: c.string('feedForwardProj', 'relu'),
          tieWordEmbeddings: c.boolean('tieWordEmbeddings', true),
          decoderStartTokenId: c.number('decoderStartTokenId', c.number('padTokenId', 0)),
          ...c.tokens(),
        },
        make,
      )
    },
  },
]
