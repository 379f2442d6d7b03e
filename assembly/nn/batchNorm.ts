// Batch normalisation of x [batch, channels, plane], float32: batchNorm_f32(x, g, b, y, mean, variance, batch, channels,
// plane, eps, begin, end), y = (x − mean) / √(variance + eps) · g + b with mean and (population) variance of each channel,
// which are kept. batchNormGrad_f32(x, g, mean, variance, dy, dx, dg, db, batch, channels, plane, eps, begin, end).
// [begin, end) counts channels. Sums are kept in f64 and the variance is that of x − mean.

import { Address } from '../lib/address'
import { Table } from '../lib/constants'
import { Part } from '../lib/part'
import { Sum } from '../lib/reduce'
import { Norm } from './norm'

export function batchNorm_f32(
  x: usize,
  g: usize,
  b: usize,
  y: usize,
  mean: usize,
  variance: usize,
  batch: i32,
  channels: i32,
  plane: i32,
  eps: f64,
  begin: i32,
  end: i32,
): void {
  const count = <f64>batch * <f64>plane
  const step = Address.bytes<f32>(channels * plane)
  for (; begin < end; begin++) {
    const first = Address.bytes<f32>(begin * plane)
    let sum: f64 = 0
    for (let i = 0, p = x + first; i < batch; i++, p += step) sum += Sum.row<f32>(p, plane)
    const average = <f32>(sum / count)
    sum = 0
    for (let i = 0, p = x + first; i < batch; i++, p += step) sum += Norm.squares<f32>(p, plane, average)
    store<f32>(Address.of<f32>(mean, begin), average)
    store<f32>(Address.of<f32>(variance, begin), <f32>(sum / count))
    const m = f32x4.splat(average)
    const scale = f32x4.splat(<f32>(1 / sqrt<f64>(sum / count + eps)) * load<f32>(Address.of<f32>(g, begin)))
    const shift = v128.load32_splat(Address.of<f32>(b, begin))
    for (let i = 0, at = first; i < batch; i++, at += step) {
      let p = x + at
      let q = y + at
      let left = plane << 2
      for (; left >= 16; left -= 16) {
        v128.store(q, f32x4.add(f32x4.mul(f32x4.sub(v128.load(p), m), scale), shift))
        p += 16
        q += 16
      }
      if (left > 0) Part.store(q, f32x4.add(f32x4.mul(f32x4.sub(Part.load(p, left), m), scale), shift), left)
    }
  }
}

/** With z = (x − mean) rstd over a channel: dg = Σ dy z, db = Σ dy, dx = g rstd (dy − mean dy − z mean(dy z)). */
export function batchNormGrad_f32(
  x: usize,
  g: usize,
  mean: usize,
  variance: usize,
  dy: usize,
  dx: usize,
  dg: usize,
  db: usize,
  batch: i32,
  channels: i32,
  plane: i32,
  eps: f64,
  begin: i32,
  end: i32,
): void {
  const count = <f64>batch * <f64>plane
  const step = Address.bytes<f32>(channels * plane)
  for (; begin < end; begin++) {
    const first = Address.bytes<f32>(begin * plane)
    const m = v128.load32_splat(Address.of<f32>(mean, begin))
    const rstd = 1 / sqrt<f64>(<f64>load<f32>(Address.of<f32>(variance, begin)) + eps)
    let plain = Table.zero()
    let weighted = plain
    for (let i = 0, at = first; i < batch; i++, at += step) {
      let p = x + at
      let d = dy + at
      for (let left = plane << 2; left > 0; left -= 16) {
        const whole = left >= 16
        const h = whole ? v128.load(d) : Part.load(d, left)
        plain = Sum.into<f32>(plain, h)
        weighted = Sum.into<f32>(weighted, f32x4.mul(h, f32x4.sub(whole ? v128.load(p) : Part.load(p, left), m)))
        p += 16
        d += 16
      }
    }
    const sum = Sum.lanes(plain)
    const dot = Sum.lanes(weighted) * rstd
    store<f32>(Address.of<f32>(db, begin), <f32>sum)
    store<f32>(Address.of<f32>(dg, begin), <f32>dot)
    const a = f32x4.splat(<f32>(sum / count))
    const c = f32x4.splat(<f32>((dot / count) * rstd))
    const scale = f32x4.splat(<f32>rstd * load<f32>(Address.of<f32>(g, begin)))
    for (let i = 0, at = first; i < batch; i++, at += step) {
      let p = x + at
      let d = dy + at
      let q = dx + at
      for (let left = plane << 2; left > 0; left -= 16) {
        const whole = left >= 16
        const z = f32x4.mul(f32x4.sub(whole ? v128.load(p) : Part.load(p, left), m), c)
        const h = f32x4.sub(f32x4.sub(whole ? v128.load(d) : Part.load(d, left), a), z)
        const v = f32x4.mul(h, scale)
        if (whole) v128.store(q, v)
        else Part.store(q, v, left)
        p += 16
        d += 16
        q += 16
      }
    }
  }
}
