// Bias and activation in one pass. biasActivation_T(y, b, n, act, begin, end): y [rows, n] = act(y + b), b may be 0, [begin,
// end) counts rows. channelBias_T(y, b, channels, plane, begin, end): y[nc, p] += b[nc % channels], planes.
// activationGrad_T(y, dy, dx, act, begin, end): from the output y, elements; dx may be dy or y.
// act: 0 identity, 1 relu, 2 gelu, 3 geluTanh, 4 tanh, 5 sigmoid, 6 silu. Errors as in lib/math32 and lib/math64.

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
  silu,
}

function curve32(act: i32, x: v128): v128 {
  switch (act) {
    case Act.gelu:
      return Math32.gelu(x)
    case Act.geluTanh:
      return Math32.geluTanh(x)
    case Act.tanh:
      return Math32.tanh(x)
    case Act.sigmoid:
      return Math32.sigmoid(x)
    default:
      return Math32.silu(x)
  }
}

function curve64(act: i32, x: v128): v128 {
  switch (act) {
    case Act.gelu:
      return Math64.gelu(x)
    case Act.geluTanh:
      return Math64.geluTanh(x)
    case Act.tanh:
      return Math64.tanh(x)
    case Act.sigmoid:
      return Math64.sigmoid(x)
    default:
      return Math64.silu(x)
  }
}

function biasActivation<T extends number>(y: usize, b: usize, n: i32, act: i32, begin: i32, end: i32): void {
  const bStep: i32 = b ? 16 : 0
  const zero = Table.zero()
  const rectify = i32x4.splat(act == Act.relu ? -1 : 0)
  for (; begin < end; begin++) {
    let q = Address.of<T>(y, begin * n)
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
      else v = sizeof<T>() == 4 ? curve32(act, v) : curve64(act, v)
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
export function activationGrad_f32(y: usize, dy: usize, dx: usize, act: i32, begin: i32, end: i32): void {
  activationGrad<f32>(y, dy, dx, act, begin, end)
}
export function activationGrad_f64(y: usize, dy: usize, dx: usize, act: i32, begin: i32, end: i32): void {
  activationGrad<f64>(y, dy, dx, act, begin, end)
}
