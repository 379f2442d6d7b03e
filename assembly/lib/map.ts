// The loops over elements. An operation is a class with one method `at`, which takes and returns a vector of T; a loop takes
// the class as a type. Many kernels of one type share their edges and are told apart by `kind`; only the loop over whole
// blocks of 64 bytes exists once for each. The tail goes through the same formula on a partly filled vector, so that an
// element's bits never depend on where a share of the work begins or ends, and x may be y.

import { Address } from './address'
import { Part } from './part'

/** Operations on the lanes of one vector. */
export interface Unary {
  at(x: v128, kind: i32): v128
}

export class Map {
  /** y = Op(x) over `bytes` bytes, a multiple of 64. */
  @inline static blocks<Op extends Unary>(x: usize, y: usize, bytes: i32): void {
    const op = changetype<Op>(0)
    for (const end = y + bytes; y < end; y += 64) {
      v128.store(y, op.at(v128.load(x), 0))
      v128.store(y, op.at(v128.load(x, 16), 0), 16)
      v128.store(y, op.at(v128.load(x, 32), 0), 32)
      v128.store(y, op.at(v128.load(x, 48), 0), 48)
      x += 64
    }
  }

  /** y[i] = Op(x[i]), four vectors at a time: V8 then loads the constants of a formula once for the four. */
  @inline static four<Op extends Unary, T>(kind: i32, x: usize, y: usize, begin: i32, end: i32): void {
    const op = changetype<Op>(0)
    let p = Address.of<T>(x, begin)
    let q = Address.of<T>(y, begin)
    let left = (end - begin) * sizeof<T>()
    for (; left >= 64; left -= 64) {
      let v0 = v128.load(p)
      let v1 = v128.load(p, 16)
      let v2 = v128.load(p, 32)
      let v3 = v128.load(p, 48)
      v0 = op.at(v0, kind)
      v1 = op.at(v1, kind)
      v2 = op.at(v2, kind)
      v3 = op.at(v3, kind)
      v128.store(q, v0)
      v128.store(q, v1, 16)
      v128.store(q, v2, 32)
      v128.store(q, v3, 48)
      p += 64
      q += 64
    }
    for (; left > 0; left -= 16) {
      Part.store(q, op.at(Part.load(p, left), kind), left)
      p += 16
      q += 16
    }
  }

  /** y[i] = Op(x[i]), one vector at a time: for long formulas, which are functions of their own. */
  @inline static one<Op extends Unary, T>(kind: i32, x: usize, y: usize, begin: i32, end: i32): void {
    const op = changetype<Op>(0)
    let p = Address.of<T>(x, begin)
    let q = Address.of<T>(y, begin)
    let left = (end - begin) * sizeof<T>()
    for (; left >= 16; left -= 16) {
      v128.store(q, op.at(v128.load(p), kind))
      p += 16
      q += 16
    }
    if (left > 0) Part.store(q, op.at(Part.load(p, left), kind), left)
  }

  /** f(x) of four f32, where Op takes and returns two f64. */
  @inline static wide<Op extends Unary>(x: v128, kind: i32): v128 {
    const op = changetype<Op>(0)
    const low = f32x4.demote_f64x2_zero(op.at(f64x2.promote_low_f32x4(x), kind))
    const high = f32x4.demote_f64x2_zero(op.at(f64x2.promote_low_f32x4(v128.shuffle<f64>(x, x, 1, 0)), kind))
    return v128.shuffle<f64>(low, high, 0, 2)
  }
}
