// Arithmetic on two operands: op_T(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end), y [outer, inner] contiguous,
// a at (r, c) is a[r·aOuter + c·aInner] with aInner 0 or 1, b likewise; [begin, end) counts elements of y; y may be a or b.
// pow has a relative error of 2e-13 at most in f64, and 0.6 ulp in f32.

import { Type } from '../lib/pair'
import { Op, Pairs } from './pairs'

export function add_f32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Pairs.map(Op.add + Type.f32, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function add_f64(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Pairs.map(Op.add + Type.f64, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function add_i32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Pairs.map(Op.add + Type.i32, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function sub_f32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Pairs.map(Op.sub + Type.f32, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function sub_f64(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Pairs.map(Op.sub + Type.f64, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function sub_i32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Pairs.map(Op.sub + Type.i32, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function mul_f32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Pairs.map(Op.mul + Type.f32, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function mul_f64(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Pairs.map(Op.mul + Type.f64, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function mul_i32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Pairs.map(Op.mul + Type.i32, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function div_f32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Pairs.map(Op.div + Type.f32, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function div_f64(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Pairs.map(Op.div + Type.f64, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function maximum_f32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Pairs.map(Op.maximum + Type.f32, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function maximum_f64(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Pairs.map(Op.maximum + Type.f64, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function maximum_i32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Pairs.map(Op.maximum + Type.i32, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function minimum_f32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Pairs.map(Op.minimum + Type.f32, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function minimum_f64(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Pairs.map(Op.minimum + Type.f64, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function minimum_i32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Pairs.map(Op.minimum + Type.i32, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function pow_f32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Pairs.map(Op.pow + Type.f32, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function pow_f64(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Pairs.map(Op.pow + Type.f64, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
