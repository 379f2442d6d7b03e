// What classic control is written with: the numbers of a pair of environments, in the two lanes of a vector of f64.

import { Words } from '../words'

export class Pair {
  /** Number `index` of c in both lanes. */
  @inline static at(c: usize, index: usize): v128 {
    return v128.load_splat<f64>(c + (index << 3))
  }

  /** x cut to [low, high]. */
  @inline static clip(x: v128, low: v128, high: v128): v128 {
    return f64x2.pmax(f64x2.pmin(x, high), low)
  }

  /** All ones where |x| > limit. */
  @inline static outside(x: v128, limit: v128): v128 {
    return f64x2.gt(f64x2.abs(x), limit)
  }

  /** Two i32 actions as f64. */
  @inline static discrete(actions: usize, i: i32): v128 {
    return f64x2.convert_low_i32x4_s(v128.load64_zero(actions + ((<usize>i) << 2)))
  }

  /** Two f32 actions as f64. */
  @inline static continuous(actions: usize, i: i32): v128 {
    return f64x2.promote_low_f32x4(v128.load64_zero(actions + ((<usize>i) << 2)))
  }

  /** Of a, b, c, d (two environments each) four f32 numbers for each environment. */
  @inline static rows4(to: usize, a: v128, b: v128, c: v128, d: v128): void {
    const ab = v128.shuffle<f32>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 4, 1, 5)
    const cd = v128.shuffle<f32>(f32x4.demote_f64x2_zero(c), f32x4.demote_f64x2_zero(d), 0, 4, 1, 5)
    v128.store(to, v128.shuffle<f64>(ab, cd, 0, 2))
    v128.store(to, v128.shuffle<f64>(ab, cd, 1, 3), 16)
  }

  /** The word of a lane as a number in [low, high). */
  @inline static uniform(words: v128, lane: i32, low: f64, high: f64): f64 {
    const word =
      lane == 0
        ? i32x4.extract_lane(words, 0)
        : lane == 1
          ? i32x4.extract_lane(words, 1)
          : lane == 2
            ? i32x4.extract_lane(words, 2)
            : i32x4.extract_lane(words, 3)
    return Words.uniform(<u32>word, low, high)
  }
}
