// What the operations on two operands share: y [outer, inner] contiguous, a at (r, c) is a[r·aOuter + c·aInner] with aInner 0
// or 1, b likewise; [begin, end) counts elements of y; y may be a or b.

import { Table } from '../lib/constants'
import { Math64 } from '../lib/math64'
import { Pair, Type } from '../lib/pair'
import { Part } from '../lib/part'

/** Operations on numbers: added to a Type they are a kind. */
export enum Op {
  add = 0,
  sub = 4,
  mul = 8,
  maximum = 12,
  minimum = 16,
  div = 20,
  pow = 24,
}

/** Operations on the bits of elements of any width. */
export enum Bits {
  and = 28,
  or = 32,
  xor = 36,
}

/** Operations on bytes. */
export enum Logic {
  and = 0,
  or = 4,
  xor = 8,
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
/** In f64, by a short form; where a base is not positive or something infinite by the long one: lane by lane, for results must
 * not depend on what stands beside them. */
function pow32(a: v128, b: v128): v128 {
  const infinity = Table.at<i32>(Table.LOG32_BITS, 1)
  const base = v128.and(f32x4.gt(a, Table.zero()), f32x4.lt(a, infinity))
  const regular = v128.and(base, f32x4.lt(v128.and(b, Table.at<f32>(Table.BITS32, 0)), infinity))
  const y = power(a, b, true)
  return i32x4.all_true(regular) ? y : v128.bitselect(y, power(a, b, false), regular)
}
function power(a: v128, b: v128, isShort: bool): v128 {
  let y = a
  for (let half = 0; half < 2; half++) {
    const p = f64x2.promote_low_f32x4(a)
    const q = f64x2.promote_low_f32x4(b)
    y = v128.shuffle<f64>(y, f32x4.demote_f64x2_zero(isShort ? Math64.shortPow(p, q) : Math64.pow(p, q)), 1, 2)
    a = v128.shuffle<f64>(a, a, 1, 0)
    b = v128.shuffle<f64>(b, b, 1, 0)
  }
  return y
}

@unmanaged
class BitAnd {
  @inline at(a: v128, b: v128): v128 {
    return v128.and(a, b)
  }
}
@unmanaged
class BitOr {
  @inline at(a: v128, b: v128): v128 {
    return v128.or(a, b)
  }
}
@unmanaged
class BitXor {
  @inline at(a: v128, b: v128): v128 {
    return v128.xor(a, b)
  }
}

/** Logic on bytes: any nonzero is true, results are 0 or 1. */
@unmanaged
class And {
  @inline at(a: v128, b: v128): v128 {
    const zero = Table.zero()
    return v128.and(v128.and(i8x16.ne(a, zero), i8x16.ne(b, zero)), i8x16.splat(1))
  }
}
@unmanaged
class Or {
  @inline at(a: v128, b: v128): v128 {
    return v128.and(i8x16.ne(v128.or(a, b), Table.zero()), i8x16.splat(1))
  }
}
@unmanaged
class Xor {
  @inline at(a: v128, b: v128): v128 {
    const zero = Table.zero()
    return v128.and(v128.xor(i8x16.eq(a, zero), i8x16.eq(b, zero)), i8x16.splat(1))
  }
}

export class Pairs {
  /**
   * y = a op b; `kind` is an Op or Logic plus a Type. Row by row: pairs of vectors and the first vector after them, then
   * what is left.
   */
  static map(
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
    const shift = Pair.shift(kind & 3)
    let row = begin / inner
    let column = begin - row * inner
    let q = y + (begin << shift)
    while (begin < end) {
      let p = a + ((row * aOuter + column * aInner) << shift)
      let s = b + ((row * bOuter + column * bInner) << shift)
      let left = min(end - begin, inner - column)
      begin += left
      left <<= shift
      row++
      column = 0
      const a0 = p
      const b0 = s
      if (!aInner) p = Table.ZEROS
      if (!bInner) s = Table.ZEROS
      do {
        const whole = left & ~31
        const stop = q + whole
        left -= whole
        let u = Table.zero()
        let w = u
        if (left > 0) {
          u = Part.load(p + whole * aInner, left)
          w = Part.load(s + whole * bInner, left)
        }
        // after the calls, which would keep them from registers
        const aSplat = aInner ? Table.zero() : Pair.splat(a0, shift)
        const bSplat = bInner ? Table.zero() : Pair.splat(b0, shift)
        switch (kind) {
          case Op.add + Type.f32:
            u = Pair.run<Add<f32>>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
          case Op.add + Type.f64:
            u = Pair.run<Add<f64>>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
          case Op.add + Type.i32:
            u = Pair.run<Add<i32>>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
          case Op.sub + Type.f32:
            u = Pair.run<Sub<f32>>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
          case Op.sub + Type.f64:
            u = Pair.run<Sub<f64>>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
          case Op.sub + Type.i32:
            u = Pair.run<Sub<i32>>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
          case Op.mul + Type.f32:
            u = Pair.run<Mul<f32>>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
          case Op.mul + Type.f64:
            u = Pair.run<Mul<f64>>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
          case Op.mul + Type.i32:
            u = Pair.run<Mul<i32>>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
          case Op.maximum + Type.f32:
            u = Pair.run<Maximum<f32>>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
          case Op.maximum + Type.f64:
            u = Pair.run<Maximum<f64>>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
          case Op.maximum + Type.i32:
            u = Pair.run<Maximum<i32>>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
          case Op.minimum + Type.f32:
            u = Pair.run<Minimum<f32>>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
          case Op.minimum + Type.f64:
            u = Pair.run<Minimum<f64>>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
          case Op.minimum + Type.i32:
            u = Pair.run<Minimum<i32>>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
          case Op.div + Type.f32:
            u = Pair.run<Div<f32>>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
          case Op.div + Type.f64:
            u = Pair.run<Div<f64>>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
          case Op.pow + Type.f32:
            u = Pair.run<Pow<f32>>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
          case Op.pow + Type.f64:
            u = Pair.run<Pow<f64>>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
          case Bits.and + Type.f64:
          case Bits.and + Type.i32:
          case Bits.and + Type.u8:
            u = Pair.run<BitAnd>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
          case Bits.or + Type.f64:
          case Bits.or + Type.i32:
          case Bits.or + Type.u8:
            u = Pair.run<BitOr>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
          case Bits.xor + Type.f64:
          case Bits.xor + Type.i32:
          case Bits.xor + Type.u8:
            u = Pair.run<BitXor>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
          case Logic.and + Type.u8:
            u = Pair.run<And>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
          case Logic.or + Type.u8:
            u = Pair.run<Or>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
          case Logic.xor + Type.u8:
            u = Pair.run<Xor>(p, s, q, stop, aInner, bInner, aSplat, bSplat, u, w)
            break
        }
        q = stop
        if (left > 0) {
          Part.store(q, u, left)
          p += (whole + 16) * aInner
          s += (whole + 16) * bInner
          q += min(left, 16)
          left -= 16
        }
      } while (left > 0)
    }
  }
}
