// Data sets, and their examples in batches.
import { Generator, ShapeError, type Tensor, tensor } from '@x/tensor'
import { show } from '@x/tensor/op'

/** One batch: inputs and targets with the batch as first axis. */
export interface Batch {
  readonly x: Tensor
  readonly y: Tensor
}

/** Examples by position. */
export interface Dataset {
  /** Number of examples. */
  readonly length: number
  /** The examples at these positions, as one batch. */
  batch(positions: Int32Array): Batch
}

/** Examples that lie in two tensors, x [n, …] and y [n, …]. */
export class TensorDataset implements Dataset {
  readonly x: Tensor
  readonly y: Tensor

  /** @throws ShapeError when the numbers of examples differ */
  constructor(x: Tensor, y: Tensor) {
    if (x.ndim === 0 || y.ndim === 0 || x.shape[0] !== y.shape[0]) {
      throw new ShapeError(
        `TensorDataset: x ${show(x.shape)} and y ${show(y.shape)} have different numbers of examples`,
      )
    }
    this.x = x
    this.y = y
  }

  get length(): number {
    return this.x.shape[0]
  }

  batch(positions: Int32Array): Batch {
    const index = tensor(positions)
    const { x, y } = this
    const made = { x: x.take(index), y: y.take(index) }
    index.dispose()
    return made
  }
}

export interface DataLoaderOptions {
  /** Examples per batch, ≥ 1. Default 1. */
  batchSize?: number
  /** A new order at every pass. Default false. */
  shuffle?: boolean
  /** Leave out a last batch that is not full. Default false. */
  dropLast?: boolean
  /** Seed of the orders. Default 0. */
  seed?: number
}

/**
 * Iterates over a data set in batches; each `for … of` is one pass (an epoch).
 * @throws RangeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { DataLoader, TensorDataset } from '@x/nn'
 * const data = new TensorDataset(tensor([[1], [2], [3]]), tensor([0, 1, 0]))
 * for (const { x, y } of new DataLoader(data, { batchSize: 2, shuffle: true })) console.log(x.shape, y.shape)
 */
export class DataLoader implements Iterable<Batch> {
  readonly dataset: Dataset
  readonly batchSize: number
  readonly shuffle: boolean
  readonly dropLast: boolean
  /** The stream of orders; save and restore it to resume between epochs. */
  readonly generator: Generator

  constructor(
    dataset: Dataset,
    { batchSize = 1, shuffle = false, dropLast = false, seed = 0 }: DataLoaderOptions = {},
  ) {
    if (!Number.isInteger(batchSize) || batchSize < 1)
      throw new RangeError(`DataLoader: batchSize ${batchSize} is not a whole number ≥ 1`)
    this.dataset = dataset
    this.batchSize = batchSize
    this.shuffle = shuffle
    this.dropLast = dropLast
    this.generator = new Generator(seed)
  }

  /** Batches in a pass. */
  get length(): number {
    const n = this.dataset.length / this.batchSize
    return this.dropLast ? Math.floor(n) : Math.ceil(n)
  }

  *[Symbol.iterator](): IterableIterator<Batch> {
    const n = this.dataset.length
    const order = this.shuffle ? this.generator.permutation(n) : Int32Array.from({ length: n }, (_, i) => i)
    for (let b = 0; b < this.length; b++) {
      yield this.dataset.batch(order.slice(b * this.batchSize, Math.min(n, (b + 1) * this.batchSize)))
    }
  }
}
