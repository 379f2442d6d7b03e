// Adam with Nesterov's momentum.
import { trainingFamily } from '../kernels.ts'
import { Optimizer, type ParametersToTrain, power, type Rule } from './optimizer.ts'
import { flag, number, pair } from './settings.ts'

/** Options of `NAdam`. */
export interface NAdamOptions {
  /** Learning rate, ≥ 0. Default 2e-3. */
  lr?: number
  /** Decay of the running means of gradient and squared gradient, each in [0, 1). Default [0.9, 0.999]. */
  betas?: readonly [number, number]
  /** Added to the denominator, ≥ 0. Default 1e-8. */
  eps?: number
  /** Added to the gradient times the weight, ≥ 0. Default 0. */
  weightDecay?: number
  /** ψ, how fast the momentum grows to β₁, ≥ 0. Default 4e-3. */
  momentumDecay?: number
  /** Steps uphill. Default false. */
  maximize?: boolean
}

const rule: Rule<Required<NAdamOptions>> = {
  name: 'NAdam',
  settings: {
    lr: number(2e-3),
    betas: pair([0.9, 0.999], [0, 1]),
    eps: number(1e-8),
    weightDecay: number(0),
    momentumDecay: number(4e-3),
    maximize: flag,
  },
  kernel: trainingFamily('adam'),
  state: () => ({ m: 0, v: 0, vMax: null }),
  // t, μ₁…μₜ
  counters: [0, 1],
  coefficients: 9,
  prepare({ lr, betas: [beta1, beta2], eps, weightDecay, momentumDecay, maximize }, count, c) {
    const t = ++count[0]
    const growth = 0.96 ** momentumDecay
    const mu = beta1 * (1 - 0.5 * power(growth, t))
    const next = beta1 * (1 - 0.5 * power(growth, t + 1))
    // torch 1.13 has the products in float32, and takes μₜ into that of the next step twice.
    const product = (count[1] = Math.fround(count[1] * Math.fround(mu)))
    const r = Math.sqrt(1 - power(beta2, t))
    const further = Math.fround(Math.fround(product * Math.fround(mu)) * Math.fround(next))
    const rate = (lr * next * r) / (1 - further)
    const ahead = (lr * (1 - mu) * r) / (1 - product)
    const sign = maximize ? -1 : 1
    c.set([sign * weightDecay, beta1, sign * (1 - beta1), beta2, 1 - beta2, 1, rate, sign * ahead, eps * r])
  },
}

/**
 * m and v as in Adam; with μₜ = β₁(1 − ½·0.96^(tψ)):
 * p ← p − lr · (μₜ₊₁ m / (1 − μ₁…μₜ₊₁) + (1 − μₜ) g / (1 − μ₁…μₜ)) / (√v̂ + ε).
 * Source: Dozat 2016, Incorporating Nesterov Momentum into Adam, in the form of torch.optim.NAdam 1.13, which deviates:
 * it has one more μₜ in the product 1 … μₜ₊₁, and keeps products in float32.
 * @throws RangeError for settings out of range
 * @example
 * import { tensor } from '@x/tensor'
 * import { grad } from '@x/autograd'
 * import { NAdam } from '@x/nn'
 * const w = tensor([1, -1])
 * new NAdam([w], { lr: 0.1 }).step(grad(() => w.square().sum(), [w])) // w is now about [0.895, -0.895]
 */
export class NAdam extends Optimizer<Required<NAdamOptions>> {
  constructor(parameters: ParametersToTrain<Required<NAdamOptions>>, options: NAdamOptions = {}) {
    super(rule, parameters, options)
  }
}
