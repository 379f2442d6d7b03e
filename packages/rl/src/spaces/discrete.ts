// Discrete: the whole numbers start, …, start + n − 1.

import { knownOptions } from '../env/errors.ts'
import { whole } from '../env/numbers.ts'
import { onlyOne, type SampleMask, type SampleOptions, SeededSpace } from './space.ts'

/**
 * The whole numbers `start` to `start + n − 1`; elements are plain numbers. Gymnasium's `Discrete`.
 * @example
 * import { Discrete } from '@x/rl'
 * const space = new Discrete(3, { start: -1 })
 * space.contains(1) // true
 */
export class Discrete extends SeededSpace<number> {
  readonly n: number
  readonly start: number
  readonly shape: readonly number[] = []
  readonly dtype = 'int32'

  /** @throws RangeError unless n is a whole number ≥ 1 and start a whole number */
  constructor(n: number, options: { start?: number } = {}) {
    super()
    knownOptions('Discrete', options, ['start'])
    const { start = 0 } = options
    if (!Number.isSafeInteger(start)) throw new RangeError(`Discrete: start ${start} is not a whole number`)
    this.n = whole('Discrete: n', n)
    this.start = start
  }

  /**
   * @param mask n numbers: elements with 1 are equally likely, those with 0 are left out; `start` when all are 0
   * @throws RangeError for a mask or probabilities of another length, or probabilities that do not sum to 1
   */
  sample(mask?: SampleMask | null, options?: SampleOptions): number {
    onlyOne(mask, options)
    const generator = this.generator(options)
    if (options?.probability) {
      const p = this.checked(options.probability)
      return (
        this.start +
        generator.choice(
          Array.from(p, (_, i) => i),
          p,
        )
      )
    }
    if (!mask) return this.start + generator.integers(this.n)
    const allowed = Array.from(this.checked(mask)).flatMap((m, i) => (m === 1 ? [i] : []))
    return allowed.length === 0 ? this.start : this.start + generator.choice(allowed)
  }

  private checked(mask: SampleMask): ArrayLike<number> {
    const list = mask as ArrayLike<number>
    if (list.length !== this.n)
      throw new RangeError(`sample: ${list.length} values for the ${this.n} elements of ${this}`)
    return list
  }

  contains(x: unknown): x is number {
    return Number.isInteger(x) && (x as number) >= this.start && (x as number) < this.start + this.n
  }

  equals(other: unknown): boolean {
    return other instanceof Discrete && other.n === this.n && other.start === this.start
  }

  override toString(): string {
    return this.start === 0 ? `Discrete(${this.n})` : `Discrete(${this.n}, start=${this.start})`
  }
}
