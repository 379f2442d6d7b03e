// RMSprop as TensorFlow has it, which A2C was tuned with.
import { keep, type Tensor, tensor, tidy } from '@x/tensor'
import { assign, lasting } from '@x/tensor/op'

/**
 * v ← α v + (1 − α) g², starting from 1; p ← p − lr g / √(v + ε): ε under the root, where PyTorch adds it behind.
 * Usable inside of a compiled step; `lr` may be set at any time.
 * Source: TensorFlow's RMSProp; Stable-Baselines3's RMSpropTFLike.
 */
export class RMSpropTF {
  private readonly parameters: readonly Tensor[]
  private readonly squares: readonly Tensor[]
  private readonly rate: Tensor
  private readonly alpha: number
  private readonly eps: number

  constructor(
    parameters: readonly Tensor[],
    { lr = 7e-4, alpha = 0.99, eps = 1e-5 }: { lr?: number; alpha?: number; eps?: number } = {},
  ) {
    this.parameters = parameters
    this.squares = parameters.map((p) => lasting(() => keep(tidy(() => p.mul(0).add(1)))))
    this.rate = lasting(() => keep(tensor([lr], { dtype: 'float64' })))
    this.alpha = alpha
    this.eps = eps
  }

  get lr(): number {
    return this.rate.item()
  }

  set lr(value: number) {
    assign(this.rate, tensor([value], { dtype: 'float64' }))
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
