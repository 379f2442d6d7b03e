// One step of an optimiser on elements [begin, end) of a parameter p with gradient g, after PyTorch's formulas.
// The hyperparameters are float64 in memory, so that a recorded step follows a schedule.

import { forTypes, log2Bytes, type Twins } from '@x/tensor/js'
import { heap } from '@x/tensor/op'

export const optim: Twins = {
  ...forTypes(['f32', 'f64'], {
    /** hyper: [lr, beta1, beta2, eps, weightDecay, decoupled, beta1ᵗ, beta2ᵗ]; m, v are the moving moments. */
    adam(type, p, g, m, v, hyper, begin, end) {
      const f = heap[type]
      const { f64 } = heap
      hyper >>>= 3
      p >>>= log2Bytes[type]
      g >>>= log2Bytes[type]
      m >>>= log2Bytes[type]
      v >>>= log2Bytes[type]
      const lr = f64[hyper]
      const beta1 = f64[hyper + 1]
      const beta2 = f64[hyper + 2]
      const eps = f64[hyper + 3]
      const decay = f64[hyper + 4]
      const decoupled = f64[hyper + 5] !== 0
      const l2 = decoupled ? 0 : decay
      const shrink = decoupled ? 1 - lr * decay : 1
      const rate = lr / (1 - f64[hyper + 6])
      const root = 1 / Math.sqrt(1 - f64[hyper + 7])
      for (let i = begin; i < end; i++) {
        const w = f[p + i]
        const d = f[g + i] + l2 * w
        const m1 = beta1 * f[m + i] + (1 - beta1) * d
        const v1 = beta2 * f[v + i] + (1 - beta2) * d * d
        f[m + i] = m1
        f[v + i] = v1
        f[p + i] = shrink * w - (rate * m1) / (Math.sqrt(v1) * root + eps)
      }
    },

    /** hyper: [lr, momentum, dampening, weightDecay, nesterov, t]; no buffer where momentum is 0. */
    sgd(type, p, g, buf, hyper, begin, end) {
      const f = heap[type]
      const { f64 } = heap
      hyper >>>= 3
      p >>>= log2Bytes[type]
      g >>>= log2Bytes[type]
      buf >>>= log2Bytes[type]
      const lr = f64[hyper]
      const momentum = f64[hyper + 1]
      const decay = f64[hyper + 3]
      // The step is ahead·d + along·b: numbers, because a choice inside of the loop doubles its time.
      const nesterov = f64[hyper + 4] !== 0
      const ahead = nesterov ? 1 : 0
      const along = nesterov ? momentum : 1
      const first = f64[hyper + 5] === 1
      const fresh = first ? 1 : 1 - f64[hyper + 2]
      if (momentum === 0) for (let i = begin; i < end; i++) f[p + i] -= lr * (f[g + i] + decay * f[p + i])
      else {
        if (first) f.fill(0, buf + begin, buf + end)
        for (let i = begin; i < end; i++) {
          const w = f[p + i]
          const d = f[g + i] + decay * w
          const b = momentum * f[buf + i] + fresh * d
          f[buf + i] = b
          f[p + i] = w - lr * (ahead * d + along * b)
        }
      }
    },
  }),

  /** The powers of the betas move to the next step. */
  adamAdvance(hyper) {
    const { f64 } = heap
    hyper >>>= 3
    f64[hyper + 6] *= f64[hyper + 1]
    f64[hyper + 7] *= f64[hyper + 2]
  },

  /** t counts the step. */
  sgdAdvance(hyper) {
    heap.f64[(hyper >>> 3) + 5]++
  },
}
