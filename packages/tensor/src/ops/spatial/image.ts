// Images of another size: pixels moved between channels and the plane, and resampling.
import { tensor } from '../../create.ts'
import { ShapeError } from '../../errors.ts'
import { checkOptions, requireWhole } from '../../options.ts'
import { requireTensor } from '../../record.ts'
import { show } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import { floating } from '../elementwise/rules.ts'
import { adaptiveAvgPool1d, adaptiveAvgPool2d } from './adaptivePool.ts'
import { resampleOp } from './resample.ts'
import { perAxis } from './sliding.ts'

/** The axes of images with anything in front, split into what is before the channels, the channels, height and width. */
function imageAxes(op: string, x: Tensor, factor: number): readonly [number[], number, number, number] {
  requireTensor(op, 'x', x)
  if (x.ndim < 3) throw new ShapeError(`${op}: x ${show(x.shape)} is not [.., C, H, W]`)
  requireWhole(op, 'factor', factor, 1)
  const [C, H, W] = x.shape.slice(-3)
  return [x.shape.slice(0, -3), C, H, W]
}

/**
 * Channels become pixels: x [.., C·r², H, W] → [.., C, H·r, W·r], where y[c, h·r + i, w·r + j] = x[c·r² + i·r + j, h, w].
 * @throws ShapeError when the channels do not divide, RangeError
 */
export function pixelShuffle(x: Tensor, factor: number): Tensor {
  const [lead, C, H, W] = imageAxes('pixelShuffle', x, factor)
  const channels = C / factor ** 2
  if (!Number.isInteger(channels))
    throw new ShapeError(`pixelShuffle: ${C} channels of x ${show(x.shape)} are no multiple of ${factor}²`)
  const n = lead.length
  return x
    .reshape([...lead, channels, factor, factor, H, W])
    .permute([...lead.keys(), n, n + 3, n + 1, n + 4, n + 2])
    .reshape([...lead, channels, H * factor, W * factor])
}

/**
 * Pixels become channels, which undoes pixelShuffle: x [.., C, H·r, W·r] → [.., C·r², H, W].
 * @throws ShapeError when height or width do not divide, RangeError
 */
export function pixelUnshuffle(x: Tensor, factor: number): Tensor {
  const [lead, C, H, W] = imageAxes('pixelUnshuffle', x, factor)
  if (H % factor !== 0 || W % factor !== 0)
    throw new ShapeError(`pixelUnshuffle: height or width of x ${show(x.shape)} is no multiple of ${factor}`)
  const n = lead.length
  return x
    .reshape([...lead, C, H / factor, factor, W / factor, factor])
    .permute([...lead.keys(), n, n + 2, n + 4, n + 1, n + 3])
    .reshape([...lead, C * factor ** 2, H / factor, W / factor])
}

/** How pixels between pixels come about; each is for as many axes as it says, 'nearest' and 'area' for any. */
export type InterpolateMode = 'nearest' | 'nearest-exact' | 'linear' | 'bilinear' | 'bicubic' | 'trilinear' | 'area'

export interface InterpolateOptions {
  /** Lengths of the result's axes, or one for all of them. Either this or scaleFactor. */
  size?: number | readonly number[]
  /** Lengths of the result as multiples of those of x, above 0; rounded down. */
  scaleFactor?: number | readonly number[]
  /** Default 'nearest'. */
  mode?: InterpolateMode
  /** Whether the centres of the corner pixels stay where they are, rather than their outer corners. Default false. */
  alignCorners?: boolean
  /** Whether positions follow from the rounded lengths rather than from scaleFactor. Default false. */
  recomputeScaleFactor?: boolean
}

/** Spatial axes that a mode is for. */
const RANKS: Readonly<Record<InterpolateMode, readonly number[]>> = {
  nearest: [1, 2, 3],
  'nearest-exact': [1, 2, 3],
  area: [1, 2],
  linear: [1],
  bilinear: [2],
  bicubic: [2],
  trilinear: [3],
}

/**
 * Images of another size, x [N, C, ..lengths] → [N, C, ..size], with PyTorch's positions and weights: 'linear' for one
 * axis, 'bilinear' and 'bicubic' (Keys' kernel with a = −0.75) for two, 'trilinear' for three; 'area' is the mean of what
 * a pixel covers.
 * @throws ShapeError, RangeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { interpolate } from '@x/tensor/conv'
 * const x = tensor([[[0, 4]]])
 * interpolate(x, { scaleFactor: 2, mode: 'linear' }).toArray() // [[[0, 1, 3, 4]]]
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  requireTensor('interpolate', 'x', x)
  checkOptions('interpolate', options, ['size', 'scaleFactor', 'mode', 'alignCorners', 'recomputeScaleFactor'])
  const { mode = 'nearest', alignCorners, recomputeScaleFactor = false } = options
  if (!Object.hasOwn(RANKS, mode))
    throw new RangeError(`interpolate: mode '${mode}' is not one of ${Object.keys(RANKS).join(', ')}`)
  const count = x.ndim - 2
  if (!RANKS[mode].includes(count) || x.shape.slice(1).includes(0))
    throw new ShapeError(`interpolate: x ${show(x.shape)} is not [N, C, ..] with ${RANKS[mode].join(' or ')} axes more`)
  const smooth = SMOOTH.has(mode)
  if (alignCorners !== undefined && !smooth)
    throw new RangeError(`interpolate: alignCorners is for ${[...SMOOTH].join(', ')}, not for ${mode}`)
  const lengths = x.shape.slice(2)
  const { size, scales } = sizesOf(lengths, options)
  if (mode === 'area') return count === 1 ? adaptiveAvgPool1d(x, size[0]) : adaptiveAvgPool2d(x, [size[0], size[1]])
  if (
    mode === 'nearest' &&
    size.every((n, i) => n % lengths[i] === 0 && (scales === null || scales[i] === n / lengths[i]))
  )
    return repeated(x, size)
  let y = x
  for (let d = count - 1; d >= 0; d--) {
    const n = lengths[d]
    if (n === size[d] && mode !== 'bicubic' && mode !== 'nearest-exact') continue
    const scale = scales && !recomputeScaleFactor ? 1 / scales[d] : n / size[d]
    y = resampled(y, d + 2, mode, { n, count: size[d], scale, alignCorners: alignCorners ?? false })
  }
  return y
}

const SMOOTH: ReadonlySet<InterpolateMode> = new Set(['linear', 'bilinear', 'bicubic', 'trilinear'] as const)

/** The lengths of the result, and the scale factors where they are given. */
function sizesOf(
  lengths: readonly number[],
  { size, scaleFactor, recomputeScaleFactor }: InterpolateOptions,
): { size: readonly number[]; scales: readonly number[] | null } {
  if ((size === undefined) === (scaleFactor === undefined))
    throw new RangeError('interpolate: either size or scaleFactor says how large the result is')
  if (size !== undefined && recomputeScaleFactor)
    throw new RangeError('interpolate: recomputeScaleFactor is for scaleFactor, but size is given')
  if (size !== undefined)
    return { size: perAxis('interpolate', 'size', size, { count: lengths.length, least: 1 }), scales: null }
  const scales = typeof scaleFactor === 'number' ? lengths.map(() => scaleFactor) : (scaleFactor as readonly number[])
  const given = Array.isArray(scales) && scales.length === lengths.length && scales.every((s) => s > 0 && s < Infinity)
  const rounded = given ? lengths.map((n, i) => Math.floor(n * scales[i])) : []
  if (!given || rounded.includes(0)) {
    throw new RangeError(`interpolate: scaleFactor ${JSON.stringify(scaleFactor)} leaves no size of ${show(lengths)}`)
  }
  return { size: rounded, scales }
}

/** Every pixel as often as the size is a multiple: one copy. */
function repeated(x: Tensor, size: readonly number[]): Tensor {
  const [N, C, ...lengths] = x.shape
  const apart = x.reshape([N, C, ...lengths.flatMap((n) => [n, 1])])
  return apart.expand([N, C, ...lengths.flatMap((n, d) => [n, size[d] / n])]).reshape([N, C, ...size])
}

interface Axis {
  /** Lengths in x and in the result. */
  readonly n: number
  readonly count: number
  /** Pixels of x per pixel of the result. */
  readonly scale: number
  readonly alignCorners: boolean
}

/** x along `axis`: each pixel of the result from its neighbours in x, weighted. */
function resampled(x: Tensor, axis: number, mode: InterpolateMode, of: Axis): Tensor {
  const { offsets, weight } = SMOOTH.has(mode) ? (mode === 'bicubic' ? CUBIC : LINEAR) : NEAREST
  const taps = offsets.length
  const pixels = x.cast(floating([x]))
  const index = new Int32Array(of.count * taps)
  const weights = new (pixels.dtype === 'float64' ? Float64Array : Float32Array)(of.count * taps)
  for (let i = 0, k = 0; i < of.count; i++) {
    const at = placeOf(i, mode, of)
    const first = Math.floor(at)
    for (let t = 0; t < taps; t++, k++) {
      index[k] = Math.max(0, Math.min(of.n - 1, first + offsets[t]))
      weights[k] = weight(at - first - offsets[t])
    }
  }
  const shape = [of.count, taps]
  const places = tensor(index, { shape })
  return resampleOp([pixels, places, tensor(weights, { shape, dtype: pixels.dtype })], { axis, size: of.n })
}

/** Where pixel i of the result lies in x. */
function placeOf(i: number, mode: InterpolateMode, { n, count, scale, alignCorners }: Axis): number {
  if (!SMOOTH.has(mode)) {
    // In single precision, as PyTorch has it: the last bit decides between neighbours.
    return Math.floor(Math.fround(Math.fround(mode === 'nearest' ? i : i + 0.5) * Math.fround(scale)))
  }
  const at = alignCorners ? (count > 1 ? (i * (n - 1)) / (count - 1) : 0) : (i + 0.5) * scale - 0.5
  return mode === 'bicubic' ? at : Math.max(0, at)
}

/** Pixels of x that count, from the one before a place on, and their weights by their distance from it. */
interface Taps {
  readonly offsets: readonly number[]
  readonly weight: (t: number) => number
}

const NEAREST: Taps = { offsets: [0], weight: () => 1 }
const LINEAR: Taps = { offsets: [0, 1], weight: (t) => 1 - Math.abs(t) }
/** Keys' cubic convolution with a = −0.75 (Keys 1981, IEEE Transactions on ASSP 29, equation 15). */
const CUBIC: Taps = {
  offsets: [-1, 0, 1, 2],
  weight: (t) => {
    const a = -0.75
    const d = Math.abs(t)
    return d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((d - 5) * d + 8) * d * a - 4 * a
  },
}
