// Adam and AdamW.
import type { Tensor } from '@x/tensor'
import { pointer, run } from '@x/tensor/op'
import { family, kernel } from '../kernels.ts'
import type { StateDict } from '../module.ts'
import { moments, named, Optimizer, within } from './optimizer.ts'

export interface AdamOptions {
  /** Learning rate, ≥ 0. Default 1e-3. */
  lr?: number
  /** Decay of the running means of gradient and squared gradient, each in [0, 1). Default [0.9, 0.999]. */
  betas?: readonly [number, number]
  /** Added to the denominator, ≥ 0. Default 1e-8. */
  eps?: number
  /** Weight decay, ≥ 0. Default 0 for Adam (added to the gradient), 0.01 for AdamW (applied to the weights). */
  weightDecay?: number
}

const update = family('adam')
const advance = kernel('adamAdvance')

/**
 * m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², p ← p − lr · m̂ / (√v̂ + ε), with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ).
 * Source: Kingma and Ba 2015, arXiv:1412.6980, in the form of torch.optim.Adam.
 * @example
 * import { tensor } from '@x/tensor'
 * import { grad } from '@x/autograd'
 * import { Adam } from '@x/nn'
 * const w = tensor([1, -1])
 * const adam = new Adam([w], { lr: 0.1 })
 * adam.step(grad(() => w.square().sum(), [w])) // w is now [0.9, -0.9]
 */
export class Adam extends Optimizer {
  private readonly m: Tensor[]
  private readonly v: Tensor[]

  constructor(parameters: readonly Tensor[], options: AdamOptions = {}, decoupled = 0) {
    const { lr = 1e-3, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0 } = options
    within('lr', lr, 0)
    for (const b of betas) within('betas', b, 0, 1)
    within('eps', eps, 0)
    within('weightDecay', weightDecay, 0)
    super(parameters, [lr, betas[0], betas[1], eps, weightDecay, decoupled, 1, 1])
    this.m = moments(parameters)
    this.v = moments(parameters)
  }

  override step(gradients: readonly Tensor[]): void {
    this.check(gradients)
    run(advance, 1, 1, pointer(this.hyper))
    this.parameters.forEach((p, i) => {
      const g = gradients[i].contiguous()
      run(
        update[p.dtype],
        p.size,
        p.size * 6,
        pointer(p),
        pointer(g),
        pointer(this.m[i]),
        pointer(this.v[i]),
        pointer(this.hyper),
      )
    })
  }

  override stateDict(): StateDict {
    return { hyper: this.hyper, ...named('m', this.m), ...named('v', this.v) }
  }
}

/** Adam with weight decay applied to the weights instead of the gradient: p ← p·(1 − lr·weightDecay) first. Source: Loshchilov and Hutter 2019, arXiv:1711.05101. */
export class AdamW extends Adam {
  constructor(parameters: readonly Tensor[], options: AdamOptions = {}) {
    super(parameters, { weightDecay: 0.01, ...options }, 1)
  }
}
