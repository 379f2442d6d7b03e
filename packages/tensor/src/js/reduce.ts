// Reductions: op_T(x, y, n, inner, begin, end), x [outer, n, inner] → y [outer, inner], [begin, end) flat outputs.
// A row (inner = 1) folds in locals; columns fold row by row into an array of accumulators, as memory lies.
import type { KernelFunction } from '../backend/kernels.ts'
import { heap } from '../memory/heap.ts'
import { log2Bytes, type Twins, type View } from './family.ts'

/** How an op folds n elements: a row from x, and columns, the rows after the first into the accumulators. */
interface Fold {
  /** The result for n = 0. */
  empty: number
  row(h: View, x: number, n: number): number
  columns(sums: View, h: View, x: number, n: number, inner: number): void
}

const sum: Fold = {
  empty: 0,
  row(h, x, n) {
    let [a, b, c, d] = [0, 0, 0, 0]
    let i = 0
    for (; i < n - 3; i += 4) {
      a += h[x + i]
      b += h[x + i + 1]
      c += h[x + i + 2]
      d += h[x + i + 3]
    }
    for (; i < n; i++) a += h[x + i]
    return a + b + (c + d)
  },
  columns(sums, h, x, n, inner) {
    for (let i = 1; i < n; i++) {
      x += inner
      for (let c = 0; c < sums.length; c++) sums[c] += h[x + c]
    }
  },
}

/** Integers wrap at every step: their exact sum may need more than the 53 bits of a number. */
const wrappingSum: Fold = {
  empty: 0,
  row(h, x, n) {
    let a = 0
    for (let i = 0; i < n; i++) a = (a + h[x + i]) | 0
    return a
  },
  columns: sum.columns,
}

const prod: Fold = {
  empty: 1,
  row(h, x, n) {
    let a = 1
    for (let i = 0; i < n; i++) a *= h[x + i]
    return a
  },
  columns(sums, h, x, n, inner) {
    for (let i = 1; i < n; i++) {
      x += inner
      for (let c = 0; c < sums.length; c++) sums[c] *= h[x + c]
    }
  },
}

const wrappingProd: Fold = {
  empty: 1,
  row(h, x, n) {
    let a = 1
    for (let i = 0; i < n; i++) a = Math.imul(a, h[x + i])
    return a
  },
  columns(sums, h, x, n, inner) {
    for (let i = 1; i < n; i++) {
      x += inner
      for (let c = 0; c < sums.length; c++) sums[c] = Math.imul(sums[c], h[x + c])
    }
  },
}

const max: Fold = {
  empty: -Infinity,
  row(h, x, n) {
    let a = h[x]
    for (let i = 1; i < n; i++) a = Math.max(a, h[x + i])
    return a
  },
  columns(sums, h, x, n, inner) {
    for (let i = 1; i < n; i++) {
      x += inner
      for (let c = 0; c < sums.length; c++) sums[c] = Math.max(sums[c], h[x + c])
    }
  },
}

const min: Fold = {
  empty: Infinity,
  row(h, x, n) {
    let a = h[x]
    for (let i = 1; i < n; i++) a = Math.min(a, h[x + i])
    return a
  },
  columns(sums, h, x, n, inner) {
    for (let i = 1; i < n; i++) {
      x += inner
      for (let c = 0; c < sums.length; c++) sums[c] = Math.min(sums[c], h[x + c])
    }
  },
}

/** Columns taken at a time: their accumulators stay in the first cache. */
const STRIP = 1024

/** The twin of a fold; `mean` divides by n at the end. */
function reduction(type: 'f32' | 'f64' | 'i32', fold: Fold, mean = false): KernelFunction {
  const shift = log2Bytes[type]
  const Accumulators = type === 'i32' ? Int32Array : Float64Array
  return (x, y, n, inner, begin, end) => {
    const h = heap[type]
    x >>>= shift
    y >>>= shift
    const divisor = mean ? n : 1
    if (n === 0) h.fill(fold.empty / divisor, y + begin, y + end)
    else if (inner === 1) for (let i = begin; i < end; i++) h[y + i] = fold.row(h, x + i * n, n) / divisor
    else
      for (let i = begin; i < end; ) {
        const outer = Math.floor(i / inner)
        const column = i - outer * inner
        const width = Math.min(inner - column, end - i, STRIP)
        const first = x + outer * n * inner + column
        const sums = new Accumulators(h.subarray(first, first + width))
        fold.columns(sums, h, first, n, inner)
        for (let c = 0; c < width; c++) h[y + i + c] = sums[c] / divisor
        i += width
      }
  }
}

/** The first index of the largest of sign·x, a NaN counting as the largest of all. */
function argExtreme(type: 'f32' | 'f64' | 'i32', sign: number): KernelFunction {
  const shift = log2Bytes[type]
  return (x, y, n, inner, begin, end) => {
    const h = heap[type]
    const { i32 } = heap
    x >>>= shift
    y >>>= 2
    if (inner === 1) for (let i = begin; i < end; i++) i32[y + i] = argRow(h, sign, x + i * n, n)
    else
      for (let i = begin; i < end; ) {
        const outer = Math.floor(i / inner)
        const column = i - outer * inner
        const width = Math.min(inner - column, end - i, STRIP)
        argColumns(h, sign, x + outer * n * inner + column, n, inner, i32.subarray(y + i, y + i + width))
        i += width
      }
  }
}

function argRow(h: View, sign: number, x: number, n: number): number {
  let best = sign * h[x]
  let at = 0
  for (let k = 1; k < n && !Number.isNaN(best); k++) {
    const v = sign * h[x + k]
    if (v > best || Number.isNaN(v)) {
      best = v
      at = k
    }
  }
  return at
}

function argColumns(h: View, sign: number, x: number, n: number, inner: number, at: Int32Array): void {
  const best = new Float64Array(at.length).fill(-Infinity)
  at.fill(0)
  for (let k = 0; k < n; k++, x += inner)
    for (let c = 0; c < at.length; c++) {
      const v = sign * h[x + c]
      if (v > best[c] || (Number.isNaN(v) && !Number.isNaN(best[c]))) {
        best[c] = v
        at[c] = k
      }
    }
}

/** y = 1 where some element (any: `wanted` nonzero) or none that is zero (all) lies in the column. */
function search(any: boolean): KernelFunction {
  return (x, y, n, inner, begin, end) => {
    const { u8 } = heap
    x >>>= 0
    y >>>= 0
    for (let i = begin; i < end; i++) {
      const outer = Math.floor(i / inner)
      let p = x + outer * n * inner + (i - outer * inner)
      let k = 0
      while (k < n && (u8[p] !== 0) !== any) {
        k++
        p += inner
      }
      u8[y + i] = Number(k < n === any)
    }
  }
}

export const reduce: Twins = { any_u8: search(true), all_u8: search(false) }
for (const type of ['f32', 'f64', 'i32'] as const) {
  const whole = type === 'i32'
  reduce[`sum_${type}`] = reduction(type, whole ? wrappingSum : sum)
  reduce[`prod_${type}`] = reduction(type, whole ? wrappingProd : prod)
  reduce[`max_${type}`] = reduction(type, max)
  reduce[`min_${type}`] = reduction(type, min)
  if (!whole) reduce[`mean_${type}`] = reduction(type, sum, true)
  reduce[`argmax_${type}`] = argExtreme(type, 1)
  reduce[`argmin_${type}`] = argExtreme(type, -1)
}
