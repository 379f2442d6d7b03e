// Softmax over rows of n: softmax_T(x, y, n, begin, end) and logSoftmax_T; softmaxGrad_T(y, dy, dx, n, begin, end) and
// logSoftmaxGrad_T from the output y; [begin, end) counts rows; outputs may be inputs. Sums are kept in f64; a row of −Inf
// alone gives NaN. Relative error 5e-7 (f32), 1e-15 (f64).

import { Address } from '../lib/address'
import { Part } from '../lib/part'
import { Sum } from '../lib/reduce'
import { Row } from '../lib/rows'

/** y = e^(x − max) / Σ, the exponentials kept in y meanwhile. */
function softmax<T extends number>(x: usize, y: usize, n: i32, begin: i32, end: i32): void {
  for (; begin < end; begin++) {
    const p = Address.of<T>(x, begin * n)
    let q = Address.of<T>(y, begin * n)
    const factor = v128.splat<T>(<T>(1 / Row.exps<T>(p, q, n, Row.max<T>(p, n))))
    let left = n * <i32>sizeof<T>()
    for (; left >= 64; left -= 64) {
      v128.store(q, v128.mul<T>(v128.load(q), factor))
      v128.store(q, v128.mul<T>(v128.load(q, 16), factor), 16)
      v128.store(q, v128.mul<T>(v128.load(q, 32), factor), 32)
      v128.store(q, v128.mul<T>(v128.load(q, 48), factor), 48)
      q += 64
    }
    for (; left > 0; left -= 16) {
      Part.store(q, v128.mul<T>(Part.load(q, left), factor), left)
      q += 16
    }
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
      const e = Row.exp<T>(left >= 16 ? v128.load(p) : Part.load(p, left))
      if (left >= 16) v128.store(q, v128.sub<T>(v128.load(s), v128.mul<T>(e, sum)))
      else Part.store(q, v128.sub<T>(Part.load(s, left), v128.mul<T>(e, sum)), left)
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
