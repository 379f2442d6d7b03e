// Convolution with few products per output, as in a first layer: y [m, pixels] = A [m, k] · patches [k, pixels], small k.
//
// With k this small a call and a packed panel for each tile would cost as much as the products. So all rows of y for two
// vectors of pixels are one loop, four rows at a time, and B is read from the window itself: row p of B is at
// b + table[p]. Sums are in the order of the micro-kernel of tile.ts.

import { Address } from '../lib/address'
import { Lanes } from '../lib/lanes'
import { Pack } from './pack'

/** Products per output up to which this is the faster way. */
export const SHALLOW: i32 = 64
/** Rows of A that are interleaved in a packed panel. */
const ROWS: i32 = 4

export class Shallow {
  /** Packs A [m, k], contiguous, for `run`: panels of four rows, zeros below the last. */
  static pack<T>(a: usize, m: i32, k: i32, to: usize): void {
    for (let i = 0; i < m; i += ROWS) {
      const from = Address.of<T>(a, i * k)
      Pack.panel<T>(ROWS, min(ROWS, m - i), k, from, sizeof<T>(), Address.bytes<T>(k), to)
      to += Address.bytes<T>(ROWS * k)
    }
  }

  /** Two vectors of pixels of every row. */
  static run<T>(a: usize, m: i32, k: i32, b: usize, table: usize, y: usize, yRow: usize): void {
    if (m == 1) {
      one<T>(a, k, b, table, y)
      return
    }
    for (; m > 0; m -= ROWS) {
      let c00 = Lanes.zero<T>()
      let c01 = c00
      let c10 = c00
      let c11 = c00
      let c20 = c00
      let c21 = c00
      let c30 = c00
      let c31 = c00
      let entry = table
      for (let p = k; p > 0; p--) {
        const from = b + load<usize>(entry)
        entry += sizeof<usize>()
        const b0 = v128.load(from)
        const b1 = v128.load(from, 16)
        let t = v128.load_splat<T>(a)
        a += sizeof<T>()
        c00 = Lanes.madd<T>(t, b0, c00)
        c01 = Lanes.madd<T>(t, b1, c01)
        t = v128.load_splat<T>(a)
        a += sizeof<T>()
        c10 = Lanes.madd<T>(t, b0, c10)
        c11 = Lanes.madd<T>(t, b1, c11)
        t = v128.load_splat<T>(a)
        a += sizeof<T>()
        c20 = Lanes.madd<T>(t, b0, c20)
        c21 = Lanes.madd<T>(t, b1, c21)
        t = v128.load_splat<T>(a)
        a += sizeof<T>()
        c30 = Lanes.madd<T>(t, b0, c30)
        c31 = Lanes.madd<T>(t, b1, c31)
      }
      v128.store(y, c00)
      v128.store(y, c01, 16)
      y += yRow
      if (m > 1) {
        v128.store(y, c10)
        v128.store(y, c11, 16)
        y += yRow
      }
      if (m > 2) {
        v128.store(y, c20)
        v128.store(y, c21, 16)
        y += yRow
      }
      if (m > 3) {
        v128.store(y, c30)
        v128.store(y, c31, 16)
        y += yRow
      }
    }
  }
}

/** The only row: a kernel per channel. */
function one<T>(a: usize, k: i32, b: usize, table: usize, y: usize): void {
  let c0 = Lanes.zero<T>()
  let c1 = c0
  for (; k > 0; k--) {
    const from = b + load<usize>(table)
    table += sizeof<usize>()
    const t = v128.load_splat<T>(a)
    a += Address.bytes<T>(ROWS)
    c0 = Lanes.madd<T>(t, v128.load(from), c0)
    c1 = Lanes.madd<T>(t, v128.load(from, 16), c1)
  }
  v128.store(y, c0)
  v128.store(y, c1, 16)
}
