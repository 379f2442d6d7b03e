// Elementary functions beyond the most common: op_T(x, y, begin, end), y[i] = op(x[i]), and op_T(a, b, y, inner, aOuter,
// aInner, bOuter, bInner, begin, end) with operands as in binary.ts; [begin, end) counts elements of y. All but the first three in
// f64, which f32 is rounded from once. Formulas and largest errors stand in lib/special64.

import { Address } from '../lib/address'
import { Table } from '../lib/constants'
import { Loop } from '../lib/loop64'
import { Map } from '../lib/map'
import { Math32 } from '../lib/math32'
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

@unmanaged
class Elementary {
  one(x: v128, kind: i32): v128 {
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
      default:
        return Special64.atanh(x)
    }
  }

  two(a: v128, b: v128, kind: i32): v128 {
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

@unmanaged
class Exp2 {
  @inline at(x: v128): v128 {
    return Math32.exp2(x)
  }
}
@unmanaged
class Log2 {
  @inline at(x: v128): v128 {
    return Math32.logOf(x, Math32.logarithm(x, Table.zero(), Table.at<f64>(Table.LOG64, 10)))
  }
}
@unmanaged
class Log10 {
  @inline at(x: v128): v128 {
    return Math32.logOf(x, Math32.logarithm(x, Table.zero(), Table.at<f64>(Table.POW64, 16)))
  }
}

class Next {
  /** The next number of T after a toward b, by its bits. */
  @inline static next<T extends number, Bits extends number>(a: T, b: T): T {
    if (!(a <= b || a >= b)) return <T>(a + b) // NaN
    if (a == b) return b
    if (a == 0) return copysign<T>(reinterpret<T>(<Bits>1), b)
    return reinterpret<T>(<Bits>(reinterpret<Bits>(a) + <Bits>(a < b == a > 0 ? 1 : -1)))
  }

  @inline static rows<T extends number, Bits extends number>(
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
      store<T>(Address.of<T>(y, begin), Next.next<T, Bits>(load<T>(p), load<T>(q)))
    }
  }
}

export function exp2_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<Exp2>(Address.of<f32>(x, begin), Address.of<f32>(y, begin), (end - begin) << 2)
}
export function exp2_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f64, Elementary>(Op.exp2, x, y, begin, end)
}
export function log2_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<Log2>(Address.of<f32>(x, begin), Address.of<f32>(y, begin), (end - begin) << 2)
}
export function log2_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f64, Elementary>(Op.log2, x, y, begin, end)
}
export function log10_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<Log10>(Address.of<f32>(x, begin), Address.of<f32>(y, begin), (end - begin) << 2)
}
export function log10_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f64, Elementary>(Op.log10, x, y, begin, end)
}
export function tan_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f32, Elementary>(Op.tan, x, y, begin, end)
}
export function tan_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f64, Elementary>(Op.tan, x, y, begin, end)
}
export function asin_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f32, Elementary>(Op.asin, x, y, begin, end)
}
export function asin_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f64, Elementary>(Op.asin, x, y, begin, end)
}
export function acos_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f32, Elementary>(Op.acos, x, y, begin, end)
}
export function acos_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f64, Elementary>(Op.acos, x, y, begin, end)
}
export function atan_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f32, Elementary>(Op.atan, x, y, begin, end)
}
export function atan_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f64, Elementary>(Op.atan, x, y, begin, end)
}
export function sinh_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f32, Elementary>(Op.sinh, x, y, begin, end)
}
export function sinh_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f64, Elementary>(Op.sinh, x, y, begin, end)
}
export function cosh_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f32, Elementary>(Op.cosh, x, y, begin, end)
}
export function cosh_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f64, Elementary>(Op.cosh, x, y, begin, end)
}
export function asinh_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f32, Elementary>(Op.asinh, x, y, begin, end)
}
export function asinh_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f64, Elementary>(Op.asinh, x, y, begin, end)
}
export function acosh_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f32, Elementary>(Op.acosh, x, y, begin, end)
}
export function acosh_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f64, Elementary>(Op.acosh, x, y, begin, end)
}
export function atanh_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f32, Elementary>(Op.atanh, x, y, begin, end)
}
export function atanh_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f64, Elementary>(Op.atanh, x, y, begin, end)
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
  Loop.two<f32, Elementary>(Pair.atan2, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Loop.two<f64, Elementary>(Pair.atan2, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Loop.two<f32, Elementary>(Pair.fmax, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Loop.two<f64, Elementary>(Pair.fmax, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Loop.two<f32, Elementary>(Pair.fmin, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Loop.two<f64, Elementary>(Pair.fmin, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Loop.two<f32, Elementary>(Pair.hypot, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Loop.two<f64, Elementary>(Pair.hypot, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Loop.two<f32, Elementary>(Pair.logaddexp, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Loop.two<f64, Elementary>(Pair.logaddexp, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Loop.two<f32, Elementary>(Pair.logaddexp2, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Loop.two<f64, Elementary>(Pair.logaddexp2, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Loop.two<f32, Elementary>(Pair.copysign, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Loop.two<f64, Elementary>(Pair.copysign, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Loop.two<f32, Elementary>(Pair.xlogy, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Loop.two<f64, Elementary>(Pair.xlogy, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Loop.two<f32, Elementary>(Pair.heaviside, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Loop.two<f64, Elementary>(Pair.heaviside, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Next.rows<f32, i32>(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Next.rows<f64, i64>(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
