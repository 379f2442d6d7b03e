// Adadelta: steps in the units of the parameters.
import { trainingFamily } from '../kernels.ts'
import { Optimizer, type ParametersToTrain, type Rule } from './optimizer.ts'
import { BEHIND_ONE, flag, number } from './settings.ts'

/** Options of `Adadelta`. */
export interface AdadeltaOptions {
  /** Factor of the step, ≥ 0. Default 1. */
  lr?: number
  /** Decay of the running means, in [0, 1]. Default 0.9. */
  rho?: number
  /** Added under both roots, ≥ 0. Default 1e-6. */
  eps?: number
  /** Added to the gradient times the weight, ≥ 0. Default 0. */
  weightDecay?: number
  /** Steps uphill. Default false. */
  maximize?: boolean
}

const rule: Rule<Required<AdadeltaOptions>> = {
  name: 'Adadelta',
  settings: {
    lr: number(1),
    rho: number(0.9, 0, BEHIND_ONE),
    eps: number(1e-6),
    weightDecay: number(0),
    maximize: flag,
  },
  kernel: trainingFamily('adadelta'),
  state: () => ({ v: 0, u: 0 }),
  counters: [0],
  coefficients: 5,
  prepare({ lr, rho, eps, weightDecay, maximize }, count, c) {
    count[0]++
    const sign = maximize ? -1 : 1
    c.set([sign * weightDecay, rho, 1 - rho, eps, sign * lr])
  },
}

/**
 * v ← ρv + (1−ρ)g², s = √(u + ε)/√(v + ε) · g, u ← ρu + (1−ρ)s², p ← p − lr·s.
 * Source: Zeiler 2012, arXiv:1212.5701, in the form of torch.optim.Adadelta.
 * @throws RangeError for settings out of range
 * @example
 * import { tensor } from '@x/tensor'
 * import { grad } from '@x/autograd'
 * import { Adadelta } from '@x/nn'
 * const w = tensor([1, -1])
 * new Adadelta([w]).step(grad(() => w.square().sum(), [w])) // w is now [0.9968, -0.9968]
 */
export class Adadelta extends Optimizer<Required<AdadeltaOptions>> {
  constructor(parameters: ParametersToTrain<Required<AdadeltaOptions>>, options: AdadeltaOptions = {}) {
    super(rule, parameters, options)
  }
}
