// Layer normalisation of rows of n (J. L. Ba, J. R. Kiros, G. E. Hinton, 2016) and its gradients.

import { forTypes, log2Bytes, type Twins } from '@x/tensor/js'
import { heap } from '@x/tensor/op'

export const norm: Twins = forTypes(['f32', 'f64'], {
  /**
   * y = (x − mean) rstd g + b, rstd = 1/√(var + eps), the variance over n; keeps mean and rstd of each row.
   * Without scale or shift where g or b is 0; where `mean` is 0 the mean is taken as 0. [begin, end) are rows.
   */
  layerNorm(type, x, g, b, y, mean, rstd, n, eps, begin, end) {
    const f = heap[type]
    const shift = log2Bytes[type]
    for (let r = begin; r < end; r++) {
      const p = (x >>> shift) + r * n
      const q = (y >>> shift) + r * n
      let sum = 0
      for (let i = 0; i < n; i++) sum += f[p + i]
      const center = mean !== 0 ? sum / n : 0
      let squares = 0
      for (let i = 0; i < n; i++) squares += (f[p + i] - center) * (f[p + i] - center)
      const scale = 1 / Math.sqrt(squares / n + eps)
      if (mean !== 0) f[(mean >>> shift) + r] = center
      f[(rstd >>> shift) + r] = scale
      const gain = g >>> shift
      const offset = b >>> shift
      if (g !== 0 && b !== 0)
        for (let i = 0; i < n; i++) f[q + i] = (f[p + i] - center) * scale * f[gain + i] + f[offset + i]
      else
        for (let i = 0; i < n; i++) {
          const z = (f[p + i] - center) * scale
          f[q + i] = g !== 0 ? z * f[gain + i] : b !== 0 ? z + f[offset + i] : z
        }
    }
  },

  /** dx = rstd (d − mean d − z mean(d z)), d = dy g, z = (x − mean) rstd; dy z goes to dg where that is not 0; rows. */
  layerNormGrad(type, x, g, mean, rstd, dy, dx, dg, n, begin, end) {
    const f = heap[type]
    const shift = log2Bytes[type]
    const gain = g >>> shift
    for (let r = begin; r < end; r++) {
      const p = (x >>> shift) + r * n
      const q = (dy >>> shift) + r * n
      const o = (dx >>> shift) + r * n
      const center = mean !== 0 ? f[(mean >>> shift) + r] : 0
      const scale = f[(rstd >>> shift) + r]
      let sum = 0
      let dot = 0
      for (let i = 0; i < n; i++) {
        const d = g !== 0 ? f[q + i] * f[gain + i] : f[q + i]
        sum += d
        dot += d * (f[p + i] - center)
      }
      if (dg !== 0) for (let i = 0; i < n; i++) f[(dg >>> shift) + r * n + i] = f[q + i] * (f[p + i] - center) * scale
      const a = mean !== 0 ? sum / n : 0
      const c = (dot * scale * scale) / n
      for (let i = 0; i < n; i++) {
        const d = g !== 0 ? f[q + i] * f[gain + i] : f[q + i]
        f[o + i] = scale * (d - a - (f[p + i] - center) * c)
      }
    }
  },
})
