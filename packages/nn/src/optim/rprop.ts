// Resilient backpropagation: only the signs of gradients count.
import { trainingFamily } from '../kernels.ts'
import { Optimizer, type ParametersToTrain, type Rule } from './optimizer.ts'
import { BEHIND_ONE, ENDLESS, flag, number, pair } from './settings.ts'

/** Options of `Rprop`. */
export interface RpropOptions {
  /** The first step of every element, ≥ 0. Default 0.01. Changes after the first step have no effect. */
  lr?: number
  /** Factors of the step where the gradient has turned its sign, in (0, 1), and where not, > 1. Default [0.5, 1.2]. */
  etas?: readonly [number, number]
  /** The smallest and the largest step. Default [1e-6, 50]. */
  stepSizes?: readonly [number, number]
  /** Steps uphill. Default false. */
  maximize?: boolean
}

const rule: Rule<Required<RpropOptions>> = {
  name: 'Rprop',
  settings: {
    lr: number(0.01),
    etas: pair([0.5, 1.2], [5e-324, 1], [BEHIND_ONE, ENDLESS]),
    stepSizes: pair([1e-6, 50], [0, ENDLESS]),
    maximize: flag,
  },
  check({ stepSizes: [low, high] }) {
    if (low > high) throw new RangeError(`Rprop: stepSizes [${low}, ${high}] are in the wrong order`)
  },
  kernel: trainingFamily('rprop'),
  state: () => ({ before: 0, step: 0 }),
  counters: [0],
  coefficients: 7,
  prepare({ lr, etas: [less, more], stepSizes: [low, high], maximize }, count, c) {
    const t = ++count[0]
    const [keep, fresh] = t === 1 ? [0, lr] : [1, 0]
    c.set([less, more, low, high, keep, fresh, maximize ? -1 : 1])
  },
}

/**
 * Each element has a step s of its own: s ← s·η⁺ where the gradient kept its sign, s·η⁻ where it turned (then no step is
 * taken, and the gradient counts as 0 next time), within `stepSizes`; p ← p − sign(g)·s. For full batches.
 * Source: Riedmiller and Braun 1993, in the form of torch.optim.Rprop.
 * @throws RangeError for settings out of range
 * @example
 * import { tensor } from '@x/tensor'
 * import { grad } from '@x/autograd'
 * import { Rprop } from '@x/nn'
 * const w = tensor([1, -1])
 * new Rprop([w], { lr: 0.1 }).step(grad(() => w.square().sum(), [w])) // w is now [0.9, -0.9]
 */
export class Rprop extends Optimizer<Required<RpropOptions>> {
  constructor(parameters: ParametersToTrain<Required<RpropOptions>>, options: RpropOptions = {}) {
    super(rule, parameters, options)
  }
}
