// Over rows of n: softmax and its logarithm, their gradients from the output, ln Σ eˣ, the variance; [begin, end) are rows.
import { heap } from '../memory/heap.ts'
import { forTypes, log2Bytes, type Twins } from './family.ts'

export const softmax: Twins = forTypes(['f32', 'f64'], {
  /** y = exp(x − max x) / Σ exp(x − max x); a row of −∞ alone gives NaN. */
  softmax(type, x, y, n, begin, end) {
    const h = heap[type]
    x >>>= log2Bytes[type]
    y >>>= log2Bytes[type]
    for (let r = begin; r < end; r++) {
      const p = x + r * n
      const q = y + r * n
      let max = -Infinity
      for (let i = 0; i < n; i++) max = Math.max(max, h[p + i])
      let sum = 0
      for (let i = 0; i < n; i++) {
        const e = Math.exp(h[p + i] - max)
        h[q + i] = e
        sum += e
      }
      for (let i = 0; i < n; i++) h[q + i] /= sum
    }
  },

  /** y = x − max x − ln Σ exp(x − max x). */
  logSoftmax(type, x, y, n, begin, end) {
    const h = heap[type]
    x >>>= log2Bytes[type]
    y >>>= log2Bytes[type]
    for (let r = begin; r < end; r++) {
      const p = x + r * n
      const q = y + r * n
      let max = -Infinity
      for (let i = 0; i < n; i++) max = Math.max(max, h[p + i])
      let sum = 0
      for (let i = 0; i < n; i++) sum += Math.exp(h[p + i] - max)
      const log = Math.log(sum)
      for (let i = 0; i < n; i++) h[q + i] = h[p + i] - max - log
    }
  },

  /** dx = y (dy − Σ dy y). */
  softmaxGrad(type, y, dy, dx, n, begin, end) {
    const h = heap[type]
    y >>>= log2Bytes[type]
    dy >>>= log2Bytes[type]
    dx >>>= log2Bytes[type]
    for (let r = begin; r < end; r++) {
      const o = r * n
      let dot = 0
      for (let i = o; i < o + n; i++) dot += h[dy + i] * h[y + i]
      for (let i = o; i < o + n; i++) h[dx + i] = h[y + i] * (h[dy + i] - dot)
    }
  },

  /** dx = dy − exp(y) Σ dy. */
  logSoftmaxGrad(type, y, dy, dx, n, begin, end) {
    const h = heap[type]
    y >>>= log2Bytes[type]
    dy >>>= log2Bytes[type]
    dx >>>= log2Bytes[type]
    for (let r = begin; r < end; r++) {
      const o = r * n
      let sum = 0
      for (let i = o; i < o + n; i++) sum += h[dy + i]
      for (let i = o; i < o + n; i++) h[dx + i] = h[dy + i] - Math.exp(h[y + i]) * sum
    }
  },

  /** y = max x + ln Σ exp(x − max x), or the maximum where it is infinite or NaN. */
  logsumexp(type, x, y, n, begin, end) {
    const h = heap[type]
    x >>>= log2Bytes[type]
    y >>>= log2Bytes[type]
    for (let r = begin; r < end; r++) {
      const p = x + r * n
      let max = -Infinity
      for (let i = 0; i < n; i++) max = Math.max(max, h[p + i])
      let sum = 0
      for (let i = 0; i < n; i++) sum += Math.exp(h[p + i] - max)
      h[y + r] = Number.isFinite(max) ? max + Math.log(sum) : max
    }
  },

  /** y = Σ (x − mean)² / divisor. */
  variance(type, x, y, n, divisor, begin, end) {
    const h = heap[type]
    x >>>= log2Bytes[type]
    y >>>= log2Bytes[type]
    for (let r = begin; r < end; r++) {
      const p = x + r * n
      let sum = 0
      for (let i = 0; i < n; i++) sum += h[p + i]
      const mean = sum / n
      let squares = 0
      for (let i = 0; i < n; i++) squares += (h[p + i] - mean) ** 2
      h[y + r] = squares / divisor
    }
  },
})
