// Pooling layers.
import type { Tensor } from '@x/tensor'
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
import { Module } from '../module.ts'

/** A layer that is a function of windows of a size, and the function's options. */
abstract class Windowed<Size, Options extends object, Output = Tensor> extends Module<Output> {
  readonly size: Size
  readonly options: Options

  constructor(size: Size, options: Options = {} as Options) {
    super()
    this.size = size
    this.options = options
  }
}

/** The largest value of each window of sequences, [N, C, L] → [N, C, OL]; see maxPool1d. */
export class MaxPool1d<R extends boolean = false> extends Windowed<number, MaxPool1dOptions<R>, Pooled<R>> {
  override forward(x: Tensor): Pooled<R> {
    return maxPool1d(x, this.size, this.options)
  }
}

/** The largest value of each window, [N, C, H, W] → [N, C, OH, OW]; see maxPool2d. */
export class MaxPool2d<R extends boolean = false> extends Windowed<Pair, MaxPool2dOptions<R>, Pooled<R>> {
  override forward(x: Tensor): Pooled<R> {
    return maxPool2d(x, this.size, this.options)
  }
}

/** Values of MaxPool1d back at their positions, zeros elsewhere: [N, C, l] → [N, C, L]; see maxUnpool1d. */
export class MaxUnpool1d extends Windowed<number, MaxUnpool1dOptions> {
  override forward(x: Tensor, positions: Tensor): Tensor {
    return maxUnpool1d(x, positions, this.size, this.options)
  }
}

/** Values of MaxPool2d back at their positions, zeros elsewhere: [N, C, h, w] → [N, C, H, W]; see maxUnpool2d. */
export class MaxUnpool2d extends Windowed<Pair, MaxUnpool2dOptions> {
  override forward(x: Tensor, positions: Tensor): Tensor {
    return maxUnpool2d(x, positions, this.size, this.options)
  }
}

/** The mean of each window of sequences, [N, C, L] → [N, C, OL]; see avgPool1d. */
export class AvgPool1d extends Windowed<number, AvgPool1dOptions> {
  override forward(x: Tensor): Tensor {
    return avgPool1d(x, this.size, this.options)
  }
}

/** The mean of each window, [N, C, H, W] → [N, C, OH, OW]; see avgPool2d. */
export class AvgPool2d extends Windowed<Pair, AvgPool2dOptions> {
  override forward(x: Tensor): Tensor {
    return avgPool2d(x, this.size, this.options)
  }
}

/** The p-norm of each window of sequences, [N, C, L] → [N, C, OL]; see lpPool1d. */
export class LPPool1d extends Windowed<number, LpPoolOptions<number>> {
  readonly p: number

  constructor(p: number, size: number, options: LpPoolOptions<number> = {}) {
    super(size, options)
    this.p = p
  }

  override forward(x: Tensor): Tensor {
    return lpPool1d(x, this.p, this.size, this.options)
  }
}

/** The p-norm of each window, [N, C, H, W] → [N, C, OH, OW]; see lpPool2d. */
export class LPPool2d extends Windowed<Pair, LpPoolOptions<Pair>> {
  readonly p: number

  constructor(p: number, size: Pair, options: LpPoolOptions<Pair> = {}) {
    super(size, options)
    this.p = p
  }

  override forward(x: Tensor): Tensor {
    return lpPool2d(x, this.p, this.size, this.options)
  }
}

/** Means of windows that cover sequences, [N, C, L] → [N, C, size]; see adaptiveAvgPool1d. */
export class AdaptiveAvgPool1d extends Module {
  readonly size: number

  constructor(size: number) {
    super()
    this.size = size
  }

  override forward(x: Tensor): Tensor {
    return adaptiveAvgPool1d(x, this.size)
  }
}

/** Means of windows that cover the image, [N, C, H, W] → [N, C, ..size]; see adaptiveAvgPool2d. */
export class AdaptiveAvgPool2d extends Module {
  readonly size: OutputSize

  constructor(size: OutputSize) {
    super()
    this.size = size
  }

  override forward(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, this.size)
  }
}

/** Largest values of windows that cover sequences, [N, C, L] → [N, C, size]; see adaptiveMaxPool1d. */
export class AdaptiveMaxPool1d<R extends boolean = false> extends Windowed<
  number,
  AdaptiveMaxPoolOptions<R>,
  Pooled<R>
> {
  override forward(x: Tensor): Pooled<R> {
    return adaptiveMaxPool1d(x, this.size, this.options)
  }
}

/** Largest values of windows that cover the image, [N, C, H, W] → [N, C, ..size]; see adaptiveMaxPool2d. */
export class AdaptiveMaxPool2d<R extends boolean = false> extends Windowed<
  OutputSize,
  AdaptiveMaxPoolOptions<R>,
  Pooled<R>
> {
  override forward(x: Tensor): Pooled<R> {
    return adaptiveMaxPool2d(x, this.size, this.options)
  }
}
