// Bytes that mean true or false, widened to the lanes of other types.

import { Table } from './constants'

/** The first 16 / sizeof(T) bytes of c as masks of T: all ones where a byte is not 0. */
export class Mask {
  @inline static of<T>(c: v128): v128 {
    let m = i8x16.ne(c, Table.zero())
    if (sizeof<T>() >= 4) m = i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(m))
    if (sizeof<T>() == 8) m = i64x2.extend_low_i32x4_s(m)
    return m
  }

  @inline static load<T>(from: usize): v128 {
    if (sizeof<T>() == 1) return v128.load(from)
    return sizeof<T>() == 4 ? v128.load32_zero(from) : v128.load16_splat(from)
  }
}
