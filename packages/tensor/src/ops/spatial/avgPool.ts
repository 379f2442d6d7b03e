// Pooling by means and by norms.

import { checkOptions } from '../../options.ts'
import { requireTensor } from '../../record.ts'
import type { Tensor } from '../../tensor.ts'
import { asPlanes, avgOp, framed, planeOf, poolGeometry } from './pooling.ts'
import { type Pair, pair, windowsOver } from './sliding.ts'

export interface AvgPool2dOptions {
  /** Step of the window, ≥ 1. Default: the size of the window. */
  stride?: Pair
  /** Implicit zeros around the image, at most half the window. Default 0. */
  padding?: Pair
  /** Whether a last window may reach beyond the image: sizes are rounded up. Default false. */
  ceilMode?: boolean
  /** Whether the zeros around the image count in the mean. Default true. */
  countIncludePad?: boolean
  /** What the sum is divided by, instead of the number of elements. Not 0. */
  divisorOverride?: number
}

/** As `AvgPool2dOptions`, along one axis. */
export interface AvgPool1dOptions {
  stride?: number
  padding?: number
  ceilMode?: boolean
  countIncludePad?: boolean
}

function avgPool(op: string, x: Tensor, rank: 3 | 4, size: Pair, options: AvgPool2dOptions): Tensor {
  const { ceilMode = false, countIncludePad = true, divisorOverride } = options
  if (divisorOverride !== undefined && !(Number.isFinite(divisorOverride) && divisorOverride !== 0))
    throw new RangeError(`${op}: divisorOverride ${divisorOverride} is not a number other than 0`)
  const { images, back } = asPlanes(op, x, rank)
  const windows = windowsOver(op, planeOf(images), { ...framed(op, size, options), ceil: ceilMode })
  return back(avgOp([images], poolGeometry(images, windows, [countIncludePad ? 1 : 0, divisorOverride ?? 0])))
}

/**
 * The mean of each window, x [N, C, H, W] or [C, H, W] → [N, C, OH, OW]. OH = ⌊(H + 2·padding − size) / stride⌋ + 1.
 * @param size height and width of the window
 * @throws ShapeError, RangeError
 */
export function avgPool2d(x: Tensor, size: Pair, options: AvgPool2dOptions = {}): Tensor {
  checkOptions('avgPool2d', options, ['stride', 'padding', 'ceilMode', 'countIncludePad', 'divisorOverride'])
  return avgPool('avgPool2d', x, 4, size, options)
}

/** The mean of each window of sequences, x [N, C, L] or [C, L] → [N, C, OL]; see avgPool2d. @throws ShapeError, RangeError */
export function avgPool1d(x: Tensor, size: number, options: AvgPool1dOptions = {}): Tensor {
  checkOptions('avgPool1d', options, ['stride', 'padding', 'ceilMode', 'countIncludePad'])
  const { stride = size, padding = 0, ...rest } = options
  return avgPool('avgPool1d', x, 3, [1, size], { stride: [1, stride], padding: [0, padding], ...rest })
}

export interface LpPoolOptions<T> {
  /** Step of the window, ≥ 1. Default: the size of the window. */
  stride?: T
  /** Whether a last window may reach beyond the image: sizes are rounded up. Default false. */
  ceilMode?: boolean
}

/**
 * The p-norm of each window, (Σ xᵖ)^(1/p), of x [N, C, H, W] or [C, H, W]; p = 1 is the sum.
 * @throws ShapeError, RangeError
 */
export function lpPool2d(x: Tensor, p: number, size: Pair, options: LpPoolOptions<Pair> = {}): Tensor {
  checkOptions('lpPool2d', options, ['stride', 'ceilMode'])
  const [height, width] = pair('lpPool2d', 'size', size, 1)
  return norm('lpPool2d', p, height * width, (power) => avgPool2d(power, size, options), x)
}

/** The p-norm of each window of sequences, x [N, C, L] or [C, L]; see lpPool2d. @throws ShapeError, RangeError */
export function lpPool1d(x: Tensor, p: number, size: number, options: LpPoolOptions<number> = {}): Tensor {
  checkOptions('lpPool1d', options, ['stride', 'ceilMode'])
  return norm('lpPool1d', p, size, (power) => avgPool1d(power, size, options), x)
}

function norm(op: string, p: number, count: number, pooled: (power: Tensor) => Tensor, x: Tensor): Tensor {
  if (!(Number.isFinite(p) && p !== 0)) throw new RangeError(`${op}: p ${p} is not a number other than 0`)
  requireTensor(op, 'x', x)
  return pooled(x.pow(p))
    .mul(count)
    .pow(1 / p)
}
