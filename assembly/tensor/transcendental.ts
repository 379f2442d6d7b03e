// Transcendental functions of one argument: op_T(x, y, begin, end), y[i] = op(x[i]); [begin, end) counts elements; y may
// be x. Formulas and largest errors stand in lib/math32 and lib/math64; f32 sin, cos, log1p and expm1 are computed in f64
// and rounded once.

import { Address } from '../lib/address'
import { Table } from '../lib/constants'
import { Map } from '../lib/map'
import { Math32 } from '../lib/math32'
import { Math64 } from '../lib/math64'
import { Part } from '../lib/part'

@unmanaged
class Log32 {
  @inline at(x: v128): v128 {
    return Math32.log(x)
  }
}
@unmanaged
class Tanh32 {
  @inline at(x: v128): v128 {
    return Math32.tanh(x)
  }
}
@unmanaged
class Sigmoid32 {
  @inline at(x: v128): v128 {
    return Math32.sigmoid(x)
  }
}
@unmanaged
class Erf32 {
  @inline at(x: v128): v128 {
    return Math32.erf(x)
  }
}
@unmanaged
class Gelu32 {
  @inline at(x: v128): v128 {
    return Math32.gelu(x)
  }
}
@unmanaged
class GeluTanh32 {
  @inline at(x: v128): v128 {
    return Math32.geluTanh(x)
  }
}
@unmanaged
class Exp64 {
  @inline at(x: v128): v128 {
    return Math64.exp(x)
  }
}
@unmanaged
class Log64 {
  @inline at(x: v128): v128 {
    return Math64.log(x)
  }
}
@unmanaged
class Log1p64 {
  @inline at(x: v128): v128 {
    return Math64.log1p(x)
  }
}
@unmanaged
class Expm164 {
  @inline at(x: v128): v128 {
    return Math64.expm1(x)
  }
}
@unmanaged
class Tanh64 {
  @inline at(x: v128): v128 {
    return Math64.tanh(x)
  }
}
@unmanaged
class Sigmoid64 {
  @inline at(x: v128): v128 {
    return Math64.sigmoid(x)
  }
}
@unmanaged
class Erf64 {
  @inline at(x: v128): v128 {
    return Math64.erf(x)
  }
}
@unmanaged
class Sin64 {
  @inline at(x: v128): v128 {
    return Math64.sin(x)
  }
}
@unmanaged
class Cos64 {
  @inline at(x: v128): v128 {
    return Math64.cos(x)
  }
}
@unmanaged
class Gelu64 {
  @inline at(x: v128): v128 {
    return Math64.gelu(x)
  }
}
@unmanaged
class GeluTanh64 {
  @inline at(x: v128): v128 {
    return Math64.geluTanh(x)
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
    if (v128.any_true(i32x4.gt_s(largest, Table.at<f32>(Table.EXP32, 11)))) {
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
export function exp_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<Exp64, f64>(x, y, begin, end)
}
export function log_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<Log32, f32>(x, y, begin, end)
}
export function log_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<Log64, f64>(x, y, begin, end)
}
export function log1p_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.wide<Log1p64>(x, y, begin, end)
}
export function log1p_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<Log1p64, f64>(x, y, begin, end)
}
export function expm1_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.wide<Expm164>(x, y, begin, end)
}
export function expm1_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<Expm164, f64>(x, y, begin, end)
}
export function tanh_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Tanh32, f32>(x, y, begin, end)
}
export function tanh_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<Tanh64, f64>(x, y, begin, end)
}
export function sigmoid_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Sigmoid32, f32>(x, y, begin, end)
}
export function sigmoid_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<Sigmoid64, f64>(x, y, begin, end)
}
export function erf_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<Erf32, f32>(x, y, begin, end)
}
export function erf_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<Erf64, f64>(x, y, begin, end)
}
export function sin_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.wide<Sin64>(x, y, begin, end)
}
export function sin_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<Sin64, f64>(x, y, begin, end)
}
export function cos_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.wide<Cos64>(x, y, begin, end)
}
export function cos_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<Cos64, f64>(x, y, begin, end)
}
export function gelu_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Gelu32, f32>(x, y, begin, end)
}
export function gelu_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<Gelu64, f64>(x, y, begin, end)
}
export function geluTanh_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<GeluTanh32, f32>(x, y, begin, end)
}
export function geluTanh_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.one<GeluTanh64, f64>(x, y, begin, end)
}
