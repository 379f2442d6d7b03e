// A2C: advantage actor-critic, all environments in step.
//
// Source: Mnih et al. 2016, "Asynchronous Methods for Deep Reinforcement Learning", arXiv:1602.01783, algorithm S3 without
// the asynchrony; settings as in Stable-Baselines3, RMSprop as TensorFlow has it.
import { valueAndGrad } from '@x/autograd'
import { clipGradNorm, mseLoss, type Sequential } from '@x/nn'
import { type Compiled, compile, Generator, stack, type Tensor, tensor, tidy } from '@x/tensor'
import { normalized } from '../arithmetic/losses.ts'
import { explainedVariance } from '../arithmetic/returns.ts'
import type { Env } from '../env/env.ts'
import {
  type ActOptions,
  type Agent,
  type Clock,
  type LearnOptions,
  learnOptions,
  type Progress,
} from '../training/agent.ts'
import type { BatchAgent } from '../training/evaluate.ts'
import type { Savable } from '../training/train.ts'
import { type ActionOf, EpisodeCounter, type Spaces, spacesOf } from '../training/vector.ts'
import type { VectorEnv } from '../vector/vectorEnv.ts'
import type { Actor } from './actor.ts'
import { ActorCritic } from './actorCritic.ts'
import { type Annealed, annealed } from './annealed.ts'
import { type AgentState, loadAgent, prefixed, saveAgent } from './checkpoint.ts'
import { checkLoss } from './loss.ts'
import { learningEnvs, type NetworkOptions } from './networks.ts'
import { RMSpropTF } from './rmspropTF.ts'
import { collect, type Rollout } from './rollout.ts'
import { settingsOf } from './settings.ts'

export interface A2COptions extends NetworkOptions {
  /** Steps of every environment per update, ≥ 1. Default 5 */
  nSteps?: number
  /** Of RMSprop, ≥ 0; or a function of the share of the training that remains. Default 7e-4 */
  learningRate?: Annealed
  /** Discount in [0, 1]. Default 0.99 */
  gamma?: number
  /** Weight of long sums of rewards in [0, 1]; 1 for returns of as many steps as there are. Default 1 */
  gaeLambda?: number
  /** Weight of the entropy, ≥ 0. Default 0 */
  entCoef?: number
  /** Weight of the mean squared error of the values, ≥ 0. Default 0.5 */
  vfCoef?: number
  /** Norm that gradients are cut to, > 0. Default 0.5 */
  maxGradNorm?: number
  /** Whether advantages are brought to mean 0 and deviation 1. Default false */
  normalizeAdvantage?: boolean
  /** Seeds weights and actions, a whole number ≥ 0. Default 0 */
  seed?: number
}

const DEFAULTS: Required<A2COptions> = {
  hidden: [64, 64],
  activation: 'tanh',
  nSteps: 5,
  learningRate: 7e-4,
  gamma: 0.99,
  gaeLambda: 1,
  entCoef: 0,
  vfCoef: 0.5,
  maxGradNorm: 0.5,
  normalizeAdvantage: false,
  seed: 0,
}

/**
 * After every `nSteps` steps of all environments one step along ∇ log π(aₜ|sₜ) (Rₜ − V(sₜ)) + β ∇ H(π(sₜ)) for the policy and
 * along −∇ (Rₜ − V(sₜ))² for the values, with Rₜ = rₜ + γ rₜ₊₁ + … + γᵏ V(sₜ₊ₖ). Give it several environments (`makeVec`),
 * of any mode of resets.
 * @example
 * import { makeVec, train } from '@x/rl'
 * import { A2C } from '@x/rl/agents'
 * const envs = makeVec('CartPole-v1', { numEnvs: 8, autoresetMode: 'same-step' })
 * const { episodes } = train(new A2C(envs), envs, { steps: 1000, seed: 0 })
 * episodes.length > 20 // true
 */
export class A2C<E extends Spaces = Spaces> implements Agent<ArrayLike<number>, ActionOf<E>>, BatchAgent, Savable {
  readonly options: Readonly<Required<A2COptions>>
  readonly actor: Actor
  readonly critic: Sequential
  private readonly clock: Clock = { steps: 0 }
  private updates = 0
  private readonly model: ActorCritic
  private readonly random: Generator
  private readonly optimizer: RMSpropTF
  private readonly update: Compiled<[Tensor, Tensor, Tensor, Tensor], Tensor>

  /** @throws TypeError for spaces that it cannot learn on, RangeError for options that there are not or out of range */
  constructor(env: E, options: A2COptions = {}) {
    const spaces = spacesOf('A2C', env)
    this.options = settingsOf('A2C', DEFAULTS, options)
    const { hidden, activation, seed } = this.options
    this.random = new Generator(seed)
    this.model = new ActorCritic(spaces, { agent: 'A2C', hidden, activation, generator: this.random })
    this.actor = this.model.actor
    this.critic = this.model.critic
    this.optimizer = new RMSpropTF(this.model.parameters)
    this.update = compile((observations: Tensor, actions: Tensor, advantages: Tensor, returns: Tensor) =>
      this.step(observations, actions, advantages, returns),
    )
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

  *learn(env: Env | VectorEnv, options: LearnOptions): IterableIterator<Progress, void> {
    const { steps, seed, before, total } = learnOptions('A2C', options)
    const { nSteps, gamma, gaeLambda, learningRate } = this.options
    const { model } = this
    const envs = learningEnvs('A2C', env, model.size)
    const counter = new EpisodeCounter(envs.numEnvs)
    const begin = this.steps
    let observations = envs.reset({ seed })[0] as Tensor
    try {
      while (this.steps < begin + steps) {
        this.optimizer.lr = annealed('A2C: learningRate', learningRate, 1 - (before + this.steps - begin) / total)
        const { rollout, after } = collect(model, envs, observations, { nSteps, gamma, gaeLambda, counter })
        observations = after
        this.clock.steps += nSteps * envs.numEnvs
        yield { steps: this.steps, episodes: counter.take(), metrics: this.improve(rollout) }
      }
    } finally {
      observations.dispose()
    }
  }

  /** One update on the steps of all environments; gives what is logged. */
  private improve({ observations, actions, values, advantages, returns }: Rollout): Record<string, number> {
    const rows = values.length
    const { width } = this.actor
    const [loss, policy, value, entropy] = tidy(() =>
      Array.from(
        this.update(
          tensor(observations, { shape: [rows, this.model.size] }),
          tensor(actions, { shape: width ? [rows, width] : [rows] }),
          tensor(Float32Array.from(advantages)),
          tensor(Float32Array.from(returns)),
        ).data(),
        Number,
      ),
    )
    this.updates++
    checkLoss('A2C', this.steps, loss, { policy, value })
    return {
      'train/policy_loss': policy,
      'train/value_loss': value,
      'train/entropy_loss': -entropy,
      'train/explained_variance': explainedVariance(values, returns),
      ...this.actor.spread(),
      'train/learning_rate': this.optimizer.lr,
      'train/n_updates': this.updates,
    }
  }

  private step(observations: Tensor, actions: Tensor, drawn: Tensor, returns: Tensor): Tensor {
    const { actor, model } = this
    const { entCoef, vfCoef, maxGradNorm, normalizeAdvantage } = this.options
    const advantages = normalizeAdvantage ? normalized(drawn) : drawn
    const { grads, aux } = valueAndGrad(() => {
      const outputs = actor.net.forward(observations)
      const policyLoss = actor.logProb(outputs, actions).mul(advantages).mean().neg()
      const valueLoss = mseLoss(model.values(observations), returns)
      const entropy = actor.entropy(outputs)
      const loss = policyLoss.add(valueLoss.mul(vfCoef)).sub(entropy.mul(entCoef))
      return [loss, [loss, policyLoss, valueLoss, entropy]] as const
    }, model.parameters)
    this.optimizer.step(clipGradNorm(grads as Tensor[], maxGradNorm).grads)
    return stack(aux.map((x) => x.reshape([])))
  }

  private get kind(): string {
    return `A2C on [${this.model.size}]`
  }

  private get state(): AgentState {
    const tensors = {
      ...this.model.stateDict(),
      ...prefixed('optimizer', this.optimizer.stateDict()),
      random: this.random.state,
    }
    return { tensors, values: { steps: this.steps, updates: this.updates } }
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
  }

  /** Frees weights and compiled functions now. */
  dispose(): void {
    this.update.dispose()
    this.optimizer.dispose()
    this.model.dispose()
  }
}
