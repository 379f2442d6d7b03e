// Conversions: cast_S_D(x, y, begin, end), y[i] = D(x[i]); [begin, end) counts elements. Floats are truncated toward 0, NaN
// gives 0, i32 saturates, u8 is the low byte of that i32; cast_S_bool is x ≠ 0, true for NaN.

import { Address } from '../lib/address'
import { Part } from '../lib/part'

/** The type tag of results that are 0 or 1 in a byte. */
@unmanaged
class Bool {}

class Cast {
  /** Four elements as i32, from four f32 or i32 in `low`, four f64 in both, or four bytes in `low`. */
  @inline static integers<S>(low: v128, high: v128): v128 {
    if (sizeof<S>() == 1) return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(low))
    if (sizeof<S>() == 8)
      return v128.shuffle<i64>(i32x4.trunc_sat_f64x2_s_zero(low), i32x4.trunc_sat_f64x2_s_zero(high), 0, 2)
    return isFloat<S>() ? i32x4.trunc_sat_f32x4_s(low) : low
  }

  /** Four elements' truth as masks of 32 bits. */
  @inline static truth<S>(low: v128, high: v128): v128 {
    if (sizeof<S>() != 8) {
      const zero = i32x4.splat(0)
      return isFloat<S>() ? f32x4.ne(low, zero) : i32x4.ne(Cast.integers<S>(low, high), zero)
    }
    const zero = f64x2.splat(0)
    return v128.shuffle<i32>(f64x2.ne(low, zero), f64x2.ne(high, zero), 0, 2, 4, 6)
  }

  /** The result's first vector: the only one but for f64, whose second pair is `upper`. */
  @inline static to<S, D>(low: v128, high: v128, upper: bool): v128 {
    if (isReference<D>() || isInteger<D>()) {
      const v = isReference<D>() ? v128.and(Cast.truth<S>(low, high), i32x4.splat(1)) : Cast.integers<S>(low, high)
      if (!isReference<D>() && sizeof<D>() == 4) return v
      return v128.shuffle<i8>(v, v, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12)
    }
    if (sizeof<D>() == 4) {
      if (sizeof<S>() == 8) return v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2)
      return f32x4.convert_i32x4_s(Cast.integers<S>(low, high))
    }
    let v = isFloat<S>() ? low : Cast.integers<S>(low, high)
    if (upper) v = v128.shuffle<i64>(v, v, 1, 0)
    return isFloat<S>() ? f64x2.promote_low_f32x4(v) : f64x2.convert_low_i32x4_s(v)
  }

  @inline static map<S, D>(x: usize, y: usize, begin: i32, end: i32): void {
    const size: i32 = isReference<D>() ? 1 : sizeof<D>()
    let p = Address.of<S>(x, begin)
    let q = y + begin * size
    let left = end - begin
    for (; left >= 4; left -= 4) {
      const low = sizeof<S>() == 1 ? v128.load32_zero(p) : v128.load(p)
      const high = sizeof<S>() == 8 ? v128.load(p, 16) : low
      const v = Cast.to<S, D>(low, high, false)
      if (size == 1) v128.store32_lane(q, v, 0)
      else v128.store(q, v)
      if (size == 8) v128.store(q, Cast.to<S, D>(low, high, true), 16)
      p += 4 * sizeof<S>()
      q += 4 * size
    }
    const low = Part.load(p, left * <i32>sizeof<S>())
    const high = sizeof<S>() == 8 ? Part.load(p + 16, left * <i32>sizeof<S>() - 16) : low
    Part.store(q, Cast.to<S, D>(low, high, false), left * size)
    if (size == 8) Part.store(q + 16, Cast.to<S, D>(low, high, true), max(left * size - 16, 0))
  }
}

export function cast_f32_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Cast.map<f32, f64>(x, y, begin, end)
}
export function cast_f32_i32(x: usize, y: usize, begin: i32, end: i32): void {
  Cast.map<f32, i32>(x, y, begin, end)
}
export function cast_f32_u8(x: usize, y: usize, begin: i32, end: i32): void {
  Cast.map<f32, u8>(x, y, begin, end)
}
export function cast_f32_bool(x: usize, y: usize, begin: i32, end: i32): void {
  Cast.map<f32, Bool>(x, y, begin, end)
}
export function cast_f64_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Cast.map<f64, f32>(x, y, begin, end)
}
export function cast_f64_i32(x: usize, y: usize, begin: i32, end: i32): void {
  Cast.map<f64, i32>(x, y, begin, end)
}
export function cast_f64_u8(x: usize, y: usize, begin: i32, end: i32): void {
  Cast.map<f64, u8>(x, y, begin, end)
}
export function cast_f64_bool(x: usize, y: usize, begin: i32, end: i32): void {
  Cast.map<f64, Bool>(x, y, begin, end)
}
export function cast_i32_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Cast.map<i32, f32>(x, y, begin, end)
}
export function cast_i32_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Cast.map<i32, f64>(x, y, begin, end)
}
export function cast_i32_u8(x: usize, y: usize, begin: i32, end: i32): void {
  Cast.map<i32, u8>(x, y, begin, end)
}
export function cast_i32_bool(x: usize, y: usize, begin: i32, end: i32): void {
  Cast.map<i32, Bool>(x, y, begin, end)
}
export function cast_u8_f32(x: usize, y: usize, begin: i32, end: i32): void {
  Cast.map<u8, f32>(x, y, begin, end)
}
export function cast_u8_f64(x: usize, y: usize, begin: i32, end: i32): void {
  Cast.map<u8, f64>(x, y, begin, end)
}
export function cast_u8_i32(x: usize, y: usize, begin: i32, end: i32): void {
  Cast.map<u8, i32>(x, y, begin, end)
}
export function cast_u8_bool(x: usize, y: usize, begin: i32, end: i32): void {
  Cast.map<u8, Bool>(x, y, begin, end)
}
