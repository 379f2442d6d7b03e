// Adagrad: steps divided by the root of the sum of all squared gradients.
import { trainingFamily } from '../kernels.ts'
import { Optimizer, type ParametersToTrain, type Rule } from './optimizer.ts'
import { flag, number } from './settings.ts'

/** Options of `Adagrad`. */
export interface AdagradOptions {
  /** Learning rate, ≥ 0. Default 0.01. */
  lr?: number
  /** How fast the learning rate falls: lr / (1 + (t−1)·lrDecay), ≥ 0. Default 0. */
  lrDecay?: number
  /** Added to the gradient times the weight, ≥ 0. Default 0. */
  weightDecay?: number
  /** What the sums start from, ≥ 0. Default 0. */
  initialAccumulatorValue?: number
  /** Added to the denominator, ≥ 0. Default 1e-10. */
  eps?: number
  /** Steps uphill. Default false. */
  maximize?: boolean
}

const rule: Rule<Required<AdagradOptions>> = {
  name: 'Adagrad',
  settings: {
    lr: number(0.01),
    lrDecay: number(0),
    weightDecay: number(0),
    initialAccumulatorValue: number(0),
    eps: number(1e-10),
    maximize: flag,
  },
  // The kernel of RMSprop with a sum in the place of a mean.
  kernel: trainingFamily('rmsprop'),
  state: ({ initialAccumulatorValue }) => ({ sum: initialAccumulatorValue, mean: null, momentum: null }),
  counters: [0],
  coefficients: 7,
  prepare({ lr, lrDecay, weightDecay, eps, maximize }, count, c) {
    const t = ++count[0]
    const sign = maximize ? -1 : 1
    c.set([sign * weightDecay, 1, 1, eps, lr / (1 + (t - 1) * lrDecay), 0, sign])
  },
}

/**
 * s ← s + g², p ← p − lr/(1 + (t−1)·lrDecay) · g/(√s + ε).
 * Source: Duchi, Hazan and Singer 2011, JMLR 12, in the form of torch.optim.Adagrad.
 * @throws RangeError for settings out of range
 * @example
 * import { tensor } from '@x/tensor'
 * import { grad } from '@x/autograd'
 * import { Adagrad } from '@x/nn'
 * const w = tensor([1, -1])
 * new Adagrad([w], { lr: 0.1 }).step(grad(() => w.square().sum(), [w])) // w is now [0.9, -0.9]
 */
export class Adagrad extends Optimizer<Required<AdagradOptions>> {
  constructor(parameters: ParametersToTrain<Required<AdagradOptions>>, options: AdagradOptions = {}) {
    super(rule, parameters, options)
  }
}
