// Reductions: op_T(x, y, n, inner, begin, end), x [outer, n, inner] → y [outer, inner]; [begin, end) counts outputs.
// Sums and means of f32 are within 1e-7 of Σ|x| (totals in f64, see lib/reduce). NaN wins in max, min, argmax, argmin; of
// equal elements the first index counts. n = 0 gives 0, 1, 0 and 1 for sum, prod, any and all.

import { Address } from '../lib/address'
import { Table } from '../lib/constants'
import { Part } from '../lib/part'
import { Fold, Sum } from '../lib/reduce'

/** Sums of f32 divided by `divisor`. */
function sums(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32, divisor: f64): void {
  if (inner == 1) {
    for (; begin < end; begin++)
      store<f32>(Address.of<f32>(y, begin), <f32>(Sum.row<f32>(Address.of<f32>(x, begin * n), n) / divisor))
    return
  }
  while (begin < end) {
    const outer = begin / inner
    const p = Address.of<f32>(x, outer * n * inner + (begin - outer * inner))
    const count = min(end, (outer + 1) * inner) - begin
    Sum.columns<f32>(p, Address.of<f32>(y, begin), n, (<usize>inner) << 2, count, divisor)
    begin += count
  }
}

enum Op {
  sum,
  prod,
  max,
  min,
  mean,
}

@unmanaged
class Total<T extends number> {
  @inline start(kind: i32): v128 {
    switch (kind) {
      case Op.prod:
        return v128.splat<T>(<T>1)
      case Op.max:
        return isInteger<T>() ? i32x4.splat(i32.MIN_VALUE) : v128.splat<T>(<T>-Infinity)
      case Op.min:
        return isInteger<T>() ? i32x4.splat(i32.MAX_VALUE) : v128.splat<T>(<T>Infinity)
      default:
        return Table.zero()
    }
  }

  /** NaN, once met, stays: pmax and pmin keep that of a. */
  @inline at(a: v128, b: v128, kind: i32): v128 {
    switch (kind) {
      case Op.prod:
        return v128.mul<T>(a, b)
      case Op.max:
        if (isInteger<T>()) return v128.max<T>(a, b)
        return v128.bitselect(b, v128.pmax<T>(a, b), v128.ne<T>(b, b))
      case Op.min:
        if (isInteger<T>()) return v128.min<T>(a, b)
        return v128.bitselect(b, v128.pmin<T>(a, b), v128.ne<T>(b, b))
      default:
        return v128.add<T>(a, b)
    }
  }
}

/** The loop of each type, behind every kernel that folds. */
function fold<T extends number>(kind: i32, x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  const divisor = <T>n
  while (begin < end) {
    const outer = begin / inner
    const p = Address.of<T>(x, outer * n * inner + (begin - outer * inner))
    const count = inner == 1 ? 1 : min(end, (outer + 1) * inner) - begin
    let q = Address.of<T>(y, begin)
    if (inner == 1 && isFloat<T>() && (kind == Op.sum || kind == Op.mean)) store<T>(q, <T>Sum.row<T>(p, n))
    else if (inner == 1) store<T>(q, v128.extract_lane<T>(Fold.row<Total<T>, T>(kind, p, n), 0))
    else Fold.columns<Total<T>, T>(kind, p, q, n, inner * sizeof<T>(), count * <i32>sizeof<T>())
    begin += count
    if (kind == Op.mean)
      for (const stop = Address.of<T>(y, begin); q < stop; q += sizeof<T>()) store<T>(q, <T>(load<T>(q) / divisor))
  }
}

/** Indices of the largest of x ^ flip: with the sign (i32: all bits) flipped, of the smallest x. */
function best<T extends number>(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32, flip: v128): void {
  const step = inner * <i32>sizeof<T>()
  const one = sizeof<T>() == 8 ? i64x2.splat(1) : i32x4.splat(1)
  while (begin < end) {
    const outer = begin / inner
    const count = min(min(end, (outer + 1) * inner) - begin, <i32>(16 / sizeof<T>()))
    const bytes = count * <i32>sizeof<T>()
    let p = Address.of<T>(x, outer * n * inner + (begin - outer * inner))
    let top = v128.xor(bytes == 16 ? v128.load(p) : Part.load(p, bytes), flip)
    let at = Table.zero()
    let index = at
    for (let i = 1; i < n; i++) {
      p += step
      index = sizeof<T>() == 8 ? i64x2.add(index, one) : i32x4.add(index, one)
      const v = v128.xor(bytes == 16 ? v128.load(p) : Part.load(p, bytes), flip)
      let wins = v128.gt<T>(v, top)
      if (isFloat<T>()) wins = v128.or(wins, v128.andnot(v128.ne<T>(v, v), v128.ne<T>(top, top)))
      top = v128.bitselect(v, top, wins)
      at = v128.bitselect(index, at, wins)
    }
    if (sizeof<T>() == 8) at = v128.shuffle<i32>(at, at, 0, 2, 0, 2)
    Part.store(Address.of<i32>(y, begin), at, count << 2)
    begin += count
  }
}

/** The same for rows: the largest element first, then where it stands. */
function bestOfRow<T extends number>(x: usize, y: usize, n: i32, begin: i32, end: i32, flip: v128): void {
  const op = changetype<Total<T>>(0)
  const lanes = <i32>(16 / sizeof<T>())
  for (; begin < end; begin++) {
    const row = Address.of<T>(x, begin * n)
    let a = v128.xor(v128.load_splat<T>(row), flip)
    let b = a
    let p = row
    let i = 0
    for (; i + 2 * lanes <= n; i += 2 * lanes) {
      a = op.at(a, v128.xor(v128.load(p), flip), Op.max)
      b = op.at(b, v128.xor(v128.load(p, 16), flip), Op.max)
      p += 32
    }
    a = op.at(a, b, Op.max)
    a = op.at(a, v128.shuffle<i64>(a, a, 1, 0), Op.max)
    if (sizeof<T>() == 4) a = op.at(a, v128.shuffle<i32>(a, a, 1, 0, 3, 2), Op.max)
    for (; i < n; i++) {
      a = op.at(a, v128.xor(v128.load_splat<T>(p), flip), Op.max)
      p += sizeof<T>()
    }
    // equal to it, or NaN as it is
    const isNaN = isFloat<T>() && v128.any_true(v128.ne<T>(a, a))
    p = row
    for (i = 0; i + lanes <= n; i += lanes) {
      const v = v128.xor(v128.load(p), flip)
      if (v128.any_true(isNaN ? v128.ne<T>(v, v) : v128.eq<T>(v, a))) break
      p += 16
    }
    for (; i < n; i++) {
      const v = v128.xor(v128.load_splat<T>(p), flip)
      if (v128.any_true(isNaN ? v128.ne<T>(v, v) : v128.eq<T>(v, a))) break
      p += sizeof<T>()
    }
    store<i32>(Address.of<i32>(y, begin), i)
  }
}

function argument<T extends number>(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32, flip: v128): void {
  if (inner == 1) bestOfRow<T>(x, y, n, begin, end, flip)
  else best<T>(x, y, n, inner, begin, end, flip)
}

/** Bytes: any (sought 1) looks for one that is not 0, all (sought 0) for one that is. */
function seek(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32, sought: i32): void {
  const zero = Table.zero()
  const flip = i8x16.splat(<i8>(sought - 1))
  const found = i8x16.splat(1)
  while (begin < end) {
    const outer = begin / inner
    let p = x + outer * n * inner + (begin - outer * inner)
    let seen = zero
    let count = 1
    if (inner == 1) {
      let left = n
      for (; left >= 16 && !v128.any_true(seen); left -= 16) {
        seen = v128.xor(i8x16.ne(v128.load(p), zero), flip)
        p += 16
      }
      for (; left > 0 && !v128.any_true(seen); left--) seen = v128.xor(i8x16.ne(v128.load8_splat(p++), zero), flip)
      if (v128.any_true(seen)) seen = found
    } else {
      count = min(min(end, (outer + 1) * inner) - begin, 16)
      for (let i = 0; i < n; i++) {
        seen = v128.or(seen, v128.xor(i8x16.ne(Part.load(p, count), zero), flip))
        p += inner
      }
    }
    Part.store(y + begin, v128.and(v128.xor(seen, flip), found), count)
    begin += count
  }
}

export function sum_f32(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  sums(x, y, n, inner, begin, end, 1)
}
export function mean_f32(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  sums(x, y, n, inner, begin, end, n)
}
export function sum_f64(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  fold<f64>(Op.sum, x, y, n, inner, begin, end)
}
export function sum_i32(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  fold<i32>(Op.sum, x, y, n, inner, begin, end)
}
export function mean_f64(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  fold<f64>(Op.mean, x, y, n, inner, begin, end)
}
export function prod_f32(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  fold<f32>(Op.prod, x, y, n, inner, begin, end)
}
export function prod_f64(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  fold<f64>(Op.prod, x, y, n, inner, begin, end)
}
export function prod_i32(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  fold<i32>(Op.prod, x, y, n, inner, begin, end)
}
export function max_f32(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  fold<f32>(Op.max, x, y, n, inner, begin, end)
}
export function max_f64(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  fold<f64>(Op.max, x, y, n, inner, begin, end)
}
export function max_i32(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  fold<i32>(Op.max, x, y, n, inner, begin, end)
}
export function min_f32(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  fold<f32>(Op.min, x, y, n, inner, begin, end)
}
export function min_f64(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  fold<f64>(Op.min, x, y, n, inner, begin, end)
}
export function min_i32(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  fold<i32>(Op.min, x, y, n, inner, begin, end)
}
export function argmax_f32(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  argument<f32>(x, y, n, inner, begin, end, Table.zero())
}
export function argmin_f32(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  argument<f32>(x, y, n, inner, begin, end, f32x4.splat(-0.0))
}
export function argmax_f64(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  argument<f64>(x, y, n, inner, begin, end, Table.zero())
}
export function argmin_f64(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  argument<f64>(x, y, n, inner, begin, end, f64x2.splat(-0.0))
}
export function argmax_i32(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  argument<i32>(x, y, n, inner, begin, end, Table.zero())
}
export function argmin_i32(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  argument<i32>(x, y, n, inner, begin, end, i32x4.splat(-1))
}
export function any_u8(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  seek(x, y, n, inner, begin, end, 1)
}
export function all_u8(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  seek(x, y, n, inner, begin, end, 0)
}
