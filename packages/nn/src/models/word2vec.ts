// Words as vectors: skip-gram with negative sampling. Source: Mikolov et al. 2013, arXiv:1310.4546.
import { type Generator, rand, type Tensor, tensor, tidy, zeros } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import { logSigmoid } from '../activations/smooth.ts'
import { Module, parameter } from '../module.ts'
import { checkSizes } from '../options.ts'

/** Options of `Word2Vec`. */
export interface Word2VecOptions {
  /** Numbers in a vector. Default 32. */
  size?: number
  /** Of the first vectors. Default: the default generator. */
  generator?: Generator
}

/** A word near another, by the cosine of the angle between their vectors. */
export interface Neighbour {
  /** Position in the vocabulary. */
  readonly word: number
  /** The cosine, −1 to 1. */
  readonly similarity: number
}

/**
 * Learns vectors from which the words around a word can be told. Words are numbers from 0.
 * @example
 * import { tensor } from '@x/tensor'
 * import { Word2Vec } from '@x/nn/models'
 * const int = { dtype: 'int32' }
 * const model = new Word2Vec(100)
 * model.forward(tensor([1, 2], int), tensor([3, 4], int), tensor([[5, 6], [7, 8]], int)).shape // []
 */
export class Word2Vec extends Module {
  /** The vector of a word as the centre, and as one beside it [V, size]. */
  readonly centre: Tensor
  readonly beside: Tensor

  /** @throws RangeError for sizes that are not whole numbers ≥ 1, and options that there are not */
  constructor(vocabulary: number, options: Word2VecOptions = {}) {
    super()
    checkOptions('Word2Vec', options, ['size', 'generator'])
    const { size = 32, generator } = options
    checkSizes('Word2Vec', { vocabulary, size })
    this.centre = parameter(tidy(() => rand([vocabulary, size], { generator }).sub(0.5).div(size)))
    this.beside = parameter(zeros([vocabulary, size]))
  }

  /**
   * Equation 4, a mean over the pairs: −log σ(u·v) − Σ log σ(−uₖ·v).
   * @param centre words [B]
   * @param beside one word from the window of each [B]
   * @param negatives words drawn at random [B, K]
   */
  override forward(centre: Tensor, beside: Tensor, negatives: Tensor): Tensor {
    const v = this.centre.take(centre) // [B, size]
    const near = this.beside.take(beside).mul(v).sum(1) // [B]
    const far = this.beside.take(negatives).matmul(v.unsqueeze(-1)).squeeze(-1) // [B, K]
    return logSigmoid(near).add(logSigmoid(far.neg()).sum(1)).mean().neg()
  }

  /** The words whose vectors point most nearly where the sum of `plus` less that of `minus` points; these are left out. */
  analogy(plus: readonly number[], minus: readonly number[] = [], count = 5): Neighbour[] {
    return tidy(() => {
      const rows = this.centre.div(this.centre.square().sum(1, { keepdims: true }).sqrt()) // unit vectors
      const of = (words: readonly number[]): Tensor => rows.take(tensor([...words], { dtype: 'int32' })).sum(0)
      const wanted = minus.length > 0 ? of(plus).sub(of(minus)) : of(plus)
      const cosines = rows.matmul(wanted.div(wanted.square().sum().sqrt())).data() as Float32Array
      return Array.from(cosines, (similarity, word) => ({ word, similarity }))
        .filter(({ word }) => !plus.includes(word) && !minus.includes(word))
        .sort((a, b) => b.similarity - a.similarity)
        .slice(0, count)
    })
  }
}
