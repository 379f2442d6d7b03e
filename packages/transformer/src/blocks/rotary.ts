// Rotary positions: pairs of numbers of queries and keys turn by angles that grow with the position, so that their
// products depend on distances alone; and the ways of stretching them beyond the length a model was trained for.
// Source: J. Su et al. 2021, arXiv:2104.09864; the pairs are i and i + D/2, as in GPT-NeoX and Hugging Face's models.
import { concat, type DType, slice, type Tensor, tidy } from '@x/tensor'
import { show } from '@x/tensor/op'
import { lastingTable } from './table.ts'

/** How rotations are stretched for texts longer than those of the training. */
export type RotaryScaling =
  /** Positions are divided by the factor. Source: Chen et al. 2023, arXiv:2306.15595. */
  | { type: 'linear'; factor: number }
  /** The base grows with the factor, so that only slow rotations are stretched ("NTK-aware"). */
  | { type: 'ntk'; factor: number }
  /** The same, with a factor that follows the length of the text once it is beyond `originalLength`. */
  | { type: 'dynamic'; factor: number; originalLength: number }
  /** Slow rotations are stretched, fast ones stay, with a ramp between: Llama 3.1. */
  | { type: 'llama3'; factor: number; lowFrequencyFactor: number; highFrequencyFactor: number; originalLength: number }
  /** The same with a ramp over rotations per text, and scores that are scaled. Source: Peng et al. 2023, arXiv:2309.00071. */
  | {
      type: 'yarn'
      factor: number
      originalLength: number
      betaFast?: number
      betaSlow?: number
      attentionFactor?: number
    }

export interface RotaryFrequencyOptions {
  /** Default 10000. */
  base?: number
  /** Default: none. */
  scaling?: RotaryScaling | null
  /** Tokens that there are; 'dynamic' alone depends on it. Default 0. */
  length?: number
}

/** What positions are multiplied with, and what the turned numbers are multiplied with. */
export interface RotaryFrequencies {
  /** Radians per position of each of the size / 2 pairs. */
  readonly frequencies: Float64Array
  /** 1 but for 'yarn'. */
  readonly amplitude: number
}

/**
 * How fast each pair turns: base^(−2i/size), stretched.
 * @param size numbers of a head, even
 * @throws RangeError for an odd size, or a scaling that there is not
 */
export function rotaryFrequencies(size: number, options: RotaryFrequencyOptions = {}): RotaryFrequencies {
  const { base = 10000, scaling = null, length = 0 } = options
  if (!(Number.isInteger(size / 2) && size > 0)) throw new RangeError(`rotaryFrequencies: size ${size} is not even`)
  const of = (b: number): Float64Array => Float64Array.from({ length: size / 2 }, (_, i) => b ** ((-2 * i) / size))
  const grown = (factor: number): Float64Array => of(base * factor ** (size / (size - 2)))
  const plain = of(base)
  switch (scaling?.type) {
    case undefined:
      return { frequencies: plain, amplitude: 1 }
    case 'linear':
      return { frequencies: plain.map((f) => f / scaling.factor), amplitude: 1 }
    case 'ntk':
      return { frequencies: grown(scaling.factor), amplitude: 1 }
    case 'dynamic': {
      const { factor, originalLength } = scaling
      const longer = Math.max(length, originalLength) / originalLength
      return { frequencies: grown(factor * longer - (factor - 1)), amplitude: 1 }
    }
    case 'llama3': {
      const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalLength } = scaling
      const stretched = (f: number): number => {
        const turns = (originalLength * f) / (2 * Math.PI)
        const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)))
        return kept * f + ((1 - kept) * f) / factor
      }
      return { frequencies: plain.map(stretched), amplitude: 1 }
    }
    case 'yarn': {
      const { factor, originalLength, betaFast = 32, betaSlow = 1 } = scaling
      // The pair that turns so many times over the original length.
      const pairOf = (turns: number): number =>
        (size * Math.log(originalLength / (turns * 2 * Math.PI))) / (2 * Math.log(base))
      const first = Math.max(Math.floor(pairOf(betaFast)), 0)
      const last = Math.min(Math.ceil(pairOf(betaSlow)), size - 1)
      const stretched = (f: number, i: number): number => {
        const share = Math.min(1, Math.max(0, (i - first) / Math.max(last - first, 0.001)))
        return (share * f) / factor + (1 - share) * f
      }
      const amplitude = scaling.attentionFactor ?? (factor > 1 ? 0.1 * Math.log(factor) + 1 : 1)
      return { frequencies: plain.map(stretched), amplitude }
    }
    default:
      throw new RangeError(
        `rotaryFrequencies: scaling '${(scaling as RotaryScaling).type}' is not linear, ntk, dynamic, llama3 or yarn`,
      )
  }
}

/** Cosines and sines of positions, for `rotate`: each [..., T, 1, D/2]. */
export interface Rotation {
  readonly cos: Tensor
  readonly sin: Tensor
}

/** Cosines and sines of as many positions as were asked for so far, for all layers of a model. */
export class RotaryTable {
  private readonly size: number
  private readonly options: RotaryFrequencyOptions
  private rows: { readonly cos: Tensor; readonly sin: Tensor; readonly length: number } | null = null

  constructor(size: number, options: RotaryFrequencyOptions = {}) {
    this.size = size
    this.options = options
    rotaryFrequencies(size, options)
  }

  /** Of the positions start … start + T − 1. */
  at(start: number, T: number, dtype: DType): Rotation {
    return this.pick(start + T, dtype, (t) => t.at(slice(start, start + T)))
  }

  /** Of given positions [..., T], int32, all of them below `length`. */
  of(positions: Tensor, length: number, dtype: DType): Rotation {
    return this.pick(length, dtype, (t) => t.take(positions))
  }

  /** Frees the tables. */
  dispose(): void {
    this.rows?.cos.dispose()
    this.rows?.sin.dispose()
    this.rows = null
  }

  private pick(length: number, dtype: DType, rows: (t: Tensor) => Tensor): Rotation {
    const { cos, sin } = this.upTo(length)
    return { cos: rows(cos).cast(dtype), sin: rows(sin).cast(dtype) }
  }

  private upTo(length: number): { readonly cos: Tensor; readonly sin: Tensor } {
    const { rows, size, options } = this
    // A dynamic table depends on the length beyond the original one, at each of which it is another.
    const isStale = options.scaling?.type === 'dynamic' && length > options.scaling.originalLength
    if (rows && (isStale ? rows.length === length : rows.length >= length)) return rows
    const known = isStale ? length : Math.max(64, 2 ** Math.ceil(Math.log2(Math.max(1, length))))
    const { frequencies, amplitude } = rotaryFrequencies(size, { ...options, length: isStale ? length : 0 })
    const table = (of: (x: number) => number): Tensor => {
      const values = new Float64Array((known * size) / 2)
      for (let i = 0; i < values.length; i++) {
        const pair = i % frequencies.length
        values[i] = amplitude * of(((i - pair) / frequencies.length) * frequencies[pair])
      }
      return lastingTable(values, [known, 1, size / 2])
    }
    this.dispose()
    const made = { cos: table(Math.cos), sin: table(Math.sin), length: known }
    this.rows = made
    return made
  }
}

/** x [B, T, H, D] with its pairs i and i + D/2 turned. */
export function rotate(x: Tensor, { cos, sin }: Rotation): Tensor {
  const D = x.shape[x.ndim - 1]
  const [a, b] = [x.at('...', slice(0, D / 2)), x.at('...', slice(D / 2))]
  return concat([a.mul(cos).sub(b.mul(sin)), a.mul(sin).add(b.mul(cos))], -1)
}

/**
 * Rows of a projection [H·D, ...] to queries or keys whose pairs are neighbours (GPT-J, llama2.c, GGUF), in the order
 * that makes them i and i + D/2 in each of the H heads.
 */
export function fromInterleaved(x: Tensor, heads: number): Tensor {
  return regrouped(x, heads, (D) => [D / 2, 2])
}

/** The other way round. */
export function toInterleaved(x: Tensor, heads: number): Tensor {
  return regrouped(x, heads, (D) => [2, D / 2])
}

function regrouped(x: Tensor, heads: number, pairs: (D: number) => number[]): Tensor {
  const [rows, ...rest] = x.shape
  const D = rows / heads
  if (!Number.isInteger(D / 2)) throw new RangeError(`${heads} heads of ${show(x.shape)} have no pairs`)
  return tidy(() =>
    x
      .reshape([heads, ...pairs(D), ...rest])
      .transpose(1, 2)
      .reshape(x.shape),
  )
}
