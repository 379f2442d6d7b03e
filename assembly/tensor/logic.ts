// Logic on bytes, any nonzero is true, results 0 or 1: op_u8(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end),
// operands and [begin, end) as in binary.ts.

import { Type } from '../lib/pair'
import { Logic, Pairs } from './pairs'

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
