// Normalisation of rows of n: layerNorm_T(x, g, b, y, mean, rstd, n, eps, begin, end), y = (x − mean) rstd g + b, g and b
// may be 0 pointers, mean and rstd [rows] are kept for the gradients; rows. Where mean is a 0 pointer it is the number 0,
// in the gradients too: that is RMS normalisation. layerNormGrad_T(x, g, mean, rstd, dy, dx, n, begin, end): rows.
// layerNormGradScale_T(x, mean, rstd, dy, dg, db, rows, n, begin, end): dg and db, [begin, end) counts columns.
// Sums are kept in f64 and the variance is that of x − mean: relative error about 1e-7 (f32).

import { Address } from '../lib/address'
import { Table } from '../lib/constants'
import { Part } from '../lib/part'
import { Sum } from '../lib/reduce'

export class Norm {
  /** Number `row` of the means in every lane. */
  @inline static mean<T extends number>(mean: usize, row: i32): v128 {
    return mean ? v128.load_splat<T>(Address.of<T>(mean, row)) : Table.zero()
  }

  @inline static ones<T>(): usize {
    return sizeof<T>() == 4 ? Table.ONES32 : Table.ONES64
  }

  /** Σ (x − mean)² */
  static squares<T extends number>(x: usize, n: i32, mean: T): f64 {
    const m = v128.splat<T>(mean)
    let total = Table.zero()
    let left = n * <i32>sizeof<T>()
    while (left >= 64) {
      let a = Table.zero()
      let b = a
      let c = a
      let d = a
      const bytes = min(left & ~63, 4096)
      for (const stop = x + bytes; x < stop; x += 64) {
        const v0 = v128.sub<T>(v128.load(x), m)
        const v1 = v128.sub<T>(v128.load(x, 16), m)
        const v2 = v128.sub<T>(v128.load(x, 32), m)
        const v3 = v128.sub<T>(v128.load(x, 48), m)
        a = v128.add<T>(a, v128.mul<T>(v0, v0))
        b = v128.add<T>(b, v128.mul<T>(v1, v1))
        c = v128.add<T>(c, v128.mul<T>(v2, v2))
        d = v128.add<T>(d, v128.mul<T>(v3, v3))
      }
      left -= bytes
      total = Sum.into<T>(total, v128.add<T>(v128.add<T>(a, b), v128.add<T>(c, d)))
    }
    let sum = Sum.lanes(total)
    for (; left > 0; left -= sizeof<T>()) {
      const d = <f64>load<T>(x) - <f64>mean
      sum += d * d
      x += sizeof<T>()
    }
    return sum
  }
}

function layerNorm<T extends number>(
  x: usize,
  g: usize,
  b: usize,
  y: usize,
  mean: usize,
  rstd: usize,
  n: i32,
  eps: f64,
  begin: i32,
  end: i32,
): void {
  const gStep: i32 = g ? 64 : 0
  const bStep: i32 = b ? 64 : 0
  for (; begin < end; begin++) {
    let p = Address.of<T>(x, begin * n)
    let q = Address.of<T>(y, begin * n)
    let s = g ? g : Norm.ones<T>()
    let t = b ? b : Table.ZEROS
    const average = mean ? <T>(Sum.row<T>(p, n) / n) : <T>0
    const scale = <T>(1 / sqrt<f64>(Norm.squares<T>(p, n, average) / n + eps))
    if (mean) store<T>(Address.of<T>(mean, begin), average)
    store<T>(Address.of<T>(rstd, begin), scale)
    const m = v128.splat<T>(average)
    const r = v128.splat<T>(scale)
    let left = n * <i32>sizeof<T>()
    for (; left >= 64; left -= 64) {
      const v0 = v128.mul<T>(v128.mul<T>(v128.sub<T>(v128.load(p), m), r), v128.load(s))
      const v1 = v128.mul<T>(v128.mul<T>(v128.sub<T>(v128.load(p, 16), m), r), v128.load(s, 16))
      const v2 = v128.mul<T>(v128.mul<T>(v128.sub<T>(v128.load(p, 32), m), r), v128.load(s, 32))
      const v3 = v128.mul<T>(v128.mul<T>(v128.sub<T>(v128.load(p, 48), m), r), v128.load(s, 48))
      v128.store(q, v128.add<T>(v0, v128.load(t)))
      v128.store(q, v128.add<T>(v1, v128.load(t, 16)), 16)
      v128.store(q, v128.add<T>(v2, v128.load(t, 32)), 32)
      v128.store(q, v128.add<T>(v3, v128.load(t, 48)), 48)
      p += 64
      q += 64
      s += gStep
      t += bStep
    }
    for (; left > 0; left -= 16) {
      const v = v128.mul<T>(v128.mul<T>(v128.sub<T>(Part.load(p, left), m), r), Part.load(s, left))
      Part.store(q, v128.add<T>(v, Part.load(t, left)), left)
      p += 16
      q += 16
      s += gStep >> 2
      t += bStep >> 2
    }
  }
}

/** With h = dy g and z = (x − mean) rstd: dx = rstd (h − Σh/n − z Σhz/n). */
function layerNormGrad<T extends number>(
  x: usize,
  g: usize,
  mean: usize,
  rstd: usize,
  dy: usize,
  dx: usize,
  n: i32,
  begin: i32,
  end: i32,
): void {
  const gStep: i32 = g ? 16 : 0
  for (; begin < end; begin++) {
    const m = Norm.mean<T>(mean, begin)
    const r = v128.load_splat<T>(Address.of<T>(rstd, begin))
    let p = Address.of<T>(x, begin * n)
    let d = Address.of<T>(dy, begin * n)
    let s = g ? g : Norm.ones<T>()
    let plain = Table.zero()
    let weighted = plain
    let left = n * <i32>sizeof<T>()
    for (; left >= 16; left -= 16) {
      const h = v128.mul<T>(v128.load(d), v128.load(s))
      plain = Sum.into<T>(plain, h)
      weighted = Sum.into<T>(weighted, v128.mul<T>(h, v128.mul<T>(v128.sub<T>(v128.load(p), m), r)))
      p += 16
      d += 16
      s += gStep
    }
    if (left > 0) {
      const h = v128.mul<T>(Part.load(d, left), Part.load(s, left))
      plain = Sum.into<T>(plain, h)
      weighted = Sum.into<T>(weighted, v128.mul<T>(h, v128.mul<T>(v128.sub<T>(Part.load(p, left), m), r)))
    }
    const a = v128.splat<T>(mean ? <T>(Sum.lanes(plain) / n) : <T>0)
    const b = v128.splat<T>(<T>(Sum.lanes(weighted) / n))
    p = Address.of<T>(x, begin * n)
    d = Address.of<T>(dy, begin * n)
    s = g ? g : Norm.ones<T>()
    let q = Address.of<T>(dx, begin * n)
    for (left = n * <i32>sizeof<T>(); left > 0; left -= 16) {
      const whole = left >= 16
      const z = v128.mul<T>(v128.sub<T>(whole ? v128.load(p) : Part.load(p, left), m), r)
      const h = v128.mul<T>(whole ? v128.load(d) : Part.load(d, left), whole ? v128.load(s) : Part.load(s, left))
      const v = v128.mul<T>(r, v128.sub<T>(v128.sub<T>(h, a), v128.mul<T>(z, b)))
      if (whole) v128.store(q, v)
      else Part.store(q, v, left)
      p += 16
      d += 16
      s += gStep
      q += 16
    }
  }
}

/** dg = Σ dy (x − mean) rstd and db = Σ dy over the rows. */
function layerNormGradScale<T extends number>(
  x: usize,
  mean: usize,
  rstd: usize,
  dy: usize,
  dg: usize,
  db: usize,
  rows: i32,
  n: i32,
  begin: i32,
  end: i32,
): void {
  const one = f64x2.splat(1)
  const lanes = <i32>(16 / sizeof<T>())
  for (; begin < end; begin += lanes) {
    const bytes = (end - begin) * <i32>sizeof<T>()
    let p = Address.of<T>(x, begin)
    let d = Address.of<T>(dy, begin)
    let g0 = Table.zero()
    let g1 = g0
    let b0 = g0
    let b1 = g0
    for (let row = 0; row < rows; row++) {
      const m = Norm.mean<T>(mean, row)
      const r = v128.load_splat<T>(Address.of<T>(rstd, row))
      const h = bytes >= 16 ? v128.load(d) : Part.load(d, bytes)
      const z = v128.mul<T>(h, v128.mul<T>(v128.sub<T>(bytes >= 16 ? v128.load(p) : Part.load(p, bytes), m), r))
      g0 = f64x2.add(g0, Sum.low<T>(z))
      b0 = f64x2.add(b0, Sum.low<T>(h))
      if (sizeof<T>() == 4) {
        g1 = f64x2.add(g1, Sum.low<T>(Sum.high(z)))
        b1 = f64x2.add(b1, Sum.low<T>(Sum.high(h)))
      }
      p = Address.of<T>(p, n)
      d = Address.of<T>(d, n)
    }
    Part.store(Address.of<T>(dg, begin), Sum.close<T>(g0, g1, one), bytes)
    Part.store(Address.of<T>(db, begin), Sum.close<T>(b0, b1, one), bytes)
  }
}

export function layerNorm_f32(
  x: usize,
  g: usize,
  b: usize,
  y: usize,
  mean: usize,
  rstd: usize,
  n: i32,
  eps: f64,
  begin: i32,
  end: i32,
): void {
  layerNorm<f32>(x, g, b, y, mean, rstd, n, eps, begin, end)
}
export function layerNorm_f64(
  x: usize,
  g: usize,
  b: usize,
  y: usize,
  mean: usize,
  rstd: usize,
  n: i32,
  eps: f64,
  begin: i32,
  end: i32,
): void {
  layerNorm<f64>(x, g, b, y, mean, rstd, n, eps, begin, end)
}
export function layerNormGrad_f32(
  x: usize,
  g: usize,
  mean: usize,
  rstd: usize,
  dy: usize,
  dx: usize,
  n: i32,
  begin: i32,
  end: i32,
): void {
  layerNormGrad<f32>(x, g, mean, rstd, dy, dx, n, begin, end)
}
export function layerNormGrad_f64(
  x: usize,
  g: usize,
  mean: usize,
  rstd: usize,
  dy: usize,
  dx: usize,
  n: i32,
  begin: i32,
  end: i32,
): void {
  layerNormGrad<f64>(x, g, mean, rstd, dy, dx, n, begin, end)
}
export function layerNormGradScale_f32(
  x: usize,
  mean: usize,
  rstd: usize,
  dy: usize,
  dg: usize,
  db: usize,
  rows: i32,
  n: i32,
  begin: i32,
  end: i32,
): void {
  layerNormGradScale<f32>(x, mean, rstd, dy, dg, db, rows, n, begin, end)
}
export function layerNormGradScale_f64(
  x: usize,
  mean: usize,
  rstd: usize,
  dy: usize,
  dg: usize,
  db: usize,
  rows: i32,
  n: i32,
  begin: i32,
  end: i32,
): void {
  layerNormGradScale<f64>(x, mean, rstd, dy, dg, db, rows, n, begin, end)
}
