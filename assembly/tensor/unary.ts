// Short functions of one argument: op_T(x, y, begin, end), y[i] = op(x[i]); [begin, end) counts elements; y may be x.
// All are exact or correctly rounded; rsqrt rounds twice (1 ulp).

import { Table } from '../lib/constants'
import { Map } from '../lib/map'

@unmanaged
class Neg<T extends number> {
  @inline at(x: v128): v128 {
    return v128.neg<T>(x)
  }
}

@unmanaged
class Abs<T extends number> {
  @inline at(x: v128): v128 {
    return v128.abs<T>(x)
  }
}

@unmanaged
class Sign<T extends number> {
  /** 1, −1, or x itself where it is 0 or NaN */
  @inline at(x: v128): v128 {
    const zero = Table.zero()
    const one = v128.splat<T>(<T>1)
    const positive = v128.bitselect(one, x, v128.gt<T>(x, zero))
    return v128.bitselect(v128.neg<T>(one), positive, v128.lt<T>(x, zero))
  }
}

@unmanaged
class Square<T extends number> {
  @inline at(x: v128): v128 {
    return v128.mul<T>(x, x)
  }
}

@unmanaged
class Sqrt<T extends number> {
  @inline at(x: v128): v128 {
    return v128.sqrt<T>(x)
  }
}

@unmanaged
class Rsqrt<T extends number> {
  @inline at(x: v128): v128 {
    return v128.div<T>(v128.splat<T>(<T>1), v128.sqrt<T>(x))
  }
}

@unmanaged
class Reciprocal<T extends number> {
  @inline at(x: v128): v128 {
    return v128.div<T>(v128.splat<T>(<T>1), x)
  }
}

@unmanaged
class Relu<T extends number> {
  /** NaN where x is NaN: only what is below 0 becomes 0 */
  @inline at(x: v128): v128 {
    return v128.andnot(x, v128.lt<T>(x, Table.zero()))
  }
}

@unmanaged
class Floor<T extends number> {
  @inline at(x: v128): v128 {
    return v128.floor<T>(x)
  }
}

@unmanaged
class Ceil<T extends number> {
  @inline at(x: v128): v128 {
    return v128.ceil<T>(x)
  }
}

@unmanaged
class Round<T extends number> {
  @inline at(x: v128): v128 {
    return v128.nearest<T>(x)
  }
}

@unmanaged
class Not {
  @inline at(x: v128): v128 {
    return v128.and(i8x16.eq(x, Table.zero()), i8x16.splat(1))
  }
}

export function neg_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Neg<f32>, f32>(x, y, begin, end)
}
export function neg_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Neg<f64>, f64>(x, y, begin, end)
}
export function neg_i32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Neg<i32>, i32>(x, y, begin, end)
}
export function abs_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Abs<f32>, f32>(x, y, begin, end)
}
export function abs_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Abs<f64>, f64>(x, y, begin, end)
}
export function sign_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Sign<f32>, f32>(x, y, begin, end)
}
export function sign_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Sign<f64>, f64>(x, y, begin, end)
}
export function square_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Square<f32>, f32>(x, y, begin, end)
}
export function square_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Square<f64>, f64>(x, y, begin, end)
}
export function square_i32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Square<i32>, i32>(x, y, begin, end)
}
export function sqrt_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Sqrt<f32>, f32>(x, y, begin, end)
}
export function sqrt_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Sqrt<f64>, f64>(x, y, begin, end)
}
export function rsqrt_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Rsqrt<f32>, f32>(x, y, begin, end)
}
export function rsqrt_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Rsqrt<f64>, f64>(x, y, begin, end)
}
export function reciprocal_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Reciprocal<f32>, f32>(x, y, begin, end)
}
export function reciprocal_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Reciprocal<f64>, f64>(x, y, begin, end)
}
export function relu_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Relu<f32>, f32>(x, y, begin, end)
}
export function relu_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Relu<f64>, f64>(x, y, begin, end)
}
export function floor_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Floor<f32>, f32>(x, y, begin, end)
}
export function floor_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Floor<f64>, f64>(x, y, begin, end)
}
export function ceil_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Ceil<f32>, f32>(x, y, begin, end)
}
export function ceil_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Ceil<f64>, f64>(x, y, begin, end)
}
export function round_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Round<f32>, f32>(x, y, begin, end)
}
export function round_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Round<f64>, f64>(x, y, begin, end)
}
export function abs_i32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Abs<i32>, i32>(x, y, begin, end)
}
export function sign_i32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Sign<i32>, i32>(x, y, begin, end)
}
export function relu_i32(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Relu<i32>, i32>(x, y, begin, end)
}
/** y = 1 where x is 0, else 0: bytes. */
export function logicalNot_u8(x: usize, y: usize, begin: i32, end: i32): void {
  Map.four<Not, u8>(x, y, begin, end)
}
