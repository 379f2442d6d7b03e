// Fourier transforms along one axis, of float32 and float64 numbers, computed in float64.
//
// x [outer, count, inner] and y [outer, made, inner] hold pairs of real and imaginary part, or single real numbers where
// `flags` says so. Of n inputs those from `count` on count as zero; of n outputs the first `made` are written, and zeros
// behind the n-th. The results are multiplied by `scale`. [begin, end) are transforms, counted from `first`, in the order
// of (outer, inner). Relative error, beside the largest result: 1e-16 log n in float64, one rounding in float32.
//
// Where n has prime factors beyond 5, `long` is the length of the convolution that stands in for the transform
// (L. Bluestein 1970), else 0. `table` holds e^(−2πi k/n), k < n; with `long` those of `long`, e^(−πi k²/n), and the transform of
// what is convolved. Each transform needs two buffers of that many pairs: in scratch, or from `work` on.

import { Address } from '../lib/address'
import { Math64 } from '../lib/math64'
import { Transform } from './fft/transform'

/** e^(+2πi jk/n) instead of e^(−2πi jk/n). */
const INVERSE: i32 = 1
/** The input is real. */
const REAL_IN: i32 = 2
/** Only the real part of the output is wanted. */
const REAL_OUT: i32 = 4
/** Inputs (outputs) count twice but for number 0 and n / 2: half of a spectrum stands for all of it. */
const TWICE_IN: i32 = 8
const TWICE_OUT: i32 = 16

class Fourier {
  static run<T extends number>(
    x: usize,
    y: usize,
    table: usize,
    n: i32,
    long: i32,
    count: i32,
    made: i32,
    inner: i32,
    flags: i32,
    scale: f64,
    first: i32,
    work: usize,
    scratch: usize,
    begin: i32,
    end: i32,
  ): void {
    const half = n >> 1
    const isHalf = long == 0 && n % 2 == 0
    const size = (<usize>(long ? long : n)) << 4
    for (let k = begin; k < end; k++) {
      const u = first + k
      const outer = u / inner
      const column = u - outer * inner
      const a = work ? work + 2 * <usize>k * size : scratch
      const b = a + size
      const singles = (flags & REAL_IN) != 0
      const from = Address.of<T>(x, (outer * count * inner + column) << (singles ? 0 : 1))
      const to = Address.of<T>(y, (outer * made * inner + column) << (flags & REAL_OUT ? 0 : 1))
      if (singles && !(flags & REAL_OUT) && isHalf && made <= half + 1) {
        pairs<T>(from, a, n, count, inner)
        const z = Transform.run(a, b, half, table, 2)
        const result = z == a ? b : a
        separate(z, result, table, half, made, (flags & INVERSE) != 0)
        write<T>(result, 16, to, n, made, inner, flags & ~INVERSE, scale)
      } else if (flags & REAL_OUT && !singles && isHalf && count <= half + 1) {
        read<T>(from, a, half + 1, count, inner, n, flags & ~INVERSE)
        merge(a, b, table, half, (flags & INVERSE) != 0)
        const z = Transform.run(b, a, half, table, 2)
        write<T>(z, 8, to, n, made, inner, flags & ~INVERSE, scale)
      } else {
        read<T>(from, a, n, count, inner, n, flags)
        const z = long ? convolved(a, b, table, n, long) : Transform.run(a, b, n, table, 1)
        write<T>(z, 16, to, n, made, inner, flags, scale)
      }
    }
  }
}

/** `length` pairs, of which `count` are there; parts are exchanged for the inverse transform, which is all that it takes. */
function read<T extends number>(x: usize, to: usize, length: i32, count: i32, inner: i32, n: i32, flags: i32): void {
  const given = min(count, length)
  const step = Address.bytes<T>(flags & REAL_IN ? inner : 2 * inner)
  const swap = flags & INVERSE ? 8 : 0
  for (let i = 0; i < given; i++) {
    let re = <f64>load<T>(x)
    let im = flags & REAL_IN ? 0 : <f64>load<T>(x, sizeof<T>())
    if (flags & TWICE_IN && i > 0 && 2 * i != n) {
      re *= 2
      im *= 2
    }
    store<f64>(to + swap, re)
    store<f64>(to + 8 - swap, im)
    x += step
    to += 16
  }
  if (length > given) memory.fill(to, 0, (<usize>(length - given)) << 4)
}

/** Real numbers two by two as pairs. */
function pairs<T extends number>(x: usize, to: usize, n: i32, count: i32, inner: i32): void {
  const given = min(count, n)
  for (let i = 0; i < given; i++) {
    store<f64>(to, <f64>load<T>(x))
    x += Address.bytes<T>(inner)
    to += 8
  }
  memory.fill(to, 0, (<usize>(n - given)) << 3)
}

/** The first of the results, `zStep` bytes apart. */
function write<T extends number>(
  z: usize,
  zStep: usize,
  y: usize,
  n: i32,
  made: i32,
  inner: i32,
  flags: i32,
  scale: f64,
): void {
  const step = Address.bytes<T>(flags & REAL_OUT ? inner : 2 * inner)
  const swap = flags & INVERSE ? 8 : 0
  for (let i = 0; i < made; i++) {
    const inside = i < n
    const factor = flags & TWICE_OUT && i > 0 && 2 * i != n ? 2 * scale : scale
    store<T>(y, <T>(inside ? load<f64>(z + swap) * factor : 0))
    if (!(flags & REAL_OUT)) store<T>(y, <T>(inside ? load<f64>(z + 8 - swap) * factor : 0), sizeof<T>())
    y += step
    z += zStep
  }
}

/** The spectrum of n real numbers up to number n / 2 from the transform z of their pairs. */
function separate(z: usize, to: usize, roots: usize, half: i32, made: i32, conjugate: bool): void {
  for (let k = 0; k < made; k++) {
    const p = z + ((<usize>(k % half)) << 4)
    const q = z + ((<usize>((half - k) % half)) << 4)
    const a = load<f64>(p)
    const b = load<f64>(p, 8)
    const c = load<f64>(q)
    const d = -load<f64>(q, 8)
    // E + w O, where E are the even numbers' spectrum and O the odd ones'
    const re = (b - d) / 2
    const im = (c - a) / 2
    const w = load<f64>(roots)
    const v = load<f64>(roots, 8)
    const odd = (b + d) / 2 + (re * v + im * w)
    store<f64>(to, (a + c) / 2 + (re * w - im * v))
    store<f64>(to, conjugate ? -odd : odd, 8)
    to += 16
    roots += 16
  }
}

/** What transforms to pairs of real numbers, from half of the spectrum, of which the real part is wanted. */
function merge(x: usize, to: usize, roots: usize, half: i32, conjugate: bool): void {
  const sign: f64 = conjugate ? -0.5 : 0.5
  const first = load<f64>(x)
  const middle = load<f64>(x + ((<usize>half) << 4))
  store<f64>(to, first + middle)
  store<f64>(to, first - middle, 8)
  for (let k = 1; k < half; k++) {
    const p = x + ((<usize>k) << 4)
    const q = x + ((<usize>(half - k)) << 4)
    const at = roots + ((<usize>k) << 4)
    const a = 0.5 * load<f64>(p)
    const b = sign * load<f64>(p, 8)
    const c = 0.5 * load<f64>(q)
    const d = -sign * load<f64>(q, 8)
    const w = load<f64>(at)
    const v = load<f64>(at, 8)
    to += 16
    store<f64>(to, a + c - ((a - c) * v + (b - d) * w))
    store<f64>(to, b + d + ((a - c) * w - (b - d) * v), 8)
  }
}

/** Any n: jk = (j² + k² − (k − j)²) / 2 makes a convolution of the transform. */
function convolved(a: usize, b: usize, table: usize, n: i32, long: i32): usize {
  const chirp = table + ((<usize>long) << 4)
  const other = chirp + ((<usize>n) << 4)
  memory.fill(a + ((<usize>n) << 4), 0, (<usize>(long - n)) << 4)
  multiply(a, chirp, n, false)
  const z = Transform.run(a, b, long, table, 1)
  multiply(z, other, long, true)
  const y = Transform.run(z, z == a ? b : a, long, table, 1)
  exchange(y, n)
  multiply(y, chirp, n, false)
  return y
}

/** x[i] *= w[i]; then, if wanted, its parts are exchanged. */
function multiply(x: usize, w: usize, n: i32, swap: bool): void {
  for (const stop = x + ((<usize>n) << 4); x < stop; x += 16) {
    const y = Transform.times(v128.load(x), w)
    v128.store(x, swap ? v128.shuffle<i64>(y, y, 1, 0) : y)
    w += 16
  }
}

function exchange(x: usize, n: i32): void {
  for (const stop = x + ((<usize>n) << 4); x < stop; x += 16) {
    const y = v128.load(x)
    v128.store(x, v128.shuffle<i64>(y, y, 1, 0))
  }
}

export function fft_f32(
  x: usize,
  y: usize,
  table: usize,
  n: i32,
  long: i32,
  count: i32,
  made: i32,
  inner: i32,
  flags: i32,
  scale: f64,
  first: i32,
  work: usize,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  Fourier.run<f32>(x, y, table, n, long, count, made, inner, flags, scale, first, work, scratch, begin, end)
}

export function fft_f64(
  x: usize,
  y: usize,
  table: usize,
  n: i32,
  long: i32,
  count: i32,
  made: i32,
  inner: i32,
  flags: i32,
  scale: f64,
  first: i32,
  work: usize,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  Fourier.run<f64>(x, y, table, n, long, count, made, inner, flags, scale, first, work, scratch, begin, end)
}

/** y[k] = e^(−2πi t/n) as a pair, where t is k, or with `square` its square. 1 ulp. */
export function fftRoots_f64(y: usize, n: i32, square: i32, begin: i32, end: i32): void {
  for (let k = <i64>begin; k < <i64>end; k++) {
    const t = square ? (k * k) % <i64>n : k
    const quarters = (8 * t + <i64>n) / (2 * <i64>n)
    const rest: i64 = 4 * t - quarters * <i64>n
    const angle = (<f64>rest / <f64>n) * 1.5707963267948966
    const both = i64x2.add(i64x2.splat(quarters), i64x2.replace_lane(i64x2.splat(0), 0, 1))
    const root = Math64.arc(f64x2.splat(angle), both)
    v128.store(y + ((<usize>k) << 4), v128.xor(root, v128.load(Transform.SIGNS, 8)))
  }
}
