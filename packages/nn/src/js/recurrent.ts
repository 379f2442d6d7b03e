// Recurrent layers over whole sequences: each row of a batch goes through all its steps. See assembly/nn/recurrent.ts.

import { forTypes, sigmoid, type Twins } from '@x/tensor/js'
import { heap } from '@x/tensor/op'

const [TANH, RELU, LSTM, GRU] = [0, 1, 2, 3]
const GATES = [1, 1, 4, 3]

/** y [n] = or += a [k] · B [k, n], B in panels of eight columns `panel` apart. */
function multiply(
  f: Float32Array,
  a: number,
  k: number,
  b: number,
  panel: number,
  n: number,
  y: number,
  more: boolean,
): void {
  for (let j = 0; j < n; j += 8, b += panel) {
    let [s0, s1, s2, s3, s4, s5, s6, s7] = [0, 0, 0, 0, 0, 0, 0, 0]
    for (let p = 0, at = b; p < k; p++, at += 8) {
      const v = f[a + p]
      s0 += v * f[at]
      s1 += v * f[at + 1]
      s2 += v * f[at + 2]
      s3 += v * f[at + 3]
      s4 += v * f[at + 4]
      s5 += v * f[at + 5]
      s6 += v * f[at + 6]
      s7 += v * f[at + 7]
    }
    const to = y + j
    if (!more) f.fill(0, to, to + 8)
    f[to] += s0
    f[to + 1] += s1
    f[to + 2] += s2
    f[to + 3] += s3
    f[to + 4] += s4
    f[to + 5] += s5
    f[to + 6] += s6
    f[to + 7] += s7
  }
}

export const recurrent: Twins = forTypes(['f32'], {
  /** States h, c [T + 1, B, H] and gates [T, B, G·H], which come in as the products of the input; [begin, end) are rows. */
  recurrent(_, kind, panels, gates, hidden, bi, bh, more, h, c, h0, c0, lengths, T, B, H, reverse, begin, end) {
    const { f32: f, i32 } = heap
    const width = GATES[kind] * H
    const [wi, wh] = [bi >>> 2, bh >>> 2]
    for (let row = begin; row < end; row++) {
      const slot = (base: number, at: number): number => (base >>> 2) + (at * B + row) * H
      const steps = lengths ? i32[(lengths >>> 2) + row] : T
      const first = reverse ? T : 0
      f.copyWithin(slot(h, first), slot(h0, 0), slot(h0, 0) + H)
      if (kind === LSTM) f.copyWithin(slot(c, first), slot(c0, 0), slot(c0, 0) + H)
      const s = (hidden >>> 2) + row * width
      for (let i = 0; i < T; i++) {
        const t = reverse ? T - 1 - i : i
        const [from, to] = reverse ? [t + 1, t] : [t, t + 1]
        const [hp, hn, cp, cn] = [slot(h, from), slot(h, to), slot(c, from), slot(c, to)]
        if (t >= steps) {
          f.copyWithin(hn, hp, hp + H)
          if (kind === LSTM) f.copyWithin(cn, cp, cp + H)
          continue
        }
        const g = (gates >>> 2) + (t * B + row) * width
        const m = (more >>> 2) + (t * B + row) * H
        if (panels) multiply(f, hp, H, panels >>> 2, H * 8, width, s, false)
        for (let j = 0; j < H; j++) {
          const x0 = f[g + j] + f[s + j] + f[wi + j] + f[wh + j]
          if (kind === TANH || kind === RELU) {
            f[hn + j] = kind === TANH ? Math.tanh(x0) : x0 < 0 ? 0 : x0
            continue
          }
          const k = j + H
          const a = sigmoid(x0)
          const b = sigmoid(f[g + k] + f[s + k] + f[wi + k] + f[wh + k])
          f[g + j] = a
          f[g + k] = b
          const l = k + H
          if (kind === GRU) {
            const part = f[s + l] + f[wh + l]
            const n = Math.tanh(f[g + l] + f[wi + l] + a * part)
            f[m + j] = part
            f[g + l] = n
            f[hn + j] = n + b * (f[hp + j] - n)
            continue
          }
          const e = l + H
          const n = Math.tanh(f[g + l] + f[s + l] + f[wi + l] + f[wh + l])
          const o = sigmoid(f[g + e] + f[s + e] + f[wi + e] + f[wh + e])
          f[g + l] = n
          f[g + e] = o
          f[cn + j] = b * f[cp + j] + a * n
          f[hn + j] = o * Math.tanh(f[cn + j])
        }
      }
    }
  },

  /** Gradients da of what goes into the gates, db of the GRU's part of the state, eh and ec of the first state. Rows. */
  recurrentGrad(_, kind, panels, gates, more, h, c, dh, dc, da, db, eh, ec, lengths, T, B, H, reverse, begin, end) {
    const { f32: f, i32 } = heap
    const width = GATES[kind] * H
    const plain = kind === GRU ? 2 * H : width
    for (let row = begin; row < end; row++) {
      const slot = (base: number, at: number): number => (base >>> 2) + (at * B + row) * H
      const steps = lengths ? i32[(lengths >>> 2) + row] : T
      const [u, v] = [slot(eh, 0), slot(ec, 0)]
      f.fill(0, u, u + H)
      if (kind === LSTM) f.fill(0, v, v + H)
      for (let i = T - 1; i >= -1; i--) {
        const t = reverse ? T - 1 - i : i
        const [from, to] = reverse ? [t + 1, t] : [t, t + 1]
        const [d, e] = [slot(dh, to), slot(dc, to)]
        for (let j = 0; j < H; j++) f[u + j] += f[d + j]
        if (kind === LSTM) for (let j = 0; j < H; j++) f[v + j] += f[e + j]
        if (i < 0) break
        const g = (gates >>> 2) + (t * B + row) * width
        const y = (da >>> 2) + (t * B + row) * width
        const z = slot(db, t)
        if (t >= steps) {
          f.fill(0, y, y + width)
          if (kind === GRU) f.fill(0, z, z + H)
          continue
        }
        const [hp, hn, cp, cn, m] = [slot(h, from), slot(h, to), slot(c, from), slot(c, to), slot(more, t)]
        for (let j = 0; j < H; j++) {
          const d = f[u + j]
          f[u + j] = 0
          if (kind === TANH || kind === RELU) {
            const s = f[hn + j]
            f[y + j] = kind === TANH ? d * (1 - s * s) : s > 0 ? d : 0
            continue
          }
          const [k, l, e] = [j + H, j + 2 * H, j + 3 * H]
          const [a, b, n] = [f[g + j], f[g + k], f[g + l]]
          if (kind === GRU) {
            const dn = d * (1 - b) * (1 - n * n)
            f[y + j] = dn * f[m + j] * a * (1 - a)
            f[y + k] = d * (f[hp + j] - n) * b * (1 - b)
            f[y + l] = dn
            f[z + j] = dn * a
            f[u + j] = d * b
            continue
          }
          const o = f[g + e]
          const s = Math.tanh(f[cn + j])
          const r = f[v + j] + d * o * (1 - s * s)
          f[y + j] = r * n * a * (1 - a)
          f[y + k] = r * f[cp + j] * b * (1 - b)
          f[y + l] = r * a * (1 - n * n)
          f[y + e] = d * s * o * (1 - o)
          f[v + j] = r * b
        }
        multiply(f, y, plain, panels >>> 2, width * 8, H, u, true)
        if (kind === GRU) multiply(f, z, H, (panels >>> 2) + plain * 8, width * 8, H, u, true)
      }
    }
  },
})
