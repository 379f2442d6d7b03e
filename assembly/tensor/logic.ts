// Logic on bytes, any nonzero is true, results 0 or 1: op_u8(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end),
// operands and [begin, end) as in binary.ts.

import { Table } from '../lib/constants'
import { Part } from '../lib/part'

/** y = `both` where a and b are true, `either` where one of them is. */
function combine(
  both: i32,
  either: i32,
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
  if (begin >= end) return
  const zero = Table.zero()
  let row = begin / inner
  let column = begin - row * inner
  while (begin < end) {
    let p = a + row * aOuter + column * aInner
    let s = b + row * bOuter + column * bInner
    const aSplat = aInner ? zero : v128.load8_splat(p)
    const bSplat = bInner ? zero : v128.load8_splat(s)
    if (!aInner) p = Table.ZEROS
    if (!bInner) s = Table.ZEROS
    let left = min(end - begin, inner - column)
    row++
    column = 0
    for (; left > 0; left -= 16) {
      const v = i8x16.ne(v128.or(Part.load(p, left), aSplat), zero)
      const w = i8x16.ne(v128.or(Part.load(s, left), bSplat), zero)
      const x = v128.or(
        v128.and(v128.and(v, w), i8x16.splat(<i8>both)),
        v128.and(v128.xor(v, w), i8x16.splat(<i8>either)),
      )
      Part.store(y + begin, x, left)
      p += aInner << 4
      s += bInner << 4
      begin += min(left, 16)
    }
  }
}

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
  combine(1, 0, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  combine(1, 1, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  combine(0, 1, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
