// Sums of f32 or f64 that stay near one rounding: a few dozen numbers are added in T before they go into totals in f64.
// The order depends on the shape alone.

import { Address } from './address'
import { Table } from './constants'
import { Part } from './part'

export class Sum {
  @inline static high(x: v128): v128 {
    return v128.shuffle<i64>(x, x, 1, 0)
  }

  /** What a vector adds to the total of its first two lanes, and (f32 only) of its last two. */
  @inline static low<T>(x: v128): v128 {
    return sizeof<T>() == 4 ? f64x2.promote_low_f32x4(x) : x
  }

  /** Σ x[i], i < n: four vectors take up to 1024 bytes before they go into the total. */
  static row<T>(x: usize, n: i32): f64 {
    let total = Table.zero()
    let left = n * <i32>sizeof<T>()
    while (left > 0) {
      let a = Table.zero()
      let b = a
      let c = a
      let d = a
      const bytes = min(left & ~127, 1024)
      left -= bytes
      for (const stop = x + bytes; x < stop; x += 128) {
        a = v128.add<T>(a, v128.add<T>(v128.load(x), v128.load(x, 16)))
        b = v128.add<T>(b, v128.add<T>(v128.load(x, 32), v128.load(x, 48)))
        c = v128.add<T>(c, v128.add<T>(v128.load(x, 64), v128.load(x, 80)))
        d = v128.add<T>(d, v128.add<T>(v128.load(x, 96), v128.load(x, 112)))
      }
      if (left < 128)
        for (; left > 0; left -= 16) {
          a = v128.add<T>(a, left >= 16 ? v128.load(x) : Part.load(x, left))
          x += 16
        }
      total = Sum.into<T>(total, v128.add<T>(v128.add<T>(a, b), v128.add<T>(c, d)))
    }
    return Sum.lanes(total)
  }

  /** total + the lanes of v, in two lanes of f64 */
  @inline static into<T>(total: v128, v: v128): v128 {
    total = f64x2.add(total, Sum.low<T>(v))
    return sizeof<T>() == 4 ? f64x2.add(total, Sum.low<T>(Sum.high(v))) : total
  }

  @inline static lanes(x: v128): f64 {
    return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1)
  }

  /** The totals of two vectors of f64 divided and rounded to a vector of T. */
  @inline static close<T>(a: v128, b: v128, divisor: v128): v128 {
    if (sizeof<T>() == 8) return f64x2.div(a, divisor)
    return v128.shuffle<i64>(
      f32x4.demote_f64x2_zero(f64x2.div(a, divisor)),
      f32x4.demote_f64x2_zero(f64x2.div(b, divisor)),
      0,
      2,
    )
  }

  /** y[c] = Σ x[i, c] / divisor for `count` columns of n rows of f32, `step` bytes apart: four vectors abreast, then one. */
  static columns(x: usize, y: usize, n: i32, step: usize, count: i32, divisor: f64): void {
    const d = f64x2.splat(divisor)
    let left = count << 2
    for (; left >= 64; left -= 64) {
      let a0 = Table.zero()
      let a1 = a0
      let a2 = a0
      let a3 = a0
      let b0 = a0
      let b1 = a0
      let b2 = a0
      let b3 = a0
      let p = x
      for (let rows = n; rows > 0; rows -= 16) {
        let v0 = Table.zero()
        let v1 = v0
        let v2 = v0
        let v3 = v0
        for (const stop = p + <usize>min(rows, 16) * step; p != stop; p += step) {
          v0 = f32x4.add(v0, v128.load(p))
          v1 = f32x4.add(v1, v128.load(p, 16))
          v2 = f32x4.add(v2, v128.load(p, 32))
          v3 = f32x4.add(v3, v128.load(p, 48))
        }
        a0 = f64x2.add(a0, f64x2.promote_low_f32x4(v0))
        b0 = f64x2.add(b0, f64x2.promote_low_f32x4(Sum.high(v0)))
        a1 = f64x2.add(a1, f64x2.promote_low_f32x4(v1))
        b1 = f64x2.add(b1, f64x2.promote_low_f32x4(Sum.high(v1)))
        a2 = f64x2.add(a2, f64x2.promote_low_f32x4(v2))
        b2 = f64x2.add(b2, f64x2.promote_low_f32x4(Sum.high(v2)))
        a3 = f64x2.add(a3, f64x2.promote_low_f32x4(v3))
        b3 = f64x2.add(b3, f64x2.promote_low_f32x4(Sum.high(v3)))
      }
      v128.store(y, Sum.close<f32>(a0, b0, d))
      v128.store(y, Sum.close<f32>(a1, b1, d), 16)
      v128.store(y, Sum.close<f32>(a2, b2, d), 32)
      v128.store(y, Sum.close<f32>(a3, b3, d), 48)
      x += 64
      y += 64
    }
    while (left > 0) {
      const bytes = left >= 16 ? 16 : left & 8 ? 8 : 4
      let a = Table.zero()
      let b = a
      let p = x
      for (let rows = n; rows > 0; rows -= 16) {
        let v = Table.zero()
        for (const stop = p + <usize>min(rows, 16) * step; p != stop; p += step)
          v = f32x4.add(v, bytes == 16 ? v128.load(p) : bytes == 8 ? v128.load64_zero(p) : v128.load32_zero(p))
        a = f64x2.add(a, f64x2.promote_low_f32x4(v))
        b = f64x2.add(b, f64x2.promote_low_f32x4(Sum.high(v)))
      }
      Part.store(y, Sum.close<f32>(a, b, d), bytes)
      x += bytes
      y += bytes
      left -= bytes
    }
  }
}

/** A commutative operation on the lanes of two vectors. */
export interface Folding {
  at(a: v128, b: v128): v128
}

@unmanaged
class Product<T extends number> {
  @inline at(a: v128, b: v128): v128 {
    return v128.mul<T>(a, b)
  }
}
@unmanaged
class Total {
  @inline at(a: v128, b: v128): v128 {
    return i32x4.add(a, b)
  }
}
@unmanaged
class Larger<T extends number> {
  /** NaN is left out, unless it is a. */
  @inline at(a: v128, b: v128): v128 {
    return isInteger<T>() ? v128.max<T>(a, b) : v128.pmax<T>(a, b)
  }
}

/** Folds of a row. */
export class Fold {
  /** Op over x[0..n) in every lane, from `start`, which changes nothing. */
  @inline static row<Op extends Folding, T extends number>(x: usize, n: i32, start: v128): v128 {
    const op = changetype<Op>(0)
    let a = start
    let b = start
    let left = n * <i32>sizeof<T>()
    for (; left >= 32; left -= 32) {
      a = op.at(a, v128.load(x))
      b = op.at(b, v128.load(x, 16))
      x += 32
    }
    a = op.at(a, b)
    a = op.at(a, v128.shuffle<i64>(a, a, 1, 0))
    if (sizeof<T>() == 4) a = op.at(a, v128.shuffle<i32>(a, a, 1, 0, 3, 2))
    for (; left > 0; left -= sizeof<T>()) {
      a = op.at(a, v128.load_splat<T>(x))
      x += sizeof<T>()
    }
    return a
  }

  /** Π x[i] */
  static product<T extends number>(x: usize, n: i32): T {
    return v128.extract_lane<T>(Fold.row<Product<T>, T>(x, n, v128.splat<T>(<T>1)), 0)
  }

  /** Σ x[i] of i32 */
  static total(x: usize, n: i32): i32 {
    return i32x4.extract_lane(Fold.row<Total, i32>(x, n, Table.zero()), 0)
  }

  /** The largest element in every lane, NaN left out. */
  static largest<T extends number>(x: usize, n: i32): v128 {
    return Fold.row<Larger<T>, T>(x, n, v128.splat<T>(<T>-Infinity))
  }

  /** What turns the order of T around: its sign, of i32 all bits. */
  @inline static flip<T>(): v128 {
    return isInteger<T>() ? i32x4.splat(-1) : v128.splat<T>(<T>-0.0)
  }

  /** The largest of x ^ flip, n > 0, in every lane; NaN if there is one. */
  static top<T extends number>(x: usize, n: i32, flip: v128): v128 {
    const op = changetype<Larger<T>>(0)
    let a = v128.xor(v128.load_splat<T>(x), flip)
    let b = a
    let bad = Table.zero()
    let left = n * <i32>sizeof<T>()
    for (; left >= 32; left -= 32) {
      const v = v128.xor(v128.load(x), flip)
      const w = v128.xor(v128.load(x, 16), flip)
      a = op.at(a, v)
      b = op.at(b, w)
      if (isFloat<T>()) bad = v128.or(bad, v128.or(v128.ne<T>(v, v), v128.ne<T>(w, w)))
      x += 32
    }
    a = op.at(a, b)
    a = op.at(a, v128.shuffle<i64>(a, a, 1, 0))
    if (sizeof<T>() == 4) a = op.at(a, v128.shuffle<i32>(a, a, 1, 0, 3, 2))
    for (; left > 0; left -= sizeof<T>()) {
      const v = v128.xor(v128.load_splat<T>(x), flip)
      a = op.at(a, v)
      if (isFloat<T>()) bad = v128.or(bad, v128.ne<T>(v, v))
      x += sizeof<T>()
    }
    return isFloat<T>() && v128.any_true(bad) ? v128.splat<T>(<T>NaN) : a
  }

  /** Where the first largest of x ^ flip stands, or the first NaN. */
  static find<T extends number>(x: usize, n: i32, flip: v128): i32 {
    const top = v128.xor(Fold.top<T>(x, n, flip), flip)
    const from = x
    const stop = Address.of<T>(x, n)
    while (x + 16 <= stop && !Fold.hit<T>(v128.load(x), top)) x += 16
    while (x < stop && !Fold.hit<T>(v128.load_splat<T>(x), top)) x += sizeof<T>()
    return <i32>(x - from) / sizeof<T>()
  }

  /** Whether a lane of v equals `top`, or is NaN as it is. */
  @inline static hit<T extends number>(v: v128, top: v128): bool {
    if (isInteger<T>()) return v128.any_true(v128.eq<T>(v, top))
    return v128.any_true(v128.or(v128.eq<T>(v, top), v128.and(v128.ne<T>(v, v), v128.ne<T>(top, top))))
  }
}
