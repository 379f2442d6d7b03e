// The twin of assembly/tensor/linalg/svd: bidiagonal form by reflections, then QR steps of Demmel and Kahan.
import { heap } from '../../memory/heap.ts'
import type { Twins } from '../family.ts'
import { add, applyKept, dot, form, largest, make, type Numbers, rotate, scale, sort, unitOf } from './reflect.ts'

const PATIENCE = 60
const TOLERANCE = 8 * Number.EPSILON
const NOTHING = 1e-150

/** a [n, m] holds the columns of A; see the kernel for y. */
function decompose(
  f: Numbers,
  a: number,
  y: number,
  m: number,
  n: number,
  vectors: boolean,
  full: boolean,
  scratch: number,
): number {
  const step = vectors ? m + 1 + n : 1
  const rows = vectors && full ? m : n
  const right = scratch
  const left = right + 2 * n
  const d = left + 2 * n
  const e = d + n
  const tau = e + n
  const tauQ = tau + 2 * n
  const work = tauQ + n
  const most = largest(f, a, m * n)
  const unit = unitOf(most)
  scale(f, a, 1 / unit, m * n)
  if (m > n) {
    for (let j = 0; j < n; j++) {
      const v = a + j * m + j
      f[tauQ + j] = make(f, v, m - j)
      applyKept(f, v, f[tauQ + j], v + m, m, n - 1 - j, m - j)
    }
  }
  const [g, gRow] = vectors ? [y, step] : [a, m]
  for (let j = 0; j < n; j++) {
    const row = g + j * gRow
    if (vectors) f.copyWithin(row, a + j * m, a + (j + 1) * m)
    if (m > n) f.fill(0, row + j + 1, row + m)
  }
  const v = y + m + 1
  bidiagonal(f, g, gRow, vectors ? v : work, vectors ? step : 0, d, e, tau, work + n, n)
  if (vectors) {
    form(f, v, step, tau, n, n, n)
    for (let i = n - 1; i > 0; i--) {
      const at = y + i * step + i
      f.copyWithin(at, at - step, at - step + n - i)
      f[y + i * step] = 0
    }
    f.fill(0, y, y + n)
    if (n > 0) f[y] = 1
    form(f, y + step + 1, step, tau + n, n - 1, n - 1, n - 1)
  }
  const done = iterate(f, d, e, left, right, n, vectors ? y : -1, v, step)
  if (!(most < Infinity) || !done) {
    f.fill(Number.NaN, y, y + rows * step)
    return 1
  }
  const key = vectors ? m : 0
  for (let i = 0; i < n; i++) {
    f[y + i * step + key] = Math.abs(f[d + i]) * unit
    if (vectors && f[d + i] < 0) scale(f, v + i * step, -1, n)
  }
  sort(f, y, n, step, key, true)
  if (vectors && m > n) {
    for (let i = n; i < rows; i++) {
      f.fill(0, y + i * step, y + (i + 1) * step)
      f[y + i * step + i] = 1
    }
    for (let j = n - 1; j >= 0; j--) applyKept(f, a + j * m + j, f[tauQ + j], y + j, step, rows, m - j)
  }
  return 0
}

function bidiagonal(
  f: Numbers,
  g: number,
  gRow: number,
  p: number,
  pRow: number,
  d: number,
  e: number,
  tau: number,
  t: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) {
    const left = n - i
    const x = p + i * pRow + i
    const at = g + i * gRow + i
    for (let r = 0; r < left; r++) f[x + r] = f[at + r * gRow]
    const tl = make(f, x, left)
    f[tau + i] = tl
    f[d + i] = f[x]
    if (left === 1) return
    f[x] = 1
    const u = at + 1
    const count = left - 1
    f.fill(0, t, t + count)
    for (let r = 0; r < left; r++) add(f, t, u + r * gRow, tl * f[x + r], count)
    add(f, u, t, -1, count)
    const tr = make(f, u, count)
    f[tau + n + i] = tr
    f[e + i] = f[u]
    f[u] = 1
    for (let r = 1; r < left; r++) {
      const row = u + r * gRow
      add(f, row, t, -f[x + r], count)
      add(f, row, u, -tr * dot(f, row, u, count), count)
    }
  }
}

function iterate(
  f: Numbers,
  d: number,
  e: number,
  left: number,
  right: number,
  n: number,
  u: number,
  v: number,
  step: number,
): boolean {
  let high = n - 1
  for (let patience = PATIENCE * n; high > 0; ) {
    let low = high
    while (low > 0 && Math.abs(f[e + low - 1]) > NOTHING) low--
    if (low > 0) f[e + low - 1] = 0
    if (low === high) {
      high--
      continue
    }
    if (Math.abs(f[e + high - 1]) <= TOLERANCE * Math.abs(f[d + high])) {
      f[e + high - 1] = 0
      continue
    }
    let mu = Math.abs(f[d + low])
    let least = mu
    let most = mu
    let split = false
    for (let k = low; k < high && !split; k++) {
      const beside = Math.abs(f[e + k])
      split = beside <= TOLERANCE * mu
      if (split) f[e + k] = 0
      const next = Math.abs(f[d + k + 1])
      mu = next * (mu / (mu + beside))
      least = Math.min(least, mu)
      most = Math.max(most, next, beside)
    }
    if (split) continue
    if (patience-- === 0) return false
    let shift = 0
    if (n * least > Number.EPSILON * most) {
      shift = smaller(f[d + high - 1], f[e + high - 1], f[d + high])
      if ((shift / f[d + low]) ** 2 < Number.EPSILON) shift = 0
    }
    sweep(f, d, e, left, right, low, high, shift)
    if (u < 0) continue
    rotate(f, u + low * step, step, right, high - low, n)
    rotate(f, v + low * step, step, left, high - low, n)
  }
  return true
}

/** The smaller singular value of [[a, g], [0, b]]. */
function smaller(a: number, g: number, b: number): number {
  const larger = (Math.hypot(Math.abs(a) + Math.abs(b), g) + Math.hypot(Math.abs(a) - Math.abs(b), g)) / 2
  return larger === 0 ? 0 : Math.abs(a) * (Math.abs(b) / larger)
}

/** One QR step; the form without shift keeps the relative accuracy of every entry. */
function sweep(
  f: Numbers,
  d: number,
  e: number,
  left: number,
  right: number,
  low: number,
  high: number,
  shift: number,
): void {
  const first = f[d + low]
  let x = shift === 0 ? first : (Math.abs(first) - shift) * ((first < 0 ? -1 : 1) + shift / first)
  let z = f[e + low]
  let c = 1
  let s = 0
  let oldC = 1
  let oldS = 0
  for (let k = low; k < high; k++) {
    let r = Math.sqrt(x * x + z * z)
    c = r === 0 ? 1 : x / r
    s = r === 0 ? 0 : z / r
    if (k > low) f[e + k - 1] = shift === 0 ? oldS * r : r
    f[right + 2 * (k - low)] = c
    f[right + 2 * (k - low) + 1] = s
    const next = f[d + k + 1]
    let between = 0
    if (shift === 0) {
      x = oldC * r
      z = next * s
    } else {
      x = c * f[d + k] + s * f[e + k]
      between = c * f[e + k] - s * f[d + k]
      z = s * next
    }
    r = Math.sqrt(x * x + z * z)
    oldC = r === 0 ? 1 : x / r
    oldS = r === 0 ? 0 : z / r
    f[d + k] = r
    f[left + 2 * (k - low)] = oldC
    f[left + 2 * (k - low) + 1] = oldS
    if (shift === 0) {
      x = next * c
      z = f[e + k + 1]
    } else {
      x = oldC * between + oldS * c * next
      f[d + k + 1] = oldC * c * next - oldS * between
      if (k < high - 1) {
        z = oldS * f[e + k + 1]
        f[e + k + 1] *= oldC
      }
    }
  }
  if (shift === 0) {
    f[d + high] = x * oldC
    f[e + high - 1] = x * oldS
  } else f[e + high - 1] = x
}

export const svd: Twins = {
  svd_f64(a, y, state, m, n, vectors, full, scratch, begin, end) {
    const { f64, i32 } = heap
    const size = vectors ? (full ? m : n) * (m + 1 + n) : n
    for (let q = begin; q < end; q++) {
      const [from, to] = [a / 8 + q * m * n, y / 8 + q * size]
      i32[state / 4 + q] = decompose(f64, from, to, m, n, vectors !== 0, full !== 0, scratch / 8)
    }
  },
}
