// Conversions of the dtypes that are only stored, from and to those that compute: cast_S_D(x, y, begin, end), y[i] = D(x[i]);
// [begin, end) counts elements. All exact or rounded once, halves to even; integers wrap, i64 from f64 saturates, NaN gives 0.

import { Address } from '../lib/address'

/** The formats of 16 bits, by the width of the fraction and the largest exponent. */
enum Float16 {
  fraction = 10,
  bias = 15,
}
enum Bfloat16 {
  fraction = 7,
  bias = 127,
}

class Convert {
  /** The bits of the half nearest to x. */
  @inline static half(x: f64, fraction: i32, bias: i32): u16 {
    const bits = reinterpret<u64>(x)
    const sign = <i32>(bits >> 48) & 0x8000
    const infinity = (2 * bias + 1) << fraction
    if (!(abs(x) <= Infinity)) return <u16>(infinity | (1 << (fraction - 1)))
    const exponent = max((<i32>(bits >> 52) & 0x7ff) - 1023, 1 - bias)
    if (exponent > bias) return <u16>(sign | infinity)
    // units of the last place, of which 2 · 2^fraction carry into the exponent
    const units = nearest(abs(x) * reinterpret<f64>((<u64>(fraction - exponent + 1023)) << 52))
    return <u16>(sign | (((exponent + bias - 1) << fraction) + <i32>units))
  }

  @inline static halves<S extends number>(x: usize, y: usize, fraction: i32, bias: i32, begin: i32, end: i32): void {
    for (; begin < end; begin++) {
      store<u16>(Address.of<u16>(y, begin), Convert.half(<f64>load<S>(Address.of<S>(x, begin)), fraction, bias))
    }
  }
}

export function cast_f16_f32(x: usize, y: usize, begin: i32, end: i32): void {
  for (; begin < end; begin++) {
    const h = <u32>load<u16>(Address.of<u16>(x, begin))
    // as a float32 of the same bits, then 2^(127 − 15) times: exact for denormals too
    let bits = reinterpret<u32>(reinterpret<f32>((h & 0x7fff) << 13) * <f32>5.192296858534828e33)
    if ((h & 0x7c00) == 0x7c00) bits |= 0x7f800000
    store<u32>(Address.of<u32>(y, begin), bits | ((h & 0x8000) << 16))
  }
}
export function cast_bf16_f32(x: usize, y: usize, begin: i32, end: i32): void {
  for (; begin < end; begin++) store<u32>(Address.of<u32>(y, begin), (<u32>load<u16>(Address.of<u16>(x, begin))) << 16)
}
export function cast_f32_f16(x: usize, y: usize, begin: i32, end: i32): void {
  Convert.halves<f32>(x, y, Float16.fraction, Float16.bias, begin, end)
}
export function cast_f64_f16(x: usize, y: usize, begin: i32, end: i32): void {
  Convert.halves<f64>(x, y, Float16.fraction, Float16.bias, begin, end)
}
export function cast_f32_bf16(x: usize, y: usize, begin: i32, end: i32): void {
  Convert.halves<f32>(x, y, Bfloat16.fraction, Bfloat16.bias, begin, end)
}
export function cast_f64_bf16(x: usize, y: usize, begin: i32, end: i32): void {
  Convert.halves<f64>(x, y, Bfloat16.fraction, Bfloat16.bias, begin, end)
}
export function cast_i8_i32(x: usize, y: usize, begin: i32, end: i32): void {
  for (; begin < end; begin++) store<i32>(Address.of<i32>(y, begin), <i32>load<i8>(Address.of<i8>(x, begin)))
}
export function cast_i16_i32(x: usize, y: usize, begin: i32, end: i32): void {
  for (; begin < end; begin++) store<i32>(Address.of<i32>(y, begin), <i32>load<i16>(Address.of<i16>(x, begin)))
}
export function cast_i64_i32(x: usize, y: usize, begin: i32, end: i32): void {
  for (; begin < end; begin++) store<i32>(Address.of<i32>(y, begin), <i32>load<i64>(Address.of<i64>(x, begin)))
}
export function cast_i64_f32(x: usize, y: usize, begin: i32, end: i32): void {
  for (; begin < end; begin++) store<f32>(Address.of<f32>(y, begin), <f32>load<i64>(Address.of<i64>(x, begin)))
}
export function cast_i64_f64(x: usize, y: usize, begin: i32, end: i32): void {
  for (; begin < end; begin++) store<f64>(Address.of<f64>(y, begin), <f64>load<i64>(Address.of<i64>(x, begin)))
}
export function cast_i64_bool(x: usize, y: usize, begin: i32, end: i32): void {
  for (; begin < end; begin++) store<bool>(y + begin, load<i64>(Address.of<i64>(x, begin)) != 0)
}
export function cast_i32_i8(x: usize, y: usize, begin: i32, end: i32): void {
  for (; begin < end; begin++) store<i8>(Address.of<i8>(y, begin), <i8>load<i32>(Address.of<i32>(x, begin)))
}
export function cast_i32_i16(x: usize, y: usize, begin: i32, end: i32): void {
  for (; begin < end; begin++) store<i16>(Address.of<i16>(y, begin), <i16>load<i32>(Address.of<i32>(x, begin)))
}
export function cast_i32_i64(x: usize, y: usize, begin: i32, end: i32): void {
  for (; begin < end; begin++) store<i64>(Address.of<i64>(y, begin), <i64>load<i32>(Address.of<i32>(x, begin)))
}
export function cast_f64_i64(x: usize, y: usize, begin: i32, end: i32): void {
  for (; begin < end; begin++) store<i64>(Address.of<i64>(y, begin), <i64>load<f64>(Address.of<f64>(x, begin)))
}
