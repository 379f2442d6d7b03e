// PPO: proximal policy optimisation with the clipped surrogate, for choices and for continuous actions.
//
// Source: Schulman et al. 2017, arXiv:1707.06347; details numbered after Huang et al. 2022, "The 37 Implementation Details
// of Proximal Policy Optimization" (ICLR blog track): 1 vectorised environments, 2 orthogonal weights, 3 ε of Adam, 4
// annealing, 5 generalised advantages, 6 minibatches, 7 normalised advantages, 8 clipped surrogate, 9 clipped values, 10
// entropy bonus, 11 clipped gradients, 12 diagnostics, 13 separate networks; for continuous actions 1 normal policies, 2
// deviations that do not depend on the state, 3 independent components, 4 separate networks, 5 actions cut to the bounds.
import { valueAndGrad } from '@x/autograd'
import { Adam, clipGradNorm, type Sequential } from '@x/nn'
import { type Compiled, compile, Generator, stack, type Tensor, tensor, tidy } from '@x/tensor'
import { normalized, ppoPolicyLoss, ppoValueLoss } from '../arithmetic/losses.ts'
import { explainedVariance } from '../arithmetic/returns.ts'
import type { Env } from '../env/env.ts'
import { NumpyGenerator } from '../random/generator.ts'
import {
  type ActOptions,
  type Agent,
  type Clock,
  type LearnOptions,
  learnOptions,
  PAUSE,
  type Progress,
} from '../training/agent.ts'
import type { BatchAgent } from '../training/evaluate.ts'
import { lastingZeros, write } from '../training/lasting.ts'
import type { Savable } from '../training/train.ts'
import { type ActionOf, EpisodeCounter, type Spaces, spacesOf } from '../training/vector.ts'
import type { VectorEnv } from '../vector/vectorEnv.ts'
import type { Actor } from './actor.ts'
import { ActorCritic } from './actorCritic.ts'
import { type Annealed, annealed } from './annealed.ts'
import { type AgentState, loadAgent, prefixed, saveAgent } from './checkpoint.ts'
import { checkLoss } from './loss.ts'
import { learningEnvs, type NetworkOptions } from './networks.ts'
import { collect, type Rollout } from './rollout.ts'
import { settingsOf } from './settings.ts'

export interface PPOOptions extends NetworkOptions {
  /** Steps of every environment between updates, ≥ 1. Default 128 */
  nSteps?: number
  /** Steps per minibatch, ≥ 1; what is left over in a pass is left out. Default 64 */
  batchSize?: number
  /** Passes over the steps, ≥ 1. Default 10 */
  nEpochs?: number
  /** Of Adam, ≥ 0; or a function of the share of the training that remains. Default 3e-4 */
  learningRate?: Annealed
  /** Discount in [0, 1]. Default 0.99 */
  gamma?: number
  /** Weight of long sums of the advantages in [0, 1]. Default 0.95 */
  gaeLambda?: number
  /** ε of the surrogate, > 0; or a function of the share of the training that remains. Default 0.2 */
  clipRange?: Annealed
  /** The same for values; null for none. Default null */
  clipRangeVf?: number | null
  /** Whether the advantages of a minibatch are brought to mean 0 and deviation 1. Default true */
  normalizeAdvantage?: boolean
  /** Weight of the entropy, ≥ 0. Default 0 */
  entCoef?: number
  /** Weight of the mean squared error of the values, ≥ 0. Default 0.5 */
  vfCoef?: number
  /** Norm that gradients are cut to, > 0. Default 0.5 */
  maxGradNorm?: number
  /** Ends the passes once the divergence exceeds 1.5 times this, > 0; null for never. Default null */
  targetKl?: number | null
  /** Seeds weights, actions and minibatches, a whole number ≥ 0. Default 0 */
  seed?: number
}

const DEFAULTS: Required<PPOOptions> = {
  hidden: [64, 64],
  activation: 'tanh',
  nSteps: 128,
  batchSize: 64,
  nEpochs: 10,
  learningRate: 3e-4,
  gamma: 0.99,
  gaeLambda: 0.95,
  clipRange: 0.2,
  clipRangeVf: null,
  normalizeAdvantage: true,
  entCoef: 0,
  vfCoef: 0.5,
  maxGradNorm: 0.5,
  targetKl: null,
  seed: 0,
}

/** A rollout where compiled updates read it. */
type Batch = { readonly [Name in keyof Rollout]: Tensor }

/**
 * PPO on observations that are vectors, with `Discrete` or `Box` actions. Give it several environments (`makeVec`), of any
 * mode of resets.
 * @example
 * import { evaluate, makeVec, train } from '@x/rl'
 * import { PPO } from '@x/rl/agents'
 * const envs = makeVec('CartPole-v1', { numEnvs: 8, autoresetMode: 'same-step' })
 * const agent = new PPO(envs, { nSteps: 32, batchSize: 256, nEpochs: 20, learningRate: (left) => 1e-3 * left })
 * train(agent, envs, { steps: 1000, seed: 1 })
 * evaluate(agent, 'CartPole-v1', { episodes: 10 }).mean
 */
export class PPO<E extends Spaces = Spaces> implements Agent<ArrayLike<number>, ActionOf<E>>, BatchAgent, Savable {
  readonly options: Readonly<Required<PPOOptions>>
  readonly actor: Actor
  readonly critic: Sequential
  private readonly clock: Clock = { steps: 0 }
  private updates = 0
  private readonly kind: string
  private readonly model: ActorCritic
  private readonly random: Generator
  private readonly shuffles: NumpyGenerator
  private readonly optimizer: Adam
  private readonly clip: Tensor

  /** @throws TypeError for spaces that it cannot learn on, RangeError for options that there are not or out of range */
  constructor(env: E, options: PPOOptions = {}) {
    const spaces = spacesOf('PPO', env)
    this.options = settingsOf('PPO', DEFAULTS, options)
    const { hidden, activation, seed } = this.options
    this.random = new Generator(seed)
    this.shuffles = new NumpyGenerator(seed)
    const settings = { agent: 'PPO', hidden, activation, generator: this.random, hasLogProbs: true }
    this.model = new ActorCritic(spaces, settings)
    this.kind = `PPO on [${this.model.size}] with ${spaces.actionSpace}`
    this.actor = this.model.actor
    this.critic = this.model.critic
    this.optimizer = new Adam(this.model.parameters, { eps: 1e-5 })
    this.clip = lastingZeros([])
  }

  /** Environment steps of its life so far. */
  get steps(): number {
    return this.clock.steps
  }

  /** @throws RangeError for an observation of another size or with NaN, or an option that there is not */
  act(observation: ArrayLike<number>, options: ActOptions = {}): ActionOf<E> {
    return this.model.act(observation, options) as ActionOf<E>
  }

  /** Actions for rows of observations [n, …]. */
  actMany(observations: Tensor, options: ActOptions = {}): ActionOf<E>[] {
    return this.model.actMany(observations, options) as ActionOf<E>[]
  }

  *learn(env: Env | VectorEnv, learning: LearnOptions): IterableIterator<Progress, void> {
    const { steps, seed, before, total, pauses } = learnOptions('PPO', learning)
    const { options, model } = this
    const { nSteps, gamma, gaeLambda } = options
    const envs = learningEnvs('PPO', env, model.size)
    const rows = nSteps * envs.numEnvs
    const batch = this.batch(rows)
    const update = this.compiledUpdate(batch)
    const counter = new EpisodeCounter(envs.numEnvs)
    const begin = this.steps
    let observations = envs.reset({ seed })[0] as Tensor
    try {
      while (this.steps < begin + steps) {
        const remaining = 1 - (before + this.steps - begin) / total
        this.optimizer.lr = annealed('PPO: learningRate', options.learningRate, remaining)
        const clipRange = annealed('PPO: clipRange', options.clipRange, remaining)
        write(this.clip, [clipRange])
        const { rollout, after } = collect(model, envs, observations, { nSteps, gamma, gaeLambda, counter })
        observations = after
        this.clock.steps += rows
        for (const [name, x] of Object.entries(batch)) write(x, rollout[name as keyof Rollout])
        const metrics = yield* this.improve(rollout, update, pauses)
        yield { steps: this.steps, episodes: counter.take(), metrics: { ...metrics, 'train/clip_range': clipRange } }
      }
    } finally {
      update.dispose()
      observations.dispose()
      for (const x of Object.values(batch)) x.dispose()
    }
  }

  private batch(rows: number): Batch {
    const { width } = this.actor
    return {
      observations: lastingZeros([rows, this.model.size]),
      actions: width ? lastingZeros([rows, width]) : lastingZeros([rows], 'int32'),
      logProbs: lastingZeros([rows]),
      advantages: lastingZeros([rows]),
      returns: lastingZeros([rows]),
      values: lastingZeros([rows]),
    }
  }

  /** One step of the optimiser on the rows that an index names; gives the numbers that are logged. */
  private compiledUpdate(batch: Batch): Compiled<[Tensor], Tensor> {
    const { actor, model } = this
    const { normalizeAdvantage, clipRangeVf, entCoef, vfCoef, maxGradNorm } = this.options
    return compile((index: Tensor) => {
      const rows = Object.fromEntries(
        Object.entries(batch).map(([name, x]) => [name, x.take(index)]),
      ) as unknown as Batch
      const { observations, actions, logProbs: oldLogProbs, advantages: drawn, returns, values: oldValues } = rows
      const advantages = normalizeAdvantage ? normalized(drawn) : drawn
      const { grads, aux } = valueAndGrad(() => {
        const outputs = actor.net.forward(observations)
        const logProbs = actor.logProb(outputs, actions)
        const policyLoss = ppoPolicyLoss(logProbs, oldLogProbs, advantages, this.clip)
        const values = model.values(observations)
        const valueLoss = ppoValueLoss(
          values,
          returns,
          clipRangeVf === null ? undefined : { oldValues, clip: clipRangeVf },
        )
        const entropy = actor.entropy(outputs)
        const loss = policyLoss.add(valueLoss.mul(2 * vfCoef)).sub(entropy.mul(entCoef))
        return [loss, { loss, policyLoss, valueLoss, entropy, logProbs }] as const
      }, model.parameters)
      const clipped = clipGradNorm(grads as Tensor[], maxGradNorm)
      this.optimizer.step(clipped.grads)
      const ratio = aux.logProbs.sub(oldLogProbs)
      const approxKl = ratio.exp().sub(1).sub(ratio).mean()
      const clipFraction = ratio.exp().sub(1).abs().gt(this.clip).cast('float32').mean()
      return stack([aux.loss, aux.policyLoss, aux.valueLoss.mul(2), aux.entropy.neg(), approxKl, clipFraction])
    })
  }

  /** Several passes over the rollout in minibatches; returns means of what was logged. */
  private *improve(
    { values, returns }: Rollout,
    update: Compiled<[Tensor], Tensor>,
    pauses: boolean,
  ): IterableIterator<Progress, Record<string, number>> {
    const { nEpochs, targetKl } = this.options
    const rows = values.length
    const batchSize = Math.min(this.options.batchSize, rows)
    const sums = new Float64Array(6)
    let count = 0
    passes: for (let epoch = 0; epoch < nEpochs; epoch++) {
      const order = this.shuffles.permutation(rows)
      for (let from = 0; from + batchSize <= rows; from += batchSize) {
        const seen = tidy(() => update(tensor(order.subarray(from, from + batchSize), { dtype: 'int32' })).data())
        count++
        for (let k = 0; k < sums.length; k++) sums[k] += Number(seen[k])
        if (pauses) yield PAUSE
        if (targetKl !== null && Number(seen[4]) > 1.5 * targetKl) break passes
      }
    }
    this.updates += count
    const [loss, policy, value, entropyLoss, approxKl, clipFraction] = sums.map((s) => s / count)
    checkLoss('PPO', this.steps, loss, { policy, value })
    return {
      'train/loss': loss,
      'train/policy_gradient_loss': policy,
      'train/value_loss': value,
      'train/entropy_loss': entropyLoss,
      'train/approx_kl': approxKl,
      'train/clip_fraction': clipFraction,
      'train/explained_variance': explainedVariance(Float32Array.from(values), Float32Array.from(returns)),
      ...this.actor.spread(),
      'train/learning_rate': this.optimizer.lr,
      'train/n_updates': this.updates,
    }
  }

  private get state(): AgentState {
    const { model, optimizer, random, shuffles, steps, updates } = this
    const tensors = {
      ...model.stateDict(),
      ...prefixed('optimizer', optimizer.stateDict()),
      random: random.state,
    }
    return { tensors, values: { steps, updates, shuffles: shuffles.save() } }
  }

  /** Weights, state of the optimiser and of the random numbers, as the bytes of a safetensors file. */
  save(): Uint8Array {
    return saveAgent(this.kind, this.state)
  }

  /** Goes on from what `save` gave. @throws FormatError for a checkpoint of another agent, or of other sizes */
  load(checkpoint: Uint8Array): void {
    const values = loadAgent(this.kind, this.state, checkpoint)
    this.clock.steps = values.steps as number
    this.updates = values.updates as number
    this.shuffles.restore(values.shuffles as number[])
  }

  /** Frees weights and compiled functions now. */
  dispose(): void {
    this.optimizer.dispose()
    this.clip.dispose()
    this.model.dispose()
  }
}
