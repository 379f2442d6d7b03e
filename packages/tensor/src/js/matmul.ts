// matmul_T(a, b, y, aBatch, bBatch, m, n, k, ars, acs, brs, bcs, mPart, nPart, scratch, begin, end):
// y [batch, m, n] = A · B, A(i, k) at a + q aBatch + i ars + k acs, B(k, j) at b + q bBatch + k brs + j bcs.
// [begin, end) are parts of mPart x nPart, counted down the rows of a matrix, then its columns, then matrices.
import { heap } from '../memory/heap.ts'
import { forTypes, log2Bytes, type Twins, type View } from './family.ts'
import { MR, NR, packStrided, product, storeRows } from './product.ts'

/** Below so many multiplications packing costs more than it saves. */
const SMALL = 1500

/** Sums of a vector kept in scratch at a time: they stay in the first cache. */
const STRIP = 2048

export const matmul: Twins = forTypes(['f32', 'f64'], {
  matmul(type, a, b, y, aBatch, bBatch, m, n, k, ars, acs, brs, bcs, mPart, nPart, scratch, begin, end) {
    const h = heap[type]
    a >>>= log2Bytes[type]
    b >>>= log2Bytes[type]
    y >>>= log2Bytes[type]
    const mParts = Math.ceil(m / mPart)
    const nParts = Math.ceil(n / nPart)
    for (let u = begin; u < end; u++) {
      const im = u % mParts
      const jn = Math.floor(u / mParts) % nParts
      const q = Math.floor(u / (mParts * nParts))
      const i0 = im * mPart
      const j0 = jn * nPart
      const rows = Math.min(mPart, m - i0)
      const columns = Math.min(nPart, n - j0)
      const A = a + q * aBatch + i0 * ars
      const B = b + q * bBatch + j0 * bcs
      const Y = y + (q * m + i0) * n + j0
      if (n === 1 && ars === 1) rowsTogether(h, A, acs, B, brs, Y, rows, k, scratch)
      else if (n === 1) rowsApart(h, A, ars, acs, B, brs, Y, rows, k)
      else if (m === 1 && bcs === 1) rowsTogether(h, B, brs, A, acs, Y, columns, k, scratch)
      else if (m === 1) rowsApart(h, B, bcs, brs, A, acs, Y, columns, k)
      else if (m * n * k <= SMALL) direct(h, A, ars, acs, B, brs, bcs, Y, n, rows, columns, k)
      else
        product(
          rows,
          columns,
          k,
          scratch,
          (to, i, count, p, depth) => packStrided(MR, to, depth, h, A + i * ars + p * acs, ars, count, acs, depth),
          (to, j, count, p, depth) => packStrided(NR, to, depth, h, B + j * bcs + p * brs, bcs, count, brs, depth),
          storeRows(h, Y, n),
        )
    }
  },
})

/** y [m, n] with rows of `pitch`. */
function direct(
  h: View,
  a: number,
  ars: number,
  acs: number,
  b: number,
  brs: number,
  bcs: number,
  y: number,
  pitch: number,
  m: number,
  n: number,
  k: number,
): void {
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0
      let p = a + i * ars
      let q = b + j * bcs
      for (let l = 0; l < k; l++, p += acs, q += brs) sum += h[p] * h[q]
      h[y + i * pitch + j] = sum
    }
}

/** y[i] = Σ M(i, l) v(l), M(i, l) at a + i rs + l cs, v(l) at v + l vs: four rows at a time. */
function rowsApart(
  h: View,
  a: number,
  rs: number,
  cs: number,
  v: number,
  vs: number,
  y: number,
  m: number,
  k: number,
): void {
  let i = 0
  for (; i < m - 3; i += 4) {
    let s0 = 0
    let s1 = 0
    let s2 = 0
    let s3 = 0
    let p = a + i * rs
    for (let l = 0, q = v; l < k; l++, p += cs, q += vs) {
      const x = h[q]
      s0 += h[p] * x
      s1 += h[p + rs] * x
      s2 += h[p + 2 * rs] * x
      s3 += h[p + 3 * rs] * x
    }
    h[y + i] = s0
    h[y + i + 1] = s1
    h[y + i + 2] = s2
    h[y + i + 3] = s3
  }
  direct(h, a + i * rs, rs, cs, v, vs, 0, y + i, 1, m - i, 1, k)
}

/** The same where neighbouring rows of M lie side by side: four columns at a time into sums in scratch. */
function rowsTogether(
  h: View,
  a: number,
  cs: number,
  v: number,
  vs: number,
  y: number,
  m: number,
  k: number,
  scratch: number,
): void {
  const { f64 } = heap
  const s = scratch >>> 3
  for (let first = 0; first < m; first += STRIP) {
    const n = Math.min(STRIP, m - first)
    f64.fill(0, s, s + n)
    let p = a + first
    let q = v
    let l = 0
    for (; l < k - 3; l += 4, p += 4 * cs, q += 4 * vs) {
      const x0 = h[q]
      const x1 = h[q + vs]
      const x2 = h[q + 2 * vs]
      const x3 = h[q + 3 * vs]
      for (let i = 0; i < n; i++)
        f64[s + i] += h[p + i] * x0 + h[p + cs + i] * x1 + (h[p + 2 * cs + i] * x2 + h[p + 3 * cs + i] * x3)
    }
    for (; l < k; l++, p += cs, q += vs) {
      const x = h[q]
      for (let i = 0; i < n; i++) f64[s + i] += h[p + i] * x
    }
    h.set(f64.subarray(s, s + n), y + first)
  }
}
