// Where a token stands: sinusoids that are added, and rotations.
import { arange, concat, type DType, ShapeError, slice, stack, Tensor } from '@x/tensor'
import { checkOptions, show } from '@x/tensor/op'

/** 1 / base^(2i / size) for i < size / 2. float64 [size / 2] */
const frequencies = (size: number, base: number): Tensor =>
  arange(size / 2, undefined, { dtype: 'float64' })
    .mul((-2 / size) * Math.log(base))
    .exp()

/** Options of `sinusoidalPositions`. */
export interface SinusoidalOptions {
  /** Default 10000. */
  base?: number
  /** Default 'float32'. */
  dtype?: DType
}

/**
 * Sines and cosines of positions: pe[p, 2i] = sin(p / base^(2i/D)), pe[p, 2i + 1] = cos of the same. → [T, D].
 * Source: A. Vaswani et al. 2017, arXiv:1706.03762, section 3.5.
 * @param size D, even
 * @throws ShapeError
 * @example
 * import { sinusoidalPositions } from '@x/nn'
 * sinusoidalPositions(3, 4).at(0).toArray() // [0, 1, 0, 1]
 */
export function sinusoidalPositions(length: number, size: number, options: SinusoidalOptions = {}): Tensor {
  checkOptions('sinusoidalPositions', options, ['base', 'dtype'])
  const { base = 10000, dtype = 'float32' } = options
  if (!(Number.isInteger(size / 2) && size > 0)) throw new ShapeError(`sinusoidalPositions: size ${size} is not even`)
  const angles = arange(length, undefined, { dtype: 'float64' }).unsqueeze(1).mul(frequencies(size, base))
  return stack([angles.sin(), angles.cos()], 2).reshape([length, size]).cast(dtype)
}

/** Options of `rotaryEmbedding`. */
export interface RotaryOptions {
  /** Which numbers make a pair: neighbours (GPT-J, llama2.c), or i and i + D/2 (GPT-NeoX, Hugging Face). Default 'half'. */
  style?: 'interleaved' | 'half'
  /** Default 10000. */
  base?: number
  /** Position of the first row, or the positions of all, int32 [T]. Default 0. */
  start?: number | Tensor
}

/**
 * Rotates pairs of numbers by angles that grow with the position: the i-th pair by p / base^(2i/D).
 * x [..., T, H, D] → the same shape; products of rotated queries and keys depend on the distance alone.
 * Source: J. Su et al. 2021, arXiv:2104.09864.
 * @throws ShapeError, RangeError
 * @example
 * import { ones } from '@x/tensor'
 * import { rotaryEmbedding } from '@x/nn'
 * rotaryEmbedding(ones([1, 2, 5, 8])).shape // [1, 2, 5, 8]
 */
export function rotaryEmbedding(x: Tensor, options: RotaryOptions = {}): Tensor {
  checkOptions('rotaryEmbedding', options, ['style', 'base', 'start'])
  const { style = 'half', base = 10000, start = 0 } = options
  if (style !== 'half' && style !== 'interleaved')
    throw new RangeError(`rotaryEmbedding: style '${style}' is not 'interleaved' or 'half'`)
  const [T, , D] = x.shape.slice(-3)
  if (x.ndim < 3 || D % 2 !== 0)
    throw new ShapeError(`rotaryEmbedding: x ${show(x.shape)} is not [..., T, H, D] with D even`)
  const positions =
    start instanceof Tensor ? start.cast('float64') : arange(T, undefined, { dtype: 'float64' }).add(start)
  const angles = positions.reshape([T, 1, 1]).mul(frequencies(D, base))
  const [cos, sin] = [angles.cos().cast(x.dtype), angles.sin().cast(x.dtype)]
  const split = (step: number, from: number): Tensor =>
    x.at('...', step === 2 ? slice(from, null, 2) : slice((from * D) / 2, ((from + 1) * D) / 2))
  const step = style === 'half' ? 1 : 2
  const [a, b] = [split(step, 0), split(step, 1)]
  const turned = [a.mul(cos).sub(b.mul(sin)), a.mul(sin).add(b.mul(cos))]
  return style === 'half' ? concat(turned, -1) : stack(turned, -1).reshape(x.shape)
}
