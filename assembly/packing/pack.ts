// Bytes as printable text that is as small gzipped as it is: gzip finds nothing left to shrink but that a character holds six
// bits. As in LZMA, a text is a sequence of bytes and copies of what came before, coded by arithmetic with probabilities
// that adapt, here to the kind of a byte: whether it is an instruction, the index of a local, an offset. A distance counts
// bytes of that kind only. A module continues where another ended, so that it costs little to resemble it.
// unpack.ts reads it.
import { kindsOf } from './kindsOf.ts'
import {
  AGAIN,
  COPY,
  COUNT,
  DISTANCE,
  EXPECTED,
  LENGTH,
  LITERAL,
  NUMBER,
  PLACE,
  READ,
  RECENT,
  SIZE,
  USED,
} from './layout.ts'

/** Six bits each: the characters that JavaScript has most, so that gzip's code for the one suits the other. */
export const ALPHABET = 'ent,r)(sao=i.lu:cfpdh{}m;yg[]>0wb1xv?&2!+-AkI|NEOM6S3Tz*_4BRqjFP'

/** What was written so far, and what it taught. */
export interface Packed {
  readonly text: string
  readonly past: Past
  readonly model: Model
}

interface Past {
  readonly bytes: Uint8Array
  readonly kinds: Uint8Array
  /** How many bytes of the same kind came before. */
  readonly ranks: Int32Array
}

interface Model {
  /** Probability of a 1, of 65536. */
  readonly chance: Uint16Array
  readonly seen: Uint8Array
}

/** A step of the way: a byte, or `length` bytes copied from `distance` before; `place` says which of the last two distances that is. */
interface Step {
  readonly from: number
  readonly length: number
  readonly distance: number
  readonly place: number
}

/** A position, and the way there. */
interface Stop {
  readonly cost: number
  readonly step: Step | null
  readonly previous: Stop | null
  /** Which of the last three steps were copies, the last the lowest bit. */
  readonly history: number
  /** The last two distances. */
  readonly distances: readonly number[]
}

interface Coder {
  bit(context: number, value: number): void
}

/** Steps are chosen for this many bytes at a time: by what they would cost at the first of them, then three times more by what they did. */
const BLOCK = 8192
const LONGEST = 300
/** How many ways to a position are followed, and how many bytes that differ a copy is looked at across. */
const WAYS = 2
const BRIDGES = 8
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

const copyContext = ({ kinds }: Past, at: number, { history }: Stop): number => COPY + 4 * kinds[at] + (history & 3)

function byte(coder: Coder, past: Past, at: number, stop: Stop): void {
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
function fresh(coder: Coder, { ranks }: Past, at: number, length: number, distance: number): void {
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

/** How many bytes up to `to` are as those `distance` before. */
function alike({ bytes }: Past, at: number, to: number, distance: number): number {
  const longest = Math.min(to - at, LONGEST)
  let length = 0
  while (length < longest && bytes[at + length] === bytes[at + length - distance]) length++
  return length
}

/** A copy from a new distance. */
interface Fresh {
  readonly distance: number
  readonly length: number
}

/** At each position from `from` to `to` the copies that may pay: the nearest of a length, or that lead farther across bytes that differ. */
function copiesOf(past: Past, from: number, to: number): readonly Fresh[][] {
  const { bytes, kinds, ranks } = past
  const last = new Int32Array(2 ** 21).fill(-1)
  const previous = Int32Array.from({ length: to }, (_, at) => {
    const key = bytes[at] | (bytes[at + 1] << 8) | (kinds[at] << 16)
    const found = last[key]
    last[key] = at
    return found
  })
  return Array.from({ length: to - from }, (_, i) => {
    const at = from + i
    const copies: Fresh[] = []
    let longest = 1
    let farthest = 0
    for (let found = previous[at], tries = TRIES; found >= 0 && tries > 0; found = previous[found], tries--) {
      const distance = at - found
      if (ranks[at] - ranks[found] > RECENT) break
      const length = alike(past, at, to, distance)
      let end = at + length
      for (let bridges = 0; bridges < BRIDGES && end < to; bridges++) end += 1 + alike(past, end + 1, to, distance)
      if (length <= longest && (length < 2 || end <= farthest)) continue
      copies.push({ distance, length })
      longest = Math.max(longest, length)
      farthest = Math.max(farthest, end)
    }
    return copies
  })
}

const byteAt = (from: number): Step => ({ from, length: 1, distance: 0, place: -1 })

const isCopied = ({ history }: Stop): number => history & 1

function stopAfter(previous: Stop, step: Step, cost: number): Stop {
  const { history, distances } = previous
  const { distance, place } = step
  if (distance === 0) return { cost, step, previous, history: (history << 1) & 7, distances }
  const other = distances[place === 1 || place < 0 ? 0 : 1]
  return { cost, step, previous, history: ((history << 1) | 1) & 7, distances: [distance, other] }
}

/**
 * The cheapest way from `start` at `from` to `to`, as far as present probabilities tell. At each position WAYS ways are
 * followed that differ in what a copy could go on with: what is dear now may be cheap soon.
 */
function cheapest(past: Past, from: number, to: number, start: Stop, model: Model, copies: readonly Fresh[][]): Stop {
  const pricer = new Pricer(model)
  const prices = pricesOf(pricer, past)
  const stops: Stop[][] = Array.from({ length: to - from + 1 }, () => [])
  stops[0].push({ ...start, cost: 0, step: null, previous: null })
  const reach = (stop: Stop, step: Step, cost: number): void => {
    const ways = stops[step.from + step.length - from]
    if (ways.length === WAYS && cost >= ways[WAYS - 1].cost) return
    const made = stopAfter(stop, step, cost)
    const alike = ways.findIndex((way) => way.distances[0] === made.distances[0] && isCopied(way) === isCopied(made))
    if (alike >= 0) {
      if (cost >= ways[alike].cost) return
      ways.splice(alike, 1)
    }
    ways.push(made)
    ways.sort((a, b) => a.cost - b.cost)
    if (ways.length > WAYS) ways.pop()
  }
  /** Goes on at the same distance behind bytes that differ. */
  const bridge = (stop: Stop, step: Step, cost: number): void => {
    let last = stopAfter(stop, step, cost)
    let end = step.from + step.length
    for (let i = 0; i < BRIDGES; i++) {
      const at = end + 1
      const length = alike(past, at, to, step.distance)
      if (length === 0) return
      const other = stopAfter(last, byteAt(end), last.cost + prices.byte(end, last))
      const next = { from: at, length, distance: step.distance, place: 0 }
      const total = other.cost + prices.again(at, other, 0) + prices.length(0, length)
      reach(other, next, total)
      last = stopAfter(other, next, total)
      end = at + length
    }
  }
  for (let at = from; at < to; at++) {
    for (const stop of stops[at - from]) {
      reach(stop, byteAt(at), stop.cost + prices.byte(at, stop))
      stop.distances.forEach((distance, place) => {
        if (distance > at) return
        const price = stop.cost + prices.again(at, stop, place)
        const longest = alike(past, at, to, distance)
        for (let length = longest; length > 0; length--) {
          reach(stop, { from: at, length, distance, place }, price + prices.length(0, length))
        }
        const step = { from: at, length: longest, distance, place }
        if (longest > 0) bridge(stop, step, price + prices.length(0, longest))
      })
      const price = stop.cost + prices.fresh(at, stop)
      let covered = 1
      for (const { distance, length: longest } of copies[at - from]) {
        const priceOf = (length: number): number =>
          price + prices.length(1, length) + prices.distance(at, length, distance)
        for (let length = covered + 1; length <= longest; length++) {
          reach(stop, { from: at, length, distance, place: -1 }, priceOf(length))
        }
        covered = Math.max(covered, longest)
        bridge(stop, { from: at, length: longest, distance, place: -1 }, priceOf(longest))
      }
    }
  }
  return stops[to - from][0]
}

/** What things would cost. */
function pricesOf(pricer: Pricer, past: Past) {
  const known = new Map<number, number>()
  const once = (key: number, write: (coder: Coder) => void): number => {
    let price = known.get(key)
    if (price === undefined) {
      price = pricer.of(write)
      known.set(key, price)
    }
    return price
  }
  const lengths = [0, 1].map((isNew) =>
    Array.from({ length: LONGEST + 1 }, (_, length) =>
      pricer.of((coder) => number(coder, LENGTH + NUMBER * isNew, Math.max(0, length - 1 - isNew))),
    ),
  )
  return {
    byte: (at: number, stop: Stop) => pricer.of((coder) => byte(coder, past, at, stop)),
    again: (at: number, stop: Stop, place: number) =>
      pricer.of((coder) => {
        coder.bit(copyContext(past, at, stop), 1)
        coder.bit(AGAIN + stop.history, 1)
        coder.bit(PLACE, place)
      }),
    fresh: (at: number, stop: Stop) =>
      pricer.of((coder) => {
        coder.bit(copyContext(past, at, stop), 1)
        coder.bit(AGAIN + stop.history, 0)
      }),
    length: (isNew: number, length: number) => lengths[isNew][length],
    distance: (at: number, length: number, distance: number) =>
      once(4 * (past.ranks[at] - past.ranks[at - distance]) + Math.min(length, 4) - 1, (coder) =>
        fresh(coder, past, at, length, distance),
      ),
  }
}

/** Writes the way to a stop. */
function walk(coder: Coder, past: Past, last: Stop): void {
  const stops: Stop[] = []
  for (let stop = last; stop.previous; stop = stop.previous) stops.unshift(stop)
  for (const { step, previous } of stops) {
    if (!step || !previous) continue
    if (step.distance > 0) copy(coder, past, step, previous)
    else byte(coder, past, step.from, previous)
  }
}

const copyOf = ({ chance, seen }: Model): Model => ({ chance: chance.slice(), seen: seen.slice() })

function pastOf(module: Uint8Array, before?: Past): Past {
  const join = (old: ArrayLike<number> = [], more: Uint8Array): Uint8Array =>
    Uint8Array.from([...Array.from(old), ...more])
  const kinds = join(before?.kinds, kindsOf(module))
  const counts = new Int32Array(32)
  const ranks = Int32Array.from(kinds, (kind) => counts[kind]++)
  if (READ + kinds.length > USED)
    throw new RangeError('these modules do not fit into the memory of their reader (layout.ts)')
  return { bytes: join(before?.bytes, module), kinds, ranks }
}

/** The text of a module; `before` is what its reader has read already. */
export function pack(module: Uint8Array, before?: Packed): Packed {
  const model: Model = before
    ? copyOf(before.model)
    : { chance: new Uint16Array(COUNT).fill(32768), seen: new Uint8Array(COUNT) }
  const past = pastOf(module, before?.past)
  const end = past.bytes.length

  const writer = new Writer(model)
  number(writer, SIZE, module.length)
  let stop: Stop = { cost: 0, step: null, previous: null, history: 0, distances: [1, 1] }
  for (let from = end - module.length; from < end; from += BLOCK) {
    const to = Math.min(end, from + BLOCK)
    const copies = copiesOf(past, from, to)
    let last = cheapest(past, from, to, stop, model, copies)
    for (let i = 0; i < 3; i++) {
      const trial = new Writer(copyOf(model))
      walk(trial, past, last)
      const chance = model.chance.map((p, i) => (p + 8 * trial.model.chance[i]) / 9)
      last = cheapest(past, from, to, stop, { chance, seen: model.seen }, copies)
    }
    walk(writer, past, last)
    stop = last
  }
  return { text: writer.text(), past, model }
}
