// Folds that keep every step, along an axis of [outer, n, inner]; [begin, end) counts the outer · inner sequences.
// scan_T(a, b, y, n, inner, kind, scratch, begin, end): y_i = y_(i−1) + a_i (kind 0), a_i y_(i−1) from 1 on (1), or
// a_i y_(i−1) + b_i (2); with 4 more from the last element to the first. f32 is folded in f64; integers wrap.
// argscan_T(x, y, n, inner, sign, begin, end): y_i (i32) is where the largest (sign 1) or smallest (−1) of x_0 … x_i stands, the
// last of equals; a NaN beats all.

import { Address } from '../lib/address'

/** Sequences side by side whose folds lie in the scratch meanwhile. */
const WIDTH = 1024

/** Elements of 4 bytes (f32 or i32, as A is) or 8, folded in A: f64 or i64. */
class Fold {
  @inline static load<A extends number>(p: usize, narrow: bool): A {
    if (!narrow) return load<A>(p)
    return isFloat<A>() ? <A>load<f32>(p) : <A>load<i32>(p)
  }

  @inline static store<A extends number>(p: usize, y: A, narrow: bool): void {
    if (!narrow) store<A>(p, y)
    else if (isFloat<A>()) store<f32>(p, <f32>y)
    else store<i32>(p, <i32>y)
  }

  /** y_i from y_(i−1) and the elements `at` bytes behind a and b. */
  @inline static step<A extends number>(kind: i32, y: A, a: usize, b: usize, at: usize, narrow: bool): A {
    const v = Fold.load<A>(a + at, narrow)
    if (!(kind & 3)) return <A>(y + v)
    y = <A>(y * v)
    return kind & 2 ? <A>(y + Fold.load<A>(b + at, narrow)) : y
  }

  /** Whether v takes the place of `best`. */
  @inline static wins<T extends number>(v: T, best: T, sign: i32): bool {
    return ne<T>(v, v) || (sign > 0 ? v >= best : v <= best)
  }
}

class Scan {
  @inline static scan<A extends number>(
    narrow: bool,
    a: usize,
    b: usize,
    y: usize,
    n: i32,
    inner: i32,
    kind: i32,
    scratch: usize,
    begin: i32,
    end: i32,
  ): void {
    const shift: usize = narrow ? 2 : 3
    const step = (<usize>(kind & 4 ? -inner : inner)) << shift
    const start = <A>(kind & 1)
    while (begin < end) {
      const outer = begin / inner
      const column = begin - outer * inner
      const width = min(min(inner - column, end - begin), WIDTH)
      let at = (<usize>((outer * n + (kind & 4 ? n - 1 : 0)) * inner + column)) << shift
      let left = n
      begin += width
      if (width == 1) {
        let s = start
        // Only the last of four sums waits for the one before.
        if (!(kind & 3))
          for (; left >= 4; left -= 4) {
            const s0 = Fold.load<A>(a + at, narrow)
            const s1 = <A>(s0 + Fold.load<A>(a + at + step, narrow))
            const s2 = <A>(s1 + Fold.load<A>(a + at + 2 * step, narrow))
            const s3 = <A>(s2 + Fold.load<A>(a + at + 3 * step, narrow))
            Fold.store<A>(y + at, <A>(s + s0), narrow)
            Fold.store<A>(y + at + step, <A>(s + s1), narrow)
            Fold.store<A>(y + at + 2 * step, <A>(s + s2), narrow)
            s = <A>(s + s3)
            Fold.store<A>(y + at + 3 * step, s, narrow)
            at += 4 * step
          }
        for (; left > 0; left--) {
          s = Fold.step<A>(kind, s, a, b, at, narrow)
          Fold.store<A>(y + at, s, narrow)
          at += step
        }
        continue
      }
      const stop = scratch + ((<usize>width) << 3)
      for (let p = scratch; p < stop; p += 8) store<A>(p, start)
      for (; left > 0; left--) {
        let here = at
        for (let p = scratch; p < stop; p += 8) {
          const s = Fold.step<A>(kind, load<A>(p), a, b, here, narrow)
          store<A>(p, s)
          Fold.store<A>(y + here, s, narrow)
          here += (<usize>1) << shift
        }
        at += step
      }
    }
  }
}

function argscan<T extends number>(x: usize, y: usize, n: i32, inner: i32, sign: i32, begin: i32, end: i32): void {
  while (begin < end) {
    const outer = begin / inner
    const column = begin - outer * inner
    const width = min(inner - column, end - begin)
    const p = Address.of<T>(x, outer * n * inner + column)
    let q = Address.of<i32>(y, outer * n * inner + column)
    begin += width
    let best = load<T>(n > 0 ? p : x)
    let at = 0
    for (let i = 0; i < n; i++) {
      for (let c = 0; c < width; c++) {
        const v = load<T>(Address.of<T>(p, i * inner + c))
        if (width > 1) {
          at = i == 0 ? 0 : load<i32>(q + ((c - inner) << 2))
          best = load<T>(Address.of<T>(p, at * inner + c))
        }
        if (Fold.wins<T>(v, best, sign)) {
          best = v
          at = i
        }
        store<i32>(q + (c << 2), at)
      }
      q += inner << 2
    }
  }
}

export function scan_f32(
  a: usize,
  b: usize,
  y: usize,
  n: i32,
  inner: i32,
  kind: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  Scan.scan<f64>(true, a, b, y, n, inner, kind, scratch, begin, end)
}
export function scan_f64(
  a: usize,
  b: usize,
  y: usize,
  n: i32,
  inner: i32,
  kind: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  Scan.scan<f64>(false, a, b, y, n, inner, kind, scratch, begin, end)
}
export function scan_i32(
  a: usize,
  b: usize,
  y: usize,
  n: i32,
  inner: i32,
  kind: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  Scan.scan<i64>(true, a, b, y, n, inner, kind, scratch, begin, end)
}
export function scan_i64(
  a: usize,
  b: usize,
  y: usize,
  n: i32,
  inner: i32,
  kind: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  Scan.scan<i64>(false, a, b, y, n, inner, kind, scratch, begin, end)
}
export function argscan_f32(x: usize, y: usize, n: i32, inner: i32, sign: i32, begin: i32, end: i32): void {
  argscan<f32>(x, y, n, inner, sign, begin, end)
}
export function argscan_f64(x: usize, y: usize, n: i32, inner: i32, sign: i32, begin: i32, end: i32): void {
  argscan<f64>(x, y, n, inner, sign, begin, end)
}
