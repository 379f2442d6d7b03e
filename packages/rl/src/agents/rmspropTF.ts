// RMSprop as TensorFlow has it, which A2C was tuned with.
import { keep, type Tensor, tensor, tidy } from '@x/tensor'
import { assign, lasting } from '@x/tensor/op'
import { knownOptions } from '../env/errors.ts'
import { above0, atLeast0, share } from '../env/numbers.ts'

/**
 * v ← α v + (1 − α) g², starting from 1; p ← p − lr g / √(v + ε): ε under the root, where PyTorch adds it behind.
 * Usable inside of a compiled step; `lr` may be set at any time.
 * Source: TensorFlow's RMSProp; Stable-Baselines3's RMSpropTFLike.
 * @example
 * import { valueAndGrad } from '@x/autograd'
 * import { Linear } from '@x/nn'
 * import { RMSpropTF } from '@x/rl/agents'
 * import { ones } from '@x/tensor'
 * const layer = new Linear(3, 1)
 * const optimizer = new RMSpropTF(layer.parameters(), { lr: 1e-2 })
 * optimizer.step(valueAndGrad(() => layer.forward(ones([4, 3])).square().mean(), layer.parameters()).grads)
 */
export class RMSpropTF {
  private readonly parameters: readonly Tensor[]
  private readonly squares: readonly Tensor[]
  private readonly rate: Tensor
  private readonly alpha: number
  private readonly eps: number

  /**
   * @param options.lr learning rate, ≥ 0. Default 7e-4
   * @param options.alpha decay of the mean of squares, in [0, 1]. Default 0.99
   * @param options.eps added to it, > 0. Default 1e-5
   * @throws RangeError for options that there are not or out of range
   */
  constructor(parameters: readonly Tensor[], options: { lr?: number; alpha?: number; eps?: number } = {}) {
    knownOptions('RMSpropTF', options, ['lr', 'alpha', 'eps'])
    const { lr = 7e-4, alpha = 0.99, eps = 1e-5 } = options
    this.parameters = parameters
    this.squares = parameters.map((p) => lasting(() => keep(tidy(() => p.mul(0).add(1)))))
    this.rate = lasting(() => keep(tensor([atLeast0('RMSpropTF: lr', lr)], { dtype: 'float64' })))
    this.alpha = share('RMSpropTF: alpha', alpha)
    this.eps = above0('RMSpropTF: eps', eps)
  }

  get lr(): number {
    return this.rate.item()
  }

  set lr(value: number) {
    tidy(() => assign(this.rate, tensor([value], { dtype: 'float64' })))
  }

  /** Moves every parameter one step along its gradient, in place. */
  step(gradients: readonly Tensor[]): void {
    tidy(() => {
      this.parameters.forEach((p, i) => {
        const g = gradients[i]
        const v = this.squares[i]
        assign(v, v.mul(this.alpha).add(g.square().mul(1 - this.alpha)))
        assign(p, p.sub(g.mul(this.rate.cast(p.dtype)).div(v.add(this.eps).sqrt())))
      })
    })
  }

  /** State by name. The tensors themselves, not copies. */
  stateDict(): Record<string, Tensor> {
    return { lr: this.rate, ...Object.fromEntries(this.squares.map((v, i) => [`squares.${i}`, v])) }
  }

  /** Frees the state; the parameters stay. */
  dispose(): void {
    for (const x of Object.values(this.stateDict())) x.dispose()
  }
}
