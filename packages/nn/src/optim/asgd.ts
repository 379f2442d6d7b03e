// Averaged stochastic gradient descent.
import type { Tensor } from '@x/tensor'
import { trainingFamily } from '../kernels.ts'
import { Optimizer, type ParametersToTrain, type Rule } from './optimizer.ts'
import { BOTTOMLESS, flag, number } from './settings.ts'

/** Options of `ASGD`. */
export interface ASGDOptions {
  /** Learning rate, ≥ 0. Default 0.01. */
  lr?: number
  /** λ, the decay of the weights and of the rate, ≥ 0. Default 1e-4. */
  lambd?: number
  /** Power of the decay of the rate. Default 0.75. */
  alpha?: number
  /** Step after which the average begins, ≥ 0. Default 1e6. */
  t0?: number
  /** Added to the gradient times the weight, ≥ 0. Default 0. */
  weightDecay?: number
  /** Steps uphill. Default false. */
  maximize?: boolean
}

const rule: Rule<Required<ASGDOptions>> = {
  name: 'ASGD',
  settings: {
    lr: number(0.01),
    lambd: number(1e-4),
    alpha: number(0.75, BOTTOMLESS),
    t0: number(1e6),
    weightDecay: number(0),
    maximize: flag,
  },
  kernel: trainingFamily('asgd'),
  state: () => ({ average: 0 }),
  // t, and η and μ of the next step
  counters: [0, 0, 1],
  coefficients: 5,
  prepare({ lr, lambd, alpha, t0, weightDecay, maximize }, count, c) {
    const t = ++count[0]
    // torch 1.13 keeps η and μ in float32.
    const eta = t === 1 ? Math.fround(lr) : count[1]
    const mu = count[2]
    const sign = maximize ? -1 : 1
    c.set([sign * weightDecay, 1 - lambd * eta, sign * eta, 1 - mu, mu])
    count[1] = Math.fround(lr / (1 + lambd * lr * t) ** alpha)
    count[2] = Math.fround(1 / Math.max(1, t - t0))
  },
}

/**
 * p ← p(1 − λη) − ηg with η = lr / (1 + λ·lr·(t−1))^α, and a ← a + μ(p − a) with μ = 1/max(1, t − 1 − t0): the average
 * of the parameters after step t0. As in torch.optim.ASGD 1.13, a new lr shows one step later, for η is made a step
 * ahead, and η and μ are numbers of float32.
 * Source: Polyak and Juditsky 1992, Acceleration of stochastic approximation by averaging.
 * @throws RangeError for settings out of range
 * @example
 * import { tensor } from '@x/tensor'
 * import { grad } from '@x/autograd'
 * import { ASGD } from '@x/nn'
 * const w = tensor([1, -1])
 * const asgd = new ASGD([w], { lr: 0.25, lambd: 0 })
 * asgd.step(grad(() => w.square().sum(), [w])) // w is now [0.5, -0.5]
 * asgd.averages()[0].toArray() // [0.5, -0.5]
 */
export class ASGD extends Optimizer<Required<ASGDOptions>> {
  constructor(parameters: ParametersToTrain<Required<ASGDOptions>>, options: ASGDOptions = {}) {
    super(rule, parameters, options)
  }

  /** The averaged parameters, in the order of the parameters. The tensors themselves, not copies. */
  averages(): Tensor[] {
    const state = this.stateDict()
    return this.parameters.map((_, i) => state[`average.${i}`])
  }
}
