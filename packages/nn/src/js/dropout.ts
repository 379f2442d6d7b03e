// Dropout: elements zeroed with probability p and the rest scaled by 1/(1 − p); [begin, end) are elements.

import { forTypes, js, log2Bytes, type Twins } from '@x/tensor/js'
import { heap } from '@x/tensor/op'

const { bernoulli_u8 } = js.kernels

export const dropout: Twins = forTypes(['f32', 'f64'], {
  /** mask = (uniform number of word i ≥ p), y = mask ? x/(1 − p) : 0. */
  dropout(type, state, x, y, mask, p, begin, end) {
    const f = heap[type]
    const { u8 } = heap
    bernoulli_u8(state, mask, p, begin, end)
    x >>>= log2Bytes[type]
    y >>>= log2Bytes[type]
    mask >>>= 0
    const scale = 1 / (1 - p)
    for (let i = begin; i < end; i++) {
      const keep = 1 - u8[mask + i]
      u8[mask + i] = keep
      f[y + i] = keep ? f[x + i] * scale : 0
    }
  },

  /** y = mask ? x scale : 0. */
  maskScale(type, x, mask, y, scale, begin, end) {
    const f = heap[type]
    const { u8 } = heap
    x >>>= log2Bytes[type]
    y >>>= log2Bytes[type]
    mask >>>= 0
    for (let i = begin; i < end; i++) f[y + i] = u8[mask + i] ? f[x + i] * scale : 0
  },
})
