// Batch normalisation of x [batch, channels, plane], and its gradients. [begin, end) are channels.

import { forTypes, type Twins } from '@x/tensor/js'
import { heap } from '@x/tensor/op'

export const batchNorm: Twins = forTypes(['f32'], {
  /** y = (x − mean) / √(variance + eps) g + b; keeps mean and variance of each channel. */
  batchNorm(_, x, g, b, y, mean, variance, batch, channels, plane, eps, begin, end) {
    const { f32: f } = heap
    for (let c = begin; c < end; c++) {
      const at = (i: number): number => (i * channels + c) * plane
      let sum = 0
      for (let i = 0; i < batch; i++) for (let p = (x >>> 2) + at(i), stop = p + plane; p < stop; p++) sum += f[p]
      const center = sum / batch / plane
      let squares = 0
      for (let i = 0; i < batch; i++) {
        for (let p = (x >>> 2) + at(i), stop = p + plane; p < stop; p++) squares += (f[p] - center) ** 2
      }
      const spread = squares / batch / plane
      f[(mean >>> 2) + c] = center
      f[(variance >>> 2) + c] = spread
      const scale = f[(g >>> 2) + c] / Math.sqrt(spread + eps)
      const shift = f[(b >>> 2) + c]
      for (let i = 0; i < batch; i++) {
        const [p, q] = [(x >>> 2) + at(i), (y >>> 2) + at(i)]
        for (let k = 0; k < plane; k++) f[q + k] = (f[p + k] - center) * scale + shift
      }
    }
  },

  /** With z = (x − mean) rstd: dg = Σ dy z, db = Σ dy, dx = g rstd (dy − mean dy − z mean(dy z)). */
  batchNormGrad(_, x, g, mean, variance, dy, dx, dg, db, batch, channels, plane, eps, begin, end) {
    const { f32: f } = heap
    for (let c = begin; c < end; c++) {
      const at = (i: number): number => (i * channels + c) * plane
      const center = f[(mean >>> 2) + c]
      const rstd = 1 / Math.sqrt(f[(variance >>> 2) + c] + eps)
      let sum = 0
      let dot = 0
      for (let i = 0; i < batch; i++) {
        const [p, d] = [(x >>> 2) + at(i), (dy >>> 2) + at(i)]
        for (let k = 0; k < plane; k++) {
          sum += f[d + k]
          dot += f[d + k] * (f[p + k] - center)
        }
      }
      f[(db >>> 2) + c] = sum
      f[(dg >>> 2) + c] = dot * rstd
      const a = sum / batch / plane
      const s = (dot * rstd * rstd) / batch / plane
      const scale = f[(g >>> 2) + c] * rstd
      for (let i = 0; i < batch; i++) {
        const [p, d, q] = [(x >>> 2) + at(i), (dy >>> 2) + at(i), (dx >>> 2) + at(i)]
        for (let k = 0; k < plane; k++) f[q + k] = scale * (f[d + k] - a - (f[p + k] - center) * s)
      }
    }
  },
})
