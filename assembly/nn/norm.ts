// Normalisation of rows of n: layerNorm_T(x, g, b, y, mean, rstd, n, eps, begin, end), y = (x − mean) rstd g + b, g and b
// may be 0 pointers, mean and rstd [rows] are kept for the gradients; rows. Where mean is a 0 pointer it is the number 0,
// in the gradients too: that is RMS normalisation. layerNormGrad_T(x, g, mean, rstd, dy, dx, dg, n, begin, end): dg, where it is
// not a 0 pointer, gets what each row adds to the gradient of g; rows.
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

  /** The gradient of x from that of y: see layerNormGrad. */
  @inline static back<T>(x: v128, dy: v128, g: v128, m: v128, r: v128, a: v128, b: v128): v128 {
    const z = v128.mul<T>(v128.sub<T>(x, m), r)
    return v128.mul<T>(r, v128.sub<T>(v128.sub<T>(v128.mul<T>(dy, g), a), v128.mul<T>(z, b)))
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

/** With h = dy g and z = (x − mean) rstd: dx = rstd (h − Σh/n − z Σhz/n), and dg = dy z. */
function layerNormGrad<T extends number>(
  x: usize,
  g: usize,
  mean: usize,
  rstd: usize,
  dy: usize,
  dx: usize,
  dg: usize,
  n: i32,
  begin: i32,
  end: i32,
): void {
  const gStep: i32 = g ? 16 : 0
  const gains = g ? g : Norm.ones<T>()
  for (; begin < end; begin++) {
    const m = Norm.mean<T>(mean, begin)
    const r = v128.load_splat<T>(Address.of<T>(rstd, begin))
    const row = Address.bytes<T>(begin * n)
    let p = x + row
    let d = dy + row
    let q = dx + row
    let o = dg + row
    let s = gains
    let plain = Table.zero()
    let weighted = plain
    let left = n * <i32>sizeof<T>()
    while (left >= 16) {
      const bytes = min(left & ~15, 256)
      left -= bytes
      let a = Table.zero()
      let b = a
      for (const stop = p + bytes; p < stop; p += 16) {
        const h = v128.load(d)
        const u = v128.load(s)
        const hz = v128.mul<T>(h, v128.mul<T>(v128.sub<T>(v128.load(p), m), r))
        if (dg) v128.store(o, hz)
        a = v128.add<T>(a, v128.mul<T>(h, u))
        b = v128.add<T>(b, v128.mul<T>(hz, u))
        d += 16
        o += 16
        s += gStep
      }
      plain = Sum.into<T>(plain, a)
      weighted = Sum.into<T>(weighted, b)
    }
    if (left > 0) {
      const h = Part.load(d, left)
      const u = Part.load(s, left)
      const hz = v128.mul<T>(h, v128.mul<T>(v128.sub<T>(Part.load(p, left), m), r))
      if (dg) Part.store(o, hz, left)
      plain = Sum.into<T>(plain, v128.mul<T>(h, u))
      weighted = Sum.into<T>(weighted, v128.mul<T>(hz, u))
    }
    const a = v128.splat<T>(mean ? <T>(Sum.lanes(plain) / n) : <T>0)
    const b = v128.splat<T>(<T>(Sum.lanes(weighted) / n))
    p = x + row
    d = dy + row
    s = gains
    for (left = n * <i32>sizeof<T>(); left >= 16; left -= 16) {
      v128.store(q, Norm.back<T>(v128.load(p), v128.load(d), v128.load(s), m, r, a, b))
      p += 16
      d += 16
      s += gStep
      q += 16
    }
    if (left > 0)
      Part.store(q, Norm.back<T>(Part.load(p, left), Part.load(d, left), Part.load(s, left), m, r, a, b), left)
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
  dg: usize,
  n: i32,
  begin: i32,
  end: i32,
): void {
  layerNormGrad<f32>(x, g, mean, rstd, dy, dx, dg, n, begin, end)
}
export function layerNormGrad_f64(
  x: usize,
  g: usize,
  mean: usize,
  rstd: usize,
  dy: usize,
  dx: usize,
  dg: usize,
  n: i32,
  begin: i32,
  end: i32,
): void {
  layerNormGrad<f64>(x, g, mean, rstd, dy, dx, dg, n, begin, end)
}
