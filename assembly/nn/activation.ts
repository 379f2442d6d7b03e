// Bias and activation in one pass. biasActivation_T(y, b, n, act, begin, end): y [rows, n] = act(y + b), b may be 0; gelu and
// geluTanh, whose gradient asks for y + b, are passes of their own. [begin, end) counts rows.
// channelBias_T(y, b, channels, plane, begin, end): y[nc, p] += b[nc % channels], planes.
// activationGrad_T(s, dy, dx, act, begin, end): dx = dy act′ from the output s, of gelu and geluTanh from the input; elements;
// dx may be dy. act: 0 identity, 1 relu, 2 gelu and 3 geluTanh (f32 alone), 4 tanh, 5 sigmoid. Errors as in lib/math32 and
// lib/math64.

import { Address } from '../lib/address'
import { Table } from '../lib/constants'
import { Math32 } from '../lib/math32'
import { Math64 } from '../lib/math64'
import { Part } from '../lib/part'

enum Act {
  identity,
  relu,
  gelu,
  geluTanh,
  tanh,
  sigmoid,
}

/** An activation, or its slope, on the lanes of a vector. */
interface Curve {
  at(x: v128): v128
}

@unmanaged
class Tanh {
  @inline at(x: v128): v128 {
    return Math32.tanh(x)
  }
}
@unmanaged
class Sigmoid {
  @inline at(x: v128): v128 {
    return Math32.sigmoid(x)
  }
}
/** Φ(x) + x φ(x) */
@unmanaged
class GeluSlope {
  @inline at(x: v128): v128 {
    const q = Math32.upperTail(v128.and(x, Table.at<f32>(Table.BITS32, 0)))
    const cdf = v128.bitselect(q, f32x4.sub(Table.at<f32>(Table.TAIL32, 13), q), i32x4.shr_s(x, 31))
    const half = f32x4.neg(f32x4.mul(Table.at<f32>(Table.TAIL32, 11), f32x4.mul(x, x)))
    const density = f32x4.mul(Math32.expNegative(half), f32x4.splat(0.3989422804014327))
    return f32x4.add(cdf, f32x4.mul(x, density))
  }
}

/** With s = σ(u), u = 2 √(2/π) (x + 0.044715 x³): s + x s (1 − s) u′ */
@unmanaged
class GeluTanhSlope {
  @inline at(x: v128): v128 {
    const square = f32x4.mul(x, x)
    const c = Table.at<f32>(Table.GELU32, 0)
    const cubic = f32x4.mul(Table.at<f32>(Table.GELU32, 1), square)
    const s = Math32.sigmoid(f32x4.mul(x, f32x4.add(cubic, c)))
    const slope = f32x4.add(c, f32x4.mul(cubic, f32x4.splat(3)))
    const rest = f32x4.mul(f32x4.mul(x, slope), f32x4.sub(Table.at<f32>(Table.TANH32, 8), s))
    return f32x4.add(s, f32x4.mul(s, rest))
  }
}

/** y = Op(y + b) on a row of n numbers. */
function curve<Op extends Curve>(y: usize, b: usize, n: i32): void {
  const op = changetype<Op>(0)
  const bStep: i32 = b ? 16 : 0
  let p = b ? b : Table.ZEROS
  let left = n << 2
  for (; left >= 16; left -= 16) {
    v128.store(y, op.at(f32x4.add(v128.load(y), v128.load(p))))
    p += bStep
    y += 16
  }
  if (left > 0) Part.store(y, op.at(f32x4.add(Part.load(y, left), Part.load(p, left))), left)
}

/** dx = dy Op(x) on n numbers. */
function slopes<Op extends Curve>(x: usize, dy: usize, dx: usize, n: i32): void {
  const op = changetype<Op>(0)
  let left = n << 2
  for (; left >= 16; left -= 16) {
    v128.store(dx, f32x4.mul(v128.load(dy), op.at(v128.load(x))))
    x += 16
    dy += 16
    dx += 16
  }
  if (left > 0) Part.store(dx, f32x4.mul(Part.load(dy, left), op.at(Part.load(x, left))), left)
}

function biasActivation<T extends number>(y: usize, b: usize, n: i32, act: i32, begin: i32, end: i32): void {
  const bStep: i32 = b ? 16 : 0
  const zero = Table.zero()
  const rectify = i32x4.splat(act == Act.relu ? -1 : 0)
  for (; begin < end; begin++) {
    let q = Address.of<T>(y, begin * n)
    if (sizeof<T>() == 4 && act > Act.relu) {
      if (act == Act.tanh) curve<Tanh>(q, b, n)
      else curve<Sigmoid>(q, b, n)
      continue
    }
    let p = b ? b : Table.ZEROS
    let left = n * <i32>sizeof<T>()
    if (act <= Act.relu)
      for (; left >= 16; left -= 16) {
        const v = v128.add<T>(v128.load(q), v128.load(p))
        v128.store(q, v128.andnot(v, v128.and(v128.lt<T>(v, zero), rectify)))
        p += bStep
        q += 16
      }
    for (; left > 0; left -= 16) {
      let v = v128.add<T>(Part.load(q, left), Part.load(p, left))
      if (act <= Act.relu) v = v128.andnot(v, v128.and(v128.lt<T>(v, zero), rectify))
      else if (sizeof<T>() == 8) v = act == Act.tanh ? Math64.tanh(v) : Math64.sigmoid(v)
      Part.store(q, v, left)
      p += bStep
      q += 16
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

/** relu: dy where y > 0; tanh: dy (1 − y²); sigmoid: dy y (1 − y). */
function slope<T extends number>(act: i32, y: v128, dy: v128, one: v128): v128 {
  if (act == Act.relu) return v128.and(dy, v128.gt<T>(y, Table.zero()))
  if (act == Act.tanh) return v128.mul<T>(dy, v128.sub<T>(one, v128.mul<T>(y, y)))
  return v128.mul<T>(dy, v128.mul<T>(y, v128.sub<T>(one, y)))
}

function activationGrad<T extends number>(y: usize, dy: usize, dx: usize, act: i32, begin: i32, end: i32): void {
  const one = v128.splat<T>(<T>1)
  let p = Address.of<T>(y, begin)
  let s = Address.of<T>(dy, begin)
  let q = Address.of<T>(dx, begin)
  let left = (end - begin) * <i32>sizeof<T>()
  for (; left >= 16; left -= 16) {
    v128.store(q, slope<T>(act, v128.load(p), v128.load(s), one))
    p += 16
    s += 16
    q += 16
  }
  if (left > 0) Part.store(q, slope<T>(act, Part.load(p, left), Part.load(s, left), one), left)
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
export function activationGrad_f32(s: usize, dy: usize, dx: usize, act: i32, begin: i32, end: i32): void {
  const from = Address.bytes<f32>(begin)
  if (act == Act.gelu) slopes<GeluSlope>(s + from, dy + from, dx + from, end - begin)
  else if (act == Act.geluTanh) slopes<GeluTanhSlope>(s + from, dy + from, dx + from, end - begin)
  else activationGrad<f32>(s, dy, dx, act, begin, end)
}
export function activationGrad_f64(y: usize, dy: usize, dx: usize, act: i32, begin: i32, end: i32): void {
  activationGrad<f64>(y, dy, dx, act, begin, end)
}
