// Squared distances, and their gradient on the way.

import { forTypes, log2Bytes, type Twins } from '@x/tensor/js'
import { heap } from '@x/tensor/op'

export const squaredError: Twins = forTypes(['f32'], {
  /** y[0] = factor Σ (x − t)², slope = 2 factor (x − t) unless it is absent. One unit of work. */
  squaredError(type, x, t, y, slope, n, factor, begin, end) {
    const f = heap[type]
    const shift = log2Bytes[type]
    if (begin >= end) return
    const scale = Math.fround(2 * factor)
    let total = 0
    for (let i = 0; i < n; i++) {
      const d = Math.fround(f[(x >>> shift) + i] - f[(t >>> shift) + i])
      total += d ** 2
      if (slope) f[(slope >>> shift) + i] = d * scale
    }
    f[y >>> shift] = factor * total
  },
})
