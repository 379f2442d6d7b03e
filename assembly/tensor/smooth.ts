// The f32 functions of which engines with relaxed SIMD have a build of their own (see relaxed.ts): op_f32(x, y, begin, end),
// y[i] = op(x[i]); [begin, end) counts elements; y may be x. Formulas and largest errors stand in lib/math32.

import { Address } from '../lib/address'
import { Table } from '../lib/constants'
import { Map } from '../lib/map'
import { Math32 } from '../lib/math32'

enum Op {
  gelu,
  erf,
  exp,
  log,
  expm1,
  tanh,
  sigmoid,
  geluTanh,
}

/** All of them; `this` is an Op: in one loop each formula is written once, and the choice is made ahead of time. */
@unmanaged
class Smooth {
  @inline at(x: v128): v128 {
    const op = <i32>changetype<usize>(this)
    switch (op) {
      case Op.exp:
        return Math32.exp(x)
      case Op.log:
        return Math32.log(x)
      case Op.expm1:
        return Math32.expm1(x)
      case Op.tanh:
        return Math32.tanh(x)
      case Op.sigmoid:
        return Math32.sigmoid(x)
      case Op.geluTanh:
        return Math32.geluTanh(x)
    }
    // gelu and erf have in common what is long
    const a = v128.and(x, Table.at<f32>(Table.BITS32, 0))
    const q = Math32.upperTail(op ? f32x4.mul(a, Table.at<f32>(Table.TAIL32, 15)) : a)
    return op ? Math32.erfOf(x, a, q) : Math32.geluOf(x, q)
  }
}

function smooth(x: usize, y: usize, begin: i32, end: i32, op: Op): void {
  Map.one<Smooth>(Address.of<f32>(x, begin), Address.of<f32>(y, begin), (end - begin) << 2, op)
}

/** Two vectors at a time: where both lie within |x| ≤ 64 the short form serves, which has the same bits. */
export function exp_f32(x: usize, y: usize, begin: i32, end: i32): void {
  let p = Address.of<f32>(x, begin)
  let q = Address.of<f32>(y, begin)
  let left = end - begin
  for (; left >= 8; left -= 8) {
    let v = v128.load(p)
    let w = v128.load(p, 16)
    // as integers, because magnitudes sort alike and NaN is the largest
    const magnitude = Table.at<f32>(Table.BITS32, 0)
    const largest = i32x4.max_s(v128.and(v, magnitude), v128.and(w, magnitude))
    if (v128.any_true(i32x4.gt_s(largest, Table.at<f32>(Table.EXP32, 13)))) smooth(p, q, 0, 8, Op.exp)
    else {
      v = Math32.expShort(v)
      w = Math32.expShort(w)
      v128.store(q, v)
      v128.store(q, w, 16)
    }
    p += 32
    q += 32
  }
  smooth(p, q, 0, left, Op.exp)
}
export function log_f32(x: usize, y: usize, begin: i32, end: i32): void {
  smooth(x, y, begin, end, Op.log)
}
export function expm1_f32(x: usize, y: usize, begin: i32, end: i32): void {
  smooth(x, y, begin, end, Op.expm1)
}
export function tanh_f32(x: usize, y: usize, begin: i32, end: i32): void {
  smooth(x, y, begin, end, Op.tanh)
}
export function sigmoid_f32(x: usize, y: usize, begin: i32, end: i32): void {
  smooth(x, y, begin, end, Op.sigmoid)
}
export function erf_f32(x: usize, y: usize, begin: i32, end: i32): void {
  smooth(x, y, begin, end, Op.erf)
}
export function gelu_f32(x: usize, y: usize, begin: i32, end: i32): void {
  smooth(x, y, begin, end, Op.gelu)
}
export function geluTanh_f32(x: usize, y: usize, begin: i32, end: i32): void {
  smooth(x, y, begin, end, Op.geluTanh)
}
