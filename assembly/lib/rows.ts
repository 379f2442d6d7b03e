// What softmax, cross-entropy and their gradients ask of a row of n numbers.

import { Table } from './constants'
import { Lanes } from './lanes'
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

  /** The first `bytes` bytes, at most 127, and zeros. */
  @inline static cut(x: v128, bytes: i32): v128 {
    return v128.and(x, i8x16.lt_s(v128.load(Table.COUNT), i8x16.splat(<i8>bytes)))
  }

  /** Σ (x[i] − mean)² */
  static spread<T>(x: usize, n: i32, mean: v128): f64 {
    let total = Table.zero()
    let left = n * <i32>sizeof<T>()
    for (; left >= 64; left -= 64) {
      const v0 = v128.sub<T>(v128.load(x), mean)
      const v1 = v128.sub<T>(v128.load(x, 16), mean)
      const v2 = v128.sub<T>(v128.load(x, 32), mean)
      const v3 = v128.sub<T>(v128.load(x, 48), mean)
      const low = v128.add<T>(v128.mul<T>(v0, v0), v128.mul<T>(v1, v1))
      total = Sum.into<T>(total, v128.add<T>(low, v128.add<T>(v128.mul<T>(v2, v2), v128.mul<T>(v3, v3))))
      x += 64
    }
    for (; left > 0; left -= 16) {
      const v = Row.cut(v128.sub<T>(Part.load(x, left), mean), left)
      total = Sum.into<T>(total, v128.mul<T>(v, v))
      x += 16
    }
    return Sum.lanes(total)
  }

  /** y[i] = e^(x[i] − top), which is only summed where y is 0; returns the sum. f32 within 2 ulp. */
  static exps<T>(x: usize, y: usize, n: i32, top: v128): f64 {
    let total = Table.zero()
    let left = n * <i32>sizeof<T>()
    for (; left >= 64; left -= 64) {
      let v0 = v128.sub<T>(v128.load(x), top)
      let v1 = v128.sub<T>(v128.load(x, 16), top)
      let v2 = v128.sub<T>(v128.load(x, 32), top)
      let v3 = v128.sub<T>(v128.load(x, 48), top)
      if (sizeof<T>() == 8) {
        v0 = Math64.exp(v0)
        v1 = Math64.exp(v1)
        v2 = Math64.exp(v2)
        v3 = Math64.exp(v3)
      } else {
        // Math32.expNegative with a shorter polynomial, four abreast, so that each constant is loaded once for them all.
        let k = Table.at<f32>(Table.EXP32, 14)
        v0 = f32x4.pmax(v0, k)
        v1 = f32x4.pmax(v1, k)
        v2 = f32x4.pmax(v2, k)
        v3 = f32x4.pmax(v3, k)
        k = Table.at<f32>(Table.EXP32, 0)
        const round = Table.at<f32>(Table.EXP32, 1)
        let n0 = Lanes.madd<f32>(v0, k, round)
        let n1 = Lanes.madd<f32>(v1, k, round)
        let n2 = Lanes.madd<f32>(v2, k, round)
        let n3 = Lanes.madd<f32>(v3, k, round)
        const s0 = i32x4.shl(n0, 23)
        const s1 = i32x4.shl(n1, 23)
        const s2 = i32x4.shl(n2, 23)
        const s3 = i32x4.shl(n3, 23)
        n0 = f32x4.sub(n0, round)
        n1 = f32x4.sub(n1, round)
        n2 = f32x4.sub(n2, round)
        n3 = f32x4.sub(n3, round)
        k = Table.at<f32>(Table.EXP32, 3)
        v0 = Lanes.madd<f32>(n0, k, v0)
        v1 = Lanes.madd<f32>(n1, k, v1)
        v2 = Lanes.madd<f32>(n2, k, v2)
        v3 = Lanes.madd<f32>(n3, k, v3)
        k = Table.at<f32>(Table.EXP32, 4)
        v0 = Lanes.madd<f32>(n0, k, v0)
        v1 = Lanes.madd<f32>(n1, k, v1)
        v2 = Lanes.madd<f32>(n2, k, v2)
        v3 = Lanes.madd<f32>(n3, k, v3)
        n0 = n1 = n2 = n3 = Table.at<f32>(Table.ROW32, 0)
        for (let power = Table.ROW32 + 4; power <= Table.ROW32 + 16; power += 4) {
          k = v128.load_splat<f32>(power)
          n0 = Lanes.madd<f32>(n0, v0, k)
          n1 = Lanes.madd<f32>(n1, v1, k)
          n2 = Lanes.madd<f32>(n2, v2, k)
          n3 = Lanes.madd<f32>(n3, v3, k)
        }
        v0 = Lanes.madd<f32>(n0, f32x4.mul(v0, s0), s0)
        v1 = Lanes.madd<f32>(n1, f32x4.mul(v1, s1), s1)
        v2 = Lanes.madd<f32>(n2, f32x4.mul(v2, s2), s2)
        v3 = Lanes.madd<f32>(n3, f32x4.mul(v3, s3), s3)
      }
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
      let v = Row.exp<T>(v128.sub<T>(left >= 16 ? v128.load(x) : Part.load(x, left), top))
      if (left < 16) v = Row.cut(v, left)
      if (y) {
        if (left >= 16) v128.store(y, v)
        else Part.store(y, v, left)
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
