// Penalties on the size of weights, to be added to a loss.
import { type Tensor, tidy } from '@x/tensor'
import { inRange } from '../options.ts'

/**
 * λ Σ |w|: drives weights to exactly zero where they matter little (the lasso).
 * @param strength λ ≥ 0
 * @throws RangeError for a negative strength or no weights
 * @example
 * import { tensor } from '@x/tensor'
 * import { l1Penalty } from '@x/nn/training'
 * l1Penalty([tensor([1, -2])], 0.5).item() // 1.5
 */
export function l1Penalty(weights: readonly Tensor[], strength: number): Tensor {
  return penalty('l1Penalty', weights, strength, (w) => w.abs().sum())
}

/**
 * ½ λ Σ w²: its gradient λw is what the `weightDecay` of SGD adds.
 * @param strength λ ≥ 0
 * @throws RangeError for a negative strength or no weights
 * @example
 * import { tensor } from '@x/tensor'
 * import { l2Penalty } from '@x/nn/training'
 * l2Penalty([tensor([1, -2])], 0.5).item() // 1.25
 */
export function l2Penalty(weights: readonly Tensor[], strength: number): Tensor {
  return penalty('l2Penalty', weights, strength / 2, (w) => w.square().sum())
}

function penalty(name: string, weights: readonly Tensor[], strength: number, size: (w: Tensor) => Tensor): Tensor {
  inRange(`${name}: strength`, strength, 0)
  if (weights.length === 0) throw new RangeError(`${name}: there are no weights`)
  return tidy(() =>
    weights
      .map(size)
      .reduce((a, b) => a.add(b))
      .mul(strength),
  )
}
