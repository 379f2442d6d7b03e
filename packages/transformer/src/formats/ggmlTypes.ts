// How ggml stores numbers: blocks of small integers with scales. Every number here is what ggml makes of it, to the bit.
// Sources: ggml-org/ggml, src/ggml-quants.c; gguf-py, gguf/quants.py, whose roundings these are.
import { BFLOAT16, FLOAT16, fromHalf, toHalf } from '@x/tensor/op'

/** Reads one block at byte `at` into `y` from `to`. */
type Read = (view: DataView, at: number, y: Float32Array, to: number) => void

/** Writes one block of numbers, which begin at `from` of `x`, at byte `at`. */
type Write = (x: Float32Array, from: number, view: DataView, at: number) => void

interface BlockType {
  readonly elements: number
  readonly bytes: number
  readonly read: Read
  /** Absent where ggml needs a search for the best scales. */
  readonly write?: Write
}

const { fround } = Math
const half = (view: DataView, at: number): number => fromHalf(view.getUint16(at, true), FLOAT16)
const setHalf = (view: DataView, at: number, x: number): void => view.setUint16(at, toHalf(x, FLOAT16), true)

/** To the nearest, halves away from zero. */
const rounded = (x: number): number => Math.sign(x) * Math.floor(Math.abs(x) + 0.5)
/** 1 / d in float32, 0 for 0. */
const inverse = (d: number): number => (d === 0 ? 0 : fround(1 / d))
const clamped = (x: number, most: number): number => Math.min(most, Math.max(0, Math.trunc(x)))

function largest(x: Float32Array, from: number, n: number): number {
  let top = 0
  for (let i = from; i < from + n; i++) top = Math.max(top, Math.abs(x[i]))
  return top
}

/** Blocks of 32: of each byte the low half belongs to the first 16 numbers, the high half to the others. */
const HALF_BLOCK = 16

/** d · (q − offset), q of 4 bits, or of 5 whose highest stand in a word of their own. */
function symmetric(bits: 4 | 5): BlockType {
  const quants = bits === 4 ? 2 : 6
  const offset = 2 ** (bits - 1)
  return {
    elements: 32,
    bytes: quants + HALF_BLOCK,
    read: (view, at, y, to) => {
      const d = half(view, at)
      each(view, at + quants, bits === 5 ? view.getUint32(at + 2, true) : 0, (q, i) => {
        y[to + i] = d * (q - offset)
      })
    },
    write: (x, from, view, at) => {
      // The number of the largest magnitude, the first of several, becomes −offset exactly.
      let extreme = x[from]
      for (let i = from; i < from + 32; i++) if (Math.abs(x[i]) > Math.abs(extreme)) extreme = x[i]
      const d = fround(extreme / -offset)
      const scale = inverse(d)
      setHalf(view, at, d)
      const high = put(view, at + quants, (i) => clamped(x[from + i] * scale + offset + 0.5, 2 * offset - 1))
      if (bits === 5) view.setUint32(at + 2, high, true)
    },
  }
}

/** d · q + m. */
function shifted(bits: 4 | 5): BlockType {
  const quants = bits === 4 ? 4 : 8
  const top = 2 ** bits - 1
  return {
    elements: 32,
    bytes: quants + HALF_BLOCK,
    read: (view, at, y, to) => {
      const [d, m] = [half(view, at), half(view, at + 2)]
      each(view, at + quants, bits === 5 ? view.getUint32(at + 4, true) : 0, (q, i) => {
        y[to + i] = fround(d * q) + m
      })
    },
    write: (x, from, view, at) => {
      let [low, high] = [x[from], x[from]]
      for (let i = from; i < from + 32; i++) {
        low = Math.min(low, x[i])
        high = Math.max(high, x[i])
      }
      const d = fround(fround(high - low) / top)
      const scale = inverse(d)
      setHalf(view, at, d)
      setHalf(view, at + 2, low)
      const fifth = put(view, at + quants, (i) => clamped(fround(fround(fround(x[from + i] - low) * scale) + 0.5), top))
      if (bits === 5) view.setUint32(at + 4, fifth, true)
    },
  }
}

/** The 32 integers of a block, `high` being their fifth bits. */
function each(view: DataView, at: number, high: number, visit: (q: number, i: number) => void): void {
  for (let i = 0; i < 32; i++) {
    const byte = view.getUint8(at + (i % HALF_BLOCK))
    visit((i < HALF_BLOCK ? byte & 15 : byte >> 4) | (((high >>> i) & 1) << 4), i)
  }
}

/** Writes 32 integers; returns their fifth bits. */
function put(view: DataView, at: number, quant: (i: number) => number): number {
  let high = 0
  for (let i = 0; i < HALF_BLOCK; i++) {
    const [a, b] = [quant(i), quant(i + HALF_BLOCK)]
    view.setUint8(at + i, (a & 15) | ((b & 15) << 4))
    high |= ((a >> 4) << i) | ((b >> 4) << (i + HALF_BLOCK))
  }
  return high >>> 0
}

const Q8_0: BlockType = {
  elements: 32,
  bytes: 34,
  read: (view, at, y, to) => {
    const d = half(view, at)
    for (let i = 0; i < 32; i++) y[to + i] = d * view.getInt8(at + 2 + i)
  },
  write: (x, from, view, at) => {
    const d = fround(largest(x, from, 32) / 127)
    const scale = inverse(d)
    setHalf(view, at, d)
    for (let i = 0; i < 32; i++) view.setInt8(at + 2 + i, rounded(fround(x[from + i] * scale)))
  },
}

/** Blocks of 256 numbers: parts of them have scales of their own, which are integers too. */
const SUPER = 256

const Q2_K: BlockType = {
  elements: SUPER,
  bytes: 84,
  read: (view, at, y, to) => {
    const [d, m] = [half(view, at + 80), half(view, at + 82)]
    for (let i = 0; i < SUPER; i++) {
      const scale = view.getUint8(at + (i >> 4))
      const q = (view.getUint8(at + 16 + 32 * (i >> 7) + (i & 31)) >> (2 * ((i >> 5) & 3))) & 3
      y[to + i] = fround(fround(d * (scale & 15)) * q) - fround(m * (scale >> 4))
    }
  },
}

const Q3_K: BlockType = {
  elements: SUPER,
  bytes: 110,
  read: (view, at, y, to) => {
    const d = half(view, at + 108)
    const scales = at + 96
    for (let i = 0; i < SUPER; i++) {
      const part = i >> 4
      const low = (view.getUint8(scales + (part & 7)) >> (4 * (part >> 3))) & 15
      const high = (view.getUint8(scales + 8 + (part & 3)) >> (2 * (part >> 2))) & 3
      const hidden = ((view.getUint8(at + (i & 31)) >> (i >> 5)) & 1) ^ 1
      const q = (view.getUint8(at + 32 + 32 * (i >> 7) + (i & 31)) >> (2 * ((i >> 5) & 3))) & 3
      y[to + i] = fround(d * ((low | (high << 4)) - 32)) * (q - 4 * hidden)
    }
  },
}

/** Scale and minimum, of 6 bits each, of the eighth `part` of a block of Q4_K or Q5_K. */
function scaleAndMinimum(view: DataView, at: number, part: number): [scale: number, minimum: number] {
  const byte = (i: number): number => view.getUint8(at + i)
  if (part < 4) return [byte(part) & 63, byte(part + 4) & 63]
  const both = byte(part + 4)
  return [(both & 15) | ((byte(part - 4) >> 2) & 48), (both >> 4) | ((byte(part) >> 2) & 48)]
}

function fourOrFive(bits: 4 | 5): BlockType {
  const quants = bits === 4 ? 16 : 48
  return {
    elements: SUPER,
    bytes: quants + 128,
    read: (view, at, y, to) => {
      const [d, m] = [half(view, at), half(view, at + 2)]
      for (let part = 0; part < 8; part++) {
        const [scale, minimum] = scaleAndMinimum(view, at + 4, part)
        const [own, off] = [fround(d * scale), fround(m * minimum)]
        for (let i = 0; i < 32; i++) {
          const low = (view.getUint8(at + quants + 32 * (part >> 1) + i) >> (4 * (part & 1))) & 15
          const high = bits === 5 ? (view.getUint8(at + 16 + i) >> part) & 1 : 0
          y[to + 32 * part + i] = fround(own * (low | (high << 4))) - off
        }
      }
    },
  }
}

const Q6_K: BlockType = {
  elements: SUPER,
  bytes: 210,
  read: (view, at, y, to) => {
    const d = half(view, at + 208)
    for (let i = 0; i < SUPER; i++) {
      const chunk = i >> 7
      const low = (view.getUint8(at + 64 * chunk + (i & 63)) >> (4 * ((i >> 6) & 1))) & 15
      const high = (view.getUint8(at + 128 + 32 * chunk + (i & 31)) >> (2 * ((i >> 5) & 3))) & 3
      y[to + i] = fround(d * view.getInt8(at + 192 + (i >> 4))) * ((low | (high << 4)) - 32)
    }
  },
}

/** −1, 0 or 1 times the largest magnitude. */
const ternary = (x: Float32Array, from: number): [d: number, quant: (i: number) => number] => {
  const d = largest(x, from, SUPER)
  const scale = inverse(d)
  return [d, (i) => rounded(fround(x[from + i] * scale)) + 1]
}

/** Five of three values in a byte: where the digits of byte `i` are, and how many it has. */
function digits(i: number): { first: number; step: number; count: number } {
  if (i < 32) return { first: i, step: 32, count: 5 }
  if (i < 48) return { first: 160 + i - 32, step: 16, count: 5 }
  return { first: 240 + i - 48, step: 4, count: 4 }
}

const TQ1_0: BlockType = {
  elements: SUPER,
  bytes: 54,
  read: (view, at, y, to) => {
    const d = half(view, at + 52)
    for (let i = 0; i < 52; i++) {
      const { first, step, count } = digits(i)
      for (let k = 0; k < count; k++) {
        const q = (((view.getUint8(at + i) * 3 ** k) & 255) * 3) >> 8
        y[to + first + k * step] = d * (q - 1)
      }
    }
  },
  write: (x, from, view, at) => {
    const [d, quant] = ternary(x, from)
    for (let i = 0; i < 52; i++) {
      const { first, step, count } = digits(i)
      let sum = 0
      for (let k = 0; k < count; k++) sum += quant(first + k * step) * 3 ** (4 - k)
      view.setUint8(at + i, Math.floor((sum * 256 + 242) / 243))
    }
    setHalf(view, at + 52, d)
  },
}

const TQ2_0: BlockType = {
  elements: SUPER,
  bytes: 66,
  read: (view, at, y, to) => {
    const d = half(view, at + 64)
    for (let i = 0; i < SUPER; i++) {
      const q = (view.getUint8(at + 32 * (i >> 7) + (i & 31)) >> (2 * ((i >> 5) & 3))) & 3
      y[to + i] = d * (q - 1)
    }
  },
  write: (x, from, view, at) => {
    const [d, quant] = ternary(x, from)
    for (let i = 0; i < 64; i++) {
      const first = 128 * (i >> 5) + (i & 31)
      let byte = 0
      for (let k = 0; k < 4; k++) byte |= quant(first + 32 * k) << (2 * k)
      view.setUint8(at + i, byte)
    }
    setHalf(view, at + 64, d)
  },
}

/** Numbers that stand by themselves. */
const single = (bytes: number, get: (view: DataView, at: number) => number, set?: Write): BlockType => ({
  elements: 1,
  bytes,
  read: (view, at, y, to) => {
    y[to] = get(view, at)
  },
  write: set,
})

const TYPES: Readonly<Record<string, BlockType>> = {
  F32: single(
    4,
    (view, at) => view.getFloat32(at, true),
    (x, from, view, at) => view.setFloat32(at, x[from], true),
  ),
  F64: single(8, (view, at) => view.getFloat64(at, true)),
  F16: single(2, half, (x, from, view, at) => setHalf(view, at, x[from])),
  BF16: single(
    2,
    (view, at) => fromHalf(view.getUint16(at, true), BFLOAT16),
    (x, from, view, at) => view.setUint16(at, toHalf(x[from], BFLOAT16), true),
  ),
  I8: single(1, (view, at) => view.getInt8(at)),
  I16: single(2, (view, at) => view.getInt16(at, true)),
  I32: single(4, (view, at) => view.getInt32(at, true)),
  Q4_0: symmetric(4),
  Q4_1: shifted(4),
  Q5_0: symmetric(5),
  Q5_1: shifted(5),
  Q8_0,
  Q2_K,
  Q3_K,
  Q4_K: fourOrFive(4),
  Q5_K: fourOrFive(5),
  Q6_K,
  TQ1_0,
  TQ2_0,
}

function typeOf(op: string, name: string): BlockType {
  if (Object.hasOwn(TYPES, name)) return TYPES[name]
  throw new RangeError(`${op}: type '${name}' is not one of ${Object.keys(TYPES).join(', ')}`)
}

/**
 * The numbers that bytes of a ggml type stand for.
 * @param type such as 'Q4_0', 'Q8_0', 'Q4_K', 'Q6_K', 'F16', 'BF16'
 * @throws RangeError for a type that there is not, or bytes that are no whole number of its blocks
 * @example
 * import { dequantizeGgml, quantizeGgml } from '@x/transformer'
 * const bytes = quantizeGgml('Q8_0', Float32Array.from({ length: 32 }, (_, i) => i))
 * dequantizeGgml('Q8_0', bytes)[31].toFixed(2) // '31.01'
 */
export function dequantizeGgml(type: string, bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const { elements, bytes: size, read } = typeOf('dequantizeGgml', type)
  const blocks = bytes.length / size
  if (!Number.isInteger(blocks))
    throw new RangeError(`dequantizeGgml: ${bytes.length} bytes are no whole number of blocks of ${size} (${type})`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const y = new Float32Array(blocks * elements)
  for (let b = 0; b < blocks; b++) read(view, b * size, y, b * elements)
  return y
}

/**
 * The bytes that ggml's reference makes of numbers: for F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, TQ1_0 and TQ2_0.
 * @throws RangeError for another type, or numbers that do not fill its blocks
 */
export function quantizeGgml(type: string, values: Float32Array): Uint8Array<ArrayBuffer> {
  const { elements, bytes: size, write } = typeOf('quantizeGgml', type)
  if (!write) throw new RangeError(`quantizeGgml: ${type} is read only; its scales are searched for`)
  const blocks = values.length / elements
  if (!Number.isInteger(blocks))
    throw new RangeError(`quantizeGgml: ${values.length} numbers do not fill blocks of ${elements} (${type})`)
  const bytes = new Uint8Array(blocks * size)
  const view = new DataView(bytes.buffer)
  for (let b = 0; b < blocks; b++) write(values, b * elements, view, b * size)
  return bytes
}
