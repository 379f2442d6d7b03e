// Pooling to a given size: windows of about equal size that cover the plane.

import { checkOptions } from '../../options.ts'
import type { Tensor } from '../../tensor.ts'
import { asPlanes, avgOp, largest, type Pooled, planeOf, poolGeometry } from './pooling.ts'
import { type Pair, pair, type Windows } from './sliding.ts'

/** One number for both axes, or [vertical, horizontal], where null keeps a length. */
export type OutputSize = number | readonly [number | null, number | null]

/** As many windows as wanted; where the lengths do not divide, they overlap. */
function adaptive(op: string, images: Tensor, size: OutputSize): Windows {
  const plane = planeOf(images)
  const wanted = Array.isArray(size) ? size.map((n, i) => n ?? plane[i]) : size
  const outputs = pair(op, 'size', wanted as Pair, 1)
  // A stride of 0 tells the kernels: window i of n is [⌊i·H / n⌋, ⌈(i + 1)·H / n⌉).
  return { plane, outputs, numbers: [...plane, ...outputs, 0, 0, 0, 0, 0, 0, 1, 1] }
}

function means(op: string, x: Tensor, rank: 3 | 4, size: OutputSize): Tensor {
  const { images, back } = asPlanes(op, x, rank)
  const windows = adaptive(op, images, size)
  if (windows.outputs.every((n) => n === 1)) return back(images.mean([2, 3], { keepdims: true }))
  return back(avgOp([images], poolGeometry(images, windows, [1, 0])))
}

/**
 * The means of windows of about equal size that cover the image, x [N, C, H, W] or [C, H, W] → [N, C, ..size].
 * @param size of the result; with 1 it is the mean of each plane
 * @throws ShapeError, RangeError
 */
export function adaptiveAvgPool2d(x: Tensor, size: OutputSize): Tensor {
  return means('adaptiveAvgPool2d', x, 4, size)
}

/**
 * The means of windows of about equal size that cover sequences, x [N, C, L] or [C, L] → [N, C, size].
 * @throws ShapeError, RangeError
 */
export function adaptiveAvgPool1d(x: Tensor, size: number): Tensor {
  return means('adaptiveAvgPool1d', x, 3, [1, size])
}

export interface AdaptiveMaxPoolOptions<R extends boolean = boolean> {
  /** Whether to return the position of each value too, in its plane. Default false. */
  returnIndices?: R
}

function maxima<R extends boolean>(
  op: string,
  x: Tensor,
  rank: 3 | 4,
  size: OutputSize,
  options: AdaptiveMaxPoolOptions<R>,
): Pooled<R> {
  checkOptions(op, options, ['returnIndices'])
  const { images, back } = asPlanes(op, x, rank)
  return largest(images, poolGeometry(images, adaptive(op, images, size)), back, options.returnIndices)
}

/**
 * The largest values of windows of about equal size that cover the image, x [N, C, H, W] or [C, H, W] → [N, C, ..size].
 * @returns the values, or with `returnIndices` [values, positions h·W + w as int32]
 * @throws ShapeError, RangeError
 */
export function adaptiveMaxPool2d<R extends boolean = false>(
  x: Tensor,
  size: OutputSize,
  options: AdaptiveMaxPoolOptions<R> = {},
): Pooled<R> {
  return maxima('adaptiveMaxPool2d', x, 4, size, options)
}

/**
 * The largest values of windows of about equal size that cover sequences, x [N, C, L] or [C, L] → [N, C, size].
 * @returns the values, or with `returnIndices` [values, positions as int32]
 * @throws ShapeError, RangeError
 */
export function adaptiveMaxPool1d<R extends boolean = false>(
  x: Tensor,
  size: number,
  options: AdaptiveMaxPoolOptions<R> = {},
): Pooled<R> {
  return maxima('adaptiveMaxPool1d', x, 3, [1, size], options)
}
