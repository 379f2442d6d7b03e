// Comparisons, results 0 or 1 in bytes: op_T(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end), operands
// and [begin, end) as in binary.ts. gt and ge are lt and le of exchanged operands, ne is eq inverted.

import { Address } from '../lib/address'
import { Table } from '../lib/constants'

enum Op {
  eq,
  lt,
  le,
}

@unmanaged
class Relation<T extends number> {
  @inline at(a: v128, b: v128, kind: i32): v128 {
    if (kind == Op.eq) return v128.eq<T>(a, b)
    if (kind == Op.lt) return v128.lt<T>(a, b)
    return v128.le<T>(a, b)
  }
}

/** y = (a op b) ≠ inverted, four vectors at a time. */
function compare<T extends number>(
  kind: i32,
  inverted: i32,
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
  const op = changetype<Relation<T>>(0)
  if (begin >= end) return
  const one = i8x16.splat(1)
  const flip = i8x16.splat(<i8>inverted)
  const count = 64 / sizeof<T>()
  const aStep = aInner << 6
  const bStep = bInner << 6
  let row = begin / inner
  let column = begin - row * inner
  while (begin < end) {
    let p = Address.of<T>(a, row * aOuter + column * aInner)
    let s = Address.of<T>(b, row * bOuter + column * bInner)
    const stop = begin + min(end - begin, inner - column)
    const aSplat = aInner ? Table.zero() : v128.load_splat<T>(p)
    const bSplat = bInner ? Table.zero() : v128.load_splat<T>(s)
    if (!aInner) p = Table.ZEROS
    if (!bInner) s = Table.ZEROS
    row++
    column = 0
    for (; begin + count <= stop; begin += count) {
      const v0 = op.at(v128.or(v128.load(p), aSplat), v128.or(v128.load(s), bSplat), kind)
      const v1 = op.at(v128.or(v128.load(p, 16), aSplat), v128.or(v128.load(s, 16), bSplat), kind)
      const v2 = op.at(v128.or(v128.load(p, 32), aSplat), v128.or(v128.load(s, 32), bSplat), kind)
      const v3 = op.at(v128.or(v128.load(p, 48), aSplat), v128.or(v128.load(s, 48), bSplat), kind)
      if (sizeof<T>() == 8) {
        const halves = i16x8.narrow_i32x4_s(
          v128.shuffle<i32>(v0, v1, 0, 2, 4, 6),
          v128.shuffle<i32>(v2, v3, 0, 2, 4, 6),
        )
        const bytes = i8x16.narrow_i16x8_s(halves, halves)
        v128.store64_lane(y + begin, v128.xor(v128.and(bytes, one), flip), 0)
      } else {
        const bytes = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(v0, v1), i16x8.narrow_i32x4_s(v2, v3))
        v128.store(y + begin, v128.xor(v128.and(bytes, one), flip))
      }
      p += aStep
      s += bStep
    }
    for (; begin < stop; begin++) {
      const v = op.at(v128.or(v128.load_splat<T>(p), aSplat), v128.or(v128.load_splat<T>(s), bSplat), kind)
      v128.store8_lane(y + begin, v128.xor(v128.and(v, one), flip), 0)
      p += aInner * sizeof<T>()
      s += bInner * sizeof<T>()
    }
  }
}

export function eq_f32(
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
  compare<f32>(Op.eq, 0, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function ne_f32(
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
  compare<f32>(Op.eq, 1, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function lt_f32(
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
  compare<f32>(Op.lt, 0, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function le_f32(
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
  compare<f32>(Op.le, 0, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function gt_f32(
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
  compare<f32>(Op.lt, 0, b, a, y, inner, bOuter, bInner, aOuter, aInner, begin, end)
}
export function ge_f32(
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
  compare<f32>(Op.le, 0, b, a, y, inner, bOuter, bInner, aOuter, aInner, begin, end)
}
export function eq_f64(
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
  compare<f64>(Op.eq, 0, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function ne_f64(
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
  compare<f64>(Op.eq, 1, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function lt_f64(
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
  compare<f64>(Op.lt, 0, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function le_f64(
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
  compare<f64>(Op.le, 0, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function gt_f64(
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
  compare<f64>(Op.lt, 0, b, a, y, inner, bOuter, bInner, aOuter, aInner, begin, end)
}
export function ge_f64(
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
  compare<f64>(Op.le, 0, b, a, y, inner, bOuter, bInner, aOuter, aInner, begin, end)
}
export function eq_i32(
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
  compare<i32>(Op.eq, 0, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function ne_i32(
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
  compare<i32>(Op.eq, 1, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function lt_i32(
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
  compare<i32>(Op.lt, 0, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function le_i32(
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
  compare<i32>(Op.le, 0, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function gt_i32(
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
  compare<i32>(Op.lt, 0, b, a, y, inner, bOuter, bInner, aOuter, aInner, begin, end)
}
export function ge_i32(
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
  compare<i32>(Op.le, 0, b, a, y, inner, bOuter, bInner, aOuter, aInner, begin, end)
}
