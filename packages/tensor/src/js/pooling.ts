// Max pooling of planes [H, W] → [OH, OW] and its gradients; [begin, end) are planes of N·C.
import { heap } from '../memory/heap.ts'
import { forTypes, log2Bytes, type Twins } from './family.ts'

export const pooling: Twins = forTypes(['f32', 'f64'], {
  /** y and the flat index h·W + w of the maximum: the first of equals; a NaN wins. */
  maxPool2d(type, x, y, index, H, W, OH, OW, KH, KW, strideH, strideW, padH, padW, begin, end) {
    const f = heap[type]
    const { i32 } = heap
    x >>>= log2Bytes[type]
    y >>>= log2Bytes[type]
    index >>>= 2
    for (let q = begin; q < end; q++) {
      const plane = x + q * H * W
      let o = q * OH * OW
      for (let oh = 0; oh < OH; oh++) {
        const top = Math.max(0, oh * strideH - padH)
        const bottom = Math.min(H, oh * strideH - padH + KH)
        for (let ow = 0; ow < OW; ow++, o++) {
          const left = Math.max(0, ow * strideW - padW)
          const right = Math.min(W, ow * strideW - padW + KW)
          let at = top * W + left
          let max = -Infinity
          for (let h = top; h < bottom; h++)
            for (let w = left; w < right; w++) {
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
})
