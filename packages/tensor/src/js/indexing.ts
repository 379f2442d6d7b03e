// Reading by index along an axis, x [outer, size, inner], and the gradients that scatter back.
// An index is in [−size, size); negative ones count from the end. 64 bits move as two 32-bit integers.
import type { KernelFunction } from '../backend/kernels.ts'
import { heap } from '../memory/heap.ts'
import { forTypes, log2Bytes, type Twins } from './family.ts'

/** y[o, i, c] = x[o, index[i], c]; [begin, end) are pairs (o, i). */
function take(view: 'u8' | 'i32', words: number): KernelFunction {
  const shift = view === 'u8' ? 0 : 2
  return (x, index, y, size, count, inner, begin, end) => {
    const h = heap[view]
    const { i32 } = heap
    const n = inner * words
    x >>>= shift
    y >>>= shift
    index >>>= 2
    for (let u = begin; u < end; u++) {
      const i = u % count
      const j = i32[index + i]
      const p = x + (((u - i) / count) * size + (j < 0 ? j + size : j)) * n
      const q = y + u * n
      if (n >= 32) h.copyWithin(q, p, p + n)
      else for (let c = 0; c < n; c++) h[q + c] = h[p + c]
    }
  }
}

/** y[o, i, c] = x[o, index[o, i, c], c]; [begin, end) are o. */
function gather(view: 'u8' | 'i32', words: number): KernelFunction {
  const shift = view === 'u8' ? 0 : 2
  return (x, index, y, size, count, inner, begin, end) => {
    const h = heap[view]
    const { i32 } = heap
    x >>>= shift
    y >>>= shift
    index >>>= 2
    for (let o = begin; o < end; o++) {
      let u = o * count * inner
      for (let i = 0; i < count; i++)
        for (let c = 0; c < inner; c++, u++) {
          const j = i32[index + u]
          const p = x + ((o * size + (j < 0 ? j + size : j)) * inner + c) * words
          const q = y + u * words
          h[q] = h[p]
          if (words === 2) h[q + 1] = h[p + 1]
        }
    }
  }
}

export const indexing: Twins = {
  take_b8: take('u8', 1),
  take_b32: take('i32', 1),
  take_b64: take('i32', 2),
  gather_b8: gather('u8', 1),
  gather_b32: gather('i32', 1),
  gather_b64: gather('i32', 2),

  /** The flat position of the first index outside of [low, size), or −1. */
  badIndex_i32(index, low, size, begin, end) {
    const { i32 } = heap
    index >>>= 2
    for (let i = begin; i < end; i++) if (i32[index + i] < low || i32[index + i] >= size) return i
    return -1
  },

  /** y[i] = base[i] + index[i] · stride, with index counted from the front. */
  locate_i32(base, index, y, size, stride, begin, end) {
    const { i32 } = heap
    base >>>= 2
    index >>>= 2
    y >>>= 2
    for (let i = begin; i < end; i++) {
      const j = i32[index + i]
      i32[y + i] = i32[base + i] + (j < 0 ? j + size : j) * stride
    }
  },

  /** Where the mask is nonzero, in order, and how many there are; with y = 0 only that. */
  positions_u8(mask, y, begin, end) {
    const { u8, i32 } = heap
    const at = y >>> 2
    let count = 0
    for (let i = begin; i < end; i++) {
      if (u8[mask + i] === 0) continue
      if (y !== 0) i32[at + count] = i
      count++
    }
    return count
  },

  ...forTypes(['f32', 'f64'], {
    /** dx[o, index[i], c] += dy[o, i, c], dx zeroed first; [begin, end) are columns (o, c). */
    takeGrad(type, dy, index, dx, size, count, inner, begin, end) {
      const f = heap[type]
      const { i32 } = heap
      dy >>>= log2Bytes[type]
      dx >>>= log2Bytes[type]
      index >>>= 2
      for (let u = begin; u < end; ) {
        const o = Math.floor(u / inner)
        const first = u - o * inner
        const n = Math.min(inner - first, end - u)
        const target = dx + o * size * inner + first
        const source = dy + o * count * inner + first
        for (let j = 0; j < size; j++) f.fill(0, target + j * inner, target + j * inner + n)
        for (let i = 0; i < count; i++) {
          const j = i32[index + i]
          const q = target + (j < 0 ? j + size : j) * inner
          for (let c = 0; c < n; c++) f[q + c] += f[source + i * inner + c]
        }
        u += n
      }
    },

    /** dx[o, index[o, i, c], c] += dy[o, i, c], dx zeroed first; [begin, end) are o. */
    gatherGrad(type, dy, index, dx, size, count, inner, begin, end) {
      const f = heap[type]
      const { i32 } = heap
      dy >>>= log2Bytes[type]
      dx >>>= log2Bytes[type]
      index >>>= 2
      f.fill(0, dx + begin * size * inner, dx + end * size * inner)
      for (let o = begin; o < end; o++) {
        let u = o * count * inner
        for (let i = 0; i < count; i++)
          for (let c = 0; c < inner; c++, u++) {
            const j = i32[index + u]
            f[dx + (o * size + (j < 0 ? j + size : j)) * inner + c] += f[dy + u]
          }
      }
    },
  }),
}
