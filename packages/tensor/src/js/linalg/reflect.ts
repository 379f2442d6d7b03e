// Householder's reflections on rows of heap.f64: the twin of assembly/tensor/linalg/reflect. All places are indices.
export type Numbers = Float64Array

export function dot(f: Numbers, a: number, b: number, n: number): number {
  let sum = 0
  for (let i = 0; i < n; i++) sum += f[a + i] * f[b + i]
  return sum
}

/** y += factor · x. */
export function add(f: Numbers, y: number, x: number, factor: number, n: number): void {
  for (let i = 0; i < n; i++) f[y + i] += factor * f[x + i]
}

export function scale(f: Numbers, x: number, factor: number, n: number): void {
  for (let i = 0; i < n; i++) f[x + i] *= factor
}

/** The largest magnitude; NaN if there is one. */
export function largest(f: Numbers, x: number, n: number): number {
  let most = 0
  for (let i = 0; i < n; i++) most = Math.max(most, Math.abs(f[x + i]))
  return most
}

/** A power of two near x. */
export const unitOf = (x: number): number => (x > 0 && x < Infinity ? 2 ** Math.floor(Math.log2(x)) : 1)

function norm(f: Numbers, x: number, n: number): number {
  const square = dot(f, x, x, n)
  if (square > 1e-280 && square < 1e280) return Math.sqrt(square)
  const most = largest(f, x, n)
  if (most === 0 || !(most < Infinity)) return most
  let sum = 0
  for (let i = 0; i < n; i++) sum += (f[x + i] / most) ** 2
  return most * Math.sqrt(sum)
}

/** Leaves β and the rest of v (whose first element is 1) in place of x; returns τ. */
export function make(f: Numbers, x: number, n: number): number {
  const rest = n > 1 ? norm(f, x + 1, n - 1) : 0
  if (rest === 0) return 0
  const first = f[x]
  const size = Math.hypot(first, rest)
  const beta = first < 0 ? size : -size
  scale(f, x + 1, 1 / (first - beta), n - 1)
  f[x] = beta
  return (beta - first) / beta
}

/** x −= τ (v·x) v for `count` rows, `step` apart. */
export function apply(f: Numbers, v: number, tau: number, x: number, step: number, count: number, n: number): void {
  if (tau === 0) return
  for (let r = 0; r < count; r++, x += step) add(f, x, v, -tau * dot(f, v, x, n), n)
}

/** The same for v whose first element is 1 but stored as another number. */
export function applyKept(f: Numbers, v: number, tau: number, x: number, step: number, count: number, n: number): void {
  const kept = f[v]
  f[v] = 1
  apply(f, v, tau, x, step, count, n)
  f[v] = kept
}

/** The first `count` columns of H₀ H₁ … as rows of q; row i < made holds v of Hᵢ from element i on. */
export function form(f: Numbers, q: number, step: number, tau: number, made: number, count: number, n: number): void {
  for (let i = count - 1; i >= 0; i--) {
    const row = q + i * step
    const v = row + i
    let first = 1
    if (i < made) {
      const t = f[tau + i]
      f[v] = 1
      apply(f, v, t, v + step, step, count - 1 - i, n - i)
      scale(f, v, -t, n - i)
      first -= t
    } else f.fill(0, v, row + n)
    f.fill(0, row, v)
    f[v] = first
  }
}

/** Rows k and k + 1 of q become c x + s y and c y − s x, for each pair (c, s) of `turns`. */
export function rotate(f: Numbers, q: number, step: number, turns: number, count: number, n: number): void {
  for (let k = 0; k < count; k++) {
    const c = f[turns + 2 * k]
    const s = f[turns + 2 * k + 1]
    const a = q + k * step
    const b = a + step
    for (let i = 0; i < n; i++) {
      const x = f[a + i]
      const y = f[b + i]
      f[a + i] = c * x + s * y
      f[b + i] = c * y - s * x
    }
  }
}

/** Sorts rows of `width` elements by the element `key`. */
export function sort(f: Numbers, rows: number, count: number, width: number, key: number, down: boolean): void {
  const sorted = Array.from({ length: count }, (_, i) => f.slice(rows + i * width, rows + (i + 1) * width))
  sorted.sort((a, b) => (down ? b[key] - a[key] : a[key] - b[key]))
  sorted.forEach((row, i) => {
    f.set(row, rows + i * width)
  })
}
