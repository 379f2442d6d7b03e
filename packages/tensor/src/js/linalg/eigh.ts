// The twin of assembly/tensor/linalg/eigh: tridiagonal form by reflections, then QR steps with Wilkinson's shift.
import { heap } from '../../memory/heap.ts'
import type { Twins } from '../family.ts'
import { add, dot, form, largest, make, type Numbers, rotate, scale, sort, unitOf } from './reflect.ts'

const PATIENCE = 60
const NOTHING = 1e-150

function decompose(f: Numbers, a: number, y: number, n: number, vectors: boolean, scratch: number): number {
  const width = vectors ? n + 1 : 1
  const turns = scratch
  const off = turns + 2 * n
  const tau = off + n
  const w = tau + n
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) f[a + j * n + i] = f[a + i * n + j]
  const most = largest(f, a, n * n)
  const unit = unitOf(most)
  scale(f, a, 1 / unit, n * n)
  for (let i = 0; i < n; i++) {
    f[y + i * width] = f[a + i * n + i]
    const left = n - 1 - i
    const v = a + i * n + i + 1
    if (left === 0) break
    const t = make(f, v, left)
    f[off + i] = f[v]
    f[tau + i] = t
    if (t === 0) continue
    f[v] = 1
    for (let r = 0; r < left; r++) f[w + r] = t * dot(f, v + (r + 1) * n, v, left)
    add(f, w, v, -0.5 * t * dot(f, w, v, left), left)
    for (let r = 0; r < left; r++) {
      const x = v + (r + 1) * n
      const p = f[v + r]
      const q = f[w + r]
      for (let c = 0; c < left; c++) f[x + c] -= p * f[w + c] + q * f[v + c]
    }
  }
  if (vectors) {
    const q = y + 1
    for (let i = 1; i < n; i++) f.copyWithin(q + i * width + i, a + (i - 1) * n + i, a + i * n)
    f.fill(0, q, q + n)
    f[q] = 1
    form(f, q + width + 1, width, tau, n - 1, n - 1, n - 1)
    for (let i = 1; i < n; i++) f[q + i * width] = 0
  }
  if (!(most < Infinity) || !iterate(f, y, width, off, turns, n, vectors)) {
    f.fill(Number.NaN, y, y + n * width)
    return 1
  }
  for (let i = 0; i < n; i++) f[y + i * width] *= unit
  sort(f, y, n, width, 0, false)
  return 0
}

function iterate(
  f: Numbers,
  d: number,
  step: number,
  off: number,
  turns: number,
  n: number,
  vectors: boolean,
): boolean {
  const isSmall = (i: number): boolean =>
    Math.abs(f[off + i - 1]) <=
    Math.max(NOTHING, Number.EPSILON * (Math.abs(f[d + i * step]) + Math.abs(f[d + (i - 1) * step])))
  let high = n - 1
  for (let patience = PATIENCE * n; high > 0; patience--) {
    if (isSmall(high)) {
      high--
      continue
    }
    if (patience === 0) return false
    let low = high - 1
    while (low > 0 && !isSmall(low)) low--
    sweep(f, d, step, off, turns, low, high)
    if (vectors) rotate(f, d + low * step + 1, step, turns, high - low, n)
  }
  return true
}

function sweep(f: Numbers, d: number, step: number, off: number, turns: number, low: number, high: number): void {
  const last = f[d + high * step]
  const e = f[off + high - 1]
  const half = (f[d + (high - 1) * step] - last) / 2
  const reach = Math.sqrt(half * half + e * e)
  let a = f[d + low * step]
  let b = f[off + low]
  let x = a - (last - (e * e) / (half + (half < 0 ? -reach : reach)))
  let z = b
  for (let k = low; k < high; k++) {
    const r = Math.sqrt(x * x + z * z)
    const c = r === 0 ? 1 : x / r
    const s = r === 0 ? 0 : z / r
    if (k > low) f[off + k - 1] = r
    const g = f[d + (k + 1) * step]
    const ab = c * a + s * b
    const bg = c * b + s * g
    f[d + k * step] = c * ab + s * bg
    x = c * bg - s * ab
    a = c * (c * g - s * b) - s * (c * b - s * a)
    f[off + k] = x
    z = s * f[off + k + 1]
    b = c * f[off + k + 1]
    f[turns + 2 * (k - low)] = c
    f[turns + 2 * (k - low) + 1] = s
  }
  f[d + high * step] = a
}

export const eigh: Twins = {
  eigh_f64(a, y, state, n, vectors, scratch, begin, end) {
    const { f64, i32 } = heap
    const width = vectors ? n + 1 : 1
    for (let q = begin; q < end; q++) {
      const code = decompose(f64, a / 8 + q * n * n, y / 8 + q * n * width, n, vectors !== 0, scratch / 8)
      i32[state / 4 + q] = code
    }
  },
}
