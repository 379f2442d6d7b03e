// Normalisation layers, with PyTorch's names, options and keys.
import { ones, type Shape, ShapeError, slice, type Tensor, zeros } from '@x/tensor'
import { assign, checkOptions, show } from '@x/tensor/op'
import { buffer, Module, parameter, snakeCase } from '../module.ts'
import { checkSizes, multiple, whole } from '../options.ts'
import { batchNorm, instanceNorm } from './batchNorm.ts'
import { groupNorm, layerNorm, rmsNorm } from './rows.ts'

/** Weight 1 and bias 0 where they are wanted. */
function affine(shape: Shape, weight: boolean, bias = weight): Record<'weight' | 'bias', Tensor | null> {
  return { weight: weight ? parameter(ones(shape)) : null, bias: bias ? parameter(zeros(shape)) : null }
}

/** Options of `BatchNorm1d` and `InstanceNorm1d`. */
export interface StatisticsOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number
  /** Share of a batch in the running statistics; null for the mean over all batches. Default 0.1. */
  momentum?: number | null
  /** Whether to scale and shift each channel by trained numbers. Default true; of instance normalisation false. */
  affine?: boolean
  /** Whether to keep running statistics, for evaluation. Default true; of instance normalisation false. */
  trackRunningStats?: boolean
}

/** A layer with statistics for each channel: weight, bias, running_mean, running_var, num_batches_tracked. */
abstract class Statistics extends Module {
  readonly numFeatures: number
  readonly eps: number
  readonly momentum: number | null
  readonly weight: Tensor | null
  readonly bias: Tensor | null
  readonly runningMean: Tensor | null = null
  readonly runningVar: Tensor | null = null
  readonly numBatchesTracked: Tensor | null = null
  /** How many axes x may have. */
  protected abstract readonly ranks: readonly number[]

  constructor(numFeatures: number, options: StatisticsOptions, usual: boolean) {
    super()
    const name = this.constructor.name
    checkOptions(name, options, ['eps', 'momentum', 'affine', 'trackRunningStats'])
    const { eps = 1e-5, momentum = 0.1, affine: trained = usual, trackRunningStats = usual } = options
    whole(`${name}: numFeatures`, numFeatures)
    this.numFeatures = numFeatures
    this.eps = eps
    this.momentum = momentum
    const { weight, bias } = affine([numFeatures], trained)
    this.weight = weight
    this.bias = bias
    if (trackRunningStats) {
      this.runningMean = buffer(zeros([numFeatures]))
      this.runningVar = buffer(ones([numFeatures]))
      this.numBatchesTracked = buffer(zeros([], { dtype: 'int32' }))
    }
  }

  protected override keyOf(field: string): string {
    return snakeCase(field)
  }

  /** Counts the batch, and gives its share of the running statistics. */
  protected count(): number | Tensor {
    const { numBatchesTracked, momentum } = this
    if (this.training && numBatchesTracked) assign(numBatchesTracked, numBatchesTracked.add(1))
    return momentum ?? (numBatchesTracked ? numBatchesTracked.cast('float32').reciprocal() : 0)
  }

  /** @throws ShapeError unless x has one of the layer's ranks and its channels */
  protected check(x: Tensor, channels: number): void {
    if (this.ranks.includes(x.ndim) && x.shape[channels] === this.numFeatures) return
    const ranks = this.ranks.join(' or ')
    throw new ShapeError(
      `${this.constructor.name}: x ${show(x.shape)} has not ${ranks} axes ([N, C, ...]) with ${this.numFeatures} channels`,
    )
  }
}

/** What the batch normalisations share; see `batchNorm`. */
abstract class BatchNorm extends Statistics {
  constructor(numFeatures: number, options: StatisticsOptions = {}) {
    super(numFeatures, options, true)
  }

  override forward(x: Tensor): Tensor {
    this.check(x, 1)
    const { runningMean, runningVar, weight, bias, training, eps } = this
    const momentum = this.count()
    return batchNorm(x, { runningMean, runningVar, weight, bias, training, momentum, eps })
  }
}

/**
 * Batch normalisation of x [N, C] or [N, C, L]; see `batchNorm`. In training the statistics are the batch's, and the
 * running ones follow; in evaluation the running ones are used.
 * @throws RangeError for options; ShapeError from `forward`
 * @example
 * import { randn } from '@x/tensor'
 * import { BatchNorm1d } from '@x/nn'
 * new BatchNorm1d(3).forward(randn([8, 3])).mean(0) // about [0, 0, 0]
 */
export class BatchNorm1d extends BatchNorm {
  protected override readonly ranks: readonly number[] = [2, 3]
}

/**
 * Batch normalisation of images [N, C, H, W]; see `BatchNorm1d`.
 * @example
 * import { ones } from '@x/tensor'
 * import { BatchNorm2d } from '@x/nn'
 * new BatchNorm2d(3).forward(ones([8, 3, 5, 5])).shape // [8, 3, 5, 5]
 */
export class BatchNorm2d extends BatchNorm {
  protected override readonly ranks: readonly number[] = [4]
}

/**
 * Batch normalisation of volumes [N, C, D, H, W]; see `BatchNorm1d`.
 * @example
 * import { ones } from '@x/tensor'
 * import { BatchNorm3d } from '@x/nn'
 * new BatchNorm3d(3).forward(ones([8, 3, 2, 2, 2])).shape // [8, 3, 2, 2, 2]
 */
export class BatchNorm3d extends BatchNorm {
  protected override readonly ranks: readonly number[] = [5]
}

/** What the instance normalisations share; see `instanceNorm`. One example alone may lack its axis. */
abstract class InstanceNorm extends Statistics {
  constructor(numFeatures: number, options: StatisticsOptions = {}) {
    super(numFeatures, options, false)
  }

  override forward(x: Tensor): Tensor {
    const isBatch = x.ndim === this.ranks[0]
    this.check(x, isBatch ? 1 : 0)
    const { runningMean, runningVar, weight, bias, training, eps } = this
    const momentum = this.count()
    const options = { runningMean, runningVar, weight, bias, momentum, eps }
    const y = instanceNorm(isBatch ? x : x.unsqueeze(0), { ...options, useInputStats: training || !runningMean })
    return isBatch ? y : y.squeeze(0)
  }
}

/**
 * Instance normalisation of x [N, C, L] or [C, L]; see `instanceNorm`.
 * @example
 * import { ones } from '@x/tensor'
 * import { InstanceNorm1d } from '@x/nn'
 * new InstanceNorm1d(3).forward(ones([8, 3, 5])).shape // [8, 3, 5]
 */
export class InstanceNorm1d extends InstanceNorm {
  protected override readonly ranks: readonly number[] = [3, 2]
}

/**
 * Instance normalisation of images [N, C, H, W] or [C, H, W]; see `instanceNorm`.
 * @example
 * import { ones } from '@x/tensor'
 * import { InstanceNorm2d } from '@x/nn'
 * new InstanceNorm2d(3).forward(ones([8, 3, 5, 5])).shape // [8, 3, 5, 5]
 */
export class InstanceNorm2d extends InstanceNorm {
  protected override readonly ranks: readonly number[] = [4, 3]
}

/**
 * Instance normalisation of volumes [N, C, D, H, W] or [C, D, H, W]; see `instanceNorm`.
 * @example
 * import { ones } from '@x/tensor'
 * import { InstanceNorm3d } from '@x/nn'
 * new InstanceNorm3d(3).forward(ones([8, 3, 2, 2, 2])).shape // [8, 3, 2, 2, 2]
 */
export class InstanceNorm3d extends InstanceNorm {
  protected override readonly ranks: readonly number[] = [5, 4]
}

/** Options of `GroupNorm`. */
export interface GroupNormLayerOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number
  /** Whether to scale and shift each channel by trained numbers. Default true. */
  affine?: boolean
}

/**
 * Normalisation of channels in groups, x [N, C, ...]; see `groupNorm`.
 * @throws RangeError; ShapeError from `forward`
 * @example
 * import { ones } from '@x/tensor'
 * import { GroupNorm } from '@x/nn'
 * new GroupNorm(2, 4).forward(ones([8, 4, 5, 5])).shape // [8, 4, 5, 5]
 */
export class GroupNorm extends Module {
  readonly numGroups: number
  readonly eps: number
  readonly weight: Tensor | null
  readonly bias: Tensor | null

  constructor(numGroups: number, numChannels: number, options: GroupNormLayerOptions = {}) {
    super()
    checkOptions('GroupNorm', options, ['eps', 'affine'])
    checkSizes('GroupNorm', { numGroups, numChannels })
    multiple('GroupNorm: numChannels', numChannels, numGroups)
    const { weight, bias } = affine([numChannels], options.affine ?? true)
    this.numGroups = numGroups
    this.eps = options.eps ?? 1e-5
    this.weight = weight
    this.bias = bias
  }

  override forward(x: Tensor): Tensor {
    return groupNorm(x, this.numGroups, { weight: this.weight, bias: this.bias, eps: this.eps })
  }
}

/** Options of `LayerNorm`. */
export interface LayerNormOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number
  /** Whether to scale and shift by trained numbers. Default true. */
  elementwiseAffine?: boolean
  /** Whether to shift, where that is so. Default true. */
  bias?: boolean
}

const axesOf = (shape: number | Shape): Shape => (typeof shape === 'number' ? [shape] : shape)

/**
 * Normalises over the last axes of the given shape, then scales by weight and shifts by bias; see `layerNorm`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { LayerNorm } from '@x/nn'
 * new LayerNorm(2, { eps: 0 }).forward(tensor([[1, 3]])).toArray() // [[-1, 1]]
 */
export class LayerNorm extends Module {
  readonly normalizedShape: Shape
  readonly weight: Tensor | null
  readonly bias: Tensor | null
  readonly eps: number

  constructor(shape: number | Shape, options: LayerNormOptions = {}) {
    super()
    checkOptions('LayerNorm', options, ['eps', 'elementwiseAffine', 'bias'])
    const { eps = 1e-5, elementwiseAffine = true, bias: shifted = true } = options
    this.normalizedShape = axesOf(shape)
    const { weight, bias } = affine(this.normalizedShape, elementwiseAffine, elementwiseAffine && shifted)
    this.weight = weight
    this.bias = bias
    this.eps = eps
  }

  override forward(x: Tensor): Tensor {
    return layerNorm(x, this.weight, this.bias, { eps: this.eps, normalizedShape: this.normalizedShape })
  }
}

/** Options of `RMSNorm`. */
export interface RMSNormLayerOptions {
  /** Added to the mean square. Default: the dtype's distance from 1 to the next number, as in PyTorch. */
  eps?: number | null
  /** Whether to scale by trained numbers. Default true. */
  elementwiseAffine?: boolean
}

/**
 * Divides by the root mean square over the last axes of the given shape, and scales by weight; see `rmsNorm`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { RMSNorm } from '@x/nn'
 * new RMSNorm(2, { eps: 0 }).forward(tensor([[3, 3]])).toArray() // [[1, 1]]
 */
export class RMSNorm extends Module {
  readonly normalizedShape: Shape
  readonly weight: Tensor | null
  readonly eps: number | null

  constructor(shape: number | Shape, options: RMSNormLayerOptions = {}) {
    super()
    checkOptions('RMSNorm', options, ['eps', 'elementwiseAffine'])
    this.normalizedShape = axesOf(shape)
    this.weight = affine(this.normalizedShape, options.elementwiseAffine ?? true, false).weight
    this.eps = options.eps ?? null
  }

  override forward(x: Tensor): Tensor {
    return rmsNorm(x, this.weight, { eps: this.eps, normalizedShape: this.normalizedShape })
  }
}

const RESPONSE = ['alpha', 'beta', 'k']

/** Options of `localResponseNorm` and `LocalResponseNorm`. */
export interface LocalResponseOptions {
  /** Default 1e-4. */
  alpha?: number
  /** Default 0.75. */
  beta?: number
  /** Default 1. */
  k?: number
}

/**
 * x / (k + alpha · (mean of x² over `size` neighbouring channels))^beta; beyond the ends there are zeros, which count.
 * x [N, C, ...].
 * Source: Krizhevsky, Sutskever and Hinton 2012, section 3.3; the mean instead of the sum, as in PyTorch.
 * @throws RangeError, ShapeError
 * @example
 * import { ones } from '@x/tensor'
 * import { localResponseNorm } from '@x/nn'
 * localResponseNorm(ones([1, 4, 3]), 2).shape // [1, 4, 3]
 */
export function localResponseNorm(x: Tensor, size: number, options: LocalResponseOptions = {}): Tensor {
  checkOptions('localResponseNorm', options, RESPONSE)
  const { alpha = 1e-4, beta = 0.75, k = 1 } = options
  whole('localResponseNorm: size', size)
  if (x.ndim < 3) throw new ShapeError(`localResponseNorm: x ${show(x.shape)} is not [N, C, ...]`)
  const before = Math.floor(size / 2)
  const widths = x.shape.map((_, i) => (i === 1 ? ([before, size - 1 - before] as const) : ([0, 0] as const)))
  const squares = x.square().pad(widths)
  const C = x.shape[1]
  let sum = squares.at(slice(), slice(0, C))
  for (let i = 1; i < size; i++) sum = sum.add(squares.at(slice(), slice(i, i + C)))
  return x.div(
    sum
      .mul(alpha / size)
      .add(k)
      .pow(beta),
  )
}

/**
 * Normalises each number by those of neighbouring channels; see `localResponseNorm`.
 * @example
 * import { ones } from '@x/tensor'
 * import { LocalResponseNorm } from '@x/nn'
 * new LocalResponseNorm(2).forward(ones([1, 4, 3])).shape // [1, 4, 3]
 */
export class LocalResponseNorm extends Module {
  readonly size: number
  readonly options: LocalResponseOptions

  constructor(size: number, options: LocalResponseOptions = {}) {
    super()
    checkOptions('LocalResponseNorm', options, RESPONSE)
    whole('LocalResponseNorm: size', size)
    this.size = size
    this.options = { ...options }
  }

  override forward(x: Tensor): Tensor {
    return localResponseNorm(x, this.size, this.options)
  }
}
