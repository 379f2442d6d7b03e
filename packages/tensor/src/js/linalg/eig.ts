// The twin of assembly/tensor/linalg/eig: balance, Hessenberg form, Francis's double steps, substitution.
import { heap } from '../../memory/heap.ts'
import type { Twins } from '../family.ts'
import { add, apply, dot, largest, make, type Numbers, scale, unitOf } from './reflect.ts'

const PATIENCE = 60
const NOTHING = 1e-150

/** z −1: no vectors. */
function decompose(f: Numbers, a: number, z: number, y: number, n: number, scratch: number): number {
  const scales = scratch
  const real = scales + n
  const imaginary = real + n
  const most = largest(f, a, n * n)
  const unit = unitOf(most)
  let done = most < Infinity
  if (done) {
    scale(f, a, 1 / unit, n * n)
    balance(f, a, scales, n)
    if (z >= 0) {
      f.fill(0, z, z + n * n)
      for (let i = 0; i < n; i++) f[z + i * n + i] = 1
    }
    hessenberg(f, a, z, real, imaginary, n)
    done = iterate(f, a, z, n)
  }
  if (!done) {
    f.fill(Number.NaN, y, y + (z >= 0 ? n + 1 : 1) * 2 * n)
    return 1
  }
  for (let k = 0; k < n; k++) {
    const at = a + k * n + k
    const isFirst = k + 1 < n && f[at + n] !== 0
    let re = f[at]
    let im = 0
    if (isFirst || (k > 0 && f[at - 1] !== 0)) {
      const block = isFirst ? at : at - n - 1
      const p = (f[block] - f[block + n + 1]) / 2
      re = f[block + n + 1] + p
      im = Math.sqrt(-(p * p + f[block + 1] * f[block + n])) * (isFirst ? 1 : -1)
    }
    f[y + 2 * k] = re * unit
    f[y + 2 * k + 1] = im * unit
    if (z < 0 || im < 0) continue
    const last = isFirst ? k + 1 : k
    substitute(f, a, real, imaginary, last, n, re, im)
    vector(f, z, scales, real, imaginary, last, y + 2 * (n + k), im > 0, n)
  }
  return 0
}

/** Powers of two that make the sums of rows and columns alike. */
function balance(f: Numbers, a: number, scales: number, n: number): void {
  f.fill(1, scales, scales + n)
  let changed = true
  for (let round = 0; changed && round < 30; round++) {
    changed = false
    for (let i = 0; i < n; i++) {
      let c = 0
      let r = 0
      for (let j = 0; j < n; j++) {
        if (j === i) continue
        c += Math.abs(f[a + j * n + i])
        r += Math.abs(f[a + i * n + j])
      }
      if (c === 0 || r === 0) continue
      const sum = c + r
      let by = 1
      for (; c < r / 2; c *= 4) by *= 2
      for (; c >= r * 2; c /= 4) by /= 2
      if ((c + r) / by >= 0.95 * sum) continue
      changed = true
      f[scales + i] *= by
      scale(f, a + i * n, 1 / by, n)
      for (let j = 0; j < n; j++) f[a + j * n + i] *= by
    }
  }
}

/** Rows r of x less their share of a reflection that turns rows: x[r] −= v[r] · τ Σ v x. */
function turnRows(
  f: Numbers,
  rows: number,
  step: number,
  v: number,
  tau: number,
  t: number,
  count: number,
  n: number,
): void {
  f.fill(0, t, t + n)
  for (let r = 0; r < count; r++) add(f, t, rows + r * step, tau * f[v + r], n)
  for (let r = 0; r < count; r++) add(f, rows + r * step, t, -f[v + r], n)
}

function hessenberg(f: Numbers, a: number, z: number, x: number, t: number, n: number): void {
  for (let k = 0; k < n - 2; k++) {
    const count = n - 1 - k
    const corner = a + (k + 1) * n + k
    for (let r = 0; r < count; r++) f[x + r] = f[corner + r * n]
    const tau = make(f, x, count)
    if (tau === 0) continue
    f[corner] = f[x]
    for (let r = 1; r < count; r++) f[corner + r * n] = 0
    f[x] = 1
    turnRows(f, corner + 1, n, x, tau, t, count, count)
    apply(f, x, tau, a + k + 1, n, n, count)
    if (z >= 0) turnRows(f, z + (k + 1) * n, n, x, tau, t, count, n)
  }
}

function iterate(f: Numbers, h: number, z: number, n: number): boolean {
  const isSmall = (k: number): boolean => {
    const at = h + k * n + k
    const size = Math.abs(f[at]) + Math.abs(f[at - n - 1])
    return Math.abs(f[at - 1]) <= Math.max(NOTHING, Number.EPSILON * size)
  }
  let steps = 0
  for (let high = n - 1; high > 0; ) {
    let low = high
    while (low > 0 && !isSmall(low)) low--
    if (low > 0) f[h + low * n + low - 1] = 0
    if (low >= high - 1) {
      if (low === high - 1) split(f, h, z, n, low)
      high = low - 1
      steps = 0
      continue
    }
    if (steps++ === PATIENCE) return false
    francis(f, h, z, n, low, high, steps % 10 === 0)
  }
  return true
}

/** Elements p and q become c p + s q and c q − s p. */
function turn(f: Numbers, p: number, q: number, c: number, s: number): void {
  const x = f[p]
  const y = f[q]
  f[p] = c * x + s * y
  f[q] = c * y - s * x
}

/** A block of two with real eigenvalues is made triangular. */
function split(f: Numbers, h: number, z: number, n: number, k: number): void {
  const at = h + k * n + k
  const below = f[at + n]
  const p = (f[at] - f[at + n + 1]) / 2
  const q = p * p + f[at + 1] * below
  if (q < 0) return
  const x = p + (p < 0 ? -Math.sqrt(q) : Math.sqrt(q))
  const size = Math.sqrt(x * x + below * below)
  if (size === 0) return
  const [c, s] = [x / size, below / size]
  for (let i = 0; i < n - k; i++) turn(f, at + i, at + n + i, c, s)
  for (let i = 0; i < k + 2; i++) turn(f, h + i * n + k, h + i * n + k + 1, c, s)
  if (z >= 0) for (let i = 0; i < n; i++) turn(f, z + k * n + i, z + (k + 1) * n + i, c, s)
  f[at + n] = 0
}

function francis(f: Numbers, h: number, z: number, n: number, low: number, high: number, strange: boolean): void {
  const last = h + high * n + high
  let sum = f[last] + f[last - n - 1]
  let product = f[last] * f[last - n - 1] - f[last - 1] * f[last - n]
  if (strange) {
    const size = Math.abs(f[last - 1]) + Math.abs(f[last - n - 2])
    sum = 1.5 * size
    product = size * size
  }
  const top = h + low * n + low
  const below = f[top + n]
  let x = f[top] * (f[top] - sum) + product + f[top + 1] * below
  let y = below * (f[top] + f[top + n + 1] - sum)
  let w = below * f[top + 2 * n + 1]
  for (let k = low; k < high; k++) {
    const three = k < high - 1
    const before = h + k * n + k - 1
    if (k > low) {
      x = f[before]
      y = f[before + n]
      w = three ? f[before + 2 * n] : 0
    }
    if (!three) w = 0
    const size = Math.abs(x) + Math.abs(y) + Math.abs(w)
    if (size === 0) continue
    x /= size
    y /= size
    w /= size
    const length = Math.sqrt(x * x + y * y + w * w)
    const beta = x < 0 ? length : -length
    const tau = (beta - x) / beta
    const v1 = y / (x - beta)
    const v2 = w / (x - beta)
    if (k > low) {
      f[before] = beta * size
      f[before + n] = 0
      if (three) f[before + 2 * n] = 0
    }
    reflect(f, before + 1, 1, n, tau, v1, v2, three, n - k)
    reflect(f, h + k, n, 1, tau, v1, v2, three, Math.min(high, k + 3) + 1)
    if (z >= 0) reflect(f, z + k * n, 1, n, tau, v1, v2, three, n)
  }
}

/** Reflects `count` times two or three numbers that are `apart`, beginning every `step`. */
function reflect(
  f: Numbers,
  at: number,
  step: number,
  apart: number,
  tau: number,
  v1: number,
  v2: number,
  three: boolean,
  count: number,
): void {
  for (let i = 0, p = at; i < count; i++, p += step) {
    const q = p + apart
    const r = q + apart
    const s = tau * (f[p] + v1 * f[q] + (three ? v2 * f[r] : 0))
    f[p] -= s
    f[q] -= v1 * s
    if (three) f[r] -= v2 * s
  }
}

/** x = real + i imaginary up to element `last` with (T − λ) x = 0. */
function substitute(
  f: Numbers,
  t: number,
  real: number,
  imaginary: number,
  last: number,
  n: number,
  re: number,
  im: number,
): void {
  const put = (i: number, a: number, b: number): void => {
    f[real + i] = a
    f[imaginary + i] = b
  }
  const divide = (i: number, nr: number, ni: number, dr: number, di: number): void => {
    const square = dr * dr + di * di
    if (square < Number.EPSILON ** 2) put(i, nr / Number.EPSILON, ni / Number.EPSILON)
    else put(i, (nr * dr + ni * di) / square, (ni * dr - nr * di) / square)
  }
  put(last, 1, 0)
  let i = last - 1
  if (im !== 0) {
    const at = t + i * n + i
    if (Math.abs(f[at + 1]) >= Math.abs(f[at + n])) {
      put(i, 1, 0)
      put(last, (re - f[at]) / f[at + 1], im / f[at + 1])
    } else put(i, (re - f[at + n + 1]) / f[at + n], im / f[at + n])
    i--
  }
  for (; i >= 0; i--) {
    const at = t + i * n + i
    const count = last - i
    const rr = -dot(f, at + 1, real + i + 1, count)
    const ri = -dot(f, at + 1, imaginary + i + 1, count)
    const dr = f[at] - re
    if (i > 0 && f[at - 1] !== 0) {
      const up = at - n
      const b = f[up]
      const c = f[at - 1]
      const ar = f[up - 1] - re
      const qr = -dot(f, up + 1, real + i + 1, count)
      const qi = -dot(f, up + 1, imaginary + i + 1, count)
      const er = ar * dr - im * im - b * c
      const ei = -im * (ar + dr)
      divide(i - 1, dr * qr + im * qi - b * rr, dr * qi - im * qr - b * ri, er, ei)
      divide(i, ar * rr + im * ri - c * qr, ar * ri - im * rr - c * qi, er, ei)
      i--
    } else divide(i, rr, ri, dr, -im)
    if (Math.abs(f[real + i]) + Math.abs(f[imaginary + i]) > 1e100) {
      scale(f, real + i, 1e-100, last - i + 1)
      scale(f, imaginary + i, 1e-100, last - i + 1)
    }
  }
}

/** Z x out of balance, of length 1 and with its largest element real, to a column at y. */
function vector(
  f: Numbers,
  z: number,
  scales: number,
  real: number,
  imaginary: number,
  last: number,
  y: number,
  pair: boolean,
  n: number,
): void {
  const vr = imaginary + n
  const vi = vr + n
  f.fill(0, vr, vr + 2 * n)
  for (let j = 0; j <= last; j++) {
    add(f, vr, z + j * n, f[real + j], n)
    if (pair) add(f, vi, z + j * n, f[imaginary + j], n)
  }
  for (let i = 0; i < n; i++) {
    f[vr + i] *= f[scales + i]
    f[vi + i] *= f[scales + i]
  }
  scale(f, vr, 1 / largest(f, vr, 2 * n), 2 * n)
  scale(f, vr, 1 / Math.sqrt(dot(f, vr, vr, 2 * n)), 2 * n)
  let most = 0
  let c = 1
  let s = 0
  for (let i = 0; pair && i < n; i++) {
    const size = Math.hypot(f[vr + i], f[vi + i])
    if (size <= most) continue
    most = size
    c = f[vr + i] / size
    s = f[vi + i] / size
  }
  for (let i = 0; i < n; i++) {
    const to = y + 2 * i * n
    const re = c * f[vr + i] + s * f[vi + i]
    const im = c * f[vi + i] - s * f[vr + i]
    f[to] = re
    f[to + 1] = im
    if (!pair) continue
    f[to + 2] = re
    f[to + 3] = -im
  }
}

export const eig: Twins = {
  eig_f64(a, z, y, state, n, vectors, scratch, begin, end) {
    const { f64, i32 } = heap
    const size = (vectors ? n + 1 : 1) * 2 * n
    for (let q = begin; q < end; q++) {
      const at = q * n * n
      i32[state / 4 + q] = decompose(f64, a / 8 + at, vectors ? z / 8 + at : -1, y / 8 + q * size, n, scratch / 8)
    }
  },
}
