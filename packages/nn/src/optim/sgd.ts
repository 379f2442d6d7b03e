// Stochastic gradient descent.
import { trainingFamily } from '../kernels.ts'
import { Optimizer, type ParametersToTrain, type Rule } from './optimizer.ts'
import { BOTTOMLESS, flag, number } from './settings.ts'

/** Options of `SGD`. */
export interface SGDOptions {
  /** Learning rate, ≥ 0. Default 1e-3. */
  lr?: number
  /** Share of the last step that is kept, ≥ 0. Default 0. It can be changed later, but not from 0. */
  momentum?: number
  /** Share of the gradient that does not enter the momentum. Default 0. */
  dampening?: number
  /** Added to the gradient times the weight, ≥ 0. Default 0. */
  weightDecay?: number
  /** Nesterov's momentum; needs momentum > 0 and dampening 0. Default false. */
  nesterov?: boolean
  /** Steps uphill. Default false. */
  maximize?: boolean
}

const rule: Rule<Required<SGDOptions>> = {
  name: 'SGD',
  settings: {
    lr: number(1e-3),
    momentum: number(0),
    dampening: number(0, BOTTOMLESS),
    weightDecay: number(0),
    nesterov: flag,
    maximize: flag,
  },
  check({ nesterov, momentum, dampening }) {
    if (nesterov && (momentum === 0 || dampening !== 0))
      throw new RangeError(`SGD: nesterov needs momentum > 0 and dampening 0, not ${momentum} and ${dampening}`)
  },
  kernel: trainingFamily('sgd'),
  state: ({ momentum }) => ({ momentum: momentum > 0 ? 0 : null }),
  counters: [0],
  coefficients: 5,
  prepare({ lr, momentum, dampening, weightDecay, nesterov, maximize }, count, c) {
    const t = ++count[0]
    const fresh = t === 1 ? 1 : 1 - dampening
    const [ahead, along] = momentum === 0 ? [lr, 0] : nesterov ? [lr, lr * momentum] : [0, lr]
    const sign = maximize ? -1 : 1
    c.set([sign * weightDecay, momentum, sign * fresh, sign * ahead, along])
  },
}

/**
 * g ← g + weightDecay·p; b ← momentum·b + (1 − dampening)·g, the first b being g; p ← p − lr·b, or with Nesterov's
 * momentum p − lr·(g + momentum·b).
 * Source: Sutskever et al. 2013, in the form of torch.optim.SGD.
 * @throws RangeError for settings out of range
 * @example
 * import { tensor } from '@x/tensor'
 * import { grad } from '@x/autograd'
 * import { SGD } from '@x/nn'
 * const w = tensor([1, -1])
 * const sgd = new SGD([w], { lr: 0.25 })
 * sgd.step([grad(() => w.square().sum(), w)]) // w is now [0.5, -0.5]
 */
export class SGD extends Optimizer<Required<SGDOptions>> {
  constructor(parameters: ParametersToTrain<Required<SGDOptions>>, options: SGDOptions = {}) {
    super(rule, parameters, options)
  }
}
