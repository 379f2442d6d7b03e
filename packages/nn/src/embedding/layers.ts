// Embeddings as layers, with PyTorch's names and options.
import { type Generator, randn, type Tensor, zeros } from '@x/tensor'
import { assign, checkOptions } from '@x/tensor/op'
import { Module, parameter } from '../module.ts'
import { checkSizes, inRange } from '../options.ts'
import { type EmbeddingBagOptions, type EmbeddingOptions, embedding, embeddingBag, OPTIONS } from './embedding.ts'

/** Options of `Embedding`. */
export interface EmbeddingLayerOptions extends EmbeddingOptions {
  /** Where initial values come from. Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/** A table of normal numbers; the row of padding is 0. */
function table(name: string, rows: number, size: number, options: EmbeddingLayerOptions): Tensor {
  const { paddingIdx = null, generator } = options
  checkSizes(name, { numEmbeddings: rows, embeddingDim: size })
  if (paddingIdx !== null) inRange(`${name}: paddingIdx`, paddingIdx, -rows, rows - 1)
  const weight = parameter(randn([rows, size], { generator }))
  if (paddingIdx !== null) assign(weight.at(paddingIdx), zeros([]))
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

/** Options of `EmbeddingBag`. */
export interface EmbeddingBagLayerOptions extends Omit<EmbeddingBagOptions, 'offsets' | 'perSampleWeights'> {
  /** Where initial values come from. Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/**
 * Sum, mean (the default) or maximum of the vectors of bags of integers; see `embeddingBag`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { EmbeddingBag } from '@x/nn'
 * new EmbeddingBag(10, 4, { mode: 'sum' }).forward(tensor([[1, 2], [3, 4]], { dtype: 'int32' })).shape // [2, 4]
 */
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
