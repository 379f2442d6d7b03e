// Random numbers that are drawn by trial: whole numbers without bias, gamma, Poisson, binomial and truncated normal
// numbers, picks from weights, and shuffles. Element i takes the blocks (counter, i, t), t = 1, 2 …, of Philox for its
// trials: a stream of its own, so that it depends on the state and on i alone, however many trials others need. The streams
// of lib/philox are the blocks (counter, 0, 0). [begin, end) counts elements, rows where it says so.

import { Address } from '../lib/address'
import { Table } from '../lib/constants'
import { Math64 } from '../lib/math64'

/** Trials end somewhere: nobody reaches it, as each succeeds more often than once in three. */
const MOST = 1 << 20

/** The four words of the block (counter + offset, i, t), written to `words`. */
function block(state: usize, offset: u64, i: u32, t: u32, words: usize): void {
  const counter = load<u64>(state, 8) + offset
  let x0 = <u32>counter
  let x1 = <u32>(counter >> 32)
  let x2 = i
  let x3 = t
  let key0 = load<u32>(state)
  let key1 = load<u32>(state, 4)
  for (let round = 0; round < 10; round++) {
    const p = <u64>x0 * 0xd2511f53
    const q = <u64>x2 * 0xcd9e8d57
    x0 = <u32>(q >> 32) ^ x1 ^ key0
    x1 = <u32>q
    x2 = <u32>(p >> 32) ^ x3 ^ key1
    x3 = <u32>p
    key0 += 0x9e3779b9
    key1 += 0xbb67ae85
  }
  store<u32>(words, x0)
  store<u32>(words, x1, 4)
  store<u32>(words, x2, 8)
  store<u32>(words, x3, 12)
}

/** Of the two words at `words` 53 bits, in [0, 1). */
function unit(words: usize): f64 {
  return (<f64>(load<u32>(words) >> 5) * 67108864 + <f64>(load<u32>(words, 4) >> 6)) * 1.1102230246251565e-16
}

function log(x: f64): f64 {
  return f64x2.extract_lane(Math64.log(f64x2.splat(x)), 0)
}

function exp(x: f64): f64 {
  return f64x2.extract_lane(Math64.exp(f64x2.splat(x)), 0)
}

/** cos 2πv, v ∈ [0, 1) */
function cosTurn(v: f64): f64 {
  const quarters = nearest(v * 4)
  const angle = (v - quarters * 0.25) * load<f64>(Table.TRIG64, 21 * 8)
  return f64x2.extract_lane(Math64.arc(f64x2.splat(angle), i64x2.splat(<i64>quarters + 1)), 0)
}

/** Whether a word times a span falls among those that would make some of the numbers below the span more likely. */
function isBiased(product: u64, span: u64): bool {
  const rest = product & 0xffffffff
  return rest < span && rest < (((<u64>1) << 32) - span) % span
}

/**
 * Whole numbers low … low + span − 1 as i32 (`bytes` 4) or i64 (8), each as likely as the others; both bounds in halves.
 * A span of at most 2³² (0 in both halves is 2⁶⁴) takes word i, times the span, whose high half is the number (Lemire 2019,
 * "Fast random integer generation in an interval"); a larger one the remainder of words 2i and 2i + 1. The few that would
 * favour some numbers are drawn again from the element's own stream.
 */
export function integers(
  state: usize,
  y: usize,
  bytes: i32,
  lowLow: i32,
  lowHigh: i32,
  spanLow: i32,
  spanHigh: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const low = <u64>(<u32>lowLow) | ((<u64>(<u32>lowHigh)) << 32)
  const span = <u64>(<u32>spanLow) | ((<u64>(<u32>spanHigh)) << 32)
  const short = span - 1 < (<u64>1) << 32
  const perBlock = short ? 4 : 2
  for (let i = begin; i < end; i++) {
    const at = i & (perBlock - 1)
    if (at == 0 || i == begin) block(state, <u64>(i / perBlock), 0, 0, scratch)
    let words = scratch + <usize>(at * (short ? 4 : 8))
    let number: u64 = 0
    for (let t = 1; t < MOST; t++) {
      if (short) {
        const product = <u64>load<u32>(words) * span
        number = product >> 32
        if (!isBiased(product, span)) break
      } else {
        number = load<u64>(words)
        if (span == 0) break
        const whole = number - (number % span)
        number -= whole
        if (whole <= 0 - span) break
      }
      words = scratch + 16
      block(state, 0, i, t, words)
    }
    if (bytes == 4) store<i32>(Address.of<i32>(y, i), <i32>(low + number))
    else store<u64>(Address.of<u64>(y, i), low + number)
  }
}

enum Kind {
  gamma,
  logGamma,
  poisson,
  binomial,
  truncatedNormal,
}

/**
 * y[i] is drawn with the parameters a[i · aStep] and b[i · bStep] (steps 0 or 1): gamma(a) and its logarithm, Poisson(a),
 * binomial(a trials of probability b), or standard normal within [a, b]. What is no parameter gives NaN.
 */
export function sample(
  state: usize,
  a: usize,
  b: usize,
  y: usize,
  kind: i32,
  aStep: i32,
  bStep: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  for (let i = begin; i < end; i++) {
    const p = load<f64>(Address.of<f64>(a, i * aStep))
    const q = load<f64>(Address.of<f64>(b, i * bStep))
    let x: f64
    if (kind <= Kind.logGamma) x = gamma(state, i, scratch, p, kind == Kind.logGamma)
    else if (kind == Kind.poisson) x = poisson(state, i, scratch, p)
    else if (kind == Kind.binomial)
      x = q > 0.5 ? p - binomial(state, i, scratch, p, 1 - q) : binomial(state, i, scratch, p, q)
    else if (q < 0) x = -truncated(state, i, scratch, -q, -p)
    else x = truncated(state, i, scratch, p, q)
    store<f64>(Address.of<f64>(y, i), x)
  }
}

/**
 * Marsaglia and Tsang 2000, "A simple method for generating gamma variables": d v with v = (1 + cx)³, x normal; for a < 1
 * that of a + 1 times u^(1/a).
 */
function gamma(state: usize, i: i32, words: usize, a: f64, logarithm: bool): f64 {
  if (!(a >= 0 && a < Infinity)) return NaN
  if (a == 0) return logarithm ? -Infinity : 0
  const d = (a < 1 ? a + 1 : a) - 1.0 / 3.0
  const c = 1 / sqrt(9 * d)
  let v: f64 = 1
  for (let t = 1; t < MOST; t++) {
    block(state, 0, i, t, words)
    const radius = sqrt(-2 * log((<f64>load<u32>(words) + 1) * 2.3283064365386963e-10))
    const x = radius * cosTurn(<f64>load<u32>(words, 4) * 2.3283064365386963e-10)
    v = 1 + c * x
    if (v <= 0) continue
    v = v * v * v
    const u = unit(words + 8)
    if (u < 1 - 0.0331 * x * x * x * x || log(u) < 0.5 * x * x + d * (1 - v + log(v))) break
  }
  let power: f64 = 0
  if (a < 1) {
    block(state, 0, i, 0xffffffff, words)
    power = log(1 - unit(words)) / a
  }
  return logarithm ? log(d * v) + power : d * v * (a < 1 ? exp(power) : 1)
}

/** ln k! − (k + ½) ln k + k − ½ ln 2π: Stirling's series from 10 on, error below 1e-12. */
function stirling(k: f64): f64 {
  if (k < 10) {
    let factorial: f64 = 1
    for (let j: f64 = 2; j <= k; j++) factorial *= j
    return log(factorial) - (k + 0.5) * log(k) + k - 0.9189385332046727
  }
  const z = 1 / (k * k)
  return (1.0 / 12 - z * (1.0 / 360 - z * (1.0 / 1260 - z * (1.0 / 1680)))) / k
}

/** k ln(k/m) + m − k, near k = m by a series that does not cancel (Loader 2000, "Fast and accurate computation of binomial probabilities"). */
function deviance(k: f64, m: f64): f64 {
  const v = (k - m) / (k + m)
  if (abs(v) >= 0.1) return k * log(k / m) + m - k
  let sum = (k - m) * v
  let term = 2 * k * v
  for (let j: f64 = 3; j < MOST; j += 2) {
    term *= v * v
    const next = sum + term / j
    if (next == sum) break
    sum = next
  }
  return sum
}

/** The logarithm of Poisson's probability of k ≥ 0. */
function logPoisson(k: f64, m: f64): f64 {
  return k == 0 ? -m : -stirling(k) - deviance(k, m) - 0.5 * log(6.283185307179586 * k)
}

/** The logarithm of the binomial probability of 0 ≤ k ≤ n. */
function logBinomial(k: f64, n: f64, p: f64): f64 {
  if (k == 0) return n * log(1 - p)
  if (k == n) return n * log(p)
  const rest = n - k
  const parts = stirling(n) - stirling(k) - stirling(rest) - deviance(k, n * p) - deviance(rest, n * (1 - p))
  return parts + 0.5 * log(n / (6.283185307179586 * k * rest))
}

/** Below 10 by summing probabilities, from 10 on by Hörmann's transformed rejection PTRS (1993). */
function poisson(state: usize, i: i32, words: usize, m: f64): f64 {
  if (!(m >= 0 && m < Infinity)) return NaN
  if (m < 10) {
    block(state, 0, i, 1, words)
    let u = unit(words)
    let k: f64 = 0
    for (let p = exp(-m); u >= p && k < 200; p *= m / k) {
      u -= p
      k++
    }
    return k
  }
  const b = 0.931 + 2.53 * sqrt(m)
  const a = 0.02483 * b - 0.059
  const scale = 1.1239 + 1.1328 / (b - 3.4)
  const sure = 0.9277 - 3.6224 / (b - 2)
  for (let t = 1; t < MOST; t++) {
    block(state, 0, i, t, words)
    const u = unit(words) - 0.5
    const v = unit(words + 8)
    const s = 0.5 - abs(u)
    const k = floor(((2 * a) / s + b) * u + m + 0.43)
    if (s >= 0.07 && v <= sure) return k
    if (k >= 0 && (s >= 0.013 || v <= s) && log((v * scale) / (a / (s * s) + b)) <= logPoisson(k, m)) return k
  }
  return NaN
}

/** p ≤ ½. Below np = 10 by summing probabilities, else by Hörmann's transformed rejection BTRS (1993). */
function binomial(state: usize, i: i32, words: usize, n: f64, p: f64): f64 {
  if (!(n >= 0 && n < Infinity && floor(n) == n && p >= 0)) return NaN
  if (n * p < 10) {
    block(state, 0, i, 1, words)
    let u = unit(words)
    let k: f64 = 0
    let r = exp(n * f64x2.extract_lane(Math64.log1p(f64x2.splat(-p)), 0))
    const odds = p / (1 - p)
    while (u >= r && k < n && k < 200) {
      u -= r
      r *= ((n - k) / (k + 1)) * odds
      k++
    }
    return k
  }
  const spread = sqrt(n * p * (1 - p))
  const b = 1.15 + 2.53 * spread
  const a = 0.0248 * b + 0.01 * p - 0.0873
  const scale = (2.83 + 5.1 / b) * spread
  const sure = 0.92 - 4.2 / b
  const most = logBinomial(floor((n + 1) * p), n, p)
  for (let t = 1; t < MOST; t++) {
    block(state, 0, i, t, words)
    const u = unit(words) - 0.5
    const v = unit(words + 8)
    const s = 0.5 - abs(u)
    const k = floor(((2 * a) / s + b) * u + n * p + 0.5)
    if (s >= 0.07 && v <= sure) return k
    if (k >= 0 && k <= n && log((v * scale) / (a / (s * s) + b)) <= logBinomial(k, n, p) - most) return k
  }
  return NaN
}

/**
 * Normal within [low, high], high ≥ 0: of wide intervals around 0 those of the normal distribution that fall inside, of
 * narrow ones uniform trials, of tails exponential ones (Robert 1995, "Simulation of truncated normal variables").
 */
function truncated(state: usize, i: i32, words: usize, low: f64, high: f64): f64 {
  if (!(low <= high && low < Infinity)) return NaN
  if (low > 1e8) {
    block(state, 0, i, 1, words)
    return min(low - log(1 - unit(words)) / low, high)
  }
  const base = max(low, 0)
  const isNormal = low <= 0 && high - low > 2.5
  const isFlat = !isNormal && 0.5 * (high - base) * (high + base) < 2 + (low < 0 ? 2 : 0)
  const rate = 0.5 * (low + sqrt(low * low + 4))
  for (let t = 1; t < MOST; t++) {
    block(state, 0, i, t, words)
    const u = unit(words)
    const v = unit(words + 8)
    let x: f64
    let accepted: f64
    if (isNormal) {
      x = sqrt(-2 * log(1 - u)) * cosTurn(v)
      if (x >= low && x <= high) return x
      continue
    }
    if (isFlat) {
      x = low + (high - low) * u
      accepted = 0.5 * (base - x) * (base + x)
    } else {
      x = low - log(1 - u) / rate
      accepted = -0.5 * (x - rate) * (x - rate)
    }
    if (x <= high && v < exp(accepted)) return x
  }
  return NaN
}

/**
 * The running sums of rows of n weights, in f64; unit: row. Gives the first row that has a weight below 0, or one that is
 * no number, or none above 0; −1 if all are sound.
 */
export function accumulate(weights: usize, sums: usize, n: i32, begin: i32, end: i32): i32 {
  for (let row = begin; row < end; row++) {
    let sum: f64 = 0
    for (let j = row * n; j < (row + 1) * n; j++) {
      const w = load<f64>(Address.of<f64>(weights, j))
      if (!(w >= 0)) return row
      sum += w
      store<f64>(Address.of<f64>(sums, j), sum)
    }
    if (!(sum > 0 && sum < Infinity)) return row
  }
  return -1
}

/** y[i]: the position whose share of the sums of row ⌊i / count⌋ the number u of words 2i and 2i + 1 falls into. */
export function pick(
  state: usize,
  sums: usize,
  y: usize,
  n: i32,
  count: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  for (let i = begin; i < end; i++) {
    if ((i & 1) == 0 || i == begin) block(state, <u64>(i >> 1), 0, 0, scratch)
    const row = Address.of<f64>(sums, (i / count) * n)
    const last = n - 1
    const target = unit(scratch + <usize>((i & 1) << 3)) * load<f64>(Address.of<f64>(row, last))
    // the first sum above the target: weights of 0 add nothing, and are never first
    let low = 0
    let high = last
    while (low < high) {
      const middle = (low + high) >> 1
      if (load<f64>(Address.of<f64>(row, middle)) > target) high = middle
      else low = middle + 1
    }
    store<i32>(Address.of<i32>(y, i), low)
  }
}

/** Rows of n: 0 … n − 1 with the first `count` places of a random order (Fisher and Yates); unit: row. */
export function shuffle(state: usize, y: usize, n: i32, count: i32, scratch: usize, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const order = Address.of<i32>(y, row * n)
    for (let j = 0; j < n; j++) store<i32>(Address.of<i32>(order, j), j)
    let drawn: u32 = 0
    for (let j = 0; j < count; j++) {
      const span = <u64>(n - j)
      let product: u64
      do {
        if ((drawn & 3) == 0) block(state, 0, row, (drawn >> 2) + 1, scratch)
        product = <u64>load<u32>(scratch + ((drawn & 3) << 2)) * span
        drawn++
      } while (isBiased(product, span))
      const from = Address.of<i32>(order, j + <i32>(product >> 32))
      const value = load<i32>(from)
      store<i32>(from, load<i32>(Address.of<i32>(order, j)))
      store<i32>(Address.of<i32>(order, j), value)
    }
  }
}

/** The first element that is not within [low, high]; −1 if all are. */
export function outside(x: usize, low: f64, high: f64, begin: i32, end: i32): i32 {
  for (let i = begin; i < end; i++) {
    const v = load<f64>(Address.of<f64>(x, i))
    if (!(v >= low && v <= high)) return i
  }
  return -1
}
