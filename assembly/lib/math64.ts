// Transcendental functions on two f64: strict arithmetic, the same bits in every engine. They are functions, not inlined:
// each exists once in a module. The f32 kernels of the less common functions go through them (see lib/map).
// Largest errors in ulp, measured against 40 digits on dense samples, are noted at each function.

import { Table } from './constants'

export class Math64 {
  /** e^r − 1 on |r| ≤ ln 2 / 2 */
  @inline static powerMinus1(r: v128): v128 {
    let q = Table.step<f64>(Table.at<f64>(Table.EXP64, 4), r, Table.EXP64, 5)
    q = Table.step<f64>(q, r, Table.EXP64, 6)
    q = Table.step<f64>(q, r, Table.EXP64, 7)
    q = Table.step<f64>(q, r, Table.EXP64, 8)
    q = Table.step<f64>(q, r, Table.EXP64, 9)
    q = Table.step<f64>(q, r, Table.EXP64, 10)
    q = Table.step<f64>(q, r, Table.EXP64, 11)
    q = Table.step<f64>(q, r, Table.EXP64, 12)
    q = Table.step<f64>(q, r, Table.EXP64, 13)
    q = Table.step<f64>(q, r, Table.EXP64, 14)
    return f64x2.add(r, f64x2.mul(q, f64x2.mul(r, r)))
  }

  /** x − n ln 2 */
  @inline static reduced(x: v128, n: v128): v128 {
    x = f64x2.add(f64x2.mul(n, Table.at<f64>(Table.EXP64, 2)), x)
    return f64x2.add(f64x2.mul(n, Table.at<f64>(Table.EXP64, 3)), x)
  }

  /** e^x: Inf beyond the range, denormals below it. 0.9 ulp. */
  static exp(x: v128): v128 {
    x = f64x2.pmax(f64x2.pmin(x, Table.at<f64>(Table.EXP64, 15)), Table.at<f64>(Table.EXP64, 16))
    const t = f64x2.add(f64x2.mul(x, Table.at<f64>(Table.EXP64, 0)), Table.at<f64>(Table.EXP64, 1))
    const m = Math64.powerMinus1(Math64.reduced(x, f64x2.sub(t, Table.at<f64>(Table.EXP64, 1))))
    // 2^n as a product of two powers that both exist
    const bits = i64x2.shl(t, 52)
    const half = i64x2.shl(i64x2.shr_u(bits, 53), 52)
    return f64x2.mul(f64x2.add(f64x2.mul(m, half), half), i64x2.sub(bits, half))
  }

  /** e^x − 1. 1.8 ulp. */
  static expm1(x: v128): v128 {
    const z = f64x2.pmax(f64x2.pmin(x, Table.at<f64>(Table.EXP64, 15)), Table.at<f64>(Table.EXP64, 17))
    const t = f64x2.add(f64x2.mul(z, Table.at<f64>(Table.EXP64, 0)), Table.at<f64>(Table.EXP64, 23))
    const m = Math64.powerMinus1(Math64.reduced(z, f64x2.sub(t, Table.at<f64>(Table.EXP64, 23))))
    // halves, because 2^1024 does not exist
    const half = i64x2.shl(t, 52)
    const y = f64x2.add(f64x2.mul(m, half), f64x2.sub(half, Table.at<f64>(Table.EXP64, 19)))
    return Math64.unlessTiny(x, f64x2.add(y, y))
  }

  /** y, but x itself where |x| < 2⁻⁵⁴: keeps −0 and denormals. */
  @inline static unlessTiny(x: v128, y: v128): v128 {
    return v128.bitselect(x, y, f64x2.lt(v128.and(x, Table.at<f64>(Table.BITS64, 0)), Table.at<f64>(Table.EXP64, 18)))
  }

  /** With m = e^(−2|x|) − 1, tanh |x| = −m / (m + 2). 2.5 ulp. */
  static tanh(x: v128): v128 {
    const m = Math64.expm1(f64x2.mul(v128.and(x, Table.at<f64>(Table.BITS64, 0)), Table.at<f64>(Table.EXP64, 20)))
    return v128.bitselect(x, f64x2.div(m, f64x2.add(m, Table.at<f64>(Table.EXP64, 22))), Table.at<f64>(Table.BITS64, 1))
  }

  /** 1 / (1 + e^−x), from e^−|x| so that nothing overflows. 2.0 ulp. */
  static sigmoid(x: v128): v128 {
    const e = Math64.exp(v128.or(x, Table.at<f64>(Table.BITS64, 1)))
    const one = Table.at<f64>(Table.EXP64, 21)
    return f64x2.div(v128.bitselect(e, one, f64x2.lt(x, Table.zero())), f64x2.add(one, e))
  }

  /** x σ(x) */
  static silu(x: v128): v128 {
    return f64x2.mul(x, Math64.sigmoid(x))
  }

  /** x σ(2 √(2/π) (x + 0.044715 x³)). 3 ulp above −1, more where the exponent is large (100 at −8.5). */
  static geluTanh(x: v128): v128 {
    const p = Table.step<f64>(Table.at<f64>(Table.GELU64, 1), f64x2.mul(x, x), Table.GELU64, 0)
    return f64x2.mul(x, Math64.sigmoid(f64x2.mul(x, p)))
  }

  /** Q(a) = ½ erfc(a / √2) for a ≥ 0, with a small relative error far out too: see Math32. */
  static upperTail(a: v128): v128 {
    a = f64x2.pmin(a, Table.at<f64>(Table.TAIL64, 27))
    return Math64.tail(a, a, Table.at<f64>(Table.TAIL64, 26))
  }

  /** Q(a) where a²/2 = h x²: what is rounded in a would count a² times in the power. */
  static tail(a: v128, x: v128, h: v128): v128 {
    const t = f64x2.div(f64x2.sub(a, Table.at<f64>(Table.TAIL64, 24)), f64x2.add(a, Table.at<f64>(Table.TAIL64, 24)))
    let p = Table.at<f64>(Table.TAIL64, 0)
    for (let at = Table.TAIL64 + 8; at < Table.TAIL64 + 24 * 8; at += 8)
      p = f64x2.add(f64x2.mul(p, t), v128.load64_splat(at))
    const one = Table.at<f64>(Table.TAIL64, 28)
    p = f64x2.div(p, f64x2.add(f64x2.mul(a, Table.at<f64>(Table.TAIL64, 25)), one))
    const lead = v128.and(x, Table.at<f64>(Table.BITS64, 2))
    const scaled = f64x2.mul(lead, h)
    const rest = f64x2.mul(f64x2.sub(x, lead), f64x2.add(f64x2.mul(x, h), scaled))
    const e = Math64.exp(f64x2.neg(f64x2.mul(lead, scaled)))
    // rest < 2⁻¹⁴: 1 − e^−rest = rest − rest² (½ − rest/6)
    const cubic = f64x2.sub(Table.at<f64>(Table.TAIL64, 26), f64x2.mul(rest, Table.at<f64>(Table.TAIL64, 30)))
    const small = f64x2.sub(rest, f64x2.mul(f64x2.mul(rest, rest), cubic))
    return f64x2.mul(p, f64x2.sub(e, f64x2.mul(e, small)))
  }

  /** x Φ(x). 5 ulp, in the far left tail 10. */
  static gelu(x: v128): v128 {
    const q = Math64.upperTail(v128.and(x, Table.at<f64>(Table.BITS64, 0)))
    const above = f64x2.sub(Table.at<f64>(Table.TAIL64, 28), q)
    return f64x2.mul(x, v128.bitselect(q, above, f64x2.lt(x, Table.zero())))
  }

  /** A polynomial where |x| < 0.9, 1 − 2 Q(√2 |x|) elsewhere. 1.1 ulp. */
  static erf(x: v128): v128 {
    const a = v128.and(x, Table.at<f64>(Table.BITS64, 0))
    const z = f64x2.mul(x, x)
    let p = Table.at<f64>(Table.ERF64, 0)
    for (let at = Table.ERF64 + 8; at < Table.ERF64 + 12 * 8; at += 8)
      p = f64x2.add(f64x2.mul(p, z), v128.load64_splat(at))
    const q = Math64.upperTail(f64x2.mul(a, Table.at<f64>(Table.TAIL64, 29)))
    const far = v128.bitselect(
      x,
      f64x2.sub(Table.at<f64>(Table.TAIL64, 28), f64x2.add(q, q)),
      Table.at<f64>(Table.BITS64, 1),
    )
    return v128.bitselect(f64x2.add(x, f64x2.mul(x, p)), far, f64x2.lt(a, Table.at<f64>(Table.ERF64, 12)))
  }

  /** ln x: denormals too, −Inf at 0, NaN below. 0.8 ulp. */
  static log(x: v128): v128 {
    const tiny = f64x2.lt(x, Table.at<f64>(Table.LOG64, 13))
    const w = v128.bitselect(f64x2.mul(x, Table.at<f64>(Table.LOG64, 11)), x, tiny)
    // x = 2^k (1 + f) with 1 + f in [√½, √2); k + 1023 becomes a number as the low bits of 2⁵²
    const bits = i64x2.add(w, Table.at<i64>(Table.LOG64_BITS, 1))
    const biased = v128.or(i64x2.shr_u(bits, 52), Table.at<f64>(Table.LOG64, 16))
    const k = f64x2.sub(
      f64x2.sub(biased, Table.at<f64>(Table.LOG64, 14)),
      v128.and(tiny, Table.at<f64>(Table.LOG64, 12)),
    )
    const m = i64x2.add(v128.and(bits, Table.at<f64>(Table.BITS64, 3)), Table.at<i64>(Table.LOG64_BITS, 0))
    const f = f64x2.sub(m, Table.at<f64>(Table.LOG64, 10))
    const s = f64x2.div(f, f64x2.add(f, Table.at<f64>(Table.LOG64, 15)))
    const z = f64x2.mul(s, s)
    let r = Table.step<f64>(Table.at<f64>(Table.LOG64, 0), z, Table.LOG64, 1)
    r = Table.step<f64>(r, z, Table.LOG64, 2)
    r = Table.step<f64>(r, z, Table.LOG64, 3)
    r = Table.step<f64>(r, z, Table.LOG64, 4)
    r = Table.step<f64>(r, z, Table.LOG64, 5)
    r = Table.step<f64>(r, z, Table.LOG64, 6)
    // log(1 + f) = f − (f²/2 − s (f²/2 + z r))
    const half = f64x2.mul(f64x2.mul(f, f), Table.at<f64>(Table.LOG64, 9))
    const low = f64x2.mul(k, Table.at<f64>(Table.LOG64, 8))
    let y = f64x2.add(f64x2.mul(s, f64x2.add(half, f64x2.mul(z, r))), low)
    y = f64x2.sub(f64x2.mul(k, Table.at<f64>(Table.LOG64, 7)), f64x2.sub(f64x2.sub(half, y), f))
    y = v128.bitselect(y, x, f64x2.lt(x, Table.at<i64>(Table.LOG64_BITS, 2)))
    const zero = Table.zero()
    y = v128.bitselect(Table.at<i64>(Table.LOG64_BITS, 3), y, f64x2.eq(x, zero))
    return v128.or(y, f64x2.lt(x, zero))
  }

  /** ln(1 + x): the logarithm of u = 1 + x rounded, and what the rounding took, (x − (u − 1)) / u. 1.5 ulp. */
  static log1p(x: v128): v128 {
    const one = Table.at<f64>(Table.LOG64, 10)
    const u = f64x2.add(x, one)
    const lost = f64x2.div(f64x2.sub(x, f64x2.sub(u, one)), u)
    const sound = v128.and(f64x2.lt(u, Table.at<f64>(Table.LOG64, 11)), f64x2.gt(u, Table.zero()))
    return Math64.unlessTiny(x, f64x2.add(Math64.log(u), v128.and(lost, sound)))
  }

  static sin(x: v128): v128 {
    return Math64.unlessTiny(x, Math64.wave(x, 0))
  }

  static cos(x: v128): v128 {
    return Math64.wave(x, 1)
  }

  /** sin(x + quarter · π/2). 1.8 ulp for any x. */
  static wave(x: v128, quarter: i32): v128 {
    const short = f64x2.le(v128.and(x, Table.at<f64>(Table.BITS64, 0)), Table.at<f64>(Table.TRIG64, 5))
    if (!i64x2.all_true(short)) {
      const low = Math64.longWave(f64x2.extract_lane(x, 0), quarter)
      const high = Math64.longWave(f64x2.extract_lane(x, 1), quarter)
      return v128.shuffle<f64>(low, high, 0, 2)
    }
    const t = f64x2.add(f64x2.mul(x, Table.at<f64>(Table.TRIG64, 0)), Table.at<f64>(Table.TRIG64, 1))
    const n = f64x2.sub(t, Table.at<f64>(Table.TRIG64, 1))
    let r = f64x2.add(x, f64x2.mul(n, Table.at<f64>(Table.TRIG64, 2)))
    r = f64x2.add(r, f64x2.mul(n, Table.at<f64>(Table.TRIG64, 3)))
    r = f64x2.add(r, f64x2.mul(n, Table.at<f64>(Table.TRIG64, 4)))
    return Math64.arc(r, i64x2.add(t, i64x2.splat(quarter)))
  }

  /** sin(r + quarters · π/2) on |r| ≤ π/4; the low two bits of `quarters` count. */
  static arc(r: v128, quarters: v128): v128 {
    const z = f64x2.mul(r, r)
    let s = Table.step<f64>(Table.at<f64>(Table.TRIG64, 6), z, Table.TRIG64, 7)
    s = Table.step<f64>(s, z, Table.TRIG64, 8)
    s = Table.step<f64>(s, z, Table.TRIG64, 9)
    s = Table.step<f64>(s, z, Table.TRIG64, 10)
    s = Table.step<f64>(s, z, Table.TRIG64, 11)
    s = f64x2.add(r, f64x2.mul(s, f64x2.mul(z, r)))
    let c = Table.step<f64>(Table.at<f64>(Table.TRIG64, 12), z, Table.TRIG64, 13)
    c = Table.step<f64>(c, z, Table.TRIG64, 14)
    c = Table.step<f64>(c, z, Table.TRIG64, 15)
    c = Table.step<f64>(c, z, Table.TRIG64, 16)
    c = Table.step<f64>(c, z, Table.TRIG64, 17)
    // 1 − z/2 with the part that rounding took
    const half = f64x2.mul(z, Table.at<f64>(Table.TRIG64, 18))
    const one = Table.at<f64>(Table.TRIG64, 19)
    const w = f64x2.sub(one, half)
    c = f64x2.add(w, f64x2.add(f64x2.sub(f64x2.sub(one, w), half), f64x2.mul(c, f64x2.mul(z, z))))
    const odd = i64x2.sub(Table.zero(), v128.and(quarters, i64x2.splat(1)))
    const sign = i64x2.shl(i64x2.shr_u(quarters, 1), 63)
    return v128.xor(v128.bitselect(c, s, odd), sign)
  }

  /**
   * `wave` of one number of any size: the significand times the 192 bits of 2/π that matter, whose top two bits are the
   * quarter turns (Payne and Hanek).
   */
  static longWave(x: f64, quarter: i32): v128 {
    const magnitude = abs(x)
    if (!(magnitude < Infinity)) return f64x2.splat(NaN)
    if (magnitude <= load<f64>(Table.TRIG64, 40)) return Math64.wave(f64x2.splat(x), quarter)
    const bits = reinterpret<u64>(magnitude)
    const m = (bits & 0x000fffffffffffff) | 0x0010000000000000
    const skip = <i32>(bits >> 52) - 1023 - 52 - 2 + 64 // leading bits, that make whole turns
    const at = Table.TWO_OVER_PI + ((<usize>(skip >> 6)) << 3)
    const shift = <u64>(skip & 63)
    // the upper 128 of 256 bits, mod 2^128
    let low: u64 = 0
    let high: u64 = 0
    let carry: u64 = 0
    for (let word = at + 16; word >= at; word -= 8) {
      // 64 bits from `shift` bits after `word` on
      const w = (load<u64>(word) << shift) | ((load<u64>(word, 8) >> 1) >> (63 - shift))
      low = high
      high = m * w + carry
      carry = Math64.highProduct(m, w) + u64(high < carry)
    }
    const quarters = (high + ((<u64>1) << 61)) >> 62
    const turn = <f64>(<i64>(high - (quarters << 62))) * 2.168404344971009e-19 + <f64>low * 1.1754943508222875e-38
    const r = turn * load<f64>(Table.TRIG64, 160)
    const negative = x < 0
    return Math64.arc(
      f64x2.splat(negative ? -r : r),
      i64x2.splat((negative ? -(<i64>quarters) : <i64>quarters) + quarter),
    )
  }

  /** The upper 64 bits of a product. */
  @inline static highProduct(a: u64, b: u64): u64 {
    const a0 = a & 0xffffffff
    const a1 = a >> 32
    const b0 = b & 0xffffffff
    const b1 = b >> 32
    const mid = a1 * b0 + ((a0 * b0) >> 32)
    return a1 * b1 + (mid >> 32) + (((mid & 0xffffffff) + a0 * b1) >> 32)
  }

  /** log₂(x + lift) of 0 < x + lift < ∞, lift 0 or 1, for results that are rounded to f32: relative error 2e-10. */
  static shortLog2(x: v128, lift: v128): v128 {
    const bits = i64x2.add(f64x2.add(x, lift), Table.at<i64>(Table.LOG64_BITS, 1))
    const biased = v128.or(i64x2.shr_u(bits, 52), Table.at<f64>(Table.LOG64, 16))
    // x + lift = 2^k (1 + f) with 1 + f in [√½, √2), where f is that of x itself: nothing of a small x is lost
    const scale = i64x2.sub(Table.at<f64>(Table.POW64, 15), v128.andnot(bits, Table.at<f64>(Table.BITS64, 3)))
    const f = f64x2.add(f64x2.mul(x, scale), f64x2.sub(f64x2.mul(lift, scale), Table.at<f64>(Table.LOG64, 10)))
    const s = f64x2.div(f, f64x2.add(f, Table.at<f64>(Table.POW64, 14)))
    const z = f64x2.mul(s, s)
    let p = Table.step<f64>(Table.at<f64>(Table.POW64, 0), z, Table.POW64, 1)
    p = Table.step<f64>(p, z, Table.POW64, 2)
    p = Table.step<f64>(p, z, Table.POW64, 3)
    p = Table.step<f64>(p, z, Table.POW64, 4)
    return f64x2.add(f64x2.mul(s, p), f64x2.sub(biased, Table.at<f64>(Table.LOG64, 14)))
  }

  /** x^y of 0 < x < ∞ and finite y for results that are rounded to f32: relative error 8e-9. */
  static shortPow(x: v128, y: v128): v128 {
    const log = Math64.shortLog2(x, Table.zero())
    let t = f64x2.pmax(f64x2.mul(y, log), Table.at<f64>(Table.POW64, 11))
    t = f64x2.pmin(t, Table.at<f64>(Table.POW64, 12))
    const u = f64x2.add(t, Table.at<f64>(Table.POW64, 13))
    const r = f64x2.sub(t, f64x2.sub(u, Table.at<f64>(Table.POW64, 13)))
    let q = Table.step<f64>(Table.at<f64>(Table.POW64, 5), r, Table.POW64, 6)
    q = Table.step<f64>(q, r, Table.POW64, 7)
    q = Table.step<f64>(q, r, Table.POW64, 8)
    q = Table.step<f64>(q, r, Table.POW64, 9)
    q = Table.step<f64>(q, r, Table.POW64, 10)
    const scale = i64x2.shl(u, 52)
    return f64x2.add(f64x2.mul(f64x2.mul(q, r), scale), scale)
  }

  /** x^y as C and torch define it. Small whole y by multiplication, else e^(y ln |x|): relative error 2e-13 at most. */
  static pow(x: v128, y: v128): v128 {
    const one = Table.at<f64>(Table.LOG64, 10)
    const magnitudeBits = Table.at<f64>(Table.BITS64, 0)
    const a = v128.and(x, magnitudeBits)
    const ay = v128.and(y, magnitudeBits)
    const whole = f64x2.eq(f64x2.floor(y), y)
    const few = v128.and(whole, f64x2.le(ay, f64x2.splat(32)))
    let p = one
    if (!i64x2.all_true(few)) p = Math64.exp(f64x2.mul(y, Math64.log(a)))
    if (v128.any_true(few)) {
      let bits = v128.and(i64x2.extend_low_i32x4_u(i32x4.trunc_sat_f64x2_s_zero(ay)), few)
      let product = one
      let square = a
      while (v128.any_true(bits)) {
        const odd = i64x2.sub(Table.zero(), v128.and(bits, i64x2.splat(1)))
        product = v128.bitselect(f64x2.mul(product, square), product, odd)
        square = f64x2.mul(square, square)
        bits = i64x2.shr_u(bits, 1)
      }
      product = v128.bitselect(f64x2.div(one, product), product, f64x2.lt(y, Table.zero()))
      p = v128.bitselect(product, p, few)
    }
    const halfY = f64x2.mul(y, Table.at<f64>(Table.LOG64, 9))
    const negative = f64x2.lt(x, Table.zero())
    const odd = v128.and(whole, f64x2.ne(f64x2.floor(halfY), halfY))
    const infinite = Table.at<i64>(Table.LOG64_BITS, 2)
    // not a number: a negative finite base to a broken power
    p = v128.or(p, v128.andnot(v128.and(negative, f64x2.lt(a, infinite)), whole))
    const sure = v128.or(
      v128.or(f64x2.eq(y, Table.zero()), f64x2.eq(x, one)),
      v128.and(f64x2.eq(a, one), f64x2.eq(ay, infinite)),
    )
    p = v128.bitselect(one, p, sure)
    return v128.xor(p, v128.and(v128.and(odd, x), Table.at<f64>(Table.BITS64, 1)))
  }
}
