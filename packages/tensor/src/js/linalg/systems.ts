// Twins of the factorisations and systems in float32 and float64. [begin, end) are matrices of a batch.
import { heap } from '../../memory/heap.ts'
import { forTypes, log2Bytes, type Twins, type View } from '../family.ts'

/** Row y −= factor · row x, n elements. */
export function minus(h: View, y: number, x: number, factor: number, n: number): void {
  for (let i = 0; i < n; i++) h[y + i] -= factor * h[x + i]
}

/** T X = B in place of B [n, columns], T(i, j) at t + i tRow + j tColumn. */
export function substitute(
  h: View,
  t: number,
  tRow: number,
  tColumn: number,
  x: number,
  n: number,
  columns: number,
  upper: boolean,
  unit: boolean,
): void {
  for (let k = 0; k < n; k++) {
    const i = upper ? n - 1 - k : k
    const row = x + i * columns
    for (let l = 0; l < k; l++) {
      const j = upper ? n - 1 - l : l
      minus(h, row, x + j * columns, h[t + i * tRow + j * tColumn], columns)
    }
    if (unit) continue
    const pivot = h[t + i * (tRow + tColumn)]
    for (let c = 0; c < columns; c++) h[row + c] /= pivot
  }
}

/** P A = L U in place; `order` and `state` are indices of int32. */
export function factor(h: View, a: number, order: number, state: number, m: number, n: number): void {
  const { i32 } = heap
  for (let i = 0; i < m; i++) i32[order + i] = i
  i32[state] = 0
  i32[state + 1] = 1
  for (let j = 0; j < Math.min(m, n); j++) {
    let best = j
    for (let i = j + 1; i < m; i++) if (Math.abs(h[a + i * n + j]) > Math.abs(h[a + best * n + j])) best = i
    const top = a + j * n
    const pivot = h[a + best * n + j]
    if (pivot === 0) {
      if (i32[state] === 0) i32[state] = j + 1
      continue
    }
    if (best !== j) {
      const row = h.slice(top, top + n)
      h.copyWithin(top, a + best * n, a + best * n + n)
      h.set(row, a + best * n)
      const k = i32[order + j]
      i32[order + j] = i32[order + best]
      i32[order + best] = k
      i32[state + 1] = -i32[state + 1]
    }
    for (let i = j + 1; i < m; i++) {
      const row = a + i * n
      h[row + j] /= pivot
      minus(h, row + j + 1, top + j + 1, h[row + j], n - j - 1)
    }
  }
}

/** Uᵀ U = A in place of the upper triangle; the order of the first minor that is not positive, or 0. */
function upperFactor(h: View, a: number, n: number): number {
  for (let j = 0; j < n; j++) {
    const top = a + j * n
    if (!(h[top + j] > 0)) return j + 1
    const pivot = Math.sqrt(h[top + j])
    for (let c = j; c < n; c++) h[top + c] /= pivot
    h[top + j] = pivot
    for (let i = j + 1; i < n; i++) minus(h, a + i * n + i, top + i, h[top + i], n - i)
  }
  return 0
}

export const systems: Twins = forTypes(['f32', 'f64'], {
  lu(type, a, order, state, m, n, _scratch, begin, end) {
    const h = heap[type]
    const at = a >>> log2Bytes[type]
    for (let q = begin; q < end; q++) factor(h, at + q * m * n, (order >>> 2) + q * m, (state >>> 2) + 2 * q, m, n)
  },

  /** x = A⁻¹ b, or A⁻ᵀ b, which overwrites b; b 0 is the identity. */
  luSolve(type, lu, order, b, x, n, columns, transposed, _scratch, begin, end) {
    const h = heap[type]
    const { i32 } = heap
    for (let q = begin; q < end; q++) {
      const t = (lu >>> log2Bytes[type]) + q * n * n
      const from = (b >>> log2Bytes[type]) + q * n * columns
      const to = (x >>> log2Bytes[type]) + q * n * columns
      if (transposed) {
        substitute(h, t, 1, n, from, n, columns, false, false)
        substitute(h, t, 1, n, from, n, columns, true, true)
      }
      for (let i = 0; i < n; i++) {
        const k = i32[(order >>> 2) + q * n + i]
        const row = to + (transposed ? k : i) * columns
        if (b === 0) {
          h.fill(0, row, row + columns)
          h[row + k] = 1
        } else {
          const given = from + (transposed ? i : k) * columns
          h.copyWithin(row, given, given + columns)
        }
      }
      if (transposed) continue
      substitute(h, t, n, 1, to, n, columns, false, true)
      substitute(h, t, n, 1, to, n, columns, true, false)
    }
  },

  cholesky(type, a, state, n, _scratch, begin, end) {
    const h = heap[type]
    for (let q = begin; q < end; q++) {
      const at = (a >>> log2Bytes[type]) + q * n * n
      heap.i32[(state >>> 2) + q] = upperFactor(h, at, n)
      for (let i = 1; i < n; i++) h.fill(0, at + i * n, at + i * n + i)
    }
  },

  triangular(type, t, x, n, columns, upper, unit, transposed, _scratch, begin, end) {
    const h = heap[type]
    const [row, column] = transposed ? [1, n] : [n, 1]
    for (let q = begin; q < end; q++) {
      const at = (t >>> log2Bytes[type]) + q * n * n
      const to = (x >>> log2Bytes[type]) + q * n * columns
      substitute(h, at, row, column, to, n, columns, upper !== transposed, unit !== 0)
    }
  },

  /** Distances of rows; [begin, end) are rows of y. p is 1, 2, or 0 for infinity. */
  cdist(type, a, b, y, m, n, d, p, begin, end) {
    const h = heap[type]
    a >>>= log2Bytes[type]
    b >>>= log2Bytes[type]
    y >>>= log2Bytes[type]
    for (let r = begin; r < end; r++) {
      const x = a + r * d
      for (let j = 0; j < n; j++) {
        const z = b + (Math.floor(r / m) * n + j) * d
        let sum = 0
        for (let k = 0; k < d; k++) {
          const size = Math.abs(h[x + k] - h[z + k])
          if (p === 2) sum += size * size
          else if (p === 1) sum += size
          else sum = Math.max(sum, size)
        }
        h[y + r * n + j] = p === 2 ? Math.sqrt(sum) : sum
      }
    }
  },

  /** Σⱼ g(i, j) ∂y(i, j)/∂a(i). */
  cdistGrad(type, a, b, y, g, dx, m, n, d, p, begin, end) {
    const h = heap[type]
    const shift = log2Bytes[type]
    // As the distance was stored: the largest difference is found again by being equal to it.
    const stored = type === 'f32' ? Math.fround : Number
    for (let r = begin; r < end; r++) {
      const x = (a >>> shift) + r * d
      const to = (dx >>> shift) + r * d
      h.fill(0, to, to + d)
      for (let j = 0; j < n; j++) {
        const z = (b >>> shift) + (Math.floor(r / m) * n + j) * d
        const distance = h[(y >>> shift) + r * n + j]
        const weight = h[(g >>> shift) + r * n + j]
        if (distance === 0) continue
        for (let k = 0; k < d; k++) {
          const change = stored(h[x + k] - h[z + k])
          if (p === 2) h[to + k] += (weight / distance) * change
          else if (p === 1 || Math.abs(change) === distance) h[to + k] += weight * Math.sign(change)
        }
      }
    }
  },
})
