// Quantised weights, a number at a time. See assembly/transformer/quantized.ts.
import type { Twins } from '@x/tensor/js'
import { FLOAT16, fromHalf, heap, toHalf } from '@x/tensor/op'
import { BLOCK, inputBytes, placeOf, ROWS, tileBytes, UNIT, up } from '../quantized/format.ts'

const { fround } = Math

/** The largest magnitude of n numbers of `f` from `at`; NaN if there is one. */
function largest(f: Float32Array, at: number, n: number): number {
  let top = 0
  for (let i = at; i < at + n; i++) top = Math.max(top, Math.abs(f[i]))
  return top
}

/** To the nearest integer, halves to even; 0 for NaN. */
function rounded(x: number): number {
  const y = Math.round(x)
  return (y - x === 0.5 && y % 2 !== 0 ? y - 1 : y) | 0
}

const factorOf = (top: number, most: number): number => (top > 0 ? fround(most / top) : 0)

const scale4 = (tile: number, r: number, block: number): number => {
  const at = tile + block * 144 + 2 * r
  return fromHalf(heap.u8[at] | (heap.u8[at + 1] << 8), FLOAT16)
}

/** The integer of column k of row r, −8 … 7. */
function quant4(tile: number, r: number, k: number): number {
  const byte = heap.u8[tile + placeOf.int4(r, k)]
  return (r & 4 ? byte >> 4 : byte & 15) - 8
}

export const quantized: Twins = {
  /** Tiles of p from w [N, K]; [begin, end) are tiles. */
  quantPack_i8(w, p, N, K, begin, end) {
    const { f32, i32, i8, u8 } = heap
    const bytes = tileBytes('int8', K)
    u8.fill(0, p + begin * bytes, p + end * bytes)
    for (let row = begin * ROWS; row < Math.min(N, end * ROWS); row++) {
      const tile = p + Math.floor(row / ROWS) * bytes
      const r = row % ROWS
      const at = (w >>> 2) + row * K
      const top = largest(f32, at, K)
      const factor = factorOf(top, 127)
      let sum = 0
      for (let k = 0; k < K; k++) {
        const q = rounded(fround(f32[at + k] * factor))
        sum += q
        i8[tile + placeOf.int8(r, k)] = q
      }
      const scales = (tile + bytes - 64) >>> 2
      f32[scales + r] = top / 127
      i32[scales + ROWS + r] = sum
    }
  },
  quantPack_i4(w, p, N, K, begin, end) {
    const { f32, u8 } = heap
    const bytes = tileBytes('int4', K)
    u8.fill(0, p + begin * bytes, p + end * bytes)
    for (let row = begin * ROWS; row < Math.min(N, end * ROWS); row++) {
      const tile = p + Math.floor(row / ROWS) * bytes
      const r = row % ROWS
      const at = (w >>> 2) + row * K
      for (let block = 0; block * BLOCK < K; block++) {
        const [first, stop] = [block * BLOCK, Math.min(K, (block + 1) * BLOCK)]
        let extreme = 0
        for (let k = first; k < stop; k++) if (Math.abs(f32[at + k]) > Math.abs(extreme)) extreme = f32[at + k]
        const d = extreme / -8
        const factor = d === 0 ? 0 : fround(1 / d)
        const bits = toHalf(d, FLOAT16)
        const scale = tile + block * 144 + 2 * r
        u8[scale] = bits
        u8[scale + 1] = bits >> 8
        for (let k = first; k < stop; k++) {
          const q = Math.min(15, Math.max(0, Math.trunc(f32[at + k] * factor + 8.5)))
          u8[tile + placeOf.int4(r, k)] |= r & 4 ? q << 4 : q
        }
      }
    }
  },
  /** Rows of x [M, K] rounded to 13 bits: 16 bits each, and the scale; [begin, end) are rows. */
  quantInput_i8(x, q, K, begin, end) {
    const { f32, i16 } = heap
    const width = up(K, UNIT)
    for (let m = begin; m < end; m++) {
      const at = (x >>> 2) + m * K
      const to = q + m * inputBytes(K)
      const top = largest(f32, at, K)
      const factor = factorOf(top, 4095)
      for (let k = 0; k < width; k++) i16[(to >>> 1) + k] = k < K ? rounded(fround(f32[at + k] * factor)) : 0
      f32[(to + 2 * width) >>> 2] = top / 4095
    }
  },
  /** The same in blocks of 8 bits, each with its scale and −8 times its sum. */
  quantInput_i4(x, q, K, begin, end) {
    const { f32, i16, i32 } = heap
    const width = up(K, BLOCK)
    for (let m = begin; m < end; m++) {
      const at = (x >>> 2) + m * K
      const to = q + m * inputBytes(K)
      for (let first = 0; first < width; first += BLOCK) {
        const n = Math.min(BLOCK, K - first)
        const top = largest(f32, at + first, n)
        const factor = factorOf(top, 127)
        let sum = 0
        for (let i = 0; i < BLOCK; i++) {
          const v = i < n ? rounded(fround(f32[at + first + i] * factor)) : 0
          sum += v
          i16[(to >>> 1) + first + i] = v
        }
        const block = (to + 2 * width + first / 4) >>> 2
        f32[block] = top / 127
        i32[block + 1] = -8 * sum
      }
    }
  },
  /** y [M, N] = x Wᵀ + b; [begin, end) are tiles. */
  quantMatmul_i8(q, p, b, y, N, K, M, begin, end) {
    const { f32, i16, i8 } = heap
    const bytes = tileBytes('int8', K)
    const weights = new Int32Array(K)
    for (let row = begin * ROWS; row < Math.min(N, end * ROWS); row++) {
      const tile = p + Math.floor(row / ROWS) * bytes
      const scale = f32[((tile + bytes - 64) >>> 2) + (row % ROWS)]
      for (let k = 0; k < K; k++) weights[k] = i8[tile + placeOf.int8(row % ROWS, k)]
      for (let m = 0; m < M; m++) {
        const x = q + m * inputBytes(K)
        let sum = 0
        for (let k = 0, at = x >>> 1; k < K; k++) sum += i16[at + k] * weights[k]
        const value = fround(sum * f32[(x + 2 * up(K, UNIT)) >>> 2] * scale)
        f32[(y >>> 2) + m * N + row] = b ? value + f32[(b >>> 2) + row] : value
      }
    }
  },
  quantMatmul_i4(q, p, b, y, N, K, M, begin, end) {
    const { f32, i16, i32 } = heap
    const bytes = tileBytes('int4', K)
    const width = up(K, BLOCK)
    const weights = new Int32Array(width)
    const scales = new Float64Array(width / BLOCK)
    for (let row = begin * ROWS; row < Math.min(N, end * ROWS); row++) {
      const tile = p + Math.floor(row / ROWS) * bytes
      for (let k = 0; k < width; k++) weights[k] = quant4(tile, row % ROWS, k) + 8
      for (let i = 0; i < scales.length; i++) scales[i] = scale4(tile, row % ROWS, i)
      for (let m = 0; m < M; m++) {
        const x = q + m * inputBytes(K)
        let sum = 0
        for (let first = 0; first < width; first += BLOCK) {
          let own = 0
          for (let i = first, at = x >>> 1; i < first + BLOCK; i++) own += i16[at + i] * weights[i]
          const block = (x + 2 * width + first / 4) >>> 2
          const factor = fround(scales[first / BLOCK] * f32[block])
          sum = fround(sum + fround((own + i32[block + 1]) * factor))
        }
        f32[(y >>> 2) + m * N + row] = b ? sum + f32[(b >>> 2) + row] : sum
      }
    }
  },
  /** Rows of W in float32; [begin, end) are tiles. */
  quantTiles_i8(p, y, N, K, begin, end) {
    const { f32, i8 } = heap
    const bytes = tileBytes('int8', K)
    for (let row = begin * ROWS; row < Math.min(N, end * ROWS); row++) {
      const tile = p + Math.floor(row / ROWS) * bytes
      const scale = f32[((tile + bytes - 64) >>> 2) + (row % ROWS)]
      for (let k = 0; k < K; k++) f32[(y >>> 2) + row * K + k] = i8[tile + placeOf.int8(row % ROWS, k)] * scale
    }
  },
  quantTiles_i4(p, y, N, K, begin, end) {
    const { f32 } = heap
    const bytes = tileBytes('int4', K)
    for (let row = begin * ROWS; row < Math.min(N, end * ROWS); row++) {
      const tile = p + Math.floor(row / ROWS) * bytes
      for (let k = 0; k < K; k++) {
        f32[(y >>> 2) + row * K + k] = quant4(tile, row % ROWS, k) * scale4(tile, row % ROWS, k >> 5)
      }
    }
  },
  /** y[i] = row index[i] of W; [begin, end) are rows of y. */
  quantRows_i8(p, index, y, K, begin, end) {
    const { f32, i32, i8 } = heap
    const bytes = tileBytes('int8', K)
    for (let i = begin; i < end; i++) {
      const row = i32[(index >>> 2) + i]
      const tile = p + Math.floor(row / ROWS) * bytes
      const scale = f32[((tile + bytes - 64) >>> 2) + (row % ROWS)]
      for (let k = 0; k < K; k++) f32[(y >>> 2) + i * K + k] = i8[tile + placeOf.int8(row % ROWS, k)] * scale
    }
  },
  quantRows_i4(p, index, y, K, begin, end) {
    const { f32, i32 } = heap
    const bytes = tileBytes('int4', K)
    for (let i = begin; i < end; i++) {
      const row = i32[(index >>> 2) + i]
      const tile = p + Math.floor(row / ROWS) * bytes
      for (let k = 0; k < K; k++) {
        f32[(y >>> 2) + i * K + k] = quant4(tile, row % ROWS, k) * scale4(tile, row % ROWS, k >> 5)
      }
    }
  },
}
