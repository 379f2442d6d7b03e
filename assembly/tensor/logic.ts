// Logic on bytes, any nonzero is true, results 0 or 1: op_u8(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end),
// and on the bits of elements of any kind: op_bW. Operands and [begin, end) as in binary.ts.

import { Type } from '../lib/pair'
import { Bits, Logic, Pairs } from './pairs'

export function logicalAnd_u8(
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
  Pairs.map(Logic.and + Type.u8, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function logicalOr_u8(
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
  Pairs.map(Logic.or + Type.u8, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function logicalXor_u8(
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
  Pairs.map(Logic.xor + Type.u8, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function bitwiseAnd_b8(
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
  Pairs.map(Bits.and + Type.u8, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function bitwiseAnd_b32(
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
  Pairs.map(Bits.and + Type.i32, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function bitwiseAnd_b64(
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
  Pairs.map(Bits.and + Type.f64, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function bitwiseOr_b8(
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
  Pairs.map(Bits.or + Type.u8, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function bitwiseOr_b32(
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
  Pairs.map(Bits.or + Type.i32, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function bitwiseOr_b64(
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
  Pairs.map(Bits.or + Type.f64, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function bitwiseXor_b8(
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
  Pairs.map(Bits.xor + Type.u8, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function bitwiseXor_b32(
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
  Pairs.map(Bits.xor + Type.i32, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function bitwiseXor_b64(
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
  Pairs.map(Bits.xor + Type.f64, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
