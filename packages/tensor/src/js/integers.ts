// Integers: what core lacks for i32, and all arithmetic of i64 on bigints, which wrap where they are stored.
// op_T(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end) as in binary.ts, op_i64(x, y, begin, end),
// reductions op_i64(x, y, n, inner, begin, end), zero_T and negative_T(x, begin, end).
import type { KernelFunction } from '../backend/kernels.ts'
import { heap } from '../memory/heap.ts'
import type { Twins } from './family.ts'

type Numbers = (a: number, b: number) => number
type Bigs = (a: bigint, b: bigint) => bigint

const wrap = (x: bigint): bigint => BigInt.asIntN(64, x)

const numbers: Record<string, Numbers> = {
  truncDivide: (a, b) => (b === 0 ? 0 : a / b),
  floorDivide: (a, b) => (b === 0 ? 0 : Math.floor(a / b)),
  fmod: (a, b) => (b === 0 ? 0 : a % b),
  remainder: (a, b) => (b === 0 ? 0 : a - Math.floor(a / b) * b),
  bitwiseLeftShift: (a, b) => (b >= 0 && b < 32 ? a << b : 0),
  bitwiseRightShift: (a, b) => a >> (b >= 0 && b < 32 ? b : 31),
  pow(a, b) {
    let y = 1
    for (; b > 0; b >>= 1) {
      if (b & 1) y = Math.imul(y, a)
      a = Math.imul(a, a)
    }
    return y
  },
}

const fmod: Bigs = (a, b) => (b === 0n ? 0n : a % b)
const bigs: Record<string, Bigs> = {
  truncDivide: (a, b) => (b === 0n ? 0n : a / b),
  floorDivide: (a, b) => (b === 0n ? 0n : a / b - BigInt(a % b !== 0n && a < 0n !== b < 0n)),
  fmod,
  remainder: (a, b) => fmod(fmod(a, b) + b, b),
  bitwiseLeftShift: (a, b) => (b >= 0n && b < 64n ? a << b : 0n),
  bitwiseRightShift: (a, b) => a >> (b >= 0n && b < 64n ? b : 63n),
  pow(a, b) {
    let y = 1n
    for (; b > 0n; b >>= 1n) {
      if (b & 1n) y = wrap(y * a)
      a = wrap(a * a)
    }
    return y
  },
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  maximum: (a, b) => (a > b ? a : b),
  minimum: (a, b) => (a < b ? a : b),
}
const relations: Record<string, (a: bigint, b: bigint) => boolean> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
}
const singles: Record<string, (a: bigint) => bigint> = {
  neg: (a) => -a,
  abs: (a) => (a < 0n ? -a : a),
  sign: (a) => BigInt(a > 0n) - BigInt(a < 0n),
  square: (a) => a * a,
  relu: (a) => (a < 0n ? 0n : a),
}
const folds: Record<string, readonly [first: bigint, step: Bigs]> = {
  sum: [0n, bigs.add],
  prod: [1n, (a, b) => wrap(a * b)],
  max: [-(2n ** 63n), bigs.maximum],
  min: [2n ** 63n - 1n, bigs.minimum],
}

/** Calls `each` with the indices of a, b and y of every element. */
function elementwise(shift: number, yShift: number, each: (a: number, b: number, y: number) => void): KernelFunction {
  return (a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end) => {
    for (let i = begin; i < end; i++) {
      const r = Math.floor(i / inner)
      const c = i - r * inner
      each((a >>> shift) + r * aOuter + c * aInner, (b >>> shift) + r * bOuter + c * bInner, (y >>> yShift) + i)
    }
  }
}

/** Calls `each` with the indices of an output and of the first element that it comes from. */
function reduction(yShift: number, each: (x: number, y: number, n: number, inner: number) => void): KernelFunction {
  return (x, y, n, inner, begin, end) => {
    for (let i = begin; i < end; i++) {
      const outer = Math.floor(i / inner)
      each((x >>> 3) + outer * n * inner + (i - outer * inner), (y >>> yShift) + i, n, inner)
    }
  }
}

const argument = (isBetter: (a: bigint, b: bigint) => boolean): KernelFunction =>
  reduction(2, (x, y, n, inner) => {
    const { i64, i32 } = heap
    let best = 0
    for (let i = 1; i < n; i++) if (isBetter(i64[x + i * inner], i64[x + best * inner])) best = i
    i32[y] = best
  })

const find =
  (type: 'i32' | 'i64', test: (v: number | bigint) => boolean): KernelFunction =>
  (x, begin, end) => {
    const h = heap[type]
    for (let i = begin; i < end; i++) if (test(h[x / h.BYTES_PER_ELEMENT + i])) return i
    return -1
  }

export const integers: Twins = {
  argmax_i64: argument((a, b) => a > b),
  argmin_i64: argument((a, b) => a < b),
}
for (const [name, f] of Object.entries(numbers)) {
  integers[`${name}_i32`] = elementwise(2, 2, (a, b, y) => {
    heap.i32[y] = f(heap.i32[a], heap.i32[b])
  })
}
for (const [name, f] of Object.entries(bigs)) {
  integers[`${name}_i64`] = elementwise(3, 3, (a, b, y) => {
    heap.i64[y] = f(heap.i64[a], heap.i64[b])
  })
}
const bits: Record<string, Bigs> = {
  bitwiseAnd: (a, b) => a & b,
  bitwiseOr: (a, b) => a | b,
  bitwiseXor: (a, b) => a ^ b,
}
for (const [name, f] of Object.entries(bits)) {
  integers[`${name}_b64`] = elementwise(3, 3, (a, b, y) => {
    heap.i64[y] = f(heap.i64[a], heap.i64[b])
  })
}
for (const [name, f] of Object.entries(relations)) {
  integers[`${name}_i64`] = elementwise(3, 0, (a, b, y) => {
    heap.u8[y] = Number(f(heap.i64[a], heap.i64[b]))
  })
}
for (const [name, f] of Object.entries(singles)) {
  integers[`${name}_i64`] = (x, y, begin, end) => {
    const { i64 } = heap
    for (let i = begin; i < end; i++) i64[(y >>> 3) + i] = f(i64[(x >>> 3) + i])
  }
}
for (const [name, [first, step]] of Object.entries(folds)) {
  integers[`${name}_i64`] = reduction(3, (x, y, n, inner) => {
    const { i64 } = heap
    let total = first
    for (let i = 0; i < n; i++) total = step(total, i64[x + i * inner])
    i64[y] = total
  })
}
for (const type of ['i32', 'i64'] as const) {
  integers[`zero_${type}`] = find(type, (v) => !v)
  integers[`negative_${type}`] = find(type, (v) => v < 0)
}
