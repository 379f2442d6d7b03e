// NumPy's Generator over PCG64: the same seed gives the same numbers as `numpy.random.default_rng(seed)`.
import { high, PCG64 } from './pcg64.ts'
import { freshSeed, type Seed } from './seedSequence.ts'
import { exponentialZiggurat, normalZiggurat } from './ziggurat.ts'

/**
 * Random numbers, bit for bit those of NumPy's `Generator(PCG64(seed))` (1.17 and later). Methods that NumPy gives a
 * `size` draw one number here, and have a twin with a plural name that draws `n`.
 * @example
 * import { NumpyGenerator } from '@x/rl'
 * new NumpyGenerator(0).random() // 0.6369616873214543, as numpy.random.default_rng(0).random()
 */
export class NumpyGenerator {
  private readonly bits: PCG64

  /** @param seed a whole number ≥ 0; without one, 128 bits from the system. @throws RangeError */
  constructor(seed: Seed = freshSeed()) {
    this.bits = new PCG64(seed)
  }

  /** Uniform in [0, 1), 53 bits. */
  random(): number {
    return this.bits.nextDouble()
  }

  /** Uniform in [low, high): low + (high − low) · random(). */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * this.bits.nextDouble()
  }

  /** `n` numbers uniform in [low, high). */
  uniforms(n: number, low = 0, high = 1): Float64Array {
    return Float64Array.from({ length: n }, () => this.uniform(low, high))
  }

  /**
   * A whole number in [low, high), or with one argument in [0, low). Lemire's method on 32 bits, on 64 where the range
   * needs them.
   * @throws RangeError for an empty range or one beyond ±(2⁵³ − 1)
   */
  integers(low: number, high?: number): number {
    const [from, to] = high === undefined ? [0, low] : [low, high]
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || to <= from) {
      throw new RangeError(`integers: [${from}, ${to}) holds no whole number`)
    }
    const count = to - from
    if (count === 1) return from
    if (count < 2 ** 32) return from + this.below(count)
    if (count === 2 ** 32) return from + this.bits.next32()
    return from + this.below64(BigInt(count))
  }

  /**
   * `n` whole numbers in [low, high). NumPy draws those of 8-bit dtypes from single bytes: `bytes` does the same.
   * @throws RangeError
   */
  integersMany(n: number, low: number, high: number, { bytes = false }: { bytes?: boolean } = {}): Int32Array {
    if (!bytes) return Int32Array.from({ length: n }, () => this.integers(low, high))
    const count = high - low
    if (!(count >= 1 && count < 256)) throw new RangeError(`integersMany: [${low}, ${high}) has more than 255 numbers`)
    let word = 0
    let left = 0
    const next = (): number => {
      if (left === 0) [word, left] = [this.bits.next32(), 4]
      const byte = word & 0xff
      word >>>= 8
      left--
      return byte
    }
    const threshold = (256 - count) % count
    return Int32Array.from({ length: n }, () => {
      if (count === 1) return low
      let m = next() * count
      while ((m & 0xff) < threshold) m = next() * count
      return low + (m >>> 8)
    })
  }

  /** One of `options`, all equally likely, or with probabilities `p` (summing to 1). @throws RangeError */
  choice<T>(options: ArrayLike<T>, p?: ArrayLike<number>): T {
    if (p === undefined) return options[this.integers(options.length)]
    if (p.length !== options.length)
      throw new RangeError(`choice: ${p.length} probabilities, ${options.length} options`)
    const cdf = new Float64Array(p.length)
    let sum = 0
    for (let i = 0; i < cdf.length; i++) {
      if (!(p[i] >= 0)) throw new RangeError(`choice: ${p[i]} is not a probability`)
      sum += p[i]
      cdf[i] = sum
    }
    if (!(Math.abs(sum - 1) <= 1e-8)) throw new RangeError(`choice: the probabilities sum to ${sum}, not 1`)
    const u = this.random()
    let at = 0
    while (at < cdf.length - 1 && cdf[at] / sum <= u) at++
    return options[at]
  }

  /** Normal with the given mean and standard deviation: the ziggurat method. */
  normal(mean = 0, std = 1): number {
    return mean + std * this.standardNormal()
  }

  /** `n` normal numbers. */
  normals(n: number, mean = 0, std = 1): Float64Array {
    return Float64Array.from({ length: n }, () => this.normal(mean, std))
  }

  /** Exponential with the given mean. */
  exponential(mean = 1): number {
    return mean * this.standardExponential()
  }

  /** An array of 0 … n − 1 in random order. */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i)
    this.shuffle(order)
    return order
  }

  /** Puts the elements into random order, in place. */
  shuffle<T>(array: { length: number; [index: number]: T }): void {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.interval(i)
      const t = array[i]
      array[i] = array[j]
      array[j] = t
    }
  }

  /** What `restore` takes to continue from here. */
  save(): number[] {
    return this.bits.save()
  }

  /** Continues where `save` was called. @throws RangeError */
  restore(saved: readonly number[]): void {
    this.bits.restore(saved)
  }

  private standardNormal(): number {
    const { scale, inside, density, tail } = normalZiggurat()
    for (;;) {
      const low = this.bits.next64()
      const top = this.bits.upper
      const strip = low & 0xff
      // Bit 8 is the sign, 9 to 60 the magnitude.
      const magnitude = (top & 0x1fffffff) * 2 ** 23 + (low >>> 9)
      const x = magnitude * scale[strip] * (low & 0x100 ? -1 : 1)
      if (magnitude < inside[strip]) return x
      if (strip === 0) {
        for (;;) {
          const xx = -(1 / tail) * Math.log1p(-this.random())
          const yy = -Math.log1p(-this.random())
          if (yy + yy > xx * xx) return low & 0x20000 ? -(tail + xx) : tail + xx
        }
      }
      if ((density[strip - 1] - density[strip]) * this.random() + density[strip] < Math.exp(-0.5 * x * x)) return x
    }
  }

  private standardExponential(): number {
    const { scale, inside, density, tail } = exponentialZiggurat()
    for (;;) {
      const low = this.bits.next64()
      const strip = (low >>> 3) & 0xff
      const magnitude = this.bits.upper * 2 ** 21 + (low >>> 11)
      const x = magnitude * scale[strip]
      if (magnitude < inside[strip]) return x
      if (strip === 0) return tail - Math.log1p(-this.random())
      if ((density[strip - 1] - density[strip]) * this.random() + density[strip] < Math.exp(-x)) return x
    }
  }

  /** Lemire, "Fast Random Integer Generation in an Interval", 2019: [0, count) from 32-bit words. */
  private below(count: number): number {
    const threshold = (2 ** 32 - count) % count
    for (;;) {
      const word = this.bits.next32()
      if (Math.imul(word, count) >>> 0 >= threshold) return high(word, count)
    }
  }

  private below64(count: bigint): number {
    const threshold = ((1n << 64n) - count) % count
    for (;;) {
      const low = this.bits.next64()
      const product = ((BigInt(this.bits.upper) << 32n) | BigInt(low)) * count
      if ((product & 0xffffffffffffffffn) >= threshold) return Number(product >> 64n)
    }
  }

  /** [0, most] as NumPy's shuffle draws it: masked words, rejected while they are too large. */
  private interval(most: number): number {
    const mask = 2 ** (32 - Math.clz32(most)) - 1
    for (;;) {
      const value = (this.bits.next32() & mask) >>> 0
      if (value <= most) return value
    }
  }
}

/** A generator with the seed, and the seed itself: `gymnasium.utils.seeding.np_random`. @throws RangeError */
export function npRandom(seed: Seed = freshSeed()): [generator: NumpyGenerator, seed: Seed] {
  return [new NumpyGenerator(seed), seed]
}
