// PCG64 (XSL-RR 128/64), NumPy's default bit generator: M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient
// Statistically Good Algorithms for Random Number Generation", HMC-CS-2014-0905.
import { type Seed, seedWords } from './seedSequence.ts'

/** The multiplier 0x2360ed051fc65da44385df649fccf645 in 32-bit limbs, lowest first. */
const [M0, M1, M2, M3] = [0x9fccf645, 0x4385df64, 0x1fc65da4, 0x2360ed05]

/** Bits 32-63 of the product of two 32-bit numbers. */
export function high(a: number, b: number): number {
  const a0 = a & 0xffff
  const a1 = a >>> 16
  const b0 = b & 0xffff
  const b1 = b >>> 16
  // Every sum stays below 2³².
  const middle = (Math.imul(a1, b0) >>> 0) + (Math.imul(a0, b0) >>> 16)
  const cross = (Math.imul(a0, b1) >>> 0) + (middle & 0xffff)
  return ((Math.imul(a1, b1) >>> 0) + (middle >>> 16) + (cross >>> 16)) >>> 0
}

/** 128 bits of state and an odd increment of as many, in 32-bit limbs, lowest first. */
export class PCG64 {
  /** Limbs 0-3 are the state, 4-7 the increment, 8 a half word kept for `next32`, 9 whether there is one. */
  private readonly limbs: Uint32Array = new Uint32Array(10)
  /** The upper half of the last 64-bit word, whose lower half `next64` returned. */
  upper = 0

  /** @throws RangeError unless the seed is a whole number ≥ 0 */
  constructor(seed: Seed) {
    // NumPy takes 64-bit words, most significant first: state, then stream.
    const w = seedWords(seed, 8)
    const s = this.limbs
    s.set([(w[6] << 1) | 1, (w[7] << 1) | (w[6] >>> 31), (w[4] << 1) | (w[7] >>> 31), (w[5] << 1) | (w[4] >>> 31)], 4)
    this.step()
    add(s, [w[2], w[3], w[0], w[1]])
    this.step()
  }

  /** Draws 64 bits: returns the lower 32 and leaves the others in `upper`. */
  next64(): number {
    this.step()
    const s = this.limbs
    const low = s[0] ^ s[2]
    const top = s[1] ^ s[3]
    const turn = s[3] >>> 26
    const by = turn & 31
    const [a, b] = turn < 32 ? [low, top] : [top, low]
    if (by === 0) {
      this.upper = b >>> 0
      return a >>> 0
    }
    this.upper = ((b >>> by) | (a << (32 - by))) >>> 0
    return ((a >>> by) | (b << (32 - by))) >>> 0
  }

  /** Draws 32 bits: the lower half of a 64-bit word first, at the next call its upper half. */
  next32(): number {
    const s = this.limbs
    if (s[9] === 1) {
      s[9] = 0
      return s[8]
    }
    const low = this.next64()
    s[8] = this.upper
    s[9] = 1
    return low
  }

  /** Uniform in [0, 1) with 53 bits. */
  nextDouble(): number {
    const low = this.next64()
    return (this.upper * 2097152 + (low >>> 11)) / 9007199254740992
  }

  /** What `restore` takes to continue from here. */
  save(): number[] {
    return Array.from(this.limbs)
  }

  /** Continues where `save` was called. @throws RangeError */
  restore(saved: readonly number[]): void {
    if (saved.length !== this.limbs.length) throw new RangeError('restore: not the state of a PCG64')
    this.limbs.set(saved)
  }

  /** state ← state · multiplier + increment, modulo 2¹²⁸ */
  private step(): void {
    const s = this.limbs
    const a = s[0]
    const b = s[1]
    const c = s[2]
    const d = s[3]
    // Column sums stay below 2⁵³.
    let t = (Math.imul(a, M0) >>> 0) + s[4]
    s[0] = t
    t = high(a, M0) + (Math.imul(a, M1) >>> 0) + (Math.imul(b, M0) >>> 0) + s[5] + (t > 0xffffffff ? 1 : 0)
    s[1] = t
    t =
      high(a, M1) +
      high(b, M0) +
      (Math.imul(a, M2) >>> 0) +
      (Math.imul(b, M1) >>> 0) +
      (Math.imul(c, M0) >>> 0) +
      s[6] +
      Math.floor(t / 4294967296)
    s[2] = t
    s[3] =
      high(a, M2) +
      high(b, M1) +
      high(c, M0) +
      (Math.imul(a, M3) >>> 0) +
      (Math.imul(b, M2) >>> 0) +
      (Math.imul(c, M1) >>> 0) +
      (Math.imul(d, M0) >>> 0) +
      s[7] +
      Math.floor(t / 4294967296)
  }
}

/** a ← a + b over four limbs. */
function add(a: Uint32Array, b: readonly number[]): void {
  for (let i = 0, carry = 0; i < 4; i++) {
    const t = a[i] + b[i] + carry
    a[i] = t
    carry = t > 0xffffffff ? 1 : 0
  }
}
