// Layers that move pixels: padding, patches, shuffling, other sizes.
import { type PadMode, pad, type Tensor } from '@x/tensor'
import {
  fold,
  type InterpolateOptions,
  interpolate,
  type Pair,
  pixelShuffle,
  pixelUnshuffle,
  type UnfoldOptions,
  unfold,
} from '@x/tensor/conv'
import { checkOptions } from '@x/tensor/op'
import { Module } from '../module.ts'
import { whole } from '../options.ts'

const UNFOLD = ['stride', 'padding', 'dilation']

/**
 * Patches as columns, [N, C, H, W] → [N, C·KH·KW, L]; see unfold.
 * @example
 * import { ones } from '@x/tensor'
 * import { Unfold } from '@x/nn'
 * new Unfold(2).forward(ones([1, 3, 4, 4])).shape // [1, 12, 9]
 */
export class Unfold extends Module {
  readonly size: Pair
  readonly options: UnfoldOptions

  /** @throws RangeError for an option that there is not */
  constructor(size: Pair, options: UnfoldOptions = {}) {
    super()
    checkOptions('Unfold', options, UNFOLD)
    this.size = size
    this.options = { ...options }
  }

  override forward(x: Tensor): Tensor {
    return unfold(x, this.size, this.options)
  }
}

/**
 * Columns added up to images, [N, C·KH·KW, L] → [N, C, ..outputSize]; see fold.
 * @example
 * import { ones } from '@x/tensor'
 * import { Fold } from '@x/nn'
 * new Fold(4, 2).forward(ones([1, 12, 9])).shape // [1, 3, 4, 4]
 */
export class Fold extends Module {
  readonly outputSize: Pair
  readonly size: Pair
  readonly options: UnfoldOptions

  /** @throws RangeError for an option that there is not */
  constructor(outputSize: Pair, size: Pair, options: UnfoldOptions = {}) {
    super()
    checkOptions('Fold', options, UNFOLD)
    this.outputSize = outputSize
    this.size = size
    this.options = { ...options }
  }

  override forward(x: Tensor): Tensor {
    return fold(x, this.outputSize, this.size, this.options)
  }
}

/**
 * Channels become pixels, [.., C·r², H, W] → [.., C, H·r, W·r]; see pixelShuffle.
 * @example
 * import { ones } from '@x/tensor'
 * import { PixelShuffle } from '@x/nn'
 * new PixelShuffle(2).forward(ones([1, 4, 3, 3])).shape // [1, 1, 6, 6]
 */
export class PixelShuffle extends Module {
  readonly factor: number

  constructor(factor: number) {
    super()
    this.factor = whole('PixelShuffle: factor', factor)
  }

  override forward(x: Tensor): Tensor {
    return pixelShuffle(x, this.factor)
  }
}

/**
 * Pixels become channels, [.., C, H·r, W·r] → [.., C·r², H, W]; see pixelUnshuffle.
 * @example
 * import { ones } from '@x/tensor'
 * import { PixelUnshuffle } from '@x/nn'
 * new PixelUnshuffle(2).forward(ones([1, 1, 6, 6])).shape // [1, 4, 3, 3]
 */
export class PixelUnshuffle extends Module {
  readonly factor: number

  constructor(factor: number) {
    super()
    this.factor = whole('PixelUnshuffle: factor', factor)
  }

  override forward(x: Tensor): Tensor {
    return pixelUnshuffle(x, this.factor)
  }
}

/**
 * Images of another size, [N, C, ..lengths] → [N, C, ..size]; see interpolate for the options.
 * @example
 * import { ones } from '@x/tensor'
 * import { Upsample } from '@x/nn'
 * new Upsample({ scaleFactor: 2 }).forward(ones([1, 1, 3, 3])).shape // [1, 1, 6, 6]
 */
export class Upsample extends Module {
  readonly options: InterpolateOptions

  /** @throws RangeError for an option that there is not */
  constructor(options: InterpolateOptions) {
    super()
    checkOptions('Upsample', options, ['size', 'scaleFactor', 'mode', 'alignCorners', 'recomputeScaleFactor'])
    this.options = { ...options }
  }

  override forward(x: Tensor): Tensor {
    return interpolate(x, this.options)
  }
}

/** Widths in PyTorch's order: from the last axis on, before and behind each: [left, right, top, bottom, …]. */
export type PaddingWidths = number | readonly number[]

/** Pads the last axes, as many as the class says. */
abstract class Padding extends Module {
  readonly widths: readonly (readonly [number, number])[]
  readonly mode: PadMode
  readonly value: number | undefined

  constructor(padding: PaddingWidths, axes: number, mode: PadMode, value?: number) {
    super()
    const list = typeof padding === 'number' ? new Array<number>(2 * axes).fill(padding) : padding
    if (!Array.isArray(list) || list.length !== 2 * axes || !list.every(Number.isInteger)) {
      throw new RangeError(
        `${this.constructor.name}: padding ${JSON.stringify(padding)} is not one or ${2 * axes} whole numbers`,
      )
    }
    this.widths = Array.from({ length: axes }, (_, i) => [list[2 * (axes - 1 - i)], list[2 * (axes - 1 - i) + 1]])
    this.mode = mode
    this.value = value
  }

  override forward(x: Tensor): Tensor {
    const none = new Array<readonly [number, number]>(Math.max(0, x.ndim - this.widths.length)).fill([0, 0])
    return pad(x, [...none, ...this.widths], { mode: this.mode, value: this.value })
  }
}

/**
 * Zeros before and behind the last axis: padding n, or [left, right].
 * @example
 * import { tensor } from '@x/tensor'
 * import { ZeroPad1d } from '@x/nn'
 * new ZeroPad1d(1).forward(tensor([[1, 2]])).toArray() // [[0, 1, 2, 0]]
 */
export class ZeroPad1d extends Padding {
  constructor(padding: PaddingWidths) {
    super(padding, 1, 'constant', 0)
  }
}

/**
 * Zeros around the last two axes: padding n, or [left, right, top, bottom].
 * @example
 * import { ones } from '@x/tensor'
 * import { ZeroPad2d } from '@x/nn'
 * new ZeroPad2d([1, 2, 0, 0]).forward(ones([1, 3, 3])).shape // [1, 3, 6]
 */
export class ZeroPad2d extends Padding {
  constructor(padding: PaddingWidths) {
    super(padding, 2, 'constant', 0)
  }
}

/**
 * A value before and behind the last axis: padding n, or [left, right].
 * @example
 * import { tensor } from '@x/tensor'
 * import { ConstantPad1d } from '@x/nn'
 * new ConstantPad1d([1, 0], 7).forward(tensor([[1, 2]])).toArray() // [[7, 1, 2]]
 */
export class ConstantPad1d extends Padding {
  constructor(padding: PaddingWidths, value: number) {
    super(padding, 1, 'constant', value)
  }
}

/**
 * A value around the last two axes: padding n, or [left, right, top, bottom].
 * @example
 * import { ones } from '@x/tensor'
 * import { ConstantPad2d } from '@x/nn'
 * new ConstantPad2d(1, 7).forward(ones([1, 3, 3])).shape // [1, 5, 5]
 */
export class ConstantPad2d extends Padding {
  constructor(padding: PaddingWidths, value: number) {
    super(padding, 2, 'constant', value)
  }
}

/**
 * The last axis mirrored at its ends, which are not repeated: padding n, or [left, right], each below the length.
 * @example
 * import { tensor } from '@x/tensor'
 * import { ReflectionPad1d } from '@x/nn'
 * new ReflectionPad1d(1).forward(tensor([[1, 2, 3]])).toArray() // [[2, 1, 2, 3, 2]]
 */
export class ReflectionPad1d extends Padding {
  constructor(padding: PaddingWidths) {
    super(padding, 1, 'reflect')
  }
}

/**
 * The last two axes mirrored at their edges, which are not repeated: padding n, or [left, right, top, bottom].
 * @example
 * import { ones } from '@x/tensor'
 * import { ReflectionPad2d } from '@x/nn'
 * new ReflectionPad2d(1).forward(ones([1, 3, 3])).shape // [1, 5, 5]
 */
export class ReflectionPad2d extends Padding {
  constructor(padding: PaddingWidths) {
    super(padding, 2, 'reflect')
  }
}

/**
 * The ends of the last axis repeated: padding n, or [left, right].
 * @example
 * import { tensor } from '@x/tensor'
 * import { ReplicationPad1d } from '@x/nn'
 * new ReplicationPad1d(1).forward(tensor([[1, 2, 3]])).toArray() // [[1, 1, 2, 3, 3]]
 */
export class ReplicationPad1d extends Padding {
  constructor(padding: PaddingWidths) {
    super(padding, 1, 'replicate')
  }
}

/**
 * The edges of the last two axes repeated: padding n, or [left, right, top, bottom].
 * @example
 * import { ones } from '@x/tensor'
 * import { ReplicationPad2d } from '@x/nn'
 * new ReplicationPad2d(1).forward(ones([1, 3, 3])).shape // [1, 5, 5]
 */
export class ReplicationPad2d extends Padding {
  constructor(padding: PaddingWidths) {
    super(padding, 2, 'replicate')
  }
}

/**
 * The last axis as a ring: padding n, or [left, right].
 * @example
 * import { tensor } from '@x/tensor'
 * import { CircularPad1d } from '@x/nn'
 * new CircularPad1d(1).forward(tensor([[1, 2, 3]])).toArray() // [[3, 1, 2, 3, 1]]
 */
export class CircularPad1d extends Padding {
  constructor(padding: PaddingWidths) {
    super(padding, 1, 'circular')
  }
}

/**
 * The last two axes as rings: padding n, or [left, right, top, bottom].
 * @example
 * import { ones } from '@x/tensor'
 * import { CircularPad2d } from '@x/nn'
 * new CircularPad2d(1).forward(ones([1, 3, 3])).shape // [1, 5, 5]
 */
export class CircularPad2d extends Padding {
  constructor(padding: PaddingWidths) {
    super(padding, 2, 'circular')
  }
}
