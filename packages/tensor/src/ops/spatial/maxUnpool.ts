// What max pooling took, back in its place.
import { zeros } from '../../create.ts'
import { DTypeError, ShapeError } from '../../errors.ts'
import { checkOptions } from '../../options.ts'
import { requireTensor } from '../../record.ts'
import { sameShape, show } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import { scatter } from '../indexing/scatter.ts'
import { checkImages, type Pair, pair } from './sliding.ts'

export interface MaxUnpool2dOptions {
  /** Step of the window, ≥ 1. Default: the size of the window. */
  stride?: Pair
  /** Implicit border around the image, ≥ 0. Default 0. */
  padding?: Pair
  /** Height and width of the result, where pooling led from several to the same. Default: the smallest. */
  outputSize?: Pair
}

/** As `MaxUnpool2dOptions`, along one axis. */
export interface MaxUnpool1dOptions {
  stride?: number
  padding?: number
  outputSize?: number
}

const OPTIONS = ['stride', 'padding', 'outputSize']

/**
 * Zeros, with each value at the position that maxPool2d returned with it: x, positions [N, C, h, w] or [C, h, w]
 * → [N, C, H, W]. H = (h − 1)·stride − 2·padding + size unless `outputSize` says otherwise, W likewise. Where windows
 * overlapped and a position comes twice, it is set once, and both values get its gradient, as in PyTorch.
 * @param positions int32, as `returnIndices` gives them
 * @param size height and width of the window
 * @throws ShapeError, RangeError, DTypeError
 */
export function maxUnpool2d(x: Tensor, positions: Tensor, size: Pair, options: MaxUnpool2dOptions = {}): Tensor {
  checkOptions('maxUnpool2d', options, OPTIONS)
  return unpool('maxUnpool2d', x, positions, 4, size, options)
}

/**
 * Zeros, with each value at the position that maxPool1d returned with it: x, positions [N, C, l] or [C, l] → [N, C, L];
 * see maxUnpool2d.
 * @throws ShapeError, RangeError, DTypeError
 */
export function maxUnpool1d(x: Tensor, positions: Tensor, size: number, options: MaxUnpool1dOptions = {}): Tensor {
  checkOptions('maxUnpool1d', options, OPTIONS)
  const { stride = size, padding = 0, outputSize } = options
  const flat = { stride: [1, stride], padding: [0, padding] } as const
  const wanted = outputSize === undefined ? flat : { ...flat, outputSize: [1, outputSize] as const }
  return unpool('maxUnpool1d', x, positions, 3, [1, size], wanted)
}

function unpool(
  op: string,
  x: Tensor,
  positions: Tensor,
  rank: 3 | 4,
  size: Pair,
  options: MaxUnpool2dOptions,
): Tensor {
  requireTensor(op, 'x', x)
  requireTensor(op, 'positions', positions)
  checkImages(op, x, rank)
  if (!sameShape(x.shape, positions.shape))
    throw new ShapeError(`${op}: x ${show(x.shape)} and positions ${show(positions.shape)} differ`)
  if (positions.dtype !== 'int32' && positions.dtype !== 'int64')
    throw new DTypeError(`${op}: positions have dtype ${positions.dtype}; they are the int32 that returnIndices gives`)
  const axes = rank - 2
  const plane = axes === 1 ? [1, x.shape[x.ndim - 1]] : x.shape.slice(-2)
  const kernel = pair(op, 'size', size, 1)
  const stride = pair(op, 'stride', options.stride ?? kernel, 1)
  const padding = pair(op, 'padding', options.padding ?? 0, 0)
  const least = plane.map((n, i) => (n - 1) * stride[i] - 2 * padding[i] + kernel[i])
  const wanted = options.outputSize === undefined ? least : pair(op, 'outputSize', options.outputSize, 1)
  if (wanted.some((n, i) => n < 1 || Math.abs(n - least[i]) >= stride[i])) {
    throw new RangeError(`${op}: outputSize ${show(wanted)} is not within a stride of ${show(least)}`)
  }
  const lead = x.shape.slice(0, -axes)
  const rows = lead.reduce((n, d) => n * d, 1)
  const [inner, outer] = [plane[0] * plane[1], wanted[0] * wanted[1]]
  const flat = scatter(
    zeros([rows, outer], { dtype: x.dtype }),
    positions.reshape([rows, inner]),
    x.reshape([rows, inner]),
    {
      axis: 1,
    },
  )
  return flat.reshape([...lead, ...wanted.slice(-axes)])
}
