// Convolutions of images, layouts NCHW and OIHW, geometry
// (N, C, H, W, O, KH, KW, OH, OW, strideH, strideW, padH, padW, dilationH, dilationW, groups), then scratch, begin, end.
// All three are the blocked product of a weight-like and an image-like matrix, packed straight from the image.
import { heap } from '../memory/heap.ts'
import { forTypes, log2Bytes, type Twins, type View } from './family.ts'
import { MR, NR, packStrided, product, storeRows } from './product.ts'

/** Positions (i, j) of a grid, each reading its plane [height, width] at (i stepH + dh, j stepW + dw) for a tap (dh, dw). */
interface Grid {
  columns: number
  stepH: number
  stepW: number
  height: number
  width: number
}

/**
 * The values one tap sees at positions [first, first + count), zero outside of the plane. Position t goes to
 * to + (t / 4) far + (t % 4) near: along a sliver's columns, or down its depth.
 */
function gather(
  grid: Grid,
  to: number,
  far: number,
  near: number,
  h: View,
  plane: number,
  dh: number,
  dw: number,
  first: number,
  count: number,
): void {
  const { f64 } = heap
  const { columns, stepH, stepW, height, width } = grid
  const jump = far - 4 * near
  let i = Math.floor(first / columns)
  let j = first - i * columns
  let q = to
  for (let t = 0; t < count; i++, j = 0) {
    const row = i * stepH + dh
    const inside = row >= 0 && row < height
    const p = plane + row * width
    const last = Math.min(t + columns - j, count)
    for (let w = j * stepW + dw; t < last; t++, w += stepW) {
      f64[q] = inside && w >= 0 && w < width ? h[p + w] : 0
      q += near
      if ((t & 3) === 3) q += jump
    }
  }
}

/** Zeros for the columns that fill up the last sliver of a block of B. */
function padColumns(to: number, count: number, depth: number): void {
  const { f64 } = heap
  for (let t = count; t % NR !== 0; t++) {
    const q = to + (t - (t % NR)) * depth + (t % NR)
    for (let k = 0; k < depth; k++) f64[q + k * NR] = 0
  }
}

export const conv: Twins = forTypes(['f32', 'f64'], {
  /** y = x ⋆ w; [begin, end) are images. Per group y [O', OH OW] = w [O', C' KH KW] · patches of x. */
  conv2d(type, x, w, y, _N, C, H, W, O, KH, KW, OH, OW, sH, sW, pH, pW, dH, dW, groups, scratch, begin, end) {
    const h = heap[type]
    x >>>= log2Bytes[type]
    w >>>= log2Bytes[type]
    y >>>= log2Bytes[type]
    const inputs = C / groups
    const outputs = O / groups
    const K = inputs * KH * KW
    const grid = { columns: OW, stepH: sH, stepW: sW, height: H, width: W }
    for (let q = begin; q < end; q++)
      for (let g = 0; g < groups; g++) {
        const image = x + (q * C + g * inputs) * H * W
        const weight = w + g * outputs * K
        const result = y + (q * O + g * outputs) * OH * OW
        product(
          outputs,
          OH * OW,
          K,
          scratch,
          (to, i, count, k, depth) => packStrided(MR, to, depth, h, weight + i * K + k, K, count, 1, depth),
          (to, j, count, k, depth) => {
            for (let t = k; t < k + depth; t++) {
              const kw = t % KW
              const kh = ((t - kw) / KW) % KH
              const plane = image + Math.floor(t / (KH * KW)) * H * W
              const row = to + (t - k) * NR
              gather(grid, row, NR * depth, 1, h, plane, kh * dH - pH, kw * dW - pW, j, count)
            }
            padColumns(to, count, depth)
          },
          storeRows(h, result, OH * OW),
        )
      }
  },

  /**
   * dx from dy; [begin, end) are images. The pixels of dx whose row and column leave the same remainder by the
   * strides see the same taps, and see dy with stride 1: each such phase is a convolution of its own.
   */
  conv2dInput(type, dy, w, dx, _N, C, H, W, O, KH, KW, OH, OW, sH, sW, pH, pW, dH, dW, groups, scratch, begin, end) {
    const h = heap[type]
    dy >>>= log2Bytes[type]
    w >>>= log2Bytes[type]
    dx >>>= log2Bytes[type]
    const inputs = C / groups
    const outputs = O / groups
    for (let phaseH = 0; phaseH < Math.min(sH, H); phaseH++)
      for (let phaseW = 0; phaseW < Math.min(sW, W); phaseW++) {
        const rows = Math.ceil((H - phaseH) / sH)
        const columns = Math.ceil((W - phaseW) / sW)
        const grid = { columns, stepH: 1, stepW: 1, height: OH, width: OW }
        const taps: { offset: number; dh: number; dw: number }[] = []
        for (let kh = 0; kh < KH; kh++)
          for (let kw = 0; kw < KW; kw++) {
            const dh = (phaseH + pH - kh * dH) / sH
            const dw = (phaseW + pW - kw * dW) / sW
            if (Number.isInteger(dh) && Number.isInteger(dw)) taps.push({ offset: kh * KW + kw, dh, dw })
          }
        for (let q = begin; q < end; q++)
          for (let g = 0; g < groups; g++) {
            const image = dy + (q * O + g * outputs) * OH * OW
            const weight = w + g * outputs * inputs * KH * KW
            const result = dx + (q * C + g * inputs) * H * W + phaseH * W + phaseW
            product(
              inputs,
              rows * columns,
              taps.length * outputs,
              scratch,
              (to, i, count, k, depth) => {
                for (let t = k; t < k + depth; t++) {
                  const tap = taps[t % taps.length]
                  const from = weight + (Math.floor(t / taps.length) * inputs + i) * KH * KW + tap.offset
                  packStrided(MR, to + (t - k) * MR, depth, h, from, KH * KW, count, 0, 1)
                }
              },
              (to, j, count, k, depth) => {
                for (let t = k; t < k + depth; t++) {
                  const tap = taps[t % taps.length]
                  const plane = image + Math.floor(t / taps.length) * OH * OW
                  const row = to + (t - k) * NR
                  gather(grid, row, NR * depth, 1, h, plane, tap.dh, tap.dw, j, count)
                }
                padColumns(to, count, depth)
              },
              (from, pitch, i, height, j, width) => {
                const { f64 } = heap
                for (let r = 0; r < height; r++)
                  for (let c = 0; c < width; c++) {
                    const column = (j + c) % columns
                    const row = (j + c - column) / columns
                    h[result + (i + r) * H * W + row * sH * W + column * sW] = f64[from + r * pitch + c]
                  }
              },
            )
          }
      }
  },

  /** dw from x and dy; [begin, end) are output channels: dw [O', C' KH KW] = dy [O', N OH OW] · patchesᵀ. */
  conv2dWeight(type, x, dy, dw, N, C, H, W, O, KH, KW, OH, OW, sH, sW, pH, pW, dH, dW, groups, scratch, begin, end) {
    const h = heap[type]
    x >>>= log2Bytes[type]
    dy >>>= log2Bytes[type]
    dw >>>= log2Bytes[type]
    const inputs = C / groups
    const outputs = O / groups
    const K = inputs * KH * KW
    const P = OH * OW
    const grid = { columns: OW, stepH: sH, stepW: sW, height: H, width: W }
    for (let o = begin; o < end; ) {
      const g = Math.floor(o / outputs)
      const first = o
      o = Math.min(end, (g + 1) * outputs)
      product(
        o - first,
        K,
        N * P,
        scratch,
        (to, i, count, k, depth) => {
          for (let t = k; t < k + depth; ) {
            const q = Math.floor(t / P)
            const n = Math.min((q + 1) * P, k + depth) - t
            const from = dy + (q * O + first + i) * P + (t - q * P)
            packStrided(MR, to + (t - k) * MR, depth, h, from, P, count, 1, n)
            t += n
          }
        },
        (to, j, count, k, depth) => {
          for (let t = k; t < k + depth; ) {
            const q = Math.floor(t / P)
            const n = Math.min((q + 1) * P, k + depth) - t
            for (let c = 0; c < count; c++) {
              const kw = (j + c) % KW
              const kh = ((j + c - kw) / KW) % KH
              const plane = x + (q * C + g * inputs + Math.floor((j + c) / (KH * KW))) * H * W
              const column = to + (c - (c % NR)) * depth + (c % NR) + (t - k) * NR
              gather(grid, column, NR * NR, NR, h, plane, kh * dH - pH, kw * dW - pW, t - q * P, n)
            }
            t += n
          }
          padColumns(to, count, depth)
        },
        storeRows(h, dw + first * K, K),
      )
    }
  },
})
