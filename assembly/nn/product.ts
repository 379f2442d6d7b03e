// The matrix product inside a kernel, for operands that lie in a cache, float32.
//
// y [m, n] = A [m, k] · B [k, n], or added to y; n a multiple of 8, strides in bytes. B is read where it is (panels of
// eight columns 32 bytes apart) or from packed panels (rows 32 bytes apart). An element is the sum over k in order
// whatever m and n are.

import { Four, One, Two, tile } from '../tensor/tile'

/** Bytes of a row of a panel. */
export const ROW: usize = 32

export class Product {
  /** `bStep` is the way from row to row of B, `bPanel` that from panel to panel. */
  static run(
    a: usize,
    aRow: usize,
    aStep: usize,
    m: i32,
    b: usize,
    bStep: usize,
    bPanel: usize,
    n: i32,
    k: i32,
    y: usize,
    yRow: usize,
    more: bool,
  ): void {
    for (; n > 0; n -= 8) {
      let from = a
      let to = y
      let left = m
      for (; left >= 4; left -= 4) {
        tile<f32, Four, Two>(k, from, aRow, aStep, b, bStep, to, yRow, more)
        from += 4 * aRow
        to += 4 * yRow
      }
      if (left >= 2) {
        tile<f32, Two, Two>(k, from, aRow, aStep, b, bStep, to, yRow, more)
        from += 2 * aRow
        to += 2 * yRow
      }
      if (left & 1) tile<f32, One, Two>(k, from, aRow, aStep, b, bStep, to, yRow, more)
      b += bPanel
      y += ROW
    }
  }
}
