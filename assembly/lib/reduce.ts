// Sums of f32 or f64 that stay near one rounding: a few dozen numbers are added in T before they go into totals in f64.
// The order depends on the shape alone.

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

  /** The vector at `p` and the seven that follow it `step` bytes apart, added pairwise. */
  @inline static eight<T>(p: usize, step: usize): v128 {
    const p2 = p + 2 * step
    const p4 = p + 4 * step
    const p6 = p + 6 * step
    const a = v128.add<T>(v128.load(p), v128.load(p + step))
    const b = v128.add<T>(v128.load(p2), v128.load(p2 + step))
    const c = v128.add<T>(v128.load(p4), v128.load(p4 + step))
    const d = v128.add<T>(v128.load(p6), v128.load(p6 + step))
    return v128.add<T>(v128.add<T>(a, b), v128.add<T>(c, d))
  }

  /** The same for vectors of `bytes` bytes. */
  static eightParts<T>(p: usize, step: usize, bytes: i32): v128 {
    let sums = Table.zero()
    let pair = sums
    let four = sums
    // the same tree, leaf by leaf: a carry at every even leaf
    for (let i = 0; i < 8; i += 2) {
      const two = v128.add<T>(Part.load(p, bytes), Part.load(p + step, bytes))
      p += 2 * step
      if (i == 0 || i == 4) pair = two
      else if (i == 2) four = v128.add<T>(pair, two)
      else sums = v128.add<T>(four, v128.add<T>(pair, two))
    }
    return sums
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

  /** y[c] = Σ x[i, c] / divisor for `count` columns of n rows, `step` bytes apart: four vectors abreast, then one. */
  static columns<T>(x: usize, y: usize, n: i32, step: usize, count: i32, divisor: f64): void {
    const d = f64x2.splat(divisor)
    let left = count * <i32>sizeof<T>()
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
      for (let rows = n; rows > 0; ) {
        let v0: v128
        let v1: v128
        let v2: v128
        let v3: v128
        if (rows >= 8) {
          v0 = Table.zero()
          v1 = v0
          v2 = v0
          v3 = v0
          for (let group = 0; group < 4 && rows >= 8; group++) {
            v0 = v128.add<T>(v0, Sum.eight<T>(p, step))
            v1 = v128.add<T>(v1, Sum.eight<T>(p + 16, step))
            v2 = v128.add<T>(v2, Sum.eight<T>(p + 32, step))
            v3 = v128.add<T>(v3, Sum.eight<T>(p + 48, step))
            p += step << 3
            rows -= 8
          }
        } else {
          v0 = v128.load(p)
          v1 = v128.load(p, 16)
          v2 = v128.load(p, 32)
          v3 = v128.load(p, 48)
          p += step
          rows--
        }
        a0 = f64x2.add(a0, Sum.low<T>(v0))
        a1 = f64x2.add(a1, Sum.low<T>(v1))
        a2 = f64x2.add(a2, Sum.low<T>(v2))
        a3 = f64x2.add(a3, Sum.low<T>(v3))
        if (sizeof<T>() == 4) {
          b0 = f64x2.add(b0, Sum.low<T>(Sum.high(v0)))
          b1 = f64x2.add(b1, Sum.low<T>(Sum.high(v1)))
          b2 = f64x2.add(b2, Sum.low<T>(Sum.high(v2)))
          b3 = f64x2.add(b3, Sum.low<T>(Sum.high(v3)))
        }
      }
      v128.store(y, Sum.close<T>(a0, b0, d))
      v128.store(y, Sum.close<T>(a1, b1, d), 16)
      v128.store(y, Sum.close<T>(a2, b2, d), 32)
      v128.store(y, Sum.close<T>(a3, b3, d), 48)
      x += 64
      y += 64
    }
    for (; left > 0; left -= 16) {
      let a = Table.zero()
      let b = a
      let p = x
      for (let rows = n; rows > 0; ) {
        let v: v128
        if (rows >= 8) {
          v = Table.zero()
          for (let group = 0; group < 4 && rows >= 8; group++) {
            v = v128.add<T>(v, left >= 16 ? Sum.eight<T>(p, step) : Sum.eightParts<T>(p, step, left))
            p += step << 3
            rows -= 8
          }
        } else {
          v = Part.load(p, left)
          p += step
          rows--
        }
        a = f64x2.add(a, Sum.low<T>(v))
        if (sizeof<T>() == 4) b = f64x2.add(b, Sum.low<T>(Sum.high(v)))
      }
      Part.store(y, Sum.close<T>(a, b, d), left)
      x += 16
      y += 16
    }
  }
}

/** Operations that fold b into a, see lib/map, and what they start from. */
export interface Folding {
  start(kind: i32): v128
  at(a: v128, b: v128, kind: i32): v128
}

export class Fold {
  /** Op over x[0..n), in every lane: four vectors abreast, then lane by lane. */
  @inline static row<Op extends Folding, T>(kind: i32, x: usize, n: i32): v128 {
    const op = changetype<Op>(0)
    let a = op.start(kind)
    let b = a
    let c = a
    let d = a
    let left = n * <i32>sizeof<T>()
    for (; left >= 64; left -= 64) {
      a = op.at(a, v128.load(x), kind)
      b = op.at(b, v128.load(x, 16), kind)
      c = op.at(c, v128.load(x, 32), kind)
      d = op.at(d, v128.load(x, 48), kind)
      x += 64
    }
    for (; left >= 16; left -= 16) {
      a = op.at(a, v128.load(x), kind)
      x += 16
    }
    a = op.at(op.at(a, b, kind), op.at(c, d, kind), kind)
    a = op.at(a, v128.shuffle<i64>(a, a, 1, 0), kind)
    if (sizeof<T>() == 4) a = op.at(a, v128.shuffle<i32>(a, a, 1, 0, 3, 2), kind)
    for (; left > 0; left -= sizeof<T>()) {
      a = op.at(a, v128.load_splat<T>(x), kind)
      x += sizeof<T>()
    }
    return a
  }

  /** y[c] = Op over x[i, c] for `bytes` bytes of columns and n rows, `step` bytes apart: row by row into y. */
  @inline static columns<Op extends Folding, T>(kind: i32, x: usize, y: usize, n: i32, step: usize, bytes: i32): void {
    const op = changetype<Op>(0)
    for (let at = 0; at < bytes; at += 16) Part.store(y + at, op.start(kind), bytes - at)
    for (let i = 0; i < n; i++) {
      let p = x
      let q = y
      let left = bytes
      for (; left >= 16; left -= 16) {
        v128.store(q, op.at(v128.load(q), v128.load(p), kind))
        p += 16
        q += 16
      }
      if (left > 0) Part.store(q, op.at(Part.load(q, left), Part.load(p, left), kind), left)
      x += step
    }
  }
}
