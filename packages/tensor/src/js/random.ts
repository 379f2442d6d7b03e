// Random numbers from a counter: Philox4x32-10 of J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3"
// (SC 2011). The state is 4 u32 [key0, key1, counterLo, counterHi]; word j of the stream is lane j % 4 of
// philox(counter + ⌊j/4⌋), so element i depends on the state and on i alone.
import { heap } from '../memory/heap.ts'
import type { Twins } from './family.ts'

/** Words computed at a time; V8 keeps so small a typed array inside its object. */
const CHUNK = 16

/** The high 32 bits of the product of two u32, through 16-bit halves. */
export function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16) // < 2³²
  const carry = aLow * bHigh + (middle & 0xffff) // < 2³²
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536)) | 0
}

/** The four words of the block (counter + offset, i, t), written to `words` from `at` on. */
export function block(state: number, offset: number, i: number, t: number, words: Uint32Array, at: number): void {
  const { u32 } = heap
  state >>>= 2
  const low = u32[state + 2] + offset
  let key0 = u32[state] | 0
  let key1 = u32[state + 1] | 0
  let x0 = low | 0
  let x1 = (u32[state + 3] + Math.floor(low / 2 ** 32)) | 0
  let x2 = i | 0
  let x3 = t | 0
  for (let round = 0; round < 10; round++) {
    const high0 = mulHigh(0xd2511f53, x0)
    const high1 = mulHigh(0xcd9e8d57, x2)
    const low0 = Math.imul(0xd2511f53, x0)
    x0 = high1 ^ x1 ^ key0
    x1 = Math.imul(0xcd9e8d57, x2)
    x2 = high0 ^ x3 ^ key1
    x3 = low0
    key0 = (key0 + 0x9e3779b9) | 0
    key1 = (key1 + 0xbb67ae85) | 0
  }
  words[at] = x0
  words[at + 1] = x1
  words[at + 2] = x2
  words[at + 3] = x3
}

/** Fills `words` with words first, first + 1, … of the stream; `first` and the length are multiples of 4. */
function stream(state: number, first: number, words: Uint32Array): void {
  for (let j = 0; j < words.length; j += 4) block(state, (first + j) / 4, 0, 0, words, j)
}

/** Of 32 bits the high 24, in [0, 1). */
function unit24(word: number): number {
  return (word >>> 8) * 2 ** -24
}

/** Of two words 53 bits, in [0, 1). */
export function unit53(high: number, low: number): number {
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) * 2 ** -53
}

export const random: Twins = {
  /** y[i] = word i. */
  bits_u32(state, y, begin, end) {
    const { u32 } = heap
    const words = new Uint32Array(CHUNK)
    y >>>= 2
    for (let c = begin - (begin % CHUNK); c < end; c += CHUNK) {
      stream(state, c, words)
      for (let i = Math.max(c, begin); i < Math.min(c + CHUNK, end); i++) u32[y + i] = words[i - c]
    }
  },

  /** y[i] = low + (high − low) u, u of word i. */
  uniform_f32(state, y, low, high, begin, end) {
    const { f32 } = heap
    const words = new Uint32Array(CHUNK)
    y >>>= 2
    for (let c = begin - (begin % CHUNK); c < end; c += CHUNK) {
      stream(state, c, words)
      for (let i = Math.max(c, begin); i < Math.min(c + CHUNK, end); i++)
        f32[y + i] = low + (high - low) * unit24(words[i - c])
    }
  },

  /** y[i] = low + (high − low) u, u of words 2i and 2i + 1. */
  uniform_f64(state, y, low, high, begin, end) {
    const { f64 } = heap
    const words = new Uint32Array(CHUNK)
    const step = CHUNK / 2
    y >>>= 3
    for (let c = begin - (begin % step); c < end; c += step) {
      stream(state, 2 * c, words)
      for (let i = Math.max(c, begin); i < Math.min(c + step, end); i++)
        f64[y + i] = low + (high - low) * unit53(words[2 * (i - c)], words[2 * (i - c) + 1])
    }
  },

  /** Box-Muller: elements 2p and 2p + 1 are mean + std √(−2 ln u) (cos 2πv, sin 2πv), u ∈ (0, 1] of word 2p, v of 2p + 1. */
  normal_f32(state, y, mean, std, begin, end) {
    const { f32 } = heap
    const words = new Uint32Array(CHUNK)
    y >>>= 2
    for (let c = begin - (begin % CHUNK); c < end; c += CHUNK) {
      stream(state, c, words)
      for (let w = 0; w < CHUNK; w += 2) {
        const radius = std * Math.sqrt(-2 * Math.log(unit24(words[w]) + 2 ** -24))
        const angle = 2 * Math.PI * unit24(words[w + 1])
        const i = c + w
        if (i >= begin && i < end) f32[y + i] = mean + radius * Math.cos(angle)
        if (i + 1 >= begin && i + 1 < end) f32[y + i + 1] = mean + radius * Math.sin(angle)
      }
    }
  },

  /** The same with u and v of 53 bits, from words 4p … 4p + 3. */
  normal_f64(state, y, mean, std, begin, end) {
    const { f64 } = heap
    const words = new Uint32Array(CHUNK)
    const step = CHUNK / 2
    y >>>= 3
    for (let c = begin - (begin % step); c < end; c += step) {
      stream(state, 2 * c, words)
      for (let w = 0; w < CHUNK; w += 4) {
        const radius = std * Math.sqrt(-2 * Math.log(unit53(words[w], words[w + 1]) + 2 ** -53))
        const angle = 2 * Math.PI * unit53(words[w + 2], words[w + 3])
        const i = c + w / 2
        if (i >= begin && i < end) f64[y + i] = mean + radius * Math.cos(angle)
        if (i + 1 >= begin && i + 1 < end) f64[y + i + 1] = mean + radius * Math.sin(angle)
      }
    }
  },

  /** y[i] = 1 with probability p: where the uniform number of word i is below p. */
  bernoulli_u8(state, y, p, begin, end) {
    const { u8 } = heap
    const words = new Uint32Array(CHUNK)
    y >>>= 0
    for (let c = begin - (begin % CHUNK); c < end; c += CHUNK) {
      stream(state, c, words)
      for (let i = Math.max(c, begin); i < Math.min(c + CHUNK, end); i++) u8[y + i] = Number(unit24(words[i - c]) < p)
    }
  },

  /** Moves the counter past `words` words. */
  advance(state, words) {
    const { u32 } = heap
    state >>>= 2
    const low = u32[state + 2] + Math.ceil(words / 4)
    u32[state + 3] += Math.floor(low / 2 ** 32)
    u32[state + 2] = low
  },
}
