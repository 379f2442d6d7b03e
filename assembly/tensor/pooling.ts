// Pooling of planes [H, W] → [OH, OW]. [begin, end) counts planes. After the pointers come
// (H, W, OH, OW, KH, KW, strideH, strideW, padH, padW, dilationH, dilationW): see window.ts.
//
//   maxPool2d      y, and index i32 = h·W + w of the maximum: the first of equals, NaN above all
//   maxPool2dGrad  adds dy at the indices          maxPool2dPick  reads x there
//   avgPool2d      y = sum / divisor; after the numbers of the windows: whether padding counts, and a divisor or 0
//   avgPool2dGrad  dx: to each pixel dy / divisor of every window that it is in
// Means are summed in float64. Windows of 2x2 side by side go four at a time in float32, and are summed so.

import { Address } from '../lib/address'
import { Window } from './window'

/** Four windows of 2x2 side by side in float32; where a row has four or more, its last quad may overlap the one before. */
@unmanaged
class Quad {
  /** Whether the windows are 2x2 and cover their planes without gaps, padding or anything sticking out. */
  @inline static fit<T>(H: i32, W: i32, OH: i32, OW: i32, KH: i32, KW: i32, sH: i32, sW: i32, pad: i32): bool {
    if (!isFloat<T>() || sizeof<T>() != 4) return false
    return (KH & KW & sH & sW) == 2 && (KH | KW | sH | sW) == 2 && pad == 0 && 2 * OH <= H && 2 * OW <= W && OW >= 4
  }

  /** Sums over `count` of one output row from the input row at `x` and that `row` bytes on, or with `back` the shares of x. */
  @inline static average(back: bool, x: usize, row: usize, y: usize, OW: i32, count: f32): void {
    const divisor = f32x4.splat(count)
    for (let ow = 0; ; ) {
      if (back) {
        const share = f32x4.div(v128.load(x), divisor)
        const low = v128.shuffle<f32>(share, share, 0, 0, 1, 1)
        const high = v128.shuffle<f32>(share, share, 2, 2, 3, 3)
        v128.store(y, low)
        v128.store(y, high, 16)
        v128.store(y + row, low)
        v128.store(y + row, high, 16)
      } else {
        const a = v128.load(x)
        const b = v128.load(x, 16)
        const c = v128.load(x + row)
        const d = v128.load(x + row, 16)
        const upper = f32x4.add(v128.shuffle<f32>(a, b, 0, 2, 4, 6), v128.shuffle<f32>(a, b, 1, 3, 5, 7))
        const lower = f32x4.add(v128.shuffle<f32>(c, d, 0, 2, 4, 6), v128.shuffle<f32>(c, d, 1, 3, 5, 7))
        v128.store(y, f32x4.div(f32x4.add(upper, lower), divisor))
      }
      const step = min(4, OW - 4 - ow)
      if (step <= 0) return
      ow += step
      x += <usize>step * (back ? 4 : 8)
      y += <usize>step * (back ? 8 : 4)
    }
  }

  @inline static later(most: v128, v: v128): v128 {
    // v is more, or the first NaN
    return v128.andnot(f32x4.eq(most, most), f32x4.le(v, most))
  }

  /** Maxima of one output row from the input rows at `upper` and `lower`: the same comparisons as below, in the same order. */
  static row(upper: usize, lower: usize, y: usize, index: usize, first: i32, W: i32, OW: i32): void {
    const evens = i32x4(0, 2, 4, 6)
    for (let ow = 0; ; ) {
      const a = v128.load(upper)
      const b = v128.load(upper, 16)
      const c = v128.load(lower)
      const d = v128.load(lower, 16)
      const left = i32x4.add(i32x4.splat(first + 2 * ow), evens)
      let most = v128.shuffle<f32>(a, b, 0, 2, 4, 6)
      let best = left
      let v = v128.shuffle<f32>(a, b, 1, 3, 5, 7)
      let mask = this.later(most, v)
      most = v128.bitselect(v, most, mask)
      best = v128.bitselect(i32x4.add(left, i32x4.splat(1)), best, mask)
      v = v128.shuffle<f32>(c, d, 0, 2, 4, 6)
      mask = this.later(most, v)
      most = v128.bitselect(v, most, mask)
      best = v128.bitselect(i32x4.add(left, i32x4.splat(W)), best, mask)
      v = v128.shuffle<f32>(c, d, 1, 3, 5, 7)
      mask = this.later(most, v)
      most = v128.bitselect(v, most, mask)
      best = v128.bitselect(i32x4.add(left, i32x4.splat(W + 1)), best, mask)
      v128.store(y, most)
      v128.store(index, best)
      const step = min(4, OW - 4 - ow)
      if (step <= 0) return
      ow += step
      upper += <usize>step * 8
      lower += <usize>step * 8
      y += <usize>step * 4
      index += <usize>step * 4
    }
  }
}

function pool<T extends number>(
  x: usize,
  y: usize,
  index: usize,
  H: i32,
  W: i32,
  OH: i32,
  OW: i32,
  KH: i32,
  KW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
  dilationH: i32,
  dilationW: i32,
  begin: i32,
  end: i32,
): void {
  const pad = padH | padW | (dilationH - 1) | (dilationW - 1)
  const byQuads = Quad.fit<T>(H, W, OH, OW, KH, KW, strideH, strideW, pad)
  for (; begin < end; begin++) {
    const plane = Address.of<T>(x, begin * H * W)
    for (let oh = 0; oh < OH; oh++) {
      const firstRow = Window.first(oh, H, OH, strideH, padH, dilationH)
      const lastRow = Window.last(oh, H, OH, KH, strideH, padH, dilationH)
      let at = (begin * OH + oh) * OW
      if (byQuads) {
        const upper = Address.of<T>(plane, firstRow * W)
        const lower = Address.of<T>(upper, W)
        Quad.row(upper, lower, Address.of<T>(y, at), Address.of<i32>(index, at), firstRow * W, W, OW)
        continue
      }
      for (let ow = 0; ow < OW; ow++, at++) {
        const first = Window.first(ow, W, OW, strideW, padW, dilationW)
        const last = Window.last(ow, W, OW, KW, strideW, padW, dilationW)
        let best = firstRow * W + first
        let most = load<T>(Address.of<T>(plane, best))
        for (let h = firstRow; h < lastRow; h += dilationH) {
          let p = Address.of<T>(plane, h * W + first)
          for (let w = first; w < last; w += dilationW) {
            const v = load<T>(p)
            // v is more, or the first NaN
            // biome-ignore lint/suspicious/noGlobalIsNan: AssemblyScript's own
            if (!(v <= most) && !isNaN<T>(most)) {
              most = v
              best = h * W + w
            }
            p += Address.bytes<T>(dilationW)
          }
        }
        store<T>(Address.of<T>(y, at), most)
        store<i32>(Address.of<i32>(index, at), best)
      }
    }
  }
}

function poolGrad<T extends number>(dy: usize, index: usize, dx: usize, HW: i32, OHW: i32, begin: i32, end: i32): void {
  for (; begin < end; begin++) {
    const plane = Address.of<T>(dx, begin * HW)
    memory.fill(plane, 0, <usize>HW * sizeof<T>())
    for (let at = begin * OHW; at < (begin + 1) * OHW; at++) {
      const q = Address.of<T>(plane, load<i32>(Address.of<i32>(index, at)))
      store<T>(q, <T>(load<T>(q) + load<T>(Address.of<T>(dy, at))))
    }
  }
}

function poolPick<T>(x: usize, index: usize, y: usize, HW: i32, OHW: i32, begin: i32, end: i32): void {
  for (; begin < end; begin++) {
    const plane = Address.of<T>(x, begin * HW)
    for (let at = begin * OHW; at < (begin + 1) * OHW; at++)
      store<T>(Address.of<T>(y, at), load<T>(Address.of<T>(plane, load<i32>(Address.of<i32>(index, at)))))
  }
}

/** Means of windows, or with `back` the way back: x is dy then, and y is dx. */
function average<T extends number>(
  back: bool,
  x: usize,
  y: usize,
  H: i32,
  W: i32,
  OH: i32,
  OW: i32,
  KH: i32,
  KW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
  countPad: i32,
  divisor: f64,
  begin: i32,
  end: i32,
): void {
  const byQuads = Quad.fit<T>(H, W, OH, OW, KH, KW, strideH, strideW, padH | padW)
  if (back) memory.fill(Address.of<T>(y, begin * H * W), 0, Address.bytes<T>((end - begin) * H * W))
  for (; begin < end; begin++)
    for (let oh = 0; oh < OH; oh++) {
      const firstRow = Window.first(oh, H, OH, strideH, padH, 1)
      const lastRow = Window.last(oh, H, OH, KH, strideH, padH, 1)
      const rows = countPad ? Window.extent(oh, H, OH, KH, strideH, padH) : lastRow - firstRow
      const plane = Address.of<T>(back ? y : x, (begin * H + firstRow) * W)
      let at = Address.of<T>(back ? x : y, (begin * OH + oh) * OW)
      if (byQuads) {
        const all = <f32>(divisor != 0 ? divisor : 4)
        if (back) Quad.average(true, at, Address.bytes<T>(W), plane, OW, all)
        else Quad.average(false, plane, Address.bytes<T>(W), at, OW, all)
        continue
      }
      for (let ow = 0; ow < OW; ow++) {
        const first = Window.first(ow, W, OW, strideW, padW, 1)
        const last = Window.last(ow, W, OW, KW, strideW, padW, 1)
        const columns = countPad ? Window.extent(ow, W, OW, KW, strideW, padW) : last - first
        const count = divisor != 0 ? divisor : <f64>(rows * columns)
        const from = Address.of<T>(plane, first)
        if (back) Mean.add<T>(from, lastRow - firstRow, last - first, W, <T>(<f64>load<T>(at) / count))
        else store<T>(at, <T>(Mean.sum<T>(from, lastRow - firstRow, last - first, W) / count))
        at += sizeof<T>()
      }
    }
}

class Mean {
  static sum<T extends number>(from: usize, rows: i32, columns: i32, W: i32): f64 {
    let sum: f64 = 0
    for (; rows > 0; rows--) {
      let p = from
      for (let n = columns; n > 0; n--) {
        sum += <f64>load<T>(p)
        p += sizeof<T>()
      }
      from += Address.bytes<T>(W)
    }
    return sum
  }

  static add<T extends number>(to: usize, rows: i32, columns: i32, W: i32, share: T): void {
    for (; rows > 0; rows--) {
      let p = to
      for (let n = columns; n > 0; n--) {
        store<T>(p, <T>(load<T>(p) + share))
        p += sizeof<T>()
      }
      to += Address.bytes<T>(W)
    }
  }
}

export function maxPool2d_f32(
  x: usize,
  y: usize,
  index: usize,
  H: i32,
  W: i32,
  OH: i32,
  OW: i32,
  KH: i32,
  KW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
  dilationH: i32,
  dilationW: i32,
  begin: i32,
  end: i32,
): void {
  pool<f32>(x, y, index, H, W, OH, OW, KH, KW, strideH, strideW, padH, padW, dilationH, dilationW, begin, end)
}
export function maxPool2dGrad_f32(dy: usize, index: usize, dx: usize, HW: i32, OHW: i32, begin: i32, end: i32): void {
  poolGrad<f32>(dy, index, dx, HW, OHW, begin, end)
}
export function maxPool2dPick_f32(x: usize, index: usize, y: usize, HW: i32, OHW: i32, begin: i32, end: i32): void {
  poolPick<f32>(x, index, y, HW, OHW, begin, end)
}
export function avgPool2d_f32(
  x: usize,
  y: usize,
  H: i32,
  W: i32,
  OH: i32,
  OW: i32,
  KH: i32,
  KW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
  dilationH: i32,
  dilationW: i32,
  countPad: i32,
  divisor: f64,
  begin: i32,
  end: i32,
): void {
  average<f32>(false, x, y, H, W, OH, OW, KH, KW, strideH, strideW, padH, padW, countPad, divisor, begin, end)
}
export function avgPool2dGrad_f32(
  dy: usize,
  dx: usize,
  H: i32,
  W: i32,
  OH: i32,
  OW: i32,
  KH: i32,
  KW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
  dilationH: i32,
  dilationW: i32,
  countPad: i32,
  divisor: f64,
  begin: i32,
  end: i32,
): void {
  average<f32>(true, dy, dx, H, W, OH, OW, KH, KW, strideH, strideW, padH, padW, countPad, divisor, begin, end)
}
export function maxPool2d_f64(
  x: usize,
  y: usize,
  index: usize,
  H: i32,
  W: i32,
  OH: i32,
  OW: i32,
  KH: i32,
  KW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
  dilationH: i32,
  dilationW: i32,
  begin: i32,
  end: i32,
): void {
  pool<f64>(x, y, index, H, W, OH, OW, KH, KW, strideH, strideW, padH, padW, dilationH, dilationW, begin, end)
}
export function maxPool2dGrad_f64(dy: usize, index: usize, dx: usize, HW: i32, OHW: i32, begin: i32, end: i32): void {
  poolGrad<f64>(dy, index, dx, HW, OHW, begin, end)
}
export function maxPool2dPick_f64(x: usize, index: usize, y: usize, HW: i32, OHW: i32, begin: i32, end: i32): void {
  poolPick<f64>(x, index, y, HW, OHW, begin, end)
}
export function avgPool2d_f64(
  x: usize,
  y: usize,
  H: i32,
  W: i32,
  OH: i32,
  OW: i32,
  KH: i32,
  KW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
  dilationH: i32,
  dilationW: i32,
  countPad: i32,
  divisor: f64,
  begin: i32,
  end: i32,
): void {
  average<f64>(false, x, y, H, W, OH, OW, KH, KW, strideH, strideW, padH, padW, countPad, divisor, begin, end)
}
export function avgPool2dGrad_f64(
  dy: usize,
  dx: usize,
  H: i32,
  W: i32,
  OH: i32,
  OW: i32,
  KH: i32,
  KW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
  dilationH: i32,
  dilationW: i32,
  countPad: i32,
  divisor: f64,
  begin: i32,
  end: i32,
): void {
  average<f64>(true, dy, dx, H, W, OH, OW, KH, KW, strideH, strideW, padH, padW, countPad, divisor, begin, end)
}
