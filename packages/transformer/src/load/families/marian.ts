// Configurations of Marian's translation models.
import { TranslationTransformer } from '../../models/translation.ts'
import type { Architecture } from '../architectures.ts'

export const marian: readonly Architecture[] = [
  {
    names: ['MarianMTModel'],
    modelTypes: ['marian'],
    // Sinusoids are computed; the rest are copies of the table of embeddings.
    ignored: [/embed_positions\.weight$/, /embed_tokens\.weight$/, /^lm_head\.weight$/],
    build: (c, make) => {
      const attentionHeads = c.number('encoderAttentionHeads')
      const ffnDim = c.number('encoderFfnDim')
      if (
        c.number('decoderAttentionHeads', attentionHeads) !== attentionHeads ||
        c.number('decoderFfnDim', ffnDim) !== ffnDim
      )
        throw c.problem('the decoder has other heads or another feed-forward size than the encoder')
      const isShared = c.boolean('shareEncoderDecoderEmbeddings', true)
      return new TranslationTransformer(
        {
          vocabSize: isShared ? c.number('vocabSize') : c.number('decoderVocabSize', c.number('vocabSize')),
          sourceVocabSize: isShared ? null : c.number('vocabSize'),
          dModel: c.number('dModel'),
          encoderLayers: c.number('encoderLayers'),
          decoderLayers: c.number('decoderLayers'),
          attentionHeads,
          ffnDim,
          maxPositionEmbeddings: c.number('maxPositionEmbeddings', 512),
          activationFunction: c.string('activationFunction', 'relu'),
          normalizeBefore: c.boolean('normalizeBefore', false),
          scaleEmbedding: c.boolean('scaleEmbedding', false),
          positions: c.string('positions', 'halves') === 'interleaved' ? 'interleaved' : 'halves',
          layerNormEps: c.number('layerNormEps', 1e-5),
          decoderStartTokenId: c.optional('decoderStartTokenId'),
          ...c.tokens(),
        },
        make,
      )
    },
  },
]
