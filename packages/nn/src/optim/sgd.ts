// Stochastic gradient descent.
import type { Tensor } from '@x/tensor'
import { pointer, run } from '@x/tensor/op'
import { family, kernel } from '../kernels.ts'
import type { StateDict } from '../module.ts'
import { moments, named, Optimizer, within } from './optimizer.ts'

export interface SGDOptions {
  /** Learning rate, ≥ 0. Default 1e-3. */
  lr?: number
  /** Share of the last step that is kept, ≥ 0. Default 0. */
  momentum?: number
  /** Share of the gradient that does not enter the momentum. Default 0. */
  dampening?: number
  /** Added to the gradient times the weight, ≥ 0. Default 0. */
  weightDecay?: number
  /** Nesterov's momentum; needs momentum > 0 and dampening 0. Default false. */
  nesterov?: boolean
}

const update = family('sgd')
const advance = kernel('sgdAdvance')

/** p ← p − lr·b with b ← momentum·b + (1 − dampening)·g (the first b is g), in the form of torch.optim.SGD. */
export class SGD extends Optimizer {
  private readonly buffers: Tensor[]

  constructor(parameters: readonly Tensor[], options: SGDOptions = {}) {
    const { lr = 1e-3, momentum = 0, dampening = 0, weightDecay = 0, nesterov = false } = options
    within('lr', lr, 0)
    within('momentum', momentum, 0)
    within('weightDecay', weightDecay, 0)
    if (nesterov && (momentum === 0 || dampening !== 0))
      throw new RangeError('SGD: nesterov needs momentum > 0 and dampening 0')
    super(parameters, [lr, momentum, dampening, weightDecay, nesterov ? 1 : 0, 0])
    this.buffers = momentum > 0 ? moments(parameters) : []
  }

  override step(gradients: readonly Tensor[]): void {
    this.check(gradients)
    run(advance, 1, 1, pointer(this.hyper))
    this.parameters.forEach((p, i) => {
      const g = gradients[i].contiguous()
      const b = this.buffers[i] ? pointer(this.buffers[i]) : 0
      run(update[p.dtype], p.size, p.size * 3, pointer(p), pointer(g), b, pointer(this.hyper))
    })
  }

  override stateDict(): StateDict {
    return { hyper: this.hyper, ...named('momentum', this.buffers) }
  }
}
