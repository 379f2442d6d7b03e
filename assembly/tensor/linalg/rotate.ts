// Sequences of plane rotations of neighbouring rows, in float64: what QR iterations do to vectors.

import { Address } from '../../lib/address'
import { Part } from '../../lib/part'

export class Rotate {
  /**
   * For k = 0 … count − 1, one after the other: rows k and k + 1 of q become c x + s y and c y − s x, with c and s the
   * pair number k of `turns`. Rows have n elements and are `step` bytes apart. Eight columns go through all rotations at
   * a time, so a row is read and written once.
   */
  static rows(q: usize, step: usize, turns: usize, count: i32, n: i32): void {
    const stop = turns + ((<usize>count) << 4)
    for (; n >= 8; n -= 8) {
      wide(q, step, turns, stop)
      q += 64
    }
    for (let bytes = n << 3; bytes > 0; bytes -= 16) {
      let row = q
      let x = Part.load(row, bytes)
      for (let t = turns; t < stop; t += 16) {
        const c = v128.load64_splat(t)
        const s = v128.load64_splat(t, 8)
        const next = row + step
        const y = Part.load(next, bytes)
        Part.store(row, f64x2.add(f64x2.mul(c, x), f64x2.mul(s, y)), bytes)
        x = f64x2.sub(f64x2.mul(c, y), f64x2.mul(s, x))
        row = next
      }
      Part.store(row, x, bytes)
      q += 16
    }
  }

  /** Writes pair number k of `turns`. */
  @inline static put(turns: usize, k: i32, c: f64, s: f64): void {
    const at = turns + ((<usize>k) << 4)
    store<f64>(at, c)
    store<f64>(at, s, 8)
  }

  /** Exchanges two rows of n. */
  static swap(a: usize, b: usize, n: i32): void {
    for (; n > 0; n--) {
      const x = load<f64>(a)
      store<f64>(a, load<f64>(b))
      store<f64>(b, x)
      a += 8
      b += 8
    }
  }

  /**
   * Sorts `count` numbers, `step` bytes apart, upwards or downwards, together with the rows of `width` elements that
   * they stand in: number k is the element `key` of row k.
   */
  static sort(rows: usize, step: usize, count: i32, width: i32, key: i32, down: bool): void {
    const column = Address.of<f64>(rows, key)
    for (let i = 0; i < count - 1; i++) {
      let best = i
      let value = load<f64>(column + <usize>i * step)
      for (let k = i + 1; k < count; k++) {
        const other = load<f64>(column + <usize>k * step)
        if (down ? other > value : other < value) {
          best = k
          value = other
        }
      }
      if (best != i) Rotate.swap(rows + <usize>i * step, rows + <usize>best * step, width)
    }
  }
}

function wide(row: usize, step: usize, turns: usize, stop: usize): void {
  let x0 = v128.load(row)
  let x1 = v128.load(row, 16)
  let x2 = v128.load(row, 32)
  let x3 = v128.load(row, 48)
  for (; turns < stop; turns += 16) {
    const c = v128.load64_splat(turns)
    const s = v128.load64_splat(turns, 8)
    const next = row + step
    const y0 = v128.load(next)
    v128.store(row, f64x2.add(f64x2.mul(c, x0), f64x2.mul(s, y0)))
    x0 = f64x2.sub(f64x2.mul(c, y0), f64x2.mul(s, x0))
    const y1 = v128.load(next, 16)
    v128.store(row, f64x2.add(f64x2.mul(c, x1), f64x2.mul(s, y1)), 16)
    x1 = f64x2.sub(f64x2.mul(c, y1), f64x2.mul(s, x1))
    const y2 = v128.load(next, 32)
    v128.store(row, f64x2.add(f64x2.mul(c, x2), f64x2.mul(s, y2)), 32)
    x2 = f64x2.sub(f64x2.mul(c, y2), f64x2.mul(s, x2))
    const y3 = v128.load(next, 48)
    v128.store(row, f64x2.add(f64x2.mul(c, x3), f64x2.mul(s, y3)), 48)
    x3 = f64x2.sub(f64x2.mul(c, y3), f64x2.mul(s, x3))
    row = next
  }
  v128.store(row, x0)
  v128.store(row, x1, 16)
  v128.store(row, x2, 32)
  v128.store(row, x3, 48)
}
