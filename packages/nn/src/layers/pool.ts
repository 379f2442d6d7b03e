// Pooling layers.
import { type Shape, type Tensor, zeros } from '@x/tensor'
import {
  type AdaptiveMaxPoolOptions,
  type AvgPool1dOptions,
  type AvgPool2dOptions,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  avgPool1d,
  avgPool2d,
  type LpPoolOptions,
  lpPool1d,
  lpPool2d,
  type MaxPool1dOptions,
  type MaxPool2dOptions,
  type MaxUnpool1dOptions,
  type MaxUnpool2dOptions,
  maxPool1d,
  maxPool2d,
  maxUnpool1d,
  maxUnpool2d,
  type OutputSize,
  type Pair,
  type Pooled,
} from '@x/tensor/conv'
import { checkOptions } from '@x/tensor/op'
import { Module } from '../module.ts'
import { tried } from '../options.ts'

/** A layer that is a function of windows of a size, and the function's options. */
abstract class Windowed<Size, Options extends object, Output = Tensor> extends Module<Output> {
  readonly size: Size
  readonly options: Options

  constructor(size: Size, options = {} as Options) {
    super()
    this.size = size
    this.options = { ...options }
  }
}

/** Longer than any window. */
const LONG = 2 ** 16

/** One that takes nothing but sequences or images. */
abstract class Pool<Size, Options extends object, Output = Tensor> extends Windowed<Size, Options, Output> {
  /** Which norm, where it is one. */
  readonly p: number | undefined
  protected abstract get pool(): (x: Tensor, size: Size, options: Options, p: number) => Output

  /** @throws RangeError for sizes and options that the function does not take */
  constructor(size: Size, options?: Options, p?: number) {
    super(size, options)
    this.p = p
    tried(() => this.pool(zeros(this.none), size, options as Options, p as number))
  }

  override forward(x: Tensor): Output {
    return this.pool(x, this.size, this.options, this.p as number)
  }

  /** The shape of no sequences. */
  protected get none(): Shape {
    return [0, 1, LONG]
  }
}

/** One of images. */
abstract class Pool2d<Size, Options extends object, Output = Tensor> extends Pool<Size, Options, Output> {
  protected override get none(): Shape {
    return [0, 1, LONG, LONG]
  }
}

/**
 * The largest value of each window of sequences, [N, C, L] → [N, C, OL]; see maxPool1d.
 * @example
 * import { tensor } from '@x/tensor'
 * import { MaxPool1d } from '@x/nn'
 * new MaxPool1d(2).forward(tensor([[1, 2, 4, 3]])).toArray() // [[2, 4]]
 */
export class MaxPool1d<R extends boolean = false> extends Pool<number, MaxPool1dOptions<R>, Pooled<R>> {
  protected override get pool(): typeof maxPool1d<R> {
    return maxPool1d
  }
}

/**
 * The largest value of each window, [N, C, H, W] → [N, C, OH, OW]; see maxPool2d.
 * @example
 * import { ones } from '@x/tensor'
 * import { MaxPool2d } from '@x/nn'
 * new MaxPool2d(2).forward(ones([1, 3, 8, 8])).shape // [1, 3, 4, 4]
 */
export class MaxPool2d<R extends boolean = false> extends Pool2d<Pair, MaxPool2dOptions<R>, Pooled<R>> {
  protected override get pool(): typeof maxPool2d<R> {
    return maxPool2d
  }
}

/** What undoes pooling. */
abstract class Unpool<Size, Options extends object> extends Windowed<Size, Options> {
  /** @throws RangeError for an option that there is not */
  constructor(size: Size, options = {} as Options) {
    super(size, options)
    checkOptions(this.constructor.name, options, ['stride', 'padding', 'outputSize'])
  }
}

/**
 * Values of MaxPool1d back at their positions, zeros elsewhere: [N, C, l] → [N, C, L]; see maxUnpool1d.
 * @example
 * import { tensor } from '@x/tensor'
 * import { MaxPool1d, MaxUnpool1d } from '@x/nn'
 * const [values, positions] = new MaxPool1d(2, { returnIndices: true }).forward(tensor([[[1, 2, 4, 3]]]))
 * new MaxUnpool1d(2).forward(values, positions).toArray() // [[[0, 2, 4, 0]]]
 */
export class MaxUnpool1d extends Unpool<number, MaxUnpool1dOptions> {
  override forward(x: Tensor, positions: Tensor): Tensor {
    return maxUnpool1d(x, positions, this.size, this.options)
  }
}

/**
 * Values of MaxPool2d back at their positions, zeros elsewhere: [N, C, h, w] → [N, C, H, W]; see maxUnpool2d.
 * @example
 * import { ones } from '@x/tensor'
 * import { MaxPool2d, MaxUnpool2d } from '@x/nn'
 * const [values, positions] = new MaxPool2d(2, { returnIndices: true }).forward(ones([1, 1, 4, 4]))
 * new MaxUnpool2d(2).forward(values, positions).shape // [1, 1, 4, 4]
 */
export class MaxUnpool2d extends Unpool<Pair, MaxUnpool2dOptions> {
  override forward(x: Tensor, positions: Tensor): Tensor {
    return maxUnpool2d(x, positions, this.size, this.options)
  }
}

/**
 * The mean of each window of sequences, [N, C, L] → [N, C, OL]; see avgPool1d.
 * @example
 * import { tensor } from '@x/tensor'
 * import { AvgPool1d } from '@x/nn'
 * new AvgPool1d(2).forward(tensor([[1, 2, 4, 3]])).toArray() // [[1.5, 3.5]]
 */
export class AvgPool1d extends Pool<number, AvgPool1dOptions> {
  protected override get pool(): typeof avgPool1d {
    return avgPool1d
  }
}

/**
 * The mean of each window, [N, C, H, W] → [N, C, OH, OW]; see avgPool2d.
 * @example
 * import { ones } from '@x/tensor'
 * import { AvgPool2d } from '@x/nn'
 * new AvgPool2d(2).forward(ones([1, 3, 8, 8])).shape // [1, 3, 4, 4]
 */
export class AvgPool2d extends Pool2d<Pair, AvgPool2dOptions> {
  protected override get pool(): typeof avgPool2d {
    return avgPool2d
  }
}

type Norm<Size extends Pair> = (x: Tensor, size: Size, options: LpPoolOptions<Size>, p: number) => Tensor

/**
 * The p-norm of each window of sequences, [N, C, L] → [N, C, OL]; see lpPool1d.
 * @example
 * import { tensor } from '@x/tensor'
 * import { LPPool1d } from '@x/nn'
 * new LPPool1d(1, 2).forward(tensor([[1, 2, 4, 3]])).toArray() // [[3, 7]]
 */
export class LPPool1d extends Pool<number, LpPoolOptions<number>> {
  constructor(p: number, size: number, options: LpPoolOptions<number> = {}) {
    super(size, options, p)
  }

  protected override get pool(): Norm<number> {
    return (x, size, options, p) => lpPool1d(x, p, size, options)
  }
}

/**
 * The p-norm of each window, [N, C, H, W] → [N, C, OH, OW]; see lpPool2d.
 * @example
 * import { ones } from '@x/tensor'
 * import { LPPool2d } from '@x/nn'
 * new LPPool2d(2, 2).forward(ones([1, 1, 2, 2])).item() // 2
 */
export class LPPool2d extends Pool2d<Pair, LpPoolOptions<Pair>> {
  constructor(p: number, size: Pair, options: LpPoolOptions<Pair> = {}) {
    super(size, options, p)
  }

  protected override get pool(): Norm<Pair> {
    return (x, size, options, p) => lpPool2d(x, p, size, options)
  }
}

/**
 * Means of windows that cover sequences, [N, C, L] → [N, C, size]; see adaptiveAvgPool1d.
 * @example
 * import { tensor } from '@x/tensor'
 * import { AdaptiveAvgPool1d } from '@x/nn'
 * new AdaptiveAvgPool1d(2).forward(tensor([[1, 2, 4, 3]])).toArray() // [[1.5, 3.5]]
 */
export class AdaptiveAvgPool1d extends Pool<number, Record<string, never>> {
  protected override get pool(): typeof adaptiveAvgPool1d {
    return adaptiveAvgPool1d
  }
}

/**
 * Means of windows that cover the image, [N, C, H, W] → [N, C, ..size]; see adaptiveAvgPool2d.
 * @example
 * import { ones } from '@x/tensor'
 * import { AdaptiveAvgPool2d } from '@x/nn'
 * new AdaptiveAvgPool2d([1, null]).forward(ones([1, 3, 8, 6])).shape // [1, 3, 1, 6]
 */
export class AdaptiveAvgPool2d extends Pool2d<OutputSize, Record<string, never>> {
  protected override get pool(): typeof adaptiveAvgPool2d {
    return adaptiveAvgPool2d
  }
}

/**
 * Largest values of windows that cover sequences, [N, C, L] → [N, C, size]; see adaptiveMaxPool1d.
 * @example
 * import { tensor } from '@x/tensor'
 * import { AdaptiveMaxPool1d } from '@x/nn'
 * new AdaptiveMaxPool1d(2).forward(tensor([[1, 2, 4, 3]])).toArray() // [[2, 4]]
 */
export class AdaptiveMaxPool1d<R extends boolean = false> extends Pool<number, AdaptiveMaxPoolOptions<R>, Pooled<R>> {
  protected override get pool(): typeof adaptiveMaxPool1d<R> {
    return adaptiveMaxPool1d
  }
}

/**
 * Largest values of windows that cover the image, [N, C, H, W] → [N, C, ..size]; see adaptiveMaxPool2d.
 * @example
 * import { ones } from '@x/tensor'
 * import { AdaptiveMaxPool2d } from '@x/nn'
 * new AdaptiveMaxPool2d(2).forward(ones([1, 3, 8, 6])).shape // [1, 3, 2, 2]
 */
export class AdaptiveMaxPool2d<R extends boolean = false> extends Pool2d<
  OutputSize,
  AdaptiveMaxPoolOptions<R>,
  Pooled<R>
> {
  protected override get pool(): typeof adaptiveMaxPool2d<R> {
    return adaptiveMaxPool2d
  }
}
