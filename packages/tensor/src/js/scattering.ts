// Writing by position into y [outer, size, inner]: x[o, i, c] goes to y[o, index, c], one after the other along i.
// x is [outer, count, inner] times step (0: one element for all); index is [outer, count, inner] with each = 1, [count]
// with 0; positions in [−size, size). [begin, end) are columns (o, c).
import type { KernelFunction } from '../backend/kernels.ts'
import { heap } from '../memory/heap.ts'
import { forTypes, log2Bytes, type Twins } from './family.ts'

/** The last of several for one place stays. An element is `words` units of the view. */
function scatter(view: 'u8' | 'i32', words: number): KernelFunction {
  const shift = view === 'u8' ? 0 : 2
  return (x, index, y, size, count, inner, each, step, begin, end) => {
    const h = heap[view]
    const { i32 } = heap
    x >>>= shift
    y >>>= shift
    index >>>= 2
    while (begin < end) {
      const first = begin % inner
      const o = (begin - first) / inner
      const n = Math.min(end - begin, inner - first)
      for (let i = 0; i < count; i++) {
        const at = (o * count + i) * inner + first
        for (let c = 0; c < n; c++) {
          const j = i32[index + (each ? at + c : i)]
          const p = x + (at + c) * step * words
          const q = y + ((o * size + (j < 0 ? j + size : j)) * inner + first + c) * words
          h[q] = h[p]
          if (words === 2) h[q + 1] = h[p + 1]
        }
      }
      begin += n
    }
  }
}

export const scattering: Twins = {
  scatter_b8: scatter('u8', 1),
  scatter_b32: scatter('i32', 1),
  scatter_b64: scatter('i32', 2),

  ...forTypes(['f32', 'f64', 'i32'], {
    /** What comes meets what is there: op 0 adds, 1 multiplies, 2 takes the larger, 3 the smaller, NaN if either is. */
    scatterReduce(type, x, index, y, size, count, inner, each, step, op, begin, end) {
      const h = heap[type]
      const { i32 } = heap
      x >>>= log2Bytes[type]
      y >>>= log2Bytes[type]
      index >>>= 2
      while (begin < end) {
        const first = begin % inner
        const o = (begin - first) / inner
        const n = Math.min(end - begin, inner - first)
        for (let i = 0; i < count; i++) {
          const at = (o * count + i) * inner + first
          for (let c = 0; c < n; c++) {
            const j = i32[index + (each ? at + c : i)]
            const b = h[x + (at + c) * step]
            const q = y + (o * size + (j < 0 ? j + size : j)) * inner + first + c
            const a = h[q]
            if (op === 0) h[q] = a + b
            else if (op === 1) h[q] = type === 'i32' ? Math.imul(a, b) : a * b
            else h[q] = op === 2 ? Math.max(a, b) : Math.min(a, b)
          }
        }
        begin += n
      }
    },
  }),
}
