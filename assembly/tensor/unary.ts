// Short functions of one argument: op_T(x, y, begin, end), y[i] = op(x[i]); [begin, end) counts elements; y may be x.
// All are exact or correctly rounded; rsqrt rounds twice (1 ulp).

import { Address } from '../lib/address'
import { Table } from '../lib/constants'
import { Map } from '../lib/map'
import { Part } from '../lib/part'

enum Op {
  neg,
  abs,
  sign,
  square,
  relu,
  sqrt,
  rsqrt,
  reciprocal,
  floor,
  ceil,
  round,
}

@unmanaged
class Neg<T extends number> {
  @inline at(x: v128, kind: i32): v128 {
    return v128.neg<T>(x)
  }
}
@unmanaged
class Abs<T extends number> {
  @inline at(x: v128, kind: i32): v128 {
    return v128.abs<T>(x)
  }
}
@unmanaged
class Sign<T extends number> {
  /** 1, −1, or x itself where it is 0 or NaN. */
  @inline at(x: v128, kind: i32): v128 {
    const zero = Table.zero()
    const one = v128.splat<T>(<T>1)
    const positive = v128.bitselect(one, x, v128.gt<T>(x, zero))
    return v128.bitselect(v128.neg<T>(one), positive, v128.lt<T>(x, zero))
  }
}
@unmanaged
class Square<T extends number> {
  @inline at(x: v128, kind: i32): v128 {
    return v128.mul<T>(x, x)
  }
}
@unmanaged
class Relu<T extends number> {
  /** NaN stays: only what is below 0 becomes 0. */
  @inline at(x: v128, kind: i32): v128 {
    return v128.andnot(x, v128.lt<T>(x, Table.zero()))
  }
}
@unmanaged
class Sqrt<T extends number> {
  @inline at(x: v128, kind: i32): v128 {
    return v128.sqrt<T>(x)
  }
}
@unmanaged
class Rsqrt<T extends number> {
  @inline at(x: v128, kind: i32): v128 {
    return v128.div<T>(v128.splat<T>(<T>1), v128.sqrt<T>(x))
  }
}
@unmanaged
class Reciprocal<T extends number> {
  @inline at(x: v128, kind: i32): v128 {
    return v128.div<T>(v128.splat<T>(<T>1), x)
  }
}
@unmanaged
class Floor<T extends number> {
  @inline at(x: v128, kind: i32): v128 {
    return v128.floor<T>(x)
  }
}
@unmanaged
class Ceil<T extends number> {
  @inline at(x: v128, kind: i32): v128 {
    return v128.ceil<T>(x)
  }
}
@unmanaged
class Round<T extends number> {
  @inline at(x: v128, kind: i32): v128 {
    return v128.nearest<T>(x)
  }
}

function at<T extends number>(kind: i32, x: v128): v128 {
  if (isFloat<T>())
    switch (kind) {
      case Op.sqrt:
        return changetype<Sqrt<T>>(0).at(x, kind)
      case Op.rsqrt:
        return changetype<Rsqrt<T>>(0).at(x, kind)
      case Op.reciprocal:
        return changetype<Reciprocal<T>>(0).at(x, kind)
      case Op.floor:
        return changetype<Floor<T>>(0).at(x, kind)
      case Op.ceil:
        return changetype<Ceil<T>>(0).at(x, kind)
      case Op.round:
        return changetype<Round<T>>(0).at(x, kind)
    }
  switch (kind) {
    case Op.neg:
      return changetype<Neg<T>>(0).at(x, kind)
    case Op.abs:
      return changetype<Abs<T>>(0).at(x, kind)
    case Op.sign:
      return changetype<Sign<T>>(0).at(x, kind)
    case Op.square:
      return changetype<Square<T>>(0).at(x, kind)
    default:
      return changetype<Relu<T>>(0).at(x, kind)
  }
}

/** Behind every kernel below: whole blocks, then vector by vector. */
function map<T extends number>(kind: i32, x: usize, y: usize, begin: i32, end: i32): void {
  let p = Address.of<T>(x, begin)
  let q = Address.of<T>(y, begin)
  const bytes = (end - begin) * <i32>sizeof<T>()
  const whole = bytes & ~63
  if (isFloat<T>())
    switch (kind) {
      case Op.sqrt:
        Map.blocks<Sqrt<T>>(p, q, whole)
        break
      case Op.rsqrt:
        Map.blocks<Rsqrt<T>>(p, q, whole)
        break
      case Op.reciprocal:
        Map.blocks<Reciprocal<T>>(p, q, whole)
        break
      case Op.floor:
        Map.blocks<Floor<T>>(p, q, whole)
        break
      case Op.ceil:
        Map.blocks<Ceil<T>>(p, q, whole)
        break
      case Op.round:
        Map.blocks<Round<T>>(p, q, whole)
        break
    }
  switch (kind) {
    case Op.neg:
      Map.blocks<Neg<T>>(p, q, whole)
      break
    case Op.abs:
      Map.blocks<Abs<T>>(p, q, whole)
      break
    case Op.sign:
      Map.blocks<Sign<T>>(p, q, whole)
      break
    case Op.square:
      Map.blocks<Square<T>>(p, q, whole)
      break
    case Op.relu:
      Map.blocks<Relu<T>>(p, q, whole)
      break
  }
  p += whole
  q += whole
  for (let left = bytes - whole; left > 0; left -= 16) {
    Part.store(q, at<T>(kind, Part.load(p, left)), left)
    p += 16
    q += 16
  }
}

@unmanaged
class Not {
  @inline at(x: v128, kind: i32): v128 {
    return v128.and(i8x16.eq(x, Table.zero()), i8x16.splat(1))
  }
}

/** y = 1 where x is 0, else 0: bytes. */
export function logicalNot_u8(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Not, u8>(0, x, y, begin, end)
}

export function neg_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map<f32>(Op.neg, x, y, begin, end)
}
export function neg_f64(x: usize, y: usize, begin: i32, end: i32): void {
  map<f64>(Op.neg, x, y, begin, end)
}
export function neg_i32(x: usize, y: usize, begin: i32, end: i32): void {
  map<i32>(Op.neg, x, y, begin, end)
}
export function abs_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map<f32>(Op.abs, x, y, begin, end)
}
export function abs_f64(x: usize, y: usize, begin: i32, end: i32): void {
  map<f64>(Op.abs, x, y, begin, end)
}
export function abs_i32(x: usize, y: usize, begin: i32, end: i32): void {
  map<i32>(Op.abs, x, y, begin, end)
}
export function sign_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map<f32>(Op.sign, x, y, begin, end)
}
export function sign_f64(x: usize, y: usize, begin: i32, end: i32): void {
  map<f64>(Op.sign, x, y, begin, end)
}
export function sign_i32(x: usize, y: usize, begin: i32, end: i32): void {
  map<i32>(Op.sign, x, y, begin, end)
}
export function square_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map<f32>(Op.square, x, y, begin, end)
}
export function square_f64(x: usize, y: usize, begin: i32, end: i32): void {
  map<f64>(Op.square, x, y, begin, end)
}
export function square_i32(x: usize, y: usize, begin: i32, end: i32): void {
  map<i32>(Op.square, x, y, begin, end)
}
export function relu_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map<f32>(Op.relu, x, y, begin, end)
}
export function relu_f64(x: usize, y: usize, begin: i32, end: i32): void {
  map<f64>(Op.relu, x, y, begin, end)
}
export function relu_i32(x: usize, y: usize, begin: i32, end: i32): void {
  map<i32>(Op.relu, x, y, begin, end)
}
export function sqrt_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map<f32>(Op.sqrt, x, y, begin, end)
}
export function sqrt_f64(x: usize, y: usize, begin: i32, end: i32): void {
  map<f64>(Op.sqrt, x, y, begin, end)
}
export function rsqrt_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map<f32>(Op.rsqrt, x, y, begin, end)
}
export function rsqrt_f64(x: usize, y: usize, begin: i32, end: i32): void {
  map<f64>(Op.rsqrt, x, y, begin, end)
}
export function reciprocal_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map<f32>(Op.reciprocal, x, y, begin, end)
}
export function reciprocal_f64(x: usize, y: usize, begin: i32, end: i32): void {
  map<f64>(Op.reciprocal, x, y, begin, end)
}
export function floor_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map<f32>(Op.floor, x, y, begin, end)
}
export function floor_f64(x: usize, y: usize, begin: i32, end: i32): void {
  map<f64>(Op.floor, x, y, begin, end)
}
export function ceil_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map<f32>(Op.ceil, x, y, begin, end)
}
export function ceil_f64(x: usize, y: usize, begin: i32, end: i32): void {
  map<f64>(Op.ceil, x, y, begin, end)
}
export function round_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map<f32>(Op.round, x, y, begin, end)
}
export function round_f64(x: usize, y: usize, begin: i32, end: i32): void {
  map<f64>(Op.round, x, y, begin, end)
}
