// Arithmetic on two operands: op_T(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end), y [outer, inner] contiguous,
// a at (r, c) is a[r·aOuter + c·aInner] with aInner 0 or 1, b likewise; [begin, end) counts elements of y; y may be a or b.
// pow has a relative error of 2e-13 at most in f64 and is rounded from that in f32.

import { Address } from '../lib/address'
import { Table } from '../lib/constants'
import { Math64 } from '../lib/math64'
import { Pair } from '../lib/pair'
import { Part } from '../lib/part'

enum Op {
  add,
  sub,
  mul,
  maximum,
  minimum,
  div,
  pow,
}

@unmanaged
class Add<T extends number> {
  @inline at(a: v128, b: v128): v128 {
    return v128.add<T>(a, b)
  }
}
@unmanaged
class Sub<T extends number> {
  @inline at(a: v128, b: v128): v128 {
    return v128.sub<T>(a, b)
  }
}
@unmanaged
class Mul<T extends number> {
  @inline at(a: v128, b: v128): v128 {
    return v128.mul<T>(a, b)
  }
}
@unmanaged
class Maximum<T extends number> {
  /** NaN where either is: pmax alone keeps that of a. */
  @inline at(a: v128, b: v128): v128 {
    if (isInteger<T>()) return v128.max<T>(a, b)
    return v128.bitselect(b, v128.pmax<T>(a, b), v128.ne<T>(b, b))
  }
}
@unmanaged
class Minimum<T extends number> {
  /** NaN where either is: pmin alone keeps that of a. */
  @inline at(a: v128, b: v128): v128 {
    if (isInteger<T>()) return v128.min<T>(a, b)
    return v128.bitselect(b, v128.pmin<T>(a, b), v128.ne<T>(b, b))
  }
}
@unmanaged
class Div<T extends number> {
  @inline at(a: v128, b: v128): v128 {
    return v128.div<T>(a, b)
  }
}
@unmanaged
class Pow<T extends number> {
  @inline at(a: v128, b: v128): v128 {
    return sizeof<T>() == 8 ? Math64.pow(a, b) : pow32(a, b)
  }
}
function pow32(a: v128, b: v128): v128 {
  const low = Math64.pow(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b))
  a = v128.shuffle<f64>(a, a, 1, 0)
  b = v128.shuffle<f64>(b, b, 1, 0)
  const high = Math64.pow(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b))
  return v128.shuffle<f64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2)
}

function at<T extends number>(kind: i32, a: v128, b: v128): v128 {
  switch (kind) {
    case Op.add:
      return changetype<Add<T>>(0).at(a, b)
    case Op.sub:
      return changetype<Sub<T>>(0).at(a, b)
    case Op.mul:
      return changetype<Mul<T>>(0).at(a, b)
    case Op.maximum:
      return changetype<Maximum<T>>(0).at(a, b)
  }
  if (isFloat<T>()) {
    if (kind == Op.div) return changetype<Div<T>>(0).at(a, b)
    if (kind == Op.pow) return changetype<Pow<T>>(0).at(a, b)
  }
  return changetype<Minimum<T>>(0).at(a, b)
}

/**
 * Behind every kernel below, row by row: whole blocks where both operands vary, then vector by vector. There an operand that
 * is one number for the row is read as zeros from the table and or-ed with its splat, so that one loop serves all.
 */
function map<T extends number>(
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
  const aStep = aInner << 4
  const bStep = bInner << 4
  let row = begin / inner
  let column = begin - row * inner
  let q = Address.of<T>(y, begin)
  while (begin < end) {
    let p = Address.of<T>(a, row * aOuter + column * aInner)
    let s = Address.of<T>(b, row * bOuter + column * bInner)
    const count = min(end - begin, inner - column)
    let left = count * <i32>sizeof<T>()
    begin += count
    row++
    column = 0
    const whole = left & ~63
    let aSplat = Table.zero()
    let bSplat = Table.zero()
    if (!aInner) {
      aSplat = v128.load_splat<T>(p)
      p = Table.ZEROS
    }
    if (!bInner) {
      bSplat = v128.load_splat<T>(s)
      s = Table.ZEROS
    }
    if (aInner & bInner)
      switch (kind) {
        case Op.add:
          Pair.blocks<Add<T>>(p, s, q, whole)
          break
        case Op.sub:
          Pair.blocks<Sub<T>>(p, s, q, whole)
          break
        case Op.mul:
          Pair.blocks<Mul<T>>(p, s, q, whole)
          break
        case Op.maximum:
          Pair.blocks<Maximum<T>>(p, s, q, whole)
          break
        case Op.minimum:
          Pair.blocks<Minimum<T>>(p, s, q, whole)
          break
        case Op.div:
          if (isFloat<T>()) Pair.blocks<Div<T>>(p, s, q, whole)
          break
        default:
          if (isFloat<T>()) Pair.blocks<Pow<T>>(p, s, q, whole)
      }
    else
      switch (kind) {
        case Op.add:
          Pair.mixed<Add<T>>(p, s, q, whole, aInner << 6, bInner << 6, aSplat, bSplat)
          break
        case Op.sub:
          Pair.mixed<Sub<T>>(p, s, q, whole, aInner << 6, bInner << 6, aSplat, bSplat)
          break
        case Op.mul:
          Pair.mixed<Mul<T>>(p, s, q, whole, aInner << 6, bInner << 6, aSplat, bSplat)
          break
        case Op.maximum:
          Pair.mixed<Maximum<T>>(p, s, q, whole, aInner << 6, bInner << 6, aSplat, bSplat)
          break
        case Op.minimum:
          Pair.mixed<Minimum<T>>(p, s, q, whole, aInner << 6, bInner << 6, aSplat, bSplat)
          break
        case Op.div:
          if (isFloat<T>()) Pair.mixed<Div<T>>(p, s, q, whole, aInner << 6, bInner << 6, aSplat, bSplat)
          break
        default:
          if (isFloat<T>()) Pair.mixed<Pow<T>>(p, s, q, whole, aInner << 6, bInner << 6, aSplat, bSplat)
      }
    p += whole * aInner
    s += whole * bInner
    q += whole
    left -= whole
    for (; left >= 16; left -= 16) {
      v128.store(q, at<T>(kind, v128.or(v128.load(p), aSplat), v128.or(v128.load(s), bSplat)))
      p += aStep
      s += bStep
      q += 16
    }
    if (left > 0) {
      const v = at<T>(kind, v128.or(Part.load(p, left), aSplat), v128.or(Part.load(s, left), bSplat))
      Part.store(q, v, left)
      q += left
    }
  }
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
  map<f32>(Op.add, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  map<f64>(Op.add, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  map<i32>(Op.add, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  map<f32>(Op.sub, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  map<f64>(Op.sub, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  map<i32>(Op.sub, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  map<f32>(Op.mul, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  map<f64>(Op.mul, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  map<i32>(Op.mul, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  map<f32>(Op.div, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  map<f64>(Op.div, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  map<f32>(Op.maximum, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  map<f64>(Op.maximum, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  map<i32>(Op.maximum, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  map<f32>(Op.minimum, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  map<f64>(Op.minimum, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  map<i32>(Op.minimum, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  map<f32>(Op.pow, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  map<f64>(Op.pow, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
