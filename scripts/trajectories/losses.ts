// Recorded losses of agents, in float64, with their gradients.
import { valueAndGrad } from '@x/autograd'
import { Adam, AdamW, clipGradNorm, type Optimizer, RMSprop, SGD } from '@x/nn'
import {
  bootstrapped,
  bradleyTerryLoss,
  categoricalEntropy,
  categoricalLogProb,
  chosen,
  dpoLoss,
  dqnLoss,
  dqnTarget,
  dueling,
  groupAdvantages,
  grpoLoss,
  klK3,
  normalEntropy,
  normalized,
  normalLogProb,
  ppoPolicyLoss,
  ppoStatistics,
  ppoValueLoss,
  projectDistribution,
  quantileHuberLoss,
  sacPolicyLoss,
  sacTarget,
  smoothedAction,
  squashedNormalLogProb,
  temperatureLoss,
  tokenLogProbs,
  tokenRewards,
} from '@x/rl'
import { RMSpropTF } from '@x/rl/agents'
import { minimum, type Tensor, tensor, tidy } from '@x/tensor'
import { type Json, Mismatch } from './outcome.ts'
import { compare } from './updates.ts'

const float = (values: Json): Tensor => tensor(values, { dtype: 'float64' })
const whole = (values: Json): Tensor => tensor(values, { dtype: 'int32' })
const data = (x: Tensor): number[] => Array.from(x.data(), Number)

/** tanh(x W₁ + b₁), tanh(… W₂ + b₂), … W₃ + b₃ */
function mlp(parameters: readonly Tensor[], x: Tensor): Tensor {
  const [W1, b1, W2, b2, W3, b3] = parameters
  return x.matmul(W1).add(b1).tanh().matmul(W2).add(b2).tanh().matmul(W3).add(b3)
}

function ppo(input: Json): unknown {
  const [actor, critic] = [input.actor, input.critic].map((list) => list.map(float) as Tensor[])
  const parameters = [...actor, ...critic]
  const [obs, actions] = [float(input.obs), whole(input.actions)]
  const [oldLogProb, returns, oldValues] = [input.oldLogProb, input.returns, input.oldValues].map(float)
  const advantages = normalized(float(input.advantages))
  const terms = (): Record<string, Tensor> => {
    const logits = mlp(actor, obs)
    const logProb = categoricalLogProb(logits, actions)
    const pgLoss = ppoPolicyLoss(logProb, oldLogProb, advantages, input.clip)
    const values = mlp(critic, obs).squeeze(-1)
    const vLoss = ppoValueLoss(values, returns, input.clipValue ? { oldValues, clip: input.clip } : undefined)
    const entropy = categoricalEntropy(logits).mean()
    const loss = pgLoss.sub(entropy.mul(input.entCoef)).add(vLoss.mul(input.vfCoef))
    const { oldApproxKl, approxKl, clipFraction } = ppoStatistics(logProb, oldLogProb, input.clip)
    return { loss, pgLoss, vLoss, entropy, approxKl, oldApproxKl, clipFrac: clipFraction }
  }
  const numbers = Object.fromEntries(Object.entries(terms()).map(([name, x]) => [name, x.item()]))
  const { grads } = valueAndGrad(() => terms().loss, parameters)
  const clipped = clipGradNorm(grads, input.maxGradNorm)
  const optimizer = new Adam(parameters, { lr: input.lr, eps: input.adamEps })
  optimizer.step(clipped.grads)
  return {
    ...numbers,
    gradNormBeforeClip: clipped.norm.item(),
    grads: (grads as Tensor[]).map(data),
    paramsAfterAdam: parameters.map(data),
  }
}

function gaussian(input: Json): unknown {
  const [mean, logStd, eps] = [input.mean, input.logStd, input.eps].map(float)
  const u = mean.add(logStd.exp().mul(eps))
  return {
    sample: data(u),
    logProb: data(normalLogProb(u, mean, logStd)),
    entropy: data(normalEntropy(logStd)),
    tanhAction: data(u.tanh()),
    squashedLogProbExact: data(squashedNormalLogProb(u, mean, logStd)),
    squashedLogProbSb3Eps1e6: data(squashedNormalLogProb(u, mean, logStd, { epsilon: 1e-6 })),
  }
}

function sac(input: Json): unknown {
  const { gamma, targetEntropy } = input
  const [q1, q2, nextLogProb, logAlpha, logProb] = [
    input.targetQ1,
    input.targetQ2,
    input.nextLogProb,
    input.logAlpha,
    input.logProb,
  ].map(float)
  const alpha = logAlpha.exp()
  const loss = valueAndGrad((x: Tensor) => temperatureLoss(x, logProb, targetEntropy), logAlpha)
  return {
    target: data(
      sacTarget(float(input.rewards), float(input.terminated), { q1, q2, logProb: nextLogProb, alpha }, gamma),
    ),
    alphaLoss: loss.value.item(),
    alphaLossGrad: data(loss.grads as Tensor),
    actorLossGivenQ: sacPolicyLoss(logProb, minimum(q1, q2), alpha).item(),
  }
}

function td3(input: Json): unknown {
  const q = minimum(float(input.targetQ1), float(input.targetQ2))
  const { policyNoise, noiseClip } = input
  return {
    target: data(bootstrapped(float(input.rewards), float(input.terminated), q, input.gamma)),
    smoothedAction: data(smoothedAction(float(input.targetAction), float(input.noise), { policyNoise, noiseClip })),
  }
}

function dqn(input: Json): unknown {
  const { gamma } = input
  const [q, targetQ, online, rewards, terminated, weights] = [
    input.q,
    input.targetNetQ,
    input.onlineNextQ,
    input.rewards,
    input.terminated,
    input.isWeights,
  ].map(float)
  const actions = whole(input.actions)
  const target = dqnTarget(rewards, terminated, targetQ, { gamma })
  const doubleTarget = dqnTarget(rewards, terminated, targetQ, { gamma, online })
  const run = (targets: Tensor, options: Parameters<typeof dqnLoss>[3]): [number, number[]] => {
    const { value, grads } = valueAndGrad((x: Tensor) => dqnLoss(x, actions, targets, options), q)
    return [value.item(), data(grads as Tensor)]
  }
  const [huber, huberGradQ] = run(target, {})
  const [mseDouble, mseDoubleGradQ] = run(doubleTarget, { loss: 'mse' })
  const [weightedHuberDouble, weightedHuberGradQ] = run(doubleTarget, { weights })
  const tdErrors = data(target.sub(chosen(q, actions)))
  const [plain, double] = [target, doubleTarget].map(data)
  return {
    target: plain,
    doubleTarget: double,
    huber,
    huberGradQ,
    mseDouble,
    mseDoubleGradQ,
    weightedHuberDouble,
    weightedHuberGradQ,
    tdErrors,
  }
}

function projection({ probs, rewards, terminated, gamma, vMin, vMax }: Json): unknown {
  const n = probs[0].length
  const atoms = float(Array.from({ length: n }, (_, i) => vMin + ((vMax - vMin) * i) / (n - 1)))
  return {
    projected: data(projectDistribution(float(probs), float(rewards), float(terminated), { gamma, atoms, vMin, vMax })),
  }
}

function quantiles(input: Json): unknown {
  const x = float(input.quantiles)
  const n = x.shape[1]
  const taus = float(Array.from({ length: n }, (_, i) => (i + 0.5) / n))
  const { value, grads } = valueAndGrad((q: Tensor) => quantileHuberLoss(q, float(input.targets), taus), x)
  return { loss: value.item(), grad: data(grads as Tensor) }
}

type Stepper = { step(grads: readonly Tensor[]): void }

/** Optimisers by what their case is called behind 'optimizer: '. */
const OPTIMIZERS: Readonly<Record<string, (p: Tensor[], input: Json) => Stepper>> = {
  'adam eps=1e-8': (p, { lr }) => new Adam(p, { lr, eps: 1e-8 }) as Optimizer as Stepper,
  'adam eps=1e-5': (p, { lr }) => new Adam(p, { lr, eps: 1e-5 }) as Optimizer as Stepper,
  'adamw wd=0.01': (p, { lr }) => new AdamW(p, { lr, weightDecay: 0.01 }) as Optimizer as Stepper,
  'rmsprop alpha=.99 eps=1e-5 (torch: eps outside sqrt, v0=0)': (p, { lr }) =>
    new RMSprop(p, { lr, alpha: 0.99, eps: 1e-5 }) as Optimizer as Stepper,
  'sgd momentum .9': (p, { lr }) => new SGD(p, { lr, momentum: 0.9 }) as Optimizer as Stepper,
  'RMSpropTFLike (SB3 a2c default: eps INSIDE sqrt, v0=1)': (p, { lr, alpha, eps }) =>
    new RMSpropTF(p, { lr, alpha, eps }),
}

function optimizer(name: string, input: Json): unknown {
  if (!Object.hasOwn(OPTIMIZERS, name)) throw new Mismatch(`there is no optimiser '${name}'`)
  const p = float(input.p0)
  const stepper = OPTIMIZERS[name]([p], input)
  const params = input.grads.map((g: Json) => {
    stepper.step([float(g)])
    return data(p)
  })
  return { params }
}

/** Sums of the log-probabilities of rows of tokens. */
const rowSums = (logits: Tensor, tokens: Tensor, mask: Tensor): Tensor =>
  tokenLogProbs(logits, tokens).mul(mask).sum(-1)

function dpo({ logits: given, refLogits, tokens: ids, mask: bits, beta }: Json): unknown {
  const [logits, reference, tokens, mask] = [float(given), float(refLogits), whole(ids), float(bits)]
  const half = ids.length / 2
  const sums = (x: Tensor): [Tensor, Tensor] => {
    const all = rowSums(x, tokens, mask).reshape([2, half])
    return [all.at(0), all.at(1)]
  }
  const [referenceChosen, referenceRejected] = sums(reference)
  const run = (x: Tensor, options: Parameters<typeof dpoLoss>[1]): ReturnType<typeof dpoLoss> => {
    const [chosenSum, rejectedSum] = sums(x)
    return dpoLoss(
      { chosen: chosenSum, rejected: rejectedSum, referenceChosen, referenceRejected },
      { beta, ...options },
    )
  }
  const { value, grads } = valueAndGrad((x: Tensor) => run(x, {}).loss, logits)
  const { chosenRewards, rejectedRewards } = run(logits, {})
  return {
    loss: value.item(),
    gradLogits: data(grads as Tensor),
    conservativeLoss_labelSmoothing01: run(logits, { labelSmoothing: 0.1 }).loss.item(),
    ipoLoss_sumLogps: run(logits, { loss: 'ipo' }).loss.item(),
    chosenRewards: data(chosenRewards),
    rejectedRewards: data(rejectedRewards),
    accuracy: chosenRewards.gt(rejectedRewards).cast('float64').mean().item(),
  }
}

function grpo(input: Json): unknown {
  const [logits, reference, oldLogProbs, mask] = [input.logits, input.refLogits, input.oldLogProbs, input.mask].map(
    float,
  )
  const tokens = whole(input.tokens)
  const advantages = groupAdvantages(float(input.rewards), input.groupSize)
  const referenceLogProbs = tokenLogProbs(reference, tokens)
  const { clip, klBeta } = input
  const run = (x: Tensor, average: 'sequence' | 'token' | 'constant'): Tensor => {
    const logProbs = tokenLogProbs(x, tokens)
    return grpoLoss({ logProbs, oldLogProbs, referenceLogProbs, advantages, mask }, { clip, klBeta, average })
  }
  const { value, grads } = valueAndGrad((x: Tensor) => run(x, 'sequence'), logits)
  return {
    advantages: data(advantages),
    klK3: data(klK3(tokenLogProbs(logits, tokens), referenceLogProbs)),
    loss_perSequenceMean: value.item(),
    loss_tokenMean_dapo: run(logits, 'token').item(),
    loss_constantNorm_drGrpo: run(logits, 'constant').item(),
    gradPerSequence: data(grads as Tensor),
  }
}

function rewardModel({ scores }: Json): unknown {
  const half = scores.length / 2
  const { value, grads } = valueAndGrad((x: Tensor) => {
    const pairs = x.reshape([2, half])
    return bradleyTerryLoss(pairs.at(0), pairs.at(1))
  }, float(scores))
  const right = Array.from({ length: half }, (_, i) => Number(scores[i] > scores[half + i]))
  return { loss: value.item(), grad: data(grads as Tensor), accuracy: right.reduce((a, b) => a + b, 0) / half }
}

const LOSSES: Readonly<Record<string, (input: Json) => unknown>> = {
  'ppo-discrete': ppo,
  gaussian,
  sac,
  td3,
  dqn,
  dueling: ({ value, advantage }) => ({ q: data(dueling(float(value), float(advantage))) }),
  'c51-projection': projection,
  'qr-dqn-quantile-huber': quantiles,
  dpo,
  grpo,
  'reward-model-bradley-terry': rewardModel,
  'rlhf-ppo-token-rewards': ({ logProbs, refLogProbs, mask, scores, klCoef }) => ({
    tokenRewards: data(
      tokenRewards(
        { logProbs: float(logProbs), referenceLogProbs: float(refLogProbs), mask: float(mask), scores: float(scores) },
        klCoef,
      ),
    ),
  }),
}

/** @throws Mismatch unless the case's output follows from its input */
export function checkLoss({ name, input, output }: Json): void {
  const rule = /^optimizer: (.*)$/.exec(name)?.[1]
  if (rule === undefined && !Object.hasOwn(LOSSES, name)) throw new Mismatch(`nothing computes '${name}'`)
  tidy(() => {
    compare(name, rule === undefined ? LOSSES[name](input) : optimizer(rule, input), output)
  })
}
