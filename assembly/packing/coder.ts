// How a way through a module is written: steps as bits, each with the probability of what it says, and bits as text.
import { AGAIN, COPY, DISTANCE, EXPECTED, LENGTH, LITERAL, NUMBER, PLACE } from './layout.ts'

/** Six bits each: the characters that JavaScript has most, so that gzip's code for the one suits the other. */
export const ALPHABET = 'ent,r)(sao=i.lu:cfpdh{}m;yg[]>0wb1xv?&2!+-AkI|NEOM6S3Tz*_4BRqjFP'

export interface Past {
  readonly bytes: Uint8Array
  readonly kinds: Uint8Array
  /** How many bytes of the same kind came before. */
  readonly ranks: Int32Array
}

export interface Model {
  /** Probability of a 1, of 65536. */
  readonly chance: Uint16Array
  readonly seen: Uint8Array
}

/** A step of the way: a byte, or `length` bytes copied from `distance` before; `place` says which of the last two distances that is. */
export interface Step {
  readonly from: number
  readonly length: number
  readonly distance: number
  readonly place: number
}

/** A position, and the way there. */
export interface Stop {
  readonly cost: number
  readonly step: Step | null
  readonly previous: Stop | null
  /** Which of the last three steps were copies, the last the lowest bit. */
  readonly history: number
  /** The last two distances. */
  readonly distances: readonly number[]
}

export interface Coder {
  bit(context: number, value: number): void
}

const PRICES = Float64Array.from({ length: 4096 }, (_, i) => -Math.log2((i + 0.5) / 4096))

/** Adds up what bits cost, and learns nothing. */
export class Pricer implements Coder {
  readonly chance: Uint16Array
  sum = 0
  constructor({ chance }: Model) {
    this.chance = chance
  }
  bit(context: number, value: number): void {
    const p = this.chance[context] >> 4
    this.sum += PRICES[value ? p : 4095 - p]
  }
  of(write: (coder: Coder) => void): number {
    this.sum = 0
    write(this)
    return this.sum
  }
}

/** Narrows an interval of 30 bits by each bit, and writes six of them when they are settled. */
export class Writer implements Coder {
  readonly model: Model
  readonly digits: number[] = []
  low = 0
  range = 2 ** 30 - 1
  constructor(model: Model) {
    this.model = model
  }
  bit(context: number, value: number): void {
    const { chance, seen } = this.model
    const bound = (this.range >>> 12) * (chance[context] >>> 4)
    if (value) this.range = bound
    else {
      this.low += bound
      this.range -= bound
    }
    chance[context] += ((value ? 65536 - chance[context] : -chance[context]) / (seen[context] + 3)) | 0
    if (seen[context] < 18) seen[context]++
    while (this.range < 2 ** 24) {
      this.range *= 64
      this.digit()
    }
  }
  digit(): void {
    if (this.low >= 2 ** 30) {
      let i = this.digits.length - 1
      while (this.digits[i] === 63) this.digits[i--] = 0
      this.digits[i]++
    }
    this.digits.push((this.low >>> 24) & 63)
    this.low = (this.low % 2 ** 24) * 64
  }
  text(): string {
    for (let i = 0; i < 5; i++) this.digit()
    return this.digits.map((d) => ALPHABET[d]).join('')
  }
}

function tree(coder: Coder, at: number, value: number, bits: number): void {
  for (let k = bits - 1, m = 1; k >= 0; k--) {
    const bit = (value >> k) & 1
    coder.bit(at + m, bit)
    m = 2 * m + bit
  }
}

/** A whole number from 0. */
export function number(coder: Coder, at: number, value: number): void {
  value++
  const bits = 31 - Math.clz32(value)
  tree(coder, at, bits, 5)
  for (let k = bits - 1, m = 1; k >= 0; k--) {
    const bit = (value >> k) & 1
    coder.bit(at + 32 + 32 * bits + (m < 4 ? m : 4 + k), bit)
    m = 2 * m + bit
  }
}

export const copyContext = ({ kinds }: Past, at: number, { history }: Stop): number =>
  COPY + 4 * kinds[at] + (history & 3)

export function byte(coder: Coder, past: Past, at: number, stop: Stop): void {
  coder.bit(copyContext(past, at, stop), 0)
  const { bytes, kinds } = past
  // the byte that would have followed what was copied is a hint until it misleads
  let expected = stop.history & 1 ? bytes[at - stop.distances[0]] : -1
  for (let k = 7, m = 1; k >= 0; k--) {
    const bit = (bytes[at] >> k) & 1
    if (expected < 0) coder.bit(LITERAL + 256 * kinds[at] + m, bit)
    else {
      const hint = (expected >> k) & 1
      coder.bit(EXPECTED + 512 * kinds[at] + 256 * hint + m, bit)
      if (bit !== hint) expected = -1
    }
    m = 2 * m + bit
  }
}

/** A new distance, for copies of `length` bytes: how many bytes of the same kind are between. */
export function fresh(coder: Coder, { ranks }: Past, at: number, length: number, distance: number): void {
  number(coder, DISTANCE + NUMBER * Math.min(length - 2, 2), ranks[at] - ranks[at - distance] - 1)
}

function copy(coder: Coder, past: Past, { from, length, distance, place }: Step, stop: Stop): void {
  coder.bit(copyContext(past, from, stop), 1)
  coder.bit(AGAIN + stop.history, place < 0 ? 0 : 1)
  if (place < 0) {
    number(coder, LENGTH + NUMBER, length - 2)
    fresh(coder, past, from, length, distance)
  } else {
    coder.bit(PLACE, place)
    number(coder, LENGTH, length - 1)
  }
}

/** Writes the way to a stop. */
export function walk(coder: Coder, past: Past, last: Stop): void {
  const stops: Stop[] = []
  for (let stop = last; stop.previous; stop = stop.previous) stops.unshift(stop)
  for (const { step, previous } of stops) {
    if (!step || !previous) continue
    if (step.distance > 0) copy(coder, past, step, previous)
    else byte(coder, past, step.from, previous)
  }
}
