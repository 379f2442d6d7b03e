// Embeddings as layers, with PyTorch's names and options.
import { type Generator, randn, type Tensor, zeros } from '@x/tensor'
import { assign, checkOptions } from '@x/tensor/op'
import { Module, parameter } from '../module.ts'
import { type EmbeddingBagOptions, type EmbeddingOptions, embedding, embeddingBag } from './embedding.ts'

export interface EmbeddingLayerOptions extends EmbeddingOptions {
  /** Where initial values come from. Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

const OPTIONS = ['paddingIdx', 'maxNorm', 'normType', 'scaleGradByFreq']

/** A table of normal numbers; the row of padding is 0. */
function table(name: string, rows: number, size: number, { paddingIdx, generator }: EmbeddingLayerOptions): Tensor {
  for (const [what, n] of Object.entries({ numEmbeddings: rows, embeddingDim: size })) {
    if (!(Number.isInteger(n) && n >= 1)) throw new RangeError(`${name}: ${what} ${n} is not a whole number from 1`)
  }
  const weight = parameter(randn([rows, size], { generator }))
  if (paddingIdx !== null && paddingIdx !== undefined) {
    if (!(paddingIdx >= -rows && paddingIdx < rows))
      throw new RangeError(`${name}: paddingIdx ${paddingIdx} is not from ${-rows} to ${rows - 1}`)
    assign(weight.at(paddingIdx), zeros([]))
  }
  return weight
}

/**
 * A table of vectors, weight [numEmbeddings, embeddingDim], looked up by integers of any shape: [...] → [..., D].
 * It starts standard normal; see `embedding` for the options.
 * @throws RangeError for sizes and options
 * @example
 * import { tensor } from '@x/tensor'
 * import { Embedding } from '@x/nn'
 * new Embedding(10, 4).forward(tensor([[1, 2], [3, 4]], { dtype: 'int32' })).shape // [2, 2, 4]
 */
export class Embedding extends Module {
  readonly weight: Tensor
  readonly options: EmbeddingOptions

  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingLayerOptions = {}) {
    super()
    checkOptions('Embedding', options, [...OPTIONS, 'generator'])
    const { generator, ...rest } = options
    this.weight = table('Embedding', numEmbeddings, embeddingDim, options)
    this.options = rest
  }

  override forward(input: Tensor): Tensor {
    return embedding(input, this.weight, this.options)
  }
}

export interface EmbeddingBagLayerOptions extends Omit<EmbeddingBagOptions, 'offsets' | 'perSampleWeights'> {
  /** Where initial values come from. Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/** Sum, mean (the default) or maximum of the vectors of bags of integers; see `embeddingBag`. */
export class EmbeddingBag extends Module {
  readonly weight: Tensor
  readonly options: EmbeddingBagOptions

  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingBagLayerOptions = {}) {
    super()
    checkOptions('EmbeddingBag', options, [...OPTIONS, 'mode', 'includeLastOffset', 'generator'])
    const { generator, ...rest } = options
    this.weight = table('EmbeddingBag', numEmbeddings, embeddingDim, options)
    this.options = rest
  }

  override forward(input: Tensor, given: Pick<EmbeddingBagOptions, 'offsets' | 'perSampleWeights'> = {}): Tensor {
    return embeddingBag(input, this.weight, { ...this.options, ...given })
  }
}
