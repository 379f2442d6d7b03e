// Transcendental functions on four f32, no branches. In the strict build the same bits in every engine; the relaxed build
// fuses multiplications with additions. Largest errors in ulp of either build, measured against float64 on dense samples,
// are noted at each function.

import { Table } from './constants'
import { Lanes } from './lanes'
import { Math64 } from './math64'

export class Math32 {
  /** e^x where |x| ≤ 64. 1.2 ulp. */
  @inline static expShort(x: v128): v128 {
    const t = Lanes.madd<f32>(x, Table.at<f32>(Table.EXP32, 0), Table.at<f32>(Table.EXP32, 1))
    const n = f32x4.sub(t, Table.at<f32>(Table.EXP32, 1))
    return Math32.power(Math32.reduced(x, n), i32x4.shl(t, 23))
  }

  /** e^x where x ≤ 0: the common case of softmax and the sigmoids. 0 below ln 2^−126.5, NaN kept. 1.2 ulp. */
  @inline static expNegative(x: v128): v128 {
    return Math32.expShort(f32x4.pmax(x, Table.at<f32>(Table.EXP32, 14)))
  }

  /** e^x of any x: Inf beyond the range, denormals below it. Equals expShort bit for bit where that is defined. 1.2 ulp. */
  static exp(x: v128): v128 {
    x = f32x4.pmax(f32x4.pmin(x, Table.at<f32>(Table.EXP32, 11)), Table.at<f32>(Table.EXP32, 12))
    const t = Lanes.madd<f32>(x, Table.at<f32>(Table.EXP32, 0), Table.at<f32>(Table.EXP32, 2))
    const n = f32x4.sub(t, Table.at<f32>(Table.EXP32, 2))
    // 2^n as a product of two powers that both exist
    const half = i32x4.shl(i32x4.shr_u(i32x4.shl(t, 22), 23), 23)
    const rest = i32x4.sub(i32x4.shl(t, 23), half)
    return f32x4.mul(Math32.power(Math32.reduced(x, n), half), rest)
  }

  /** e^x − 1: e^r 2^n less 1, where the last step is one addition of 2^n − 1. 2.1 ulp. */
  @inline static expm1(x: v128): v128 {
    const z = f32x4.pmax(f32x4.pmin(x, Table.at<f32>(Table.EXP32, 11)), Table.at<f32>(Table.EXPM1_32, 0))
    const t = Lanes.madd<f32>(z, Table.at<f32>(Table.EXP32, 0), Table.at<f32>(Table.EXPM1_32, 1))
    const r = Math32.reduced(z, f32x4.sub(t, Table.at<f32>(Table.EXPM1_32, 1)))
    // halves, because 2^128 does not exist
    const half = i32x4.shl(t, 23)
    const y = Lanes.madd<f32>(Math32.slope(r), f32x4.mul(r, half), f32x4.sub(half, Table.at<f32>(Table.LOG32, 10)))
    const tiny = f32x4.lt(v128.and(x, Table.at<f32>(Table.BITS32, 0)), Table.at<f32>(Table.EXPM1_32, 2))
    return v128.bitselect(x, f32x4.add(y, y), tiny)
  }

  /** 2^x, exact for whole x: Inf beyond the range, denormals below it. 1.2 ulp. */
  @inline static exp2(x: v128): v128 {
    x = f32x4.pmax(f32x4.pmin(x, Table.at<f32>(Table.EXPM1_32, 3)), Table.at<f32>(Table.EXPM1_32, 4))
    const t = f32x4.add(x, Table.at<f32>(Table.EXP32, 2))
    const n = f32x4.sub(t, Table.at<f32>(Table.EXP32, 2))
    const half = i32x4.shl(i32x4.shr_u(i32x4.shl(t, 22), 23), 23)
    const r = f32x4.mul(f32x4.sub(x, n), Table.at<f32>(Table.EXPM1_32, 5))
    return f32x4.mul(Math32.power(r, half), i32x4.sub(i32x4.shl(t, 23), half))
  }

  /** x − n ln 2 */
  @inline static reduced(x: v128, n: v128): v128 {
    x = Lanes.madd<f32>(n, Table.at<f32>(Table.EXP32, 3), x)
    return Lanes.madd<f32>(n, Table.at<f32>(Table.EXP32, 4), x)
  }

  /** e^r · scale on |r| ≤ ln 2 / 2 */
  @inline static power(r: v128, scale: v128): v128 {
    return Lanes.madd<f32>(Math32.slope(r), f32x4.mul(r, scale), scale)
  }

  /** (e^r − 1) / r on |r| ≤ ln 2 / 2 */
  @inline static slope(r: v128): v128 {
    let p = Table.step<f32>(Table.at<f32>(Table.EXP32, 5), r, Table.EXP32, 6)
    p = Table.step<f32>(p, r, Table.EXP32, 7)
    p = Table.step<f32>(p, r, Table.EXP32, 8)
    p = Table.step<f32>(p, r, Table.EXP32, 9)
    return Table.step<f32>(p, r, Table.EXP32, 10)
  }

  /**
   * With m = 1 − e^(−2|x|), tanh |x| = m / (2 − m). One constant serves to reduce −|x|: its error counts e^(−2|x|) times. 2.7 ulp.
   */
  @inline static tanh(x: v128): v128 {
    const sign = Table.at<f32>(Table.BITS32, 1)
    const z = f32x4.pmax(v128.or(x, sign), Table.at<f32>(Table.TANH32, 9))
    const t = Lanes.madd<f32>(z, Table.at<f32>(Table.TANH32, 0), Table.at<f32>(Table.EXP32, 1))
    const n = f32x4.sub(t, Table.at<f32>(Table.EXP32, 1))
    const s = Lanes.madd<f32>(n, Table.at<f32>(Table.TANH32, 1), z)
    const scale = i32x4.shl(t, 23)
    let p = Table.step<f32>(Table.at<f32>(Table.TANH32, 2), s, Table.TANH32, 3)
    p = Table.step<f32>(p, s, Table.TANH32, 4)
    p = Table.step<f32>(p, s, Table.TANH32, 5)
    p = Table.step<f32>(p, s, Table.TANH32, 6)
    p = Table.step<f32>(p, s, Table.TANH32, 7)
    const m = Lanes.nmadd<f32>(p, f32x4.mul(s, scale), f32x4.sub(Table.at<f32>(Table.TANH32, 8), scale))
    return v128.or(f32x4.div(m, f32x4.sub(Table.at<f32>(Table.TANH32, 7), m)), v128.and(x, sign))
  }

  /**
   * 1 / (1 + e^−x): with −x = n ln 2 − r, e^−r = (c − r) / (c + r) and c a polynomial of r², one division serves for both.
   * 2.5 ulp; 0 below −88.
   */
  @inline static sigmoid(x: v128): v128 {
    x = f32x4.pmax(f32x4.pmin(x, Table.at<f32>(Table.LOGISTIC32, 1)), Table.at<f32>(Table.LOGISTIC32, 2))
    const t = Lanes.madd<f32>(x, Table.at<f32>(Table.LOGISTIC32, 0), Table.at<f32>(Table.EXP32, 1))
    const n = f32x4.sub(t, Table.at<f32>(Table.EXP32, 1))
    let r = Lanes.madd<f32>(n, Table.at<f32>(Table.LOG32, 8), x)
    r = Lanes.madd<f32>(n, Table.at<f32>(Table.LOG32, 9), r)
    const z = f32x4.mul(r, r)
    let c = Table.step<f32>(Table.at<f32>(Table.LOGISTIC32, 3), z, Table.LOGISTIC32, 4)
    c = Table.step<f32>(c, z, Table.LOGISTIC32, 5)
    const sum = f32x4.add(c, r)
    return f32x4.div(sum, Lanes.madd<f32>(f32x4.sub(c, r), i32x4.shl(t, 23), sum))
  }

  /**
   * ½ x (1 + tanh √(2/π) (x + 0.044715 x³)) = x σ(2 √(2/π) (x + 0.044715 x³)). 4 ulp above −1, more where the exponent is
   * large (210 at −10).
   */
  @inline static geluTanh(x: v128): v128 {
    const p = Table.step<f32>(Table.at<f32>(Table.GELU32, 1), f32x4.mul(x, x), Table.GELU32, 0)
    return f32x4.mul(x, Math32.sigmoid(f32x4.mul(x, p)))
  }

  /**
   * Q(a) = ½ erfc(a / √2) for a ≥ 0, with a small relative error far out too: a² is taken as the exact square of the
   * leading bits of a and a small rest, and e^−a²/2 = 2^n (c − s) / (c + s) with s = a² + 2n ln 2. 0 from 13.2 on.
   */
  @inline static upperTail(a: v128): v128 {
    a = f32x4.pmin(a, Table.at<f32>(Table.TAIL32, 13))
    const lead = v128.and(a, Table.at<f32>(Table.BITS32, 2))
    const square = f32x4.mul(lead, lead)
    const t = Lanes.madd<f32>(square, Table.at<f32>(Table.TAIL32, 10), Table.at<f32>(Table.EXP32, 1))
    const n = f32x4.sub(t, Table.at<f32>(Table.EXP32, 1))
    let s = Lanes.madd<f32>(n, Table.at<f32>(Table.TAIL32, 11), square)
    s = Lanes.madd<f32>(n, Table.at<f32>(Table.TAIL32, 12), s)
    s = Lanes.madd<f32>(f32x4.sub(a, lead), f32x4.add(a, lead), s)
    const z = f32x4.mul(s, s)
    let c = Table.step<f32>(Table.at<f32>(Table.TAIL32, 16), z, Table.TAIL32, 17)
    c = Table.step<f32>(c, z, Table.TAIL32, 18)
    let p = Table.step<f32>(Table.at<f32>(Table.TAIL32, 0), a, Table.TAIL32, 1)
    p = Table.step<f32>(p, a, Table.TAIL32, 2)
    p = Table.step<f32>(p, a, Table.TAIL32, 3)
    p = Table.step<f32>(p, a, Table.TAIL32, 4)
    let q = f32x4.add(a, Table.at<f32>(Table.TAIL32, 5))
    q = Table.step<f32>(q, a, Table.TAIL32, 6)
    q = Table.step<f32>(q, a, Table.TAIL32, 7)
    q = Table.step<f32>(q, a, Table.TAIL32, 8)
    q = Table.step<f32>(q, a, Table.TAIL32, 9)
    p = f32x4.mul(f32x4.mul(p, i32x4.shl(t, 23)), f32x4.sub(c, s))
    return f32x4.div(p, f32x4.mul(q, f32x4.add(c, s)))
  }

  /**
   * x Φ(x), Φ the distribution function of the normal distribution, from q = Q(|x|): the gelu of its paper. 8 ulp, the left
   * tail too as far as q is no denormal.
   */
  @inline static geluOf(x: v128, q: v128): v128 {
    return f32x4.mul(x, v128.bitselect(q, f32x4.sub(Table.at<f32>(Table.TAIL32, 14), q), i32x4.shr_s(x, 31)))
  }

  /** erf x from a = |x| and q = Q(√2 a): a polynomial where a < 0.9, 1 − 2 q elsewhere. 2 ulp. */
  @inline static erfOf(x: v128, a: v128, q: v128): v128 {
    const z = f32x4.mul(x, x)
    let p = Table.step<f32>(Table.at<f32>(Table.ERF32, 0), z, Table.ERF32, 1)
    p = Table.step<f32>(p, z, Table.ERF32, 2)
    p = Table.step<f32>(p, z, Table.ERF32, 3)
    p = Table.step<f32>(p, z, Table.ERF32, 4)
    p = Table.step<f32>(p, z, Table.ERF32, 5)
    p = Table.step<f32>(p, z, Table.ERF32, 6)
    const near = Lanes.madd<f32>(x, p, x)
    const far = v128.bitselect(
      x,
      f32x4.sub(Table.at<f32>(Table.TAIL32, 14), f32x4.add(q, q)),
      Table.at<f32>(Table.BITS32, 1),
    )
    return v128.bitselect(near, far, f32x4.lt(a, Table.at<f32>(Table.ERF32, 7)))
  }

  /** ln x: denormals too, −Inf at 0, NaN below. 0.9 ulp. */
  @inline static log(x: v128): v128 {
    const tiny = f32x4.lt(x, Table.at<f32>(Table.LOG32, 14))
    const w = v128.bitselect(f32x4.mul(x, Table.at<f32>(Table.LOG32, 12)), x, tiny)
    // x = 2^k (1 + f) with 1 + f in [√½, √2)
    const bits = i32x4.sub(w, Table.at<i32>(Table.LOG32_BITS, 0))
    const k = f32x4.sub(f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23)), v128.and(tiny, Table.at<f32>(Table.LOG32, 13)))
    const m = i32x4.add(v128.and(bits, Table.at<f32>(Table.BITS32, 3)), Table.at<i32>(Table.LOG32_BITS, 0))
    const f = f32x4.sub(m, Table.at<f32>(Table.LOG32, 11))
    let p = Table.step<f32>(Table.at<f32>(Table.LOG32, 0), f, Table.LOG32, 1)
    p = Table.step<f32>(p, f, Table.LOG32, 2)
    p = Table.step<f32>(p, f, Table.LOG32, 3)
    p = Table.step<f32>(p, f, Table.LOG32, 4)
    p = Table.step<f32>(p, f, Table.LOG32, 5)
    p = Table.step<f32>(p, f, Table.LOG32, 6)
    p = Table.step<f32>(p, f, Table.LOG32, 7)
    const square = f32x4.mul(f, f)
    let y = Lanes.madd<f32>(p, f32x4.mul(square, f), f32x4.mul(k, Table.at<f32>(Table.LOG32, 9)))
    y = f32x4.add(f, f32x4.sub(y, f32x4.mul(square, Table.at<f32>(Table.LOG32, 10))))
    y = Lanes.madd<f32>(k, Table.at<f32>(Table.LOG32, 8), y)
    return Math32.logOf(x, y)
  }

  /** y, a logarithm of x, and what it is for x that have none: Inf and NaN are their own, −Inf at 0, NaN below. */
  @inline static logOf(x: v128, y: v128): v128 {
    y = v128.bitselect(y, x, f32x4.lt(x, Table.at<i32>(Table.LOG32_BITS, 1)))
    const zero = Table.zero()
    y = v128.bitselect(Table.at<i32>(Table.LOG32_BITS, 2), y, f32x4.eq(x, zero))
    return v128.or(y, f32x4.lt(x, zero))
  }

  /** The logarithm of x + lift, lift 0 or 1, to the base 2^(1 / factor) where there is one: through f64. 0.51 ulp. */
  @inline static logarithm(x: v128, lift: v128, factor: v128): v128 {
    let y = x
    for (let half = 0; half < 2; half++) {
      const log = f64x2.mul(Math64.shortLog2(f64x2.promote_low_f32x4(x), lift), factor)
      y = v128.shuffle<i64>(y, f32x4.demote_f64x2_zero(log), 1, 2)
      x = v128.shuffle<i64>(x, x, 1, 0)
    }
    return y
  }

  /** ln(1 + x). 0.51 ulp. */
  @inline static log1p(x: v128): v128 {
    const y = Math32.logarithm(x, Table.at<f64>(Table.LOG64, 10), Table.at<f64>(Table.POW64, 17))
    const special = Math32.logOf(f32x4.add(x, Table.at<f32>(Table.LOG32, 11)), y)
    return v128.or(special, v128.and(x, Table.at<f32>(Table.BITS32, 1))) // −0
  }

  /** sin(x + quarter · π/2) where |x| ≤ 1647099: x less its quarter turns through f64. 1.6 ulp. */
  @inline static wave(x: v128, quarter: i32): v128 {
    let r = x
    let quarters = x
    for (let half = 0; half < 2; half++) {
      const a = f64x2.promote_low_f32x4(x)
      const t = f64x2.add(f64x2.mul(a, Table.at<f64>(Table.TRIG64, 0)), Table.at<f64>(Table.TRIG64, 1))
      r = v128.shuffle<i64>(r, f32x4.demote_f64x2_zero(Math32.within(a, t)), 1, 2)
      quarters = v128.shuffle<i32>(quarters, t, 2, 3, 4, 6)
      x = v128.shuffle<i64>(x, x, 1, 0)
    }
    return Math32.arc(r, i32x4.add(quarters, i32x4.splat(quarter)))
  }

  /** x without the quarter turns that are the low bits of t. */
  @inline static within(x: v128, t: v128): v128 {
    const n = f64x2.sub(t, Table.at<f64>(Table.TRIG64, 1))
    const r = f64x2.add(x, f64x2.mul(n, Table.at<f64>(Table.TRIG64, 2)))
    return f64x2.add(r, f64x2.mul(n, Table.at<f64>(Table.TRIG64, 22)))
  }

  /** sin(r + quarters · π/2) on |r| ≤ π/4; the low two bits of `quarters` count. */
  @inline static arc(r: v128, quarters: v128): v128 {
    const z = f32x4.mul(r, r)
    let s = Table.step<f32>(Table.at<f32>(Table.TURN32, 1), z, Table.TURN32, 2)
    s = Table.step<f32>(s, z, Table.TURN32, 3)
    s = Lanes.madd<f32>(s, f32x4.mul(z, r), r)
    let c = Table.step<f32>(Table.at<f32>(Table.TURN32, 4), z, Table.TURN32, 5)
    c = Table.step<f32>(c, z, Table.TURN32, 6)
    const square = f32x4.sub(Table.at<f32>(Table.TURN32, 8), f32x4.mul(z, Table.at<f32>(Table.TURN32, 7)))
    c = Lanes.madd<f32>(c, f32x4.mul(z, z), square)
    const odd = i32x4.shr_s(i32x4.shl(quarters, 31), 31)
    const sign = i32x4.shl(i32x4.shr_u(quarters, 1), 31)
    return v128.xor(v128.bitselect(c, s, odd), sign)
  }
}
