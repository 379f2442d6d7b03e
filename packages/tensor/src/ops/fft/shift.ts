// Frequencies, and the order that they stand in.
import { arange, type DTypeOption } from '../../create.ts'
import { tidy } from '../../memory/scope.ts'
import { checkOptions } from '../../options.ts'
import { requireTensor } from '../../record.ts'
import { normalizeAxes } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import { concat } from '../shape/concat.ts'
import { roll } from '../shape/repeat.ts'

export interface FrequencyOptions extends DTypeOption {
  /** Time between samples. Default 1. */
  d?: number
}

function check(name: string, n: number, options: FrequencyOptions): number {
  checkOptions(name, options, ['d', 'dtype'])
  if (!Number.isInteger(n) || n < 1) throw new RangeError(`${name}: ${n} is not a number of samples ≥ 1`)
  return n * (options.d ?? 1)
}

/**
 * The frequencies that the results of `fft` of n samples belong to, in cycles per unit of d: 0, 1, … , ⌈n/2⌉ − 1, −⌊n/2⌋, … , −1, divided by n d.
 * @throws RangeError for n below 1 or an unknown option
 * @example
 * import { fftfreq } from '@x/tensor/fft'
 * fftfreq(4, { d: 0.5 }).toArray() // [0, 0.5, -1, -0.5]
 */
export function fftfreq(n: number, options: FrequencyOptions = {}): Tensor {
  const time = check('fftfreq', n, options)
  const { dtype } = options
  return tidy(() => {
    const counted = [arange(0, Math.ceil(n / 2), { dtype }), arange(-Math.floor(n / 2), 0, { dtype })]
    return concat(counted).div(time)
  })
}

/** Those of `rfft`: 0, 1, … , ⌊n/2⌋, divided by n d; see `fftfreq`. @throws RangeError */
export function rfftfreq(n: number, options: FrequencyOptions = {}): Tensor {
  const time = check('rfftfreq', n, options)
  return tidy(() => arange(0, Math.floor(n / 2) + 1, { dtype: options.dtype }).div(time))
}

export interface ShiftOptions {
  /** Default all. Axes are counted without that of pairs. */
  axes?: number | readonly number[] | null
  /** Whether the last axis holds pairs of real and imaginary part, and stays. Default: it does if it has length 2 and is not the only one. */
  complex?: boolean
}

function shifted(name: string, x: Tensor, options: ShiftOptions, by: (n: number) => number): Tensor {
  checkOptions(name, options, ['axes', 'complex'])
  requireTensor(name, 'x', x)
  const { complex = x.ndim > 1 && x.shape[x.ndim - 1] === 2 } = options
  const axes = normalizeAxes(name, options.axes, complex ? x.ndim - 1 : x.ndim)
  return roll(
    x,
    axes.map((a) => by(x.shape[a])),
    axes,
  )
}

/**
 * Frequency 0 in the middle instead of in front: each axis rotated by half its length.
 * @throws ShapeError for axes that are not there; RangeError for an unknown option
 * @example
 * import { fftfreq, fftshift } from '@x/tensor/fft'
 * fftshift(fftfreq(4)).toArray() // [-0.5, -0.25, 0, 0.25]
 */
export const fftshift = (x: Tensor, options: ShiftOptions = {}): Tensor =>
  shifted('fftshift', x, options, (n) => Math.floor(n / 2))

/** Undoes `fftshift`, also for odd lengths. */
export const ifftshift = (x: Tensor, options: ShiftOptions = {}): Tensor =>
  shifted('ifftshift', x, options, (n) => -Math.floor(n / 2))
