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

/** Formulas of two f64, each a function. */
@unmanaged
class Double {
  @inline at(x: v128, kind: i32): v128 {
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
}

/** Formulas of four f32 that are functions, and those that go through f64. */
@unmanaged
class Single {
  @inline at(x: v128, kind: i32): v128 {
    switch (kind) {
      case Op.log:
        return Math32.log(x)
      case Op.erf:
        return Math32.erf(x)
      case Op.geluTanh:
        return Math32.geluTanh(x)
      default:
        return through64(x, kind)
    }
  }
}

function through64(x: v128, kind: i32): v128 {
  return Map.wide<Double>(x, kind)
}

@unmanaged
class Tanh {
  @inline at(x: v128, kind: i32): v128 {
    return Math32.tanh(x)
  }
}
@unmanaged
class Sigmoid {
  @inline at(x: v128, kind: i32): v128 {
    return Math32.sigmoid(x)
  }
}
@unmanaged
class Gelu {
  @inline at(x: v128, kind: i32): v128 {
    return Math32.gelu(x)
  }
}

/** Where all four vectors lie within |x| ≤ 64 the short form of exp serves, which has the same bits. */
export function exp_f32(x: usize, y: usize, begin: i32, end: i32): void {
  let p = Address.of<f32>(x, begin)
  let q = Address.of<f32>(y, begin)
  let left = end - begin
  for (; left >= 16; left -= 16) {
    let v0 = v128.load(p)
    let v1 = v128.load(p, 16)
    let v2 = v128.load(p, 32)
    let v3 = v128.load(p, 48)
    const magnitude = Table.at<f32>(Table.BITS32, 0)
    // as integers, because magnitudes sort alike and NaN is the largest
    const largest = i32x4.max_s(
      i32x4.max_s(v128.and(v0, magnitude), v128.and(v1, magnitude)),
      i32x4.max_s(v128.and(v2, magnitude), v128.and(v3, magnitude)),
    )
    if (v128.any_true(i32x4.gt_s(largest, Table.at<f32>(Table.EXP32, 13)))) {
      v128.store(q, Math32.exp(v0))
      v128.store(q, Math32.exp(v1), 16)
      v128.store(q, Math32.exp(v2), 32)
      v128.store(q, Math32.exp(v3), 48)
    } else {
      v0 = Math32.expShort(v0)
      v1 = Math32.expShort(v1)
      v2 = Math32.expShort(v2)
      v3 = Math32.expShort(v3)
      v128.store(q, v0)
      v128.store(q, v1, 16)
      v128.store(q, v2, 32)
      v128.store(q, v3, 48)
    }
    p += 64
    q += 64
  }
  for (; left > 0; left -= 4) {
    const bytes = left << 2
    Part.store(q, Math32.exp(Part.load(p, bytes)), bytes)
    p += 16
    q += 16
  }
}

function double(kind: i32, x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<Double, f64>(kind, x, y, begin, end)
}

function single(kind: i32, x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<Single, f32>(kind, x, y, begin, end)
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
  Map.four<Tanh, f32>(0, x, y, begin, end)
}
export function tanh_f64(x: usize, y: usize, begin: i32, end: i32): void {
  double(Op.tanh, x, y, begin, end)
}
export function sigmoid_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Sigmoid, f32>(0, x, y, begin, end)
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
  Map.four<Gelu, f32>(0, x, y, begin, end)
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
