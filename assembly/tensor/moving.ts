// Moving elements of 1, 4 or 8 bytes, and filling. copy_bW(x, y, n0, n1, n2, n3, s0, s1, s2, s3, begin, end) gathers a
// strided x into a contiguous y [n0, n1, n2, n3]; paste_bW scatters a contiguous x into a strided y. Strides may be 0 or
// negative; [begin, end) counts rows of n3 elements. Transposes go through blocks of 16 columns by 4 rows of y, each 4x4
// (f64: 2x2) turned in registers. fill_T and arange_T: [begin, end) counts elements.

import { Address } from '../lib/address'
import { Part } from '../lib/part'

class Move {
  /** Where row `row` of [n0, n1, n2] begins, in elements. */
  @inline static row(row: i32, n1: i32, n2: i32, s0: i32, s1: i32, s2: i32): i32 {
    const plane = row / n2
    const i0 = plane / n1
    return i0 * s0 + (plane - i0 * n1) * s1 + (row - plane * n2) * s2
  }

  /** One row of n elements, x[i·xs] to y[i·ys]. */
  @inline static strided<T>(x: usize, y: usize, n: i32, xs: i32, ys: i32): void {
    for (let i = 0; i < n; i++) {
      store<T>(y, load<T>(x))
      x = Address.of<T>(x, xs)
      y = Address.of<T>(y, ys)
    }
  }

  /** y[i, j] = x[i + j·xs] for i < rows, j < n, y's rows `ys` apart: blocks in registers, scalars at the edges. */
  static transpose<T>(x: usize, y: usize, rows: i32, n: i32, xs: i32, ys: i32): void {
    const lanes = <i32>(16 / sizeof<T>())
    const wide = n & ~(lanes - 1)
    const tall = rows & ~(lanes - 1)
    // strips of 64 bytes along i: whole cache lines of x
    for (let i0 = 0; i0 < tall; i0 += 4 * lanes)
      for (let j = 0; j < wide; j += lanes)
        for (let i = i0; i < min(tall, i0 + 4 * lanes); i += lanes) {
          const p = Address.of<T>(x, i + j * xs)
          const q = Address.of<T>(y, i * ys + j)
          if (sizeof<T>() == 4) Move.block4(p, q, (<usize>xs) << 2, (<usize>ys) << 2)
          else Move.block2(p, q, (<usize>xs) << 3, (<usize>ys) << 3)
        }
    for (let j = wide; j < n; j++) Move.strided<T>(Address.of<T>(x, j * xs), Address.of<T>(y, j), tall, 1, ys)
    for (let i = tall; i < rows; i++) Move.strided<T>(Address.of<T>(x, i), Address.of<T>(y, i * ys), n, xs, 1)
  }

  @inline static block4(p: usize, q: usize, xs: usize, ys: usize): void {
    const a = v128.load(p)
    const b = v128.load(p + xs)
    const c = v128.load(p + 2 * xs)
    const d = v128.load(p + 3 * xs)
    const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5)
    const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5)
    const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7)
    const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7)
    v128.store(q, v128.shuffle<i64>(ab, cd, 0, 2))
    v128.store(q + ys, v128.shuffle<i64>(ab, cd, 1, 3))
    v128.store(q + 2 * ys, v128.shuffle<i64>(abHigh, cdHigh, 0, 2))
    v128.store(q + 3 * ys, v128.shuffle<i64>(abHigh, cdHigh, 1, 3))
  }

  @inline static block2(p: usize, q: usize, xs: usize, ys: usize): void {
    const a = v128.load(p)
    const b = v128.load(p + xs)
    v128.store(q, v128.shuffle<i64>(a, b, 0, 2))
    v128.store(q + ys, v128.shuffle<i64>(a, b, 1, 3))
  }

  static copy<T>(
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
    let q = Address.of<T>(y, begin * n3)
    if (s3 == 1 && s2 == n3 && s1 == n2 * n3 && s0 == n1 * s1) {
      memory.copy(q, Address.of<T>(x, begin * n3), <usize>(end - begin) * n3 * sizeof<T>())
      return
    }
    while (begin < end) {
      const p = Address.of<T>(x, Move.row(begin, n1, n2, s0, s1, s2))
      if (sizeof<T>() >= 4 && s2 == 1 && s3 != 1) {
        const rows = min(n2 - (begin % n2), end - begin)
        Move.transpose<T>(p, q, rows, n3, s3, n3)
        begin += rows
        q = Address.of<T>(q, rows * n3)
        continue
      }
      if (s3 == 1) Part.copy(q, p, n3 * <i32>sizeof<T>())
      else if (s3 == 0) Move.fill<T>(q, load<T>(p), n3)
      else Move.strided<T>(p, q, n3, s3, 1)
      q = Address.of<T>(q, n3)
      begin++
    }
  }

  static paste<T>(
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
      const p = Address.of<T>(x, begin * n3)
      const q = Address.of<T>(y, Move.row(begin, n1, n2, s0, s1, s2))
      if (s3 == 1) Part.copy(q, p, n3 * <i32>sizeof<T>())
      else Move.strided<T>(p, q, n3, 1, s3)
    }
  }

  static fill<T>(y: usize, value: T, n: i32): void {
    const v = v128.splat<T>(value)
    for (let left = n * <i32>sizeof<T>(); left > 0; left -= 16) {
      if (left >= 16) v128.store(y, v)
      else Part.store(y, v, left)
      y += 16
    }
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
  Move.copy<u8>(x, y, n1, n2, n3, s0, s1, s2, s3, begin, end)
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
  Move.copy<i32>(x, y, n1, n2, n3, s0, s1, s2, s3, begin, end)
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
  Move.copy<i64>(x, y, n1, n2, n3, s0, s1, s2, s3, begin, end)
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
  Move.paste<u8>(x, y, n1, n2, n3, s0, s1, s2, s3, begin, end)
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
  Move.paste<i32>(x, y, n1, n2, n3, s0, s1, s2, s3, begin, end)
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
  Move.paste<i64>(x, y, n1, n2, n3, s0, s1, s2, s3, begin, end)
}
export function fill_f32(y: usize, value: f32, begin: i32, end: i32): void {
  Move.fill<f32>(Address.of<f32>(y, begin), value, end - begin)
}
export function fill_f64(y: usize, value: f64, begin: i32, end: i32): void {
  Move.fill<f64>(Address.of<f64>(y, begin), value, end - begin)
}
export function fill_i32(y: usize, value: i32, begin: i32, end: i32): void {
  Move.fill<i32>(Address.of<i32>(y, begin), value, end - begin)
}
export function fill_u8(y: usize, value: u8, begin: i32, end: i32): void {
  Move.fill<u8>(Address.of<u8>(y, begin), value, end - begin)
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
