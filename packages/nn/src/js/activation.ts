// Bias and activation in place, and the gradients that need the output alone.

import { forTypes, log2Bytes, type Twins } from '@x/tensor/js'
import { heap } from '@x/tensor/op'

/** y / x; a half where x is so small that y may have lost it. */
const share = (x: number, y: number): number => (Math.abs(x) < 1e-22 ? 0.5 : y / x)

/** The slope of y = x Φ(x) by Φ + x φ(x). */
const geluSlope = (x: number, y: number): number => share(x, y) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI)

/** The slope of y = x σ(u), u = 2 √(2/π) (x + 0.044715 x³), by σ + σ (x − y) u′. */
function geluTanhSlope(x: number, y: number): number {
  const s = share(x, y)
  return s + s * (x - y) * 2 * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x)
}

export const activation: Twins = forTypes(['f32', 'f64'], {
  /** y = act(y + b) on y [rows, n], act identity (0) or relu (1); no bias where b is 0; [begin, end) are rows. */
  biasActivation(type, y, b, n, act, begin, end) {
    const f = heap[type]
    const first = (y >>> log2Bytes[type]) + begin * n
    const bias = b >>> log2Bytes[type]
    const last = first + (end - begin) * n
    if (b !== 0) for (let row = first; row < last; row += n) for (let i = 0; i < n; i++) f[row + i] += f[bias + i]
    if (act === 1) for (let i = first; i < last; i++) f[i] = f[i] < 0 ? 0 : f[i]
  },

  /** y[plane, p] += b[plane % channels]; [begin, end) are planes. */
  channelBias(type, y, b, channels, plane, begin, end) {
    const f = heap[type]
    y >>>= log2Bytes[type]
    b >>>= log2Bytes[type]
    for (let q = begin; q < end; q++) {
      const bias = f[b + (q % channels)]
      for (let i = y + q * plane; i < y + (q + 1) * plane; i++) f[i] += bias
    }
  },

  /** dx = dy act′ from the output y, for relu (1), tanh (4) and sigmoid (5); for gelu (2, 3) from the input x, too; elements. */
  activationGrad(type, x, y, dy, dx, act, begin, end) {
    const f = heap[type]
    x >>>= log2Bytes[type]
    y >>>= log2Bytes[type]
    dy >>>= log2Bytes[type]
    dx >>>= log2Bytes[type]
    const slope = act === 2 ? geluSlope : geluTanhSlope
    if (act === 1) for (let i = begin; i < end; i++) f[dx + i] = f[y + i] > 0 ? f[dy + i] : 0
    else if (act === 2 || act === 3) for (let i = begin; i < end; i++) f[dx + i] = f[dy + i] * slope(f[x + i], f[y + i])
    else if (act === 4) for (let i = begin; i < end; i++) f[dx + i] = f[dy + i] * (1 - f[y + i] * f[y + i])
    else for (let i = begin; i < end; i++) f[dx + i] = f[dy + i] * f[y + i] * (1 - f[y + i])
  },
})
