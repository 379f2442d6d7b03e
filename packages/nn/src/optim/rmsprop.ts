// RMSprop: steps divided by the root of a running mean of squared gradients.
import { trainingFamily } from '../kernels.ts'
import { Optimizer, type ParametersToTrain, type Rule } from './optimizer.ts'
import { BEHIND_ONE, flag, number } from './settings.ts'

/** Options of `RMSprop`. */
export interface RMSpropOptions {
  /** Learning rate, ≥ 0. Default 0.01. */
  lr?: number
  /** Decay of the running mean, in [0, 1]. Default 0.99. */
  alpha?: number
  /** Added to the denominator, ≥ 0. Default 1e-8. */
  eps?: number
  /** Added to the gradient times the weight, ≥ 0. Default 0. */
  weightDecay?: number
  /** Share of the last step that is kept, ≥ 0. Default 0. It can be changed later, but not from 0. */
  momentum?: number
  /** Divides by an estimate of the deviation from the mean gradient. Default false; fixed when the optimiser is made. */
  centered?: boolean
  /** Steps uphill. Default false. */
  maximize?: boolean
}

const rule: Rule<Required<RMSpropOptions>> = {
  name: 'RMSprop',
  settings: {
    lr: number(0.01),
    alpha: number(0.99, 0, BEHIND_ONE),
    eps: number(1e-8),
    weightDecay: number(0),
    momentum: number(0),
    centered: flag,
    maximize: flag,
  },
  kernel: trainingFamily('rmsprop'),
  state: ({ centered, momentum }) => ({ v: 0, mean: centered ? 0 : null, momentum: momentum > 0 ? 0 : null }),
  counters: [0],
  coefficients: 7,
  prepare({ lr, alpha, eps, weightDecay, momentum, maximize }, count, c) {
    count[0]++
    const sign = maximize ? -1 : 1
    c.set([sign * weightDecay, alpha, 1 - alpha, eps, lr, momentum, sign])
  },
}

/**
 * v ← αv + (1−α)g², b ← momentum·b + g/(√v + ε), p ← p − lr·b. Centred, the mean gradient ḡ ← αḡ + (1−α)g is taken
 * off: v − ḡ² in the place of v.
 * Source: Tieleman and Hinton 2012, Coursera lecture 6.5; centred after Graves 2013, arXiv:1308.0850; in the form of
 * torch.optim.RMSprop.
 * @throws RangeError for settings out of range
 * @example
 * import { tensor } from '@x/tensor'
 * import { grad } from '@x/autograd'
 * import { RMSprop } from '@x/nn'
 * const w = tensor([1, -1])
 * new RMSprop([w], { lr: 0.01 }).step(grad(() => w.square().sum(), [w])) // w is now [0.9, -0.9]
 */
export class RMSprop extends Optimizer<Required<RMSpropOptions>> {
  constructor(parameters: ParametersToTrain<Required<RMSpropOptions>>, options: RMSpropOptions = {}) {
    super(rule, parameters, options)
  }
}
