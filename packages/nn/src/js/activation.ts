// Bias and activation in place, and the gradients that need the output alone.

import { erfc, forTypes, log2Bytes, sigmoid, type Twins } from '@x/tensor/js'
import { heap } from '@x/tensor/op'

type Floats = Float32Array | Float64Array

/** act(x) in place on n elements from y: relu (1), tanh (4), sigmoid (5); identity (0) leaves them. */
function activate(act: number, f: Floats, y: number, n: number): void {
  if (act === 1) for (let i = y; i < y + n; i++) f[i] = f[i] < 0 ? 0 : f[i]
  else if (act === 4) for (let i = y; i < y + n; i++) f[i] = Math.tanh(f[i])
  else if (act === 5) for (let i = y; i < y + n; i++) f[i] = sigmoid(f[i])
}

/** Φ(x) + x φ(x): erfc keeps the digits of the left tail. */
const geluSlope = (x: number): number =>
  erfc(-x * Math.SQRT1_2) / 2 + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI)

function geluTanhSlope(x: number): number {
  const c = 2 * Math.sqrt(2 / Math.PI)
  const cubic = 0.044715 * x * x
  const s = sigmoid(c * x * (1 + cubic))
  return s + x * s * (1 - s) * c * (1 + 3 * cubic)
}

export const activation: Twins = forTypes(['f32', 'f64'], {
  /** y = act(y + b) on y [rows, n]; no bias where b is 0; [begin, end) are rows. */
  biasActivation(type, y, b, n, act, begin, end) {
    const f = heap[type]
    const first = (y >>> log2Bytes[type]) + begin * n
    const bias = b >>> log2Bytes[type]
    const last = first + (end - begin) * n
    if (b !== 0) for (let row = first; row < last; row += n) for (let i = 0; i < n; i++) f[row + i] += f[bias + i]
    activate(act, f, first, last - first)
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

  /** dx = dy act′ from the output y, for relu (1), tanh (4) and sigmoid (5), from the input for gelu (2, 3); elements. */
  activationGrad(type, y, dy, dx, act, begin, end) {
    const f = heap[type]
    y >>>= log2Bytes[type]
    dy >>>= log2Bytes[type]
    dx >>>= log2Bytes[type]
    if (act === 1) for (let i = begin; i < end; i++) f[dx + i] = f[y + i] > 0 ? f[dy + i] : 0
    else if (act === 2 || act === 3)
      for (let i = begin; i < end; i++) f[dx + i] = f[dy + i] * (act === 2 ? geluSlope : geluTanhSlope)(f[y + i])
    else if (act === 4) for (let i = begin; i < end; i++) f[dx + i] = f[dy + i] * (1 - f[y + i] * f[y + i])
    else for (let i = begin; i < end; i++) f[dx + i] = f[dy + i] * f[y + i] * (1 - f[y + i])
  },
})
