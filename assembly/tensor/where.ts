// Selection: where_bW(c, a, b, y, inner, cOuter, cInner, aOuter, aInner, bOuter, bInner, begin, end), y = c ≠ 0 ? a : b, any
// dtype of W bits, c bytes; operands and [begin, end) as in binary.ts.

import { Address } from '../lib/address'
import { Table } from '../lib/constants'
import { Mask } from '../lib/mask'
import { Part } from '../lib/part'

function select<T>(
  c: usize,
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  cOuter: i32,
  cInner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  if (begin >= end) return
  const zero = Table.zero()
  const count = 16 / sizeof<T>()
  let row = begin / inner
  let column = begin - row * inner
  let q = Address.of<T>(y, begin)
  while (begin < end) {
    let m = c + row * cOuter + column * cInner
    let p = Address.of<T>(a, row * aOuter + column * aInner)
    let s = Address.of<T>(b, row * bOuter + column * bInner)
    const cSplat = cInner ? zero : v128.load8_splat(m)
    const aSplat = aInner ? zero : v128.load_splat<T>(p)
    const bSplat = bInner ? zero : v128.load_splat<T>(s)
    if (!cInner) m = Table.ZEROS
    if (!aInner) p = Table.ZEROS
    if (!bInner) s = Table.ZEROS
    let left = min(end - begin, inner - column)
    begin += left
    row++
    column = 0
    for (; left >= count; left -= count) {
      const mask = Mask.of<T>(v128.or(Mask.load<T>(m), cSplat))
      v128.store(q, v128.bitselect(v128.or(v128.load(p), aSplat), v128.or(v128.load(s), bSplat), mask))
      m += cInner * count
      p += aInner << 4
      s += bInner << 4
      q += 16
    }
    const bytes = left * sizeof<T>()
    const mask = Mask.of<T>(v128.or(Part.load(m, left), cSplat))
    const v = v128.bitselect(v128.or(Part.load(p, bytes), aSplat), v128.or(Part.load(s, bytes), bSplat), mask)
    Part.store(q, v, bytes)
    q += bytes
  }
}

export function where_b8(
  c: usize,
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  cOuter: i32,
  cInner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  select<u8>(c, a, b, y, inner, cOuter, cInner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function where_b32(
  c: usize,
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  cOuter: i32,
  cInner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  select<i32>(c, a, b, y, inner, cOuter, cInner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function where_b64(
  c: usize,
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  cOuter: i32,
  cInner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  select<i64>(c, a, b, y, inner, cOuter, cInner, aOuter, aInner, bOuter, bInner, begin, end)
}
