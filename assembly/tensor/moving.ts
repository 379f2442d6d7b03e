// Moving elements of 1, 2, 4 or 8 bytes, and filling. copy_bW(x, y, n0, n1, n2, n3, s0, s1, s2, s3, begin, end) gathers a
// strided x into a contiguous y [n0, n1, n2, n3]; paste_bW scatters a contiguous x into a strided y. Strides may be 0 or
// negative; [begin, end) counts rows of n3 elements. Transposes of b32 go through strips of 16 columns by 4 rows of x, each
// 4x4 turned in registers. fill_T and arange_T: [begin, end) counts elements.

import { Address } from '../lib/address'
import { Part } from '../lib/part'

class Move {
  /** Where row `row` of [n0, n1, n2] begins, in elements. */
  @inline static row(row: i32, n1: i32, n2: i32, s0: i32, s1: i32, s2: i32): i32 {
    const plane = row / n2
    const i0 = plane / n1
    return i0 * s0 + (plane - i0 * n1) * s1 + (row - plane * n2) * s2
  }

  /** One row of n elements of 1 << shift bytes, x[i·xs] to y[i·ys]. */
  static strided(shift: i32, x: usize, y: usize, n: i32, xs: i32, ys: i32): void {
    if (shift == 0) Move.each<u8>(x, y, n, xs, ys)
    else if (shift == 1) Move.each<i16>(x, y, n, xs, ys)
    else if (shift == 2) Move.each<i32>(x, y, n, xs, ys)
    else Move.each<i64>(x, y, n, xs, ys)
  }

  @inline static each<T>(x: usize, y: usize, n: i32, xs: i32, ys: i32): void {
    for (; n > 0; n--) {
      store<T>(y, load<T>(x))
      x = Address.of<T>(x, xs)
      y = Address.of<T>(y, ys)
    }
  }

  /** y[i, j] = x[i + j·xs] for i < rows, j < n, 4 bytes each: blocks in registers, scalars at the edges. */
  static transpose(x: usize, y: usize, rows: i32, n: i32, xs: i32): void {
    const wide = n & ~3
    const tall = rows & ~3
    const xBytes = xs << 2
    const yBytes = n << 2
    // strips of 64 bytes along i: whole cache lines of x
    for (let i0 = 0; i0 < tall; i0 += 16)
      for (let j = 0; j < wide; j += 4)
        for (let i = i0; i < min(tall, i0 + 16); i += 4) {
          const p = Address.of<i32>(x, i + j * xs)
          const q = Address.of<i32>(y, i * n + j)
          const a = v128.load(p)
          const b = v128.load(p + xBytes)
          const c = v128.load(p + 2 * xBytes)
          const d = v128.load(p + 3 * xBytes)
          const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5)
          const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5)
          const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7)
          const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7)
          v128.store(q, v128.shuffle<i64>(ab, cd, 0, 2))
          v128.store(q + yBytes, v128.shuffle<i64>(ab, cd, 1, 3))
          v128.store(q + 2 * yBytes, v128.shuffle<i64>(abHigh, cdHigh, 0, 2))
          v128.store(q + 3 * yBytes, v128.shuffle<i64>(abHigh, cdHigh, 1, 3))
        }
    for (let i = wide < n ? 0 : tall; i < rows; i++) {
      const j = i < tall ? wide : 0
      Move.strided(2, Address.of<i32>(x, i + j * xs), Address.of<i32>(y, i * n + j), n - j, xs, 1)
    }
  }

  static copy(
    shift: i32,
    x: usize,
    y: usize,
    n1: i32,
    n2: i32,
    n3: i32,
    s0: i32,
    s1: i32,
    s2: i32,
    s3: i32,
    begin: i32,
    end: i32,
  ): void {
    y += (begin * n3) << shift
    if (s3 == 1 && s2 == n3 && s1 == n2 * n3 && s0 == n1 * s1) {
      memory.copy(y, x + ((begin * n3) << shift), ((end - begin) * n3) << shift)
      return
    }
    while (begin < end) {
      const p = x + (Move.row(begin, n1, n2, s0, s1, s2) << shift)
      let rows = 1
      if (shift == 2 && s2 == 1 && s3 != 1) {
        rows = min(n2 - (begin % n2), end - begin)
        Move.transpose(p, y, rows, n3, s3)
      } else if (s3 == 1) Part.copy(y, p, n3 << shift)
      else Move.strided(shift, p, y, n3, s3, 1)
      begin += rows
      y += (rows * n3) << shift
    }
  }

  static paste(
    shift: i32,
    x: usize,
    y: usize,
    n1: i32,
    n2: i32,
    n3: i32,
    s0: i32,
    s1: i32,
    s2: i32,
    s3: i32,
    begin: i32,
    end: i32,
  ): void {
    for (; begin < end; begin++) {
      const p = x + ((begin * n3) << shift)
      const q = y + (Move.row(begin, n1, n2, s0, s1, s2) << shift)
      if (s3 == 1) Part.copy(q, p, n3 << shift)
      else Move.strided(shift, p, q, n3, 1, s3)
    }
  }

  /** y = v over `bytes` bytes. */
  static fill(y: usize, v: v128, bytes: i32): void {
    for (; bytes >= 16; bytes -= 16) {
      v128.store(y, v)
      y += 16
    }
    Part.store(y, v, bytes)
  }

  /** start + i·step in f64, rounded to T once. */
  @inline static arange<T>(y: usize, start: f64, step: f64, begin: i32, end: i32): void {
    for (let i = begin; i < end; i++) store<T>(Address.of<T>(y, i), <T>(start + <f64>i * step))
  }
}

export function copy_b8(
  x: usize,
  y: usize,
  n0: i32,
  n1: i32,
  n2: i32,
  n3: i32,
  s0: i32,
  s1: i32,
  s2: i32,
  s3: i32,
  begin: i32,
  end: i32,
): void {
  Move.copy(0, x, y, n1, n2, n3, s0, s1, s2, s3, begin, end)
}
export function copy_b16(
  x: usize,
  y: usize,
  n0: i32,
  n1: i32,
  n2: i32,
  n3: i32,
  s0: i32,
  s1: i32,
  s2: i32,
  s3: i32,
  begin: i32,
  end: i32,
): void {
  Move.copy(1, x, y, n1, n2, n3, s0, s1, s2, s3, begin, end)
}
export function copy_b32(
  x: usize,
  y: usize,
  n0: i32,
  n1: i32,
  n2: i32,
  n3: i32,
  s0: i32,
  s1: i32,
  s2: i32,
  s3: i32,
  begin: i32,
  end: i32,
): void {
  Move.copy(2, x, y, n1, n2, n3, s0, s1, s2, s3, begin, end)
}
export function copy_b64(
  x: usize,
  y: usize,
  n0: i32,
  n1: i32,
  n2: i32,
  n3: i32,
  s0: i32,
  s1: i32,
  s2: i32,
  s3: i32,
  begin: i32,
  end: i32,
): void {
  Move.copy(3, x, y, n1, n2, n3, s0, s1, s2, s3, begin, end)
}
export function paste_b8(
  x: usize,
  y: usize,
  n0: i32,
  n1: i32,
  n2: i32,
  n3: i32,
  s0: i32,
  s1: i32,
  s2: i32,
  s3: i32,
  begin: i32,
  end: i32,
): void {
  Move.paste(0, x, y, n1, n2, n3, s0, s1, s2, s3, begin, end)
}
export function paste_b16(
  x: usize,
  y: usize,
  n0: i32,
  n1: i32,
  n2: i32,
  n3: i32,
  s0: i32,
  s1: i32,
  s2: i32,
  s3: i32,
  begin: i32,
  end: i32,
): void {
  Move.paste(1, x, y, n1, n2, n3, s0, s1, s2, s3, begin, end)
}
export function paste_b32(
  x: usize,
  y: usize,
  n0: i32,
  n1: i32,
  n2: i32,
  n3: i32,
  s0: i32,
  s1: i32,
  s2: i32,
  s3: i32,
  begin: i32,
  end: i32,
): void {
  Move.paste(2, x, y, n1, n2, n3, s0, s1, s2, s3, begin, end)
}
export function paste_b64(
  x: usize,
  y: usize,
  n0: i32,
  n1: i32,
  n2: i32,
  n3: i32,
  s0: i32,
  s1: i32,
  s2: i32,
  s3: i32,
  begin: i32,
  end: i32,
): void {
  Move.paste(3, x, y, n1, n2, n3, s0, s1, s2, s3, begin, end)
}
export function fill_f32(y: usize, value: f32, begin: i32, end: i32): void {
  Move.fill(Address.of<f32>(y, begin), f32x4.splat(value), (end - begin) * sizeof<f32>())
}
export function fill_f64(y: usize, value: f64, begin: i32, end: i32): void {
  Move.fill(Address.of<f64>(y, begin), f64x2.splat(value), (end - begin) * sizeof<f64>())
}
export function fill_i32(y: usize, value: i32, begin: i32, end: i32): void {
  Move.fill(Address.of<i32>(y, begin), i32x4.splat(value), (end - begin) * sizeof<i32>())
}
export function fill_u8(y: usize, value: u8, begin: i32, end: i32): void {
  Move.fill(Address.of<u8>(y, begin), i8x16.splat(<i8>value), (end - begin) * sizeof<u8>())
}
export function arange_f32(y: usize, start: f64, step: f64, begin: i32, end: i32): void {
  Move.arange<f32>(y, start, step, begin, end)
}
export function arange_f64(y: usize, start: f64, step: f64, begin: i32, end: i32): void {
  Move.arange<f64>(y, start, step, begin, end)
}
export function arange_i32(y: usize, start: i32, step: i32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) store<i32>(Address.of<i32>(y, i), start + i * step)
}
