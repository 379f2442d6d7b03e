// Short functions of one argument: op_T(x, y, begin, end), y[i] = op(x[i]); [begin, end) counts elements; y may be x.
// All are exact or correctly rounded; rsqrt rounds twice (1 ulp).

import { Address } from '../lib/address'
import { Table } from '../lib/constants'
import { Map } from '../lib/map'
import { Pair, Type } from '../lib/pair'
import { Part } from '../lib/part'

/** Operations: added to a Type they are a kind; on bytes there is one, logicalNot. */
enum Op {
  neg = 0,
  abs = 4,
  sign = 8,
  square = 12,
  relu = 16,
  sqrt = 20,
  rsqrt = 24,
  reciprocal = 28,
  floor = 32,
  ceil = 36,
  round = 40,
  trunc = 44,
}

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
  /** 1, −1, or 0, which NaN gives too. */
  @inline at(x: v128): v128 {
    const one = v128.splat<T>(<T>1)
    const above = v128.and(v128.gt<T>(x, Table.zero()), one)
    return isInteger<T>()
      ? v128.or(above, v128.lt<T>(x, Table.zero()))
      : v128.or(above, v128.and(v128.lt<T>(x, Table.zero()), v128.neg<T>(one)))
  }
}
@unmanaged
class Square<T extends number> {
  @inline at(x: v128): v128 {
    return v128.mul<T>(x, x)
  }
}
@unmanaged
class Relu<T extends number> {
  /** NaN stays: only what is below 0 becomes 0. */
  @inline at(x: v128): v128 {
    return v128.andnot(x, v128.lt<T>(x, Table.zero()))
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
class Trunc<T extends number> {
  @inline at(x: v128): v128 {
    return v128.trunc<T>(x)
  }
}

@unmanaged
class Not {
  @inline at(x: v128): v128 {
    return v128.and(i8x16.eq(x, Table.zero()), i8x16.splat(1))
  }
}
/** Behind every kernel below: pairs of vectors and the first vector after them, then what is left. */
function map(kind: i32, x: usize, y: usize, begin: i32, end: i32): void {
  const shift = Pair.shift(kind & 3)
  let p = x + (begin << shift)
  let q = y + (begin << shift)
  let left = (end - begin) << shift
  do {
    const whole = left & ~31
    const stop = q + whole
    left -= whole
    let u = Table.zero()
    if (left > 0) u = Part.load(p + whole, left)
    switch (kind) {
      case Op.neg + Type.f32:
        u = Map.run<Neg<f32>>(p, q, stop, u)
        break
      case Op.neg + Type.f64:
        u = Map.run<Neg<f64>>(p, q, stop, u)
        break
      case Op.neg + Type.i32:
        u = Map.run<Neg<i32>>(p, q, stop, u)
        break
      case Op.abs + Type.f32:
        u = Map.run<Abs<f32>>(p, q, stop, u)
        break
      case Op.abs + Type.f64:
        u = Map.run<Abs<f64>>(p, q, stop, u)
        break
      case Op.abs + Type.i32:
        u = Map.run<Abs<i32>>(p, q, stop, u)
        break
      case Op.sign + Type.f32:
        u = Map.run<Sign<f32>>(p, q, stop, u)
        break
      case Op.sign + Type.f64:
        u = Map.run<Sign<f64>>(p, q, stop, u)
        break
      case Op.sign + Type.i32:
        u = Map.run<Sign<i32>>(p, q, stop, u)
        break
      case Op.square + Type.f32:
        u = Map.run<Square<f32>>(p, q, stop, u)
        break
      case Op.square + Type.f64:
        u = Map.run<Square<f64>>(p, q, stop, u)
        break
      case Op.square + Type.i32:
        u = Map.run<Square<i32>>(p, q, stop, u)
        break
      case Op.relu + Type.f32:
        u = Map.run<Relu<f32>>(p, q, stop, u)
        break
      case Op.relu + Type.f64:
        u = Map.run<Relu<f64>>(p, q, stop, u)
        break
      case Op.relu + Type.i32:
        u = Map.run<Relu<i32>>(p, q, stop, u)
        break
      case Op.sqrt + Type.f32:
        u = Map.run<Sqrt<f32>>(p, q, stop, u)
        break
      case Op.sqrt + Type.f64:
        u = Map.run<Sqrt<f64>>(p, q, stop, u)
        break
      case Op.rsqrt + Type.f32:
        u = Map.run<Rsqrt<f32>>(p, q, stop, u)
        break
      case Op.rsqrt + Type.f64:
        u = Map.run<Rsqrt<f64>>(p, q, stop, u)
        break
      case Op.reciprocal + Type.f32:
        u = Map.run<Reciprocal<f32>>(p, q, stop, u)
        break
      case Op.reciprocal + Type.f64:
        u = Map.run<Reciprocal<f64>>(p, q, stop, u)
        break
      case Op.floor + Type.f32:
        u = Map.run<Floor<f32>>(p, q, stop, u)
        break
      case Op.floor + Type.f64:
        u = Map.run<Floor<f64>>(p, q, stop, u)
        break
      case Op.ceil + Type.f32:
        u = Map.run<Ceil<f32>>(p, q, stop, u)
        break
      case Op.ceil + Type.f64:
        u = Map.run<Ceil<f64>>(p, q, stop, u)
        break
      case Op.round + Type.f32:
        u = Map.run<Round<f32>>(p, q, stop, u)
        break
      case Op.round + Type.f64:
        u = Map.run<Round<f64>>(p, q, stop, u)
        break
      case Op.trunc + Type.f32:
        u = Map.run<Trunc<f32>>(p, q, stop, u)
        break
      case Op.trunc + Type.f64:
        u = Map.run<Trunc<f64>>(p, q, stop, u)
        break
      case Type.u8:
        u = Map.run<Not>(p, q, stop, u)
        break
    }
    if (left > 0) Part.store(stop, u, left)
    p += whole + 16
    q = stop + 16
    left -= 16
  } while (left > 0)
}

export function neg_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.neg + Type.f32, x, y, begin, end)
}
export function neg_f64(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.neg + Type.f64, x, y, begin, end)
}
export function neg_i32(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.neg + Type.i32, x, y, begin, end)
}
export function abs_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.abs + Type.f32, x, y, begin, end)
}
export function abs_f64(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.abs + Type.f64, x, y, begin, end)
}
export function abs_i32(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.abs + Type.i32, x, y, begin, end)
}
export function sign_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.sign + Type.f32, x, y, begin, end)
}
export function sign_f64(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.sign + Type.f64, x, y, begin, end)
}
export function sign_i32(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.sign + Type.i32, x, y, begin, end)
}
export function square_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.square + Type.f32, x, y, begin, end)
}
export function square_f64(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.square + Type.f64, x, y, begin, end)
}
export function square_i32(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.square + Type.i32, x, y, begin, end)
}
export function relu_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.relu + Type.f32, x, y, begin, end)
}
export function relu_f64(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.relu + Type.f64, x, y, begin, end)
}
export function relu_i32(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.relu + Type.i32, x, y, begin, end)
}
export function sqrt_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.sqrt + Type.f32, x, y, begin, end)
}
export function sqrt_f64(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.sqrt + Type.f64, x, y, begin, end)
}
export function rsqrt_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.rsqrt + Type.f32, x, y, begin, end)
}
export function rsqrt_f64(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.rsqrt + Type.f64, x, y, begin, end)
}
export function reciprocal_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.reciprocal + Type.f32, x, y, begin, end)
}
export function reciprocal_f64(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.reciprocal + Type.f64, x, y, begin, end)
}
export function floor_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.floor + Type.f32, x, y, begin, end)
}
export function floor_f64(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.floor + Type.f64, x, y, begin, end)
}
export function ceil_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.ceil + Type.f32, x, y, begin, end)
}
export function ceil_f64(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.ceil + Type.f64, x, y, begin, end)
}
export function round_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.round + Type.f32, x, y, begin, end)
}
export function round_f64(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.round + Type.f64, x, y, begin, end)
}
export function trunc_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.trunc + Type.f32, x, y, begin, end)
}
export function trunc_f64(x: usize, y: usize, begin: i32, end: i32): void {
  map(Op.trunc + Type.f64, x, y, begin, end)
}
/** y = 1 where x is 0, else 0: bytes. */
export function logicalNot_u8(x: usize, y: usize, begin: i32, end: i32): void {
  map(Type.u8, x, y, begin, end)
}

class Clamp {
  @inline static at<T extends number>(v: v128, least: v128, most: v128, missing: v128): v128 {
    if (!isFloat<T>()) return v128.min<T>(v128.max<T>(v, least), most)
    return v128.or(v128.pmin<T>(v128.pmax<T>(v, least), most), missing)
  }
}

/** y = min(max(x, low), high), low and high one element each; NaN where any of the three is. */
function clamp<T extends number>(x: usize, low: usize, high: usize, y: usize, begin: i32, end: i32): void {
  const least = v128.load_splat<T>(low)
  const most = v128.load_splat<T>(high)
  // pmax and pmin keep NaN of x alone
  const missing = isFloat<T>() ? v128.or(v128.ne<T>(least, least), v128.ne<T>(most, most)) : i32x4.splat(0)
  x = Address.of<T>(x, begin)
  y = Address.of<T>(y, begin)
  let left = (end - begin) * <i32>sizeof<T>()
  // no calls in here, which would keep the bounds from registers
  for (; left >= 32; left -= 32) {
    v128.store(y, Clamp.at<T>(v128.load(x), least, most, missing))
    v128.store(y, Clamp.at<T>(v128.load(x, 16), least, most, missing), 16)
    x += 32
    y += 32
  }
  for (; left > 0; left -= 16) {
    Part.store(y, Clamp.at<T>(Part.load(x, left), least, most, missing), left)
    x += 16
    y += 16
  }
}

export function clamp_f32(x: usize, low: usize, high: usize, y: usize, begin: i32, end: i32): void {
  clamp<f32>(x, low, high, y, begin, end)
}
export function clamp_f64(x: usize, low: usize, high: usize, y: usize, begin: i32, end: i32): void {
  clamp<f64>(x, low, high, y, begin, end)
}
export function clamp_i32(x: usize, low: usize, high: usize, y: usize, begin: i32, end: i32): void {
  clamp<i32>(x, low, high, y, begin, end)
}
