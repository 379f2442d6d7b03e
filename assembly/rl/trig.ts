// Sine and cosine of the same angles at once, inlined: what the equations of motion are full of. Tables and error as in
// lib/math64 (1.8 ulp); for angles up to 1.6 million radians.

import { Table } from '../lib/constants'

/** sin x = pick(s, c, t, 0), cos x = pick(s, c, t, 1) with t = turn(x), r = rest(x, t), s = sine(r), c = cosine(r). */
export class Trig {
  /** Quarter turns of x in the low bits. */
  @inline static turn(x: v128): v128 {
    return f64x2.add(f64x2.mul(x, Table.at<f64>(Table.TRIG64, 0)), Table.at<f64>(Table.TRIG64, 1))
  }

  /** What is left of x, within π/4. */
  @inline static rest(x: v128, t: v128): v128 {
    const n = f64x2.sub(t, Table.at<f64>(Table.TRIG64, 1))
    let r = f64x2.add(x, f64x2.mul(n, Table.at<f64>(Table.TRIG64, 2)))
    r = f64x2.add(r, f64x2.mul(n, Table.at<f64>(Table.TRIG64, 3)))
    return f64x2.add(r, f64x2.mul(n, Table.at<f64>(Table.TRIG64, 4)))
  }

  /** sin r on |r| ≤ π/4 */
  @inline static sine(r: v128): v128 {
    const z = f64x2.mul(r, r)
    let s = Table.step<f64>(Table.at<f64>(Table.TRIG64, 6), z, Table.TRIG64, 7)
    s = Table.step<f64>(s, z, Table.TRIG64, 8)
    s = Table.step<f64>(s, z, Table.TRIG64, 9)
    s = Table.step<f64>(s, z, Table.TRIG64, 10)
    s = Table.step<f64>(s, z, Table.TRIG64, 11)
    return f64x2.add(r, f64x2.mul(s, f64x2.mul(z, r)))
  }

  /** cos r on |r| ≤ π/4 */
  @inline static cosine(r: v128): v128 {
    const z = f64x2.mul(r, r)
    let c = Table.step<f64>(Table.at<f64>(Table.TRIG64, 12), z, Table.TRIG64, 13)
    c = Table.step<f64>(c, z, Table.TRIG64, 14)
    c = Table.step<f64>(c, z, Table.TRIG64, 15)
    c = Table.step<f64>(c, z, Table.TRIG64, 16)
    c = Table.step<f64>(c, z, Table.TRIG64, 17)
    const half = f64x2.mul(z, Table.at<f64>(Table.TRIG64, 18))
    const one = Table.at<f64>(Table.TRIG64, 19)
    const w = f64x2.sub(one, half)
    return f64x2.add(w, f64x2.add(f64x2.sub(f64x2.sub(one, w), half), f64x2.mul(c, f64x2.mul(z, z))))
  }

  /** The one of sine and cosine, with its sign, that a quarter turn makes of them. */
  @inline static pick(s: v128, c: v128, t: v128, quarter: i64): v128 {
    const quarters = quarter ? i64x2.add(t, i64x2.splat(quarter)) : t
    const odd = i64x2.shr_s(i64x2.shl(quarters, 63), 63)
    return v128.xor(v128.bitselect(c, s, odd), i64x2.shl(i64x2.shr_u(quarters, 1), 63))
  }

  /** cos x alone. */
  @inline static cos(x: v128): v128 {
    const t = Trig.turn(x)
    const r = Trig.rest(x, t)
    return Trig.pick(Trig.sine(r), Trig.cosine(r), t, 1)
  }

  /** cos and sin of two angles as f32, one angle behind the other. */
  static rows2(x: v128): v128 {
    const t = Trig.turn(x)
    const r = Trig.rest(x, t)
    const s = Trig.sine(r)
    const c = Trig.cosine(r)
    const cosine = f32x4.demote_f64x2_zero(Trig.pick(s, c, t, 1))
    return v128.shuffle<f32>(cosine, f32x4.demote_f64x2_zero(Trig.pick(s, c, t, 0)), 0, 4, 1, 5)
  }
}
