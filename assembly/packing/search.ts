// Which steps lead through a module at the least cost.
import {
  byte,
  type Coder,
  copyContext,
  fresh,
  type Model,
  number,
  type Past,
  Pricer,
  type Step,
  type Stop,
} from './coder.ts'
import { AGAIN, LENGTH, NUMBER, PLACE, RECENT } from './layout.ts'

const LONGEST = 300
/** How many ways to a position are followed, and how many bytes that differ a copy is looked at across. */
const WAYS = 2
const BRIDGES = 8
/** How many places that begin alike are looked at. */
const TRIES = 2000

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
export function copiesOf(past: Past, from: number, to: number): readonly Fresh[][] {
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
export function cheapest(
  past: Past,
  from: number,
  to: number,
  start: Stop,
  model: Model,
  copies: readonly Fresh[][],
): Stop {
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
