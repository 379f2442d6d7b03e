// MultiDiscrete and MultiBinary: several choices at once.
import { sizeOf } from '@x/tensor/op'
import { knownOptions } from '../env/errors.ts'
import type { NumpyGenerator } from '../random/generator.ts'
import { numbersOf, onlyOne, type SampleMask, type SampleOptions, SeededSpace } from './space.ts'

function checkLength(space: unknown, list: { length: number }, want: number): void {
  if (list.length !== want) throw new RangeError(`sample: ${list.length} values for the ${want} choices of ${space}`)
}

/**
 * Several `Discrete` choices: element i is one of start[i], …, start[i] + n[i] − 1. Gymnasium's `MultiDiscrete`.
 * @example
 * import { MultiDiscrete } from '@x/rl'
 * new MultiDiscrete([2, 3]).contains([1, 2]) // true
 */
export class MultiDiscrete extends SeededSpace<Int32Array> {
  /** How many values each choice has. */
  readonly nvec: Int32Array
  readonly start: Int32Array
  readonly shape: readonly number[]
  readonly dtype = 'int32'

  /**
   * @param options.start first value of each choice. Default zeros
   * @param options.shape Default [nvec.length]
   * @throws RangeError unless every n is a whole number ≥ 1
   */
  constructor(nvec: ArrayLike<number>, options: { start?: ArrayLike<number>; shape?: readonly number[] } = {}) {
    super()
    knownOptions('MultiDiscrete', options, ['start', 'shape'])
    const { start = new Int32Array(nvec.length), shape = [nvec.length] } = options
    const bad = Array.from(nvec).find((n) => !Number.isInteger(n) || n < 1 || n >= 2 ** 31)
    if (bad !== undefined) throw new RangeError(`MultiDiscrete: ${bad} is not a number of values ≥ 1`)
    if (start.length !== nvec.length || sizeOf(shape) !== nvec.length) {
      throw new RangeError(`MultiDiscrete: ${nvec.length} counts, ${start.length} starts, shape [${shape}]`)
    }
    this.nvec = Int32Array.from(nvec)
    this.start = Int32Array.from(start)
    this.shape = shape
  }

  /**
   * @param mask a mask as `Discrete` takes it for every choice, null for none
   * @throws RangeError for masks of another length
   */
  sample(mask?: SampleMask | null, options?: SampleOptions): Int32Array {
    onlyOne(mask, options)
    const generator = this.generator(options)
    const { nvec, start } = this
    const given = (mask ?? options?.probability) as readonly (ArrayLike<number> | null)[] | undefined
    if (!given) return nvec.map((n, i) => start[i] + Math.floor(generator.random() * n))
    checkLength(this, given, nvec.length)
    return nvec.map((n, i) => {
      const list = given[i]
      if (!list) return start[i] + generator.integers(n)
      checkLength(this, list, n)
      const all = Array.from(list, (_, k) => k)
      if (options?.probability) return start[i] + generator.choice(all, list)
      const allowed = all.filter((k) => list[k] === 1)
      return allowed.length === 0 ? start[i] : start[i] + generator.choice(allowed)
    })
  }

  contains(x: unknown): x is Int32Array {
    const values = numbersOf(x, 'int32', this.shape, this.nvec.length)
    if (!values) return false
    return this.nvec.every((n, i) => {
      const v = values[i] - this.start[i]
      return Number.isInteger(v) && v >= 0 && v < n
    })
  }

  equals(other: unknown): boolean {
    return (
      other instanceof MultiDiscrete && String(other) === String(this) && String(other.shape) === String(this.shape)
    )
  }

  override toString(): string {
    const start = this.start.some((s) => s !== 0) ? `, start=[${this.start.join(', ')}]` : ''
    return `MultiDiscrete([${this.nvec.join(', ')}]${start})`
  }
}

/**
 * Arrays of zeros and ones, as Uint8Array. Gymnasium's `MultiBinary`, whose dtype is int8.
 * @example
 * import { MultiBinary } from '@x/rl'
 * new MultiBinary(3).contains([0, 1, 1]) // true
 */
export class MultiBinary extends SeededSpace<Uint8Array> {
  readonly shape: readonly number[]
  readonly n: number
  readonly dtype = 'uint8'

  /** @param n how many, or a shape. @throws RangeError */
  constructor(n: number | readonly number[]) {
    super()
    this.shape = typeof n === 'number' ? [n] : n
    this.n = sizeOf(this.shape)
    if (!this.shape.every((d) => Number.isInteger(d) && d >= 1))
      throw new RangeError(`MultiBinary: shape [${this.shape}]`)
  }

  /**
   * @param mask per number 0 or 1 to fix it, 2 to draw it
   * @throws RangeError for a mask of another length; probabilities are those of a 1
   */
  sample(mask?: SampleMask | null, options?: SampleOptions): Uint8Array {
    onlyOne(mask, options)
    const generator = this.generator(options)
    const given = (mask ?? options?.probability) as ArrayLike<number> | undefined
    if (given) checkLength(this, given, this.n)
    if (given && !mask) return Uint8Array.from(given, (p) => Number(generator.random() < p))
    const drawn = this.bits(generator)
    return mask
      ? drawn.map((bit, i) => ((given as ArrayLike<number>)[i] === 2 ? bit : (given as ArrayLike<number>)[i]))
      : drawn
  }

  private bits(generator: NumpyGenerator): Uint8Array {
    return Uint8Array.from(generator.integersMany(this.n, 0, 2, { bytes: true }))
  }

  contains(x: unknown): x is Uint8Array {
    const values = numbersOf(x, 'uint8', this.shape, this.n)
    return values !== null && Array.from(values).every((v) => v === 0 || v === 1)
  }

  equals(other: unknown): boolean {
    return other instanceof MultiBinary && String(other.shape) === String(this.shape)
  }

  override toString(): string {
    return `MultiBinary(${this.shape.length === 1 ? this.n : `[${this.shape.join(', ')}]`})`
  }
}
