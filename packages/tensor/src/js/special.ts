// The less common functions: op_T(x, y, begin, end), and of two tensors with arguments as in binary.ts.
import { heap } from '../memory/heap.ts'
import { byRows, type RowLoop } from './binary.ts'
import { erf, erfc } from './erf.ts'
import { log2Bytes, type Twins, type View } from './family.ts'

/** ln Γ(2 + z) / z on |z| ≤ ½, highest power first. */
const GAMMA = [
  6.379047507619774e-8, -1.3412819758517287e-7, 2.0304806751615227e-7, -4.303558760359961e-7, 9.578663334114758e-7,
  -2.0449201467015115e-6, 4.374374916915131e-6, -9.438458716242811e-6, 2.050726741605779e-5, -4.4926351103833334e-5,
  9.945750909889392e-5, -0.00022315475074520367, 0.0005096695248853096, -0.0011927539120010226, 0.002890510330738737,
  -0.0073855510286681535, 0.02058080842778457, -0.06735230105319814, 0.3224670334241132, 0.42278433509846713,
]
/** The series of Stirling's formula in 1/x², and of its derivative. */
const STIRLING = [
  -0.029550653594771242, 0.00641025641025641, -0.0019175269175269176, 0.0008417508417508417, -0.0005952380952380953,
  0.0007936507936507937, -0.002777777777777778, 0.08333333333333333,
]
const PSI = [
  -0.4432598039215686, 0.08333333333333333, -0.021092796092796094, 0.007575757575757576, -0.004166666666666667,
  0.003968253968253968, -0.008333333333333333, 0.08333333333333333,
]
/** B₂ₖ/(2k)!. */
const BERNOULLI = [
  0.08333333333333333, -0.001388888888888889, 3.306878306878307e-5, -8.267195767195768e-7, 2.08767569878681e-8,
  -5.284190138687493e-10, 1.3382536530684679e-11, -3.3896802963225827e-13, 8.586062056277845e-15,
  -2.174868698558062e-16, 5.5090028283602295e-18, -1.3954464685812522e-19,
]

const polynomial = (x: number, c: readonly number[]): number => c.reduce((p, a) => p * x + a, 0)

/** sin(πx), 0 at whole x. */
function sinpi(x: number): number {
  const n = Math.round(x)
  const sine = Math.sin(Math.PI * (x - n))
  return n % 2 === 0 ? sine : -sine
}

const sinc = (x: number): number => (x === 0 ? 1 : sinpi(x) / (Math.PI * x))

function logit(x: number): number {
  return Math.abs(x - 0.5) < 0.25 ? Math.log1p((2 * x - 1) / (1 - x)) : Math.log(x / (1 - x))
}

/** A guess of Winitzki's, twice improved by Halley's method. */
function erfinv(x: number): number {
  const a = Math.abs(x)
  if (!(a < 1)) return a === 1 ? x * Infinity : NaN
  const w = Math.log1p(-a * a)
  const t = 2 / (Math.PI * 0.147) + w / 2
  const u = -w / 0.147
  let y = Math.sqrt(u / (Math.sqrt(t * t + u) + t))
  for (let i = 0; i < 2; i++) {
    const error = a < 0.5 ? erf(y) - a : 1 - a - erfc(y)
    const step = error / ((2 / Math.sqrt(Math.PI)) * Math.exp(-y * y))
    y -= step / (1 + y * step)
  }
  return x < 0 || Object.is(x, -0) ? -y : y
}

/** ln |Γ(x)|: a polynomial on [½, 2½), recurrence up to 10, Stirling's series from there, reflection below 0. */
function lgamma(x: number): number {
  if (x <= 0) {
    if (x === Math.trunc(x)) return Infinity
    if (x > -1e-20) return -Math.log(-x)
    return -2 * Math.log(-x) - Math.log(Math.abs(sinc(x))) - lgamma(-x)
  }
  if (x === Infinity) return x
  if (x >= 10) {
    return (x - 0.5) * (Math.log(x) - 1) + 0.4189385332046727 + polynomial(1 / (x * x), STIRLING) / x
  }
  let factor = 1
  while (x >= 2.5) factor *= --x
  if (x < 0.5) return lgamma(x + 1) - Math.log(x)
  const z = x < 1.5 ? x - 1 : x - 2
  return z * polynomial(z, GAMMA) - (x < 1.5 ? Math.log1p(z) : 0) + Math.log(factor)
}

/** ψ(x): recurrence up to 10, the series from there, reflection below 0. */
function digamma(x: number): number {
  if (x === 0) return Object.is(x, -0) ? Infinity : -Infinity
  let y = 0
  if (x < 0) {
    if (x === Math.trunc(x)) return NaN
    y = -Math.PI / Math.tan(Math.PI * (x - Math.round(x)))
    x = 1 - x
  }
  for (; x < 10; x++) y -= 1 / x
  const square = 1 / (x * x)
  return x === Infinity ? x : y + Math.log(x) - 0.5 / x - square * polynomial(square, PSI)
}

/** Hurwitz's zeta function of whole s ≥ 2, by Euler's and Maclaurin's formula. */
function zeta(s: number, x: number): number {
  if (x <= 0) {
    if (x === Math.trunc(x)) return Infinity
    const below = zeta(s, Math.ceil(x) - x) - zeta(s, 1 - x)
    return zeta(s, x - Math.floor(x)) + (s % 2 === 0 ? below : -below)
  }
  let y = 0
  for (; x < 10 + s; x++) y += x ** -s
  if (x === Infinity) return 0
  let term = x ** -s
  y += term * (x / (s - 1) + 0.5)
  term *= s / x
  for (const [k, b] of BERNOULLI.entries()) {
    y += term * b
    term *= ((s + 2 * k + 1) * (s + 2 * k + 2)) / (x * x)
  }
  return y
}

function log1pexp(x: number): number {
  return Math.log1p(Math.exp(x))
}

const singles: Readonly<Record<string, (x: number) => number>> = {
  exp2: (x) => 2 ** x,
  log2: Math.log2,
  log10: Math.log10,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  erfc,
  erfinv,
  logit,
  sinc,
  lgamma,
  digamma,
}

const pairs: Readonly<Record<string, (a: number, b: number) => number>> = {
  atan2: Math.atan2,
  fmax: (a, b) => (a >= b || Number.isNaN(b) ? a : b),
  fmin: (a, b) => (a <= b || Number.isNaN(b) ? a : b),
  hypot: Math.hypot,
  logaddexp: (a, b) => (a === b && Math.abs(a) === Infinity ? a : Math.max(a, b) + log1pexp(-Math.abs(a - b))),
  logaddexp2: (a, b) =>
    a === b && Math.abs(a) === Infinity ? a : Math.max(a, b) + Math.log1p(2 ** -Math.abs(a - b)) * Math.LOG2E,
  copysign: (a, b) => (b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a)),
  xlogy: (a, b) => (a === 0 && !Number.isNaN(b) ? 0 : a * Math.log(b)),
  heaviside: (a, b) => (a === 0 ? b : Number(a > 0)),
}

// One loop for all functions: see family.ts for what that costs. It is small beside what these compute.
export const special: Twins = {}
for (const type of ['f32', 'f64'] as const) {
  const shift = log2Bytes[type]
  for (const [name, f] of Object.entries(singles)) {
    special[`${name}_${type}`] = (x, y, begin, end) => {
      const h: View = heap[type]
      for (let i = begin; i < end; i++) h[(y >>> shift) + i] = f(h[(x >>> shift) + i])
    }
  }
  for (const [name, f] of Object.entries(pairs)) {
    const loop: RowLoop = (h, a, s, b, t, y, n) => {
      for (let i = 0; i < n; i++, a += s, b += t) h[y + i] = f(h[a], h[b])
    }
    special[`${name}_${type}`] = byRows(type, type, loop)
  }
  special[`nextafter_${type}`] = byRows(type, type, (h, a, s, b, t, y, n) => {
    for (let i = 0; i < n; i++, a += s, b += t) h[y + i] = nextafter(h[a], h[b], type)
  })
  // y = scale · ζ(s, x)
  special[`zeta_${type}`] = (x, y, s, scale, begin, end) => {
    const h = heap[type]
    for (let i = begin; i < end; i++) h[(y >>> shift) + i] = scale * zeta(s, h[(x >>> shift) + i])
  }
}

const words = { f32: new BigInt64Array(1), f64: new BigInt64Array(1) }
const values = { f32: new Float32Array(words.f32.buffer), f64: new Float64Array(words.f64.buffer) }

/** The next number after a toward b, by its bits; those of a float32 are the lower half of the word. */
function nextafter(a: number, b: number, type: 'f32' | 'f64'): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return NaN
  if (a === b) return b
  const [word, value] = [words[type], values[type]]
  value[0] = a
  word[0] = a === 0 ? 1n : word[0] + (a < b === a > 0 ? 1n : -1n)
  return a === 0 && b < 0 ? -value[0] : value[0]
}
