// Scaled dot-product attention, a row of scores at a time. See assembly/nn/attention.ts.

import { forTypes, type Twins } from '@x/tensor/js'
import { heap } from '@x/tensor/op'

/** What both kernels are told of the operands, after their addresses. */
type Sizes = readonly number[]

/** scale q·k + mask for the keys that the row sees, in `scores`; their number. */
function score(
  f: Float32Array,
  scores: Float64Array,
  Q: number,
  K: number,
  M: number,
  i: number,
  sizes: Sizes,
): number {
  const [, , , Tk, D, , , , , , , kt, , , , , , , scale, causal] = sizes
  const seen = causal ? Math.min(Tk, i + 1) : Tk
  for (let j = 0; j < seen; j++) {
    const k = K + j * kt
    let sum = 0
    for (let d = 0; d < D; d++) sum += f[Q + d] * f[k + d]
    scores[j] = Math.fround(sum) * scale + (M < 0 ? 0 : f[M + j])
  }
  return seen
}

export const attention: Twins = forTypes(['f32'], {
  /** y = softmax(scale q kᵀ + mask) v, and of each row the maximum and the sum of exponentials; [begin, end) are heads. */
  attention(_, q, k, v, mask, y, stats, ...rest) {
    const { f32: f } = heap
    const [begin, end] = rest.slice(-2)
    const sizes = rest.slice(0, -3)
    const [H, G, Tq, Tk, , E, qb, qh, qt, kb, kh, , vb, vh, vt, mb, mh, mq] = sizes
    const scores = new Float64Array(Tk)
    const sums = new Float64Array(E)
    for (let u = begin; u < end; u++) {
      const [b, h] = [Math.floor(u / H), u % H]
      const K = (k >>> 2) + b * kb + Math.floor(h / G) * kh
      const V = (v >>> 2) + b * vb + Math.floor(h / G) * vh
      for (let i = 0; i < Tq; i++) {
        const M = mask ? (mask >>> 2) + b * mb + h * mh + i * mq : -1
        const seen = score(f, scores, (q >>> 2) + b * qb + h * qh + i * qt, K, M, i, sizes)
        let top = -Infinity
        for (let j = 0; j < seen; j++) if (scores[j] > top) top = scores[j]
        const base = top === -Infinity ? 0 : top
        let total = 0
        sums.fill(0)
        for (let j = 0; j < seen; j++) {
          const p = Math.exp(scores[j] - base)
          total += p
          for (let e = 0, at = V + j * vt; e < E; e++) sums[e] += p * f[at + e]
        }
        const to = (y >>> 2) + ((b * Tq + i) * H + h) * E
        for (let e = 0; e < E; e++) f[to + e] = sums[e] / total
        const at = (stats >>> 2) + u * 2 * Tq + i
        f[at] = top
        f[at + Tq] = total
      }
    }
  },

  /** The gradients dq, dk and dv; [begin, end) are heads of k and v. */
  attentionGrad(_, q, k, v, mask, y, stats, dy, dq, dk, dv, ...rest) {
    const { f32: f } = heap
    const [begin, end] = rest.slice(-2)
    const sizes = rest.slice(0, -6)
    const [rq, rk, rv] = rest.slice(-6)
    const [H, G, Tq, Tk, D, E, qb, qh, qt, kb, kh, kt, vb, vh, vt, mb, mh, mq, scale] = sizes
    const scores = new Float64Array(Tk)
    const heads = H / G
    const rows = (at: number, count: number, row: number, size: number): void => {
      for (let i = 0; i < count; i++) f.fill(0, at + i * row, at + i * row + size)
    }
    for (let u = begin; u < end; u++) {
      const [b, g] = [Math.floor(u / heads), u % heads]
      const K = (k >>> 2) + b * kb + g * kh
      const V = (v >>> 2) + b * vb + g * vh
      const DK = (dk >>> 2) + b * Tk * rk + g * D
      const DV = (dv >>> 2) + b * Tk * rv + g * E
      rows(DK, Tk, rk, D)
      rows(DV, Tk, rv, E)
      for (let h = g * G; h < (g + 1) * G; h++) {
        rows((dq >>> 2) + b * Tq * rq + h * D, Tq, rq, D)
        for (let i = 0; i < Tq; i++) {
          const Q = (q >>> 2) + b * qb + h * qh + i * qt
          const M = mask ? (mask >>> 2) + b * mb + h * mh + i * mq : -1
          const seen = score(f, scores, Q, K, M, i, sizes)
          const at = (stats >>> 2) + (b * H + h) * 2 * Tq + i
          const up = ((b * Tq + i) * H + h) * E
          const [out, d] = [(y >>> 2) + up, (dy >>> 2) + up]
          let mean = 0
          for (let e = 0; e < E; e++) mean += f[out + e] * f[d + e]
          const DQ = (dq >>> 2) + (b * Tq + i) * rq + h * D
          for (let j = 0; j < seen; j++) {
            const p = Math.exp(scores[j] - f[at]) / f[at + Tq]
            const [kj, vj, dkj, dvj] = [K + j * kt, V + j * vt, DK + j * rk, DV + j * rv]
            let slope = 0
            for (let e = 0; e < E; e++) {
              slope += f[d + e] * f[vj + e]
              f[dvj + e] += p * f[d + e]
            }
            const s = p * (slope - mean) * scale
            for (let c = 0; c < D; c++) {
              f[DQ + c] += s * f[kj + c]
              f[dkj + c] += s * f[Q + c]
            }
          }
        }
      }
    }
  },
})
