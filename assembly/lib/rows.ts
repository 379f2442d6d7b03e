// What softmax, cross-entropy and their gradients ask of a row of n numbers.

import { Table } from './constants'
import { Math32 } from './math32'
import { Math64 } from './math64'
import { Part } from './part'
import { Fold, Sum } from './reduce'

export class Row {
  /** e^x where x ≤ 0 */
  @inline static exp<T>(x: v128): v128 {
    return sizeof<T>() == 4 ? Math32.expNegative(x) : Math64.exp(x)
  }

  /** The same as a call. */
  @inline static expCall<T>(x: v128): v128 {
    return sizeof<T>() == 4 ? Math32.exp(x) : Math64.exp(x)
  }

  /** The largest element in every lane, NaN left out. */
  @inline static max<T extends number>(x: usize, n: i32): v128 {
    return Fold.largest<T>(x, n)
  }

  /** y[i] = e^(x[i] − top), which is only summed where y is 0; returns the sum. */
  static exps<T>(x: usize, y: usize, n: i32, top: v128): f64 {
    let total = Table.zero()
    let left = n * <i32>sizeof<T>()
    for (; left >= 64; left -= 64) {
      let v0 = v128.sub<T>(v128.load(x), top)
      let v1 = v128.sub<T>(v128.load(x, 16), top)
      let v2 = v128.sub<T>(v128.load(x, 32), top)
      let v3 = v128.sub<T>(v128.load(x, 48), top)
      v0 = Row.exp<T>(v0)
      v1 = Row.exp<T>(v1)
      v2 = Row.exp<T>(v2)
      v3 = Row.exp<T>(v3)
      total = Sum.into<T>(total, v128.add<T>(v128.add<T>(v0, v1), v128.add<T>(v2, v3)))
      x += 64
      if (!y) continue
      v128.store(y, v0)
      v128.store(y, v1, 16)
      v128.store(y, v2, 32)
      v128.store(y, v3, 48)
      y += 64
    }
    for (; left > 0; left -= 16) {
      const inside = i8x16.lt_s(v128.load(Table.COUNT), i8x16.splat(<i8>left))
      const v = v128.and(Row.expCall<T>(v128.sub<T>(Part.load(x, left), top)), inside)
      if (y) {
        Part.store(y, v, left)
        y += 16
      }
      total = Sum.into<T>(total, v)
      x += 16
    }
    return Sum.lanes(total)
  }

  /** ln Σ e^(x[i] − top) */
  @inline static logSumExp<T>(x: usize, n: i32, top: v128): f64 {
    return f64x2.extract_lane(Math64.log(f64x2.splat(Row.exps<T>(x, 0, n, top))), 0)
  }

  /** Σ a[i] b[i] */
  static dot<T>(a: usize, b: usize, n: i32): f64 {
    let total = Table.zero()
    let left = n * <i32>sizeof<T>()
    for (; left >= 64; left -= 64) {
      const v0 = v128.mul<T>(v128.load(a), v128.load(b))
      const v1 = v128.mul<T>(v128.load(a, 16), v128.load(b, 16))
      const v2 = v128.mul<T>(v128.load(a, 32), v128.load(b, 32))
      const v3 = v128.mul<T>(v128.load(a, 48), v128.load(b, 48))
      total = Sum.into<T>(total, v128.add<T>(v128.add<T>(v0, v1), v128.add<T>(v2, v3)))
      a += 64
      b += 64
    }
    for (; left > 0; left -= 16) {
      total = Sum.into<T>(total, v128.mul<T>(Part.load(a, left), Part.load(b, left)))
      a += 16
      b += 16
    }
    return Sum.lanes(total)
  }
}
