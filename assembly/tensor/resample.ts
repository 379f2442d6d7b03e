// Weighted sums of slices along an axis: x [outer, size, inner], index i32 and weights [count, taps].
//   resample_T      y [outer, count, inner]:  y[o, i, c] = Σ_t weights[i, t] · x[o, index[i, t], c]
//   resampleGrad_T  dx [outer, size, inner]:  dx[o, index[i, t], c] += weights[i, t] · dy[o, i, c], in the order of i and t
// [begin, end) counts outer. After the pointers: size, count, inner, taps.

import { Address } from '../lib/address'
import { Lanes } from '../lib/lanes'

/** Rows that are gone through at a time, so that what is written stays near. */
const ROWS = 64

function resample<T extends number>(
  back: bool,
  x: usize,
  index: usize,
  weights: usize,
  y: usize,
  size: i32,
  count: i32,
  inner: i32,
  taps: i32,
  begin: i32,
  end: i32,
): void {
  const row = Address.bytes<T>(inner)
  if (back) memory.fill(Address.of<T>(x, begin * size * inner), 0, Address.bytes<T>((end - begin) * size * inner))
  else if (inner == 1) {
    for (; begin < end; begin += ROWS) {
      const rows = min(end - begin, ROWS)
      fromPoints<T>(
        Address.of<T>(x, begin * size),
        index,
        weights,
        Address.of<T>(y, begin * count),
        size,
        count,
        taps,
        rows,
      )
    }
    return
  }
  for (; begin < end; begin++) {
    const plane = Address.of<T>(x, begin * size * inner)
    const result = Address.of<T>(y, begin * count * inner)
    if (inner == 1) {
      toPoints<T>(plane, index, weights, result, count, taps)
      continue
    }
    for (let k = 0; k < count * taps; k++) {
      const place = plane + <usize>load<i32>(Address.of<i32>(index, k)) * row
      const slice = result + <usize>(k / taps) * row
      const weight = load<T>(Address.of<T>(weights, k))
      const tap = k % taps
      if (back) addRow<T>(slice, place, inner, weight, true)
      else if (sizeof<T>() == 8 || tap + 1 == taps) addRow<T>(place, slice, inner, weight, tap > 0)
      else {
        k++
        const next = plane + <usize>load<i32>(Address.of<i32>(index, k)) * row
        addRows<T>(place, next, slice, inner, weight, load<T>(Address.of<T>(weights, k)), tap > 0)
      }
    }
  }
}

/** to ← weight · from, or with `more` added to it. */
function addRow<T extends number>(from: usize, to: usize, count: i32, weight: T, more: bool): void {
  const w = v128.splat<T>(weight)
  for (; count >= Lanes.count<T>(); count -= Lanes.count<T>()) {
    const sum = more ? v128.load(to) : Lanes.zero<T>()
    v128.store(to, Lanes.madd<T>(w, v128.load(from), sum))
    from += 16
    to += 16
  }
  for (; count > 0; count--) {
    const sum = more ? load<T>(to) : <T>0
    store<T>(to, <T>(weight * load<T>(from) + sum))
    from += sizeof<T>()
    to += sizeof<T>()
  }
}

/** to ← weight · from + nextWeight · next, or with `more` added to it. */
function addRows<T extends number>(
  from: usize,
  next: usize,
  to: usize,
  count: i32,
  weight: T,
  nextWeight: T,
  more: bool,
): void {
  const w = v128.splat<T>(weight)
  const u = v128.splat<T>(nextWeight)
  if (!more)
    for (; count >= 2 * Lanes.count<T>(); count -= 2 * Lanes.count<T>()) {
      const zero = Lanes.zero<T>()
      v128.store(to, Lanes.madd<T>(u, v128.load(next), Lanes.madd<T>(w, v128.load(from), zero)))
      v128.store(to, Lanes.madd<T>(u, v128.load(next, 16), Lanes.madd<T>(w, v128.load(from, 16), zero)), 16)
      from += 32
      next += 32
      to += 32
    }
  for (; count >= Lanes.count<T>(); count -= Lanes.count<T>()) {
    const sum = Lanes.madd<T>(w, v128.load(from), more ? v128.load(to) : Lanes.zero<T>())
    v128.store(to, Lanes.madd<T>(u, v128.load(next), sum))
    from += 16
    next += 16
    to += 16
  }
  addRow<T>(from, to, count, weight, more)
  addRow<T>(next, to, count, nextWeight, true)
}

/** Elements of rows: four results at a time, of many rows, where all that they are made of lies within four elements. */
function fromPoints<T extends number>(
  x: usize,
  index: usize,
  weights: usize,
  y: usize,
  size: i32,
  count: i32,
  taps: i32,
  rows: i32,
): void {
  for (let i = 0; i < count; ) {
    if (sizeof<T>() == 4 && count - i >= 4) {
      let low = size - 4
      let high = 0
      for (let k = 0; k < 4 * taps; k++) {
        const at = load<i32>(Address.of<i32>(index, k))
        low = min(low, at)
        high = max(high, at)
      }
      if (low >= 0 && high < low + 4) {
        for (let t = 0; t < taps; t += 2) fours(x, y, index, weights, low, t, taps, size, count, rows)
        i += 4
        y += 16
        index = Address.of<i32>(index, 4 * taps)
        weights = Address.of<T>(weights, 4 * taps)
        continue
      }
    }
    for (let r = 0; r < rows; r++) {
      let sum = <T>0
      for (let t = 0; t < taps; t++) {
        const at = load<i32>(Address.of<i32>(index, t)) + r * size
        sum = <T>(load<T>(Address.of<T>(weights, t)) * load<T>(Address.of<T>(x, at)) + sum)
      }
      store<T>(Address.of<T>(y, r * count), sum)
    }
    i++
    y += sizeof<T>()
    index = Address.of<i32>(index, taps)
    weights = Address.of<T>(weights, taps)
  }
}

class Quad {
  @inline static pushed(lanes: v128, first: i32): v128 {
    return i32x4.replace_lane(v128.shuffle<i32>(lanes, lanes, 3, 0, 1, 2), 0, first)
  }

  /** The bytes of v that `places` name; 0 where it is negative. */
  @inline static picked(v: v128, places: v128): v128 {
    return ASC_FEATURE_RELAXED_SIMD ? i8x16.relaxed_swizzle(v, places) : i8x16.swizzle(v, places)
  }

  /** The bytes of elements by the elements' numbers. */
  @inline static bytes(places: v128): v128 {
    return i32x4.add(i32x4.mul(places, i32x4.splat(0x04040404)), i32x4.splat(0x03020100))
  }
}

/** Taps t and t + 1 of four results in a column of rows; x from element `low` on holds what they are made of. */
function fours(
  x: usize,
  y: usize,
  index: usize,
  weights: usize,
  low: i32,
  t: i32,
  taps: i32,
  size: i32,
  count: i32,
  rows: i32,
): void {
  let place = i32x4.splat(0)
  let next = i32x4.splat(-1) // no byte: 0
  let weight = f32x4.splat(0)
  let nextWeight = f32x4.splat(0)
  for (let lane = 3; lane >= 0; lane--) {
    // lane by lane from the back, each pushing the others up
    const k = lane * taps + t
    place = Quad.pushed(place, load<i32>(Address.of<i32>(index, k)) - low)
    weight = Quad.pushed(weight, load<i32>(Address.of<i32>(weights, k)))
    if (t + 1 == taps) continue
    next = Quad.pushed(next, load<i32>(Address.of<i32>(index, k + 1)) - low)
    nextWeight = Quad.pushed(nextWeight, load<i32>(Address.of<i32>(weights, k + 1)))
  }
  place = Quad.bytes(place)
  if (t + 1 < taps) next = Quad.bytes(next)
  x = Address.of<f32>(x, low)
  const xStep = Address.bytes<f32>(size)
  const yStep = Address.bytes<f32>(count)
  if (t == 0)
    for (; rows > 1; rows -= 2) {
      const v = v128.load(x)
      const w = v128.load(x + xStep)
      const zero = Lanes.zero<f32>()
      const sum = Lanes.madd<f32>(weight, Quad.picked(v, place), zero)
      const wSum = Lanes.madd<f32>(weight, Quad.picked(w, place), zero)
      v128.store(y, Lanes.madd<f32>(nextWeight, Quad.picked(v, next), sum))
      v128.store(y + yStep, Lanes.madd<f32>(nextWeight, Quad.picked(w, next), wSum))
      x += 2 * xStep
      y += 2 * yStep
    }
  for (; rows > 0; rows--) {
    const v = v128.load(x)
    const sum = Lanes.madd<f32>(weight, Quad.picked(v, place), t > 0 ? v128.load(y) : f32x4.splat(0))
    v128.store(y, Lanes.madd<f32>(nextWeight, Quad.picked(v, next), sum))
    x = Address.of<f32>(x, size)
    y = Address.of<f32>(y, count)
  }
}

function toPoints<T extends number>(x: usize, index: usize, weights: usize, y: usize, count: i32, taps: i32): void {
  for (; count > 0; count--) {
    const dy = load<T>(y)
    for (let t = taps; t > 0; t--) {
      const to = Address.of<T>(x, load<i32>(index))
      store<T>(to, <T>(load<T>(weights) * dy + load<T>(to)))
      index += 4
      weights += sizeof<T>()
    }
    y += sizeof<T>()
  }
}

export function resample_f32(
  x: usize,
  index: usize,
  weights: usize,
  y: usize,
  size: i32,
  count: i32,
  inner: i32,
  taps: i32,
  begin: i32,
  end: i32,
): void {
  resample<f32>(false, x, index, weights, y, size, count, inner, taps, begin, end)
}

export function resampleGrad_f32(
  dy: usize,
  index: usize,
  weights: usize,
  dx: usize,
  size: i32,
  count: i32,
  inner: i32,
  taps: i32,
  begin: i32,
  end: i32,
): void {
  resample<f32>(true, dx, index, weights, dy, size, count, inner, taps, begin, end)
}

export function resample_f64(
  x: usize,
  index: usize,
  weights: usize,
  y: usize,
  size: i32,
  count: i32,
  inner: i32,
  taps: i32,
  begin: i32,
  end: i32,
): void {
  resample<f64>(false, x, index, weights, y, size, count, inner, taps, begin, end)
}

export function resampleGrad_f64(
  dy: usize,
  index: usize,
  weights: usize,
  dx: usize,
  size: i32,
  count: i32,
  inner: i32,
  taps: i32,
  begin: i32,
  end: i32,
): void {
  resample<f64>(true, dx, index, weights, dy, size, count, inner, taps, begin, end)
}
