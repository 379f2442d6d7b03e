// TD3: deterministic policy gradients with twin critics, smoothed targets and delayed policy updates; DDPG is the same
// without these three.
//
// Source: Fujimoto, van Hoof and Meger 2018, "Addressing Function Approximation Error in Actor-Critic Methods",
// arXiv:1802.09477, algorithm 1; Lillicrap et al. 2016, "Continuous control with deep reinforcement learning",
// arXiv:1509.02971, algorithm 1.
import { valueAndGrad } from '@x/autograd'
import { Adam, mseLoss, type Sequential } from '@x/nn'
import { type Compiled, compile, Generator, minimum, normal, stack, type Tensor, tensor, tidy } from '@x/tensor'
import { smoothedAction } from '../arithmetic/losses.ts'
import type { Env } from '../env/env.ts'
import {
  type ActOptions,
  type Agent,
  isDeterministic,
  type LearnOptions,
  learnOptions,
  PAUSE,
  type Progress,
} from '../training/agent.ts'
import type { BatchAgent } from '../training/evaluate.ts'
import { Averages, crosses, Experience, LOG_EVERY } from '../training/experience.ts'
import type { Savable } from '../training/train.ts'
import { type Spaces, spacesOf } from '../training/vector.ts'
import type { VectorEnv } from '../vector/vectorEnv.ts'
import { type Annealed, annealed } from './annealed.ts'
import { prefixed } from './checkpoint.ts'
import { ActionBounds, Critics } from './continuous.ts'
import { checkLoss } from './loss.ts'
import { learningEnvs, mlp, type NetworkOptions, observationSize, polyak, rowOf, rowsOf } from './networks.ts'
import { Past, type PastOwner, type SaveOptions } from './past.ts'
import { settingsOf } from './settings.ts'

export interface TD3Options extends NetworkOptions {
  /** Of Adam, ≥ 0; or a function of the share of the training that remains. Default 1e-3 */
  learningRate?: Annealed
  /** Transitions kept, ≥ 1. Default 100000 */
  bufferSize?: number
  /** Environment steps of random actions before the first update, ≥ 0. Default 100 */
  learningStarts?: number
  /** Transitions per update, ≥ 1. Default 256 */
  batchSize?: number
  /** Discount in [0, 1]. Default 0.99 */
  gamma?: number
  /** Share of the networks in their slow copies, in (0, 1]. Default 0.005 */
  tau?: number
  /** Environment steps between rounds of updates, ≥ 1. Default 1 */
  trainFreq?: number
  /** Updates in a round, ≥ 1. Default 1 */
  gradientSteps?: number
  /** Deviation of the normal noise on actions while learning, ≥ 0, of the range [−1, 1]. Default 0.1 */
  actionNoise?: number
  /** Critics whose least value counts. Default 2; of DDPG 1 */
  critics?: 1 | 2
  /** Updates of the critics per update of the actor and of the slow copies, ≥ 1. Default 2; of DDPG 1 */
  policyDelay?: number
  /** Deviation of the noise on the actions of targets, ≥ 0. Default 0.2; of DDPG 0 */
  targetPolicyNoise?: number
  /** Bound of that noise, ≥ 0. Default 0.5 */
  targetNoiseClip?: number
  /** Seeds weights, noise and sampling, a whole number ≥ 0. Default 0 */
  seed?: number
}

const DEFAULTS: Required<TD3Options> = {
  hidden: [64, 64],
  activation: 'relu',
  learningRate: 1e-3,
  bufferSize: 100_000,
  learningStarts: 100,
  batchSize: 256,
  gamma: 0.99,
  tau: 0.005,
  trainFreq: 1,
  gradientSteps: 1,
  actionNoise: 0.1,
  critics: 2,
  policyDelay: 2,
  targetPolicyNoise: 0.2,
  targetNoiseClip: 0.5,
  seed: 0,
}

const CRITICS = ['train/critic_loss', 'train/q_value'] as const
const ACTOR = ['train/actor_loss'] as const

/** The least of one or two values. */
const least = ([first, second]: readonly Tensor[]): Tensor => (second ? minimum(first, second) : first)

/** What TD3 and DDPG have in common: all but the settings. */
class DeterministicPolicyGradient implements Agent<ArrayLike<number>, Float32Array>, BatchAgent, Savable {
  readonly options: Readonly<Required<TD3Options>>
  /** Observations [B, n] → actions [B, D], before tanh. */
  readonly actor: Sequential
  readonly targetActor: Sequential
  readonly critics: Critics
  readonly targets: Critics
  private readonly name: string
  private readonly kind: string
  private readonly size: number
  private readonly environments: number
  private readonly bounds: ActionBounds
  private readonly optimizers: Record<'actor' | 'critics', Adam>
  private readonly random: Generator
  private readonly past: Past
  private readonly policy: Compiled<[Tensor], Tensor>
  private readonly updateCritics: Compiled<[Tensor], Tensor>
  private readonly updateActor: Compiled<[Tensor], Tensor>

  /** @throws TypeError for spaces that it cannot learn on, RangeError for options that there are not or out of range */
  constructor(name: string, defaults: Required<TD3Options>, env: Spaces, options: TD3Options) {
    const { observationSpace, actionSpace, numEnvs } = spacesOf(name, env)
    this.name = name
    this.options = settingsOf(name, defaults, options)
    const { hidden, activation, seed, bufferSize, gamma, critics } = this.options
    this.size = observationSize(name, observationSpace)
    this.bounds = new ActionBounds(name, actionSpace)
    this.kind = `${name} on [${this.size}] with ${actionSpace}`
    this.environments = numEnvs
    const generator = new Generator(seed)
    this.random = generator
    const width = this.bounds.size
    const [policy, values] = [
      [this.size, ...hidden, width],
      [this.size + width, ...hidden, 1],
    ]
    this.actor = mlp(policy, { activation, generator })
    this.targetActor = mlp(policy, { activation, generator })
    this.critics = new Critics(critics, values, { activation, generator })
    this.targets = new Critics(critics, values, { activation, generator })
    this.follow(1)
    this.optimizers = { actor: new Adam(this.actor.parameters()), critics: new Adam(this.critics.parameters) }
    this.past = new Past(seed, {
      capacity: bufferSize,
      observationSize: this.size,
      actionSize: width,
      gamma,
      environments: numEnvs,
    })
    this.policy = compile((observations: Tensor) => this.actor.forward(observations).tanh())
    this.updateCritics = this.compiledCritics()
    this.updateActor = this.compiledActor()
  }

  /** Moves the slow copies towards the networks. */
  private follow(tau: number): void {
    polyak(this.targetActor.parameters(), this.actor.parameters(), tau)
    polyak(this.targets.parameters, this.critics.parameters, tau)
  }

  /** Environment steps of its life so far. */
  get steps(): number {
    return this.past.steps
  }

  /** @throws RangeError for an observation of another size or with NaN, or an option that there is not */
  act(observation: ArrayLike<number>, options: ActOptions = {}): Float32Array {
    return tidy(() => this.actMany(rowOf(this.name, observation, this.size), options)[0])
  }

  /** Actions for rows of observations [n, …]. */
  actMany(observations: Tensor, options: ActOptions = {}): Float32Array[] {
    return this.bounds.toEnv(
      this.choose(observations, isDeterministic(this.name, options) ? 0 : this.options.actionNoise),
    )
  }

  /** Actions between −1 and 1, with noise. */
  private choose(observations: Tensor, noise: number): ArrayLike<number> {
    const actions = tidy(() => this.policy(rowsOf(observations, this.size)).data() as Float32Array)
    if (noise === 0) return actions
    return actions.map((a) => Math.min(1, Math.max(-1, a + noise * this.past.draws.normal())))
  }

  *learn(env: Env | VectorEnv, learning: LearnOptions): IterableIterator<Progress, void> {
    const { options, past, bounds, name } = this
    const { steps, seed, before: done, total, pauses } = learnOptions(name, learning)
    const envs = learningEnvs(name, env, this.size, this.environments)
    const n = envs.numEnvs
    const experience = new Experience(envs, past.replay, seed)
    const means = { critics: new Averages(CRITICS), actor: new Averages(ACTOR) }
    const begin = past.steps
    try {
      while (past.steps < begin + steps) {
        const before = past.steps
        experience.step((observations) => {
          const remembered =
            before < options.learningStarts
              ? bounds.random(n, past.draws)
              : this.choose(observations, options.actionNoise)
          return { actions: bounds.toEnv(remembered), remembered }
        })
        past.steps += n
        if (past.steps > options.learningStarts && crosses(before, past.steps, options.trainFreq)) {
          const lr = annealed(`${name}: learningRate`, options.learningRate, 1 - (done + before - begin) / total)
          for (const optimizer of Object.values(this.optimizers)) optimizer.lr = lr
          for (let k = 0; k < options.gradientSteps; k++) this.improve(means)
        }
        if (pauses) yield PAUSE
        if (crosses(before, past.steps, LOG_EVERY) || past.steps >= begin + steps) {
          const seen = { ...means.critics.take(), ...means.actor.take() }
          yield { steps: past.steps, episodes: experience.episodes(), metrics: this.metrics(seen) }
        }
      }
    } finally {
      experience.dispose()
    }
  }

  /** One update of the critics from a sample of the past, and in its turn of the actor. */
  private improve(means: { critics: Averages<string>; actor: Averages<string> }): void {
    const { batchSize, policyDelay } = this.options
    const { past } = this
    const { places } = past.replay.sample(batchSize, past.draws)
    tidy(() => {
      const index = tensor(places)
      means.critics.add(this.updateCritics(index).data())
      past.updates++
      if (past.updates % policyDelay === 0) means.actor.add(this.updateActor(index).data())
    })
  }

  private compiledCritics(): Compiled<[Tensor], Tensor> {
    const { critics, targets, random: generator } = this
    const { targetPolicyNoise, targetNoiseClip } = this.options
    return compile((places: Tensor) => {
      const [s, a, r, s2, discount] = this.past.replay.take(places)
      const intended = this.targetActor.forward(s2).tanh()
      const following =
        targetPolicyNoise === 0
          ? intended
          : smoothedAction(intended, normal(intended.shape, { generator }), {
              policyNoise: targetPolicyNoise,
              noiseClip: targetNoiseClip,
            })
      const target = r.add(discount.mul(least(targets.values(s2, following))))
      const { value, grads, aux } = valueAndGrad(() => {
        const values = critics.values(s, a)
        const losses = values.map((q) => mseLoss(q, target))
        return [losses.reduce((sum, loss) => sum.add(loss)), { q: values[0] }] as const
      }, critics.parameters)
      this.optimizers.critics.step(grads as Tensor[])
      return stack([value, aux.q.mean()])
    })
  }

  private compiledActor(): Compiled<[Tensor], Tensor> {
    const parameters = this.actor.parameters()
    return compile((places: Tensor) => {
      const s = this.past.replay.observations.take(places)
      const { value, grads } = valueAndGrad(
        () => this.critics.values(s, this.actor.forward(s).tanh())[0].mean().neg(),
        parameters,
      )
      this.optimizers.actor.step(grads as Tensor[])
      this.follow(this.options.tau)
      return stack([value])
    })
  }

  private metrics(means: Record<string, number>): Record<string, number> {
    const { 'train/critic_loss': critics = 0, 'train/actor_loss': actor = 0 } = means
    checkLoss(this.name, this.steps, critics + actor, { critics, actor })
    return { 'train/learning_rate': this.optimizers.actor.lr, 'train/n_updates': this.past.updates, ...means }
  }

  private get state(): PastOwner {
    const { name, kind, actor, targetActor, critics, targets, optimizers, random } = this
    const tensors = {
      ...prefixed('actor', actor.stateDict()),
      ...prefixed('targetActor', targetActor.stateDict()),
      ...prefixed('critics', critics.stateDict()),
      ...prefixed('targets', targets.stateDict()),
      ...prefixed('optimizer.actor', optimizers.actor.stateDict()),
      ...prefixed('optimizer.critics', optimizers.critics.stateDict()),
      random: random.state,
    }
    return { name, kind, tensors }
  }

  /**
   * Weights, state of the optimisers and of the random numbers, as the bytes of a safetensors file; with `memory` also the
   * steps of the past, without which learning goes on from an empty buffer.
   */
  save(options: SaveOptions = {}): Uint8Array {
    return this.past.save(this.state, options)
  }

  /** Goes on from what `save` gave. @throws FormatError for a checkpoint of another agent, or of other sizes */
  load(checkpoint: Uint8Array): void {
    this.past.load(this.state, checkpoint)
  }

  /** Frees weights, the past and compiled functions now. */
  dispose(): void {
    for (const f of [this.policy, this.updateCritics, this.updateActor]) f.dispose()
    for (const optimizer of Object.values(this.optimizers)) optimizer.dispose()
    this.past.dispose()
    for (const net of [this.actor, this.targetActor]) net.dispose()
    for (const x of [...this.critics.parameters, ...this.targets.parameters]) x.dispose()
    this.random.dispose()
  }
}

/**
 * TD3 on observations that are vectors, with actions from a bounded `Box`.
 * @example
 * import { makeVec, train } from '@x/rl'
 * import { TD3 } from '@x/rl/agents'
 * const env = makeVec('Pendulum-v1', { numEnvs: 1, autoresetMode: 'same-step' })
 * train(new TD3(env, { batchSize: 64 }), env, { steps: 400, seed: 1 })
 */
export class TD3 extends DeterministicPolicyGradient {
  /** @throws TypeError for spaces that it cannot learn on, RangeError for options that there are not or out of range */
  constructor(env: Spaces, options: TD3Options = {}) {
    super('TD3', DEFAULTS, env, options)
  }
}

/**
 * DDPG: TD3 with one critic, no noise on targets, and an actor that learns at every update.
 * @example
 * import { makeVec, train } from '@x/rl'
 * import { DDPG } from '@x/rl/agents'
 * const env = makeVec('Pendulum-v1', { numEnvs: 1, autoresetMode: 'same-step' })
 * train(new DDPG(env, { batchSize: 64 }), env, { steps: 400, seed: 1 })
 */
export class DDPG extends DeterministicPolicyGradient {
  /** @throws as TD3 */
  constructor(env: Spaces, options: TD3Options = {}) {
    super('DDPG', { ...DEFAULTS, critics: 1, policyDelay: 1, targetPolicyNoise: 0 }, env, options)
  }
}
