// Losses of learning from preferences: reward models, direct preference optimisation, group-relative policies.
// Sequences are rows of tokens: logits [B, T, V], tokens int32 [B, T], mask [B, T] of 1 for tokens that count, 0 elsewhere.
import { logSigmoid } from '@x/nn'
import { arange, maximum, minimum, type Tensor } from '@x/tensor'
import { knownOptions } from '../env/errors.ts'
import { above0, atLeast0, oneOf, share } from '../env/numbers.ts'
import { categoricalLogProb } from './distributions.ts'

/** log π(token) of every token. → [B, T] */
export const tokenLogProbs = (logits: Tensor, tokens: Tensor): Tensor => categoricalLogProb(logits, tokens)

/**
 * −mean log σ(r(chosen) − r(rejected)): the likelihood of the preferences under Bradley and Terry's model. Scores [B] each.
 * Source: Bradley and Terry 1952; Ouyang et al. 2022, arXiv:2203.02155, equation 1.
 */
export const bradleyTerryLoss = (chosen: Tensor, rejected: Tensor): Tensor =>
  logSigmoid(chosen.sub(rejected)).mean().neg()

export interface DpoOptions {
  /** How strongly the policy is held to the reference, > 0. Default 0.1 */
  beta?: number
  /** Probability that a preference is the wrong way round, in [0, 1]. Default 0 */
  labelSmoothing?: number
  /** 'sigmoid' (DPO) or 'ipo'. Default 'sigmoid' */
  loss?: 'sigmoid' | 'ipo'
}

/** Sums of log-probabilities over a response: of the policy, and of the reference, for chosen and rejected responses [B]. */
export interface PreferenceLogProbs {
  readonly chosen: Tensor
  readonly rejected: Tensor
  readonly referenceChosen: Tensor
  readonly referenceRejected: Tensor
}

/**
 * Direct preference optimisation. With h the difference of the log-ratios of chosen and rejected responses, the loss is
 * −mean((1 − ε) log σ(β h) + ε log σ(−β h)); for 'ipo' mean (h − 1 / (2β))². `chosenRewards` and `rejectedRewards` are β
 * times the log-ratios.
 * Source: Rafailov et al. 2023, arXiv:2305.18290, equation 7; Mitchell 2023 for the smoothing; Azar et al. 2023,
 * arXiv:2310.12036, equation 17.
 * @throws RangeError for options that there are not or out of range
 * @example
 * import { dpoLoss } from '@x/rl'
 * import { tensor } from '@x/tensor'
 * const same = tensor([-3])
 * dpoLoss({ chosen: same, rejected: same, referenceChosen: same, referenceRejected: same }).loss.item() // ln 2 = 0.693
 */
export function dpoLoss(
  { chosen, rejected, referenceChosen, referenceRejected }: PreferenceLogProbs,
  options: DpoOptions = {},
): { loss: Tensor; chosenRewards: Tensor; rejectedRewards: Tensor } {
  knownOptions('dpoLoss', options, ['beta', 'labelSmoothing', 'loss'])
  const { beta = 0.1, labelSmoothing = 0, loss = 'sigmoid' } = options
  above0('dpoLoss: beta', beta)
  share('dpoLoss: labelSmoothing', labelSmoothing)
  oneOf('dpoLoss: loss', loss, ['sigmoid', 'ipo'])
  const chosenRatio = chosen.sub(referenceChosen)
  const rejectedRatio = rejected.sub(referenceRejected)
  const h = chosenRatio.sub(rejectedRatio)
  const scaled = h.mul(beta)
  const each =
    loss === 'ipo'
      ? h.sub(1 / (2 * beta)).square()
      : logSigmoid(scaled)
          .mul(1 - labelSmoothing)
          .add(logSigmoid(scaled.neg()).mul(labelSmoothing))
          .neg()
  return { loss: each.mean(), chosenRewards: chosenRatio.mul(beta), rejectedRewards: rejectedRatio.mul(beta) }
}

/**
 * Advantages within groups of responses to the same prompt: (r − mean) / (std + epsilon) with the unbiased deviation.
 * rewards [groups · size] → the same.
 * Source: Shao et al. 2024, arXiv:2402.03300, section 4.1.
 * @example
 * import { groupAdvantages } from '@x/rl'
 * import { tensor } from '@x/tensor'
 * groupAdvantages(tensor([1, 3, 5, 5]), 2).toArray() // about −0.707 and 0.707, then 0 and 0
 */
export function groupAdvantages(rewards: Tensor, groupSize: number, epsilon = 1e-4): Tensor {
  const groups = rewards.reshape([-1, groupSize])
  const centred = groups.sub(groups.mean(-1, { keepdims: true }))
  return centred.div(groups.std(-1, { correction: 1, keepdims: true }).add(epsilon)).reshape([-1])
}

/** The estimate e^d − d − 1 with d = log q − log p of KL(p ‖ q) from one sample of p: never negative. Source: Schulman 2020, k3. */
export function klK3(logP: Tensor, logQ: Tensor): Tensor {
  const d = logQ.sub(logP)
  return d.exp().sub(d).sub(1)
}

export interface GrpoInputs {
  /** Log-probabilities of the tokens [B, T]: of the policy, of the policy that sampled them, of the reference. */
  readonly logProbs: Tensor
  readonly oldLogProbs: Tensor
  readonly referenceLogProbs: Tensor
  /** One per response [B]. */
  readonly advantages: Tensor
  readonly mask: Tensor
}

export interface GrpoOptions {
  /** How far ratios may move from 1, > 0. Default 0.2 */
  clip?: number
  /** Weight of the divergence from the reference, ≥ 0. Default 0.04 */
  klBeta?: number
  /**
   * How tokens are averaged: 'sequence', the mean over each response and then over responses (GRPO); 'token', over all
   * tokens (DAPO); 'constant', the sum over B · T (Dr. GRPO). Default 'sequence'
   */
  average?: 'sequence' | 'token' | 'constant'
}

/**
 * The clipped surrogate of every token, less the weighted divergence from the reference (k3), to be minimised.
 * Source: Shao et al. 2024, arXiv:2402.03300, equation 3; Yu et al. 2025, arXiv:2503.14476; Liu et al. 2025,
 * arXiv:2503.20783.
 * @throws RangeError for options that there are not or out of range
 */
export function grpoLoss(
  { logProbs, oldLogProbs, referenceLogProbs, advantages, mask }: GrpoInputs,
  options: GrpoOptions = {},
): Tensor {
  knownOptions('grpoLoss', options, ['clip', 'klBeta', 'average'])
  const { clip = 0.2, klBeta = 0.04, average = 'sequence' } = options
  above0('grpoLoss: clip', clip)
  atLeast0('grpoLoss: klBeta', klBeta)
  oneOf('grpoLoss: average', average, ['sequence', 'token', 'constant'])
  const ratio = logProbs.sub(oldLogProbs).exp()
  const A = advantages.unsqueeze(-1)
  const surrogate = minimum(ratio.mul(A), minimum(maximum(ratio, 1 - clip), 1 + clip).mul(A))
  const each = klK3(logProbs, referenceLogProbs).mul(klBeta).sub(surrogate).mul(mask)
  if (average === 'sequence') return each.sum(-1).div(mask.sum(-1)).mean()
  return each.sum().div(average === 'token' ? mask.sum() : mask.size)
}

/**
 * Rewards of every token for PPO on a language model: −klCoef (log π − log π_ref) where the mask is 1, and the score of the
 * response added at its last token.
 * Source: Ouyang et al. 2022, arXiv:2203.02155, equation 2; Ziegler et al. 2019, arXiv:1909.08593.
 */
export function tokenRewards(
  {
    logProbs,
    referenceLogProbs,
    mask,
    scores,
  }: Readonly<Record<'logProbs' | 'referenceLogProbs' | 'mask' | 'scores', Tensor>>,
  klCoef: number,
): Tensor {
  const penalty = logProbs.sub(referenceLogProbs).mul(-klCoef).mul(mask)
  // The last 1 of a row is where the count from there on is 1.
  const place = arange(mask.shape[1], undefined, { dtype: 'int32' })
  const fromHere = place.unsqueeze(-1).ge(place).cast(mask.dtype)
  const isLast = mask.matmul(fromHere).eq(1).cast(mask.dtype).mul(mask)
  return penalty.add(isLast.mul(scores.unsqueeze(-1)))
}
