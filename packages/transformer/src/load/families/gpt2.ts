// Configurations of GPT-2, whose linear layers are saved the other way round: [in, out].
import type { Tensor } from '@x/tensor'
import { GPT } from '../../models/gpt.ts'
import type { Architecture } from '../architectures.ts'

/** A tensor of GPT-2 in the other layout: linear layers transposed, a view; anything else as it is. */
export const turned = (x: Tensor, name: string): Tensor => (/\.(c_attn|c_proj|c_fc)\.weight$/.test(name) ? x.mT : x)

export const gpt2: readonly Architecture[] = [
  {
    names: ['GPT2LMHeadModel', 'GPT2Model'],
    modelTypes: ['gpt2'],
    prefix: 'transformer',
    // Masks that old files carry along, and the head, which is the table of embeddings.
    ignored: [/attn\.(bias|masked_bias)$/, /^lm_head\.weight$/],
    build: (c, make) =>
      new GPT(
        {
          vocabSize: c.number('vocabSize'),
          nPositions: c.number(['nPositions', 'nCtx'], 1024),
          nEmbd: c.number('nEmbd'),
          nLayer: c.number('nLayer'),
          nHead: c.number('nHead'),
          nInner: c.optional('nInner') ?? undefined,
          layerNormEpsilon: c.number('layerNormEpsilon', 1e-5),
          activationFunction: c.string('activationFunction', 'gelu_new'),
          bias: c.boolean('bias', true),
          tieWordEmbeddings: c.boolean('tieWordEmbeddings', true),
          ...c.tokens(),
        },
        make,
      ),
    convert: turned,
  },
]
