// The Fourier transforms under their names: those of numpy.fft and torch.fft, over complex numbers as pairs.
import { ShapeError } from '../../errors.ts'
import { tidy } from '../../memory/scope.ts'
import { checkOptions } from '../../options.ts'
import { requireTensor } from '../../record.ts'
import { normalizeAxis, show } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import { slice } from '../indexing/slicing.ts'
import { transform } from './transform.ts'

/** Which transform is divided by n: 'backward' the inverse, 'forward' the other one; 'ortho' divides both by √n. */
export type FftNorm = 'backward' | 'ortho' | 'forward'

export interface FftOptions {
  /** Length of the transform: the input is cut or filled up with zeros. Default its length. */
  n?: number
  /** Axes are counted without that of the pairs. Default −1. */
  axis?: number
  /** Default 'backward'. */
  norm?: FftNorm
}

export interface FftnOptions {
  /** Lengths along the axes: the input is cut or filled up with zeros. Default its lengths. */
  s?: readonly number[]
  /** Axes are counted without that of the pairs. Default as many of the last as `s` has, or all. */
  axes?: readonly number[]
  /** Default 'backward'. */
  norm?: FftNorm
}

/** A transform along one axis. */
export type Fft = (x: Tensor, options?: FftOptions) => Tensor
/** A transform along several axes. */
export type Fftn = (x: Tensor, options?: FftnOptions) => Tensor

/** What goes in and what comes out: pairs and pairs, real numbers and half of a spectrum, or that and real numbers. */
type Kind = 'full' | 'toHalf' | 'fromHalf'

/** Number of axes without that of the pairs. @throws ShapeError where there is none of these */
function rankOf(name: string, x: Tensor, kind: Kind): number {
  requireTensor(name, 'x', x)
  if (kind === 'toHalf') return x.ndim
  if (x.ndim > 0 && x.shape[x.ndim - 1] === 2) return x.ndim - 1
  const instead = kind === 'full' ? '; real numbers go through rfft, or complex(x)' : ''
  throw new ShapeError(`${name}: x ${show(x.shape)} has no last axis of 2 for real and imaginary parts${instead}`)
}

function normOf(name: string, { norm = 'backward' }: { norm?: FftNorm }): FftNorm {
  if (norm === 'backward' || norm === 'ortho' || norm === 'forward') return norm
  throw new RangeError(`${name}: there is no norm '${norm}'; there are 'backward', 'ortho' and 'forward'`)
}

interface Direction {
  readonly name: string
  readonly kind: Kind
  readonly inverse: boolean
}

/** One transform. `n` undefined is the length that there is. */
function along(
  x: Tensor,
  axis: number,
  n: number | undefined,
  norm: FftNorm,
  { name, kind, inverse }: Direction,
): Tensor {
  const there = x.shape[axis]
  const length = n ?? (kind === 'fromHalf' ? 2 * (there - 1) : there)
  if (!Number.isInteger(length) || length < 1) {
    throw new RangeError(`${name}: ${length} is not a length ≥ 1, for axis ${axis} of ${show(x.shape)}`)
  }
  const half = Math.floor(length / 2) + 1
  const isCut = kind === 'fromHalf' && there > half
  const given = isCut ? x.at(...x.shape.slice(0, axis).map(() => slice()), slice(0, half)) : x
  const divides = norm === (inverse ? 'backward' : 'forward')
  return transform([given], {
    axis,
    n: length,
    made: kind === 'toHalf' ? half : length,
    inverse,
    scale: norm === 'ortho' ? 1 / Math.sqrt(length) : divides ? 1 / length : 1,
    from: { real: kind === 'toHalf', twice: kind === 'fromHalf' },
    to: { real: kind === 'fromHalf' },
  })
}

function single(name: string, kind: Kind, inverse: boolean): Fft {
  return (x, options = {}) => {
    checkOptions(name, options, ['n', 'axis', 'norm'])
    const axis = normalizeAxis(name, options.axis ?? -1, rankOf(name, x, kind))
    return along(x, axis, options.n, normOf(name, options), { name, kind, inverse })
  }
}

/** Axes in the order given, and their lengths. @throws ShapeError, RangeError */
function several(name: string, rank: number, { s, axes }: FftnOptions, fallback: readonly number[] | null): number[] {
  const named = axes ?? fallback ?? Array.from({ length: s?.length ?? rank }, (_, i, n = s?.length ?? rank) => i - n)
  const list = named.map((a) => normalizeAxis(name, a, rank))
  if (new Set(list).size !== list.length) throw new ShapeError(`${name}: axis given twice in ${show(named)}`)
  if (s && s.length !== list.length) {
    throw new ShapeError(`${name}: s ${show(s)} has not one length for each of the axes ${show(named)}`)
  }
  return list
}

function multiple(name: string, kind: Kind, inverse: boolean, fallback: readonly number[] | null): Fftn {
  return (x, options = {}) => {
    checkOptions(name, options, ['s', 'axes', 'norm'])
    const list = several(name, rankOf(name, x, kind), options, fallback)
    const norm = normOf(name, options)
    const steps = list.map((axis, i) => ({ axis, n: options.s?.[i], kind: 'full' as Kind }))
    // The last of the axes is that which is halved: first on the way there, last on the way back.
    if (kind !== 'full') {
      if (steps.length === 0) throw new ShapeError(`${name}: needs at least one axis`)
      steps[steps.length - 1].kind = kind
      if (kind === 'toHalf') steps.reverse()
    }
    return tidy(() =>
      steps.reduce((y, step) => along(y, step.axis, step.n, norm, { name, kind: step.kind, inverse }), x),
    )
  }
}

const LAST_TWO: readonly number[] = [-2, -1]

/**
 * The discrete Fourier transform y[k] = Σⱼ x[j] e^(−2πi jk/n) along one axis, of any length n: x [..., n, 2] → [..., n, 2], real and
 * imaginary parts along the last axis (torch.view_as_real), which `axis` does not count. float32 is computed in float64;
 * differentiable. Prime factors of n beyond 5 take about five times as long.
 * @throws ShapeError unless the last axis has length 2; RangeError for a length below 1 or an unknown option
 * @example
 * import { tensor } from '@x/tensor'
 * import { complex, fft } from '@x/tensor/fft'
 * fft(complex(tensor([1, 0, 0, 0]))).toArray() // [[1, 0], [1, 0], [1, 0], [1, 0]]
 */
export const fft: Fft = single('fft', 'full', false)
/** The inverse of `fft`: x[j] = Σₖ y[k] e^(2πi jk/n) / n. */
export const ifft: Fft = single('ifft', 'full', true)
/**
 * The transform of real numbers, of which half is enough: x [..., n] → [..., ⌊n/2⌋ + 1, 2]; see `fft`.
 * @throws RangeError for a length below 1 or an unknown option; ShapeError for a scalar
 * @example
 * import { tensor } from '@x/tensor'
 * import { rfft } from '@x/tensor/fft'
 * rfft(tensor([1, 2, 3, 4])).toArray() // [[10, 0], [-2, 2], [-2, 0]]
 */
export const rfft: Fft = single('rfft', 'toHalf', false)
/**
 * The inverse of `rfft`: half of a spectrum [..., m, 2] → real numbers [..., n]; n is by default 2 (m − 1), so odd lengths must be
 * named. Imaginary parts of number 0 and n/2, which no real numbers have, do not count.
 */
export const irfft: Fft = single('irfft', 'fromHalf', true)

/**
 * The transform of a signal that equals its own conjugate reversed, half of which is given: [..., m, 2] → real [..., n], where n is
 * by default 2 (m − 1).
 */
export const hfft: Fft = single('hfft', 'fromHalf', false)
/** The inverse of `hfft`: real [..., n] → [..., ⌊n/2⌋ + 1, 2]. */
export const ihfft: Fft = single('ihfft', 'toHalf', true)

/** `fft` along two axes, by default the last two. */
export const fft2: Fftn = multiple('fft2', 'full', false, LAST_TWO)
/** The inverse of `fft2`. */
export const ifft2: Fftn = multiple('ifft2', 'full', true, LAST_TWO)
/** `rfft` along the last of two axes, then `fft` along the other: real [..., m, n] → [..., m, ⌊n/2⌋ + 1, 2]. */
export const rfft2: Fftn = multiple('rfft2', 'toHalf', false, LAST_TWO)
/** The inverse of `rfft2`. */
export const irfft2: Fftn = multiple('irfft2', 'fromHalf', true, LAST_TWO)
/**
 * `fft` along several axes, by default all.
 * @throws ShapeError unless the last axis has length 2, for axes named twice or `s` of another length; RangeError
 */
export const fftn: Fftn = multiple('fftn', 'full', false, null)
/** The inverse of `fftn`. */
export const ifftn: Fftn = multiple('ifftn', 'full', true, null)
/** `rfft` along the last of several axes, then `fft` along the others. */
export const rfftn: Fftn = multiple('rfftn', 'toHalf', false, null)
/** The inverse of `rfftn`; `s` names an odd length of the last axis. */
export const irfftn: Fftn = multiple('irfftn', 'fromHalf', true, null)
