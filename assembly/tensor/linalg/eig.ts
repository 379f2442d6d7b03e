// Eigenvalues and vectors of general real matrices, in float64: balanced, brought to Hessenberg form by reflections, then
// Francis's double steps to a matrix with blocks of one and two on the diagonal, whose vectors follow by substitution
// (G. Golub and C. Van Loan, "Matrix Computations", 4th edition, sections 7.4 to 7.6).
//
// a [n, n] is overwritten. y [n, 2] are the values, with `vectors` y [n + 1, n, 2] values and then V, whose column j belongs to value j;
// pairs are real and imaginary parts. Of a conjugate pair the one with the positive imaginary part comes first. A
// vector's length is 1, its largest element real.

import { Address } from '../../lib/address'
import { unitOf } from './eigh'
import { Reflect } from './reflect'

/** Steps per eigenvalue; two or three are usual. */
const PATIENCE: i32 = 60
const EPSILON: f64 = 2.220446049250313e-16
/** What is this small beside a largest element near 1 is 0. */
const NOTHING: f64 = 1e-150

export class Eig {
  /** z [n, n] is a workspace, not used without `vectors`. Returns 0, or 1 when a is not finite or the steps do not come to an end: then y is NaN. */
  static factor(a: usize, z: usize, y: usize, n: i32, vectors: bool, scratch: usize): i32 {
    const row = Address.bytes<f64>(n)
    const scales = scratch
    const real = scales + row
    const imaginary = real + row
    const most = Reflect.largest(a, n * n)
    const unit = unitOf(most)
    let done: bool = most < Infinity
    if (done) {
      Reflect.scale(a, 1 / unit, n * n)
      balance(a, scales, n)
      if (!vectors) z = 0
      else memory.fill(z, 0, Address.bytes<f64>(n * n))
      for (let i = 0; z && i < n; i++) store<f64>(Address.of<f64>(z, i * n + i), 1)
      hessenberg(a, z, real, imaginary, n)
      done = iterate(a, z, n)
    }
    if (!done) {
      const count = (vectors ? n + 1 : 1) * 2 * n
      for (let i = 0; i < count; i++) store<f64>(Address.of<f64>(y, i), NaN)
      return 1
    }
    for (let k = 0; k < n; k++) {
      const at = Address.of<f64>(a, k * n + k)
      const to = Address.of<f64>(y, 2 * k)
      let re = load<f64>(at)
      let im: f64 = 0
      const first = k + 1 < n && load<f64>(at + row) != 0
      if (first || (k > 0 && load<f64>(at - 8) != 0)) {
        const block = first ? at : at - row - 8
        const p = (load<f64>(block) - load<f64>(block + row + 8)) / 2
        re = load<f64>(block + row + 8) + p
        im = sqrt(-(p * p + load<f64>(block + 8) * load<f64>(block + row)))
        if (!first) im = -im
      }
      store<f64>(to, re * unit)
      store<f64>(to, im * unit, 8)
      if (!vectors || im < 0) continue
      const last = first ? k + 1 : k
      substitute(a, real, imaginary, last, n, re, im)
      vector(z, scales, real, imaginary, last, Address.of<f64>(y, 2 * (n + k)), im > 0, n)
    }
    return 0
  }
}

/** Scales rows and columns, inversely, by powers of two until their sums are alike. */
function balance(a: usize, scales: usize, n: i32): void {
  for (let i = 0; i < n; i++) store<f64>(Address.of<f64>(scales, i), 1)
  let changed = true
  for (let round = 0; changed && round < 30; round++) {
    changed = false
    for (let i = 0; i < n; i++) {
      let c: f64 = 0
      let r: f64 = 0
      for (let j = 0; j < n; j++) {
        if (j == i) continue
        c += abs(load<f64>(Address.of<f64>(a, j * n + i)))
        r += abs(load<f64>(Address.of<f64>(a, i * n + j)))
      }
      if (c == 0 || r == 0) continue
      const sum = c + r
      let f: f64 = 1
      for (; c < r / 2; c *= 4) f *= 2
      for (; c >= r * 2; c /= 4) f /= 2
      if ((c + r) / f >= 0.95 * sum) continue
      changed = true
      store<f64>(Address.of<f64>(scales, i), load<f64>(Address.of<f64>(scales, i)) * f)
      Reflect.scale(Address.of<f64>(a, i * n), 1 / f, n)
      for (let j = 0; j < n; j++) {
        const at = Address.of<f64>(a, j * n + i)
        store<f64>(at, load<f64>(at) * f)
      }
    }
  }
}

/** A becomes Qᵀ A Q with nothing below the first subdiagonal; row j of z (0: none), which is I, becomes column j of Q. */
function hessenberg(a: usize, z: usize, x: usize, t: usize, n: i32): void {
  const row = Address.bytes<f64>(n)
  for (let k = 0; k < n - 2; k++) {
    const count = n - 1 - k
    const corner = Address.of<f64>(a, (k + 1) * n + k)
    for (let r = 0; r < count; r++) store<f64>(Address.of<f64>(x, r), load<f64>(corner + <usize>r * row))
    const tau = Reflect.make(x, count)
    if (tau == 0) continue
    store<f64>(corner, load<f64>(x))
    for (let r = 1; r < count; r++) store<f64>(corner + <usize>r * row, 0)
    store<f64>(x, 1)
    memory.fill(t, 0, Address.bytes<f64>(count))
    for (let r = 0; r < count; r++) {
      Reflect.add(t, corner + <usize>r * row + 8, tau * load<f64>(Address.of<f64>(x, r)), count)
    }
    for (let r = 0; r < count; r++) {
      Reflect.add(corner + <usize>r * row + 8, t, -load<f64>(Address.of<f64>(x, r)), count)
    }
    Reflect.apply(x, tau, Address.of<f64>(a, k + 1), row, n, count)
    if (!z) continue
    memory.fill(t, 0, row)
    const rows = Address.of<f64>(z, (k + 1) * n)
    for (let r = 0; r < count; r++) Reflect.add(t, rows + <usize>r * row, tau * load<f64>(Address.of<f64>(x, r)), n)
    for (let r = 0; r < count; r++) Reflect.add(rows + <usize>r * row, t, -load<f64>(Address.of<f64>(x, r)), n)
  }
}

/** Whether h[k][k − 1] is nothing beside its neighbours on the diagonal. */
function isSmall(h: usize, n: i32, k: i32): bool {
  const at = Address.of<f64>(h, k * n + k)
  const size = abs(load<f64>(at)) + abs(load<f64>(at - Address.bytes<f64>(n + 1)))
  return abs(load<f64>(at - 8)) <= max(NOTHING, EPSILON * size)
}

/** Double steps on h until its diagonal has blocks of at most two; false when they do not come to an end. */
function iterate(h: usize, z: usize, n: i32): bool {
  let high = n - 1
  let steps = 0
  while (high > 0) {
    let low = high
    while (low > 0 && !isSmall(h, n, low)) low--
    if (low > 0) store<f64>(Address.of<f64>(h, low * n + low - 1), 0)
    if (low >= high - 1) {
      if (low == high - 1) split(h, z, n, low)
      high = low - 1
      steps = 0
      continue
    }
    if (steps++ == PATIENCE) return false
    francis(h, z, n, low, high, steps % 10 == 0)
  }
  return true
}

/** A last block of two: with real eigenvalues it is made triangular. */
function split(h: usize, z: usize, n: i32, k: i32): void {
  const row = Address.bytes<f64>(n)
  const at = Address.of<f64>(h, k * n + k)
  const below = load<f64>(at + row)
  const p = (load<f64>(at) - load<f64>(at + row + 8)) / 2
  const q = p * p + load<f64>(at + 8) * below
  if (q < 0) return
  const x = p + (p < 0 ? -sqrt(q) : sqrt(q))
  const size = sqrt(x * x + below * below)
  if (size == 0) return
  const c = x / size
  const s = below / size
  turn(at, at + row, c, s, n - k)
  for (let i = 0; i < k + 2; i++) {
    const from = Address.of<f64>(h, i * n + k)
    const a = load<f64>(from)
    const b = load<f64>(from, 8)
    store<f64>(from, c * a + s * b)
    store<f64>(from, c * b - s * a, 8)
  }
  if (z) turn(Address.of<f64>(z, k * n), Address.of<f64>(z, (k + 1) * n), c, s, n)
  store<f64>(at + row, 0)
}

/** Two rows become c a + s b and c b − s a. */
function turn(a: usize, b: usize, c: f64, s: f64, n: i32): void {
  for (; n > 0; n--) {
    const x = load<f64>(a)
    const y = load<f64>(b)
    store<f64>(a, c * x + s * y)
    store<f64>(b, c * y - s * x)
    a += 8
    b += 8
  }
}

/** One double step on rows low … high, with shifts from the last block of two, or `strange` ones that break a cycle. */
function francis(h: usize, z: usize, n: i32, low: i32, high: i32, strange: bool): void {
  const row = Address.bytes<f64>(n)
  const last = Address.of<f64>(h, high * n + high)
  let sum = load<f64>(last) + load<f64>(last - row - 8)
  let product = load<f64>(last) * load<f64>(last - row - 8) - load<f64>(last - 8) * load<f64>(last - row)
  if (strange) {
    const size = abs(load<f64>(last - 8)) + abs(load<f64>(last - row - 16))
    sum = 1.5 * size
    product = size * size
  }
  const top = Address.of<f64>(h, low * n + low)
  const a = load<f64>(top)
  const below = load<f64>(top + row)
  let x = a * (a - sum) + product + load<f64>(top + 8) * below
  let y = below * (a + load<f64>(top + row + 8) - sum)
  let w = below * load<f64>(top + 2 * row + 8)
  for (let k = low; k < high; k++) {
    const count = k < high - 1 ? 3 : 2
    const before = Address.of<f64>(h, k * n + k - 1)
    if (k > low) {
      x = load<f64>(before)
      y = load<f64>(before + row)
      w = count == 3 ? load<f64>(before + 2 * row) : 0
    }
    if (count == 2) w = 0
    const scale = abs(x) + abs(y) + abs(w)
    if (scale == 0) continue
    x /= scale
    y /= scale
    w /= scale
    const size = sqrt(x * x + y * y + w * w)
    const beta = x < 0 ? size : -size
    const tau = (beta - x) / beta
    const v1 = y / (x - beta)
    const v2 = w / (x - beta)
    if (k > low) {
      store<f64>(before, beta * scale)
      store<f64>(before + row, 0)
      if (count == 3) store<f64>(before + 2 * row, 0)
    }
    rows(before + 8, row, tau, v1, v2, count, n - k)
    columns(Address.of<f64>(h, k), row, tau, v1, v2, count, min(high, k + 3) + 1)
    if (z) rows(Address.of<f64>(z, k * n), row, tau, v1, v2, count, n)
  }
}

/** Reflects two or three rows of n by v = (1, v1, v2). */
function rows(at: usize, row: usize, tau: f64, v1: f64, v2: f64, count: i32, n: i32): void {
  const t = f64x2.splat(tau)
  const p = f64x2.splat(v1)
  const q = f64x2.splat(v2)
  for (; n >= 2; n -= 2) {
    const a = v128.load(at)
    const b = v128.load(at + row)
    let s = f64x2.add(a, f64x2.mul(p, b))
    if (count == 3) s = f64x2.add(s, f64x2.mul(q, v128.load(at + 2 * row)))
    s = f64x2.mul(s, t)
    v128.store(at, f64x2.sub(a, s))
    v128.store(at + row, f64x2.sub(b, f64x2.mul(p, s)))
    if (count == 3) v128.store(at + 2 * row, f64x2.sub(v128.load(at + 2 * row), f64x2.mul(q, s)))
    at += 16
  }
  if (n > 0) reflect(at, row, tau, v1, v2, count)
}

/** Reflects two or three neighbours in each of n rows. */
function columns(at: usize, row: usize, tau: f64, v1: f64, v2: f64, count: i32, n: i32): void {
  for (; n > 0; n--) {
    reflect(at, 8, tau, v1, v2, count)
    at += row
  }
}

function reflect(at: usize, step: usize, tau: f64, v1: f64, v2: f64, count: i32): void {
  let s = load<f64>(at) + v1 * load<f64>(at + step)
  if (count == 3) s += v2 * load<f64>(at + 2 * step)
  s *= tau
  store<f64>(at, load<f64>(at) - s)
  store<f64>(at + step, load<f64>(at + step) - v1 * s)
  if (count == 3) store<f64>(at + 2 * step, load<f64>(at + 2 * step) - v2 * s)
}

/** x = real + i imaginary, up to element `last`, with (T − λ) x = 0 for the eigenvalue λ = re + i im at `last`. */
function substitute(t: usize, real: usize, imaginary: usize, last: i32, n: i32, re: f64, im: f64): void {
  put(real, imaginary, last, 1, 0)
  let i = last - 1
  if (im != 0) {
    const at = Address.of<f64>(t, i * n + i)
    const b = load<f64>(at + 8)
    const c = load<f64>(at + Address.bytes<f64>(n))
    if (abs(b) >= abs(c)) {
      put(real, imaginary, i, 1, 0)
      put(real, imaginary, last, (re - load<f64>(at)) / b, im / b)
    } else put(real, imaginary, i, (re - load<f64>(at + Address.bytes<f64>(n + 1))) / c, im / c)
    i--
  }
  for (; i >= 0; i--) {
    const at = Address.of<f64>(t, i * n + i)
    const count = last - i
    const xr = Address.of<f64>(real, i + 1)
    const xi = Address.of<f64>(imaginary, i + 1)
    const rr = -Reflect.dot(at + 8, xr, count)
    const ri = -Reflect.dot(at + 8, xi, count)
    const dr = load<f64>(at) - re
    if (i > 0 && load<f64>(at - 8) != 0) {
      // Two unknowns: [[a, b], [c, d]] less λ.
      const up = at - Address.bytes<f64>(n)
      const b = load<f64>(up)
      const c = load<f64>(at - 8)
      const ar = load<f64>(up - 8) - re
      const qr = -Reflect.dot(up + 8, xr, count)
      const qi = -Reflect.dot(up + 8, xi, count)
      const er = ar * dr - im * im - b * c
      const ei = -im * (ar + dr)
      divide(real, imaginary, i - 1, dr * qr + im * qi - b * rr, dr * qi - im * qr - b * ri, er, ei)
      divide(real, imaginary, i, ar * rr + im * ri - c * qr, ar * ri - im * rr - c * qi, er, ei)
      i--
    } else divide(real, imaginary, i, rr, ri, dr, -im)
    const size = abs(load<f64>(Address.of<f64>(real, i))) + abs(load<f64>(Address.of<f64>(imaginary, i)))
    if (size > 1e100) {
      Reflect.scale(Address.of<f64>(real, i), 1e-100, last - i + 1)
      Reflect.scale(Address.of<f64>(imaginary, i), 1e-100, last - i + 1)
    }
  }
}

function put(real: usize, imaginary: usize, i: i32, re: f64, im: f64): void {
  store<f64>(Address.of<f64>(real, i), re)
  store<f64>(Address.of<f64>(imaginary, i), im)
}

/** x[i] = (nr + i ni) / (dr + i di), where nothing in the denominator counts as one rounding. */
function divide(real: usize, imaginary: usize, i: i32, nr: f64, ni: f64, dr: f64, di: f64): void {
  let square = dr * dr + di * di
  if (square < EPSILON * EPSILON) {
    dr = EPSILON
    di = 0
    square = EPSILON * EPSILON
  }
  put(real, imaginary, i, (nr * dr + ni * di) / square, (ni * dr - nr * di) / square)
}

/**
 * Z x, out of balance, to length 1 and with its largest element real: a column of V at y, whose rows are 2 n numbers long; the conjugate, if
 * `pair`, to the next.
 */
function vector(z: usize, scales: usize, real: usize, imaginary: usize, last: i32, y: usize, pair: bool, n: i32): void {
  const row = Address.bytes<f64>(n)
  const vr = imaginary + row
  const vi = vr + row
  memory.fill(vr, 0, 2 * row)
  for (let j = 0; j <= last; j++) {
    const from = Address.of<f64>(z, j * n)
    Reflect.add(vr, from, load<f64>(Address.of<f64>(real, j)), n)
    if (pair) Reflect.add(vi, from, load<f64>(Address.of<f64>(imaginary, j)), n)
  }
  for (let i = 0; i < n; i++) {
    const scale = load<f64>(Address.of<f64>(scales, i))
    const re = Address.of<f64>(vr, i)
    const im = Address.of<f64>(vi, i)
    store<f64>(re, load<f64>(re) * scale)
    store<f64>(im, load<f64>(im) * scale)
  }
  Reflect.scale(vr, 1 / Reflect.largest(vr, 2 * n), 2 * n)
  Reflect.scale(vr, 1 / Reflect.norm(vr, 2 * n), 2 * n)
  let largest: f64 = 0
  let c: f64 = 1
  let s: f64 = 0
  for (let i = 0; pair && i < n; i++) {
    const re = load<f64>(Address.of<f64>(vr, i))
    const im = load<f64>(Address.of<f64>(vi, i))
    const size = sqrt(re * re + im * im)
    if (size <= largest) continue
    largest = size
    c = re / size
    s = im / size
  }
  for (let i = 0; i < n; i++) {
    const a = load<f64>(Address.of<f64>(vr, i))
    const b = load<f64>(Address.of<f64>(vi, i))
    const re = c * a + s * b
    const im = c * b - s * a
    const to = y + ((<usize>(i * n)) << 4)
    store<f64>(to, re)
    store<f64>(to, im, 8)
    if (!pair) continue
    store<f64>(to, re, 16)
    store<f64>(to, -im, 24)
  }
}
