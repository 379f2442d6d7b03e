// A2C: advantage actor-critic, all environments in step.
//
// Source: Mnih et al. 2016, "Asynchronous Methods for Deep Reinforcement Learning", arXiv:1602.01783, algorithm S3 without
// the asynchrony; settings as in Stable-Baselines3, RMSprop as TensorFlow has it.
import { valueAndGrad } from '@x/autograd'
import { clipGradNorm, mseLoss, type Sequential } from '@x/nn'
import { type Compiled, compile, Generator, stack, type Tensor, tensor, tidy } from '@x/tensor'
import { normalized } from '../arithmetic/losses.ts'
import { explainedVariance, gae } from '../arithmetic/returns.ts'
import type { Env } from '../env/env.ts'
import { type ActOptions, isDeterministic, type LearnOptions, learnOptions, type Progress } from '../training/agent.ts'
import { RMSpropTF } from '../training/rmspropTF.ts'
import { type ActionOf, EpisodeCounter, type Spaces, sameStepEnvs, spacesOf } from '../training/vector.ts'
import type { VectorEnv } from '../vector/vectorEnv.ts'
import { Actor } from './actor.ts'
import { type Annealed, annealed } from './annealed.ts'
import { type AgentState, loadAgent, prefixed, saveAgent } from './checkpoint.ts'
import { checkSize, type NetworkOptions, observationSize, orthogonalMlp, rowOf } from './networks.ts'
import { settingsOf } from './settings.ts'

export interface A2COptions extends NetworkOptions {
  /** Steps of every environment per update. Default 5 */
  nSteps?: number
  /** Default 7e-4 */
  learningRate?: Annealed
  /** Discount. Default 0.99 */
  gamma?: number
  /** 1 for returns of as many steps as there are. Default 1 */
  gaeLambda?: number
  /** Weight of the entropy. Default 0 */
  entCoef?: number
  /** Weight of the mean squared error of the values. Default 0.5 */
  vfCoef?: number
  /** Default 0.5 */
  maxGradNorm?: number
  /** Default false */
  normalizeAdvantage?: boolean
  /** Seeds weights and actions. Default 0 */
  seed?: number
}

const DEFAULTS = {
  hidden: [64, 64] as readonly number[],
  activation: 'tanh' as 'tanh' | 'relu',
  nSteps: 5,
  learningRate: 7e-4 as Annealed,
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
export class A2C<E extends Spaces = Spaces> {
  readonly options: Readonly<typeof DEFAULTS>
  readonly actor: Actor
  readonly critic: Sequential
  private readonly size: number
  private readonly optimizer: RMSpropTF
  private readonly random: Generator
  private readonly parameters: Tensor[]
  private readonly policy: Compiled<[Tensor], Tensor[]>
  private readonly best: Compiled<[Tensor], Tensor>
  private readonly value: Compiled<[Tensor], Tensor>
  private readonly update: Compiled<[Tensor, Tensor, Tensor, Tensor], Tensor>
  private steps = 0
  private updates = 0

  /** @throws TypeError for spaces that it cannot learn on, RangeError for options that there are not or out of range */
  constructor(env: E, options: A2COptions = {}) {
    const { observationSpace, actionSpace } = spacesOf(env)
    this.options = settingsOf('A2C', DEFAULTS, options)
    const { hidden, activation, seed } = this.options
    this.size = observationSize('A2C', observationSpace)
    const generator = new Generator(seed)
    this.random = generator
    this.actor = new Actor(actionSpace, { agent: 'A2C', size: this.size, hidden, activation, generator })
    this.critic = orthogonalMlp([this.size, ...hidden, 1], { activation, gain: 1, generator })
    this.parameters = [...this.actor.parameters, ...this.critic.parameters()]
    this.optimizer = new RMSpropTF(this.parameters)
    this.policy = compile((observations: Tensor) => [
      this.actor.draw(this.actor.net.forward(observations)),
      this.critic.forward(observations).squeeze(-1),
    ])
    this.best = compile((observations: Tensor) => this.actor.best(this.actor.net.forward(observations)))
    this.value = compile((observations: Tensor) => this.critic.forward(observations).squeeze(-1))
    this.update = compile((observations: Tensor, actions: Tensor, advantages: Tensor, returns: Tensor) =>
      this.step(observations, actions, advantages, returns),
    )
  }

  act(observation: ArrayLike<number>, options: ActOptions = {}): ActionOf<E> {
    return tidy(() => this.actMany(rowOf('A2C', observation, this.size), options)[0])
  }

  /** Actions for rows of observations [n, …]. */
  actMany(observations: Tensor, options: ActOptions = {}): ActionOf<E>[] {
    const deterministic = isDeterministic('A2C', options)
    return tidy(() => {
      const rows = observations.reshape([observations.shape[0], this.size])
      const actions = deterministic ? this.best(rows) : this.policy(rows)[0]
      return this.actor.toEnv(actions.data() as Float32Array, rows.shape[0]) as ActionOf<E>[]
    })
  }

  *learn(env: Env | VectorEnv, options: LearnOptions): IterableIterator<Progress, void> {
    const { steps, seed, before, total } = learnOptions('A2C', options)
    const envs = sameStepEnvs(env)
    checkSize('A2C', envs, this.size)
    const counter = new EpisodeCounter(envs.numEnvs)
    const begin = this.steps
    let observations = envs.reset({ seed })[0] as Tensor
    while (this.steps < begin + steps) {
      const [after, metrics] = tidy(() => {
        this.optimizer.lr = annealed(this.options.learningRate, 1 - (before + this.steps - begin) / total)
        return this.round(envs, observations, counter)
      })
      observations.dispose()
      observations = after
      yield { steps: this.steps, episodes: counter.take(), metrics }
    }
    observations.dispose()
  }

  /** Some steps of all environments, and one update on them. Gives the observations after them, and what is logged. */
  private round(
    envs: VectorEnv,
    first: Tensor,
    counter: EpisodeCounter,
  ): [after: Tensor, metrics: Record<string, number>] {
    const { nSteps, gamma, gaeLambda } = this.options
    const n = envs.numEnvs
    const rows = nSteps * n
    const { size } = this
    const width = this.actor.width
    const seen = new Float32Array(rows * size)
    const taken = width ? new Float32Array(rows * width) : new Int32Array(rows)
    const [rewards, terminated, truncated, finalValues, values] = [0, 0, 0, 0, 0].map(() => new Float64Array(rows))
    let observations = first
    for (let t = 0; t < nSteps; t++) {
      const at = t * n
      const [actions, v] = this.policy(observations.reshape([n, size]))
      const drawn = actions.data() as Float32Array
      seen.set(observations.data() as Float32Array, at * size)
      taken.set(drawn, at * (width || 1))
      values.set(v.data() as Float32Array, at)
      const [next, r, terminations, truncations, infos] = envs.step(this.actor.toEnv(drawn, n))
      rewards.set(r, at)
      terminated.set(terminations, at)
      truncated.set(truncations, at)
      counter.count(r, terminations, truncations)
      for (let i = 0; i < n; i++) {
        if (!truncations[i] || terminations[i]) continue
        const last = (infos.finalObs as ArrayLike<number>[])[i]
        finalValues[at + i] = this.value(tensor([Array.from(last)])).item()
      }
      observations = next as Tensor
    }
    this.steps += rows
    const bootstrapValue = this.value(observations.reshape([n, size])).data() as Float32Array
    const { advantages, returns } = gae(
      { rewards, values, bootstrapValue, terminated, truncated, finalValues },
      { gamma, lambda: gaeLambda, environments: n },
    )
    const [loss, policyLoss, valueLoss, entropy] = Array.from(
      this.update(
        tensor(seen, { shape: [rows, size] }),
        tensor(taken, { shape: width ? [rows, width] : [rows] }),
        tensor(Float32Array.from(advantages)),
        tensor(Float32Array.from(returns)),
      ).data(),
      Number,
    )
    this.updates++
    if (!Number.isFinite(loss)) {
      throw new RangeError(
        `A2C: the loss is ${loss} after ${this.steps} steps (policy ${policyLoss}, value ${valueLoss})`,
      )
    }
    const metrics = {
      'train/policy_loss': policyLoss,
      'train/value_loss': valueLoss,
      'train/entropy_loss': -entropy,
      'train/explained_variance': explainedVariance(values, returns),
      ...this.actor.spread(),
      'train/learning_rate': this.optimizer.lr,
      'train/n_updates': this.updates,
    }
    return [observations, metrics]
  }

  private step(observations: Tensor, actions: Tensor, drawn: Tensor, returns: Tensor): Tensor {
    const { actor, critic } = this
    const { entCoef, vfCoef, maxGradNorm, normalizeAdvantage } = this.options
    const advantages = normalizeAdvantage ? normalized(drawn) : drawn
    const { grads, aux } = valueAndGrad(() => {
      const outputs = actor.net.forward(observations)
      const policyLoss = actor.logProb(outputs, actions).mul(advantages).mean().neg()
      const valueLoss = mseLoss(critic.forward(observations).squeeze(-1), returns)
      const entropy = actor.entropy(outputs)
      const loss = policyLoss.add(valueLoss.mul(vfCoef)).sub(entropy.mul(entCoef))
      return [loss, [loss, policyLoss, valueLoss, entropy]] as const
    }, this.parameters)
    this.optimizer.step(clipGradNorm(grads as Tensor[], maxGradNorm).grads)
    return stack(aux.map((x) => x.reshape([])))
  }

  private get kind(): string {
    return `A2C on [${this.size}]`
  }

  private get state(): AgentState {
    const tensors = {
      ...this.actor.stateDict(),
      ...prefixed('critic', this.critic.stateDict()),
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
    this.steps = values.steps as number
    this.updates = values.updates as number
  }

  /** Frees weights and compiled functions now. */
  dispose(): void {
    for (const f of [this.policy, this.best, this.value, this.update]) f.dispose()
    this.optimizer.dispose()
    for (const x of [...this.parameters, this.random.state]) x.dispose()
  }
}
