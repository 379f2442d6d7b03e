// Pooling by maxima.

import { checkOptions } from '../../options.ts'
import { type Shape, show } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import { asPlanes, framed, largest, type Pooled, planeOf, poolGeometry } from './pooling.ts'
import { type Pair, pair, type Windows, windowsOver } from './sliding.ts'

export interface MaxPool2dOptions<R extends boolean = boolean> {
  /** Step of the window, ≥ 1. Default: the size of the window. */
  stride?: Pair
  /** Implicit −∞ around the image, at most half the window. Default 0. */
  padding?: Pair
  /** Distance between the elements of a window, ≥ 1. Default 1. */
  dilation?: Pair
  /** Whether a last window may reach beyond the image: sizes are rounded up. Default false. */
  ceilMode?: boolean
  /** Whether to return the position of each value too, in its plane. Default false. */
  returnIndices?: R
}

/** As `MaxPool2dOptions`, along one axis. */
export interface MaxPool1dOptions<R extends boolean = boolean> {
  stride?: number
  padding?: number
  dilation?: number
  ceilMode?: boolean
  returnIndices?: R
}

const OPTIONS = ['stride', 'padding', 'dilation', 'ceilMode', 'returnIndices']

/**
 * The largest value in each window, x [N, C, H, W] or [C, H, W] → [N, C, OH, OW]. A NaN in a window wins; the first of
 * equals is the one that the gradient goes to. OH = ⌊(H + 2·padding − dilation·(size − 1) − 1) / stride⌋ + 1.
 * @param size height and width of the window
 * @returns the values, or with `returnIndices` [values, positions h·W + w as int32]
 * @throws ShapeError, RangeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { maxPool2d } from '@x/tensor/conv'
 * const [values, positions] = maxPool2d(tensor([[[1, 2], [4, 3]]]), 2, { returnIndices: true })
 * values.item() // 4
 * positions.item() // 2
 */
export function maxPool2d<R extends boolean = false>(
  x: Tensor,
  size: Pair,
  options: MaxPool2dOptions<R> = {},
): Pooled<R> {
  checkOptions('maxPool2d', options, OPTIONS)
  return maxPool('maxPool2d', x, 4, size, options)
}

/**
 * The largest value in each window of sequences, x [N, C, L] or [C, L] → [N, C, OL]; see maxPool2d.
 * @throws ShapeError, RangeError
 */
export function maxPool1d<R extends boolean = false>(
  x: Tensor,
  size: number,
  options: MaxPool1dOptions<R> = {},
): Pooled<R> {
  checkOptions('maxPool1d', options, OPTIONS)
  const { stride = size, padding = 0, dilation = 1, ...rest } = options
  return maxPool('maxPool1d', x, 3, [1, size], {
    ...{ stride: [1, stride], padding: [0, padding], dilation: [1, dilation] },
    ...rest,
  })
}

function maxPool<R extends boolean>(
  op: string,
  x: Tensor,
  rank: 3 | 4,
  size: Pair,
  options: MaxPool2dOptions<R>,
): Pooled<R> {
  const { images, back } = asPlanes(op, x, rank)
  const frame = framed(op, size, options)
  const dilation = pair(op, 'dilation', options.dilation ?? 1, 1)
  const windows = windowsOver(op, planeOf(images), { ...frame, dilation, ceil: options.ceilMode })
  if (dilation[0] * dilation[1] > 1) checkEachSees(op, windows, frame.padding, dilation)
  return largest(images, poolGeometry(images, windows), back, options.returnIndices)
}

/** With dilation the elements of a window that starts in the padding may all lie there. @throws RangeError then */
function checkEachSees(op: string, { plane, numbers }: Windows, padding: Shape, dilation: Shape): void {
  plane.forEach((n, i) => {
    for (let start = -padding[i]; start < 0; start += numbers[6 + i]) {
      if (((start % dilation[i]) + dilation[i]) % dilation[i] >= n)
        throw new RangeError(`${op}: a window sees nothing but padding ${show(padding)}; dilation is ${show(dilation)}`)
    }
  })
}
