// Clipping gradients: new values, the gradients themselves stay as they are.
import { stack, type Tensor, tidy } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import { inRange, positive } from '../options.ts'

/** Gradients in a list or by name, as `valueAndGrad` gives them of a module and `step` takes them. */
export type Gradients = readonly (Tensor | null)[] | Readonly<Record<string, Tensor | null>>

/** Options of `clipGradNorm`. */
export interface ClipGradNormOptions {
  /** p of the p-norm, > 0; Infinity for the largest size. Default 2. */
  normType?: number
}

/**
 * The gradients times min(1, maxNorm / (norm + 1e-6)), and the norm of all their elements together before. Usable inside
 * of a compiled step; null entries stay null.
 * Source: Pascanu, Mikolov and Bengio 2013, arXiv:1211.5063, in the form of torch.nn.utils.clip_grad_norm_.
 * @param maxNorm ≥ 0
 * @throws RangeError for a negative maxNorm, a normType that is not > 0, or without any gradient
 * @example
 * import { tensor } from '@x/tensor'
 * import { clipGradNorm } from '@x/nn'
 * const { grads, norm } = clipGradNorm([tensor([3]), tensor([4])], 1)
 * norm.item() // 5
 * grads[0].item().toFixed(4) // '0.6000'
 */
export function clipGradNorm<G extends Gradients>(
  grads: G,
  maxNorm: number,
  options: ClipGradNormOptions = {},
): { grads: G; norm: Tensor } {
  checkOptions('clipGradNorm', options, ['normType'])
  inRange('clipGradNorm: maxNorm', maxNorm, 0)
  const normType = positive('clipGradNorm: normType', options.normType ?? 2)
  return tidy(() => {
    const norms = Object.values<Tensor | null>(grads).flatMap((g) => (g ? [normOf(g, normType)] : []))
    if (norms.length === 0) throw new RangeError('clipGradNorm: there is no gradient')
    const norm = normOf(stack(norms), normType)
    const factor = norm.add(1e-6).reciprocal().mul(maxNorm).minimum(1)
    return { grads: eachOf(grads, (g) => g.mul(factor.cast(g.dtype))), norm }
  })
}

/**
 * The gradients with every element brought into [−clip, clip]; null entries stay null.
 * In the form of torch.nn.utils.clip_grad_value_.
 * @throws RangeError for a negative clip
 * @example
 * import { tensor } from '@x/tensor'
 * import { clipGradValue } from '@x/nn'
 * clipGradValue([tensor([-2, 0.25])], 0.5)[0].toArray() // [-0.5, 0.25]
 */
export function clipGradValue<G extends Gradients>(grads: G, clip: number): G {
  inRange('clipGradValue: clip', clip, 0)
  return tidy(() => eachOf(grads, (g) => g.maximum(-clip).minimum(clip)))
}

/** The gradients changed, in a list or by name as they came. */
function eachOf<G extends Gradients>(grads: G, change: (g: Tensor) => Tensor): G {
  const changed = Object.entries(grads).map(([name, g]) => [name, g && change(g)])
  return (Array.isArray(grads) ? changed.map(([, g]) => g) : Object.fromEntries(changed)) as G
}

function normOf(x: Tensor, p: number): Tensor {
  if (p === 2) return x.square().sum().sqrt()
  if (p === Number.POSITIVE_INFINITY) return x.abs().max()
  return p === 1
    ? x.abs().sum()
    : x
        .abs()
        .pow(p)
        .sum()
        .pow(1 / p)
}
