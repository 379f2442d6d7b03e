// Elementwise functions of two inputs with rows and scalars broadcast:
// op_T(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end), y[r, c] = op(a[r, c], b[r, c]),
// y contiguous [outer, inner], a[r, c] at a + r aOuter + c aInner, b likewise.
import type { KernelFunction } from '../backend/kernels.ts'
import { heap } from '../memory/heap.ts'
import { type ElementType, log2Bytes, type Twins, type View } from './family.ts'
import { pow } from './scalar.ts'

/** n elements of one row: y[i] = op(a[i aStep], b[i bStep]); a, b are indices into h, y into the output's view. */
export type RowLoop = (h: View, a: number, aStep: number, b: number, bStep: number, y: number, n: number) => void

/** The twin that applies a loop to every row, or part of one, of [begin, end). */
export function byRows(type: ElementType, yType: ElementType, loop: RowLoop): KernelFunction {
  const shift = log2Bytes[type]
  const yShift = log2Bytes[yType]
  return (a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end) => {
    const h = heap[type]
    a >>>= shift
    b >>>= shift
    y >>>= yShift
    let r = Math.floor(begin / inner)
    let c = begin - r * inner
    for (let i = begin; i < end; r++, c = 0) {
      const n = Math.min(inner - c, end - i)
      loop(h, a + r * aOuter + c * aInner, aInner, b + r * bOuter + c * bInner, bInner, y + i, n)
      i += n
    }
  }
}

const integers: Record<string, RowLoop> = {
  add(h, a, s, b, t, y, n) {
    for (let i = 0; i < n; i++, a += s, b += t) h[y + i] = h[a] + h[b]
  },
  sub(h, a, s, b, t, y, n) {
    for (let i = 0; i < n; i++, a += s, b += t) h[y + i] = h[a] - h[b]
  },
  mul(h, a, s, b, t, y, n) {
    for (let i = 0; i < n; i++, a += s, b += t) h[y + i] = Math.imul(h[a], h[b])
  },
  maximum(h, a, s, b, t, y, n) {
    for (let i = 0; i < n; i++, a += s, b += t) h[y + i] = Math.max(h[a], h[b])
  },
  minimum(h, a, s, b, t, y, n) {
    for (let i = 0; i < n; i++, a += s, b += t) h[y + i] = Math.min(h[a], h[b])
  },
}

const floats: Record<string, RowLoop> = {
  ...integers,
  mul(h, a, s, b, t, y, n) {
    for (let i = 0; i < n; i++, a += s, b += t) h[y + i] = h[a] * h[b]
  },
  div(h, a, s, b, t, y, n) {
    for (let i = 0; i < n; i++, a += s, b += t) h[y + i] = h[a] / h[b]
  },
  pow(h, a, s, b, t, y, n) {
    for (let i = 0; i < n; i++, a += s, b += t) h[y + i] = pow(h[a], h[b])
  },
}

const logical: Record<string, RowLoop> = {
  logicalAnd(h, a, s, b, t, y, n) {
    for (let i = 0; i < n; i++, a += s, b += t) h[y + i] = Number(h[a] !== 0) & Number(h[b] !== 0)
  },
  logicalOr(h, a, s, b, t, y, n) {
    for (let i = 0; i < n; i++, a += s, b += t) h[y + i] = Number((h[a] | h[b]) !== 0)
  },
  logicalXor(h, a, s, b, t, y, n) {
    for (let i = 0; i < n; i++, a += s, b += t) h[y + i] = Number(h[a] !== 0) ^ Number(h[b] !== 0)
  },
}

const bits: Record<string, RowLoop> = {
  bitwiseAnd(h, a, s, b, t, y, n) {
    for (let i = 0; i < n; i++, a += s, b += t) h[y + i] = h[a] & h[b]
  },
  bitwiseOr(h, a, s, b, t, y, n) {
    for (let i = 0; i < n; i++, a += s, b += t) h[y + i] = h[a] | h[b]
  },
  bitwiseXor(h, a, s, b, t, y, n) {
    for (let i = 0; i < n; i++, a += s, b += t) h[y + i] = h[a] ^ h[b]
  },
}

const loops = { f32: floats, f64: floats, i32: integers, u8: logical }

export const binary: Twins = {}
for (const type of ['f32', 'f64', 'i32', 'u8'] as const)
  for (const [name, loop] of Object.entries(loops[type])) binary[`${name}_${type}`] = byRows(type, type, loop)
for (const [name, loop] of Object.entries(bits)) {
  binary[`${name}_b8`] = byRows('u8', 'u8', loop)
  binary[`${name}_b32`] = byRows('i32', 'i32', loop)
}
