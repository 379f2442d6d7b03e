// where_bW(c, a, b, y, inner, cOuter, cInner, aOuter, aInner, bOuter, bInner, begin, end):
// y = c ? a : b with the broadcasting of binary.ts, for elements of W bits whatever they mean.
import type { KernelFunction } from '../backend/kernels.ts'
import { heap } from '../memory/heap.ts'
import type { Twins } from './family.ts'

/** An element is `words` units of the view: float64 moves as two integers, which keeps every NaN's bits. */
function select(view: 'u8' | 'i32', words: number): KernelFunction {
  const shift = view === 'u8' ? 0 : 2
  return (c, a, b, y, inner, cOuter, cInner, aOuter, aInner, bOuter, bInner, begin, end) => {
    const { u8 } = heap
    const h = heap[view]
    a >>>= shift
    b >>>= shift
    y >>>= shift
    c >>>= 0
    const aStep = aInner * words
    const bStep = bInner * words
    let r = Math.floor(begin / inner)
    let col = begin - r * inner
    for (let i = begin; i < end; r++, col = 0) {
      const last = i + Math.min(inner - col, end - i)
      let p = c + r * cOuter + col * cInner
      let q = a + r * aOuter * words + col * aStep
      let s = b + r * bOuter * words + col * bStep
      if (words === 1) for (; i < last; i++, p += cInner, q += aStep, s += bStep) h[y + i] = h[u8[p] !== 0 ? q : s]
      else
        for (; i < last; i++, p += cInner, q += aStep, s += bStep) {
          const from = u8[p] !== 0 ? q : s
          h[y + 2 * i] = h[from]
          h[y + 2 * i + 1] = h[from + 1]
        }
    }
  }
}

export const where: Twins = {
  where_b8: select('u8', 1),
  where_b32: select('i32', 1),
  where_b64: select('i32', 2),
}
