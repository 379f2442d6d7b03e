// Log-probabilities, entropies and divergences of the distributions that policies are made of, differentiable.
import { softplus } from '@x/nn'
import type { Tensor } from '@x/tensor'
import { knownOptions } from '../env/errors.ts'

const LOG_2PI = Math.log(2 * Math.PI)

/**
 * log π(a|s) of categorical distributions. logits [..., A], actions int32 [...] → [...].
 * @throws ShapeError, RangeError for an action that there is not
 */
export function categoricalLogProb(logits: Tensor, actions: Tensor): Tensor {
  return logits.logSoftmax(-1).gather(actions.unsqueeze(-1), -1).squeeze(-1)
}

/** −Σₐ π(a) log π(a). logits [..., A] → [...]. */
export function categoricalEntropy(logits: Tensor): Tensor {
  const logPi = logits.logSoftmax(-1)
  return logPi.exp().mul(logPi).sum(-1).neg()
}

/** KL(p ‖ q) = Σₐ p(a) (log p(a) − log q(a)). Logits [..., A] → [...]. */
export function categoricalKl(p: Tensor, q: Tensor): Tensor {
  const logP = p.logSoftmax(-1)
  return logP
    .exp()
    .mul(logP.sub(q.logSoftmax(-1)))
    .sum(-1)
}

/**
 * log N(x; mean, e^logStd), summed over the last axis: independent numbers of an action. x and mean [..., D], logStd [D] or
 * [..., D] → [...].
 */
export function normalLogProb(x: Tensor, mean: Tensor, logStd: Tensor): Tensor {
  const z = x.sub(mean).mul(logStd.neg().exp())
  return z
    .square()
    .mul(-0.5)
    .sub(logStd)
    .sub(LOG_2PI / 2)
    .sum(-1)
}

/** Entropy of independent normal numbers, Σ (½ + ½ ln 2π + logStd) over the last axis. logStd [..., D] → [...]. */
export const normalEntropy = (logStd: Tensor): Tensor => logStd.add(0.5 + LOG_2PI / 2).sum(-1)

/**
 * log-density of a = tanh u where u is normal: log N(u) − Σ log(1 − a²), in the stable form with
 * log(1 − tanh² u) = 2 (log 2 − u − softplus(−2u)). With `epsilon`, Σ log(1 − a² + epsilon) instead, as Stable-Baselines3
 * has it with 10⁻⁶. u, mean [..., D] → [...].
 * Source: Haarnoja et al. 2018, arXiv:1801.01290, appendix C.
 */
export function squashedNormalLogProb(
  u: Tensor,
  mean: Tensor,
  logStd: Tensor,
  options: { epsilon?: number } = {},
): Tensor {
  knownOptions('squashedNormalLogProb', options, ['epsilon'])
  const { epsilon } = options
  const stretch =
    epsilon === undefined
      ? u
          .add(softplus(u.mul(-2)))
          .neg()
          .add(Math.LN2)
          .mul(2)
      : u
          .tanh()
          .square()
          .neg()
          .add(1 + epsilon)
          .log()
  return normalLogProb(u, mean, logStd).sub(stretch.sum(-1))
}
