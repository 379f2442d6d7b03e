// The less common functions: op_T(x, y, begin, end), y[i] = op(x[i]), and op_T(a, b, y, inner, aOuter, aInner, bOuter, bInner,
// begin, end) with operands as in binary.ts; [begin, end) counts elements of y. All in f64, which f32 is rounded from once.
// Formulas and largest errors stand in lib/special64.

import { Address } from '../lib/address'
import { Table } from '../lib/constants'
import { Special64 } from '../lib/special64'

enum Op {
  exp2,
  log2,
  log10,
  tan,
  asin,
  acos,
  atan,
  sinh,
  cosh,
  asinh,
  acosh,
  atanh,
  erfc,
  erfinv,
  logit,
  sinc,
  lgamma,
  digamma,
}

enum Pair {
  atan2,
  fmax,
  fmin,
  hypot,
  logaddexp,
  logaddexp2,
  copysign,
  xlogy,
  heaviside,
}

class Kind {
  /** Formulas of two f64. */
  static one(x: v128, kind: i32): v128 {
    switch (kind) {
      case Op.exp2:
        return Special64.exp2(x)
      case Op.log2:
        return Special64.log2(x)
      case Op.log10:
        return Special64.log10(x)
      case Op.tan:
        return Special64.tan(x)
      case Op.asin:
        return Special64.asin(x)
      case Op.acos:
        return Special64.acos(x)
      case Op.atan:
        return Special64.atan(x)
      case Op.sinh:
        return Special64.sinh(x)
      case Op.cosh:
        return Special64.cosh(x)
      case Op.asinh:
        return Special64.asinh(x)
      case Op.acosh:
        return Special64.acosh(x)
      case Op.atanh:
        return Special64.atanh(x)
      case Op.erfc:
        return Special64.erfc(x)
      case Op.erfinv:
        return Special64.erfinv(x)
      case Op.logit:
        return Special64.logit(x)
      case Op.sinc:
        return Special64.sinc(x)
    }
    // those that go by one number
    return f64x2.replace_lane(f64x2.splat(Kind.lane(x, kind, 0)), 1, Kind.lane(x, kind, 1))
  }

  @inline static lane(x: v128, kind: i32, lane: i32): f64 {
    const v = lane ? f64x2.extract_lane(x, 1) : f64x2.extract_lane(x, 0)
    return kind == Op.lgamma ? Special64.lgamma(v) : Special64.digamma(v)
  }

  static two(a: v128, b: v128, kind: i32): v128 {
    switch (kind) {
      case Pair.atan2:
        return Special64.atan2(a, b)
      case Pair.fmax:
        return v128.bitselect(a, b, v128.or(f64x2.ge(a, b), f64x2.ne(b, b)))
      case Pair.fmin:
        return v128.bitselect(a, b, v128.or(f64x2.le(a, b), f64x2.ne(b, b)))
      case Pair.hypot:
        return Special64.hypot(a, b)
      case Pair.logaddexp:
        return Special64.logaddexp(a, b)
      case Pair.logaddexp2:
        return Special64.logaddexp2(a, b)
      case Pair.copysign:
        return Special64.signed(a, b)
      case Pair.xlogy:
        return Special64.xlogy(a, b)
      default:
        return v128.bitselect(b, v128.and(f64x2.splat(1), f64x2.gt(a, Table.zero())), f64x2.eq(a, Table.zero()))
    }
  }
}

class Map {
  /** Two elements of T as f64, one of which may be missing; with step 0 the same one twice. */
  @inline static load<T>(from: usize, step: i32, left: i32): v128 {
    if (sizeof<T>() == 8) return step && left > 1 ? v128.load(from) : v128.load64_splat(from)
    return f64x2.promote_low_f32x4(step && left > 1 ? v128.load64_zero(from) : v128.load32_splat(from))
  }

  @inline static store<T>(to: usize, x: v128, left: i32): void {
    if (sizeof<T>() == 8) {
      if (left > 1) v128.store(to, x)
      else v128.store64_lane(to, x, 0)
    } else if (left > 1) v128.store64_lane(to, f32x4.demote_f64x2_zero(x), 0)
    else v128.store32_lane(to, f32x4.demote_f64x2_zero(x), 0)
  }

  static one<T>(kind: i32, x: usize, y: usize, begin: i32, end: i32): void {
    x = Address.of<T>(x, begin)
    y = Address.of<T>(y, begin)
    for (let left = end - begin; left > 0; left -= 2) {
      Map.store<T>(y, Kind.one(Map.load<T>(x, 1, left), kind), left)
      x += 2 * sizeof<T>()
      y += 2 * sizeof<T>()
    }
  }

  static two<T>(
    kind: i32,
    a: usize,
    b: usize,
    y: usize,
    inner: i32,
    aOuter: i32,
    aInner: i32,
    bOuter: i32,
    bInner: i32,
    begin: i32,
    end: i32,
  ): void {
    if (begin >= end) return
    let row = begin / inner
    let column = begin - row * inner
    while (begin < end) {
      let p = Address.of<T>(a, row * aOuter + column * aInner)
      let q = Address.of<T>(b, row * bOuter + column * bInner)
      const n = min(end - begin, inner - column)
      for (let i = 0; i < n; i += 2) {
        const v = Kind.two(Map.load<T>(p, aInner, n - i), Map.load<T>(q, bInner, n - i), kind)
        Map.store<T>(Address.of<T>(y, begin + i), v, n - i)
        p = Address.of<T>(p, 2 * aInner)
        q = Address.of<T>(q, 2 * bInner)
      }
      begin += n
      row++
      column = 0
    }
  }

  /** The next number of T after a toward b, by its bits. */
  @inline static next<T extends number, Bits extends number>(a: T, b: T): T {
    if (!(a <= b || a >= b)) return <T>(a + b) // NaN
    if (a == b) return b
    if (a == 0) return copysign<T>(reinterpret<T>(<Bits>1), b)
    return reinterpret<T>(<Bits>(reinterpret<Bits>(a) + <Bits>(a < b == a > 0 ? 1 : -1)))
  }

  @inline static nextRows<T extends number, Bits extends number>(
    a: usize,
    b: usize,
    y: usize,
    inner: i32,
    aOuter: i32,
    aInner: i32,
    bOuter: i32,
    bInner: i32,
    begin: i32,
    end: i32,
  ): void {
    for (; begin < end; begin++) {
      const row = begin / inner
      const column = begin - row * inner
      const p = Address.of<T>(a, row * aOuter + column * aInner)
      const q = Address.of<T>(b, row * bOuter + column * bInner)
      store<T>(Address.of<T>(y, begin), Map.next<T, Bits>(load<T>(p), load<T>(q)))
    }
  }

  /** y = scale · ζ(s, x) */
  @inline static zeta<T extends number>(x: usize, y: usize, s: f64, scale: f64, begin: i32, end: i32): void {
    for (; begin < end; begin++) {
      const v = scale * Special64.zeta(s, <f64>load<T>(Address.of<T>(x, begin)))
      store<T>(Address.of<T>(y, begin), <T>v)
    }
  }
}

export function exp2_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f32>(Op.exp2, x, y, begin, end)
}
export function exp2_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f64>(Op.exp2, x, y, begin, end)
}
export function log2_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f32>(Op.log2, x, y, begin, end)
}
export function log2_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f64>(Op.log2, x, y, begin, end)
}
export function log10_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f32>(Op.log10, x, y, begin, end)
}
export function log10_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f64>(Op.log10, x, y, begin, end)
}
export function tan_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f32>(Op.tan, x, y, begin, end)
}
export function tan_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f64>(Op.tan, x, y, begin, end)
}
export function asin_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f32>(Op.asin, x, y, begin, end)
}
export function asin_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f64>(Op.asin, x, y, begin, end)
}
export function acos_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f32>(Op.acos, x, y, begin, end)
}
export function acos_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f64>(Op.acos, x, y, begin, end)
}
export function atan_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f32>(Op.atan, x, y, begin, end)
}
export function atan_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f64>(Op.atan, x, y, begin, end)
}
export function sinh_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f32>(Op.sinh, x, y, begin, end)
}
export function sinh_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f64>(Op.sinh, x, y, begin, end)
}
export function cosh_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f32>(Op.cosh, x, y, begin, end)
}
export function cosh_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f64>(Op.cosh, x, y, begin, end)
}
export function asinh_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f32>(Op.asinh, x, y, begin, end)
}
export function asinh_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f64>(Op.asinh, x, y, begin, end)
}
export function acosh_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f32>(Op.acosh, x, y, begin, end)
}
export function acosh_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f64>(Op.acosh, x, y, begin, end)
}
export function atanh_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f32>(Op.atanh, x, y, begin, end)
}
export function atanh_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f64>(Op.atanh, x, y, begin, end)
}
export function erfc_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f32>(Op.erfc, x, y, begin, end)
}
export function erfc_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f64>(Op.erfc, x, y, begin, end)
}
export function erfinv_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f32>(Op.erfinv, x, y, begin, end)
}
export function erfinv_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f64>(Op.erfinv, x, y, begin, end)
}
export function logit_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f32>(Op.logit, x, y, begin, end)
}
export function logit_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f64>(Op.logit, x, y, begin, end)
}
export function sinc_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f32>(Op.sinc, x, y, begin, end)
}
export function sinc_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f64>(Op.sinc, x, y, begin, end)
}
export function lgamma_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f32>(Op.lgamma, x, y, begin, end)
}
export function lgamma_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f64>(Op.lgamma, x, y, begin, end)
}
export function digamma_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f32>(Op.digamma, x, y, begin, end)
}
export function digamma_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<f64>(Op.digamma, x, y, begin, end)
}
export function atan2_f32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Map.two<f32>(Pair.atan2, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function atan2_f64(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Map.two<f64>(Pair.atan2, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function fmax_f32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Map.two<f32>(Pair.fmax, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function fmax_f64(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Map.two<f64>(Pair.fmax, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function fmin_f32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Map.two<f32>(Pair.fmin, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function fmin_f64(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Map.two<f64>(Pair.fmin, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function hypot_f32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Map.two<f32>(Pair.hypot, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function hypot_f64(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Map.two<f64>(Pair.hypot, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function logaddexp_f32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Map.two<f32>(Pair.logaddexp, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function logaddexp_f64(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Map.two<f64>(Pair.logaddexp, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function logaddexp2_f32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Map.two<f32>(Pair.logaddexp2, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function logaddexp2_f64(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Map.two<f64>(Pair.logaddexp2, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function copysign_f32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Map.two<f32>(Pair.copysign, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function copysign_f64(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Map.two<f64>(Pair.copysign, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function xlogy_f32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Map.two<f32>(Pair.xlogy, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function xlogy_f64(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Map.two<f64>(Pair.xlogy, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function heaviside_f32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Map.two<f32>(Pair.heaviside, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function heaviside_f64(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Map.two<f64>(Pair.heaviside, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function nextafter_f32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Map.nextRows<f32, i32>(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function nextafter_f64(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Map.nextRows<f64, i64>(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
/** y = scale · ζ(s, x), Hurwitz's zeta function. */
export function zeta_f32(x: usize, y: usize, s: f64, scale: f64, begin: i32, end: i32): void {
  Map.zeta<f32>(x, y, s, scale, begin, end)
}
/** y = scale · ζ(s, x), Hurwitz's zeta function. */
export function zeta_f64(x: usize, y: usize, s: f64, scale: f64, begin: i32, end: i32): void {
  Map.zeta<f64>(x, y, s, scale, begin, end)
}
