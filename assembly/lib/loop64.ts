// The loops of the less common functions: all of a kind in one class, whose method goes by a number. In f64, which f32 is
// rounded from once.

import { Address } from './address'
import { Part } from './part'

/** Formulas of two f64. */
export interface One {
  one(x: v128, kind: i32): v128
}
/** Formulas of two pairs of f64. */
export interface Two {
  two(a: v128, b: v128, kind: i32): v128
}

export class Loop {
  /** Two elements of T as f64, one of which may be missing; with step 0 the same one twice. */
  @inline static load<T>(from: usize, step: i32, left: i32): v128 {
    if (sizeof<T>() == 8) return step && left > 1 ? v128.load(from) : v128.load64_splat(from)
    return f64x2.promote_low_f32x4(step && left > 1 ? v128.load64_zero(from) : v128.load32_splat(from))
  }

  @inline static store<T>(to: usize, x: v128, left: i32): void {
    if (sizeof<T>() == 8) {
      if (left > 1) v128.store(to, x)
      else v128.store64_lane(to, x, 0)
    } else if (left > 1) v128.store64_lane(to, f32x4.demote_f64x2_zero(x), 0)
    else v128.store32_lane(to, f32x4.demote_f64x2_zero(x), 0)
  }

  static one<T, F extends One>(kind: i32, x: usize, y: usize, begin: i32, end: i32): void {
    x = Address.of<T>(x, begin)
    y = Address.of<T>(y, begin)
    for (let left = end - begin; left > 0; left -= 2) {
      Loop.store<T>(y, changetype<F>(0).one(Loop.load<T>(x, 1, left), kind), left)
      x += 2 * sizeof<T>()
      y += 2 * sizeof<T>()
    }
  }

  static two<T, F extends Two>(
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
    let row = begin / inner
    let column = begin - row * inner
    while (begin < end) {
      let p = Address.of<T>(a, row * aOuter + column * aInner)
      let q = Address.of<T>(b, row * bOuter + column * bInner)
      const n = min(end - begin, inner - column)
      for (let i = 0; i < n; i += 2) {
        const v = changetype<F>(0).two(Loop.load<T>(p, aInner, n - i), Loop.load<T>(q, bInner, n - i), kind)
        Loop.store<T>(Address.of<T>(y, begin + i), v, n - i)
        p = Address.of<T>(p, 2 * aInner)
        q = Address.of<T>(q, 2 * bInner)
      }
      begin += n
      row++
      column = 0
    }
  }
}
