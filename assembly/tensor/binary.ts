// Arithmetic on two operands: op_T(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end), y [outer, inner] contiguous,
// a at (r, c) is a[r·aOuter + c·aInner] with aInner 0 or 1, b likewise; [begin, end) counts elements of y; y may be a or b.
// pow has a relative error of 2e-13 at most in f64 and is rounded from that in f32.

import { Table } from '../lib/constants'
import { Math64 } from '../lib/math64'
import { Pair } from '../lib/pair'

@unmanaged
class Add<T extends number> {
  @inline at(a: v128, b: v128, flip: v128): v128 {
    return v128.add<T>(a, b)
  }
}
@unmanaged
class Sub<T extends number> {
  @inline at(a: v128, b: v128, flip: v128): v128 {
    return v128.sub<T>(a, b)
  }
}
@unmanaged
class Mul<T extends number> {
  @inline at(a: v128, b: v128, flip: v128): v128 {
    return v128.mul<T>(a, b)
  }
}
@unmanaged
class Div<T extends number> {
  @inline at(a: v128, b: v128, flip: v128): v128 {
    return v128.div<T>(a, b)
  }
}
@unmanaged
class Extreme<T extends number> {
  /** The larger of a ^ flip and b ^ flip: with the sign (i32: all bits) flipped, the smaller of a and b. NaN where either is. */
  @inline at(a: v128, b: v128, flip: v128): v128 {
    a = v128.xor(a, flip)
    b = v128.xor(b, flip)
    if (isInteger<T>()) return v128.xor(v128.max<T>(a, b), flip)
    // pmax alone keeps NaN of a
    return v128.xor(v128.bitselect(b, v128.pmax<T>(a, b), v128.ne<T>(b, b)), flip)
  }
}
@unmanaged
class Pow<T extends number> {
  @inline at(a: v128, b: v128, flip: v128): v128 {
    if (sizeof<T>() == 8) return Math64.pow(a, b)
    return powFloat(a, b)
  }
}
function powFloat(a: v128, b: v128): v128 {
  const low = Math64.pow(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b))
  a = v128.shuffle<f64>(a, a, 1, 0)
  b = v128.shuffle<f64>(b, b, 1, 0)
  const high = Math64.pow(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b))
  return v128.shuffle<f64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2)
}

export function add_f32(
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
  Pair.map<Add<f32>, f32>(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end, Table.zero())
}
export function add_f64(
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
  Pair.map<Add<f64>, f64>(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end, Table.zero())
}
export function add_i32(
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
  Pair.map<Add<i32>, i32>(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end, Table.zero())
}
export function sub_f32(
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
  Pair.map<Sub<f32>, f32>(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end, Table.zero())
}
export function sub_f64(
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
  Pair.map<Sub<f64>, f64>(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end, Table.zero())
}
export function sub_i32(
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
  Pair.map<Sub<i32>, i32>(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end, Table.zero())
}
export function mul_f32(
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
  Pair.map<Mul<f32>, f32>(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end, Table.zero())
}
export function mul_f64(
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
  Pair.map<Mul<f64>, f64>(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end, Table.zero())
}
export function mul_i32(
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
  Pair.map<Mul<i32>, i32>(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end, Table.zero())
}
export function div_f32(
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
  Pair.map<Div<f32>, f32>(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end, Table.zero())
}
export function div_f64(
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
  Pair.map<Div<f64>, f64>(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end, Table.zero())
}
export function pow_f32(
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
  Pair.map<Pow<f32>, f32>(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end, Table.zero())
}
export function pow_f64(
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
  Pair.map<Pow<f64>, f64>(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end, Table.zero())
}
/** Maximum and minimum of one type, told apart by `flip`. */
function extreme<T extends number>(
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
  flip: v128,
): void {
  Pair.map<Extreme<T>, T>(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end, flip)
}

export function maximum_f32(
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
  extreme<f32>(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end, Table.zero())
}
export function maximum_f64(
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
  extreme<f64>(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end, Table.zero())
}
export function maximum_i32(
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
  extreme<i32>(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end, Table.zero())
}
export function minimum_f32(
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
  extreme<f32>(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end, f32x4.splat(-0.0))
}
export function minimum_f64(
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
  extreme<f64>(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end, f64x2.splat(-0.0))
}
export function minimum_i32(
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
  extreme<i32>(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end, i32x4.splat(-1))
}
