// Attention of one query per head. See assembly/transformer/decoding.ts.
import { forTypes, type Twins } from '@x/tensor/js'
import { heap } from '@x/tensor/op'

export const decoding: Twins = forTypes(['f32'], {
  /** y = Σ softmax(scale q·k + mask) v; [begin, end) are heads. */
  attendOne(_, q, k, v, mask, y, ...rest) {
    const { f32: f } = heap
    const [begin, end] = rest.slice(-2)
    const [H, G, S, D, kb, kh, kt, vb, vh, vt, mb, mh, scale] = rest
    const scores = new Float64Array(S)
    for (let u = begin; u < end; u++) {
      const [b, h] = [Math.floor(u / H), u % H]
      const Q = (q >>> 2) + u * D
      const K = (k >>> 2) + b * kb + Math.floor(h / G) * kh
      const V = (v >>> 2) + b * vb + Math.floor(h / G) * vh
      const M = mask ? (mask >>> 2) + b * mb + h * mh : -1
      let top = -Infinity
      for (let j = 0; j < S; j++) {
        let sum = 0
        for (let d = 0; d < D; d++) sum += f[Q + d] * f[K + j * kt + d]
        scores[j] = sum * scale + (M < 0 ? 0 : f[M + j])
        top = Math.max(top, scores[j])
      }
      let total = 0
      for (let j = 0; j < S; j++) {
        scores[j] = Math.exp(scores[j] - top)
        total += scores[j]
      }
      for (let d = 0, to = (y >>> 2) + u * D; d < D; d++) {
        let sum = 0
        for (let j = 0; j < S; j++) sum += scores[j] * f[V + j * vt + d]
        f[to + d] = sum / total
      }
    }
  },
})
