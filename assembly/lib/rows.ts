// What softmax, cross-entropy and their gradients ask of a row of n numbers.

import { Table } from './constants'
import { Math32 } from './math32'
import { Math64 } from './math64'
import { Fold, Sum } from './reduce'

@unmanaged
class Above<T extends number> {
  @inline start(kind: i32): v128 {
    return v128.splat<T>(<T>-Infinity)
  }
  @inline at(a: v128, b: v128, kind: i32): v128 {
    return v128.pmax<T>(a, b)
  }
}

export class Row {
  /** e^x where x ≤ 0 */
  @inline static exp<T>(x: v128): v128 {
    return sizeof<T>() == 4 ? Math32.expNegative(x) : Math64.exp(x)
  }

  /** The same as a call. */
  @inline static expCall<T>(x: v128): v128 {
    return sizeof<T>() == 4 ? Math32.expBelow(x) : Math64.exp(x)
  }

  /** The largest element in every lane, NaN left out. */
  static max<T extends number>(x: usize, n: i32): v128 {
    return Fold.row<Above<T>, T>(0, x, n)
  }

  /** Σ e^(x[i] − top) */
  static sumExp<T>(x: usize, n: i32, top: v128): f64 {
    let total = Table.zero()
    let left = n * <i32>sizeof<T>()
    for (; left >= 64; left -= 64) {
      let v0 = v128.sub<T>(v128.load(x), top)
      let v1 = v128.sub<T>(v128.load(x, 16), top)
      let v2 = v128.sub<T>(v128.load(x, 32), top)
      let v3 = v128.sub<T>(v128.load(x, 48), top)
      v0 = Row.expCall<T>(v0)
      v1 = Row.expCall<T>(v1)
      v2 = Row.expCall<T>(v2)
      v3 = Row.expCall<T>(v3)
      total = Sum.into<T>(total, v128.add<T>(v128.add<T>(v0, v1), v128.add<T>(v2, v3)))
      x += 64
    }
    let sum = Sum.lanes(total)
    for (; left > 0; left -= sizeof<T>()) {
      sum += <f64>v128.extract_lane<T>(Row.expCall<T>(v128.sub<T>(v128.load_splat<T>(x), top)), 0)
      x += sizeof<T>()
    }
    return sum
  }

  /** ln Σ e^(x[i] − top) */
  @inline static logSumExp<T>(x: usize, n: i32, top: v128): f64 {
    return f64x2.extract_lane(Math64.log(f64x2.splat(Row.sumExp<T>(x, n, top))), 0)
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
    let sum = Sum.lanes(total)
    for (; left > 0; left -= sizeof<T>()) {
      sum += <f64>load<T>(a) * <f64>load<T>(b)
      a += sizeof<T>()
      b += sizeof<T>()
    }
    return sum
  }
}
