// Configurations of Bloom.
import { Bloom } from '../../models/bloom.ts'
import type { Architecture } from '../architectures.ts'

export const bloom: readonly Architecture[] = [
  {
    names: ['BloomForCausalLM', 'BloomModel'],
    modelTypes: ['bloom'],
    prefix: 'transformer',
    ignored: [/^lm_head\.weight$/],
    build: (c, make) =>
      new Bloom(
        {
          vocabSize: c.number('vocabSize'),
          hiddenSize: c.number(['hiddenSize', 'nEmbed']),
          nLayer: c.number(['nLayer', 'numHiddenLayers']),
          nHead: c.number(['nHead', 'numAttentionHeads']),
          layerNormEpsilon: c.number('layerNormEpsilon', 1e-5),
          applyResidualConnectionPostLayernorm: c.boolean('applyResidualConnectionPostLayernorm', false),
          ...c.tokens(),
        },
        make,
      ),
  },
]
