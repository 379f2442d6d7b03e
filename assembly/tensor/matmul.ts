// Matrix products of batches: y [batch, m, n] = A [batch, m, k] · B [batch, k, n], y contiguous.
//
// A(i, p) of batch q is at a + (q·aBatch + i·ars + p·acs) elements, B(p, j) at b + (q·bBatch + p·brs + j·bcs): plain,
// transposed, sliced and expanded operands are all read where they are. Each matrix is a grid of parts of mPart rows by
// nPart columns (a multiple of 60 and of 64, or everything); [begin, end) counts parts, those along m first.
// Which way a product is computed depends on sizes and strides alone, and no way depends on the cut.
// Accuracy: float32 sums in order, in slices of 384 terms: error at most 1e-6 of Σ|a·b| in all trials, typically 1e-7.

import { Address } from '../lib/address'
import { Gemm, KC } from './gemm'
import { Matvec } from './matvec'
import { Pack } from './pack'
import { Tile } from './tile'

/** Bytes of the scratch area. */
const ROOM: usize = 1 << 20
/** Bytes of A up to which it is read in place even along the wrong direction. */
const SMALL_A: f64 = 262144
/** Bytes of a row of B and of y from which packing B pays. */
const LONG_ROW: usize = 1024
const LARGE_Y: f64 = 65536
/** Four times the most rows of A beside which a transposed B is read where it lies. */
const MOST: i32 = 640
/** Rows of A at a time when a product is computed transposed. */
const STRIPE: i32 = 1024

export function matmul_f32(
  a: usize,
  b: usize,
  y: usize,
  aBatch: i32,
  bBatch: i32,
  m: i32,
  n: i32,
  k: i32,
  ars: i32,
  acs: i32,
  brs: i32,
  bcs: i32,
  mPart: i32,
  nPart: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  Parts.run<f32>(a, b, y, aBatch, bBatch, m, n, k, ars, acs, brs, bcs, mPart, nPart, scratch, begin, end)
}

export function matmul_f64(
  a: usize,
  b: usize,
  y: usize,
  aBatch: i32,
  bBatch: i32,
  m: i32,
  n: i32,
  k: i32,
  ars: i32,
  acs: i32,
  brs: i32,
  bcs: i32,
  mPart: i32,
  nPart: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  Parts.run<f64>(a, b, y, aBatch, bBatch, m, n, k, ars, acs, brs, bcs, mPart, nPart, scratch, begin, end)
}

class Parts {
  @inline static run<T>(
    a: usize,
    b: usize,
    y: usize,
    aBatch: i32,
    bBatch: i32,
    m: i32,
    n: i32,
    k: i32,
    ars: i32,
    acs: i32,
    brs: i32,
    bcs: i32,
    mPart: i32,
    nPart: i32,
    scratch: usize,
    begin: i32,
    end: i32,
  ): void {
    if (begin >= end) return
    const mParts = (m - 1) / mPart + 1
    const nParts = (n - 1) / nPart + 1
    while (begin < end) {
      // The longest run of parts that is a rectangle: rows of one column of parts, or whole columns.
      const im = begin % mParts
      const jn = (begin / mParts) % nParts
      const q = begin / mParts / nParts
      const high = min(mParts - im, end - begin)
      const wide = high == mParts ? min(nParts - jn, (end - begin) / mParts) : 1
      const i = im * mPart
      const j = jn * nPart
      const rows = high == mParts ? m : min(high * mPart, m - i)
      const columns = wide == nParts ? n : min(wide * nPart, n - j)
      block<T>(
        Address.of<T>(a, q * aBatch + i * ars),
        Address.of<T>(b, q * bBatch + j * bcs),
        Address.of<T>(y, (q * m + i) * n + j),
        rows,
        columns,
        m,
        n,
        k,
        Address.bytes<T>(ars),
        Address.bytes<T>(acs),
        Address.bytes<T>(brs),
        Address.bytes<T>(bcs),
        scratch,
      )
      begin += high * wide
    }
  }
}

/** `rows` by `columns` of a product [m, n]; strides in bytes. */
function block<T>(
  a: usize,
  b: usize,
  y: usize,
  rows: i32,
  columns: i32,
  m: i32,
  n: i32,
  k: i32,
  ars: usize,
  acs: usize,
  brs: usize,
  bcs: usize,
  scratch: usize,
): void {
  const yRow = Address.bytes<T>(n)
  if (k == 0) for (; rows > 0; rows--, y += yRow) memory.fill(y, 0, Address.bytes<T>(columns))
  else if (m == 1) Matvec.run<T>(a, acs, b, brs, bcs, y, columns, k, scratch)
  else if (n == 1) Matvec.run<T>(b, brs, a, acs, ars, y, rows, k, scratch)
  else if (ars == sizeof<T>() ? n < Tile.columns<T>() : brs == sizeof<T>() && 4 * m <= min(MOST, min(n, k) - 16))
    turned<T>(a, b, y, rows, columns, k, ars, acs, brs, bcs, yRow, scratch)
  else {
    const packA = acs != sizeof<T>() && n > 32 && <f64>m * <f64>k * <f64>sizeof<T>() > SMALL_A
    const packB = bcs != sizeof<T>() || (yRow >= LONG_ROW && <f64>m * <f64>yRow >= LARGE_Y)
    Gemm.run<T>(a, b, y, rows, columns, k, ars, acs, brs, bcs, yRow, packA, packB, scratch)
  }
}

/**
 * A few columns and A transposed, or few rows and B transposed: yᵀ = Bᵀ · Aᵀ has long rows, or reads B where it lies, and
 * y is turned afterwards.
 */
function turned<T>(
  a: usize,
  b: usize,
  y: usize,
  rows: i32,
  columns: i32,
  k: i32,
  ars: usize,
  acs: usize,
  brs: usize,
  bcs: usize,
  yRow: usize,
  scratch: usize,
): void {
  const packs = ars != sizeof<T>()
  for (; rows > 0; rows -= STRIPE) {
    const width = min(STRIPE, rows)
    const row = Address.bytes<T>(width)
    // Behind the panels of Aᵀ, up to the end of the scratch area.
    const yt = Address.of<T>(Gemm.panelsB<T>(scratch), min(Gemm.nc<T>(), width + 7) * KC)
    const most = <i32>((scratch + ROOM - yt) / row)
    for (let j = 0; j < columns; j += most) {
      const count = min(most, columns - j)
      const from = b + <usize>j * bcs
      Gemm.run<T>(from, a, yt, count, width, k, bcs, brs, acs, ars, row, false, packs, scratch)
      // Eight long rows of y at a time: more lie in the same places of the L1 cache when n is a multiple of 1024.
      const step = packs ? 8 : width
      for (let i = 0; i < width; i += step) {
        const to = Address.of<T>(y + <usize>i * yRow, j)
        Pack.columns<T>(count, min(step, width - i), Address.of<T>(yt, i), sizeof<T>(), row, to, yRow)
      }
    }
    a += <usize>width * ars
    y += <usize>width * yRow
  }
}
