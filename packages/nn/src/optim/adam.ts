// Adam and AdamW.
import { trainingFamily } from '../kernels.ts'
import { Optimizer, type ParametersToTrain, power, type Rule } from './optimizer.ts'
import { flag, number, pair } from './settings.ts'

/** Options of `Adam` and `AdamW`. */
export interface AdamOptions {
  /** Learning rate, ≥ 0. Default 1e-3. */
  lr?: number
  /** Decay of the running means of gradient and squared gradient, each in [0, 1). Default [0.9, 0.999]. */
  betas?: readonly [number, number]
  /** Added to the denominator, ≥ 0. Default 1e-8. */
  eps?: number
  /** Weight decay, ≥ 0. Default 0 for Adam (added to the gradient), 0.01 for AdamW (applied to the weights). */
  weightDecay?: number
  /** Divides by the largest v so far (Reddi, Kale and Kumar 2018). Default false; fixed when the optimiser is made. */
  amsgrad?: boolean
  /** Steps uphill. Default false. */
  maximize?: boolean
}

type AdamSettings = Required<AdamOptions>

const makeRule = (name: string, weightDecay: number, decoupled: boolean): Rule<AdamSettings> => ({
  name,
  settings: {
    lr: number(1e-3),
    betas: pair([0.9, 0.999], [0, 1]),
    eps: number(1e-8),
    weightDecay: number(weightDecay),
    amsgrad: flag,
    maximize: flag,
  },
  kernel: trainingFamily('adam'),
  state: ({ amsgrad }) => ({ m: 0, v: 0, vMax: amsgrad ? 0 : null }),
  counters: [0],
  coefficients: 9,
  prepare({ lr, betas: [beta1, beta2], eps, weightDecay, maximize }, count, c) {
    const t = ++count[0]
    // m̂ / (√v̂ + ε) = r/(1 − β₁ᵗ) · m / (√v + ε r) with r = √(1 − β₂ᵗ)
    const r = Math.sqrt(1 - power(beta2, t))
    const rate = (lr * r) / (1 - power(beta1, t))
    const [pull, shrink] = decoupled ? [0, 1 - lr * weightDecay] : [weightDecay, 1]
    const sign = maximize ? -1 : 1
    c.set([sign * pull, beta1, sign * (1 - beta1), beta2, 1 - beta2, shrink, rate, 0, eps * r])
  },
})

const adam = makeRule('Adam', 0, false)
const adamW = makeRule('AdamW', 0.01, true)

/**
 * m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², p ← p − lr · m̂ / (√v̂ + ε), with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ).
 * Source: Kingma and Ba 2015, arXiv:1412.6980, in the form of torch.optim.Adam.
 * @throws RangeError for settings out of range
 * @example
 * import { tensor } from '@x/tensor'
 * import { grad } from '@x/autograd'
 * import { Adam } from '@x/nn'
 * const w = tensor([1, -1])
 * const adam = new Adam([w], { lr: 0.1 })
 * adam.step(grad(() => w.square().sum(), [w])) // w is now [0.9, -0.9]
 */
export class Adam extends Optimizer<AdamSettings> {
  constructor(parameters: ParametersToTrain<AdamSettings>, options: AdamOptions = {}, rule: Rule<AdamSettings> = adam) {
    super(rule, parameters, options)
  }
}

/**
 * Adam with weight decay applied to the weights instead of the gradient: p ← p·(1 − lr·weightDecay) first.
 * Source: Loshchilov and Hutter 2019, arXiv:1711.05101, in the form of torch.optim.AdamW.
 * @throws RangeError for settings out of range
 * @example
 * import { tensor } from '@x/tensor'
 * import { AdamW } from '@x/nn'
 * const [weight, bias] = [tensor([[1, 2]]), tensor([0])]
 * const adam = new AdamW([{ params: [weight] }, { params: [bias], weightDecay: 0 }], { lr: 1e-3 })
 * adam.groups[1].weightDecay // 0
 */
export class AdamW extends Adam {
  constructor(parameters: ParametersToTrain<AdamSettings>, options: AdamOptions = {}) {
    super(parameters, options, adamW)
  }
}
