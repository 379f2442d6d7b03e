// Writing by position into y [outer, size, inner], which holds something already: x[o, i, c] goes to y[o, index, c], one
// after the other along i, so that of several for one place the last stays, or they meet in the order they stand in.
// scatter_bW(x, index, y, size, count, inner, each, step, begin, end) replaces, scatterReduce_T(x, …, op, begin, end) meets
// what is there: op 0 adds, 1 multiplies, 2 takes the larger, 3 the smaller, NaN if either is.
// x is [outer, count, inner] times step (0: one element for all); index is [outer, count, inner] with each = 1, [count] with 0.
// [begin, end) counts columns (o, c): what a place gets does not depend on the cut.

import { Address } from '../lib/address'
import { Part } from '../lib/part'
import { Position } from '../lib/position'

class Scatter {
  @inline static walk<T extends number>(
    op: i32,
    x: usize,
    index: usize,
    y: usize,
    size: i32,
    count: i32,
    inner: i32,
    each: i32,
    step: i32,
    begin: i32,
    end: i32,
  ): void {
    while (begin < end) {
      const o = begin / inner
      const first = begin - o * inner
      const n = min(end - begin, inner - first)
      const to = Address.of<T>(y, o * size * inner + first)
      let at = o * count * inner + first
      for (let i = 0; i < count; i++) {
        const from = Address.of<T>(x, at * step)
        // Fewer than a vector are faster one by one.
        if (each == 0 && step != 0 && op <= 0 && n > 3)
          Scatter.row<T>(op, from, Address.of<T>(to, Position.at(index, i, size) * inner), Address.bytes<T>(n))
        else
          for (let c = 0; c < n; c++) {
            const q = Address.of<T>(to, Position.at(index, each != 0 ? at + c : i, size) * inner + c)
            Scatter.one<T>(op, Address.of<T>(from, c * step), q)
          }
        at += inner
      }
      begin += n
    }
  }

  /** A row whose elements all have one position. */
  @inline static row<T extends number>(op: i32, from: usize, to: usize, bytes: usize): void {
    if (op < 0) Part.copy(to, from, <i32>bytes)
    else
      for (let left = <i32>bytes; left > 0; left -= 16) {
        if (left >= 16) v128.store(to, v128.add<T>(v128.load(to), v128.load(from)))
        else Part.store(to, v128.add<T>(Part.load(to, left), Part.load(from, left)), left)
        from += 16
        to += 16
      }
  }

  @inline static one<T extends number>(op: i32, from: usize, to: usize): void {
    const a = load<T>(to)
    const b = load<T>(from)
    if (op < 0) store<T>(to, b)
    else if (op == 0) store<T>(to, <T>(a + b))
    else if (op == 1) store<T>(to, <T>(a * b))
    else if (op == 2) store<T>(to, max<T>(a, b))
    else store<T>(to, min<T>(a, b))
  }
}

export function scatter_b8(
  x: usize,
  index: usize,
  y: usize,
  size: i32,
  count: i32,
  inner: i32,
  each: i32,
  step: i32,
  begin: i32,
  end: i32,
): void {
  Scatter.walk<u8>(-1, x, index, y, size, count, inner, each, step, begin, end)
}
export function scatter_b32(
  x: usize,
  index: usize,
  y: usize,
  size: i32,
  count: i32,
  inner: i32,
  each: i32,
  step: i32,
  begin: i32,
  end: i32,
): void {
  Scatter.walk<i32>(-1, x, index, y, size, count, inner, each, step, begin, end)
}
export function scatter_b64(
  x: usize,
  index: usize,
  y: usize,
  size: i32,
  count: i32,
  inner: i32,
  each: i32,
  step: i32,
  begin: i32,
  end: i32,
): void {
  Scatter.walk<i64>(-1, x, index, y, size, count, inner, each, step, begin, end)
}
export function scatterReduce_f32(
  x: usize,
  index: usize,
  y: usize,
  size: i32,
  count: i32,
  inner: i32,
  each: i32,
  step: i32,
  op: i32,
  begin: i32,
  end: i32,
): void {
  Scatter.walk<f32>(op, x, index, y, size, count, inner, each, step, begin, end)
}
export function scatterReduce_f64(
  x: usize,
  index: usize,
  y: usize,
  size: i32,
  count: i32,
  inner: i32,
  each: i32,
  step: i32,
  op: i32,
  begin: i32,
  end: i32,
): void {
  Scatter.walk<f64>(op, x, index, y, size, count, inner, each, step, begin, end)
}
export function scatterReduce_i32(
  x: usize,
  index: usize,
  y: usize,
  size: i32,
  count: i32,
  inner: i32,
  each: i32,
  step: i32,
  op: i32,
  begin: i32,
  end: i32,
): void {
  Scatter.walk<i32>(op, x, index, y, size, count, inner, each, step, begin, end)
}
