// The blocked product behind matmul and the convolutions: C = A·B in blocks of the scratch area.
//
// Blocks are packed to float64 (no conversions in the inner loop, one loop for float32 and float64), A in slivers
// of 3 rows, B in slivers of 4 columns; a tile of 3x4 sums stays in locals (2x4: 5.9, 3x4: 7.6, 4x4: 7.5 GFLOP/s).
// Sums run over k in order, in float64: the result depends on no block size and on no cut of the work.
import { heap } from '../memory/heap.ts'
import type { View } from './family.ts'

/** Rows of A in a sliver. */
export const MR = 3

/** Columns of B in a sliver. */
export const NR = 4

const ROWS = 120 // of a block of A and C
const COLUMNS = 128 // of a block of B and C
const DEPTH = 384 // of a block of A and B: all three fill 0.9 of the 1 MiB of scratch

/** Fills a block: `count` rows of A (or columns of B) from `first`, `depth` steps of k from `k`, at index `to`. */
export type Pack = (to: number, first: number, count: number, k: number, depth: number) => void

/** Takes C[row + r, column + c] = heap.f64[from + r·pitch + c], r < rows, c < columns. */
export type Store = (from: number, pitch: number, row: number, rows: number, column: number, columns: number) => void

/** C [m, n] = A [m, k] · B [k, n]; scratch is a byte address. */
export function product(
  m: number,
  n: number,
  k: number,
  scratch: number,
  packA: Pack,
  packB: Pack,
  store: Store,
): void {
  const { f64 } = heap
  const c = scratch >>> 3
  const a = c + ROWS * COLUMNS
  const b = a + ROWS * DEPTH
  for (let j = 0; j < n; j += COLUMNS) {
    const columns = Math.min(COLUMNS, n - j)
    for (let i = 0; i < m; i += ROWS) {
      const rows = Math.min(ROWS, m - i)
      for (let p = 0; p === 0 || p < k; p += DEPTH) {
        const depth = Math.min(DEPTH, k - p)
        if (i === 0 || k > DEPTH) packB(b, j, columns, p, depth)
        packA(a, i, rows, p, depth)
        for (let jr = 0; jr < columns; jr += NR)
          for (let ir = 0; ir < rows; ir += MR)
            tile(f64, a + ir * depth, b + jr * depth, c + ir * COLUMNS + jr, depth, p > 0)
      }
      store(c, COLUMNS, i, rows, j, columns)
    }
  }
}

/** C[3][4] = one sliver of A · one sliver of B, added to what is there where `more`. */
function tile(f: Float64Array, a: number, b: number, c: number, depth: number, more: boolean): void {
  let c00 = 0
  let c01 = 0
  let c02 = 0
  let c03 = 0
  let c10 = 0
  let c11 = 0
  let c12 = 0
  let c13 = 0
  let c20 = 0
  let c21 = 0
  let c22 = 0
  let c23 = 0
  if (more) {
    c00 = f[c]
    c01 = f[c + 1]
    c02 = f[c + 2]
    c03 = f[c + 3]
    c10 = f[c + COLUMNS]
    c11 = f[c + COLUMNS + 1]
    c12 = f[c + COLUMNS + 2]
    c13 = f[c + COLUMNS + 3]
    c20 = f[c + 2 * COLUMNS]
    c21 = f[c + 2 * COLUMNS + 1]
    c22 = f[c + 2 * COLUMNS + 2]
    c23 = f[c + 2 * COLUMNS + 3]
  }
  for (let k = 0; k < depth; k++) {
    const a0 = f[a]
    const a1 = f[a + 1]
    const a2 = f[a + 2]
    a += MR
    const b0 = f[b]
    c00 += a0 * b0
    c10 += a1 * b0
    c20 += a2 * b0
    const b1 = f[b + 1]
    c01 += a0 * b1
    c11 += a1 * b1
    c21 += a2 * b1
    const b2 = f[b + 2]
    c02 += a0 * b2
    c12 += a1 * b2
    c22 += a2 * b2
    const b3 = f[b + 3]
    c03 += a0 * b3
    c13 += a1 * b3
    c23 += a2 * b3
    b += NR
  }
  f[c] = c00
  f[c + 1] = c01
  f[c + 2] = c02
  f[c + 3] = c03
  f[c + COLUMNS] = c10
  f[c + COLUMNS + 1] = c11
  f[c + COLUMNS + 2] = c12
  f[c + COLUMNS + 3] = c13
  f[c + 2 * COLUMNS] = c20
  f[c + 2 * COLUMNS + 1] = c21
  f[c + 2 * COLUMNS + 2] = c22
  f[c + 2 * COLUMNS + 3] = c23
}

/**
 * Packs a strided block: element (i, k) from h[from + i·step + k·kStep] to sliver i / width, its row k, place i % width;
 * `pitch` is the depth of the slivers. The last sliver is filled up with zeros.
 */
export function packStrided(
  width: number,
  to: number,
  pitch: number,
  h: View,
  from: number,
  step: number,
  count: number,
  kStep: number,
  depth: number,
): void {
  const { f64 } = heap
  for (let i = 0; i < count || i % width !== 0; i++) {
    let q = to + Math.floor(i / width) * width * pitch + (i % width)
    let p = from + i * step
    if (i < count) for (let k = 0; k < depth; k++, q += width, p += kStep) f64[q] = h[p]
    else for (let k = 0; k < depth; k++, q += width) f64[q] = 0
  }
}

/** Stores C in h, its first element at y and its rows `n` apart. */
export function storeRows(h: View, y: number, n: number): Store {
  return (from, pitch, row, rows, column, columns) => {
    const { f64 } = heap
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) h[y + (row + r) * n + column + c] = f64[from + r * pitch + c]
  }
}
