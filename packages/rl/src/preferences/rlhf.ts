// Reinforcement learning from human feedback: proximal policy optimisation of a language model, held to where it came from.
import { valueAndGrad } from '@x/autograd'
import { Adam, clipGradNorm } from '@x/nn'
import { compile, slice, type Tensor, tensor, tidy } from '@x/tensor'
import { ppoPolicyLoss, ppoValueLoss } from '../arithmetic/losses.ts'
import { klK3, tokenRewards } from '../arithmetic/preferences.ts'
import { gae } from '../arithmetic/returns.ts'
import { knownOptions } from '../env/errors.ts'
import { above0, atLeast0, share } from '../env/numbers.ts'
import { NumpyGenerator } from '../random/generator.ts'
import { mean, ONLINE_OPTIONS, type OnlineOptions, type OnlineTraining, rewardsOf, roundsOf } from './grpo.ts'
import { type LanguagePolicy, type Responses, responseLogProbs, sampleResponses, tensorsOf } from './policy.ts'
import type { RewardModel } from './rewardModel.ts'

export interface RLHFOptions extends OnlineOptions {
  /** Values of what stands so far, to be learned with the policy; Ouyang et al. start it as a copy of the reward model. */
  critic: RewardModel
  /** Weight of the penalty log(π / π_ref) of every token, ≥ 0. Default 0.1 */
  klCoef?: number
  /** How far ratios and values may move, > 0. Default 0.2 */
  clip?: number
  /** Discount in [0, 1]. Default 1 */
  gamma?: number
  /** Weight of long sums of the advantages in [0, 1]. Default 0.95 */
  lambda?: number
  /** Weight of the value loss, ≥ 0. Default 0.5 */
  vfCoef?: number
}

/**
 * Every iteration draws an answer to each prompt and takes updates of PPO's clipped objective on its tokens. The reward of
 * token t is −β log(π(yₜ) / π_ref(yₜ)), and that of the answer r(x, y) comes with the last one; advantages are GAE's with the
 * critic's values, brought to mean 0 and deviation 1. Yields after every iteration; policy and critic are changed in place.
 * Source: Ziegler et al. 2019, arXiv:1909.08593, equation 2; Stiennon et al. 2020, arXiv:2009.01325; Ouyang et al. 2022,
 * arXiv:2203.02155, equation 2 with γ = 0 for pretraining; Schulman et al. 2017, arXiv:1707.06347, equation 7.
 * @throws RangeError for options that there are not or out of range; TypeError without a critic
 * @example
 * import { RecurrentLanguageModel } from '@x/nn/models'
 * import { responseTokens, RewardModel, trainRLHF } from '@x/rl/preferences'
 * const [policy, reference] = [0, 1].map(() => new RecurrentLanguageModel(12, { cell: 'GRU', hidden: 16 }))
 * policy.loadStateDict(reference.stateDict())
 * const prompts = Array.from({ length: 8 }, () => [0])
 * const rewards = (responses) => responseTokens(responses).map((tokens) => tokens.filter((token) => token < 4).length)
 * const critic = new RewardModel(12, { hidden: 16 })
 * const options = { prompts, rewards, critic, length: 8, iterations: 3 }
 * for (const { reward, kl } of trainRLHF(policy, reference, options)) console.log(reward, kl)
 */
export function* trainRLHF(
  policy: LanguagePolicy,
  reference: LanguagePolicy,
  options: RLHFOptions,
): Generator<OnlineTraining, void> {
  knownOptions('trainRLHF', options, [...ONLINE_OPTIONS, 'critic', 'klCoef', 'clip', 'gamma', 'lambda', 'vfCoef'])
  const { prompts, rewards, length, end, critic } = options
  const { iterations, updates, lr, seed } = roundsOf('trainRLHF', options)
  const { klCoef = 0.1, clip = 0.2, gamma = 1, lambda = 0.95, vfCoef = 0.5 } = options
  atLeast0('trainRLHF: klCoef', klCoef)
  above0('trainRLHF: clip', clip)
  share('trainRLHF: gamma', gamma)
  share('trainRLHF: lambda', lambda)
  atLeast0('trainRLHF: vfCoef', vfCoef)
  if (!critic) throw new TypeError('trainRLHF: give a critic, such as new RewardModel(vocabulary)')
  const generator = new NumpyGenerator(seed)
  const parameters = [...policy.parameters(), ...critic.parameters()]
  const optimizer = new Adam(parameters, { lr })

  /** The critic's value before every token of the responses [B, T]. */
  const valuesOf = (tokens: Tensor, mask: Tensor): Tensor => {
    const P = tokens.shape[1] - mask.shape[1]
    return critic
      .forward(tokens.at(slice(), slice(0, -1)))
      .at(slice(), slice(P - 1))
      .mul(mask)
  }
  const judge = compile((tokens: Tensor, mask: Tensor, scores: Tensor) => {
    const logProbs = responseLogProbs(policy, tokens, mask)
    const referenceLogProbs = responseLogProbs(reference, tokens, mask)
    return {
      logProbs,
      values: valuesOf(tokens, mask),
      rewards: tokenRewards({ logProbs, referenceLogProbs, mask, scores }, klCoef),
      kl: klK3(logProbs, referenceLogProbs).mul(mask).sum().div(mask.sum()),
    }
  })
  // Tokens that do not count are 0 in all of these, and means over all places are brought to means over those that do.
  const step = compile((tokens: Tensor, mask: Tensor, old: Tensor, oldValues: Tensor, A: Tensor, returns: Tensor) => {
    const { value, grads } = valueAndGrad(() => {
      const logProbs = responseLogProbs(policy, tokens, mask)
      const valueLoss = ppoValueLoss(valuesOf(tokens, mask), returns, { oldValues, clip })
      const loss = ppoPolicyLoss(logProbs, old, A, clip).add(valueLoss.mul(vfCoef))
      return loss.mul(mask.size).div(mask.sum())
    }, parameters)
    optimizer.step(clipGradNorm(grads, 1).grads)
    return value
  })
  try {
    for (let iteration = 1; iteration <= iterations; iteration++) {
      const responses = sampleResponses(policy, prompts, { length, end, generator })
      const r = rewardsOf('trainRLHF', rewards, responses)
      yield tidy(() => {
        const { tokens, mask } = tensorsOf(responses)
        const judged = judge(tokens, mask, tensor(r))
        const { A, returns } = advantagesOf(responses, {
          rewards: judged.rewards.data(),
          values: judged.values.data(),
          gamma,
          lambda,
        })
        let loss = 0
        for (let update = 0; update < updates; update++)
          loss += tidy(() => step(tokens, mask, judged.logProbs, judged.values, A, returns).item()) / updates
        return { iteration, reward: mean(r), kl: judged.kl.item(), loss }
      })
    }
  } finally {
    step.dispose()
    judge.dispose()
    optimizer.dispose()
  }
}

/** Normalised advantages and returns [B, T] of tokens, 0 where the mask is. */
function advantagesOf(
  { count: B, length: T, mask }: Responses,
  settings: { rewards: ArrayLike<unknown>; values: ArrayLike<unknown>; gamma: number; lambda: number },
): { A: Tensor; returns: Tensor } {
  // gae takes steps in the order of time: step t of response b is t · B + b.
  const byTime = (x: ArrayLike<unknown>): Float64Array =>
    Float64Array.from({ length: B * T }, (_, i) => Number(x[(i % B) * T + Math.floor(i / B)]))
  const counts = byTime(mask)
  const { advantages, returns } = gae(
    {
      rewards: byTime(settings.rewards),
      values: byTime(settings.values),
      bootstrapValue: new Float64Array(B),
      // A response is over where nothing that counts comes next.
      terminated: counts.map((_, i) => Number(!counts[i + B])),
    },
    { gamma: settings.gamma, lambda: settings.lambda, environments: B },
  )
  const n = counts.reduce((sum, v) => sum + v, 0)
  const mean = advantages.reduce((sum, v, i) => sum + v * counts[i], 0) / n
  const std = Math.sqrt(advantages.reduce((sum, v, i) => sum + (v - mean) ** 2 * counts[i], 0) / n)
  const byResponse = (f: (i: number) => number): Tensor =>
    tensor(
      Float32Array.from({ length: B * T }, (_, k) => {
        const i = (k % T) * B + Math.floor(k / T)
        return f(i) * counts[i]
      }),
      { shape: [B, T] },
    )
  return { A: byResponse((i) => (advantages[i] - mean) / (std + 1e-8)), returns: byResponse((i) => returns[i]) }
}
