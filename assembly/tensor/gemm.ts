// Blocks of a matrix product: y [m, n] = A [m, k] · B [k, n], any strides, by panels and tiles.
//
// k is cut into slices of KC: the first is stored, the others are added, so an element is a sum of slice sums whatever
// part of the matrix is asked for. Within a slice, panels of B (two vectors wide) meet blocks of MC rows of A.
// Scratch: an edge tile, then room for MC rows of A and NC columns of B, KC deep: 0.92 MiB at most.

import { Address } from '../lib/address'
import { Lanes } from '../lib/lanes'
import { Part } from '../lib/part'
import { Pack } from './pack'
import { One, TILE_ROWS, Tile, Two } from './tile'

/** Depth of a slice: a panel of B (12 KiB) stays in the L1 cache. */
export const KC: i32 = 384
/** Rows of a block of A: it stays in the L2 cache. */
export const MC: i32 = 120
const EDGE: usize = 256

export class Gemm {
  /** Columns of a block of B: its panels stay in the L2 cache. */
  @inline static nc<T>(): i32 {
    return 1536 / sizeof<T>()
  }

  /** Where the panels of A lie in the scratch area. */
  @inline static panelsA(scratch: usize): usize {
    return scratch + EDGE
  }

  /** Where the panels of B lie: panel j / width at j · depth elements. */
  @inline static panelsB<T>(scratch: usize): usize {
    return scratch + EDGE + Address.bytes<T>(MC * KC)
  }

  /** Strides are in bytes. `packA` and `packB` say what to copy into panels first: for speed, it changes no bit. */
  static run<T>(
    a: usize,
    b: usize,
    y: usize,
    m: i32,
    n: i32,
    k: i32,
    ars: usize,
    acs: usize,
    brs: usize,
    bcs: usize,
    yRow: usize,
    packA: bool,
    packB: bool,
    scratch: usize,
  ): void {
    const width = Tile.columns<T>()
    const panels = Gemm.panelsB<T>(scratch)
    for (let j0 = 0; j0 < n; j0 += Gemm.nc<T>()) {
      const columns = min(Gemm.nc<T>(), n - j0)
      for (let p0 = 0; p0 < k; p0 += KC) {
        const depth = min(KC, k - p0)
        const slice = b + <usize>p0 * brs + <usize>j0 * bcs
        let j = 0
        if (packB && bcs == sizeof<T>()) {
          j = columns - (columns % width)
          Pack.across<T>(width, j, depth, slice, brs, panels)
        }
        for (; j < columns; j += width) {
          const count = min(width, columns - j)
          const panel = Address.of<T>(panels, j * depth)
          if (packB || !Tile.whole<T>(count))
            Pack.panel<T>(width, count, depth, slice + <usize>j * bcs, brs, bcs, panel)
        }
        for (let i0 = 0; i0 < m; i0 += MC) {
          const rows = min(MC, m - i0)
          let block = a + <usize>i0 * ars + <usize>p0 * acs
          if (packA) {
            Gemm.packRows<T>(block, rows, depth, ars, acs, Gemm.panelsA(scratch))
            block = Gemm.panelsA(scratch)
          }
          for (let j = 0; j < columns; j += width) {
            const count = min(width, columns - j)
            const packed = packB || !Tile.whole<T>(count)
            const from = packed ? Address.of<T>(panels, j * depth) : slice + <usize>j * bcs
            const step = packed ? Address.bytes<T>(width) : brs
            const to = Address.of<T>(y + <usize>i0 * yRow, j0 + j)
            Gemm.column<T>(block, rows, count, depth, packA, ars, acs, from, step, to, yRow, p0 > 0, scratch)
          }
        }
      }
    }
  }

  /** Copies rows of A into panels, one for each tile of a column. */
  static packRows<T>(a: usize, m: i32, k: i32, ars: usize, acs: usize, to: usize): void {
    let i = 0
    if (ars == sizeof<T>()) {
      while (i < m && Tile.rows(m - i) == TILE_ROWS) i += TILE_ROWS
      Pack.across<T>(TILE_ROWS, i, k, a, acs, to)
    }
    while (i < m) {
      const rows = Tile.rows(m - i)
      Pack.panel<T>(rows, rows, k, a + <usize>i * ars, acs, ars, Address.of<T>(to, i * k))
      i += rows
    }
  }

  /** `m` rows of A, packed or in place, times one panel of B of `count` columns. */
  static column<T>(
    a: usize,
    m: i32,
    count: i32,
    k: i32,
    packed: bool,
    ars: usize,
    acs: usize,
    b: usize,
    bStep: usize,
    y: usize,
    yRow: usize,
    more: bool,
    scratch: usize,
  ): void {
    const two = count > Lanes.count<T>()
    const whole = Tile.whole<T>(count)
    for (let i = 0; i < m; ) {
      const rows = Tile.rows(m - i)
      const from = a + (packed ? Address.bytes<T>(i * k) : <usize>i * ars)
      const aRow = packed ? sizeof<T>() : ars
      const aStep = packed ? Address.bytes<T>(rows) : acs
      if (whole) {
        if (two) Tile.run<T, Two>(rows, k, from, aRow, aStep, b, bStep, y, yRow, more)
        else Tile.run<T, One>(rows, k, from, aRow, aStep, b, bStep, y, yRow, more)
      } else {
        if (two) Tile.run<T, Two>(rows, k, from, aRow, aStep, b, bStep, scratch, 32, false)
        else Tile.run<T, One>(rows, k, from, aRow, aStep, b, bStep, scratch, 32, false)
        moveEdge<T>(rows, count, scratch, y, yRow, more)
      }
      y += <usize>rows * yRow
      i += rows
    }
  }
}

/** Stores or adds the first `count` columns of a tile. */
function moveEdge<T>(rows: i32, count: i32, from: usize, y: usize, yRow: usize, more: bool): void {
  const bytes = count * sizeof<T>()
  for (; rows > 0; rows--) {
    for (let at = 0; at < bytes; at += 16) {
      const to = y + at
      const x = v128.load(from + at)
      Part.store(to, more ? v128.add<T>(Part.load(to, bytes - at), x) : x, bytes - at)
    }
    from += 32
    y += yRow
  }
}
