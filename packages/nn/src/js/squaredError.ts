// Squared distances, and their gradient.

import { forTypes, log2Bytes, type Twins } from '@x/tensor/js'
import { heap } from '@x/tensor/op'

export const squaredError: Twins = forTypes(['f32'], {
  /** y[0] = factor Σ (x − t)². One unit of work. */
  squaredError(type, x, t, y, n, factor, begin, end) {
    const f = heap[type]
    const shift = log2Bytes[type]
    if (begin >= end) return
    let total = 0
    for (let i = 0; i < n; i++) total += (f[(x >>> shift) + i] - f[(t >>> shift) + i]) ** 2
    f[y >>> shift] = factor * total
  },

  /** y = factor g[0] (x − t). Elements. */
  squaredErrorGrad(type, x, t, g, y, factor, begin, end) {
    const f = heap[type]
    const shift = log2Bytes[type]
    const scale = factor * f[g >>> shift]
    for (let i = begin; i < end; i++) f[(y >>> shift) + i] = (f[(x >>> shift) + i] - f[(t >>> shift) + i]) * scale
  },
})
