// Panels for the micro-kernel: a strip of a matrix copied so that each step of k is one contiguous row.
//
// panel [k, width]: element (p, j) comes from from + p·step + j·lane (bytes), columns count … width-1 are zero.
// With lane and step exchanged the same code packs A and B, plain and transposed.

import { Address } from '../lib/address'
import { Lanes } from '../lib/lanes'

/** Panels that are written in turn. */
const TOGETHER: usize = 8

export class Pack {
  /**
   * Turns a square block: vectors at the four addresses (two of them for f64) become columns of the rows at `to`.
   */
  @inline static turn<T>(from0: usize, from1: usize, from2: usize, from3: usize, to: usize, row: usize): void {
    const r0 = v128.load(from0)
    const r1 = v128.load(from1)
    if (sizeof<T>() == 8) {
      v128.store(to, v128.shuffle<T>(r0, r1, 0, 2))
      v128.store(to + row, v128.shuffle<T>(r0, r1, 1, 3))
    } else {
      const r2 = v128.load(from2)
      const r3 = v128.load(from3)
      const low01 = v128.shuffle<T>(r0, r1, 0, 4, 1, 5)
      const low23 = v128.shuffle<T>(r2, r3, 0, 4, 1, 5)
      const high01 = v128.shuffle<T>(r0, r1, 2, 6, 3, 7)
      const high23 = v128.shuffle<T>(r2, r3, 2, 6, 3, 7)
      v128.store(to, v128.shuffle<T>(low01, low23, 0, 1, 4, 5))
      v128.store(to + row, v128.shuffle<T>(low01, low23, 2, 3, 6, 7))
      v128.store(to + 2 * row, v128.shuffle<T>(high01, high23, 0, 1, 4, 5))
      v128.store(to + 3 * row, v128.shuffle<T>(high01, high23, 2, 3, 6, 7))
    }
  }

  /**
   * Copies k rows of `count` adjacent columns into panels of `width` columns, which divides `count`: row by row, because
   * rows may lie far apart, but for a few panels at a time, because these may share a set of the cache. A row of a panel
   * fills one to two vectors, three of f64.
   */
  static across<T>(width: i32, count: i32, k: i32, from: usize, step: usize, to: usize): void {
    const row = Address.bytes<T>(width)
    for (let left = Address.bytes<T>(count); left > 0; ) {
      const bytes = min(left, row * TOGETHER)
      for (let p = k, at = from, y = to; p > 0; p--, at += step, y += row)
        for (let x: usize = 0, panel = y; x < bytes; x += row, panel += row * <usize>k) {
          const v = at + x
          v128.store(panel, v128.load(v))
          if (sizeof<T>() == 8 && row > 32) v128.store(panel, v128.load(v, 16), 16)
          v128.store(panel + row - 16, v128.load(v + row - 16))
        }
      from += bytes
      to += bytes * <usize>k
      left -= bytes
    }
  }

  /** Copies `k` steps of `count` columns into a panel. */
  static panel<T>(width: i32, count: i32, k: i32, from: usize, step: usize, lane: usize, to: usize): void {
    const row = Address.bytes<T>(width)
    Pack.columns<T>(count, k, from, step, lane, to, row)
    for (; count < width; count++) clear<T>(k, Address.of<T>(to, count), row)
  }

  /** Copies `k` steps of `count` columns; steps are `row` bytes apart there. */
  static columns<T>(count: i32, k: i32, from: usize, step: usize, lane: usize, to: usize, row: usize): void {
    const strip = Lanes.count<T>()
    // A strip at the end that is not full overlaps the one before.
    const last = count - strip
    let j = 0
    if (lane == sizeof<T>()) {
      for (; j < count && last >= 0; j += strip)
        copy(k, Address.of<T>(from, min(j, last)), step, Address.of<T>(to, min(j, last)), row)
    } else if (step == sizeof<T>()) {
      for (; j < count && last >= 0; j += strip)
        transpose<T>(k, from + <usize>min(j, last) * lane, lane, Address.of<T>(to, min(j, last)), row)
    }
    for (; j < count; j++) gather<T>(k, from + <usize>j * lane, step, Address.of<T>(to, j), row)
  }
}

/** One vector of columns. */
function copy(k: i32, from: usize, step: usize, to: usize, row: usize): void {
  for (; k > 0; k--) {
    v128.store(to, v128.load(from))
    from += step
    to += row
  }
}

/** One vector of columns whose elements are adjacent along k. */
function transpose<T>(k: i32, from: usize, lane: usize, to: usize, row: usize): void {
  const strip = Lanes.count<T>()
  for (; k >= strip; k -= strip) {
    Pack.turn<T>(from, from + lane, from + 2 * lane, from + 3 * lane, to, row)
    from += 16
    to += <usize>strip * row
  }
  for (let j: usize = 0; j < <usize>strip; j++) gather<T>(k, from + j * lane, sizeof<T>(), to + j * sizeof<T>(), row)
}

function gather<T>(k: i32, from: usize, step: usize, to: usize, row: usize): void {
  for (; k > 0; k--) {
    store<T>(to, load<T>(from))
    from += step
    to += row
  }
}

function clear<T>(k: i32, to: usize, row: usize): void {
  for (; k > 0; k--) {
    store<T>(to, <T>0)
    to += row
  }
}
