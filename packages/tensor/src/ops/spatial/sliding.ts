// Windows that slide over planes: what convolution, pooling and unfolding have in common.
import { ShapeError } from '../../errors.ts'
import { type Shape, show } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'

/** One number for both axes, or [vertical, horizontal]. */
export type Pair = number | readonly [number, number]

/** Inputs are floating by now. */
export const floatOf = (x: Tensor): 'float32' | 'float64' => x.dtype as 'float32' | 'float64'

/** A number per axis. @throws RangeError unless there are one or `count` whole numbers ≥ least */
export function perAxis(
  op: string,
  name: string,
  value: number | readonly number[],
  { count, least }: { count: number; least: number },
): readonly number[] {
  const list = typeof value === 'number' ? new Array<number>(count).fill(value) : value
  if (!Array.isArray(list) || list.length !== count || list.some((n) => !Number.isInteger(n) || n < least)) {
    const many = ['one whole number', 'one or two whole numbers', 'one or three whole numbers'][count - 1]
    throw new RangeError(`${op}: ${name} ${JSON.stringify(value)} is not ${many} ≥ ${least}`)
  }
  return list
}

export function pair(op: string, name: string, value: Pair, least: number): readonly [number, number] {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least) return [value, value]
  return perAxis(op, name, value, { count: 2, least }) as readonly [number, number]
}

/** Applies `fn` to x with an axis of length 1 for the batch where x has none; of results the axis is taken away again. */
export function inBatch(x: Tensor, rank: number, fn: (x: Tensor) => Tensor): Tensor {
  return x.ndim === rank - 1 ? fn(x.unsqueeze(0)).squeeze(0) : fn(x)
}

/** @throws ShapeError unless x has `rank` axes, or one less without a batch, and none but the batch is empty */
export function checkImages(op: string, x: Tensor, rank: 3 | 4 | 5): void {
  const { shape } = x
  let fits = shape.length === rank || shape.length === rank - 1
  for (let d = 0; d < shape.length; d++) if (shape[d] === 0 && d > shape.length - rank) fits = false
  if (fits) return
  const axes = ['L', 'H, W', 'D, H, W'][rank - 3]
  throw new ShapeError(`${op}: x ${show(shape)} is not [N, C, ${axes}] or [C, ${axes}]`)
}

/** Geometry of windows over planes, in the order that the kernels take it. */
export interface Windows {
  /** [H, W] and [OH, OW]. */
  readonly plane: Shape
  readonly outputs: Shape
  /** H, W, OH, OW, KH, KW, strideH, strideW, padH, padW, dilationH, dilationW. */
  readonly numbers: readonly number[]
}

export interface WindowOptions {
  readonly kernel: readonly [number, number]
  readonly stride: readonly [number, number]
  readonly padding: readonly [number, number]
  readonly dilation?: readonly [number, number]
  /** Whether a last window may stick out behind the padding. */
  readonly ceil?: boolean
}

/** @throws ShapeError when no window fits */
export function windowsOver(op: string, plane: Shape, options: WindowOptions): Windows {
  const { kernel: k, stride: s, padding: p, dilation: d = ONES, ceil = false } = options
  const [OH, OW] = [outputsOf(plane, options, 0, ceil), outputsOf(plane, options, 1, ceil)]
  if (OH < 1 || OW < 1)
    throw new ShapeError(`${op}: the window ${show(k)} is larger than the padded image ${show(plane)}`)
  // Spelled out: spreads would cost more than the kernel of a small image.
  const numbers = [plane[0], plane[1], OH, OW, k[0], k[1], s[0], s[1], p[0], p[1], d[0], d[1]]
  return { plane, outputs: [OH, OW], numbers }
}

const ONES = [1, 1] as const

function outputsOf(
  plane: Shape,
  { kernel, stride, padding, dilation = ONES }: WindowOptions,
  i: 0 | 1,
  ceil: boolean,
): number {
  const steps = (plane[i] + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1) / stride[i]
  if (!ceil) return Math.floor(steps) + 1
  const count = Math.ceil(steps) + 1
  // A window that would start in the padding behind the plane does not count.
  return (count - 1) * stride[i] >= plane[i] + padding[i] ? count - 1 : count
}
