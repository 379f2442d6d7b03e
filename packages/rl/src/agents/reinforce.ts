// REINFORCE: the gradient of the return by whole episodes, with and without a baseline.
//
// Source: Williams 1992, "Simple statistical gradient-following algorithms for connectionist reinforcement learning"; Sutton
// and Barto 2018, section 13.3, and section 13.4 for the baseline.
import { stopGradient, valueAndGrad } from '@x/autograd'
import { Adam, clipGradNorm, mseLoss, type Sequential } from '@x/nn'
import { type Compiled, compile, Generator, stack, type Tensor, tensor, tidy } from '@x/tensor'
import { discountedReturns } from '../arithmetic/returns.ts'
import type { Env } from '../env/env.ts'
import {
  type ActOptions,
  type Agent,
  type Clock,
  isDeterministic,
  type LearnOptions,
  learnOptions,
  type Progress,
} from '../training/agent.ts'
import { episodes } from '../training/episodes.ts'
import type { BatchAgent } from '../training/evaluate.ts'
import type { Savable } from '../training/train.ts'
import { type ActionOf, spacesOf } from '../training/vector.ts'
import { Actor } from './actor.ts'
import { type Annealed, annealed } from './annealed.ts'
import { type AgentState, loadAgent, prefixed, saveAgent } from './checkpoint.ts'
import { checkLoss } from './loss.ts'
import { checkSize, mlp, type NetworkOptions, observationSize, rowOf, rowsOf } from './networks.ts'
import { settingsOf } from './settings.ts'

export interface ReinforceOptions extends NetworkOptions {
  /** Whether the value of the state, learned as well, is subtracted from returns. Default true */
  baseline?: boolean
  /** Episodes per update, ≥ 1. Default 4 */
  batchEpisodes?: number
  /** Of Adam, ≥ 0; or a function of the share of the training that remains. Default 3e-3 */
  learningRate?: Annealed
  /** Discount in [0, 1]. Default 0.99 */
  gamma?: number
  /** Weight of the entropy, ≥ 0. Default 0 */
  entCoef?: number
  /** Norm that gradients are cut to, > 0. Default 0.5 */
  maxGradNorm?: number
  /** Seeds weights and actions, a whole number ≥ 0. Default 0 */
  seed?: number
}

const DEFAULTS: Required<ReinforceOptions> = {
  hidden: [64],
  activation: 'tanh',
  baseline: true,
  batchEpisodes: 4,
  learningRate: 3e-3,
  gamma: 0.99,
  entCoef: 0,
  maxGradNorm: 0.5,
  seed: 0,
}

/** Steps of whole episodes. */
interface Steps {
  readonly observations: number[]
  readonly actions: number[]
  readonly returns: number[]
}

/**
 * θ ← θ + α (Gₜ − b(sₜ)) ∇ log π(aₜ|sₜ), the mean over the steps of some episodes, by Adam. Gₜ is the discounted return that
 * followed; b is 0, or a network that learns the value of the state by the squared error. The factor γᵗ of the book is left
 * out, as everywhere in practice.
 * @example
 * import { make } from '@x/rl'
 * import { Reinforce } from '@x/rl/agents'
 * const env = make('CartPole-v1')
 * const agent = new Reinforce(env, { baseline: false })
 * for (const { steps, episodes } of agent.learn(env, { steps: 500, seed: 0 })) console.log(steps, episodes.length)
 */
export class Reinforce<E extends Env = Env> implements Agent<ArrayLike<number>, ActionOf<E>>, BatchAgent, Savable {
  readonly options: Readonly<Required<ReinforceOptions>>
  readonly actor: Actor
  /** The baseline; null without. */
  readonly critic: Sequential | null
  private readonly size: number
  private readonly optimizer: Adam
  private readonly random: Generator
  private readonly parameters: Tensor[]
  private readonly policy: Compiled<[Tensor], Tensor>
  private readonly best: Compiled<[Tensor], Tensor>
  private readonly update: Compiled<[Tensor, Tensor, Tensor, Tensor], Tensor>
  private readonly clock: Clock = { steps: 0 }

  /** @throws TypeError for spaces that it cannot learn on, RangeError for options that there are not or out of range */
  constructor(env: E, options: ReinforceOptions = {}) {
    const { observationSpace, actionSpace } = spacesOf('Reinforce', env)
    this.options = settingsOf('Reinforce', DEFAULTS, options)
    const { hidden, activation, seed, baseline } = this.options
    this.size = observationSize('Reinforce', observationSpace)
    const generator = new Generator(seed)
    this.random = generator
    this.actor = new Actor(actionSpace, { agent: 'Reinforce', size: this.size, hidden, activation, generator })
    this.critic = baseline ? mlp([this.size, ...hidden, 1], { activation, gain: 1, generator }) : null
    this.parameters = [...this.actor.parameters, ...(this.critic?.parameters() ?? [])]
    this.optimizer = new Adam(this.parameters)
    this.policy = compile((observations: Tensor) => this.actor.draw(this.actor.net.forward(observations)))
    this.best = compile((observations: Tensor) => this.actor.best(this.actor.net.forward(observations)))
    this.update = compile((observations: Tensor, actions: Tensor, returns: Tensor, counts: Tensor) =>
      this.step(observations, actions, returns, counts),
    )
  }

  /** Environment steps of its life so far. */
  get steps(): number {
    return this.clock.steps
  }

  /** @throws RangeError for an observation of another size or with NaN, or an option that there is not */
  act(observation: ArrayLike<number>, options: ActOptions = {}): ActionOf<E> {
    return tidy(() => this.actMany(rowOf('Reinforce', observation, this.size), options)[0])
  }

  /** Actions for rows of observations [n, …]. */
  actMany(observations: Tensor, options: ActOptions = {}): ActionOf<E>[] {
    const deterministic = isDeterministic('Reinforce', options)
    return tidy(() => {
      const rows = rowsOf(observations, this.size)
      const actions = (deterministic ? this.best : this.policy)(rows).data() as Float32Array
      return this.actor.toEnv(actions, rows.shape[0]) as ActionOf<E>[]
    })
  }

  /** Learns from whole episodes; what the budget cuts off does not count. */
  *learn(env: Env, options: LearnOptions): IterableIterator<Progress, void> {
    const { before, total } = learnOptions('Reinforce', options)
    checkSize('Reinforce', spacesOf('Reinforce', env).observationSpace, this.size)
    const { gamma, batchEpisodes, learningRate } = this.options
    const begin = this.clock.steps
    let batch: Steps = { observations: [], actions: [], returns: [] }
    let ended: { reward: number; length: number }[] = []
    for (const episode of episodes(env as unknown as Env<ArrayLike<number>, unknown>, options, this.clock)) {
      const rewards: number[] = []
      while (!episode.done) {
        batch.observations.push(...Array.from(episode.observation))
        const drawn = tidy(() => this.policy(rowOf('Reinforce', episode.observation, this.size)).data() as Float32Array)
        batch.actions.push(...drawn)
        rewards.push(episode.step(this.actor.toEnv(drawn, 1)[0]))
      }
      if (!episode.hasEnded) return
      const length = rewards.length
      batch.returns.push(...discountedReturns(rewards, new Uint8Array(length), null, { gamma }))
      ended.push({ reward: episode.reward, length })
      if (ended.length < batchEpisodes) continue
      const remaining = Math.max(0, 1 - (before + this.clock.steps - begin) / total)
      this.optimizer.lr = annealed('Reinforce: learningRate', learningRate, remaining)
      yield { steps: this.clock.steps, episodes: ended, metrics: this.improve(batch) }
      batch = { observations: [], actions: [], returns: [] }
      ended = []
    }
  }

  /** One update on some episodes. */
  private improve({ observations, actions, returns }: Steps): Record<string, number> {
    const count = returns.length
    // Filled up to a power of two, so that there are few shapes to compile.
    const rows = 2 ** Math.ceil(Math.log2(count))
    const filled = (values: readonly number[]): number[] => {
      const all = new Array<number>((values.length / count) * rows).fill(0)
      values.forEach((v, i) => {
        all[i] = v
      })
      return all
    }
    const { width } = this.actor
    const [loss, policy, value, entropy] = tidy(() =>
      Array.from(
        this.update(
          tensor(filled(observations), { shape: [rows, this.size], dtype: 'float32' }),
          width
            ? tensor(filled(actions), { shape: [rows, width], dtype: 'float32' })
            : tensor(filled(actions), { dtype: 'int32' }),
          tensor(filled(returns), { dtype: 'float32' }),
          tensor(filled(new Array<number>(count).fill(1)), { dtype: 'float32' }),
        ).data(),
        Number,
      ),
    )
    checkLoss('Reinforce', this.steps, loss, { policy, value })
    return {
      'train/loss': loss,
      'train/policy_gradient_loss': policy,
      'train/entropy_loss': -entropy,
      'train/learning_rate': this.optimizer.lr,
      ...(this.critic && { 'train/value_loss': value }),
    }
  }

  /** One step of the optimiser; `counts` is 1 for rows that count and 0 for those that only fill up. */
  private step(observations: Tensor, actions: Tensor, returns: Tensor, counts: Tensor): Tensor {
    const { actor, critic } = this
    const scale = counts.sum().reciprocal().mul(counts.size)
    const { grads, aux } = valueAndGrad(() => {
      const outputs = actor.net.forward(observations)
      const values = critic?.forward(observations).squeeze(-1)
      // The baseline is a number here: the policy's loss does not reach it.
      const advantages = values ? returns.sub(stopGradient(values)) : returns
      const policyLoss = actor.logProb(outputs, actions).mul(advantages).mul(counts).mean().neg().mul(scale)
      const entropy = actor.entropy(outputs)
      const valueLoss = values ? mseLoss(values.mul(counts), returns).mul(scale) : policyLoss.mul(0)
      const loss = policyLoss.add(valueLoss.mul(0.5)).sub(entropy.mul(this.options.entCoef))
      return [loss, [loss, policyLoss, valueLoss, entropy]] as const
    }, this.parameters)
    this.optimizer.step(clipGradNorm(grads as Tensor[], this.options.maxGradNorm).grads)
    return stack(aux.map((x) => x.reshape([])))
  }

  private get kind(): string {
    return `Reinforce${this.critic ? ' with baseline' : ''} on [${this.size}]`
  }

  private get state(): AgentState {
    const tensors = {
      ...this.actor.stateDict(),
      ...prefixed('critic', this.critic?.stateDict() ?? {}),
      ...prefixed('optimizer', this.optimizer.stateDict()),
      random: this.random.state,
    }
    return { tensors, values: { steps: this.clock.steps } }
  }

  /** Weights, state of the optimiser and of the random numbers, as the bytes of a safetensors file. */
  save(): Uint8Array {
    return saveAgent(this.kind, this.state)
  }

  /** Goes on from what `save` gave. @throws FormatError for a checkpoint of another agent, or of other sizes */
  load(checkpoint: Uint8Array): void {
    this.clock.steps = loadAgent(this.kind, this.state, checkpoint).steps as number
  }

  /** Frees weights and compiled functions now. */
  dispose(): void {
    for (const f of [this.policy, this.best, this.update]) f.dispose()
    this.optimizer.dispose()
    for (const x of [...this.parameters, this.random.state]) x.dispose()
  }
}
