// Reductions: op_T(x, y, n, inner, begin, end), x [outer, n, inner] → y [outer, inner]; [begin, end) counts outputs.
// Sums and means of f32 are within 1e-7 of Σ|x| (totals in f64, see lib/reduce). NaN wins in max, min, argmax, argmin; of
// equal elements the first index counts. n = 0 gives 0, 1, 0 and 1 for sum, prod, any and all.

import { Address } from '../lib/address'
import { Table } from '../lib/constants'
import { Type } from '../lib/pair'
import { Part } from '../lib/part'
import { Fold, Sum } from '../lib/reduce'
import { Logic, Op, Pairs } from './pairs'

/** Sums of f32 divided by `divisor`. */
function sums(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32, divisor: f64): void {
  while (begin < end) {
    const outer = inner == 1 ? begin : begin / inner
    const p = Address.of<f32>(x, outer * n * inner + (begin - outer * inner))
    const count = min(end, (outer + 1) * inner) - begin
    const q = Address.of<f32>(y, begin)
    if (inner == 1) store<f32>(q, <f32>(Sum.row<f32>(p, n) / divisor))
    else Sum.columns(p, q, n, (<usize>inner) << 2, count, divisor)
    begin += count
  }
}

/** Folds of rows side by side: row by row into y. */
function columns<T>(kind: i32, x: usize, y: usize, n: i32, inner: i32, count: i32, first: T): void {
  for (let c = 0; c < count; c++) store<T>(Address.of<T>(y, c), first)
  for (; n > 0; n--) {
    Pairs.map(kind, y, x, y, count, 0, 1, 0, 1, 0, count)
    x = Address.of<T>(x, inner)
  }
}

/** Every other fold: `kind` is an Op plus a Type, `first` what it starts from; sums of f64 are divided by `divisor`. */
function fold<T extends number>(
  kind: i32,
  x: usize,
  y: usize,
  n: i32,
  inner: i32,
  begin: i32,
  end: i32,
  first: T,
  divisor: T,
): void {
  while (begin < end) {
    const outer = inner == 1 ? begin : begin / inner
    const p = Address.of<T>(x, outer * n * inner + (begin - outer * inner))
    const count = min(end, (outer + 1) * inner) - begin
    let q = Address.of<T>(y, begin)
    begin += count
    if (inner > 1) columns<T>(kind, p, q, n, inner, count, first)
    else if ((kind & ~3) == Op.maximum) store<T>(q, v128.extract_lane<T>(Fold.top<T>(p, n, Table.zero()), 0))
    else if ((kind & ~3) == Op.minimum) {
      const flip = Fold.flip<T>()
      store<T>(q, v128.extract_lane<T>(v128.xor(Fold.top<T>(p, n, flip), flip), 0))
    } else if ((kind & ~3) == Op.mul) store<T>(q, Fold.product<T>(p, n))
    else if (isFloat<T>()) store<T>(q, <T>Sum.row<T>(p, n))
    else store<T>(q, <T>Fold.total(p, n))
    if (sizeof<T>() == 8)
      for (const stop = Address.of<T>(y, begin); q < stop; q += sizeof<T>()) store<T>(q, <T>(load<T>(q) / divisor))
  }
}

/** Indices of the largest of x ^ flip: with the sign (i32: all bits) flipped, of the smallest x. */
function argument<T extends number>(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32, flip: v128): void {
  const one = sizeof<T>() == 8 ? i64x2.splat(1) : i32x4.splat(1)
  while (begin < end) {
    const outer = inner == 1 ? begin : begin / inner
    const count = min(min(end, (outer + 1) * inner) - begin, <i32>(16 / sizeof<T>()))
    const bytes = count * <i32>sizeof<T>()
    let p = Address.of<T>(x, outer * n * inner + (begin - outer * inner))
    let at = Table.zero()
    if (inner == 1) at = i32x4.splat(Fold.find<T>(p, n, flip))
    else {
      let top = v128.xor(Part.load(p, bytes), flip)
      let index = at
      for (let i = 1; i < n; i++) {
        p = Address.of<T>(p, inner)
        index = sizeof<T>() == 8 ? i64x2.add(index, one) : i32x4.add(index, one)
        const v = v128.xor(bytes == 16 ? v128.load(p) : Part.load(p, bytes), flip)
        let wins = v128.gt<T>(v, top)
        if (isFloat<T>()) wins = v128.or(wins, v128.andnot(v128.ne<T>(v, v), v128.ne<T>(top, top)))
        top = v128.bitselect(v, top, wins)
        at = v128.bitselect(index, at, wins)
      }
      if (sizeof<T>() == 8) at = v128.shuffle<i32>(at, at, 0, 2, 0, 2)
    }
    Part.store(Address.of<i32>(y, begin), at, count << 2)
    begin += count
  }
}

/** Bytes: any (sought 1) looks for one that is not 0, all (sought 0) for one that is. */
function seek(kind: i32, x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32, sought: i32): void {
  while (begin < end) {
    const outer = inner == 1 ? begin : begin / inner
    let p = x + outer * n * inner + (begin - outer * inner)
    const count = min(end, (outer + 1) * inner) - begin
    if (inner > 1) columns<u8>(kind, p, y + begin, n, inner, count, <u8>(1 - sought))
    else {
      let found = false
      for (let left = n; left > 0 && !found; left--)
        if (left >= 16 && (sought ? !v128.any_true(v128.load(p)) : i8x16.all_true(v128.load(p)))) {
          p += 16
          left -= 15
        } else found = (load<u8>(p++) != 0) == (sought != 0)
      store<u8>(y + begin, found ? sought : 1 - sought)
    }
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
  fold<f64>(Op.add + Type.f64, x, y, n, inner, begin, end, 0, 1)
}
export function sum_i32(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  fold<i32>(Op.add + Type.i32, x, y, n, inner, begin, end, 0, 1)
}
export function mean_f64(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  fold<f64>(Op.add + Type.f64, x, y, n, inner, begin, end, 0, n)
}
export function prod_f32(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  fold<f32>(Op.mul + Type.f32, x, y, n, inner, begin, end, 1, 1)
}
export function prod_f64(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  fold<f64>(Op.mul + Type.f64, x, y, n, inner, begin, end, 1, 1)
}
export function prod_i32(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  fold<i32>(Op.mul + Type.i32, x, y, n, inner, begin, end, 1, 1)
}
export function max_f32(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  fold<f32>(Op.maximum + Type.f32, x, y, n, inner, begin, end, -Infinity, 1)
}
export function max_f64(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  fold<f64>(Op.maximum + Type.f64, x, y, n, inner, begin, end, -Infinity, 1)
}
export function max_i32(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  fold<i32>(Op.maximum + Type.i32, x, y, n, inner, begin, end, i32.MIN_VALUE, 1)
}
export function min_f32(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  fold<f32>(Op.minimum + Type.f32, x, y, n, inner, begin, end, Infinity, 1)
}
export function min_f64(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  fold<f64>(Op.minimum + Type.f64, x, y, n, inner, begin, end, Infinity, 1)
}
export function min_i32(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  fold<i32>(Op.minimum + Type.i32, x, y, n, inner, begin, end, i32.MAX_VALUE, 1)
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
  seek(Logic.or + Type.u8, x, y, n, inner, begin, end, 1)
}
export function all_u8(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  seek(Logic.and + Type.u8, x, y, n, inner, begin, end, 0)
}
