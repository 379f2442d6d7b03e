// The less common functions of one and two f64 arguments; two at a time, or where they branch much one at a time. What they
// stand on is in math64. Largest errors in ulp, measured against 40 digits on dense samples, are noted at each function.

import { Address } from './address'
import { Table } from './constants'
import { Math64 } from './math64'

class Series {
  /** atan z = z + z³ p(z²) on |z| ≤ tan(π/8), highest power first. */
  @lazy static readonly ATAN: usize = memory.data<f64>(
    [
      -0.019175404711104935, 0.03923044778479309, -0.050854078345894844, 0.05858140904866328, -0.06664510525508936,
      0.07692183125376892, -0.0909090457530649, 0.11111111015187018, -0.14285714284665682, 0.19999999999995516,
      -0.3333333333333333,
    ],
    8,
  )
  /** ln Γ(2 + z) = z p(z) on |z| ≤ ½, highest power first. */
  @lazy static readonly GAMMA: usize = memory.data<f64>(
    [
      6.379047507619774e-8, -1.3412819758517287e-7, 2.0304806751615227e-7, -4.303558760359961e-7, 9.578663334114758e-7,
      -2.0449201467015115e-6, 4.374374916915131e-6, -9.438458716242811e-6, 2.050726741605779e-5, -4.4926351103833334e-5,
      9.945750909889392e-5, -0.00022315475074520367, 0.0005096695248853096, -0.0011927539120010226,
      0.002890510330738737, -0.0073855510286681535, 0.02058080842778457, -0.06735230105319814, 0.3224670334241132,
      0.42278433509846713,
    ],
    8,
  )
  /** The series of Stirling's formula and of its derivative in 1/x², highest power first: B₂ₖ/(2k(2k−1)), then B₂ₖ/2k. */
  @lazy static readonly STIRLING: usize = memory.data<f64>(
    [
      -0.029550653594771242, 0.00641025641025641, -0.0019175269175269176, 0.0008417508417508417, -0.0005952380952380953,
      0.0007936507936507937, -0.002777777777777778, 0.08333333333333333, -0.4432598039215686, 0.08333333333333333,
      -0.021092796092796094, 0.007575757575757576, -0.004166666666666667, 0.003968253968253968, -0.008333333333333333,
      0.08333333333333333,
    ],
    8,
  )
  /** B₂ₖ/(2k)!, of Euler's and Maclaurin's formula. */
  @lazy static readonly BERNOULLI: usize = memory.data<f64>(
    [
      0.08333333333333333, -0.001388888888888889, 3.306878306878307e-5, -8.267195767195768e-7, 2.08767569878681e-8,
      -5.284190138687493e-10, 1.3382536530684679e-11, -3.3896802963225827e-13, 8.586062056277845e-15,
      -2.174868698558062e-16, 5.5090028283602295e-18, -1.3954464685812522e-19,
    ],
    8,
  )

  /** A polynomial of `count` coefficients, highest power first. */
  static polynomial(x: v128, table: usize, count: i32): v128 {
    let p = v128.load64_splat(table)
    for (const stop = Address.of<f64>(table, count - 1); table < stop; ) {
      table += 8
      p = f64x2.add(f64x2.mul(p, x), v128.load64_splat(table))
    }
    return p
  }
}

export class Special64 {
  @inline static of(x: f64): v128 {
    return f64x2.splat(x)
  }

  @inline static magnitude(x: v128): v128 {
    return v128.and(x, Table.at<f64>(Table.BITS64, 0))
  }

  /** |magnitude| with the sign of `sign`. */
  @inline static signed(magnitude: v128, sign: v128): v128 {
    return v128.bitselect(sign, magnitude, Table.at<f64>(Table.BITS64, 1))
  }

  /** 2^x, exact for whole x. 0.9 ulp. */
  static exp2(x: v128): v128 {
    const z = f64x2.pmax(f64x2.pmin(x, Special64.of(1030)), Special64.of(-1080))
    const t = f64x2.add(z, Table.at<f64>(Table.EXP64, 1))
    const r = f64x2.mul(f64x2.sub(z, f64x2.sub(t, Table.at<f64>(Table.EXP64, 1))), Special64.of(0.6931471805599453))
    const m = Math64.powerMinus1(r)
    // 2^n as a product of two powers that both exist
    const bits = i64x2.shl(t, 52)
    const half = i64x2.shl(i64x2.shr_u(bits, 53), 52)
    return f64x2.mul(f64x2.add(f64x2.mul(m, half), half), i64x2.sub(bits, half))
  }

  /** log_b x = k log_b 2 + ln m · log_b e where x = 2^k m: exact for powers of 2, and of 10 to base 10. */
  static logarithm(x: v128, log2High: f64, log2Low: f64, logE: f64): v128 {
    const tiny = f64x2.lt(x, Table.at<f64>(Table.LOG64, 13))
    const w = v128.bitselect(f64x2.mul(x, Table.at<f64>(Table.LOG64, 11)), x, tiny)
    const bits = i64x2.add(w, Table.at<i64>(Table.LOG64_BITS, 1))
    const biased = v128.or(i64x2.shr_u(bits, 52), Table.at<f64>(Table.LOG64, 16))
    const lift = v128.and(tiny, Table.at<f64>(Table.LOG64, 12))
    const k = f64x2.sub(f64x2.sub(biased, Table.at<f64>(Table.LOG64, 14)), lift)
    const m = i64x2.add(v128.and(bits, Table.at<f64>(Table.BITS64, 3)), Table.at<i64>(Table.LOG64_BITS, 0))
    // what has no such form is left to the logarithm of m
    const regular = v128.and(f64x2.gt(x, Table.zero()), f64x2.lt(x, Table.at<i64>(Table.LOG64_BITS, 2)))
    const y = Math64.log(v128.bitselect(m, x, regular))
    const small = f64x2.add(f64x2.mul(k, Special64.of(log2Low)), f64x2.mul(y, Special64.of(logE)))
    return v128.bitselect(f64x2.add(f64x2.mul(k, Special64.of(log2High)), small), y, regular)
  }

  /** 1.3 ulp. */
  static log2(x: v128): v128 {
    return Special64.logarithm(x, 1, 0, 1.4426950408889634)
  }

  /** 1.6 ulp. */
  static log10(x: v128): v128 {
    return Special64.logarithm(x, 0.30102999566361177, 3.694239077158931e-13, 0.4342944819032518)
  }

  /** 2.5 ulp, for any x. */
  static tan(x: v128): v128 {
    return f64x2.div(Math64.sin(x), Math64.cos(x))
  }

  /** The angle of (x, y), with the C standard's values at zeros and infinities. 1.7 ulp. */
  static atan2(y: v128, x: v128): v128 {
    const a = Special64.magnitude(x)
    const b = Special64.magnitude(y)
    const steep = f64x2.gt(b, a)
    const big = v128.bitselect(b, a, steep)
    const small = v128.bitselect(a, b, steep)
    const one = Special64.of(1)
    let z = v128.bitselect(one, f64x2.div(small, big), f64x2.eq(small, big))
    z = v128.andnot(z, f64x2.eq(f64x2.add(small, big), Table.zero()))
    // beyond π/8 from the angle to π/4
    const far = f64x2.gt(z, Special64.of(0.41421356237309503))
    z = v128.bitselect(f64x2.div(f64x2.sub(z, one), f64x2.add(z, one)), z, far)
    const square = f64x2.mul(z, z)
    let r = f64x2.mul(f64x2.mul(z, square), Series.polynomial(square, Series.ATAN, 11))
    r = f64x2.add(f64x2.add(r, v128.and(Special64.of(3.061616997868383e-17), far)), z)
    r = f64x2.add(r, v128.and(Special64.of(0.7853981633974483), far))
    const up = f64x2.sub(Special64.of(1.5707963267948966), f64x2.sub(r, Special64.of(6.123233995736766e-17)))
    r = v128.bitselect(up, r, steep)
    const back = f64x2.sub(Special64.of(3.141592653589793), f64x2.sub(r, Special64.of(1.2246467991473532e-16)))
    r = v128.bitselect(back, r, i64x2.shr_s(x, 63))
    return Special64.signed(r, y)
  }

  @inline static atan(x: v128): v128 {
    return Special64.atan2(x, Special64.of(1))
  }

  /** √(1 − x²) */
  @inline static leg(x: v128): v128 {
    const one = Special64.of(1)
    return f64x2.sqrt(f64x2.mul(f64x2.sub(one, x), f64x2.add(one, x)))
  }

  /** 2.0 ulp. */
  @inline static asin(x: v128): v128 {
    return Special64.atan2(x, Special64.leg(x))
  }

  /** 1.5 ulp. */
  @inline static acos(x: v128): v128 {
    return Special64.atan2(Special64.leg(x), x)
  }

  /** e^a / 2 for a where that exists though e^a may not. */
  static halfExp(a: v128): v128 {
    const e = Math64.exp(f64x2.mul(a, Special64.of(0.5)))
    return f64x2.mul(f64x2.mul(e, Special64.of(0.5)), e)
  }

  /** 2.3 ulp. */
  static sinh(x: v128): v128 {
    const a = Special64.magnitude(x)
    const m = Math64.expm1(a)
    const y = f64x2.mul(Special64.of(0.5), f64x2.add(m, f64x2.div(m, f64x2.add(m, Special64.of(1)))))
    return Special64.signed(v128.bitselect(Special64.halfExp(a), y, f64x2.gt(a, Special64.of(22))), x)
  }

  /** 2.2 ulp. */
  static cosh(x: v128): v128 {
    const a = Special64.magnitude(x)
    const half = f64x2.mul(Math64.exp(a), Special64.of(0.5))
    const y = f64x2.add(half, f64x2.div(Special64.of(0.25), half))
    return v128.bitselect(Special64.halfExp(a), y, f64x2.gt(a, Special64.of(22)))
  }

  /** ln 2a, for a whose square is all that counts of a² ± 1. */
  @inline static logTwice(a: v128): v128 {
    return f64x2.add(Math64.log(a), Special64.of(0.6931471805599453))
  }

  /** ln(a + √(a² + 1)) with a = |x|. 1.4 ulp. */
  static asinh(x: v128): v128 {
    const a = Special64.magnitude(x)
    const one = Special64.of(1)
    const square = f64x2.mul(a, a)
    const rest = f64x2.div(square, f64x2.add(one, f64x2.sqrt(f64x2.add(one, square))))
    const large = f64x2.gt(a, Special64.of(268435456))
    const y = v128.bitselect(Special64.logTwice(a), Math64.log1p(f64x2.add(a, rest)), large)
    return Special64.signed(y, x)
  }

  /** ln(x + √(x² − 1)), NaN for x < 1. 1.6 ulp. */
  static acosh(x: v128): v128 {
    const t = f64x2.sub(x, Special64.of(1))
    const root = f64x2.sqrt(f64x2.mul(t, f64x2.add(t, Special64.of(2))))
    const large = f64x2.gt(x, Special64.of(268435456))
    const y = v128.bitselect(Special64.logTwice(x), Math64.log1p(f64x2.add(t, root)), large)
    return v128.or(y, f64x2.lt(t, Table.zero()))
  }

  /** ½ ln((1 + x) / (1 − x)). 1.7 ulp. */
  static atanh(x: v128): v128 {
    const a = Special64.magnitude(x)
    const ratio = f64x2.div(f64x2.add(a, a), f64x2.sub(Special64.of(1), a))
    return Special64.signed(f64x2.mul(Math64.log1p(ratio), Special64.of(0.5)), x)
  }

  /** ln(x / (1 − x)), around ½ as ln(1 + (2x − 1) / (1 − x)). 2.8 ulp. */
  static logit(x: v128): v128 {
    const one = Special64.of(1)
    const rest = f64x2.sub(one, x)
    const middle = f64x2.lt(Special64.magnitude(f64x2.sub(x, Special64.of(0.5))), Special64.of(0.25))
    const near = Math64.log1p(f64x2.div(f64x2.sub(f64x2.add(x, x), one), rest))
    return v128.bitselect(near, Math64.log(f64x2.div(x, rest)), middle)
  }

  /** sin(πx) / (πx), 0 at whole x but 0, where it is 1. 2.1 ulp. */
  static sinc(x: v128): v128 {
    const pi = Special64.of(3.141592653589793)
    const n = f64x2.nearest(x)
    const half = f64x2.mul(n, Special64.of(0.5))
    const odd = f64x2.ne(half, f64x2.floor(half))
    const sine = Math64.sin(f64x2.mul(f64x2.sub(x, n), pi))
    const flipped = v128.xor(sine, v128.and(odd, Table.at<f64>(Table.BITS64, 1)))
    return v128.bitselect(Special64.of(1), f64x2.div(flipped, f64x2.mul(x, pi)), f64x2.eq(x, Table.zero()))
  }

  /** 1 − erf x. 3.7 ulp, the upper tail too. */
  static erfc(x: v128): v128 {
    const a = f64x2.pmin(Special64.magnitude(x), Special64.of(28.5))
    const two = Special64.of(2)
    const t = f64x2.mul(two, Math64.tail(f64x2.mul(a, Special64.of(1.4142135623730951)), a, Special64.of(1)))
    return v128.bitselect(f64x2.sub(two, t), t, f64x2.lt(x, Table.zero()))
  }

  /** The y with erf y = x: a guess of Winitzki's, twice improved by Halley's method. 2.5 ulp. */
  static erfinv(x: v128): v128 {
    const a = Special64.magnitude(x)
    const one = Special64.of(1)
    const w = Math64.log1p(f64x2.neg(f64x2.mul(a, a)))
    const t = f64x2.add(Special64.of(4.330746750799873), f64x2.mul(w, Special64.of(0.5)))
    const u = f64x2.neg(f64x2.mul(w, Special64.of(6.802721088435374)))
    let y = f64x2.sqrt(f64x2.div(u, f64x2.add(f64x2.sqrt(f64x2.add(f64x2.mul(t, t), u)), t)))
    const lower = f64x2.lt(a, Special64.of(0.5))
    for (let i = 0; i < 2; i++) {
      const above = f64x2.sub(f64x2.sub(one, a), Special64.erfc(y))
      const error = v128.bitselect(f64x2.sub(Math64.erf(y), a), above, lower)
      const slope = f64x2.mul(Math64.exp(f64x2.neg(f64x2.mul(y, y))), Special64.of(1.1283791670955126))
      const step = f64x2.div(error, slope)
      y = f64x2.sub(y, f64x2.div(step, f64x2.add(one, f64x2.mul(y, step))))
    }
    y = v128.bitselect(Table.at<i64>(Table.LOG64_BITS, 2), y, f64x2.eq(a, one))
    return Special64.signed(y, x)
  }

  @inline static first(x: v128): f64 {
    return f64x2.extract_lane(x, 0)
  }

  @inline static log(x: f64): f64 {
    return Special64.first(Math64.log(f64x2.splat(x)))
  }

  @inline static power(x: f64, y: f64): f64 {
    return Special64.first(Math64.pow(f64x2.splat(x), f64x2.splat(y)))
  }

  @inline static series(x: f64, table: usize, count: i32): f64 {
    return Special64.first(Series.polynomial(f64x2.splat(x), table, count))
  }

  /** ln |Γ(x)|. 5 ulp for x > 0, below 0 an absolute 1e-14; ∞ at 0, −1, −2 … */
  static lgamma(x: f64): f64 {
    if (x > 0) return Special64.lgammaPositive(x)
    if (x == trunc(x)) return Infinity
    const a = -x
    if (a < 1e-20) return -Special64.log(a)
    // Γ(x) Γ(−x) = −π / (x sin πx), by way of sin πx / πx
    return (
      -2 * Special64.log(a) -
      Special64.log(abs(Special64.first(Special64.sinc(f64x2.splat(a))))) -
      Special64.lgammaPositive(a)
    )
  }

  static lgammaPositive(x: f64): f64 {
    if (x >= 10) {
      const inverse = 1 / x
      const y = (x - 0.5) * (Special64.log(x) - 1) + 0.4189385332046727
      return x == Infinity ? x : y + inverse * Special64.series(inverse * inverse, Series.STIRLING, 8)
    }
    let factor: f64 = 1
    for (; x >= 2.5; ) {
      x -= 1
      factor *= x
    }
    let y: f64 = 0
    let z = x - 2
    if (x < 0.5) {
      y = -Special64.log(x)
      z = x - 1
      x += 1
    }
    if (x < 1.5) {
      z = x - 1
      y -= Special64.first(Math64.log1p(f64x2.splat(z)))
    }
    if (factor > 1) y += Special64.log(factor)
    return y + z * Special64.series(z, Series.GAMMA, 20)
  }

  /** d ln Γ(x) / dx. 1e-15 absolute or relative, whichever is larger; NaN at −1, −2 …, ∓∞ at ±0. */
  static digamma(x: f64): f64 {
    if (x == 0) return copysign(Infinity, -x)
    let y: f64 = 0
    if (x < 0) {
      if (x == trunc(x)) return NaN
      const r = f64x2.splat((x - nearest(x)) * 3.141592653589793)
      y = -3.141592653589793 / Special64.first(Special64.tan(r))
      x = 1 - x
    }
    for (; x < 10; x += 1) y -= 1 / x
    if (x == Infinity) return x
    const inverse = 1 / x
    const square = inverse * inverse
    return y + Special64.log(x) - 0.5 * inverse - square * Special64.series(square, Series.STIRLING + 64, 8)
  }

  /** Hurwitz's zeta function Σ (x + k)^−s of whole s ≥ 2; ∞ at 0, −1, −2 … 5 ulp for x > 0. */
  static zeta(s: f64, x: f64): f64 {
    if (x > 0) return Special64.zetaPositive(s, x)
    if (x == trunc(x)) return Infinity
    const r = x - floor(x)
    // the terms below 0, as a difference of two sums of terms above
    const below = Special64.zetaPositive(s, 1 - r) - Special64.zetaPositive(s, 1 - x)
    return Special64.zetaPositive(s, r) + (s % 2 == 0 ? below : -below)
  }

  static zetaPositive(s: f64, x: f64): f64 {
    let y: f64 = 0
    for (; x < 10 + s; x += 1) y += Special64.power(x, -s)
    if (x == Infinity) return 0
    let term = Special64.power(x, -s)
    y += term * (x / (s - 1) + 0.5)
    const square = 1 / (x * x)
    term *= s / x
    for (let k = 0; k < 12; k++) {
      y += term * load<f64>(Series.BERNOULLI + ((<usize>k) << 3))
      term *= (s + 2 * k + 1) * (s + 2 * k + 2) * square
    }
    return y
  }

  /** ln(e^a + e^b) */
  static logaddexp(a: v128, b: v128): v128 {
    const gap = f64x2.neg(Special64.magnitude(f64x2.sub(a, b)))
    const y = f64x2.add(f64x2.max(a, b), Math64.log1p(Math64.exp(gap)))
    return v128.bitselect(a, y, Special64.sameInfinity(a, b))
  }

  /** log₂(2^a + 2^b) */
  static logaddexp2(a: v128, b: v128): v128 {
    const gap = f64x2.neg(Special64.magnitude(f64x2.sub(a, b)))
    const rest = f64x2.mul(Math64.log1p(Special64.exp2(gap)), Special64.of(1.4426950408889634))
    return v128.bitselect(a, f64x2.add(f64x2.max(a, b), rest), Special64.sameInfinity(a, b))
  }

  @inline static sameInfinity(a: v128, b: v128): v128 {
    return v128.and(f64x2.eq(a, b), f64x2.eq(Special64.magnitude(a), Table.at<i64>(Table.LOG64_BITS, 2)))
  }

  /** √(a² + b²), scaled by the larger so that no square overflows. 1.6 ulp. */
  static hypot(a: v128, b: v128): v128 {
    a = Special64.magnitude(a)
    b = Special64.magnitude(b)
    const big = f64x2.max(a, b)
    const t = f64x2.div(f64x2.min(a, b), big)
    const y = f64x2.mul(big, f64x2.sqrt(f64x2.add(Special64.of(1), f64x2.mul(t, t))))
    const infinity = Table.at<i64>(Table.LOG64_BITS, 2)
    const infinite = v128.or(f64x2.eq(a, infinity), f64x2.eq(b, infinity))
    return v128.bitselect(infinity, v128.andnot(y, f64x2.eq(big, Table.zero())), infinite)
  }

  /** a ln b, 0 where a is 0 unless b is NaN. */
  static xlogy(a: v128, b: v128): v128 {
    const nothing = v128.and(f64x2.eq(a, Table.zero()), f64x2.eq(b, b))
    return v128.andnot(f64x2.mul(a, Math64.log(b)), nothing)
  }
}
