// Softmax over rows of n: softmax_T(x, y, n, begin, end) and logSoftmax_T; softmaxGrad_T(y, dy, dx, n, begin, end) and
// logSoftmaxGrad_T from the output y; [begin, end) counts rows; outputs may be inputs. Sums are kept in f64; a row of −Inf
// alone gives NaN. Relative error 3e-7 (f32), 1e-15 (f64).

import { Address } from '../lib/address'
import { Table } from '../lib/constants'
import { Part } from '../lib/part'
import { Sum } from '../lib/reduce'
import { Row } from '../lib/rows'

/** y = e^(x − max) / Σ, the exponentials kept in y meanwhile. */
function softmax<T extends number>(x: usize, y: usize, n: i32, begin: i32, end: i32): void {
  for (; begin < end; begin++) {
    let p = Address.of<T>(x, begin * n)
    let q = Address.of<T>(y, begin * n)
    const top = Row.max<T>(p, n)
    let total = Table.zero()
    let left = n * <i32>sizeof<T>()
    for (; left >= 64; left -= 64) {
      let v0 = v128.sub<T>(v128.load(p), top)
      let v1 = v128.sub<T>(v128.load(p, 16), top)
      let v2 = v128.sub<T>(v128.load(p, 32), top)
      let v3 = v128.sub<T>(v128.load(p, 48), top)
      v0 = Row.exp<T>(v0)
      v1 = Row.exp<T>(v1)
      v2 = Row.exp<T>(v2)
      v3 = Row.exp<T>(v3)
      v128.store(q, v0)
      v128.store(q, v1, 16)
      v128.store(q, v2, 32)
      v128.store(q, v3, 48)
      total = Sum.into<T>(total, v128.add<T>(v128.add<T>(v0, v1), v128.add<T>(v2, v3)))
      p += 64
      q += 64
    }
    for (; left > 0; left -= 16) {
      Part.store(q, Row.expCall<T>(v128.sub<T>(Part.load(p, left), top)), left)
      total = Sum.into<T>(total, Part.load(q, left)) // read back: zeros beyond the end
      p += 16
      q += 16
    }
    scale<T>(Address.of<T>(y, begin * n), v128.splat<T>(<T>(1 / Sum.lanes(total))), n)
  }
}

/** y *= factor */
function scale<T extends number>(y: usize, factor: v128, n: i32): void {
  let left = n * <i32>sizeof<T>()
  for (; left >= 64; left -= 64) {
    v128.store(y, v128.mul<T>(v128.load(y), factor))
    v128.store(y, v128.mul<T>(v128.load(y, 16), factor), 16)
    v128.store(y, v128.mul<T>(v128.load(y, 32), factor), 32)
    v128.store(y, v128.mul<T>(v128.load(y, 48), factor), 48)
    y += 64
  }
  for (; left > 0; left -= 16) {
    Part.store(y, v128.mul<T>(Part.load(y, left), factor), left)
    y += 16
  }
}

/** y = x − max − ln Σ e^(x − max) */
function logSoftmax<T extends number>(x: usize, y: usize, n: i32, begin: i32, end: i32): void {
  for (; begin < end; begin++) {
    let p = Address.of<T>(x, begin * n)
    let q = Address.of<T>(y, begin * n)
    const top = Row.max<T>(p, n)
    const rest = v128.splat<T>(<T>Row.logSumExp<T>(p, n, top))
    for (let left = n * <i32>sizeof<T>(); left > 0; left -= 16) {
      if (left >= 16) v128.store(q, v128.sub<T>(v128.sub<T>(v128.load(p), top), rest))
      else Part.store(q, v128.sub<T>(v128.sub<T>(Part.load(p, left), top), rest), left)
      p += 16
      q += 16
    }
  }
}

/** dx = y (dy − Σ dy y) */
function softmaxGrad<T extends number>(y: usize, dy: usize, dx: usize, n: i32, begin: i32, end: i32): void {
  for (; begin < end; begin++) {
    let p = Address.of<T>(y, begin * n)
    let s = Address.of<T>(dy, begin * n)
    let q = Address.of<T>(dx, begin * n)
    const dot = v128.splat<T>(<T>Row.dot<T>(p, s, n))
    for (let left = n * <i32>sizeof<T>(); left > 0; left -= 16) {
      if (left >= 16) v128.store(q, v128.mul<T>(v128.load(p), v128.sub<T>(v128.load(s), dot)))
      else Part.store(q, v128.mul<T>(Part.load(p, left), v128.sub<T>(Part.load(s, left), dot)), left)
      p += 16
      s += 16
      q += 16
    }
  }
}

/** dx = dy − e^y Σ dy */
function logSoftmaxGrad<T extends number>(y: usize, dy: usize, dx: usize, n: i32, begin: i32, end: i32): void {
  for (; begin < end; begin++) {
    let p = Address.of<T>(y, begin * n)
    let s = Address.of<T>(dy, begin * n)
    let q = Address.of<T>(dx, begin * n)
    const sum = v128.splat<T>(<T>Sum.row<T>(s, n))
    for (let left = n * <i32>sizeof<T>(); left > 0; left -= 16) {
      const e = Row.expCall<T>(Part.load(p, left))
      Part.store(q, v128.sub<T>(Part.load(s, left), v128.mul<T>(e, sum)), left)
      p += 16
      s += 16
      q += 16
    }
  }
}

export function softmax_f32(x: usize, y: usize, n: i32, begin: i32, end: i32): void {
  softmax<f32>(x, y, n, begin, end)
}
export function logSoftmax_f32(x: usize, y: usize, n: i32, begin: i32, end: i32): void {
  logSoftmax<f32>(x, y, n, begin, end)
}
export function softmaxGrad_f32(y: usize, dy: usize, dx: usize, n: i32, begin: i32, end: i32): void {
  softmaxGrad<f32>(y, dy, dx, n, begin, end)
}
export function logSoftmaxGrad_f32(y: usize, dy: usize, dx: usize, n: i32, begin: i32, end: i32): void {
  logSoftmaxGrad<f32>(y, dy, dx, n, begin, end)
}
export function softmax_f64(x: usize, y: usize, n: i32, begin: i32, end: i32): void {
  softmax<f64>(x, y, n, begin, end)
}
export function logSoftmax_f64(x: usize, y: usize, n: i32, begin: i32, end: i32): void {
  logSoftmax<f64>(x, y, n, begin, end)
}
export function softmaxGrad_f64(y: usize, dy: usize, dx: usize, n: i32, begin: i32, end: i32): void {
  softmaxGrad<f64>(y, dy, dx, n, begin, end)
}
export function logSoftmaxGrad_f64(y: usize, dy: usize, dx: usize, n: i32, begin: i32, end: i32): void {
  logSoftmaxGrad<f64>(y, dy, dx, n, begin, end)
}
