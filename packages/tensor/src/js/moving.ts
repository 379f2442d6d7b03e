// Moving and filling. copy_bW(x, y, n0, n1, n2, n3, s0, s1, s2, s3, begin, end) gathers a strided x into
// a contiguous y [n0, n1, n2, n3]; paste_bW scatters a contiguous x into a strided y; [begin, end) are rows of n3.
// An element of 64 bits moves as two 32-bit integers, which keeps every NaN's bits.
import type { KernelFunction } from '../backend/kernels.ts'
import { heap } from '../memory/heap.ts'
import { log2Bytes, type Twins } from './family.ts'

type Bits = Int32Array | Uint16Array | Uint8Array

/** n elements of one row, from step to step; a unit of the view each. */
function moveRow(h: Bits, from: number, fromStep: number, to: number, toStep: number, n: number): void {
  if (fromStep === 1 && toStep === 1 && n >= 32) h.copyWithin(to, from, from + n)
  else for (let i = 0; i < n; i++, from += fromStep, to += toStep) h[to] = h[from]
}

/** The same for elements of two units; all in units. */
function movePairs(h: Bits, from: number, fromStep: number, to: number, toStep: number, n: number): void {
  if (fromStep === 2 && toStep === 2 && n >= 16) h.copyWithin(to, from, from + 2 * n)
  else
    for (let i = 0; i < n; i++, from += fromStep, to += toStep) {
      h[to] = h[from]
      h[to + 1] = h[from + 1]
    }
}

/** Rows and columns of a tile of a transposition: its lines of both sides stay in the first cache. */
const TILE = 32

/** Moves [begin, end) rows between a strided side (s0 … s3) and a contiguous one. */
function moving(view: 'u8' | 'u16' | 'i32', words: number, paste: boolean): KernelFunction {
  const shift = view === 'u8' ? 0 : view === 'u16' ? 1 : 2
  const move = words === 1 ? moveRow : movePairs
  return (x, y, _n0, n1, n2, n3, s0, s1, s2, s3, begin, end) => {
    const h = heap[view]
    const strided = (paste ? y : x) >>> shift
    const contiguous = (paste ? x : y) >>> shift
    const flat = s3 === 1 && s2 === n3
    // Where neighbouring rows lie side by side along the strided side, columns of a tile are walked down the rows.
    const transposed = s2 === 1 && Math.abs(s3) >= n2 && n3 > 1
    const rows = flat ? n2 : transposed ? TILE : 1
    const columns = transposed ? TILE : n3
    for (let r = begin; r < end; ) {
      const i2 = r % n2
      const outer = (r - i2) / n2
      const i1 = outer % n1
      const base = strided + (((outer - i1) / n1) * s0 + i1 * s1 + i2 * s2) * words
      const n = Math.min(rows, n2 - i2, end - r)
      for (let c = 0; c < n3; c += columns) {
        const m = flat ? n * n3 : Math.min(columns, n3 - c)
        for (let i = 0; i < (flat ? 1 : n); i++) {
          const s = base + (i * s2 + c * s3) * words
          const t = contiguous + ((r + i) * n3 + c) * words
          if (paste) move(h, t, words, s, s3 * words, m)
          else move(h, s, s3 * words, t, words, m)
        }
      }
      r += n
    }
  }
}

export const moves: Twins = {
  copy_b8: moving('u8', 1, false),
  copy_b16: moving('u16', 1, false),
  copy_b32: moving('i32', 1, false),
  copy_b64: moving('i32', 2, false),
  paste_b8: moving('u8', 1, true),
  paste_b16: moving('u16', 1, true),
  paste_b32: moving('i32', 1, true),
  paste_b64: moving('i32', 2, true),
}

/** fill_T(y, value, begin, end) and arange_T(y, start, step, begin, end), y[i] = start + i step. */
export const fills: Twins = {}
for (const type of ['f32', 'f64', 'i32', 'u8'] as const) {
  const shift = log2Bytes[type]
  fills[`fill_${type}`] = (y, value, begin, end) => {
    heap[type].fill(value, (y >>> shift) + begin, (y >>> shift) + end)
  }
  if (type === 'u8') continue
  fills[`arange_${type}`] = (y, start, step, begin, end) => {
    const h = heap[type]
    y >>>= shift
    for (let i = begin; i < end; i++) h[y + i] = start + i * step
  }
}
