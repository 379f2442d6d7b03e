// Random numbers that are drawn by trial: element i takes the blocks (counter, i, t), t = 1, 2 …, of Philox for its trials,
// a stream of its own. Sources of the methods: see assembly/tensor/sampling.ts.
import { heap } from '../memory/heap.ts'
import type { Twins } from './family.ts'
import { block, mulHigh, unit53 } from './random.ts'

/** Words of the block at hand, then of a further one. */
const words = new Uint32Array(8)
const unit = (at: number): number => unit53(words[at], words[at + 1])
const wide = (low: number, high: number): bigint => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)

/** The high and the low half of a word times a span of at most 2³². */
const high = (word: number, span: number): number => (span === 2 ** 32 ? word : mulHigh(word | 0, span | 0) >>> 0)
const low = (word: number, span: number): number => Math.imul(word, span) >>> 0
const isBiased = (rest: number, span: number): boolean => rest < span && rest < (2 ** 32 - span) % span

function gamma(state: number, i: number, a: number, logarithm: boolean): number {
  if (!(a >= 0 && a < Number.POSITIVE_INFINITY)) return Number.NaN
  if (a === 0) return logarithm ? Number.NEGATIVE_INFINITY : 0
  const d = (a < 1 ? a + 1 : a) - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  let v = 0
  for (let t = 1; ; t++) {
    block(state, 0, i, t, words, 0)
    const radius = Math.sqrt(-2 * Math.log((words[0] + 1) * 2 ** -32))
    const x = radius * Math.cos(2 * Math.PI * words[1] * 2 ** -32)
    v = 1 + c * x
    if (v <= 0) continue
    v = v * v * v
    const u = unit(2)
    if (u < 1 - 0.0331 * x * x * x * x || Math.log(u) < 0.5 * x * x + d * (1 - v + Math.log(v))) break
  }
  let power = 0
  if (a < 1) {
    block(state, 0, i, 0xffffffff, words, 0)
    power = Math.log(1 - unit(0)) / a
  }
  return logarithm ? Math.log(d * v) + power : d * v * Math.exp(power)
}

/** ln k! − (k + ½) ln k + k − ½ ln 2π */
function stirling(k: number): number {
  if (k < 10) {
    let factorial = 1
    for (let j = 2; j <= k; j++) factorial *= j
    return Math.log(factorial) - (k + 0.5) * Math.log(k) + k - 0.9189385332046727
  }
  const z = 1 / (k * k)
  return (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z / 1680))) / k
}

/** k ln(k/m) + m − k */
function deviance(k: number, m: number): number {
  const v = (k - m) / (k + m)
  if (Math.abs(v) >= 0.1) return k * Math.log(k / m) + m - k
  let sum = (k - m) * v
  let term = 2 * k * v
  for (let j = 3; ; j += 2) {
    term *= v * v
    const next = sum + term / j
    if (next === sum) return sum
    sum = next
  }
}

const logPoisson = (k: number, m: number): number =>
  k === 0 ? -m : -stirling(k) - deviance(k, m) - 0.5 * Math.log(2 * Math.PI * k)

function logBinomial(k: number, n: number, p: number): number {
  if (k === 0) return n * Math.log(1 - p)
  if (k === n) return n * Math.log(p)
  const rest = n - k
  const parts = stirling(n) - stirling(k) - stirling(rest) - deviance(k, n * p) - deviance(rest, n * (1 - p))
  return parts + 0.5 * Math.log(n / (2 * Math.PI * k * rest))
}

/** Trials under a hat that fits both, of location m: a number k where `fits(k)` is at least the logarithm of the trial. */
function rejection(
  state: number,
  i: number,
  { a, b, m, scale, sure }: Readonly<Record<'a' | 'b' | 'm' | 'scale' | 'sure', number>>,
  fits: (k: number) => number,
  most: number,
): number {
  for (let t = 1; ; t++) {
    block(state, 0, i, t, words, 0)
    const u = unit(0) - 0.5
    const v = unit(2)
    const s = 0.5 - Math.abs(u)
    const k = Math.floor(((2 * a) / s + b) * u + m)
    if (s >= 0.07 && v <= sure) return k
    if (k >= 0 && k <= most && Math.log((v * scale) / (a / (s * s) + b)) <= fits(k)) return k
  }
}

function poisson(state: number, i: number, m: number): number {
  if (!(m >= 0 && m < Number.POSITIVE_INFINITY)) return Number.NaN
  if (m < 10) {
    block(state, 0, i, 1, words, 0)
    let u = unit(0)
    let k = 0
    for (let p = Math.exp(-m); u >= p && k < 200; p *= m / k) {
      u -= p
      k++
    }
    return k
  }
  const b = 0.931 + 2.53 * Math.sqrt(m)
  const a = 0.02483 * b - 0.059
  const hat = { a, b, m: m + 0.43, scale: 1.1239 + 1.1328 / (b - 3.4), sure: 0.9277 - 3.6224 / (b - 2) }
  return rejection(state, i, hat, (k) => logPoisson(k, m), Number.MAX_VALUE)
}

function binomial(state: number, i: number, n: number, p: number): number {
  if (!(n >= 0 && n < Number.POSITIVE_INFINITY && Math.floor(n) === n && p >= 0)) return Number.NaN
  if (n * p < 10) {
    block(state, 0, i, 1, words, 0)
    let u = unit(0)
    let k = 0
    let r = Math.exp(n * Math.log1p(-p))
    const odds = p / (1 - p)
    while (u >= r && k < n && k < 200) {
      u -= r
      r *= ((n - k) / (k + 1)) * odds
      k++
    }
    return k
  }
  const spread = Math.sqrt(n * p * (1 - p))
  const b = 1.15 + 2.53 * spread
  const a = 0.0248 * b + 0.01 * p - 0.0873
  const most = logBinomial(Math.floor((n + 1) * p), n, p)
  const hat = { a, b, m: n * p + 0.5, scale: (2.83 + 5.1 / b) * spread, sure: 0.92 - 4.2 / b }
  return rejection(state, i, hat, (k) => logBinomial(k, n, p) - most, n)
}

/** Normal within [least, most], most ≥ 0. */
function truncated(state: number, i: number, least: number, most: number): number {
  if (!(least <= most && least < Number.POSITIVE_INFINITY)) return Number.NaN
  if (least > 1e8) {
    block(state, 0, i, 1, words, 0)
    return Math.min(least - Math.log(1 - unit(0)) / least, most)
  }
  const base = Math.max(least, 0)
  const isNormal = least <= 0 && most - least > 2.5
  const isFlat = !isNormal && 0.5 * (most - base) * (most + base) < 2 + (least < 0 ? 2 : 0)
  const rate = 0.5 * (least + Math.sqrt(least * least + 4))
  for (let t = 1; ; t++) {
    block(state, 0, i, t, words, 0)
    const [u, v] = [unit(0), unit(2)]
    if (isNormal) {
      const x = Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v)
      if (x >= least && x <= most) return x
      continue
    }
    const x = isFlat ? least + (most - least) * u : least - Math.log(1 - u) / rate
    const accepted = isFlat ? 0.5 * (base - x) * (base + x) : -0.5 * (x - rate) * (x - rate)
    if (x <= most && v < Math.exp(accepted)) return x
  }
}

/** By kind: 0 gamma, 1 its logarithm, 2 Poisson, 3 binomial, 4 normal between bounds. */
const SAMPLERS: readonly ((state: number, i: number, a: number, b: number) => number)[] = [
  (state, i, a) => gamma(state, i, a, false),
  (state, i, a) => gamma(state, i, a, true),
  poisson,
  (state, i, n, p) => (p > 0.5 ? n - binomial(state, i, n, 1 - p) : binomial(state, i, n, p)),
  (state, i, a, b) => (b < 0 ? -truncated(state, i, -b, -a) : truncated(state, i, a, b)),
]

export const sampling: Twins = {
  /** Whole numbers low … low + span − 1 without bias, as i32 or i64; a span of 0 is 2⁶⁴. */
  integers(state, y, bytes, lowLow, lowHigh, spanLow, spanHigh, _scratch, begin, end) {
    const { u32 } = heap
    const least = wide(lowLow, lowHigh)
    const span = wide(spanLow, spanHigh)
    const short = span !== 0n && span <= 2n ** 32n
    const narrow = short ? Number(span) : 0
    y >>>= 2
    for (let i = begin; i < end; i++) {
      let at = short ? i % 4 : (i % 2) * 2
      block(state, Math.floor(i / (short ? 4 : 2)), 0, 0, words, 0)
      let number = 0n
      for (let t = 1; ; t++) {
        if (short) {
          number = BigInt(high(words[at], narrow))
          if (!isBiased(low(words[at], narrow), narrow)) break
        } else {
          const word = wide(words[at], words[at + 1])
          number = span === 0n ? word : word % span
          if (span === 0n || word - number <= 2n ** 64n - span) break
        }
        at = 4
        block(state, 0, i, t, words, 4)
      }
      const value = BigInt.asUintN(64, least + number)
      if (bytes === 4) u32[y + i] = Number(value & 0xffffffffn)
      else {
        u32[y + 2 * i] = Number(value & 0xffffffffn)
        u32[y + 2 * i + 1] = Number(value >> 32n)
      }
    }
  },

  /** y[i] drawn by the sampler of this kind with a[i · aStep] and b[i · bStep]. */
  sample(state, a, b, y, kind, aStep, bStep, _scratch, begin, end) {
    const { f64 } = heap
    const draw = SAMPLERS[kind]
    a >>>= 3
    b >>>= 3
    y >>>= 3
    for (let i = begin; i < end; i++) f64[y + i] = draw(state, i, f64[a + i * aStep], f64[b + i * bStep])
  },

  /** Running sums of rows of n weights; gives the first row that is not sound, or −1. */
  accumulate(weights, sums, n, begin, end) {
    const { f64 } = heap
    weights >>>= 3
    sums >>>= 3
    for (let row = begin; row < end; row++) {
      let sum = 0
      for (let j = row * n; j < (row + 1) * n; j++) {
        if (!(f64[weights + j] >= 0)) return row
        sum += f64[weights + j]
        f64[sums + j] = sum
      }
      if (!(sum > 0 && sum < Number.POSITIVE_INFINITY)) return row
    }
    return -1
  },

  /** y[i]: the first position whose sum lies above u times the total. */
  pick(state, sums, y, n, count, _scratch, begin, end) {
    const { f64, i32 } = heap
    sums >>>= 3
    y >>>= 2
    for (let i = begin; i < end; i++) {
      block(state, Math.floor(i / 2), 0, 0, words, 0)
      const row = sums + Math.floor(i / count) * n
      const target = unit((i % 2) * 2) * f64[row + n - 1]
      let first = 0
      let last = n - 1
      while (first < last) {
        const middle = (first + last) >> 1
        if (f64[row + middle] > target) last = middle
        else first = middle + 1
      }
      i32[y + i] = first
    }
  },

  /** Rows of 0 … n − 1 with the first `count` places in random order. */
  shuffle(state, y, n, count, _scratch, begin, end) {
    const { i32 } = heap
    y >>>= 2
    for (let row = begin; row < end; row++) {
      const order = y + row * n
      for (let j = 0; j < n; j++) i32[order + j] = j
      let drawn = 0
      for (let j = 0; j < count; j++) {
        const span = n - j
        let word = 0
        do {
          if (drawn % 4 === 0) block(state, 0, row, drawn / 4 + 1, words, 0)
          word = words[drawn % 4]
          drawn++
        } while (isBiased(low(word, span), span))
        const from = order + j + high(word, span)
        const value = i32[from]
        i32[from] = i32[order + j]
        i32[order + j] = value
      }
    }
  },

  /** The first element outside of [least, most], or −1. */
  outside(x, least, most, begin, end) {
    const { f64 } = heap
    x >>>= 3
    for (let i = begin; i < end; i++) if (!(f64[x + i] >= least && f64[x + i] <= most)) return i
    return -1
  },
}
