// Pooling of planes [H, W] → [OH, OW] and its gradients, patches as columns, and resampling; [begin, end) are planes of N·C
// (of the axes in front).
// A stride of 0 means windows of about equal size that cover the plane.
import { heap } from '../memory/heap.ts'
import { type ElementType, forTypes, log2Bytes, type Twins } from './family.ts'

/** Output o of `outputs` along an axis sees input first, first + dilation, … below last. */
function first(o: number, length: number, outputs: number, stride: number, pad: number, dilation: number): number {
  if (stride === 0) return Math.floor((o * length) / outputs)
  const start = o * stride - pad
  return start >= 0 ? start : start + Math.ceil(-start / dilation) * dilation
}

function last(
  o: number,
  length: number,
  outputs: number,
  size: number,
  stride: number,
  pad: number,
  dilation: number,
): number {
  if (stride === 0) return Math.ceil(((o + 1) * length) / outputs)
  return Math.min(o * stride - pad + (size - 1) * dilation + 1, length)
}

/** Elements of a window with those in the padding, but not beyond it. */
function extent(o: number, length: number, outputs: number, size: number, stride: number, pad: number): number {
  if (stride === 0) return last(o, length, outputs, size, 0, 0, 1) - first(o, length, outputs, 0, 0, 1)
  const start = o * stride - pad
  return Math.min(start + size, length + pad) - start
}

/** Means of windows, or with `back` the way back: x is dy then, and y is dx. */
function average(
  type: ElementType,
  back: boolean,
  x: number,
  y: number,
  H: number,
  W: number,
  OH: number,
  OW: number,
  KH: number,
  KW: number,
  sH: number,
  sW: number,
  pH: number,
  pW: number,
  countPad: number,
  divisor: number,
  begin: number,
  end: number,
): void {
  const f = heap[type]
  const images = (back ? y : x) >>> log2Bytes[type]
  const means = (back ? x : y) >>> log2Bytes[type]
  if (back) f.fill(0, images + begin * H * W, images + end * H * W)
  for (let q = begin; q < end; q++) {
    let o = means + q * OH * OW
    for (let oh = 0; oh < OH; oh++) {
      const top = first(oh, H, OH, sH, pH, 1)
      const bottom = last(oh, H, OH, KH, sH, pH, 1)
      const rows = countPad ? extent(oh, H, OH, KH, sH, pH) : bottom - top
      for (let ow = 0; ow < OW; ow++, o++) {
        const left = first(ow, W, OW, sW, pW, 1)
        const right = last(ow, W, OW, KW, sW, pW, 1)
        const count = divisor || rows * (countPad ? extent(ow, W, OW, KW, sW, pW) : right - left)
        const share = back ? f[o] / count : 0
        let sum = 0
        for (let h = top; h < bottom; h++)
          for (let p = images + (q * H + h) * W + left, n = right - left; n > 0; n--, p++) {
            if (back) f[p] += share
            else sum += f[p]
          }
        if (!back) f[o] = sum / count
      }
    }
  }
}

/** Patches x → columns c [KH·KW, OH·OW] per plane, or with `back` their sum c → x. */
function columns(
  type: ElementType,
  back: boolean,
  x: number,
  c: number,
  H: number,
  W: number,
  OH: number,
  OW: number,
  KH: number,
  KW: number,
  sH: number,
  sW: number,
  pH: number,
  pW: number,
  dH: number,
  dW: number,
  begin: number,
  end: number,
): void {
  const f = heap[type]
  x >>>= log2Bytes[type]
  c >>>= log2Bytes[type]
  if (back) f.fill(0, x + begin * H * W, x + end * H * W)
  let at = c + begin * KH * KW * OH * OW
  for (let q = begin; q < end; q++)
    for (let kh = 0; kh < KH; kh++)
      for (let kw = 0; kw < KW; kw++)
        for (let oh = 0; oh < OH; oh++) {
          const h = oh * sH - pH + kh * dH
          const inside = h >= 0 && h < H
          const row = x + (q * H + h) * W
          for (let ow = 0, w = kw * dW - pW; ow < OW; ow++, at++, w += sW) {
            const seen = inside && w >= 0 && w < W
            if (!back) f[at] = seen ? f[row + w] : 0
            else if (seen) f[row + w] += f[at]
          }
        }
}

export const pooling: Twins = forTypes(['f32', 'f64'], {
  /** y and the flat index h·W + w of the maximum: the first of equals; a NaN wins. */
  maxPool2d(type, x, y, index, H, W, OH, OW, KH, KW, sH, sW, pH, pW, dH, dW, begin, end) {
    const f = heap[type]
    const { i32 } = heap
    x >>>= log2Bytes[type]
    y >>>= log2Bytes[type]
    index >>>= 2
    for (let q = begin; q < end; q++) {
      const plane = x + q * H * W
      let o = q * OH * OW
      for (let oh = 0; oh < OH; oh++) {
        const top = first(oh, H, OH, sH, pH, dH)
        const bottom = last(oh, H, OH, KH, sH, pH, dH)
        for (let ow = 0; ow < OW; ow++, o++) {
          const left = first(ow, W, OW, sW, pW, dW)
          const right = last(ow, W, OW, KW, sW, pW, dW)
          let at = top * W + left
          let max = -Infinity
          for (let h = top; h < bottom; h += dH)
            for (let w = left; w < right; w += dW) {
              const v = f[plane + h * W + w]
              if (v > max || (Number.isNaN(v) && !Number.isNaN(max))) {
                max = v
                at = h * W + w
              }
            }
          f[y + o] = max
          i32[index + o] = at
        }
      }
    }
  },

  /** dx[plane, index[plane, o]] += dy[plane, o], dx zeroed first. */
  maxPool2dGrad(type, dy, index, dx, HW, OHW, begin, end) {
    const f = heap[type]
    const { i32 } = heap
    dy >>>= log2Bytes[type]
    dx >>>= log2Bytes[type]
    index >>>= 2
    f.fill(0, dx + begin * HW, dx + end * HW)
    for (let q = begin; q < end; q++)
      for (let o = q * OHW; o < (q + 1) * OHW; o++) f[dx + q * HW + i32[index + o]] += f[dy + o]
  },

  /** y[plane, o] = x[plane, index[plane, o]]. */
  maxPool2dPick(type, x, index, y, HW, OHW, begin, end) {
    const f = heap[type]
    const { i32 } = heap
    x >>>= log2Bytes[type]
    y >>>= log2Bytes[type]
    index >>>= 2
    for (let q = begin; q < end; q++)
      for (let o = q * OHW; o < (q + 1) * OHW; o++) f[y + o] = f[x + q * HW + i32[index + o]]
  },

  /** y = sum / divisor; countPad: whether zeros around count; a divisor of 0 is the number of elements. */
  avgPool2d(type, x, y, H, W, OH, OW, KH, KW, sH, sW, pH, pW, _dH, _dW, countPad, divisor, begin, end) {
    average(type, false, x, y, H, W, OH, OW, KH, KW, sH, sW, pH, pW, countPad, divisor, begin, end)
  },

  /** To each pixel dy / divisor of every window that it is in. */
  avgPool2dGrad(type, dy, dx, H, W, OH, OW, KH, KW, sH, sW, pH, pW, _dH, _dW, countPad, divisor, begin, end) {
    average(type, true, dy, dx, H, W, OH, OW, KH, KW, sH, sW, pH, pW, countPad, divisor, begin, end)
  },

  /** y[o, i, c] = Σₜ weights[i, t] x[o, index[i, t], c]: x [outer, size, inner] → y [outer, count, inner]. */
  resample(type, x, index, weights, y, size, count, inner, taps, begin, end) {
    const f = heap[type]
    const { i32 } = heap
    index >>>= 2
    weights >>>= log2Bytes[type]
    let to = (y >>> log2Bytes[type]) + begin * count * inner
    for (let o = begin; o < end; o++) {
      const from = (x >>> log2Bytes[type]) + o * size * inner
      for (let i = 0; i < count; i++)
        for (let c = 0; c < inner; c++, to++) {
          let sum = 0
          for (let t = i * taps; t < (i + 1) * taps; t++) sum += f[weights + t] * f[from + i32[index + t] * inner + c]
          f[to] = sum
        }
    }
  },

  /** dx[o, index[i, t], c] += weights[i, t] dy[o, i, c], dx zeroed first. */
  resampleGrad(type, dy, index, weights, dx, size, count, inner, taps, begin, end) {
    const f = heap[type]
    const { i32 } = heap
    index >>>= 2
    weights >>>= log2Bytes[type]
    dx >>>= log2Bytes[type]
    let from = (dy >>> log2Bytes[type]) + begin * count * inner
    f.fill(0, dx + begin * size * inner, dx + end * size * inner)
    for (let o = begin; o < end; o++)
      for (let i = 0; i < count; i++)
        for (let c = 0; c < inner; c++, from++)
          for (let t = i * taps; t < (i + 1) * taps; t++)
            f[dx + (o * size + i32[index + t]) * inner + c] += f[weights + t] * f[from]
  },

  /** y [KH·KW, OH·OW] of each plane x [H, W]: what the taps see, zero outside. */
  im2col(type, x, y, H, W, OH, OW, KH, KW, sH, sW, pH, pW, dH, dW, begin, end) {
    columns(type, false, x, y, H, W, OH, OW, KH, KW, sH, sW, pH, pW, dH, dW, begin, end)
  },

  /** y [H, W] of each plane: the sums of what x [KH·KW, OH·OW] has for its pixels. */
  col2im(type, x, y, H, W, OH, OW, KH, KW, sH, sW, pH, pW, dH, dW, begin, end) {
    columns(type, true, y, x, H, W, OH, OW, KH, KW, sH, sW, pH, pW, dH, dW, begin, end)
  },
})
