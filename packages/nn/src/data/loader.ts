// The examples of a data set in batches, pass after pass.
import { Generator } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import { checkSizes } from '../options.ts'
import type { AsyncDataset, Batch, Dataset } from './datasets.ts'

/** Options of `DataLoader`. */
export interface DataLoaderOptions<B = Batch> {
  /** Examples per batch, ≥ 1. Default 1. */
  batchSize?: number
  /** A new order at every pass. Default false. */
  shuffle?: boolean
  /** Leave out a last batch that is not full. Default false. */
  dropLast?: boolean
  /** Seed of the orders. Default 0. */
  seed?: number
  /** Positions of the next pass, instead of all in order or shuffled: to draw rare classes more often, say. */
  sampler?: (generator: Generator) => ArrayLike<number>
  /** Changes every batch before it is handed out: augmentation, normalisation. */
  transform?: (batch: B) => B
  /** Batches asked for ahead of the one in use, where they have to be waited for, ≥ 1. Default 2. */
  prefetch?: number
}

/**
 * Iterates over a data set in batches; each `for … of` is one pass (an epoch). Data sets whose batches have to be waited
 * for take `for await … of`.
 * @throws RangeError for options out of range
 * @example
 * import { tensor } from '@x/tensor'
 * import { DataLoader, TensorDataset } from '@x/nn'
 * const data = new TensorDataset(tensor([[1], [2], [3]]), tensor([0, 1, 0]))
 * for (const { x, y } of new DataLoader(data, { batchSize: 2, shuffle: true })) console.log(x.shape, y.shape)
 */
export class DataLoader<B = Batch> implements Iterable<B>, AsyncIterable<B> {
  readonly dataset: Dataset<B> | AsyncDataset<B>
  readonly batchSize: number
  readonly shuffle: boolean
  readonly dropLast: boolean
  /** The stream of orders; save and restore it to resume between epochs. */
  readonly generator: Generator
  private readonly options: DataLoaderOptions<B>

  constructor(dataset: Dataset<B> | AsyncDataset<B>, options: DataLoaderOptions<B> = {}) {
    checkOptions('DataLoader', options, [
      ...['batchSize', 'shuffle', 'dropLast', 'seed', 'sampler', 'transform', 'prefetch'],
    ])
    if (typeof dataset?.batch !== 'function')
      throw new TypeError('DataLoader: dataset has no batch(positions), as a TensorDataset has')
    const { batchSize = 1, shuffle = false, dropLast = false, seed = 0, sampler, prefetch = 2 } = options
    checkSizes('DataLoader', { batchSize, prefetch })
    if (shuffle && sampler) throw new RangeError('DataLoader: a sampler decides the order; leave out shuffle')
    this.dataset = dataset
    this.batchSize = batchSize
    this.shuffle = shuffle
    this.dropLast = dropLast
    this.options = options
    this.generator = new Generator(seed)
  }

  /** Batches in a pass over all examples; a sampler may make more or fewer of them. */
  get length(): number {
    return this.batches(this.dataset.length)
  }

  *[Symbol.iterator](): IterableIterator<B> {
    for (const positions of this.passes()) {
      const batch = this.dataset.batch(positions)
      if (batch instanceof Promise) throw new TypeError('DataLoader: batches have to be waited for: use for await … of')
      yield this.transformed(batch)
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<B> {
    const { prefetch = 2 } = this.options
    const asked: Promise<B>[] = []
    for (const positions of this.passes()) {
      const batch = this.dataset.batch(positions)
      if (!(batch instanceof Promise)) {
        yield this.transformed(batch)
        continue
      }
      const next = batch.then((b) => this.transformed(b))
      next.catch(() => {}) // thrown where it is awaited, below
      asked.push(next)
      if (asked.length > prefetch) yield asked.shift() as Promise<B>
    }
    yield* asked
  }

  private transformed(batch: B): B {
    return this.options.transform ? this.options.transform(batch) : batch
  }

  private batches(examples: number): number {
    return this.dropLast ? Math.floor(examples / this.batchSize) : Math.ceil(examples / this.batchSize)
  }

  /** The positions of every batch of the next pass. */
  private *passes(): IterableIterator<Int32Array> {
    const order = this.order()
    const n = order.length
    for (let b = 0; b < this.batches(n); b++)
      yield order.slice(b * this.batchSize, Math.min(n, (b + 1) * this.batchSize))
  }

  private order(): Int32Array {
    const { sampler } = this.options
    const n = this.dataset.length
    if (sampler) return Int32Array.from(sampler(this.generator))
    return this.shuffle ? this.generator.permutation(n) : Int32Array.from({ length: n }, (_, i) => i)
  }
}

/**
 * A sampler that draws examples with these weights, with replacement: rare classes as often as common ones.
 * @param weights one per example, ≥ 0, not all 0
 * @param count examples in a pass. Default as many as weights
 * @throws RangeError
 * @example
 * import { ones } from '@x/tensor'
 * import { DataLoader, TensorDataset } from '@x/nn'
 * import { weightedSampler } from '@x/nn/data'
 * const data = new TensorDataset(ones([3, 2]), ones([3]))
 * const loader = new DataLoader(data, { batchSize: 2, sampler: weightedSampler([1, 1, 8], 6) })
 * Array.from(loader).length // 3
 */
export function weightedSampler(
  weights: ArrayLike<number>,
  count: number = weights.length,
): (generator: Generator) => Int32Array {
  const cumulative = new Float64Array(weights.length)
  let sum = 0
  for (let i = 0; i < weights.length; i++) {
    if (!(weights[i] >= 0)) throw new RangeError(`weightedSampler: the weight ${weights[i]} is not ≥ 0`)
    sum += weights[i]
    cumulative[i] = sum
  }
  if (!(sum > 0 && sum < Number.POSITIVE_INFINITY))
    throw new RangeError('weightedSampler: the weights add up to nothing')
  return (generator) => {
    const words = generator.words(count)
    return Int32Array.from(words, (word) => firstAbove(cumulative, ((word >>> 0) / 2 ** 32) * sum))
  }
}

/** The first position whose cumulative weight exceeds `u`. */
function firstAbove(cumulative: Float64Array, u: number): number {
  let low = 0
  let high = cumulative.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (cumulative[middle] > u) high = middle
    else low = middle + 1
  }
  return low
}
