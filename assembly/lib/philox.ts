// Random words by counter: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011). The state
// is four u32: key0, key1, counter low, counter high; word j of the stream is lane j % 4 of the block counter + j / 4.

import { Table } from './constants'
import { Part } from './part'

/** What becomes of eight words, element `i` on: they are turned into results and handed to Philox.put. */
export interface Draw {
  take(first: v128, second: v128, kind: i32, a: v128, b: v128, y: usize, i: i32, begin: i32, end: i32): void
}

export class Philox {
  /** Draws the words of elements [begin, end) for Op; eight words make `count` elements; a and b are its parameters. */
  @inline static map<Op extends Draw>(
    kind: i32,
    count: i32,
    state: usize,
    y: usize,
    a: v128,
    b: v128,
    begin: i32,
    end: i32,
  ): void {
    const op = changetype<Op>(0)
    const multiplier = i64x2.splat(0xcd9e8d57d2511f53)
    const weyl = i64x2.splat(0xbb67ae859e3779b9)
    // four blocks at a time, two in the lanes of a vector: words 0 and 2 in E and G, words 1 and 3 in O and P
    for (let i = begin & ~(2 * count - 1); i < end; i += 2 * count) {
      const block = load<u64>(state, 8) + 2 * <u64>(i / count)
      let E = Philox.words(block & 0xffffffff, (block + 1) & 0xffffffff)
      let O = Philox.words(block >> 32, (block + 1) >> 32)
      let G = Philox.words((block + 2) & 0xffffffff, (block + 3) & 0xffffffff)
      let P = Philox.words((block + 2) >> 32, (block + 3) >> 32)
      let key = v128.load64_splat(state)
      for (let round = 0; round < 10; round++) {
        const e = i64x2.extmul_low_i32x4_u(E, multiplier)
        const f = i64x2.extmul_high_i32x4_u(E, multiplier)
        const g = i64x2.extmul_low_i32x4_u(G, multiplier)
        const h = i64x2.extmul_high_i32x4_u(G, multiplier)
        E = v128.xor(v128.xor(v128.shuffle<i32>(e, f, 3, 1, 7, 5), O), key)
        O = v128.shuffle<i32>(e, f, 2, 0, 6, 4)
        G = v128.xor(v128.xor(v128.shuffle<i32>(g, h, 3, 1, 7, 5), P), key)
        P = v128.shuffle<i32>(g, h, 2, 0, 6, 4)
        key = i32x4.add(key, weyl)
      }
      for (let half = i; half <= i + count; half += count) {
        const first = v128.shuffle<i32>(E, O, 0, 4, 1, 5)
        const second = v128.shuffle<i32>(E, O, 2, 6, 3, 7)
        op.take(first, second, kind, a, b, y, half, begin, end)
        E = G
        O = P
      }
    }
  }

  @inline static words(low: u64, high: u64): v128 {
    return i64x2.replace_lane(i64x2.splat(low), 1, high)
  }

  /**
   * Stores what eight words gave from element i on, elements of `size` bytes, as far as it lies within [begin, end): two
   * vectors, but for bytes the first four of each.
   */
  @inline static put(size: i32, first: v128, second: v128, y: usize, i: i32, begin: i32, end: i32): void {
    const bytes = size == 1 ? 4 : 16
    const at = i * size
    if (i >= begin && at + 2 * bytes <= end * size) {
      if (size == 1) {
        v128.store32_lane(y + at, first, 0)
        v128.store32_lane(y + at, second, 0, 4)
      } else {
        v128.store(y + at, first)
        v128.store(y + at, second, 16)
      }
    } else {
      Philox.edge(y, first, at, bytes, begin * size, end * size)
      Philox.edge(y, second, at + bytes, bytes, begin * size, end * size)
    }
  }

  /** Stores of the first `bytes` bytes of v, which belong to offset `at` of y, those within [begin, end). */
  static edge(y: usize, v: v128, at: i32, bytes: i32, begin: i32, end: i32): void {
    const skip = max(begin - at, 0)
    const count = min(bytes, end - at) - skip
    if (count <= 0) return
    Part.store(y + at + skip, i8x16.swizzle(v, i8x16.add(v128.load(Table.COUNT), i8x16.splat(<i8>skip))), count)
  }

  /** Words as f32 in [0, 1), 24 bits each. */
  @inline static unit32(words: v128): v128 {
    return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(words, 8)), f32x4.splat(5.9604644775390625e-8))
  }

  /** Pairs of words as whole numbers below 2⁵³ in f64: 27 bits of the first, 26 of the second. */
  @inline static pairs64(words: v128): v128 {
    const bias = f64x2.splat(4503599627370496)
    const high = f64x2.sub(v128.or(i64x2.shr_u(i64x2.shl(words, 32), 37), bias), bias)
    const low = f64x2.sub(v128.or(i64x2.shr_u(words, 38), bias), bias)
    return f64x2.add(f64x2.mul(high, f64x2.splat(67108864)), low)
  }

  /** In the first four bytes: `one` where a word's 24 bits lie below the threshold, else 0. */
  @inline static below(words: v128, threshold: v128, one: v128): v128 {
    const v = v128.and(i32x4.lt_s(i32x4.shr_u(words, 8), threshold), one)
    return v128.shuffle<i8>(v, v, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12)
  }

  /** The smallest 24-bit word that a probability p leaves out: word24 / 2²⁴ < p exactly where word24 < threshold. */
  @inline static threshold(p: f64): v128 {
    return i32x4.splat(<i32>ceil(p * 16777216))
  }
}
