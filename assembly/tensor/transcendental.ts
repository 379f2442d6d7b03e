// Transcendental functions of one argument: op_T(x, y, begin, end), y[i] = op(x[i]); [begin, end) counts elements; y may
// be x. Formulas and largest errors stand in lib/math32 and lib/math64; most of f32 is in smooth.ts.

import { Address } from '../lib/address'
import { Table } from '../lib/constants'
import { Map } from '../lib/map'
import { Math32 } from '../lib/math32'
import { Math64 } from '../lib/math64'
import { Part } from '../lib/part'

enum Op {
  exp,
  log,
  log1p,
  expm1,
  tanh,
  sigmoid,
  erf,
  sin,
  cos,
  gelu,
  geluTanh,
}

class Kind {
  /** Formulas of two f64. */
  static double(x: v128, kind: i32): v128 {
    switch (kind) {
      case Op.exp:
        return Math64.exp(x)
      case Op.log:
        return Math64.log(x)
      case Op.log1p:
        return Math64.log1p(x)
      case Op.expm1:
        return Math64.expm1(x)
      case Op.tanh:
        return Math64.tanh(x)
      case Op.sigmoid:
        return Math64.sigmoid(x)
      case Op.erf:
        return Math64.erf(x)
      case Op.sin:
        return Math64.sin(x)
      case Op.cos:
        return Math64.cos(x)
      case Op.gelu:
        return Math64.gelu(x)
      default:
        return Math64.geluTanh(x)
    }
  }

  /** The same of four f32. */
  static single(x: v128, kind: i32): v128 {
    let y = x
    for (let half = 0; half < 2; half++) {
      y = v128.shuffle<i64>(y, f32x4.demote_f64x2_zero(Kind.double(f64x2.promote_low_f32x4(x), kind)), 1, 2)
      x = v128.shuffle<i64>(x, x, 1, 0)
    }
    return y
  }

  /** Which x Math32.wave serves. */
  @inline static isShort(x: v128): v128 {
    return f32x4.le(v128.and(x, Table.at<f32>(Table.BITS32, 0)), f32x4.splat(1647099))
  }
}

@unmanaged
class Log1p {
  @inline at(x: v128): v128 {
    return Math32.log1p(x)
  }
}
/** sin, or of kind 1 cos. */
@unmanaged
class Wave {
  @inline at(x: v128): v128 {
    const quarter = <i32>changetype<usize>(this)
    let y = Math32.wave(x, quarter)
    // lane by lane, for results must not depend on what stands beside them
    const isShort = Kind.isShort(x)
    if (!i32x4.all_true(isShort)) y = v128.bitselect(y, Kind.single(x, Op.sin + quarter), isShort)
    return quarter ? y : v128.bitselect(x, y, f32x4.eq(x, Table.zero())) // −0
  }
}

/** One loop for both. */
function waves(x: usize, y: usize, begin: i32, end: i32, kind: usize): void {
  Map.one<Wave>(Address.of<f32>(x, begin), Address.of<f32>(y, begin), (end - begin) << 2, kind)
}

/** Two f64 at a time. */
function double(kind: i32, x: usize, y: usize, begin: i32, end: i32): void {
  x = Address.of<f64>(x, begin)
  y = Address.of<f64>(y, begin)
  for (let left = (end - begin) << 3; left > 0; left -= 16) {
    const v = Kind.double(left >= 16 ? v128.load(x) : Part.load(x, left), kind)
    if (left >= 16) v128.store(y, v)
    else Part.store(y, v, left)
    x += 16
    y += 16
  }
}

export function exp_f64(x: usize, y: usize, begin: i32, end: i32): void {
  double(Op.exp, x, y, begin, end)
}
export function log_f64(x: usize, y: usize, begin: i32, end: i32): void {
  double(Op.log, x, y, begin, end)
}
export function log1p_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<Log1p>(Address.of<f32>(x, begin), Address.of<f32>(y, begin), (end - begin) << 2)
}
export function log1p_f64(x: usize, y: usize, begin: i32, end: i32): void {
  double(Op.log1p, x, y, begin, end)
}
export function expm1_f64(x: usize, y: usize, begin: i32, end: i32): void {
  double(Op.expm1, x, y, begin, end)
}
export function tanh_f64(x: usize, y: usize, begin: i32, end: i32): void {
  double(Op.tanh, x, y, begin, end)
}
export function sigmoid_f64(x: usize, y: usize, begin: i32, end: i32): void {
  double(Op.sigmoid, x, y, begin, end)
}
export function erf_f64(x: usize, y: usize, begin: i32, end: i32): void {
  double(Op.erf, x, y, begin, end)
}
export function sin_f32(x: usize, y: usize, begin: i32, end: i32): void {
  waves(x, y, begin, end, 0)
}
export function sin_f64(x: usize, y: usize, begin: i32, end: i32): void {
  double(Op.sin, x, y, begin, end)
}
export function cos_f32(x: usize, y: usize, begin: i32, end: i32): void {
  waves(x, y, begin, end, 1)
}
export function cos_f64(x: usize, y: usize, begin: i32, end: i32): void {
  double(Op.cos, x, y, begin, end)
}
export function gelu_f64(x: usize, y: usize, begin: i32, end: i32): void {
  double(Op.gelu, x, y, begin, end)
}
export function geluTanh_f64(x: usize, y: usize, begin: i32, end: i32): void {
  double(Op.geluTanh, x, y, begin, end)
}
