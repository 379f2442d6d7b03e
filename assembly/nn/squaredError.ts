// Squared distances of n numbers: squaredError_f32(x, t, y, n, factor, begin, end), y[0] = factor Σ (x − t)², totals in f64;
// there is one unit of work. squaredErrorGrad_f32(x, t, g, y, factor, begin, end): y = factor g[0] (x − t); [begin, end)
// counts elements; y may be x or t.

import { Address } from '../lib/address'
import { Table } from '../lib/constants'
import { Part } from '../lib/part'
import { Sum } from '../lib/reduce'

export function squaredError_f32(x: usize, t: usize, y: usize, n: i32, factor: f64, begin: i32, end: i32): void {
  if (begin >= end) return
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
  }
  for (; left > 0; left -= 16) {
    const v = f32x4.sub(Part.load(x, left), Part.load(t, left))
    total = Sum.into<f32>(total, f32x4.mul(v, v))
    x += 16
    t += 16
  }
  store<f32>(y, <f32>(factor * Sum.lanes(total)))
}

export function squaredErrorGrad_f32(x: usize, t: usize, g: usize, y: usize, factor: f64, begin: i32, end: i32): void {
  const scale = f32x4.splat(<f32>(factor * load<f32>(g)))
  x = Address.of<f32>(x, begin)
  t = Address.of<f32>(t, begin)
  y = Address.of<f32>(y, begin)
  let left = (end - begin) << 2
  for (; left >= 32; left -= 32) {
    v128.store(y, f32x4.mul(f32x4.sub(v128.load(x), v128.load(t)), scale))
    v128.store(y, f32x4.mul(f32x4.sub(v128.load(x, 16), v128.load(t, 16)), scale), 16)
    x += 32
    t += 32
    y += 32
  }
  for (; left > 0; left -= 16) {
    Part.store(y, f32x4.mul(f32x4.sub(Part.load(x, left), Part.load(t, left)), scale), left)
    x += 16
    t += 16
    y += 16
  }
}
