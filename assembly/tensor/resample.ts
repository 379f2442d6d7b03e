// Weighted sums of slices along an axis: x [outer, size, inner], index i32 and weights [count, taps].
//   resample_T      y [outer, count, inner]:  y[o, i, c] = Σ_t weights[i, t] · x[o, index[i, t], c]
//   resampleGrad_T  dx [outer, size, inner]:  dx[o, index[i, t], c] += weights[i, t] · dy[o, i, c], in the order of i and t
// [begin, end) counts outer. After the pointers: size, count, inner, taps.

import { Address } from '../lib/address'
import { Lanes } from '../lib/lanes'

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
  for (; begin < end; begin++) {
    const plane = Address.of<T>(x, begin * size * inner)
    const result = Address.of<T>(y, begin * count * inner)
    if (inner == 1) {
      if (back) toPoints<T>(plane, index, weights, result, count, taps)
      else fromPoints<T>(plane, index, weights, result, count, taps)
      continue
    }
    for (let k = 0; k < count * taps; k++) {
      const place = plane + <usize>load<i32>(Address.of<i32>(index, k)) * row
      const slice = result + <usize>(k / taps) * row
      const weight = load<T>(Address.of<T>(weights, k))
      if (back) addRow<T>(slice, place, inner, weight, true)
      else addRow<T>(place, slice, inner, weight, k % taps > 0)
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

function fromPoints<T extends number>(x: usize, index: usize, weights: usize, y: usize, count: i32, taps: i32): void {
  for (; count > 0; count--) {
    let sum = <T>0
    for (let t = taps; t > 0; t--) {
      sum = <T>(load<T>(weights) * load<T>(Address.of<T>(x, load<i32>(index))) + sum)
      index += 4
      weights += sizeof<T>()
    }
    store<T>(y, sum)
    y += sizeof<T>()
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
