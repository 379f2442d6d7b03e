// Cross-entropy of rows of n logits against class indices, with label smoothing, and its gradient.

import { forTypes, log2Bytes, type Twins } from '@x/tensor/js'
import { heap } from '@x/tensor/op'

export const crossEntropy: Twins = forTypes(['f32', 'f64'], {
  /** loss = (1 − s)(lse − x[t]) + s (lse − mean x), 0 where t is ignoreIndex; keeps lse = ln Σ exp x. Rows. */
  crossEntropy(type, x, target, loss, lse, n, ignoreIndex, smoothing, begin, end) {
    const f = heap[type]
    const { i32 } = heap
    const shift = log2Bytes[type]
    for (let r = begin; r < end; r++) {
      const p = (x >>> shift) + r * n
      let max = -Infinity
      let total = 0
      for (let i = p; i < p + n; i++) {
        max = Math.max(max, f[i])
        total += f[i]
      }
      let sum = 0
      for (let i = p; i < p + n; i++) sum += Math.exp(f[i] - max)
      const log = max + Math.log(sum)
      const t = i32[(target >>> 2) + r]
      f[(lse >>> shift) + r] = log
      // Without smoothing the mean must not enter: a logit of −∞ would make 0·∞.
      const smooth = smoothing === 0 ? 0 : smoothing * (log - total / n)
      f[(loss >>> shift) + r] = t === ignoreIndex ? 0 : (1 - smoothing) * (log - f[p + t]) + smooth
    }
  },

  /** dx = dy[row] (exp(x − lse) − (1 − s) onehot(t) − s/n), 0 in ignored rows. */
  crossEntropyGrad(type, x, target, lse, dy, dx, n, ignoreIndex, smoothing, begin, end) {
    const f = heap[type]
    const { i32 } = heap
    const shift = log2Bytes[type]
    for (let r = begin; r < end; r++) {
      const p = (x >>> shift) + r * n
      const q = (dx >>> shift) + r * n
      const t = i32[(target >>> 2) + r]
      if (t === ignoreIndex) {
        f.fill(0, q, q + n)
        continue
      }
      const log = f[(lse >>> shift) + r]
      const scale = f[(dy >>> shift) + r]
      const atTarget = Math.exp(f[p + t] - log) - (1 - smoothing) - smoothing / n
      for (let i = 0; i < n; i++) f[q + i] = scale * (Math.exp(f[p + i] - log) - smoothing / n)
      f[q + t] = scale * atTarget
    }
  },
})
