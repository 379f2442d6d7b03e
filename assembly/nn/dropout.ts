// Dropout: dropout_T(state, x, y, mask, p, begin, end), mask[i] = (uniform word i ≥ p), y = mask ? x / (1 − p) : 0, the words
// those of lib/philox; maskScale_T(x, mask, y, scale, begin, end), y = mask ? x · scale : 0. Elements; y may be x.

import { Address } from '../lib/address'
import { Mask } from '../lib/mask'
import { Part } from '../lib/part'
import { Philox } from '../lib/philox'

@unmanaged
class Keep {
  /** Where a word is not below the threshold: 1 − below. */
  @inline take(
    first: v128,
    second: v128,
    kind: i32,
    threshold: v128,
    one: v128,
    y: usize,
    i: i32,
    begin: i32,
    end: i32,
  ): void {
    const ones = i8x16.splat(1)
    first = v128.xor(Philox.below(first, threshold, one), ones)
    second = v128.xor(Philox.below(second, threshold, one), ones)
    Philox.put(1, first, second, y, i, begin, end)
  }
}

/** The mask of [begin, end). */
function keep(state: usize, mask: usize, p: f64, begin: i32, end: i32): void {
  Philox.map<Keep>(0, 8, state, mask, Philox.threshold(p), i32x4.splat(1), begin, end)
}

function maskScale<T extends number>(x: usize, mask: usize, y: usize, scale: T, begin: i32, end: i32): void {
  const factor = v128.splat<T>(scale)
  let m = mask + begin
  let p = Address.of<T>(x, begin)
  let q = Address.of<T>(y, begin)
  const count = <i32>(16 / sizeof<T>())
  let left = end - begin
  for (; left >= count; left -= count) {
    v128.store(q, v128.and(v128.mul<T>(v128.load(p), factor), Mask.of<T>(Mask.load<T>(m))))
    m += count
    p += 16
    q += 16
  }
  const bytes = left * <i32>sizeof<T>()
  Part.store(q, v128.and(v128.mul<T>(Part.load(p, bytes), factor), Mask.of<T>(Part.load(m, left))), bytes)
}

/** The mask first, then x, in pieces that stay in the first cache. */
function dropout<T extends number>(state: usize, x: usize, y: usize, mask: usize, p: f64, begin: i32, end: i32): void {
  while (begin < end) {
    const stop = min(end, (begin & ~4095) + 4096)
    keep(state, mask, p, begin, stop)
    maskScale<T>(x, mask, y, <T>(1 / (1 - p)), begin, stop)
    begin = stop
  }
}

export function dropout_f32(state: usize, x: usize, y: usize, mask: usize, p: f64, begin: i32, end: i32): void {
  dropout<f32>(state, x, y, mask, p, begin, end)
}
export function dropout_f64(state: usize, x: usize, y: usize, mask: usize, p: f64, begin: i32, end: i32): void {
  dropout<f64>(state, x, y, mask, p, begin, end)
}
export function maskScale_f32(x: usize, mask: usize, y: usize, scale: f32, begin: i32, end: i32): void {
  maskScale<f32>(x, mask, y, scale, begin, end)
}
export function maskScale_f64(x: usize, mask: usize, y: usize, scale: f64, begin: i32, end: i32): void {
  maskScale<f64>(x, mask, y, scale, begin, end)
}
