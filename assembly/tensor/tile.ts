// The micro-kernel of every matrix product: a tile of y, up to TILE_ROWS rows by one or two vectors, in registers.
//
// y [rows, vectors] = A [rows, k] · B [k, vectors]
//
// A(i, p) lies at a + i·aRow + p·aStep, so A is read where it is, transposed or not, or from a packed panel. Row p of
// B is one or two adjacent vectors at b + p·bStep. All steps are in bytes. An element of y is the sum over
// p = 0 … k-1 in this order whatever the tile's size, which makes a product independent of how it is cut.
//
// Registers decide the height: accumulators, two vectors of B and one of A must fit in 15. Fused multiply-adds leave
// room for 6 rows; the strict build needs a register for the product, and V8 then does best with 5.

import { Lanes } from '../lib/lanes'

/** Rows of a full tile. */
export const TILE_ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5

// Numbers as types: with them each tile<T, Rows, Vectors> becomes a function of its own, compiled for its size.
// Several sizes in one function would compete for registers and spill: half the speed.
@unmanaged
export class One {
  one: u8 = 0
}
@unmanaged
export class Two extends One {
  two: u8 = 0
}
@unmanaged
class Three extends Two {
  three: u8 = 0
}
@unmanaged
export class Four extends Three {
  four: u8 = 0
}
@unmanaged
class Five extends Four {
  five: u8 = 0
}
@unmanaged
class Six extends Five {
  six: u8 = 0
}

export class Tile {
  /** Columns of a full tile. */
  @inline static columns<T>(): i32 {
    return 2 * Lanes.count<T>()
  }

  /** Whether `count` columns fill one or two vectors. */
  @inline static whole<T>(count: i32): bool {
    return count == Lanes.count<T>() || count == Tile.columns<T>()
  }

  /** Rows of the next tile when `left` rows are left: full tiles, then two of about equal height. */
  @inline static rows(left: i32): i32 {
    return left >= 2 * TILE_ROWS ? TILE_ROWS : left > TILE_ROWS ? (left + 1) >> 1 : left
  }

  /** Computes a tile of `rows` (1 … TILE_ROWS) rows, stores it at y or, with `more`, adds it to what is there. */
  @inline static run<T, Vectors>(
    rows: i32,
    k: i32,
    a: usize,
    aRow: usize,
    aStep: usize,
    b: usize,
    bStep: usize,
    y: usize,
    yRow: usize,
    more: bool,
  ): void {
    if (ASC_FEATURE_RELAXED_SIMD && rows == 6) tile<T, Six, Vectors>(k, a, aRow, aStep, b, bStep, y, yRow, more)
    else if (rows == 5) tile<T, Five, Vectors>(k, a, aRow, aStep, b, bStep, y, yRow, more)
    else if (rows == 4) tile<T, Four, Vectors>(k, a, aRow, aStep, b, bStep, y, yRow, more)
    else if (rows == 3) tile<T, Three, Vectors>(k, a, aRow, aStep, b, bStep, y, yRow, more)
    else if (rows == 2) tile<T, Two, Vectors>(k, a, aRow, aStep, b, bStep, y, yRow, more)
    else tile<T, One, Vectors>(k, a, aRow, aStep, b, bStep, y, yRow, more)
  }
}

export function tile<T, Rows, Vectors>(
  k: i32,
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  y: usize,
  yRow: usize,
  more: bool,
): void {
  const rows: i32 = offsetof<Rows>()
  const two = offsetof<Vectors>() == 2
  let c00 = Lanes.zero<T>()
  let c01 = c00
  let c10 = c00
  let c11 = c00
  let c20 = c00
  let c21 = c00
  let c30 = c00
  let c31 = c00
  let c40 = c00
  let c41 = c00
  let c50 = c00
  let c51 = c00
  let b1 = c00
  let a1 = a + aRow
  let a2 = a1 + aRow
  let a3 = a2 + aRow
  let a4 = a3 + aRow
  let a5 = a4 + aRow
  for (; k > 0; k--) {
    const b0 = v128.load(b)
    if (two) b1 = v128.load(b, 16)
    b += bStep
    let t = v128.load_splat<T>(a)
    a += aStep
    c00 = Lanes.madd<T>(t, b0, c00)
    if (two) c01 = Lanes.madd<T>(t, b1, c01)
    if (rows > 1) {
      t = v128.load_splat<T>(a1)
      a1 += aStep
      c10 = Lanes.madd<T>(t, b0, c10)
      if (two) c11 = Lanes.madd<T>(t, b1, c11)
    }
    if (rows > 2) {
      t = v128.load_splat<T>(a2)
      a2 += aStep
      c20 = Lanes.madd<T>(t, b0, c20)
      if (two) c21 = Lanes.madd<T>(t, b1, c21)
    }
    if (rows > 3) {
      t = v128.load_splat<T>(a3)
      a3 += aStep
      c30 = Lanes.madd<T>(t, b0, c30)
      if (two) c31 = Lanes.madd<T>(t, b1, c31)
    }
    if (rows > 4) {
      t = v128.load_splat<T>(a4)
      a4 += aStep
      c40 = Lanes.madd<T>(t, b0, c40)
      if (two) c41 = Lanes.madd<T>(t, b1, c41)
    }
    if (rows > 5) {
      t = v128.load_splat<T>(a5)
      a5 += aStep
      c50 = Lanes.madd<T>(t, b0, c50)
      if (two) c51 = Lanes.madd<T>(t, b1, c51)
    }
  }
  Row.put<T>(two, y, c00, c01, more)
  if (rows > 1) Row.put<T>(two, (y += yRow), c10, c11, more)
  if (rows > 2) Row.put<T>(two, (y += yRow), c20, c21, more)
  if (rows > 3) Row.put<T>(two, (y += yRow), c30, c31, more)
  if (rows > 4) Row.put<T>(two, (y += yRow), c40, c41, more)
  if (rows > 5) Row.put<T>(two, (y += yRow), c50, c51, more)
}

class Row {
  @inline static put<T>(two: bool, y: usize, c0: v128, c1: v128, more: bool): void {
    if (more) {
      c0 = v128.add<T>(v128.load(y), c0)
      if (two) c1 = v128.add<T>(v128.load(y, 16), c1)
    }
    v128.store(y, c0)
    if (two) v128.store(y, c1, 16)
  }
}
