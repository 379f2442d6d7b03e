// Every number that the kernels keep in memory, one table per formula: V8 builds a v128 literal anew at each use, while
// `load_splat` from a table is free. Coefficients are minimax fits (Remez, Lawson) rounded one after the other, the lowest
// first, each time refitting the rest. A table reaches a module only when something in it is used.

import { Address } from './address'
import { Lanes } from './lanes'

/** Element `index` of a table of T in every lane. */
export class Table {
  @inline static at<T>(table: usize, index: i32): v128 {
    return v128.load_splat<T>(Address.of<T>(table, index))
  }

  /** One step of Horner's rule: p · x + table[index]. */
  @inline static step<T>(p: v128, x: v128, table: usize, index: i32): v128 {
    return Lanes.madd<T>(p, x, Table.at<T>(table, index))
  }

  /** A vector of zeros: shorter than a literal. */
  @inline static zero(): v128 {
    return v128.load(Table.ZEROS)
  }

  /** 64 bytes of zeros: what a broadcast operand reads, see lib/pair. */
  @lazy static readonly ZEROS: usize = memory.data<u64>([0, 0, 0, 0, 0, 0, 0, 0], 16)

  /** 64 bytes of ones in f32 and in f64. */
  @lazy static readonly ONES32: usize = memory.data<f32>([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 16)
  @lazy static readonly ONES64: usize = memory.data<f64>([1, 1, 1, 1, 1, 1, 1, 1], 16)

  /** 0, 1, 2, … 15 in bytes. */
  @lazy static readonly COUNT: usize = memory.data<u8>([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], 16)

  /** Bit masks of f32: magnitude, sign, a sign's opposite lanes, leading 12 bits of the significand, significand. */
  @lazy static readonly BITS32: usize = memory.data<u32>([0x7fffffff, 0x80000000, 0xfffff000, 0x007fffff], 4)
  /** Bit masks of f64: magnitude, sign, leading 26 bits of the significand, significand. */
  @lazy static readonly BITS64: usize = memory.data<u64>(
    [0x7fffffffffffffff, 0x8000000000000000, 0xfffffffff8000000, 0x000fffffffffffff],
    8,
  )

  /**
   * exp in f32: 0 log2(e), 1 the number that rounds to an integer and leaves it, plus 127, in the low bits, 2 the same plus
   * 254, 3 and 4 −ln 2 in two parts, 5.. (e^r − 1) / r on |r| ≤ ln 2 / 2, highest power first, 11 and 12 the range of the
   * general form, 13 of the short form, 14 the lowest argument of the form for x ≤ 0.
   */
  @lazy static readonly EXP32: usize = memory.data<f32>(
    [
      1.4426950408889634, 12583039, 12583166, -0.693145751953125, -1.428606765330187e-6, 0.0013820079620927572,
      0.008368683978915215, 0.04166827350854874, 0.1666652113199234, 0.4999999403953552, 1, 89, -104, 64, -88,
    ],
    4,
  )

  /** 0 the lowest argument of expm1 in f32, 1 the rounding number plus 126, 2 below which expm1 x is x; 3-5 exp2: range, ln 2. */
  @lazy static readonly EXPM1_32: usize = memory.data<f32>(
    [-30, 12583038, 2.9802322387695312e-8, 129, -151, 0.6931471805599453],
    4,
  )

  /** A shorter (e^r − 1) / r for rows of exponentials that are added up, 0.8 ulp by itself, highest power first. */
  @lazy static readonly ROW32: usize = memory.data<f32>(
    [0.008289217948913574, 0.041898176074028015, 0.16667653620243073, 0.4999914765357971, 0.9999997019767761],
    4,
  )

  /**
   * tanh in f32: 0 2 log2(e), 1 −ln 2 / 2, 2.. (e^2s − 1) / s on |s| ≤ ln 2 / 4, with a smaller relative error near 0,
   * highest power first; 7 2 once more, 8 1, 9 the lowest argument.
   */
  @lazy static readonly TANH32: usize = memory.data<f32>(
    [
      2.8853900817779268, -0.34657359027997264, 0.08877244591712952, 0.26772069931030273, 0.6666789650917053,
      1.3333237171173096, 1.9999998807907104, 2, 1, -44,
    ],
    4,
  )

  /** log in f32: log(1 + f) = f − f²/2 + f³ p(f) on [√½ − 1, √2 − 1]; 8 and 9 ln 2 in two parts, 10 ½, 11 1, 12 2²³, 13 23, 14 2⁻¹²⁶. */
  @lazy static readonly LOG32: usize = memory.data<f32>(
    [
      -0.07636385411024094, 0.12764166295528412, -0.131605327129364, 0.142013818025589, -0.16623300313949585,
      0.2000124603509903, -0.250008225440979, 0.3333333134651184, 0.693145751953125, 1.428606765330187e-6, 0.5, 1,
      8388608, 23, 1.1754943508222875e-38,
    ],
    4,
  )
  /** The bits of √½ in f32, and infinities. */
  @lazy static readonly LOG32_BITS: usize = memory.data<u32>([0x3f3504f3, 0x7f800000, 0xff800000], 4)

  /**
   * The upper tail of the normal distribution in f32: Q(a) = e^(−a²/2) p(a) / q(a), 0.. p and 5.. q less a⁵, highest power
   * first; 10 −log2(e) / 2, 11 and 12 2 ln 2 in two parts, 13 the largest a, 14 1, 15 √2, 16.. c(s²) = s coth(s / 4) on
   * |s| ≤ ln 2, highest power first.
   */
  @lazy static readonly TAIL32: usize = memory.data<f32>(
    [
      0.39894795417785645, 3.9695141315460205, 17.999122619628906, 43.24796676635742, 49.617919921875,
      9.950824737548828, 46.10082244873047, 118.56929016113281, 165.67469787597656, 99.23583984375, -0.7213475204444817,
      1.38629150390625, 2.857213530660374e-6, 13.25, 1, 1.4142135623730951, -0.0003457496641203761, 0.0833330899477005,
      4,
    ],
    4,
  )

  /** erf in f32 on |x| < 0.9: x + x p(x²), highest power first; 7 the end of the range. */
  @lazy static readonly ERF32: usize = memory.data<f32>(
    [
      7.943100354168564e-5, -0.0008039752719923854, 0.005191753152757883, -0.026855560019612312, 0.11283624172210693,
      -0.3761262893676758, 0.12837916612625122, 0.9,
    ],
    4,
  )

  /** 1 / (1 + e^−x) in f32: 0 −log2(e), 1 and 2 the range of x, 3.. c(r²) = r coth(r / 2) on |r| ≤ ln 2 / 2, highest power first. */
  @lazy static readonly LOGISTIC32: usize = memory.data<f32>(
    [-1.4426950408889634, 87.5, -88.8, -0.002765997312963009, 0.166666179895401, 2],
    4,
  )

  /** The two factors of the tanh form of gelu: 2√(2/π), and the same times 0.044715. */
  @lazy static readonly GELU32: usize = memory.data<f32>([1.5957691216057308, 0.07135481282556485], 4)
  @lazy static readonly GELU64: usize = memory.data<f64>([1.5957691216057308, 0.07135481627260025], 8)

  /** sin and cos of one turn's parts in f32: 2π, then sin r = r + r³ s(r²), cos r = 1 − r²/2 + r⁴ c(r²); 7 ½, 8 1. */
  @lazy static readonly TURN32: usize = memory.data<f32>(
    [
      6.283185307179586, -0.000195179003640078, 0.008332187309861183, -0.16666655242443085, 2.4432327336398885e-5,
      -0.0013887309469282627, 0.04166664555668831, 0.5, 1,
    ],
    4,
  )

  /**
   * exp in f64: 0 log2(e), 1 the rounding number plus 2046, 2 and 3 −ln 2 in two parts, 4.. q of e^r − 1 = r + r² q(r),
   * highest power first, 15 and 16 the range of exp, 17 the lowest argument of expm1, 18 2⁻⁵⁴, 19 ½, 20 −2, 21 1, 22 2,
   * 23 the rounding number of expm1.
   */
  @lazy static readonly EXP64: usize = memory.data<f64>(
    [
      1.4426950408889634, 6755399441057790, -0.6931471803691238, -1.9082149292705877e-10, 2.092167329526121e-9,
      2.5105313229844246e-8, 2.7557252661812587e-7, 2.755725516862722e-6, 2.4801587347602177e-5, 0.0001984126987500352,
      0.0013888888888874285, 0.008333333333326082, 0.041666666666666685, 0.1666666666666667, 0.5, 710, -746, -40,
      5.551115123125783e-17, 0.5, -2, 1, 2, 6755399441056766,
    ],
    8,
  )

  /**
   * log in f64: with s = f / (2 + f), log(1 + f) = 2 atanh s = 2s + s³ r(s²), highest power first; 7 and 8 ln 2 in two
   * parts, 9 ½, 10 1, 11 2⁵⁴, 12 54, 13 2⁻¹⁰²², 14 2⁵² + 1023, 15 2, 16 2⁵².
   */
  @lazy static readonly LOG64: usize = memory.data<f64>(
    [
      0.1479861527582687, 0.15313801913436237, 0.1818357331817389, 0.22222198414841604, 0.2857142874377962,
      0.3999999999940914, 0.6666666666666735, 0.6931471803691238, 1.9082149292705877e-10, 0.5, 1, 18014398509481984, 54,
      2.2250738585072014e-308, 4503599627371519, 2, 4503599627370496,
    ],
    8,
  )
  /** The bits of √½ in f64, of 1 less them, and infinities. */
  @lazy static readonly LOG64_BITS: usize = memory.data<u64>(
    [0x3fe6a09e667f3bcd, 0x00095f619980c433, 0x7ff0000000000000, 0xfff0000000000000],
    8,
  )

  /**
   * pow of f32 in f64: 0.. log₂((1 + s)/(1 − s)) = s p(s²), highest power first; 5.. 2^r = 1 + r q(r) on |r| ≤ ½; 11 and 12 the
   * range of the power of two, 13 the number that rounds to an integer and leaves it, plus 1023, in the low bits, 14 2,
   * 15 2¹⁰²³, 16 log₁₀ 2, 17 ln 2.
   */
  @lazy static readonly POW64: usize = memory.data<f64>(
    [
      0.3407120415619086, 0.41167376623771057, 0.5770835660048659, 0.9617966734515485, 2.885390081789987,
      0.0001545316294512069, 0.0013390863364671234, 0.009618082557277852, 0.05550357114219078, 0.24022650760568126,
      0.6931471880262288, -200, 200, 6755399441056767, 2, 8.98846567431158e307, 0.3010299956639812, 0.6931471805599453,
    ],
    8,
  )

  /**
   * sin and cos in f64: 0 2/π, 1 the rounding number, 2-4 −π/2 in three parts, 5 the largest |x| they serve,
   * 6.. sin r = r + r³ s(r²), 12.. cos r = 1 − r²/2 + r⁴ c(r²), highest power first, 18 ½, 19 1, 20 π/2, 21 2π,
   * 22 the second and third part of −π/2 in one.
   */
  @lazy static readonly TRIG64: usize = memory.data<f64>(
    [
      0.6366197723675814, 6755399441055744, -1.5707963267341256, -6.077100506303966e-11, -2.0222662487959506e-21,
      1647099, 1.5895433021146656e-10, -2.5050734385385583e-8, 2.755731353849688e-6, -0.00019841269829358503,
      0.00833333333332184, -0.1666666666666663, -1.1358617086276742e-11, 2.0875703140674927e-9, -2.755731420308436e-7,
      2.4801587288965237e-5, -0.0013888888888873307, 0.041666666666666595, 0.5, 1, 1.5707963267948966,
      6.283185307179586, -6.077100506506192e-11,
    ],
    8,
  )
  /** 2/π to 1216 bits after 64 zeros, for arguments that the three parts of π/2 do not serve. */
  @lazy static readonly TWO_OVER_PI: usize = memory.data<u64>(
    [
      0, 0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561, 0xb7246e3a424dd2e0,
      0x06492eea09d1921c, 0xfe1deb1cb129a73e, 0xe88235f52ebb4484, 0xe99c7026b45f7e41, 0x3991d639835339f4,
      0x9c845f8bbdf9283b, 0x1ff897ffde05980f, 0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d,
      0x7527bac7ebe5f17b, 0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab,
    ],
    8,
  )

  /**
   * The upper tail of the normal distribution in f64: Q(a) = e^(−a²/2) p(t) / (1 + ca), t = (a − 4) / (a + 4), highest
   * power first; 24 4, 25 c = √(π/2), 26 ½, 27 the largest a, 28 1, 29 √2, 30 ⅙.
   */
  @lazy static readonly TAIL64: usize = memory.data<f64>(
    [
      -9.71253494685809e-10, -1.8057172086333595e-9, 8.127552546518326e-9, 2.1779720505210684e-8,
      -2.7706736230844678e-8, -1.4098754710068523e-7, 1.5070127789501797e-8, 7.152043070972132e-7, 4.547776910737845e-7,
      -3.442084655727325e-6, -4.091494953065283e-6, 1.816879873452099e-5, 2.5459731276938744e-5,
      -0.00011736464439226617, -0.00010681106880466881, 0.0009183407834776104, -0.0005197960470741505,
      -0.006398124457241707, 0.024630732380648498, -0.04817249606522284, 0.05400974062957355, -0.01396108364883427,
      -0.0780356834263299, 0.5677154071290903, 4, 1.2533141373155001, 0.5, 40, 1, 1.4142135623730951,
      0.16666666666666666,
    ],
    8,
  )

  /** erf in f64 on |x| < 0.9: x + x p(x²), highest power first; 12 the end of the range. */
  @lazy static readonly ERF64: usize = memory.data<f64>(
    [
      -1.0823879528651059e-9, 1.5097823472523564e-8, -1.6479617070806988e-7, 1.6477626899193933e-6,
      -1.4926829489040439e-5, 0.00012055388206022732, -0.0008548328651842204, 0.005223977655071126,
      -0.026866170648260086, 0.11283791670972038, -0.3761263890318411, 0.1283791670955126, 0.9,
    ],
    8,
  )
}
