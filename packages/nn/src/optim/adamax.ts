// Adam with the maximum norm.
import { trainingFamily } from '../kernels.ts'
import { Optimizer, type ParametersToTrain, power, type Rule } from './optimizer.ts'
import { flag, number, pair } from './settings.ts'

/** Options of `Adamax`. */
export interface AdamaxOptions {
  /** Learning rate, ≥ 0. Default 2e-3. */
  lr?: number
  /** Decay of the running mean and of the running maximum, each in [0, 1). Default [0.9, 0.999]. */
  betas?: readonly [number, number]
  /** Added to the size of the gradient, ≥ 0. Default 1e-8. */
  eps?: number
  /** Added to the gradient times the weight, ≥ 0. Default 0. */
  weightDecay?: number
  /** Steps uphill. Default false. */
  maximize?: boolean
}

const rule: Rule<Required<AdamaxOptions>> = {
  name: 'Adamax',
  settings: {
    lr: number(2e-3),
    betas: pair([0.9, 0.999], [0, 1]),
    eps: number(1e-8),
    weightDecay: number(0),
    maximize: flag,
  },
  kernel: trainingFamily('adamax'),
  state: () => ({ m: 0, u: 0 }),
  counters: [0],
  coefficients: 6,
  prepare({ lr, betas: [beta1, beta2], eps, weightDecay, maximize }, count, c) {
    const t = ++count[0]
    const sign = maximize ? -1 : 1
    c.set([sign * weightDecay, beta1, sign * (1 - beta1), beta2, eps, lr / (1 - power(beta1, t))])
  },
}

/**
 * m ← β₁m + (1−β₁)g, u ← max(β₂u, |g| + ε), p ← p − lr/(1−β₁ᵗ) · m/u.
 * Source: Kingma and Ba 2015, arXiv:1412.6980, section 7.1, in the form of torch.optim.Adamax.
 * @throws RangeError for settings out of range
 * @example
 * import { tensor } from '@x/tensor'
 * import { grad } from '@x/autograd'
 * import { Adamax } from '@x/nn'
 * const w = tensor([1, -1])
 * new Adamax([w], { lr: 0.1 }).step(grad(() => w.square().sum(), [w])) // w is now [0.9, -0.9]
 */
export class Adamax extends Optimizer<Required<AdamaxOptions>> {
  constructor(parameters: ParametersToTrain<Required<AdamaxOptions>>, options: AdamaxOptions = {}) {
    super(rule, parameters, options)
  }
}
