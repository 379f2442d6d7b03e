// float16 by hand: engines have no instruction for it.

export class Half {
  /** What is left of a number's bits at their place in f32. V8 builds literals anew at each use. */
  @lazy static readonly WORDS: usize = memory.data<u32>([0x8fffe000], 4)
  /** The power of two by which exponents differ. */
  @lazy static readonly MORE: f32 = reinterpret<f32>(0x77800000)

  /** The nearest float16 as bits, halves to even, infinity beyond the range. */
  static bits(x: f32): u32 {
    const word = reinterpret<u32>(x)
    const sign = (word >> 16) & 0x8000
    const size = word & 0x7fffffff
    if (size >= 0x47800000) return sign | (size > 0x7f800000 ? 0x7e00 : 0x7c00)
    // Below 2⁻¹⁴ the step is 2⁻²⁴, which is that of f32 at ½.
    if (size < 0x38800000) return sign | (reinterpret<u32>(reinterpret<f32>(size) + 0.5) - 0x3f000000)
    return sign | ((size - 0x38000000 + 0xfff + ((size >> 13) & 1)) >> 13)
  }

  /** Four finite numbers over MORE, subnormal ones too. */
  @inline static small(from: usize): v128 {
    // The sign fills what is above the exponent, too: of that only its own bit stays.
    return v128.and(i32x4.shl(v128.load_ext<i16>(from), 13), v128.load32_splat(Half.WORDS))
  }

  /** One finite number. */
  @inline static one(from: usize): f32 {
    const bits = <u32>load<u16>(from)
    return reinterpret<f32>((bits & 0x7fff) << 13) * Half.MORE * (bits & 0x8000 ? <f32>-1 : <f32>1)
  }
}
