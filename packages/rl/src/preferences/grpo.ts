// Group-relative policy optimisation: several answers to one prompt are each other's baseline.
import { valueAndGrad } from '@x/autograd'
import { Adam, clipGradNorm } from '@x/nn'
import { compile, type Tensor, tensor, tidy } from '@x/tensor'
import { type GrpoOptions, groupAdvantages, grpoLoss, klK3 } from '../arithmetic/preferences.ts'
import { knownOptions } from '../env/errors.ts'
import { atLeast0, whole, wholes } from '../env/numbers.ts'
import { NumpyGenerator } from '../random/generator.ts'
import { type LanguagePolicy, type Responses, responseLogProbs, sampleResponses, tensorsOf } from './policy.ts'

/** What responses are worth: a measure, or the scores of a reward model. */
export type Rewards = (responses: Responses) => ArrayLike<number>

export interface OnlineOptions {
  /** Prompts of one length; every iteration answers all of them. */
  prompts: readonly (readonly number[])[]
  rewards: Rewards
  /** Tokens of a response at most, ≥ 1. */
  length: number
  /** The token that ends a response. Default none */
  end?: number | null
  /** Times that answers are drawn, ≥ 1. Default 50 */
  iterations?: number
  /** Updates on every batch of answers, ≥ 1. Default 4 */
  updates?: number
  /** Learning rate of Adam, ≥ 0. Default 3e-3 */
  lr?: number
  /** Seeds the answers, a whole number ≥ 0. Default 0 */
  seed?: number
}

export const ONLINE_OPTIONS: readonly string[] = [
  ...['prompts', 'rewards', 'length', 'end'],
  ...['iterations', 'updates', 'lr', 'seed'],
]

export interface GRPOTrainingOptions extends OnlineOptions, GrpoOptions {
  /** Answers to each prompt, ≥ 2. Default 8 */
  groupSize?: number
}

export interface OnlineTraining {
  readonly iteration: number
  /** Mean reward of the answers that were drawn. */
  readonly reward: number
  /** KL(π ‖ π_ref) per token when they were drawn, in nats. */
  readonly kl: number
  /** Mean loss of the updates. */
  readonly loss: number
}

/**
 * Every iteration draws G answers to each prompt, takes Aᵢ = (rᵢ − mean r) / std r within the group as the advantage of every
 * token of answer i, and ascends on min(ρ A, clip(ρ, 1 ± ε) A) − β KL(π ‖ π_ref) with ρ = π / π_old: PPO without a value
 * function. Yields after every iteration; the policy is changed in place.
 * Source: Shao et al. 2024, "DeepSeekMath", arXiv:2402.03300, equations 3 and 4, algorithm 1.
 * @throws RangeError for options that there are not or out of range
 * @example
 * import { RecurrentLanguageModel } from '@x/nn/models'
 * import { responseTokens, trainGRPO } from '@x/rl/preferences'
 * const [policy, reference] = [0, 1].map(() => new RecurrentLanguageModel(12, { cell: 'GRU', hidden: 16 }))
 * policy.loadStateDict(reference.stateDict())
 * const prompts = Array.from({ length: 8 }, () => [0])
 * const rewards = (responses) => responseTokens(responses).map((tokens) => tokens.filter((token) => token < 4).length)
 * for (const { reward, kl } of trainGRPO(policy, reference, { prompts, rewards, length: 8, iterations: 3 })) console.log(reward, kl)
 */
export function* trainGRPO(
  policy: LanguagePolicy,
  reference: LanguagePolicy,
  options: GRPOTrainingOptions,
): Generator<OnlineTraining, void> {
  knownOptions('trainGRPO', options, [...ONLINE_OPTIONS, 'groupSize', 'clip', 'klBeta', 'average'])
  const { prompts, rewards, length, end, groupSize = 8, clip, klBeta, average } = options
  const { iterations, updates, lr, seed } = roundsOf('trainGRPO', options)
  whole('trainGRPO: groupSize', groupSize, 2)
  const asked = prompts.flatMap((prompt) => Array.from({ length: groupSize }, () => prompt))
  const generator = new NumpyGenerator(seed)
  const parameters = policy.parameters()
  const optimizer = new Adam(parameters, { lr })
  const judge = compile((tokens: Tensor, mask: Tensor) => {
    const oldLogProbs = responseLogProbs(policy, tokens, mask)
    const referenceLogProbs = responseLogProbs(reference, tokens, mask)
    const kl = klK3(oldLogProbs, referenceLogProbs).mul(mask).sum().div(mask.sum())
    return [oldLogProbs, referenceLogProbs, kl] as const
  })
  const step = compile((tokens: Tensor, mask: Tensor, oldLogProbs: Tensor, referenceLogProbs: Tensor, A: Tensor) => {
    const { value, grads } = valueAndGrad(() => {
      const logProbs = responseLogProbs(policy, tokens, mask)
      return grpoLoss({ logProbs, oldLogProbs, referenceLogProbs, advantages: A, mask }, { clip, klBeta, average })
    }, parameters)
    optimizer.step(clipGradNorm(grads, 1).grads)
    return value
  })
  try {
    for (let iteration = 1; iteration <= iterations; iteration++) {
      const responses = sampleResponses(policy, asked, { length, end, generator })
      const r = rewardsOf('trainGRPO', rewards, responses)
      yield tidy(() => {
        const { tokens, mask } = tensorsOf(responses)
        const [oldLogProbs, referenceLogProbs, kl] = judge(tokens, mask)
        const A = groupAdvantages(tensor(r), groupSize)
        let loss = 0
        for (let update = 0; update < updates; update++)
          loss += tidy(() => step(tokens, mask, oldLogProbs, referenceLogProbs, A).item()) / updates
        return { iteration, reward: mean(r), kl: kl.item(), loss }
      })
    }
  } finally {
    step.dispose()
    judge.dispose()
    optimizer.dispose()
  }
}

/** How often answers are drawn and learned from, with defaults. @throws RangeError for what is out of range */
export function roundsOf(
  owner: string,
  { iterations = 50, updates = 4, lr = 3e-3, seed = 0 }: OnlineOptions,
): Required<Pick<OnlineOptions, 'iterations' | 'updates' | 'lr' | 'seed'>> {
  wholes(owner, { iterations, updates })
  atLeast0(`${owner}: lr`, lr)
  whole(`${owner}: seed`, seed, 0)
  return { iterations, updates, lr, seed }
}

/** @throws RangeError unless there is a finite number for every response */
export function rewardsOf(owner: string, rewards: Rewards, responses: Responses): Float32Array {
  const r = Float32Array.from(rewards(responses))
  if (r.length !== responses.count)
    throw new RangeError(`${owner}: ${r.length} rewards for ${responses.count} responses`)
  const wrong = r.findIndex((v) => !Number.isFinite(v))
  if (wrong >= 0) throw new RangeError(`${owner}: the reward of response ${wrong} is ${r[wrong]}`)
  return r
}

export const mean = (x: Float32Array): number => x.reduce((sum, v) => sum + v, 0) / x.length
