// Sorting, searching, and folds that keep every step. Signatures as in assembly/tensor/{sort,scan,search}.ts.
import type { KernelFunction } from '../backend/kernels.ts'
import { heap } from '../memory/heap.ts'
import { forTypes, log2Bytes, type Twins } from './family.ts'

/** Positions in the order of their keys, equal ones as they stand: runs of one, two, four … are merged. */
function mergeSort(keys: Float64Array | BigInt64Array, positions: Int32Array): Int32Array {
  const n = positions.length
  let from: Int32Array = positions
  let to: Int32Array = new Int32Array(n)
  for (let width = 1; width < n; width *= 2) {
    for (let start = 0; start < n; start += 2 * width) {
      let a = start
      let b = Math.min(start + width, n)
      const aEnd = b
      const bEnd = Math.min(start + 2 * width, n)
      for (let i = start; i < bEnd; i++)
        to[i] = b < bEnd && (a >= aEnd || keys[from[b]] < keys[from[a]]) ? from[b++] : from[a++]
    }
    ;[from, to] = [to, from]
  }
  return from
}

/** By their numbers: bool, uint8, int32, float32, float64, int64. */
const TYPES = ['u8', 'u8', 'i32', 'f32', 'f64', 'i64'] as const

const sort: KernelFunction = (
  typeNumber,
  x,
  values,
  indices,
  n,
  inner,
  from,
  count,
  descending,
  first,
  _temp,
  _scratch,
  begin,
  end,
) => {
  const type = TYPES[typeNumber]
  const shift = type === 'i64' ? 3 : log2Bytes[type]
  // Bigints are told from numbers where it matters.
  const h = heap[type] as Float64Array
  const { i32 } = heap
  const keys = type === 'i64' ? new BigInt64Array(n) : new Float64Array(n)
  const turned = (v: number): number => (typeof v === 'bigint' ? ~v : -v)
  for (let u = first + begin; u < first + end; u++) {
    const outer = Math.floor(u / inner)
    const column = u - outer * inner
    const source = (x >>> shift) + outer * n * inner + column
    const numbers = new Int32Array(n)
    const nans: number[] = []
    let found = 0
    for (let i = 0; i < n; i++) {
      const v = h[source + i * inner]
      keys[i] = descending ? turned(v) : v
      if (Number.isNaN(v)) nans.push(i)
      else numbers[found++] = i
    }
    const sorted = mergeSort(keys, numbers.subarray(0, found))
    const place = from >= 0 ? from : from === -1 && found < n ? found : Math.max(found - 1, 0) >> 1
    for (let i = 0; i < count; i++) {
      const k = place + i - (descending ? nans.length : 0)
      const index = k < 0 ? nans[k + nans.length] : k < found ? sorted[k] : nans[k - found]
      const to = (outer * count + i) * inner + column
      if (indices) i32[(indices >>> 2) + to] = index
      if (values) h[(values >>> shift) + to] = h[source + index * inner]
    }
  }
}

type Step = (y: number, a: number, b: number) => number

/** The kinds of fold, and from where they start; without the last for integers. */
const FLOATING: readonly (readonly [start: number, step: Step])[] = [
  [0, (y, a) => y + a],
  [1, (y, a) => y * a],
  [0, (y, a, b) => y * a + b],
]
const WHOLE: typeof FLOATING = [
  [0, (y, a) => (y + a) | 0],
  [1, Math.imul],
]
const WHOLE64 = [
  [0n, (y: bigint, a: bigint) => BigInt.asIntN(64, y + a)],
  [1n, (y: bigint, a: bigint) => BigInt.asIntN(64, y * a)],
] as unknown as typeof FLOATING

function scan(type: 'f32' | 'f64' | 'i32' | 'i64', kinds: typeof FLOATING): KernelFunction {
  const shift = type === 'i64' ? 3 : log2Bytes[type]
  return (a, b, y, n, inner, kind, _scratch, begin, end) => {
    const h = heap[type] as Float64Array
    a >>>= shift
    b >>>= shift
    y >>>= shift
    const stride = kind & 4 ? -inner : inner
    const [start, step] = kinds[kind & 3]
    for (let u = begin; u < end; u++) {
      const outer = Math.floor(u / inner)
      let at = (outer * n + (kind & 4 ? n - 1 : 0)) * inner + (u - outer * inner)
      let s = start
      for (let i = 0; i < n; i++, at += stride) {
        s = step(s, h[a + at], h[b + at])
        h[y + at] = s
      }
    }
  }
}

export const sorting: Twins = {
  sort,
  firsts_i32(x, y, n, low, begin, end) {
    const { i32 } = heap
    for (let i = begin < end ? n - 1 : -1; i >= 0; i--) i32[(y >>> 2) + i32[(x >>> 2) + i] - low] = i
  },
  scan_f32: scan('f32', FLOATING),
  scan_f64: scan('f64', FLOATING),
  scan_i32: scan('i32', WHOLE),
  scan_i64: scan('i64', WHOLE64),
  ...forTypes(['f32', 'f64'], {
    argscan(type, x, y, n, inner, sign, begin, end) {
      const h = heap[type]
      const { i32 } = heap
      for (let u = begin; u < end; u++) {
        const outer = Math.floor(u / inner)
        const start = outer * n * inner + (u - outer * inner)
        const p = (x >>> log2Bytes[type]) + start
        const q = (y >>> 2) + start
        let best = -Infinity
        let at = 0
        for (let i = 0; i < n; i++) {
          const v = sign * h[p + i * inner]
          if (v >= best || Number.isNaN(v)) {
            best = v
            at = i
          }
          i32[q + i * inner] = at
        }
      }
    },

    searchsorted(type, sorted, v, y, n, m, right, begin, end) {
      const h = heap[type]
      const { i32 } = heap
      for (let u = begin; u < end; u++) {
        const x = h[(v >>> log2Bytes[type]) + u]
        const row = (sorted >>> log2Bytes[type]) + Math.floor(u / m) * n
        let low = 0
        for (let high = n; low < high; ) {
          const middle = (low + high) >>> 1
          const s = h[row + middle]
          const less = s < x || (Number.isNaN(x) && !Number.isNaN(s))
          const equal = s === x || (Number.isNaN(x) && Number.isNaN(s))
          if (less || (right && equal)) low = middle + 1
          else high = middle
        }
        i32[(y >>> 2) + u] = low
      }
    },
  }),
}
