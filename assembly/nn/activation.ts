// Bias, and relu, in one pass. biasActivation_T(y, b, n, act, begin, end): y [rows, n] = act(y + b), b may be 0; act 0 or 1: the
// others are passes of tensor's kernels. [begin, end) counts rows.
// channelBias_T(y, b, channels, plane, begin, end): y[nc, p] += b[nc % channels], planes.
// activationGrad_T(x, y, dy, dx, act, begin, end): dx = dy act′ from the output y, of gelu and geluTanh from the input x, too;
// elements; dx may be dy. act: 0 identity, 1 relu, 2 gelu and 3 geluTanh (f32 alone), 4 tanh, 5 sigmoid. Errors of the slopes of gelu
// 2e-7, of geluTanh 3e-6.

import { Address } from '../lib/address'
import { Table } from '../lib/constants'
import { Math32 } from '../lib/math32'
import { Part } from '../lib/part'

enum Act {
  identity,
  relu,
  gelu,
  geluTanh,
  tanh,
  sigmoid,
}

function biasActivation<T extends number>(y: usize, b: usize, n: i32, act: i32, begin: i32, end: i32): void {
  const bStep: i32 = b ? 16 : 0
  const zero = Table.zero()
  const rectify = i32x4.splat(act == Act.relu ? -1 : 0)
  for (; begin < end; begin++) {
    let q = Address.of<T>(y, begin * n)
    let p = b ? b : Table.ZEROS
    let left = n * <i32>sizeof<T>()
    for (; left >= 16; left -= 16) {
      const v = v128.add<T>(v128.load(q), v128.load(p))
      v128.store(q, v128.andnot(v, v128.and(v128.lt<T>(v, zero), rectify)))
      p += bStep
      q += 16
    }
    if (left > 0) {
      const v = v128.add<T>(Part.load(q, left), Part.load(p, left))
      Part.store(q, v128.andnot(v, v128.and(v128.lt<T>(v, zero), rectify)), left)
    }
  }
}

function channelBias<T extends number>(y: usize, b: usize, channels: i32, plane: i32, begin: i32, end: i32): void {
  for (; begin < end; begin++) {
    const bias = v128.load_splat<T>(Address.of<T>(b, begin % channels))
    let q = Address.of<T>(y, begin * plane)
    let left = plane * <i32>sizeof<T>()
    for (; left >= 16; left -= 16) {
      v128.store(q, v128.add<T>(v128.load(q), bias))
      q += 16
    }
    if (left > 0) Part.store(q, v128.add<T>(Part.load(q, left), bias), left)
  }
}

class Slope {
  /**
   * That of x Φ(x), with φ the density: Φ + x φ; of x σ(u), with u = 2 √(2/π) (x + 0.044715 x³): σ + σ (x − x σ) u′.
   * Φ and σ are y / x, a half where x is so small that its square is 0.
   */
  @inline static ofCurve(act: i32, x: v128, y: v128): v128 {
    const square = f32x4.mul(x, x)
    const half = f32x4.splat(0.5)
    const share = v128.bitselect(half, f32x4.div(y, x), f32x4.eq(square, Table.zero()))
    if (act == Act.gelu) {
      const density = Math32.expNegative(f32x4.neg(f32x4.mul(half, square)))
      return f32x4.add(share, f32x4.mul(f32x4.mul(x, f32x4.splat(0.3989422804014327)), density))
    }
    const cubic = f32x4.mul(f32x4.splat(3 * 0.07135481282556485), square)
    const rest = f32x4.mul(f32x4.sub(x, y), f32x4.add(cubic, Table.at<f32>(Table.GELU32, 0)))
    return f32x4.add(share, f32x4.mul(share, rest))
  }

  /** Times dy. relu: dy where y > 0; tanh: dy (1 − y²); sigmoid: dy y (1 − y). */
  @inline static times<T extends number>(act: i32, y: v128, dy: v128, one: v128): v128 {
    if (act == Act.relu) return v128.and(dy, v128.gt<T>(y, Table.zero()))
    if (act == Act.tanh) return v128.mul<T>(dy, v128.sub<T>(one, v128.mul<T>(y, y)))
    return v128.mul<T>(dy, v128.mul<T>(y, v128.sub<T>(one, y)))
  }
}

function activationGrad<T extends number>(
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  act: i32,
  begin: i32,
  end: i32,
): void {
  const one = v128.splat<T>(<T>1)
  const from = Address.bytes<T>(begin)
  x += from
  y += from
  dy += from
  dx += from
  let left = (end - begin) * <i32>sizeof<T>()
  if (sizeof<T>() == 4 && (act == Act.gelu || act == Act.geluTanh))
    for (; left > 0; left -= 16) {
      const whole = left >= 16
      const s = Slope.ofCurve(act, whole ? v128.load(x) : Part.load(x, left), whole ? v128.load(y) : Part.load(y, left))
      const d = f32x4.mul(whole ? v128.load(dy) : Part.load(dy, left), s)
      if (whole) v128.store(dx, d)
      else Part.store(dx, d, left)
      x += 16
      y += 16
      dy += 16
      dx += 16
    }
  for (; left >= 16; left -= 16) {
    v128.store(dx, Slope.times<T>(act, v128.load(y), v128.load(dy), one))
    y += 16
    dy += 16
    dx += 16
  }
  if (left > 0) Part.store(dx, Slope.times<T>(act, Part.load(y, left), Part.load(dy, left), one), left)
}

export function biasActivation_f32(y: usize, b: usize, n: i32, act: i32, begin: i32, end: i32): void {
  biasActivation<f32>(y, b, n, act, begin, end)
}
export function biasActivation_f64(y: usize, b: usize, n: i32, act: i32, begin: i32, end: i32): void {
  biasActivation<f64>(y, b, n, act, begin, end)
}
export function channelBias_f32(y: usize, b: usize, channels: i32, plane: i32, begin: i32, end: i32): void {
  channelBias<f32>(y, b, channels, plane, begin, end)
}
export function channelBias_f64(y: usize, b: usize, channels: i32, plane: i32, begin: i32, end: i32): void {
  channelBias<f64>(y, b, channels, plane, begin, end)
}
export function activationGrad_f32(x: usize, y: usize, dy: usize, dx: usize, act: i32, begin: i32, end: i32): void {
  activationGrad<f32>(x, y, dy, dx, act, begin, end)
}
export function activationGrad_f64(x: usize, y: usize, dy: usize, dx: usize, act: i32, begin: i32, end: i32): void {
  activationGrad<f64>(x, y, dy, dx, act, begin, end)
}
