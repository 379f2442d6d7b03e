// Reads kernel modules as they ship: packed text, written by assembly/packing/pack.ts, which says how.
import {
  AGAIN,
  ALPHABET,
  COPY,
  COUNT,
  DISTANCE,
  EXPECTED,
  LENGTH,
  LITERAL,
  NUMBER,
  PLACE,
  SIZE,
} from '@x/assembly/layout'
import { coreText } from '@x/assembly/tensor'

/** What was read, one module after the other, and what it taught of those that follow. */
interface Read {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Where the last module begins. */
  readonly start: number
  /** The probability that a bit is 1, of 65536, and how often it was met. */
  readonly chance: Uint16Array
  readonly seen: Uint8Array
}

const done = new Map<string, Read>()

/** The module whose text is the last of `texts`; each continues the one before, the first of them the core. */
export function unpack(texts: readonly string[]): Uint8Array<ArrayBuffer> {
  let read: Read = {
    ...{ bytes: new Uint8Array(), start: 0 },
    ...{ chance: new Uint16Array(COUNT).fill(32768), seen: new Uint8Array(COUNT) },
  }
  for (const text of [coreText, ...texts]) {
    const next = done.get(text) ?? new Reader(text, read).read(read.bytes)
    done.set(text, next)
    read = next
  }
  return read.bytes.subarray(read.start)
}

/** Runs once, before the engine has optimised much: a class whose fields stay small integers is compiled soonest. */
class Reader {
  readonly text: string
  readonly digits = new Uint8Array(128)
  readonly chance: Uint16Array
  readonly seen: Uint8Array
  next = 0
  range = 2 ** 30 - 1
  code = 0

  constructor(text: string, { chance, seen }: Read) {
    this.text = text
    this.chance = chance.slice()
    this.seen = seen.slice()
    for (let i = 0; i < 64; i++) this.digits[ALPHABET.charCodeAt(i)] = i
    for (let i = 0; i < 5; i++) this.digit()
  }

  digit(): void {
    this.code = (this.code << 6) | this.digits[this.text.charCodeAt(this.next++)]
  }

  bit(context: number): number {
    const p = this.chance[context]
    const n = this.seen[context]
    if (n < 24) this.seen[context] = n + 1
    const bound = (this.range >>> 12) * (p >>> 4)
    const bit = this.code < bound ? 1 : 0
    if (bit) {
      this.range = bound
      this.chance[context] = p + (((65536 - p) / (n + 3)) | 0)
    } else {
      this.code -= bound
      this.range -= bound
      this.chance[context] = p - ((p / (n + 3)) | 0)
    }
    for (; this.range < 2 ** 24; this.range <<= 6) this.digit()
    return bit
  }

  tree(at: number, bits: number): number {
    let m = 1
    for (let k = 0; k < bits; k++) m = 2 * m + this.bit(at + m)
    return m - (1 << bits)
  }

  number(at: number): number {
    const bits = this.tree(at, 5)
    let m = 1
    for (let k = bits - 1; k >= 0; k--) m = 2 * m + this.bit(at + 32 + 32 * bits + (m < 4 ? m : 4 + k))
    return m - 1
  }

  read(before: Uint8Array): Read {
    const start = before.length
    const bytes = new Uint8Array(start + this.number(SIZE))
    bytes.set(before)
    const distances = [1, 1, 1, 1]
    let history = 0
    for (let at = start; at < bytes.length; ) {
      if (this.bit(COPY + history)) {
        let length: number
        let distance: number
        let place = 3
        if (this.bit(AGAIN + history)) {
          place = this.tree(PLACE, 2)
          distance = distances[place]
          length = this.number(LENGTH) + 1
        } else {
          length = this.number(LENGTH + NUMBER) + 2
          distance = this.number(DISTANCE + NUMBER * Math.min(length - 2, 2)) + 1
        }
        for (; place > 0; place--) distances[place] = distances[place - 1]
        distances[0] = distance
        for (const end = at + length; at < end; at++) bytes[at] = bytes[at - distance]
        history = ((history << 1) | 1) & 7
      } else {
        const high = at > 0 ? bytes[at - 1] >> 5 : 0
        let m = 1
        if (history & 1) {
          // the byte that would have followed what was copied is a hint until it misleads
          const expected = bytes[at - distances[0]] | 256
          for (let k = 7; k >= 0 && m === expected >> (k + 1); k--) {
            m = 2 * m + this.bit(EXPECTED + 512 * high + 256 * ((expected >> k) & 1) + m)
          }
        }
        while (m < 256) m = 2 * m + this.bit(LITERAL + 256 * high + m)
        bytes[at++] = m
        history = (history << 1) & 7
      }
    }
    return { bytes, start, chance: this.chance, seen: this.seen }
  }
}
