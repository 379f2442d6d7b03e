// Bytes as printable text that is as small gzipped as it is: gzip finds nothing left to shrink but that a character holds six
// bits. As in LZMA, a text is a sequence of bytes and copies of what came before, coded by arithmetic with probabilities
// that adapt. A module continues where another ended, so that it costs little to resemble it.
// unpack.ts reads it.
import { AGAIN, COPY, COUNT, DISTANCE, EXPECTED, LENGTH, LITERAL, NUMBER, PLACE, SIZE } from './layout.ts'

/** Six bits each: the characters that JavaScript has most, so that gzip's code for the one suits the other. */
export const ALPHABET = 'ent,r)(sao=i.lu:cfpdh{}m;yg[]>0wb1xv?&2!+-AkI|NEOM6S3Tz*_4BRqjFP'

/** What was written so far, and what it taught. */
export interface Packed {
  readonly text: string
  readonly bytes: Uint8Array
  readonly model: Model
}

interface Model {
  /** Probability of a 1, of 65536. */
  readonly chance: Uint16Array
  readonly seen: Uint8Array
}

/** A step of the way: a byte, or `length` bytes copied from `distance` before; `place` says which of the last distances that is. */
interface Step {
  readonly from: number
  readonly length: number
  readonly distance: number
  readonly place: number
}

/** A position on the cheapest way there. */
interface Stop {
  cost: number
  step: Step | null
  history: number
  distances: readonly number[]
}

interface Coder {
  bit(context: number, value: number): void
}

/** Steps are chosen for this many bytes at a time: by what they would cost at the first of them, then once more by what they did. */
const BLOCK = 1024
const LONGEST = 300
/** How many places that begin alike are looked at. */
const TRIES = 2000

const PRICES = Float64Array.from({ length: 4096 }, (_, i) => -Math.log2((i + 0.5) / 4096))

/** Adds up what bits cost, and learns nothing. */
class Pricer implements Coder {
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
class Writer implements Coder {
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
    if (seen[context] < 24) seen[context]++
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
function number(coder: Coder, at: number, value: number): void {
  value++
  const bits = 31 - Math.clz32(value)
  tree(coder, at, bits, 5)
  for (let k = bits - 1, m = 1; k >= 0; k--) {
    const bit = (value >> k) & 1
    coder.bit(at + 32 + 32 * bits + (m < 4 ? m : 4 + k), bit)
    m = 2 * m + bit
  }
}

const copyContext = (bytes: Uint8Array, at: number, { history }: Stop): number =>
  COPY + 2 * (bytes[at - 1] ?? 0) + (history & 1)

function byte(coder: Coder, bytes: Uint8Array, at: number, stop: Stop): void {
  coder.bit(copyContext(bytes, at, stop), 0)
  const { history, distances } = stop
  const before = bytes[at - 1]
  const literal = LITERAL + 256 * ((before & 240) | (bytes[at - 2] >> 4))
  // the byte that would have followed what was copied is a hint until it misleads
  let expected = history & 1 ? bytes[at - distances[0]] : -1
  for (let k = 7, m = 1; k >= 0; k--) {
    const bit = (bytes[at] >> k) & 1
    if (expected < 0) coder.bit(literal + m, bit)
    else {
      const hint = (expected >> k) & 1
      coder.bit(EXPECTED + 512 * (before >> 5) + 256 * hint + m, bit)
      if (bit !== hint) expected = -1
    }
    m = 2 * m + bit
  }
}

const distanceContext = (length: number): number => DISTANCE + NUMBER * Math.min(length - 2, 2)

function copy(coder: Coder, bytes: Uint8Array, { from, length, distance, place }: Step, stop: Stop): void {
  coder.bit(copyContext(bytes, from, stop), 1)
  coder.bit(AGAIN + stop.history, place < 0 ? 0 : 1)
  if (place < 0) {
    number(coder, LENGTH + NUMBER, length - 2)
    number(coder, distanceContext(length), distance - 1)
  } else {
    tree(coder, PLACE, place, 2)
    number(coder, LENGTH, length - 1)
  }
}

/** Where bytes begin like those at a position: chains of positions, the nearest first. */
class Places {
  private readonly previous: Int32Array
  constructor(bytes: Uint8Array) {
    const last = new Int32Array(65536).fill(-1)
    this.previous = Int32Array.from(bytes, (byte, at) => {
      const key = byte | (bytes[at + 1] << 8)
      const found = last[key]
      last[key] = at
      return found
    })
  }
  *before(at: number): Generator<number> {
    let found = this.previous[at]
    for (let tries = TRIES; found >= 0 && tries > 0; tries--) {
      yield found
      found = this.previous[found]
    }
  }
}

/** The cheapest way from `from` to `to`, as far as present probabilities tell; the last stop is `to`. */
function cheapest(bytes: Uint8Array, from: number, to: number, start: Stop, model: Model, places: Places): Stop[] {
  const pricer = new Pricer(model)
  const lengths = [0, 1].map((fresh) =>
    Array.from({ length: LONGEST + 1 }, (_, length) =>
      pricer.of((coder) => number(coder, LENGTH + NUMBER * fresh, Math.max(0, length - 1 - fresh))),
    ),
  )
  const stops: Stop[] = Array.from({ length: to - from + 1 }, () => ({ ...start, cost: Number.POSITIVE_INFINITY }))
  stops[0] = { ...start, cost: 0, step: null }
  const reach = (cost: number, stop: Stop, step: Step): void => {
    const end = stops[step.from + step.length - from]
    if (cost >= end.cost) return
    end.cost = cost
    end.step = step
    end.history = ((stop.history << 1) | (step.distance > 0 ? 1 : 0)) & 7
    end.distances = stop.distances
    if (step.distance > 0) {
      const others = stop.distances.filter((_, i) => i !== (step.place < 0 ? 3 : step.place))
      end.distances = [step.distance, ...others]
    }
  }
  for (let at = from; at < to; at++) {
    const stop = stops[at - from]
    const { cost, history, distances } = stop
    const longest = Math.min(to - at, LONGEST)
    const alike = (distance: number): number => {
      let length = 0
      while (length < longest && bytes[at + length] === bytes[at + length - distance]) length++
      return length
    }
    reach(cost + pricer.of((coder) => byte(coder, bytes, at, stop)), stop, {
      from: at,
      length: 1,
      distance: 0,
      place: -1,
    })
    const kind = (again: number): number =>
      cost +
      pricer.of((coder) => {
        coder.bit(copyContext(bytes, at, stop), 1)
        coder.bit(AGAIN + history, again)
      })
    distances.forEach((distance, place) => {
      if (distance > at) return
      const price = kind(1) + pricer.of((coder) => tree(coder, PLACE, place, 2))
      for (let length = alike(distance); length > 0; length--) {
        reach(price + lengths[0][length], stop, { from: at, length, distance, place })
      }
    })
    let covered = 1
    const price = kind(0)
    for (const place of places.before(at)) {
      const distance = at - place
      const length = alike(distance)
      if (length <= covered) continue
      const prices = [2, 3, 4].map((n) => price + pricer.of((coder) => number(coder, distanceContext(n), distance - 1)))
      for (let n = covered + 1; n <= length; n++) {
        reach(prices[Math.min(n, 4) - 2] + lengths[1][n], stop, { from: at, length: n, distance, place: -1 })
      }
      covered = length
    }
  }
  return stops
}

/** Writes the way to the last of `stops`, of which the first is at `from`. */
function walk(coder: Coder, bytes: Uint8Array, from: number, stops: readonly Stop[]): void {
  const steps: Step[] = []
  for (let { step } = stops[stops.length - 1]; step; step = stops[step.from - from].step) steps.unshift(step)
  for (const step of steps) {
    if (step.distance > 0) copy(coder, bytes, step, stops[step.from - from])
    else byte(coder, bytes, step.from, stops[step.from - from])
  }
}

const copyOf = ({ chance, seen }: Model): Model => ({ chance: chance.slice(), seen: seen.slice() })

/** The text of a module; `before` is what its reader has read already. */
export function pack(module: Uint8Array, before?: Packed): Packed {
  const model: Model = before
    ? copyOf(before.model)
    : { chance: new Uint16Array(COUNT).fill(32768), seen: new Uint8Array(COUNT) }
  const known = before?.bytes.length ?? 0
  const bytes = new Uint8Array(known + module.length)
  if (before) bytes.set(before.bytes)
  bytes.set(module, known)
  const places = new Places(bytes)

  const writer = new Writer(model)
  number(writer, SIZE, module.length)
  let stop: Stop = { cost: 0, step: null, history: 0, distances: [1, 1, 1, 1] }
  for (let from = known; from < bytes.length; from += BLOCK) {
    const to = Math.min(bytes.length, from + BLOCK)
    const trial = new Writer(copyOf(model))
    walk(trial, bytes, from, cheapest(bytes, from, to, stop, model, places))
    const chance = model.chance.map((p, i) => (p + 3 * trial.model.chance[i]) / 4)
    const stops = cheapest(bytes, from, to, stop, { chance, seen: model.seen }, places)
    walk(writer, bytes, from, stops)
    stop = stops[to - from]
  }
  return { text: writer.text(), bytes, model }
}
