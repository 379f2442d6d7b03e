// Box: vectors within bounds, some of which may be infinite.

import { sizeOf } from '@x/tensor/op'
import { knownOptions } from '../env/errors.ts'
import {
  arrayOf,
  numbersOf,
  type SampleMask,
  type SampleOptions,
  SeededSpace,
  type SpaceArrays,
  type SpaceDType,
} from './space.ts'

export interface BoxOptions<D extends SpaceDType = SpaceDType> {
  /** Default: that of the bounds, [length]; [1] when both are numbers. */
  shape?: readonly number[]
  /** Which typed arrays the elements are. Default float32 */
  dtype?: D
}

/**
 * Arrays with a lower and an upper bound for every number, each of which may be infinite. Elements are flat typed arrays
 * in row-major order. Gymnasium's `Box`.
 * @example
 * import { Box } from '@x/rl'
 * const torque = new Box(-2, 2, { shape: [1] })
 * torque.contains(new Float32Array([0.5])) // true
 */
export class Box<D extends SpaceDType = 'float32'> extends SeededSpace<SpaceArrays[D]> {
  readonly shape: readonly number[]
  readonly dtype: NoInfer<D>
  readonly low: SpaceArrays[D]
  readonly high: SpaceArrays[D]
  readonly size: number

  /**
   * @param low one number for all, or one per number of an element (row-major); rounded to the dtype
   * @throws RangeError for bounds that do not fit the shape or each other
   */
  constructor(low: number | ArrayLike<number>, high: number | ArrayLike<number>, options: BoxOptions<D> = {}) {
    super()
    knownOptions('Box', options, ['shape', 'dtype'])
    const given = [low, high].find((bound) => typeof bound !== 'number') as ArrayLike<number> | undefined
    this.shape = options.shape ?? [given?.length ?? 1]
    this.dtype = options.dtype ?? ('float32' as D)
    this.size = sizeOf(this.shape)
    if (!this.shape.every((d) => Number.isSafeInteger(d) && d >= 0)) throw new RangeError(`Box: shape [${this.shape}]`)
    this.low = this.bound('low', low)
    this.high = this.bound('high', high)
    const wrong = this.low.findIndex((l, i) => !(l <= this.high[i]))
    if (wrong >= 0) throw new RangeError(`Box: low ${this.low[wrong]} is not ≤ high ${this.high[wrong]} at ${wrong}`)
  }

  private bound(name: string, bound: number | ArrayLike<number>): SpaceArrays[D] {
    if (typeof bound !== 'number' && bound.length !== this.size) {
      throw new RangeError(`Box: ${bound.length} values of ${name} for shape [${this.shape}]`)
    }
    return arrayOf(this.dtype, this.size).map((_, i) =>
      typeof bound === 'number' ? bound : bound[i],
    ) as SpaceArrays[D]
  }

  private get isFloat(): boolean {
    return this.dtype === 'float32' || this.dtype === 'float64'
  }

  /** Whether bounds are finite: below, above, or both. */
  isBounded(manner: 'below' | 'above' | 'both' = 'both'): boolean {
    const finite = (bounds: SpaceArrays[D]): boolean => bounds.every((b) => Number.isFinite(b))
    return (manner === 'above' || finite(this.low)) && (manner === 'below' || finite(this.high))
  }

  /**
   * Uniform between finite bounds, exponential from a single one, normal without any; takes no mask.
   * @throws RangeError for a mask or probabilities
   */
  sample(mask?: SampleMask | null, options?: SampleOptions): SpaceArrays[D] {
    if (mask || options?.probability) throw new RangeError('sample: a Box takes neither a mask nor probabilities')
    const generator = this.generator(options)
    const values = new Float64Array(this.size)
    const isBelow = (i: number): boolean => Number.isFinite(this.low[i])
    const isAbove = (i: number): boolean => Number.isFinite(this.high[i])
    const step = this.isFloat ? 0 : 1
    // NumPy draws the four kinds one after the other.
    const fill = (below: boolean, above: boolean, draw: (i: number) => number): void => {
      for (let i = 0; i < values.length; i++) if (isBelow(i) === below && isAbove(i) === above) values[i] = draw(i)
    }
    fill(false, false, () => generator.normal())
    fill(true, false, (i) => generator.exponential() + this.low[i])
    fill(false, true, (i) => -generator.exponential() + this.high[i] + step)
    fill(true, true, (i) => generator.uniform(this.low[i], this.high[i] + step))
    return arrayOf(this.dtype, this.size).map((_, i) => (step ? Math.floor(values[i]) : values[i])) as SpaceArrays[D]
  }

  contains(x: unknown): x is SpaceArrays[D] {
    const values = numbersOf(x, this.dtype, this.shape, this.size)
    if (!values) return false
    for (let i = 0; i < values.length; i++) {
      if (!(values[i] >= this.low[i] && values[i] <= this.high[i])) return false
      if (!this.isFloat && !Number.isInteger(values[i])) return false
    }
    return true
  }

  equals(other: unknown): boolean {
    return (
      other instanceof Box &&
      other.dtype === this.dtype &&
      String(other.shape) === String(this.shape) &&
      String(other.low) === String(this.low) &&
      String(other.high) === String(this.high)
    )
  }

  override toString(): string {
    const shown = (bounds: SpaceArrays[D]): string => {
      const all = bounds.length > 0 && bounds.every((b) => b === bounds[0])
      return all ? String(bounds[0]) : `[${Array.from(bounds).join(', ')}]`
    }
    return `Box(${shown(this.low)}, ${shown(this.high)}, [${this.shape.join(', ')}], ${this.dtype})`
  }
}
