// Random words for environments: see assembly/rl/words.ts.
import { high } from '../random/pcg64.ts'

/** The four words of Philox4x32-10's block (i, e, t, more) under a key of two words. */
export function words(key0: number, key1: number, i: number, e: number, t: number, more: number): Uint32Array {
  const x = Uint32Array.of(i, e, t, more)
  for (let round = 0; round < 10; round++) {
    const [a, b, c, d] = x
    x[0] = high(0xcd9e8d57, c) ^ b ^ key0
    x[1] = Math.imul(0xcd9e8d57, c)
    x[2] = high(0xd2511f53, a) ^ d ^ key1
    x[3] = Math.imul(0xd2511f53, a)
    key0 = (key0 + 0x9e3779b9) >>> 0
    key1 = (key1 + 0xbb67ae85) >>> 0
  }
  return x
}

/** A word as a number in [low, high). */
export const uniform = (word: number, low: number, high: number): number => low + (high - low) * (word / 2 ** 32)
