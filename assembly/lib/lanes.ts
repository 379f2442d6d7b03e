// Lanes of a 128-bit vector of T (f32 or f64): arithmetic that the two builds share, and partial vectors.

export class Lanes {
  /** How many T one vector holds. */
  @inline static count<T>(): i32 {
    return 16 / sizeof<T>()
  }

  @inline static zero<T>(): v128 {
    return v128.splat<T>(<T>0)
  }

  /** a · b + c: fused where the module is built with relaxed SIMD, rounded twice in the strict build. */
  @inline static madd<T>(a: v128, b: v128, c: v128): v128 {
    if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<T>(a, b, c)
    return v128.add<T>(v128.mul<T>(a, b), c)
  }

  /** c − a · b, likewise. */
  @inline static nmadd<T>(a: v128, b: v128, c: v128): v128 {
    if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_nmadd<T>(a, b, c)
    return v128.sub<T>(c, v128.mul<T>(a, b))
  }

  /** The sum of all lanes, pairwise, in lane 0. */
  @inline static sum<T>(x: v128): v128 {
    if (sizeof<T>() == 8) return v128.add<T>(x, v128.shuffle<T>(x, x, 1, 0))
    const pairs = v128.add<T>(x, v128.shuffle<T>(x, x, 2, 3, 0, 1))
    return v128.add<T>(pairs, v128.shuffle<T>(pairs, pairs, 1, 0, 3, 2))
  }

  /** One T in lane 0, zeros elsewhere. */
  @inline static loadOne<T>(from: usize): v128 {
    return sizeof<T>() == 4 ? v128.load32_zero(from) : v128.load64_zero(from)
  }

  @inline static storeOne<T>(to: usize, x: v128): void {
    if (sizeof<T>() == 4) v128.store32_lane(to, x, 0)
    else v128.store64_lane(to, x, 0)
  }
}
