// A = V Λ Vᵀ of symmetric matrices, in float64: reflections to tridiagonal form, then QR steps with Wilkinson's shift
// (G. Golub and C. Van Loan, "Matrix Computations", 4th edition, algorithms 8.3.1 and 8.3.3).
//
// The lower triangle of a [n, n] is read, and a is overwritten. Row i of y is the eigenvalue number i, upwards, and with
// `vectors` its vector. Eigenvalues are good to a few roundings of the largest.

import { Address } from '../../lib/address'
import { Reflect } from './reflect'
import { Rotate } from './rotate'

/** Sweeps per eigenvalue; two are usual. */
const PATIENCE: i32 = 60
const EPSILON: f64 = 2.220446049250313e-16
/** What is this small beside a largest value near 1 is 0. */
const NOTHING: f64 = 1e-150

export class Eigh {
  /** Returns 0, or 1 when a is not finite or the sweeps do not come to an end: then y is NaN. */
  static factor(a: usize, y: usize, n: i32, vectors: bool, scratch: usize): i32 {
    const width = vectors ? n + 1 : 1
    const step = Address.bytes<f64>(width)
    const row = Address.bytes<f64>(n)
    const turns = scratch
    const off = scratch + 2 * row
    const tau = off + row
    const work = tau + row
    mirror(a, row, n)
    const most = Reflect.largest(a, n * n)
    const unit = unitOf(most)
    Reflect.scale(a, 1 / unit, n * n)
    tridiagonal(a, row, y, step, off, tau, work, n)
    if (vectors) {
      const q = y + 8
      for (let i = 1; i < n; i++) {
        const at = Address.of<f64>(q + <usize>i * step, i)
        memory.copy(at, Address.of<f64>(a + <usize>(i - 1) * row, i), Address.bytes<f64>(n - i))
      }
      memory.fill(q, 0, row)
      store<f64>(q, 1)
      Reflect.form(q + step + 8, step, tau, n - 1, n - 1, n - 1)
      for (let i = 1; i < n; i++) store<f64>(q + <usize>i * step, 0)
    }
    if (!(most < Infinity) || !iterate(y, step, off, turns, n, vectors)) {
      for (let i = 0; i < n * width; i++) store<f64>(Address.of<f64>(y, i), NaN)
      return 1
    }
    for (let i = 0; i < n; i++) {
      const at = y + <usize>i * step
      store<f64>(at, load<f64>(at) * unit)
    }
    Rotate.sort(y, step, n, width, 0, false)
    return 0
  }
}

/** A power of two near x, by which a matrix is divided so that squares stay in range. */
export function unitOf(x: f64): f64 {
  const exponent = reinterpret<u64>(x) >> 52
  return reinterpret<f64>(max<u64>(1, min<u64>(2045, exponent)) << 52)
}

function mirror(a: usize, row: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    let from = a + <usize>i * row
    let to = Address.of<f64>(a, i)
    for (let j = 0; j < i; j++) {
      store<f64>(to, load<f64>(from))
      from += 8
      to += row
    }
  }
}

/** Diagonal into the first column of y, what is beside it into `off`; the reflections stay right of the diagonal of a. */
function tridiagonal(a: usize, row: usize, y: usize, step: usize, off: usize, tau: usize, w: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const top = Address.of<f64>(a + <usize>i * row, i)
    store<f64>(y + <usize>i * step, load<f64>(top))
    const left = n - 1 - i
    if (left == 0) return
    const v = top + 8
    const t = Reflect.make(v, left)
    store<f64>(Address.of<f64>(off, i), load<f64>(v))
    store<f64>(Address.of<f64>(tau, i), t)
    if (t == 0) continue
    store<f64>(v, 1)
    const rest = v + row
    for (let r = 0; r < left; r++) store<f64>(Address.of<f64>(w, r), t * Reflect.dot(rest + <usize>r * row, v, left))
    Reflect.add(w, v, -0.5 * t * Reflect.dot(w, v, left), left)
    for (let r = 0; r < left; r++) subtract(rest + <usize>r * row, v, w, r, left)
  }
}

/** Row r of A − v wᵀ − w vᵀ. */
function subtract(x: usize, v: usize, w: usize, r: i32, n: i32): void {
  const f = f64x2.splat(load<f64>(Address.of<f64>(v, r)))
  const g = f64x2.splat(load<f64>(Address.of<f64>(w, r)))
  for (; n >= 2; n -= 2) {
    const change = f64x2.add(f64x2.mul(f, v128.load(w)), f64x2.mul(g, v128.load(v)))
    v128.store(x, f64x2.sub(v128.load(x), change))
    x += 16
    v += 16
    w += 16
  }
  if (n > 0) {
    const change = f64x2.extract_lane(f, 0) * load<f64>(w) + f64x2.extract_lane(g, 0) * load<f64>(v)
    store<f64>(x, load<f64>(x) - change)
  }
}

/** QR steps until nothing is left beside the diagonal. False when they do not come to an end. */
function iterate(d: usize, step: usize, off: usize, turns: usize, n: i32, vectors: bool): bool {
  let high = n - 1
  for (let patience = PATIENCE * n; high > 0; patience--) {
    if (isSmall(d, step, off, high)) {
      high--
      continue
    }
    if (patience == 0) return false
    let low = high - 1
    while (low > 0 && !isSmall(d, step, off, low)) low--
    sweep(d, step, off, turns, low, high)
    if (vectors) Rotate.rows(d + <usize>low * step + 8, step, turns, high - low, n)
  }
  return true
}

/** Whether what couples number i to the one before is nothing beside them. */
function isSmall(d: usize, step: usize, off: usize, i: i32): bool {
  const at = d + <usize>i * step
  const coupling = Address.of<f64>(off, i - 1)
  return abs(load<f64>(coupling)) <= max(NOTHING, EPSILON * (abs(load<f64>(at)) + abs(load<f64>(at - step))))
}

function sweep(d: usize, step: usize, off: usize, turns: usize, low: i32, high: i32): void {
  const last = d + <usize>high * step
  let e = load<f64>(Address.of<f64>(off, high - 1))
  const half = (load<f64>(last - step) - load<f64>(last)) / 2
  const reach = sqrt(half * half + e * e)
  let at = d + <usize>low * step
  let beside = Address.of<f64>(off, low)
  let a = load<f64>(at)
  let x = a - (load<f64>(last) - (e * e) / (half + (half < 0 ? -reach : reach)))
  let z = load<f64>(beside)
  let b = z
  for (let k = 0; k < high - low; k++) {
    const r = sqrt(x * x + z * z)
    const c = r == 0 ? 1 : x / r
    const s = r == 0 ? 0 : z / r
    if (k > 0) store<f64>(beside - 8, r)
    const g = load<f64>(at + step)
    const ab = c * a + s * b
    const bg = c * b + s * g
    store<f64>(at, c * ab + s * bg)
    x = c * bg - s * ab
    a = c * (c * g - s * b) - s * (c * b - s * a)
    store<f64>(beside, x)
    at += step
    beside += 8
    e = load<f64>(beside)
    z = s * e
    b = c * e
    Rotate.put(turns, k, c, s)
  }
  store<f64>(at, a)
}
