// Special functions: op_T(x, y, begin, end), y[i] = op(x[i]); [begin, end) counts elements of y. All in f64, which f32 is
// rounded from once. Formulas and largest errors stand in lib/special64.

import { Address } from '../lib/address'
import { Loop } from '../lib/loop64'
import { Special64 } from '../lib/special64'

enum Op {
  erfc,
  erfinv,
  logit,
  sinc,
  lgamma,
  digamma,
}

@unmanaged
class Special {
  one(x: v128, kind: i32): v128 {
    switch (kind) {
      case Op.erfc:
        return Special64.erfc(x)
      case Op.erfinv:
        return Special64.erfinv(x)
      case Op.logit:
        return Special64.logit(x)
      case Op.sinc:
        return Special64.sinc(x)
    }
    // those that go by one number
    return f64x2.replace_lane(f64x2.splat(this.lane(x, kind, 0)), 1, this.lane(x, kind, 1))
  }

  @inline lane(x: v128, kind: i32, lane: i32): f64 {
    const v = lane ? f64x2.extract_lane(x, 1) : f64x2.extract_lane(x, 0)
    return kind == Op.lgamma ? Special64.lgamma(v) : Special64.digamma(v)
  }
}

class Zeta {
  /** y = scale · ζ(s, x) */
  @inline static map<T extends number>(x: usize, y: usize, s: f64, scale: f64, begin: i32, end: i32): void {
    for (; begin < end; begin++) {
      const v = scale * Special64.zeta(s, <f64>load<T>(Address.of<T>(x, begin)))
      store<T>(Address.of<T>(y, begin), <T>v)
    }
  }
}

export function erfc_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f32, Special>(Op.erfc, x, y, begin, end)
}
export function erfc_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f64, Special>(Op.erfc, x, y, begin, end)
}
export function erfinv_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f32, Special>(Op.erfinv, x, y, begin, end)
}
export function erfinv_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f64, Special>(Op.erfinv, x, y, begin, end)
}
export function logit_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f32, Special>(Op.logit, x, y, begin, end)
}
export function logit_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f64, Special>(Op.logit, x, y, begin, end)
}
export function sinc_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f32, Special>(Op.sinc, x, y, begin, end)
}
export function sinc_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f64, Special>(Op.sinc, x, y, begin, end)
}
export function lgamma_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f32, Special>(Op.lgamma, x, y, begin, end)
}
export function lgamma_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f64, Special>(Op.lgamma, x, y, begin, end)
}
export function digamma_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f32, Special>(Op.digamma, x, y, begin, end)
}
export function digamma_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Loop.one<f64, Special>(Op.digamma, x, y, begin, end)
}
/** y = scale · ζ(s, x), Hurwitz's zeta function. */
export function zeta_f32(x: usize, y: usize, s: f64, scale: f64, begin: i32, end: i32): void {
  Zeta.map<f32>(x, y, s, scale, begin, end)
}
/** y = scale · ζ(s, x), Hurwitz's zeta function. */
export function zeta_f64(x: usize, y: usize, s: f64, scale: f64, begin: i32, end: i32): void {
  Zeta.map<f64>(x, y, s, scale, begin, end)
}
