// One step of an optimiser on elements [begin, end) of a parameter p with gradient g. What it multiplies with are float64
// numbers at c, so that a recorded step follows a schedule. D = g + c0 p is the gradient with weight decay; a step uphill
// has the signs of some numbers turned. A pointer of 0 is state that is not there.

import { forTypes, log2Bytes, type Twins } from '@x/tensor/js'
import { heap } from '@x/tensor/op'

export const optim: Twins = forTypes(['f32', 'f64'], {
  /** b ← c1 b + c2 D, p ← p − c3 D − c4 b. */
  sgd(type, p, g, b, c, begin, end) {
    const f = heap[type]
    const { f64 } = heap
    c >>>= 3
    p >>>= log2Bytes[type]
    g >>>= log2Bytes[type]
    const decay = f64[c]
    const keep = f64[c + 1]
    const fresh = f64[c + 2]
    const ahead = f64[c + 3]
    const along = f64[c + 4]
    if (b === 0) for (let i = begin; i < end; i++) f[p + i] -= ahead * (f[g + i] + decay * f[p + i])
    else {
      b >>>= log2Bytes[type]
      for (let i = begin; i < end; i++) {
        const w = f[p + i]
        const d = f[g + i] + decay * w
        const next = keep * f[b + i] + fresh * d
        f[b + i] = next
        f[p + i] = w - (ahead * d + along * next)
      }
    }
  },

  /** p ← c1 p − c2 D, a ← c3 a + c4 p. */
  asgd(type, p, g, a, c, begin, end) {
    const f = heap[type]
    const { f64 } = heap
    c >>>= 3
    p >>>= log2Bytes[type]
    g >>>= log2Bytes[type]
    a >>>= log2Bytes[type]
    const decay = f64[c]
    const shrink = f64[c + 1]
    const rate = f64[c + 2]
    const stay = f64[c + 3]
    const move = f64[c + 4]
    for (let i = begin; i < end; i++) {
      const w = f[p + i]
      const next = shrink * w - rate * (f[g + i] + decay * w)
      f[p + i] = next
      f[a + i] = stay * f[a + i] + move * next
    }
  },

  /** m ← c1 m + c2 D, v ← c3 v + c4 D², p ← c5 p − (c6 m + c7 D) / (√v + c8); `top` keeps the largest v. */
  adam(type, p, g, m, v, top, c, begin, end) {
    const f = heap[type]
    const { f64 } = heap
    c >>>= 3
    p >>>= log2Bytes[type]
    g >>>= log2Bytes[type]
    m >>>= log2Bytes[type]
    v >>>= log2Bytes[type]
    const most = top >>> log2Bytes[type]
    const decay = f64[c]
    const beta1 = f64[c + 1]
    const fresh1 = f64[c + 2]
    const beta2 = f64[c + 3]
    const fresh2 = f64[c + 4]
    const shrink = f64[c + 5]
    const rate = f64[c + 6]
    const ahead = f64[c + 7]
    const eps = f64[c + 8]
    for (let i = begin; i < end; i++) {
      const w = f[p + i]
      const d = f[g + i] + decay * w
      const m1 = beta1 * f[m + i] + fresh1 * d
      let v1 = beta2 * f[v + i] + fresh2 * d * d
      f[m + i] = m1
      f[v + i] = v1
      if (top !== 0) f[most + i] = v1 = Math.max(v1, f[most + i])
      f[p + i] = shrink * w - (rate * m1 + ahead * d) / (Math.sqrt(v1) + eps)
    }
  },

  /** m ← c1 m + c2 D, u ← max(c3 u, |D| + c4), p ← p − c5 m / u. */
  adamax(type, p, g, m, u, c, begin, end) {
    const f = heap[type]
    const { f64 } = heap
    c >>>= 3
    p >>>= log2Bytes[type]
    g >>>= log2Bytes[type]
    m >>>= log2Bytes[type]
    u >>>= log2Bytes[type]
    const decay = f64[c]
    const beta1 = f64[c + 1]
    const fresh = f64[c + 2]
    const beta2 = f64[c + 3]
    const eps = f64[c + 4]
    const rate = f64[c + 5]
    for (let i = begin; i < end; i++) {
      const w = f[p + i]
      const d = f[g + i] + decay * w
      const m1 = beta1 * f[m + i] + fresh * d
      const u1 = Math.max(beta2 * f[u + i], Math.abs(d) + eps)
      f[m + i] = m1
      f[u + i] = u1
      f[p + i] = w - (rate * m1) / u1
    }
  },

  /** v ← c1 v + c2 D², s = c6 D / (√(v − mean²) + c3), b ← c5 b + s, p ← p − c4 b; without b, s in its place. */
  rmsprop(type, p, g, v, mean, b, c, begin, end) {
    const f = heap[type]
    const { f64 } = heap
    c >>>= 3
    p >>>= log2Bytes[type]
    g >>>= log2Bytes[type]
    v >>>= log2Bytes[type]
    const centre = mean >>> log2Bytes[type]
    const buf = b >>> log2Bytes[type]
    const decay = f64[c]
    const keep = f64[c + 1]
    const fresh = f64[c + 2]
    const eps = f64[c + 3]
    const rate = f64[c + 4]
    const momentum = f64[c + 5]
    const sign = f64[c + 6]
    for (let i = begin; i < end; i++) {
      const w = f[p + i]
      const d = f[g + i] + decay * w
      let v1 = keep * f[v + i] + fresh * d * d
      f[v + i] = v1
      if (mean !== 0) {
        const m1 = keep * f[centre + i] + fresh * d
        f[centre + i] = m1
        v1 -= m1 * m1
      }
      let step = (sign * d) / (Math.sqrt(v1) + eps)
      if (b !== 0) f[buf + i] = step = momentum * f[buf + i] + step
      f[p + i] = w - rate * step
    }
  },

  /** v ← c1 v + c2 D², s = √(u + c3) / √(v + c3) D, u ← c1 u + c2 s², p ← p − c4 s. */
  adadelta(type, p, g, v, u, c, begin, end) {
    const f = heap[type]
    const { f64 } = heap
    c >>>= 3
    p >>>= log2Bytes[type]
    g >>>= log2Bytes[type]
    v >>>= log2Bytes[type]
    u >>>= log2Bytes[type]
    const decay = f64[c]
    const keep = f64[c + 1]
    const fresh = f64[c + 2]
    const eps = f64[c + 3]
    const rate = f64[c + 4]
    for (let i = begin; i < end; i++) {
      const w = f[p + i]
      const d = f[g + i] + decay * w
      const v1 = keep * f[v + i] + fresh * d * d
      const step = (Math.sqrt(f[u + i] + eps) / Math.sqrt(v1 + eps)) * d
      f[v + i] = v1
      f[u + i] = keep * f[u + i] + fresh * step * step
      f[p + i] = w - rate * step
    }
  },

  /** s ← c4 s + c5, times c0 where g turned its sign, c1 where it kept it, within [c2, c3]; p ← p − c6 sign(g) s unless turned. */
  rprop(type, p, g, before, s, c, begin, end) {
    const f = heap[type]
    const { f64 } = heap
    c >>>= 3
    p >>>= log2Bytes[type]
    g >>>= log2Bytes[type]
    before >>>= log2Bytes[type]
    s >>>= log2Bytes[type]
    const less = f64[c]
    const more = f64[c + 1]
    const low = f64[c + 2]
    const high = f64[c + 3]
    const keep = f64[c + 4]
    const fresh = f64[c + 5]
    const sign = f64[c + 6]
    for (let i = begin; i < end; i++) {
      const w = f[p + i]
      const d = f[g + i]
      const same = d * f[before + i]
      const factor = same > 0 ? more : same < 0 ? less : 1
      const size = Math.min(Math.max((keep * f[s + i] + fresh) * factor, low), high)
      f[s + i] = size
      f[before + i] = same < 0 ? 0 : d
      if (!(same < 0)) f[p + i] = d > 0 ? w - sign * size : d < 0 ? w + sign * size : w
    }
  },
})
