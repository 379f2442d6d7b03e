// The loop over two operands that broadcast against each other, see Pair.map. An operand that is one number for a whole row
// is read as zeros from the table and or-ed with its splat, so that one loop serves every combination.

import { Address } from './address'
import { Table } from './constants'
import { Part } from './part'

/** An operation on the lanes of two vectors; `flip` is a parameter that most do not look at. */
export interface Binary {
  at(a: v128, b: v128, flip: v128): v128
}

export class Pair {
  /**
   * y[r, c] = Op(a[r·aOuter + c·aInner], b[r·bOuter + c·bInner]), y [outer, inner] contiguous, aInner and bInner 0 or 1;
   * [begin, end) counts elements of y, which may be a or b.
   */
  @inline static map<Op extends Binary, T>(
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
    flip: v128,
  ): void {
    const op = changetype<Op>(0)
    if (begin >= end) return
    let row = begin / inner
    let column = begin - row * inner
    let q = Address.of<T>(y, begin)
    let rest = (end - begin) * sizeof<T>()
    while (rest > 0) {
      let p = Address.of<T>(a, row * aOuter + column * aInner)
      let s = Address.of<T>(b, row * bOuter + column * bInner)
      let left = min(rest, (inner - column) * sizeof<T>())
      rest -= left
      row++
      column = 0
      if (aInner & bInner)
        for (; left >= 64; left -= 64) {
          const v0 = op.at(v128.load(p), v128.load(s), flip)
          const v1 = op.at(v128.load(p, 16), v128.load(s, 16), flip)
          const v2 = op.at(v128.load(p, 32), v128.load(s, 32), flip)
          const v3 = op.at(v128.load(p, 48), v128.load(s, 48), flip)
          v128.store(q, v0)
          v128.store(q, v1, 16)
          v128.store(q, v2, 32)
          v128.store(q, v3, 48)
          p += 64
          s += 64
          q += 64
        }
      let aSplat = Table.zero()
      let bSplat = Table.zero()
      if (!aInner) {
        aSplat = v128.load_splat<T>(p)
        p = Table.ZEROS
      }
      if (!bInner) {
        bSplat = v128.load_splat<T>(s)
        s = Table.ZEROS
      }
      const aStep = aInner << 4
      const bStep = bInner << 4
      for (; left >= 32; left -= 32) {
        const v0 = op.at(v128.or(v128.load(p), aSplat), v128.or(v128.load(s), bSplat), flip)
        p += aStep
        s += bStep
        const v1 = op.at(v128.or(v128.load(p), aSplat), v128.or(v128.load(s), bSplat), flip)
        v128.store(q, v0)
        v128.store(q, v1, 16)
        p += aStep
        s += bStep
        q += 32
      }
      for (; left > 0; left -= 16) {
        const v = op.at(v128.or(Part.load(p, left), aSplat), v128.or(Part.load(s, left), bSplat), flip)
        Part.store(q, v, left)
        p += aStep
        s += bStep
        q += min(left, 16)
      }
    }
  }
}
