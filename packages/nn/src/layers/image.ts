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
import { Module } from '../module.ts'

/** Patches as columns, [N, C, H, W] → [N, C·KH·KW, L]; see unfold. */
export class Unfold extends Module {
  readonly size: Pair
  readonly options: UnfoldOptions

  constructor(size: Pair, options: UnfoldOptions = {}) {
    super()
    this.size = size
    this.options = options
  }

  override forward(x: Tensor): Tensor {
    return unfold(x, this.size, this.options)
  }
}

/** Columns added up to images, [N, C·KH·KW, L] → [N, C, ..outputSize]; see fold. */
export class Fold extends Module {
  readonly outputSize: Pair
  readonly size: Pair
  readonly options: UnfoldOptions

  constructor(outputSize: Pair, size: Pair, options: UnfoldOptions = {}) {
    super()
    this.outputSize = outputSize
    this.size = size
    this.options = options
  }

  override forward(x: Tensor): Tensor {
    return fold(x, this.outputSize, this.size, this.options)
  }
}

/** Channels become pixels, [.., C·r², H, W] → [.., C, H·r, W·r]; see pixelShuffle. */
export class PixelShuffle extends Module {
  readonly factor: number

  constructor(factor: number) {
    super()
    this.factor = factor
  }

  override forward(x: Tensor): Tensor {
    return pixelShuffle(x, this.factor)
  }
}

/** Pixels become channels, [.., C, H·r, W·r] → [.., C·r², H, W]; see pixelUnshuffle. */
export class PixelUnshuffle extends Module {
  readonly factor: number

  constructor(factor: number) {
    super()
    this.factor = factor
  }

  override forward(x: Tensor): Tensor {
    return pixelUnshuffle(x, this.factor)
  }
}

/** Images of another size, [N, C, ..lengths] → [N, C, ..size]; see interpolate for the options. */
export class Upsample extends Module {
  readonly options: InterpolateOptions

  constructor(options: InterpolateOptions) {
    super()
    this.options = options
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

/** Zeros before and behind the last axis: padding n, or [left, right]. */
export class ZeroPad1d extends Padding {
  constructor(padding: PaddingWidths) {
    super(padding, 1, 'constant', 0)
  }
}

/** Zeros around the last two axes: padding n, or [left, right, top, bottom]. */
export class ZeroPad2d extends Padding {
  constructor(padding: PaddingWidths) {
    super(padding, 2, 'constant', 0)
  }
}

/** A value before and behind the last axis: padding n, or [left, right]. */
export class ConstantPad1d extends Padding {
  constructor(padding: PaddingWidths, value: number) {
    super(padding, 1, 'constant', value)
  }
}

/** A value around the last two axes: padding n, or [left, right, top, bottom]. */
export class ConstantPad2d extends Padding {
  constructor(padding: PaddingWidths, value: number) {
    super(padding, 2, 'constant', value)
  }
}

/** The last axis mirrored at its ends, which are not repeated: padding n, or [left, right], each below the length. */
export class ReflectionPad1d extends Padding {
  constructor(padding: PaddingWidths) {
    super(padding, 1, 'reflect')
  }
}

/** The last two axes mirrored at their edges, which are not repeated: padding n, or [left, right, top, bottom]. */
export class ReflectionPad2d extends Padding {
  constructor(padding: PaddingWidths) {
    super(padding, 2, 'reflect')
  }
}

/** The ends of the last axis repeated: padding n, or [left, right]. */
export class ReplicationPad1d extends Padding {
  constructor(padding: PaddingWidths) {
    super(padding, 1, 'replicate')
  }
}

/** The edges of the last two axes repeated: padding n, or [left, right, top, bottom]. */
export class ReplicationPad2d extends Padding {
  constructor(padding: PaddingWidths) {
    super(padding, 2, 'replicate')
  }
}

/** The last axis as a ring: padding n, or [left, right]. */
export class CircularPad1d extends Padding {
  constructor(padding: PaddingWidths) {
    super(padding, 1, 'circular')
  }
}

/** The last two axes as rings: padding n, or [left, right, top, bottom]. */
export class CircularPad2d extends Padding {
  constructor(padding: PaddingWidths) {
    super(padding, 2, 'circular')
  }
}
