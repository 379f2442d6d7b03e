// Maximum over windows: maxPool2d_T(x, y, index, H, W, OH, OW, KH, KW, strideH, strideW, padH, padW, begin, end), x planes
// [H, W] → y planes [OH, OW]; index i32 is h·W + w of the maximum, the first of equals, NaN above all. maxPool2dGrad_T adds dy
// at the indices, maxPool2dPick_T reads x there. [begin, end) counts planes.
// Windows of 2x2 side by side go four at a time in float32.

import { Address } from '../lib/address'

/** Four windows of 2x2 side by side: the same comparisons as below, in the same order. */
@unmanaged
class Quad {
  @inline static later(most: v128, v: v128): v128 {
    // v is more, or the first NaN
    return v128.andnot(f32x4.eq(most, most), f32x4.le(v, most))
  }

  /** Whole quads of one output row from the input rows at `upper` and `lower`; returns how many outputs are done. */
  static row(upper: usize, lower: usize, y: usize, index: usize, first: i32, W: i32, OW: i32): i32 {
    const evens = i32x4(0, 2, 4, 6)
    let ow = 0
    for (; ow + 4 <= OW; ow += 4) {
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
      upper += 32
      lower += 32
      y += 16
      index += 16
    }
    return ow
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
  begin: i32,
  end: i32,
): void {
  const byQuads =
    isFloat<T>() &&
    sizeof<T>() == 4 &&
    (KH & KW & strideH & strideW) == 2 &&
    (KH | KW | strideH | strideW) == 2 &&
    (padH | padW) == 0
  for (; begin < end; begin++) {
    const plane = Address.of<T>(x, begin * H * W)
    let at = begin * OH * OW
    for (let oh = 0; oh < OH; oh++) {
      const top = oh * strideH - padH
      const firstRow = max(top, 0)
      const lastRow = min(top + KH, H)
      let done = 0
      if (byQuads) {
        const upper = Address.of<T>(plane, top * W)
        const lower = Address.of<T>(upper, W)
        done = Quad.row(upper, lower, Address.of<T>(y, at), Address.of<i32>(index, at), top * W, W, OW)
        at += done
      }
      for (let ow = done; ow < OW; ow++, at++) {
        const left = ow * strideW - padW
        const first = max(left, 0)
        const last = min(left + KW, W)
        let best = firstRow * W + first
        let most = load<T>(Address.of<T>(plane, best))
        for (let h = firstRow; h < lastRow; h++) {
          let p = Address.of<T>(plane, h * W + first)
          for (let w = first; w < last; w++) {
            const v = load<T>(p)
            // v is more, or the first NaN
            // biome-ignore lint/suspicious/noGlobalIsNan: AssemblyScript's own
            if (!(v <= most) && !isNaN<T>(most)) {
              most = v
              best = h * W + w
            }
            p += sizeof<T>()
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
  begin: i32,
  end: i32,
): void {
  pool<f32>(x, y, index, H, W, OH, OW, KH, KW, strideH, strideW, padH, padW, begin, end)
}
export function maxPool2dGrad_f32(dy: usize, index: usize, dx: usize, HW: i32, OHW: i32, begin: i32, end: i32): void {
  poolGrad<f32>(dy, index, dx, HW, OHW, begin, end)
}
export function maxPool2dPick_f32(x: usize, index: usize, y: usize, HW: i32, OHW: i32, begin: i32, end: i32): void {
  poolPick<f32>(x, index, y, HW, OHW, begin, end)
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
  begin: i32,
  end: i32,
): void {
  pool<f64>(x, y, index, H, W, OH, OW, KH, KW, strideH, strideW, padH, padW, begin, end)
}
export function maxPool2dGrad_f64(dy: usize, index: usize, dx: usize, HW: i32, OHW: i32, begin: i32, end: i32): void {
  poolGrad<f64>(dy, index, dx, HW, OHW, begin, end)
}
export function maxPool2dPick_f64(x: usize, index: usize, y: usize, HW: i32, OHW: i32, begin: i32, end: i32): void {
  poolPick<f64>(x, index, y, HW, OHW, begin, end)
}
