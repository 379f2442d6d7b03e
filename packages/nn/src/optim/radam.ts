// Adam with a rectified step while few gradients have been seen.
import { trainingFamily } from '../kernels.ts'
import { Optimizer, type ParametersToTrain, power, type Rule } from './optimizer.ts'
import { flag, number, pair } from './settings.ts'

/** Options of `RAdam`. */
export interface RAdamOptions {
  /** Learning rate, ≥ 0. Default 1e-3. */
  lr?: number
  /** Decay of the running means of gradient and squared gradient, each in [0, 1). Default [0.9, 0.999]. */
  betas?: readonly [number, number]
  /** Added to the denominator, ≥ 0. Default 1e-8. */
  eps?: number
  /** Added to the gradient times the weight, ≥ 0. Default 0. */
  weightDecay?: number
  /** Steps uphill. Default false. */
  maximize?: boolean
}

/** Beside it √v vanishes, and as a power of two it leaves the bits of what it scales. */
const HUGE = 2 ** 100

const rule: Rule<Required<RAdamOptions>> = {
  name: 'RAdam',
  settings: {
    lr: number(1e-3),
    betas: pair([0.9, 0.999], [0, 1]),
    eps: number(1e-8),
    weightDecay: number(0),
    maximize: flag,
  },
  kernel: trainingFamily('adam'),
  state: () => ({ m: 0, v: 0, vMax: null }),
  counters: [0],
  coefficients: 9,
  prepare({ lr, betas: [beta1, beta2], eps, weightDecay, maximize }, count, c) {
    const t = ++count[0]
    const decayed = power(beta2, t)
    const step = lr / (1 - power(beta1, t))
    const longest = 2 / (1 - beta2) - 1
    const length = longest - (2 * t * decayed) / (1 - decayed)
    let [rate, added] = [step * HUGE, HUGE]
    if (length > 5) {
      const rectified = ((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length)
      ;[rate, added] = [step * Math.sqrt(rectified * (1 - decayed)), eps]
    }
    const sign = maximize ? -1 : 1
    c.set([sign * weightDecay, beta1, sign * (1 - beta1), beta2, 1 - beta2, 1, rate, 0, added])
  },
}

/**
 * m, v, m̂ as in Adam. With ρ∞ = 2/(1−β₂) − 1 and ρ = ρ∞ − 2tβ₂ᵗ/(1−β₂ᵗ): where ρ > 5,
 * p ← p − lr · m̂ · √((ρ−4)(ρ−2)ρ∞ / ((ρ∞−4)(ρ∞−2)ρ)) · √(1−β₂ᵗ) / (√v + ε), before that p ← p − lr · m̂.
 * Source: Liu et al. 2020, arXiv:1908.03265, in the form of torch.optim.RAdam.
 * @throws RangeError for settings out of range
 * @example
 * import { tensor } from '@x/tensor'
 * import { grad } from '@x/autograd'
 * import { RAdam } from '@x/nn'
 * const w = tensor([1, -1])
 * new RAdam([w], { lr: 0.1 }).step(grad(() => w.square().sum(), [w])) // w is now [0.8, -0.8]
 */
export class RAdam extends Optimizer<Required<RAdamOptions>> {
  constructor(parameters: ParametersToTrain<Required<RAdamOptions>>, options: RAdamOptions = {}) {
    super(rule, parameters, options)
  }
}
