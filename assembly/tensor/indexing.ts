// Selection by index: i32 indices within [-size, size), negative ones count from the end.
// take_bW(x, index, y, size, count, inner, begin, end): y[o, i, c] = x[o, index[i], c]; [begin, end) counts pairs (o, i).
// takeGrad_T(dy, index, dx, …): dx[o, index[i], c] = Σ dy[o, i, c]; columns (o, c).
// gather_bW(x, index, y, …): y[o, i, c] = x[o, index[o, i, c], c], and gatherGrad_T its adjoint; [begin, end) counts o.
// locate_i32(base, index, y, size, stride, begin, end): y[i] = base[i] + index[i]·stride, index counted from the front.
// positions_u8(mask, y, begin, end): where the mask is nonzero, in order; returns how many there are.

import { Address } from '../lib/address'
import { Part } from '../lib/part'
import { Position } from '../lib/position'

function take<T>(x: usize, index: usize, y: usize, size: i32, count: i32, inner: i32, begin: i32, end: i32): void {
  if (begin >= end) return
  let o = begin / count
  let i = begin - o * count
  for (; begin < end; begin++) {
    const from = Address.of<T>(x, (o * size + Position.at(index, i, size)) * inner)
    const to = Address.of<T>(y, begin * inner)
    if (inner == 1) store<T>(to, load<T>(from))
    else Part.copy(to, from, inner * <i32>sizeof<T>())
    if (++i == count) {
      i = 0
      o++
    }
  }
}

function takeGrad<T>(
  dy: usize,
  index: usize,
  dx: usize,
  size: i32,
  count: i32,
  inner: i32,
  begin: i32,
  end: i32,
): void {
  const step = inner * <i32>sizeof<T>()
  while (begin < end) {
    const o = begin / inner
    const c = begin - o * inner
    const bytes = (min(end, begin + inner - c) - begin) * <i32>sizeof<T>()
    const to = Address.of<T>(dx, o * size * inner + c)
    const from = Address.of<T>(dy, o * count * inner + c)
    if (bytes == step) memory.fill(to, 0, <usize>size * step)
    else for (let j = 0; j < size; j++) memory.fill(to + j * step, 0, bytes)
    for (let i = 0; i < count; i++) {
      let p = from + i * step
      let q = to + Position.at(index, i, size) * step
      for (let left = bytes; left > 0; left -= 16) {
        if (left >= 16) v128.store(q, v128.add<T>(v128.load(q), v128.load(p)))
        else Part.store(q, v128.add<T>(Part.load(q, left), Part.load(p, left)), left)
        p += 16
        q += 16
      }
    }
    begin += inner - c
  }
}

function gather<T>(x: usize, index: usize, y: usize, size: i32, count: i32, inner: i32, begin: i32, end: i32): void {
  for (; begin < end; begin++) {
    const from = Address.of<T>(x, begin * size * inner)
    let at = begin * count * inner
    for (let i = 0; i < count; i++)
      for (let c = 0; c < inner; c++, at++)
        store<T>(Address.of<T>(y, at), load<T>(Address.of<T>(from, Position.at(index, at, size) * inner + c)))
  }
}

function gatherGrad<T extends number>(
  dy: usize,
  index: usize,
  dx: usize,
  size: i32,
  count: i32,
  inner: i32,
  begin: i32,
  end: i32,
): void {
  for (; begin < end; begin++) {
    const to = Address.of<T>(dx, begin * size * inner)
    memory.fill(to, 0, <usize>size * inner * sizeof<T>())
    let at = begin * count * inner
    for (let i = 0; i < count; i++)
      for (let c = 0; c < inner; c++, at++) {
        const q = Address.of<T>(to, Position.at(index, at, size) * inner + c)
        store<T>(q, <T>(load<T>(q) + load<T>(Address.of<T>(dy, at))))
      }
  }
}

export function locate_i32(base: usize, index: usize, y: usize, size: i32, stride: i32, begin: i32, end: i32): void {
  for (; begin < end; begin++)
    store<i32>(
      Address.of<i32>(y, begin),
      load<i32>(Address.of<i32>(base, begin)) + Position.at(index, begin, size) * stride,
    )
}

/** With y = 0 only counts. */
export function positions_u8(mask: usize, y: usize, begin: i32, end: i32): i32 {
  let count = 0
  while (begin < end) {
    const wide = end - begin >= 16
    let bits = wide
      ? i8x16.bitmask(i8x16.ne(v128.load(mask + begin), i8x16.splat(0)))
      : load<u8>(mask + begin) != 0
        ? 1
        : 0
    count += popcnt(bits)
    if (y != 0)
      for (; bits != 0; bits &= bits - 1) {
        store<i32>(y, begin + ctz(bits))
        y += 4
      }
    begin += wide ? 16 : 1
  }
  return count
}

/** The position of the first index outside [low, size), or −1. */
export function badIndex_i32(index: usize, low: i32, size: i32, begin: i32, end: i32): i32 {
  for (; begin < end; begin++) {
    const j = load<i32>(Address.of<i32>(index, begin))
    if (j < low || j >= size) return begin
  }
  return -1
}
export function take_b8(
  x: usize,
  index: usize,
  y: usize,
  size: i32,
  count: i32,
  inner: i32,
  begin: i32,
  end: i32,
): void {
  take<u8>(x, index, y, size, count, inner, begin, end)
}
export function take_b32(
  x: usize,
  index: usize,
  y: usize,
  size: i32,
  count: i32,
  inner: i32,
  begin: i32,
  end: i32,
): void {
  take<i32>(x, index, y, size, count, inner, begin, end)
}
export function take_b64(
  x: usize,
  index: usize,
  y: usize,
  size: i32,
  count: i32,
  inner: i32,
  begin: i32,
  end: i32,
): void {
  take<i64>(x, index, y, size, count, inner, begin, end)
}
export function takeGrad_f32(
  dy: usize,
  index: usize,
  dx: usize,
  size: i32,
  count: i32,
  inner: i32,
  begin: i32,
  end: i32,
): void {
  takeGrad<f32>(dy, index, dx, size, count, inner, begin, end)
}
export function takeGrad_f64(
  dy: usize,
  index: usize,
  dx: usize,
  size: i32,
  count: i32,
  inner: i32,
  begin: i32,
  end: i32,
): void {
  takeGrad<f64>(dy, index, dx, size, count, inner, begin, end)
}
export function gather_b8(
  x: usize,
  index: usize,
  y: usize,
  size: i32,
  count: i32,
  inner: i32,
  begin: i32,
  end: i32,
): void {
  gather<u8>(x, index, y, size, count, inner, begin, end)
}
export function gather_b32(
  x: usize,
  index: usize,
  y: usize,
  size: i32,
  count: i32,
  inner: i32,
  begin: i32,
  end: i32,
): void {
  gather<i32>(x, index, y, size, count, inner, begin, end)
}
export function gather_b64(
  x: usize,
  index: usize,
  y: usize,
  size: i32,
  count: i32,
  inner: i32,
  begin: i32,
  end: i32,
): void {
  gather<i64>(x, index, y, size, count, inner, begin, end)
}
export function gatherGrad_f32(
  dy: usize,
  index: usize,
  dx: usize,
  size: i32,
  count: i32,
  inner: i32,
  begin: i32,
  end: i32,
): void {
  gatherGrad<f32>(dy, index, dx, size, count, inner, begin, end)
}
export function gatherGrad_f64(
  dy: usize,
  index: usize,
  dx: usize,
  size: i32,
  count: i32,
  inner: i32,
  begin: i32,
  end: i32,
): void {
  gatherGrad<f64>(dy, index, dx, size, count, inner, begin, end)
}
