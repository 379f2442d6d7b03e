// Transcendental functions of one argument: op_T(x, y, begin, end), y[i] = op(x[i]); [begin, end) counts elements; y may
// be x. Formulas and largest errors stand in lib/math32 and lib/math64; f32 sin, cos, log1p and expm1 are computed in f64
// and rounded once.

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

  /** Formulas of four f32, or through f64. */
  static single(x: v128, kind: i32): v128 {
    switch (kind) {
      case Op.exp:
        return Math32.exp(x)
      case Op.log:
        return Math32.log(x)
      case Op.erf:
        return Math32.erf(x)
      case Op.geluTanh:
        return Math32.geluTanh(x)
    }
    const low = Kind.double(f64x2.promote_low_f32x4(x), kind)
    const high = Kind.double(f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 0)), kind)
    return v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2)
  }
}

@unmanaged
class Tanh {
  @inline at(x: v128): v128 {
    return Math32.tanh(x)
  }
}
@unmanaged
class Sigmoid {
  @inline at(x: v128): v128 {
    return Math32.sigmoid(x)
  }
}
@unmanaged
class Gelu {
  @inline at(x: v128): v128 {
    return Math32.gelu(x)
  }
}

/** Two vectors at a time: where both lie within |x| ≤ 64 the short form serves, which has the same bits. */
export function exp_f32(x: usize, y: usize, begin: i32, end: i32): void {
  let p = Address.of<f32>(x, begin)
  let q = Address.of<f32>(y, begin)
  let left = end - begin
  for (; left >= 8; left -= 8) {
    let v = v128.load(p)
    let w = v128.load(p, 16)
    // as integers, because magnitudes sort alike and NaN is the largest
    const magnitude = Table.at<f32>(Table.BITS32, 0)
    const largest = i32x4.max_s(v128.and(v, magnitude), v128.and(w, magnitude))
    if (v128.any_true(i32x4.gt_s(largest, Table.at<f32>(Table.EXP32, 13)))) {
      v = Math32.exp(v)
      w = Math32.exp(w)
    } else {
      v = Math32.expShort(v)
      w = Math32.expShort(w)
    }
    v128.store(q, v)
    v128.store(q, w, 16)
    p += 32
    q += 32
  }
  single(Op.exp, p, q, 0, left)
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

/** Four f32 at a time. */
function single(kind: i32, x: usize, y: usize, begin: i32, end: i32): void {
  x = Address.of<f32>(x, begin)
  y = Address.of<f32>(y, begin)
  for (let left = (end - begin) << 2; left > 0; left -= 16) {
    Part.store(y, Kind.single(Part.load(x, left), kind), left)
    x += 16
    y += 16
  }
}

export function exp_f64(x: usize, y: usize, begin: i32, end: i32): void {
  double(Op.exp, x, y, begin, end)
}
export function log_f32(x: usize, y: usize, begin: i32, end: i32): void {
  single(Op.log, x, y, begin, end)
}
export function log_f64(x: usize, y: usize, begin: i32, end: i32): void {
  double(Op.log, x, y, begin, end)
}
export function log1p_f32(x: usize, y: usize, begin: i32, end: i32): void {
  single(Op.log1p, x, y, begin, end)
}
export function log1p_f64(x: usize, y: usize, begin: i32, end: i32): void {
  double(Op.log1p, x, y, begin, end)
}
export function expm1_f32(x: usize, y: usize, begin: i32, end: i32): void {
  single(Op.expm1, x, y, begin, end)
}
export function expm1_f64(x: usize, y: usize, begin: i32, end: i32): void {
  double(Op.expm1, x, y, begin, end)
}
export function tanh_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<Tanh>(Address.of<f32>(x, begin), Address.of<f32>(y, begin), (end - begin) << 2)
}
export function tanh_f64(x: usize, y: usize, begin: i32, end: i32): void {
  double(Op.tanh, x, y, begin, end)
}
export function sigmoid_f32(x: usize, y: usize, begin: i32, end: i32): void {
  // a pair at a time, to load the constants once for both
  const p = Address.of<f32>(x, begin)
  const q = Address.of<f32>(y, begin)
  const bytes = (end - begin) << 2
  const whole = bytes & ~31
  Map.run<Sigmoid>(p, q, q + whole, Table.zero())
  Map.one<Sigmoid>(p + whole, q + whole, bytes - whole)
}
export function sigmoid_f64(x: usize, y: usize, begin: i32, end: i32): void {
  double(Op.sigmoid, x, y, begin, end)
}
export function erf_f32(x: usize, y: usize, begin: i32, end: i32): void {
  single(Op.erf, x, y, begin, end)
}
export function erf_f64(x: usize, y: usize, begin: i32, end: i32): void {
  double(Op.erf, x, y, begin, end)
}
export function sin_f32(x: usize, y: usize, begin: i32, end: i32): void {
  single(Op.sin, x, y, begin, end)
}
export function sin_f64(x: usize, y: usize, begin: i32, end: i32): void {
  double(Op.sin, x, y, begin, end)
}
export function cos_f32(x: usize, y: usize, begin: i32, end: i32): void {
  single(Op.cos, x, y, begin, end)
}
export function cos_f64(x: usize, y: usize, begin: i32, end: i32): void {
  double(Op.cos, x, y, begin, end)
}
export function gelu_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<Gelu>(Address.of<f32>(x, begin), Address.of<f32>(y, begin), (end - begin) << 2)
}
export function gelu_f64(x: usize, y: usize, begin: i32, end: i32): void {
  double(Op.gelu, x, y, begin, end)
}
export function geluTanh_f32(x: usize, y: usize, begin: i32, end: i32): void {
  single(Op.geluTanh, x, y, begin, end)
}
export function geluTanh_f64(x: usize, y: usize, begin: i32, end: i32): void {
  double(Op.geluTanh, x, y, begin, end)
}
