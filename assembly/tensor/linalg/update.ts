// C -= A · B on parts of a matrix: where the blocked factorisations spend their time.
//
// C [m, n] and B [k, n] have contiguous rows, A(i, p) lies at a + i·aRow + p·aColumn; steps are in bytes. B is taken in
// panels of two vectors' width, copied together first; a panel meets four rows of A at a time. An element of C loses its
// k products one after the other. Scratch: an edge tile and a panel, 32 (k + 4) bytes.

import { Part } from '../../lib/part'

const EDGE: i32 = 128

export class Update {
  static minus<T>(
    c: usize,
    cRow: usize,
    a: usize,
    aRow: usize,
    aColumn: usize,
    b: usize,
    bRow: usize,
    m: i32,
    n: i32,
    k: i32,
    scratch: usize,
  ): void {
    const panel = scratch + EDGE
    for (let left = n * <i32>sizeof<T>(); left > 0; left -= 32) {
      const stop = panel + ((<usize>k) << 5)
      for (let from = b, to = panel; to < stop; to += 32) {
        v128.store(to, Part.load(from, left))
        v128.store(to, Part.load(from + 16, left - 16), 16)
        from += bRow
      }
      let y = c
      let x = a
      for (let rows = m; rows > 0; rows -= 4) {
        if (left >= 32) tile<T>(y, cRow, x, aRow, aColumn, panel, stop, rows)
        else {
          move(y, cRow, scratch, 32, rows, left)
          tile<T>(scratch, 32, x, aRow, aColumn, panel, stop, rows)
          move(scratch, 32, y, cRow, rows, left)
        }
        y += cRow << 2
        x += aRow << 2
      }
      b += 32
      c += 32
    }
  }
}

/** Up to four rows of less than two vectors. */
function move(from: usize, fromRow: usize, to: usize, toRow: usize, rows: i32, bytes: i32): void {
  for (let r = min(rows, 4); r > 0; r--) {
    Part.store(to, Part.load(from, bytes), bytes)
    Part.store(to + 16, Part.load(from + 16, bytes - 16), bytes - 16)
    from += fromRow
    to += toRow
  }
}

/** Four rows; where there are fewer, the last is computed several times, to the same bits. */
function tile<T>(
  c0: usize,
  cRow: usize,
  a0: usize,
  aRow: usize,
  aColumn: usize,
  panel: usize,
  stop: usize,
  rows: i32,
): void {
  const c1 = rows > 1 ? c0 + cRow : c0
  const c2 = rows > 2 ? c1 + cRow : c1
  const c3 = rows > 3 ? c2 + cRow : c2
  let a1 = rows > 1 ? a0 + aRow : a0
  let a2 = rows > 2 ? a1 + aRow : a1
  let a3 = rows > 3 ? a2 + aRow : a2
  let s0 = v128.load(c0)
  let s1 = v128.load(c1)
  let s2 = v128.load(c2)
  let s3 = v128.load(c3)
  let t0 = v128.load(c0, 16)
  let t1 = v128.load(c1, 16)
  let t2 = v128.load(c2, 16)
  let t3 = v128.load(c3, 16)
  for (; panel < stop; panel += 32) {
    const p = v128.load(panel)
    const q = v128.load(panel, 16)
    let x = v128.load_splat<T>(a0)
    s0 = v128.sub<T>(s0, v128.mul<T>(x, p))
    t0 = v128.sub<T>(t0, v128.mul<T>(x, q))
    x = v128.load_splat<T>(a1)
    s1 = v128.sub<T>(s1, v128.mul<T>(x, p))
    t1 = v128.sub<T>(t1, v128.mul<T>(x, q))
    x = v128.load_splat<T>(a2)
    s2 = v128.sub<T>(s2, v128.mul<T>(x, p))
    t2 = v128.sub<T>(t2, v128.mul<T>(x, q))
    x = v128.load_splat<T>(a3)
    s3 = v128.sub<T>(s3, v128.mul<T>(x, p))
    t3 = v128.sub<T>(t3, v128.mul<T>(x, q))
    a0 += aColumn
    a1 += aColumn
    a2 += aColumn
    a3 += aColumn
  }
  v128.store(c0, s0)
  v128.store(c0, t0, 16)
  v128.store(c1, s1)
  v128.store(c1, t1, 16)
  v128.store(c2, s2)
  v128.store(c2, t2, 16)
  v128.store(c3, s3)
  v128.store(c3, t3, 16)
}
