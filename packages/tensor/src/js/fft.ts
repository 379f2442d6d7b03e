// Twins of the Fourier transforms: see assembly/tensor/fft for the parameters. Buffers hold pairs in float64.
import { heap } from '../memory/heap.ts'
import { forTypes, log2Bytes, type Twins, type View } from './family.ts'

const INVERSE = 1
const REAL_IN = 2
const REAL_OUT = 4
const TWICE_IN = 8
const TWICE_OUT = 16

/**
 * Σ x[j] e^(−2πi jk/n) of n pairs at x, through y; returns which of the two holds the result. `roots` has n · every of them.
 * Stockham's stages: numbers q + s (p + m j) of one buffer become numbers q + s (r p + k) of the other.
 */
function run(f: Float64Array, x: number, y: number, n: number, roots: number, every: number): number {
  let stride = 1
  for (let left = n; left > 1; ) {
    const radix = left % 4 === 0 ? 4 : left % 2 === 0 ? 2 : left % 3 === 0 ? 3 : 5
    left /= radix
    if (radix === 4) fours(f, x, y, left, stride, roots, every)
    else stage(f, x, y, radix, left, stride, roots, every, n)
    stride *= radix
    ;[x, y] = [y, x]
  }
  return x
}

/** The stage of radix 4, which nearly all of the work is. */
function fours(f: Float64Array, x: number, y: number, m: number, s: number, roots: number, every: number): void {
  const quarter = 2 * s * m
  for (let p = 0; p < m; p++) {
    const w1 = roots + 2 * p * s * every
    const w2 = w1 + (w1 - roots)
    const w3 = w2 + (w1 - roots)
    const [c1, s1, c2, s2, c3, s3] = [f[w1], f[w1 + 1], f[w2], f[w2 + 1], f[w3], f[w3 + 1]]
    for (let q = 0; q < s; q++) {
      const a = x + 2 * (q + s * p)
      const b = a + quarter
      const c = b + quarter
      const d = c + quarter
      const to = y + 2 * (q + 4 * s * p)
      const acR = f[a] + f[c]
      const acI = f[a + 1] + f[c + 1]
      const bdR = f[b] + f[d]
      const bdI = f[b + 1] + f[d + 1]
      const eR = f[a] - f[c]
      const eI = f[a + 1] - f[c + 1]
      const gR = f[b + 1] - f[d + 1]
      const gI = f[d] - f[b]
      f[to] = acR + bdR
      f[to + 1] = acI + bdI
      const one = to + 2 * s
      f[one] = (eR + gR) * c1 - (eI + gI) * s1
      f[one + 1] = (eR + gR) * s1 + (eI + gI) * c1
      const two = one + 2 * s
      f[two] = (acR - bdR) * c2 - (acI - bdI) * s2
      f[two + 1] = (acR - bdR) * s2 + (acI - bdI) * c2
      const three = two + 2 * s
      f[three] = (eR - gR) * c3 - (eI - gI) * s3
      f[three + 1] = (eR - gR) * s3 + (eI - gI) * c3
    }
  }
}

/** A stage of any radix, by its definition. */
function stage(
  f: Float64Array,
  x: number,
  y: number,
  radix: number,
  m: number,
  s: number,
  roots: number,
  every: number,
  n: number,
): void {
  for (let p = 0; p < m; p++) {
    for (let k = 0; k < radix; k++) {
      for (let q = 0; q < s; q++) {
        let re = 0
        let im = 0
        for (let j = 0; j < radix; j++) {
          const at = x + 2 * (q + s * (p + m * j))
          const w = roots + 2 * every * ((k * (p * s + (j * n) / radix)) % n)
          re += f[at] * f[w] - f[at + 1] * f[w + 1]
          im += f[at] * f[w + 1] + f[at + 1] * f[w]
        }
        const to = y + 2 * (q + s * (radix * p + k))
        f[to] = re
        f[to + 1] = im
      }
    }
  }
}

/** x[i] *= w[i] for pairs, whose parts are exchanged then if wanted. */
function multiply(f: Float64Array, x: number, w: number, n: number, swap: boolean): void {
  for (let i = 0; i < 2 * n; i += 2) {
    const re = f[x + i] * f[w + i] - f[x + i + 1] * f[w + i + 1]
    const im = f[x + i] * f[w + i + 1] + f[x + i + 1] * f[w + i]
    f[x + i] = swap ? im : re
    f[x + i + 1] = swap ? re : im
  }
}

function convolved(f: Float64Array, a: number, b: number, table: number, n: number, long: number): number {
  const chirp = table + 2 * long
  f.fill(0, a + 2 * n, a + 2 * long)
  multiply(f, a, chirp, n, false)
  const z = run(f, a, b, long, table, 1)
  multiply(f, z, chirp + 2 * n, long, true)
  const y = run(f, z, z === a ? b : a, long, table, 1)
  for (let i = y; i < y + 2 * n; i += 2) {
    const re = f[i]
    f[i] = f[i + 1]
    f[i + 1] = re
  }
  multiply(f, y, chirp, n, false)
  return y
}

function read(h: View, x: number, to: number, n: number, count: number, inner: number, flags: number): void {
  const f = heap.f64
  const real = (flags & REAL_IN) !== 0
  const swap = flags & INVERSE
  for (let i = 0; i < n; i++) {
    const at = x + i * inner * (real ? 1 : 2)
    const factor = i >= count ? 0 : flags & TWICE_IN && i > 0 && 2 * i !== n ? 2 : 1
    f[to + 2 * i + swap] = factor === 0 ? 0 : factor * h[at]
    f[to + 2 * i + 1 - swap] = factor === 0 || real ? 0 : factor * h[at + 1]
  }
}

function write(
  h: View,
  z: number,
  y: number,
  n: number,
  made: number,
  inner: number,
  flags: number,
  scale: number,
): void {
  const f = heap.f64
  const real = (flags & REAL_OUT) !== 0
  const swap = flags & INVERSE
  for (let i = 0; i < made; i++) {
    const to = y + i * inner * (real ? 1 : 2)
    const factor = flags & TWICE_OUT && i > 0 && 2 * i !== n ? 2 * scale : scale
    h[to] = i < n ? f[z + 2 * i + swap] * factor : 0
    if (!real) h[to + 1] = i < n ? f[z + 2 * i + 1 - swap] * factor : 0
  }
}

export const fft: Twins = {
  ...forTypes(['f32', 'f64'], {
    fft(type, x, y, table, n, long, count, made, inner, flags, scale, first, work, scratch, begin, end) {
      const h = heap[type]
      const { f64 } = heap
      const shift = log2Bytes[type]
      const size = 2 * (long || n)
      for (let k = begin; k < end; k++) {
        const column = (first + k) % inner
        const outer = (first + k - column) / inner
        const a = work ? work / 8 + 2 * k * size : scratch / 8
        const from = (x >>> shift) + (outer * count * inner + column) * (flags & REAL_IN ? 1 : 2)
        const to = (y >>> shift) + (outer * made * inner + column) * (flags & REAL_OUT ? 1 : 2)
        read(h, from, a, n, count, inner, flags)
        const z = long ? convolved(f64, a, a + size, table / 8, n, long) : run(f64, a, a + size, n, table / 8, 1)
        write(h, z, to, n, made, inner, flags, scale)
      }
    },
  }),

  /** y[k] = e^(−2πi t/n), t = k or k². */
  fftRoots_f64(y, n, square, begin, end) {
    const { f64 } = heap
    for (let k = begin; k < end; k++) {
      const t = square ? (k * k) % n : k
      // To an eighth of a turn around the nearest quarter.
      const quarters = Math.round((4 * t) / n)
      const angle = (((4 * t - quarters * n) / n) * Math.PI) / 2
      const [c, s] = [Math.cos(angle), Math.sin(angle)]
      const [re, im] = [
        [c, s],
        [-s, c],
        [-c, -s],
        [s, -c],
      ][quarters % 4]
      f64[y / 8 + 2 * k] = re
      f64[y / 8 + 2 * k + 1] = -im
    }
  },
}
