// Squared distances of n numbers: squaredError_f32(x, t, y, slope, n, factor, begin, end), y[0] = factor Σ (x − t)², totals in
// f64, and unless its address is 0 slope = 2 factor (x − t), its gradient for x; there is one unit of work.

import { Table } from '../lib/constants'
import { Part } from '../lib/part'
import { Sum } from '../lib/reduce'

export function squaredError_f32(
  x: usize,
  t: usize,
  y: usize,
  slope: usize,
  n: i32,
  factor: f64,
  begin: i32,
  end: i32,
): void {
  if (begin >= end) return
  const scale = f32x4.splat(<f32>(2 * factor))
  let total = Table.zero()
  let left = n << 2
  for (; left >= 64; left -= 64) {
    const v0 = f32x4.sub(v128.load(x), v128.load(t))
    const v1 = f32x4.sub(v128.load(x, 16), v128.load(t, 16))
    const v2 = f32x4.sub(v128.load(x, 32), v128.load(t, 32))
    const v3 = f32x4.sub(v128.load(x, 48), v128.load(t, 48))
    const low = f32x4.add(f32x4.mul(v0, v0), f32x4.mul(v1, v1))
    total = Sum.into<f32>(total, f32x4.add(low, f32x4.add(f32x4.mul(v2, v2), f32x4.mul(v3, v3))))
    x += 64
    t += 64
    if (!slope) continue
    v128.store(slope, f32x4.mul(v0, scale))
    v128.store(slope, f32x4.mul(v1, scale), 16)
    v128.store(slope, f32x4.mul(v2, scale), 32)
    v128.store(slope, f32x4.mul(v3, scale), 48)
    slope += 64
  }
  for (; left > 0; left -= 16) {
    const v = f32x4.sub(Part.load(x, left), Part.load(t, left))
    total = Sum.into<f32>(total, f32x4.mul(v, v))
    x += 16
    t += 16
    if (!slope) continue
    Part.store(slope, f32x4.mul(v, scale), left)
    slope += 16
  }
  store<f32>(y, <f32>(factor * Sum.lanes(total)))
}
