// What agents minimise, and the targets they learn towards; differentiable, all of them means over a batch.
import { huberLoss, mseLoss } from '@x/nn'
import { maximum, minimum, type Tensor, where } from '@x/tensor'
import { knownOptions } from '../env/errors.ts'
import { oneOf } from '../env/numbers.ts'
import { categoricalLogProb } from './distributions.ts'

/**
 * −mean(log π(a|s) · G). logits [B, A], actions int32 [B], returns [B].
 * Source: Williams 1992, REINFORCE.
 * @example
 * import { reinforceLoss } from '@x/rl'
 * import { tensor } from '@x/tensor'
 * reinforceLoss(tensor([[0, 0]]), tensor([1], { dtype: 'int32' }), tensor([2])).item() // 2 ln 2 = 1.386
 */
export const reinforceLoss = (logits: Tensor, actions: Tensor, returns: Tensor): Tensor =>
  categoricalLogProb(logits, actions).mul(returns).mean().neg()

/** Brought to mean 0 and deviation 1: (x − mean) / (std + 10⁻⁸), with the unbiased deviation (n − 1). */
export const normalized = (x: Tensor): Tensor => x.sub(x.mean()).div(x.std(null, { correction: 1 }).add(1e-8))

/**
 * The clipped surrogate, to be minimised: −mean min(ρ A, clip(ρ, 1 − ε, 1 + ε) A) with ρ = e^(logProb − oldLogProb).
 * logProb, oldLogProb, advantages [B].
 * Source: Schulman et al. 2017, arXiv:1707.06347, equation 7.
 * @param clip ε
 * @example
 * import { ppoPolicyLoss } from '@x/rl'
 * import { tensor } from '@x/tensor'
 * ppoPolicyLoss(tensor([Math.log(2)]), tensor([0]), tensor([1]), 0.2).item() // −1.2: the ratio 2 is cut
 */
export function ppoPolicyLoss(logProb: Tensor, oldLogProb: Tensor, advantages: Tensor, clip: number | Tensor): Tensor {
  const ratio = logProb.sub(oldLogProb).exp()
  return minimum(ratio.mul(advantages), clipped(ratio, clip).mul(advantages)).mean().neg()
}

/** ρ cut to [1 − ε, 1 + ε]. */
function clipped(ratio: Tensor, clip: number | Tensor): Tensor {
  if (typeof clip === 'number') return minimum(maximum(ratio, 1 - clip), 1 + clip)
  return minimum(maximum(ratio, clip.neg().add(1)), clip.add(1))
}

/**
 * Half the mean squared error of values; with `oldValues`, of the larger one of the error and that of the value moved no
 * farther than `clip` from the old one.
 * values, returns, oldValues [B].
 * Source: the implementation of Schulman et al. 2017; Huang et al. 2022, "The 37 Implementation Details of PPO", detail 9.
 */
export function ppoValueLoss(values: Tensor, returns: Tensor, clip?: { oldValues: Tensor; clip: number }): Tensor {
  const error = values.sub(returns).square()
  if (!clip) return error.mean().mul(0.5)
  const step = minimum(maximum(values.sub(clip.oldValues), -clip.clip), clip.clip)
  return maximum(error, clip.oldValues.add(step).sub(returns).square()).mean().mul(0.5)
}

/** Two estimates of KL(old ‖ new) from ratios, mean(−log ρ) and mean(ρ − 1 − log ρ), and the share that was clipped. */
export function ppoStatistics(
  logProb: Tensor,
  oldLogProb: Tensor,
  clip: number,
): { oldApproxKl: Tensor; approxKl: Tensor; clipFraction: Tensor } {
  const logRatio = logProb.sub(oldLogProb)
  const ratio = logRatio.exp()
  return {
    oldApproxKl: logRatio.mean().neg(),
    approxKl: ratio.sub(1).sub(logRatio).mean(),
    clipFraction: ratio.sub(1).abs().gt(clip).cast(logProb.dtype).mean(),
  }
}

/** Q(s, a) of the actions taken. q [B, A], actions int32 [B] → [B]. */
export const chosen = (q: Tensor, actions: Tensor): Tensor => q.gather(actions.unsqueeze(-1), -1).squeeze(-1)

/** r + γ (1 − terminated) V. rewards, terminated (1 or 0) and values [B] → [B]. */
export const bootstrapped = (rewards: Tensor, terminated: Tensor, values: Tensor, gamma: number | Tensor): Tensor =>
  rewards.add(terminated.neg().add(1).mul(gamma).mul(values))

/**
 * r + γ (1 − terminated) Q'(s', a*): a* is the best by Q' itself, or with `online` (double Q-learning) by those values.
 * targetQ, online [B, A] → [B].
 * Source: Mnih et al. 2015; Van Hasselt, Guez and Silver 2016, arXiv:1509.06461.
 * @throws RangeError for an option that there is not
 * @example
 * import { dqnTarget } from '@x/rl'
 * import { tensor } from '@x/tensor'
 * const [rewards, terminated] = [tensor([1, 1]), tensor([0, 1])]
 * dqnTarget(rewards, terminated, tensor([[2, 4], [2, 4]]), { gamma: 0.5 }).toArray() // [3, 1]
 */
export function dqnTarget(
  rewards: Tensor,
  terminated: Tensor,
  targetQ: Tensor,
  options: { gamma: number | Tensor; online?: Tensor },
): Tensor {
  knownOptions('dqnTarget', options, ['gamma', 'online'])
  const { gamma, online } = options
  const best = online ? chosen(targetQ, online.argmax(-1)) : targetQ.max(-1)
  return bootstrapped(rewards, terminated, best, gamma)
}

/**
 * The mean loss of Q(s, a) against targets, Huber's with δ = 1 or the squared one, weighted where weights are given.
 * q [B, A], actions int32 [B], targets and weights [B].
 * @param options.loss Default 'huber'
 * @param options.weights Default: all alike
 * @throws RangeError for a loss or an option that there is not
 */
export function dqnLoss(
  q: Tensor,
  actions: Tensor,
  targets: Tensor,
  options: { loss?: 'huber' | 'mse'; weights?: Tensor } = {},
): Tensor {
  knownOptions('dqnLoss', options, ['loss', 'weights'])
  const { loss = 'huber', weights } = options
  const error = oneOf('dqnLoss: loss', loss, ['huber', 'mse']) === 'huber' ? huberLoss : mseLoss
  const each = error(chosen(q, actions), targets, { reduction: 'none' })
  return (weights ? each.mul(weights) : each).mean()
}

/** Q = V + A − mean A. value [B, 1], advantage [B, A]. Source: Wang et al. 2016, arXiv:1511.06581, equation 9. */
export const dueling = (value: Tensor, advantage: Tensor): Tensor =>
  value.add(advantage.sub(advantage.mean(-1, { keepdims: true })))

/**
 * The distribution of r + γ z on the fixed atoms from vMin to vMax: every atom's mass goes to its two neighbours.
 * probabilities [B, N] of the next state, rewards and terminated [B], atoms [N] → [B, N].
 * Source: Bellemare, Dabney and Munos 2017, arXiv:1707.06887, algorithm 1.
 */
export function projectDistribution(
  probabilities: Tensor,
  rewards: Tensor,
  terminated: Tensor,
  { gamma, atoms, vMin, vMax }: { gamma: number; atoms: Tensor; vMin: number; vMax: number },
): Tensor {
  const spacing = (vMax - vMin) / (atoms.size - 1)
  const keep = terminated.neg().add(1).mul(gamma)
  const moved = rewards.unsqueeze(-1).add(keep.unsqueeze(-1).mul(atoms))
  const landed = minimum(maximum(moved, vMin), vMax) // [B, N]
  // The share of source atom j that target atom i gets falls off linearly with their distance.
  const distance = landed.unsqueeze(1).sub(atoms.unsqueeze(-1)).abs().div(spacing) // [B, i, j]
  return maximum(distance.neg().add(1), 0).mul(probabilities.unsqueeze(1)).sum(-1)
}

/**
 * Quantile regression with Huber's loss: |τ − 1{u < 0}| L(u) / κ with u = target − quantile, the mean over targets, the sum
 * over quantiles. quantiles [B, N], targets [B, M], taus [N] → [B].
 * Source: Dabney et al. 2018, arXiv:1710.10044, equations 9 and 10.
 */
export function quantileHuberLosses(quantiles: Tensor, targets: Tensor, taus: Tensor, kappa = 1): Tensor {
  const u = targets.unsqueeze(1).sub(quantiles.unsqueeze(-1)) // [B, N, M]
  const size = u.abs()
  const huber = where(size.le(kappa), u.square().mul(0.5), size.sub(kappa / 2).mul(kappa))
  const weight = taus.unsqueeze(-1).sub(u.lt(0).cast(quantiles.dtype)).abs()
  return weight.mul(huber).div(kappa).mean(-1).sum(-1)
}

/** The mean of `quantileHuberLosses` over the batch. */
export const quantileHuberLoss = (quantiles: Tensor, targets: Tensor, taus: Tensor, kappa = 1): Tensor =>
  quantileHuberLosses(quantiles, targets, taus, kappa).mean()

/** r + γ (1 − terminated) (min(Q₁, Q₂) − α log π(a'|s')). All [B]. Source: Haarnoja et al. 2018, arXiv:1812.05905, equation 3. */
export const sacTarget = (
  rewards: Tensor,
  terminated: Tensor,
  next: { q1: Tensor; q2: Tensor; logProb: Tensor; alpha: Tensor | number },
  gamma: number,
): Tensor => bootstrapped(rewards, terminated, minimum(next.q1, next.q2).sub(next.logProb.mul(next.alpha)), gamma)

/** mean(α log π − Q), to be minimised by the policy. Source: equation 9 of the same. */
export const sacPolicyLoss = (logProb: Tensor, q: Tensor, alpha: Tensor | number): Tensor =>
  logProb.mul(alpha).sub(q).mean()

/** −mean(log α (log π + target entropy)), whose gradient moves log α. Source: equation 18 of the same, in log α. */
export const temperatureLoss = (logAlpha: Tensor, logProb: Tensor, targetEntropy: number): Tensor =>
  logAlpha.mul(logProb.add(targetEntropy)).mean().neg()

/**
 * The target policy's action with clipped noise, cut to [−1, 1]. Standard normal noise of the shape of the action.
 * Source: Fujimoto et al. 2018, arXiv:1802.09477, equation 14.
 * @param options.policyNoise deviation of the noise. Default 0.2
 * @param options.noiseClip its bound. Default 0.5
 * @throws RangeError for an option that there is not
 */
export function smoothedAction(
  action: Tensor,
  noise: Tensor,
  options: { policyNoise?: number; noiseClip?: number } = {},
): Tensor {
  knownOptions('smoothedAction', options, ['policyNoise', 'noiseClip'])
  const { policyNoise = 0.2, noiseClip = 0.5 } = options
  const bounded = minimum(maximum(noise.mul(policyNoise), -noiseClip), noiseClip)
  return minimum(maximum(action.add(bounded), -1), 1)
}
