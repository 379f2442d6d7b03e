// Where batches come from: tensors, lists of items, parts of other data sets.
import { Generator, ShapeError, type Tensor, tensor, tidy } from '@x/tensor'
import { checkOptions, requireFunction, requireTensor, show } from '@x/tensor/op'
import { refuse } from '../refuse.ts'

/** One batch: inputs and targets with the batch as first axis. */
export interface Batch {
  /** Inputs [B, …]. */
  readonly x: Tensor
  /** Targets [B, …]. */
  readonly y: Tensor
}

/** Examples by position. */
export interface Dataset<B = Batch> {
  /** Number of examples. */
  readonly length: number
  /** The examples at these positions, as one batch. */
  batch(positions: Int32Array): B
}

/** Examples that have to be waited for: from files, a server, a worker. */
export type AsyncDataset<B = Batch> = Dataset<Promise<B>>

/**
 * Examples that lie in two tensors, x [n, …] and y [n, …].
 * @example
 * import { ones } from '@x/tensor'
 * import { TensorDataset } from '@x/nn'
 * const data = new TensorDataset(ones([6, 2]), ones([6]))
 * data.length // 6
 */
export class TensorDataset implements Dataset {
  readonly x: Tensor
  readonly y: Tensor

  /** @throws ShapeError when the numbers of examples differ, TypeError for what is no tensor */
  constructor(x: Tensor, y: Tensor) {
    requireTensor('TensorDataset', 'x', x)
    requireTensor('TensorDataset', 'y', y)
    if (x.ndim === 0 || x.shape[0] !== y.shape[0]) {
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
    return tidy(() => {
      const index = tensor(positions)
      return { x: this.x.take(index), y: this.y.take(index) }
    })
  }
}

/**
 * Items of any kind, which `collate` puts together: pad sentences to one length, augment images, stack numbers.
 * @example
 * import { tensor } from '@x/tensor'
 * import { DataLoader } from '@x/nn'
 * import { ListDataset } from '@x/nn/data'
 * const pairs = [[1, 2], [3, 4], [5, 6]]
 * const data = new ListDataset(pairs, (items) => ({ x: tensor(items.map(([a]) => [a])), y: tensor(items.map(([, b]) => b)) }))
 * for (const { x } of new DataLoader(data, { batchSize: 2 })) console.log(x.shape) // [2, 1], [1, 1]
 */
export class ListDataset<T, B = Batch> implements Dataset<B> {
  readonly items: readonly T[]
  private readonly collate: (items: T[]) => B

  /** @throws TypeError for what is no list, no function */
  constructor(items: readonly T[], collate: (items: T[]) => B) {
    if (!Array.isArray(items)) throw refuse('ListDataset: items', items, 'a list')
    requireFunction('ListDataset', 'collate', collate)
    this.items = items
    this.collate = collate
  }

  get length(): number {
    return this.items.length
  }

  batch(positions: Int32Array): B {
    return this.collate(Array.from(positions, (i) => this.items[i]))
  }
}

/**
 * Some of the examples of another data set, in this order.
 * @example
 * import { tensor } from '@x/tensor'
 * import { TensorDataset } from '@x/nn'
 * import { Subset } from '@x/nn/data'
 * const data = new TensorDataset(tensor([1, 2, 3]), tensor([1, 2, 3]))
 * new Subset(data, [2, 0]).batch(Int32Array.of(0)).x.toArray() // [3]
 */
export class Subset<B = Batch> implements Dataset<B> {
  readonly dataset: Dataset<B>
  readonly positions: Int32Array

  /** @throws RangeError for a position that the data set does not have */
  constructor(dataset: Dataset<B>, positions: ArrayLike<number>) {
    requireDataset('Subset', dataset)
    const own = Int32Array.from(positions)
    const stray = own.find((i) => i < 0 || i >= dataset.length)
    if (stray !== undefined) throw new RangeError(`Subset: position ${stray} is outside ${dataset.length} examples`)
    this.dataset = dataset
    this.positions = own
  }

  get length(): number {
    return this.positions.length
  }

  batch(positions: Int32Array): B {
    return this.dataset.batch(positions.map((i) => this.positions[i]))
  }
}

/**
 * Divides a data set at random into parts of these sizes.
 * @param sizes numbers of examples that add up to all, or shares that add up to 1 (the first part takes what rounding leaves)
 * @param options.seed default 0
 * @throws RangeError, TypeError
 * @example
 * import { ones } from '@x/tensor'
 * import { TensorDataset } from '@x/nn'
 * import { randomSplit } from '@x/nn/data'
 * const data = new TensorDataset(ones([10, 2]), ones([10]))
 * randomSplit(data, [0.8, 0.2]).map((part) => part.length) // [8, 2]
 */
export function randomSplit<B = Batch>(
  dataset: Dataset<B>,
  sizes: readonly number[],
  options: { seed?: number } = {},
): Subset<B>[] {
  requireDataset('randomSplit', dataset)
  if (!Array.isArray(sizes)) throw refuse('randomSplit: sizes', sizes, 'a list of numbers')
  checkOptions('randomSplit', options, ['seed'])
  const total = sizes.reduce((a, b) => a + b, 0)
  const areShares = sizes.every((s) => s >= 0 && s <= 1) && Math.abs(total - 1) < 1e-9
  const counts = areShares ? sizes.map((s) => Math.floor(s * dataset.length)) : [...sizes]
  if (areShares) counts[0] += dataset.length - counts.reduce((a, b) => a + b, 0)
  else if (total !== dataset.length || counts.some((n) => !Number.isInteger(n) || n < 0)) {
    throw new RangeError(
      `randomSplit: sizes ${sizes.join(', ')} are neither shares that add up to 1 nor numbers that add up to ${dataset.length}`,
    )
  }
  const generator = new Generator(options.seed ?? 0)
  const order = generator.permutation(dataset.length)
  generator.state.dispose()
  let start = 0
  return counts.map((n) => {
    start += n
    return new Subset(dataset, order.subarray(start - n, start))
  })
}

function requireDataset(op: string, dataset: Dataset<unknown>): void {
  if (typeof dataset?.batch !== 'function') throw refuse(`${op}: dataset`, dataset, 'one with batch(positions)')
}
