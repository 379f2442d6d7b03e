// Householder's reflections H = I − τ v vᵀ in float64, of and on contiguous rows.

import { Address } from '../../lib/address'

export class Reflect {
  /** Σ a[i] b[i]. */
  static dot(a: usize, b: usize, n: i32): f64 {
    let s = f64x2.splat(0)
    let t = s
    for (; n >= 4; n -= 4) {
      s = f64x2.add(s, f64x2.mul(v128.load(a), v128.load(b)))
      t = f64x2.add(t, f64x2.mul(v128.load(a, 16), v128.load(b, 16)))
      a += 32
      b += 32
    }
    s = f64x2.add(s, t)
    let sum = f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1)
    for (; n > 0; n--) {
      sum += load<f64>(a) * load<f64>(b)
      a += 8
      b += 8
    }
    return sum
  }

  /** y += factor · x. */
  static add(y: usize, x: usize, factor: f64, n: i32): void {
    const f = f64x2.splat(factor)
    for (; n >= 2; n -= 2) {
      v128.store(y, f64x2.add(v128.load(y), f64x2.mul(f, v128.load(x))))
      x += 16
      y += 16
    }
    if (n > 0) store<f64>(y, load<f64>(y) + factor * load<f64>(x))
  }

  /** x *= factor. */
  static scale(x: usize, factor: f64, n: i32): void {
    const f = f64x2.splat(factor)
    for (; n >= 2; n -= 2) {
      v128.store(x, f64x2.mul(f, v128.load(x)))
      x += 16
    }
    if (n > 0) store<f64>(x, load<f64>(x) * factor)
  }

  /** |x|, also where its square is beyond the range of numbers. */
  static norm(x: usize, n: i32): f64 {
    const square = Reflect.dot(x, x, n)
    if (square > 1e-280 && square < 1e280) return sqrt(square)
    const most = Reflect.largest(x, n)
    if (most == 0 || !(most < Infinity)) return most
    let sum: f64 = 0
    for (let i = 0; i < n; i++) {
      const part = load<f64>(Address.of<f64>(x, i)) / most
      sum += part * part
    }
    return most * sqrt(sum)
  }

  /** The largest magnitude; NaN if there is one. */
  static largest(x: usize, n: i32): f64 {
    let most: f64 = 0
    for (; n > 0; n--) {
      const size = abs(load<f64>(x))
      if (!(size <= most)) most = size
      if (!(most >= 0)) return most
      x += 8
    }
    return most
  }

  /**
   * The reflection that takes x to β e₀: v overwrites x, with its first element, which is 1, replaced by β. Returns τ,
   * which is 0 where x is of that form already.
   */
  static make(x: usize, n: i32): f64 {
    const rest = n > 1 ? Reflect.norm(x + 8, n - 1) : 0
    if (rest == 0) return 0
    const first = load<f64>(x)
    const pair = max(abs(first), rest)
    const size = pair * sqrt((first / pair) * (first / pair) + (rest / pair) * (rest / pair))
    const beta = first < 0 ? size : -size
    Reflect.scale(x + 8, 1 / (first - beta), n - 1)
    store<f64>(x, beta)
    return (beta - first) / beta
  }

  /** Applies H to each of `count` rows of n, which are `step` bytes apart: x −= τ (v·x) v. Here v is all there. */
  static apply(v: usize, tau: f64, x: usize, step: usize, count: i32, n: i32): void {
    if (tau == 0) return
    for (; count >= 4; count -= 4) {
      four(v, tau, x, x + step, x + 2 * step, x + 3 * step, n)
      x += 4 * step
    }
    for (; count > 0; count--) {
      Reflect.add(x, v, -tau * Reflect.dot(v, x, n), n)
      x += step
    }
  }

  /** The same for v whose first element is 1 but stored as another number. */
  static applyKept(v: usize, tau: f64, x: usize, step: usize, count: i32, n: i32): void {
    const kept = load<f64>(v)
    store<f64>(v, 1)
    Reflect.apply(v, tau, x, step, count, n)
    store<f64>(v, kept)
  }

  /**
   * The first `count` columns of H₀ H₁ … as rows of n, `step` bytes apart: row i < made of q holds v of Hᵢ from its
   * element i on (which stands for 1) and becomes column i of the product. `made` ≤ count.
   */
  static form(q: usize, step: usize, tau: usize, made: i32, count: i32, n: i32): void {
    for (let i = count - 1; i >= 0; i--) {
      const row = q + <usize>i * step
      const v = Address.of<f64>(row, i)
      let first: f64 = 1
      if (i < made) {
        const t = load<f64>(Address.of<f64>(tau, i))
        store<f64>(v, 1)
        Reflect.apply(v, t, v + step, step, count - 1 - i, n - i)
        Reflect.scale(v, -t, n - i)
        first -= t
      } else memory.fill(v, 0, Address.bytes<f64>(n - i))
      memory.fill(row, 0, Address.bytes<f64>(i))
      store<f64>(v, first)
    }
  }
}

function four(v: usize, tau: f64, a: usize, b: usize, c: usize, d: usize, n: i32): void {
  let p = f64x2.splat(0)
  let q = p
  let r = p
  let s = p
  const bytes = Address.bytes<f64>(n & ~1)
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = v128.load(v + i)
    p = f64x2.add(p, f64x2.mul(x, v128.load(a + i)))
    q = f64x2.add(q, f64x2.mul(x, v128.load(b + i)))
    r = f64x2.add(r, f64x2.mul(x, v128.load(c + i)))
    s = f64x2.add(s, f64x2.mul(x, v128.load(d + i)))
  }
  if (n & 1) {
    const x = v128.load64_zero(v + bytes)
    p = f64x2.add(p, f64x2.mul(x, v128.load64_zero(a + bytes)))
    q = f64x2.add(q, f64x2.mul(x, v128.load64_zero(b + bytes)))
    r = f64x2.add(r, f64x2.mul(x, v128.load64_zero(c + bytes)))
    s = f64x2.add(s, f64x2.mul(x, v128.load64_zero(d + bytes)))
  }
  p = f64x2.splat(tau * (f64x2.extract_lane(p, 0) + f64x2.extract_lane(p, 1)))
  q = f64x2.splat(tau * (f64x2.extract_lane(q, 0) + f64x2.extract_lane(q, 1)))
  r = f64x2.splat(tau * (f64x2.extract_lane(r, 0) + f64x2.extract_lane(r, 1)))
  s = f64x2.splat(tau * (f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1)))
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = v128.load(v + i)
    v128.store(a + i, f64x2.sub(v128.load(a + i), f64x2.mul(p, x)))
    v128.store(b + i, f64x2.sub(v128.load(b + i), f64x2.mul(q, x)))
    v128.store(c + i, f64x2.sub(v128.load(c + i), f64x2.mul(r, x)))
    v128.store(d + i, f64x2.sub(v128.load(d + i), f64x2.mul(s, x)))
  }
  if (n & 1) {
    const x = load<f64>(v + bytes)
    store<f64>(a + bytes, load<f64>(a + bytes) - f64x2.extract_lane(p, 0) * x)
    store<f64>(b + bytes, load<f64>(b + bytes) - f64x2.extract_lane(q, 0) * x)
    store<f64>(c + bytes, load<f64>(c + bytes) - f64x2.extract_lane(r, 0) * x)
    store<f64>(d + bytes, load<f64>(d + bytes) - f64x2.extract_lane(s, 0) * x)
  }
}
