// A = U Σ Vᵀ in float64: reflections to bidiagonal form, then QR steps on it, with shift 0 where a shift would cost small
// singular values their digits (J. Demmel and W. Kahan 1990, "Accurate singular values of bidiagonal matrices").
//
// A is [m, n] with m ≥ n and comes as its columns: a [n, m], which is overwritten. Row i of y is column i of U (m numbers),
// the singular value number i, downwards, and column i of V (n numbers); without `vectors` the value alone. With `full`
// there are m rows, the last m − n with a column of U and zeros. A tall A is brought to a square one by reflections first.

import { Address } from '../../lib/address'
import { unitOf } from './eigh'
import { Reflect } from './reflect'
import { Rotate } from './rotate'

/** Sweeps per singular value; two are usual. */
const PATIENCE: i32 = 60
const EPSILON: f64 = 2.220446049250313e-16
/** What is this small beside the values that it couples does not change their digits. */
const TOLERANCE: f64 = 8 * EPSILON
/** What is this small beside a largest value near 1 is 0. */
const NOTHING: f64 = 1e-150

export class Svd {
  /** Returns 0, or 1 when a is not finite or the sweeps do not come to an end: then y is NaN. */
  static factor(a: usize, y: usize, m: i32, n: i32, vectors: bool, full: bool, scratch: usize): i32 {
    const width = vectors ? m + 1 + n : 1
    const rows = vectors && full ? m : n
    const step = Address.bytes<f64>(width)
    const column = Address.bytes<f64>(m)
    const right = scratch
    const left = right + ((<usize>n) << 4)
    const d = left + ((<usize>n) << 4)
    const e = Address.of<f64>(d, n)
    const tau = Address.of<f64>(e, n)
    const tauQ = Address.of<f64>(tau, 2 * n)
    const work = Address.of<f64>(tauQ, n)
    const most = Reflect.largest(a, m * n)
    const unit = unitOf(most)
    Reflect.scale(a, 1 / unit, m * n)

    let g = a
    let gRow = column
    if (m > n) {
      for (let j = 0; j < n; j++) {
        const v = Address.of<f64>(a + <usize>j * column, j)
        const t = Reflect.make(v, m - j)
        store<f64>(Address.of<f64>(tauQ, j), t)
        Reflect.applyKept(v, t, v + column, column, n - 1 - j, m - j)
      }
    }
    if (vectors) {
      g = y
      gRow = step
    }
    for (let j = 0; j < n; j++) {
      const row = g + <usize>j * gRow
      if (vectors) memory.copy(row, a + <usize>j * column, column)
      if (m > n) memory.fill(Address.of<f64>(row, j + 1), 0, Address.bytes<f64>(m - 1 - j))
    }
    const u = y
    const v = Address.of<f64>(y, m + 1)
    bidiagonal(g, gRow, vectors ? v : work, vectors ? step : 0, d, e, tau, Address.of<f64>(work, n), n)
    if (vectors) {
      Reflect.form(v, step, tau, n, n, n)
      for (let i = n - 1; i > 0; i--) {
        const at = Address.of<f64>(u + <usize>i * step, i)
        memory.copy(at, at - step, Address.bytes<f64>(n - i))
        store<f64>(u + <usize>i * step, 0)
      }
      memory.fill(u, 0, Address.bytes<f64>(n))
      store<f64>(u, 1)
      Reflect.form(u + step + 8, step, Address.of<f64>(tau, n), n - 1, n - 1, n - 1)
    }
    const done = iterate(d, e, left, right, n, vectors ? u : 0, v, step)
    if (!(most < Infinity) || !done) {
      for (let i = 0; i < rows * width; i++) store<f64>(Address.of<f64>(y, i), NaN)
      return 1
    }
    for (let i = 0; i < n; i++) {
      const value = load<f64>(Address.of<f64>(d, i))
      store<f64>(Address.of<f64>(y + <usize>i * step, vectors ? m : 0), abs(value) * unit)
      if (vectors && value < 0) Reflect.scale(v + <usize>i * step, -1, n)
    }
    Rotate.sort(y, step, n, width, vectors ? m : 0, true)
    if (vectors && m > n) {
      for (let i = n; i < rows; i++) {
        const row = y + <usize>i * step
        memory.fill(row, 0, step)
        store<f64>(Address.of<f64>(row, i), 1)
      }
      for (let j = n - 1; j >= 0; j--) {
        const reflection = Address.of<f64>(a + <usize>j * column, j)
        const t = load<f64>(Address.of<f64>(tauQ, j))
        Reflect.applyKept(reflection, t, Address.of<f64>(u, j), step, rows, m - j)
      }
    }
    return 0
  }
}

/**
 * G [n, n] to upper bidiagonal form: d, and e beside it. What takes columns stands in rows of p (`pRow` 0: nowhere), what takes
 * rows right of the diagonal of G; their τ, n of each, in tau.
 */
function bidiagonal(
  g: usize,
  gRow: usize,
  p: usize,
  pRow: usize,
  d: usize,
  e: usize,
  tau: usize,
  t: usize,
  n: i32,
): void {
  for (let i = 0; i < n; i++) {
    const left = n - i
    const x = Address.of<f64>(p + <usize>i * pRow, i)
    let from = Address.of<f64>(g + <usize>i * gRow, i)
    const u = from + 8
    for (let r = 0; r < left; r++) {
      store<f64>(Address.of<f64>(x, r), load<f64>(from))
      from += gRow
    }
    const tl = Reflect.make(x, left)
    store<f64>(Address.of<f64>(tau, i), tl)
    store<f64>(Address.of<f64>(d, i), load<f64>(x))
    if (left == 1) return
    store<f64>(x, 1)
    const count = left - 1
    memory.fill(t, 0, Address.bytes<f64>(count))
    if (tl != 0) {
      from = u
      for (let r = 0; r < left; r++) {
        Reflect.add(t, from, tl * load<f64>(Address.of<f64>(x, r)), count)
        from += gRow
      }
    }
    Reflect.add(u, t, -1, count)
    const tr = Reflect.make(u, count)
    store<f64>(Address.of<f64>(tau, n + i), tr)
    store<f64>(Address.of<f64>(e, i), load<f64>(u))
    store<f64>(u, 1)
    from = u
    for (let r = 1; r < left; r++) {
      from += gRow
      const s = subtractDot(from, t, load<f64>(Address.of<f64>(x, r)), u, count)
      Reflect.add(from, u, -tr * s, count)
    }
  }
}

/** x −= factor · t; returns x·u. */
function subtractDot(x: usize, t: usize, factor: f64, u: usize, n: i32): f64 {
  const f = f64x2.splat(factor)
  let s = f64x2.splat(0)
  for (; n >= 2; n -= 2) {
    const y = f64x2.sub(v128.load(x), f64x2.mul(f, v128.load(t)))
    v128.store(x, y)
    s = f64x2.add(s, f64x2.mul(y, v128.load(u)))
    x += 16
    t += 16
    u += 16
  }
  let sum = f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1)
  if (n > 0) {
    const y = load<f64>(x) - factor * load<f64>(t)
    store<f64>(x, y)
    sum += y * load<f64>(u)
  }
  return sum
}

/**
 * QR steps on the bidiagonal d, e until e is nothing; u (0: none) and v are the rows that turn along. False when they do
 * not come to an end.
 */
function iterate(d: usize, e: usize, left: usize, right: usize, n: i32, u: usize, v: usize, step: usize): bool {
  let high = n - 1
  for (let patience = PATIENCE * n; high > 0; ) {
    let low = high
    while (low > 0 && abs(load<f64>(Address.of<f64>(e, low - 1))) > NOTHING) low--
    if (low > 0) store<f64>(Address.of<f64>(e, low - 1), 0)
    if (low == high) {
      high--
      continue
    }
    const last = Address.of<f64>(d, high)
    if (abs(load<f64>(Address.of<f64>(e, high - 1))) <= TOLERANCE * abs(load<f64>(last))) {
      store<f64>(Address.of<f64>(e, high - 1), 0)
      continue
    }
    // mu bounds the smallest singular value of the leading part from below.
    let mu = abs(load<f64>(Address.of<f64>(d, low)))
    let least = mu
    let most = mu
    let split = false
    for (let k = low; k < high; k++) {
      const beside = abs(load<f64>(Address.of<f64>(e, k)))
      if (beside <= TOLERANCE * mu) {
        store<f64>(Address.of<f64>(e, k), 0)
        split = true
        break
      }
      const next = abs(load<f64>(Address.of<f64>(d, k + 1)))
      mu = next * (mu / (mu + beside))
      least = min(least, mu)
      most = max(most, max(next, beside))
    }
    if (split) continue
    if (patience-- == 0) return false
    let shift: f64 = 0
    if (<f64>n * least > EPSILON * most) {
      shift = smaller(load<f64>(last - 8), load<f64>(Address.of<f64>(e, high - 1)), load<f64>(last))
      const ratio = shift / load<f64>(Address.of<f64>(d, low))
      if (ratio * ratio < EPSILON) shift = 0
    }
    const first = Address.of<f64>(d, low)
    const beside = Address.of<f64>(e, low)
    if (shift == 0) plain(first, beside, left, right, high - low)
    else shifted(first, beside, left, right, high - low, shift)
    if (u) {
      Rotate.rows(u + <usize>low * step, step, right, high - low, n)
      Rotate.rows(v + <usize>low * step, step, left, high - low, n)
    }
  }
  return true
}

/** The smaller singular value of [[f, g], [0, h]]. */
function smaller(f: f64, g: f64, h: f64): f64 {
  const a = abs(f)
  const b = abs(h)
  const larger = (sqrt((a + b) * (a + b) + g * g) + sqrt((a - b) * (a - b) + g * g)) / 2
  return larger == 0 ? 0 : a * (b / larger)
}

/** A step with shift 0: every entry keeps its relative accuracy. */
function plain(d: usize, e: usize, left: usize, right: usize, count: i32): void {
  let c: f64 = 1
  let oldC: f64 = 1
  let oldS: f64 = 0
  for (let k = 0; k < count; k++) {
    let f = load<f64>(d) * c
    let g = load<f64>(e)
    let r = sqrt(f * f + g * g)
    c = r == 0 ? 1 : f / r
    const s = r == 0 ? 0 : g / r
    if (k > 0) store<f64>(e - 8, oldS * r)
    Rotate.put(right, k, c, s)
    f = oldC * r
    g = load<f64>(d, 8) * s
    r = sqrt(f * f + g * g)
    oldC = r == 0 ? 1 : f / r
    oldS = r == 0 ? 0 : g / r
    store<f64>(d, r)
    Rotate.put(left, k, oldC, oldS)
    d += 8
    e += 8
  }
  const h = load<f64>(d) * c
  store<f64>(d, h * oldC)
  store<f64>(e - 8, h * oldS)
}

function shifted(d: usize, e: usize, left: usize, right: usize, count: i32, shift: f64): void {
  const first = load<f64>(d)
  let f = (abs(first) - shift) * ((first < 0 ? -1 : 1) + shift / first)
  let g = load<f64>(e)
  for (let k = 0; k < count; k++) {
    let r = sqrt(f * f + g * g)
    let c = r == 0 ? 1 : f / r
    let s = r == 0 ? 0 : g / r
    if (k > 0) store<f64>(e - 8, r)
    Rotate.put(right, k, c, s)
    const a = load<f64>(d)
    const b = load<f64>(e)
    f = c * a + s * b
    const between = c * b - s * a
    const next = load<f64>(d, 8)
    g = s * next
    const kept = c * next
    r = sqrt(f * f + g * g)
    c = r == 0 ? 1 : f / r
    s = r == 0 ? 0 : g / r
    store<f64>(d, r)
    Rotate.put(left, k, c, s)
    f = c * between + s * kept
    store<f64>(d, c * kept - s * between, 8)
    if (k < count - 1) {
      g = s * load<f64>(e, 8)
      store<f64>(e, c * load<f64>(e, 8), 8)
    }
    d += 8
    e += 8
  }
  store<f64>(e - 8, f)
}
