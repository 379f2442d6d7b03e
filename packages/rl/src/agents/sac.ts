// SAC: soft actor-critic, which is paid for return and for entropy, with a temperature that finds its own value.
//
// Source: Haarnoja et al. 2018, "Soft Actor-Critic Algorithms and Applications", arXiv:1812.05905; equations of the losses
// beside them in arithmetic/losses.ts.
import { stopGradient, valueAndGrad } from '@x/autograd'
import { Adam, mseLoss, parameter, type Sequential } from '@x/nn'
import { type Compiled, chunk, compile, Generator, minimum, normal, stack, type Tensor, tensor, tidy } from '@x/tensor'
import { squashedNormalLogProb } from '../arithmetic/distributions.ts'
import { sacPolicyLoss, temperatureLoss } from '../arithmetic/losses.ts'
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

export interface SACOptions extends NetworkOptions {
  /** Of Adam, ≥ 0; or a function of the share of the training that remains. Default 3e-4 */
  learningRate?: Annealed
  /** Transitions kept, ≥ 1. Default 100000 */
  bufferSize?: number
  /** Environment steps of random actions before the first update, ≥ 0. Default 100 */
  learningStarts?: number
  /** Transitions per update, ≥ 1. Default 256 */
  batchSize?: number
  /** Discount in [0, 1]. Default 0.99 */
  gamma?: number
  /** Share of the critics in their slow copies, in (0, 1]. Default 0.005 */
  tau?: number
  /** Environment steps between rounds of updates, ≥ 1. Default 1 */
  trainFreq?: number
  /** Updates in a round, ≥ 1. Default 1 */
  gradientSteps?: number
  /** Weight of the entropy, ≥ 0; 'auto' to keep the entropy near its target, 'auto_0.1' to begin that with 0.1. Default 'auto' */
  entCoef?: number | 'auto' | `auto_${number}`
  /** What 'auto' begins with, > 0. Default 1 */
  initialEntCoef?: number
  /** Entropy that 'auto' keeps near, in nats. Default 'auto': −1 per number of an action */
  targetEntropy?: number | 'auto'
  /** Seeds weights, actions and sampling, a whole number ≥ 0. Default 0 */
  seed?: number
}

const DEFAULTS: Required<SACOptions> = {
  hidden: [64, 64],
  activation: 'relu',
  learningRate: 3e-4,
  bufferSize: 100_000,
  learningStarts: 100,
  batchSize: 256,
  gamma: 0.99,
  tau: 0.005,
  trainFreq: 1,
  gradientSteps: 1,
  entCoef: 'auto',
  initialEntCoef: 1,
  targetEntropy: 'auto',
  seed: 0,
}

/** 'auto_0.1' is 'auto' that begins with 0.1. */
function withStart(options: SACOptions): SACOptions {
  const { entCoef } = options ?? {}
  if (typeof entCoef !== 'string' || !entCoef.startsWith('auto_')) return options
  return { ...options, entCoef: 'auto', initialEntCoef: Number(entCoef.slice(5)) }
}

const LOGGED = ['train/critic_loss', 'train/actor_loss', 'train/ent_coef', 'train/q_value'] as const

/**
 * Soft actor-critic on observations that are vectors, with actions from a bounded `Box`.
 * @example
 * import { makeVec, train } from '@x/rl'
 * import { SAC } from '@x/rl/agents'
 * const env = makeVec('Pendulum-v1', { numEnvs: 1, autoresetMode: 'same-step' })
 * train(new SAC(env, { batchSize: 64 }), env, { steps: 400, seed: 1 })
 */
export class SAC implements Agent<ArrayLike<number>, Float32Array>, BatchAgent, Savable {
  readonly options: Readonly<Required<SACOptions>>
  /** Observations [B, n] → means and logarithms of deviations [B, 2 D], before tanh. */
  readonly actor: Sequential
  readonly critics: Critics
  readonly targets: Critics
  /** Logarithm of the weight of the entropy. */
  readonly logAlpha: Tensor
  private readonly kind: string
  private readonly size: number
  private readonly environments: number
  private readonly bounds: ActionBounds
  private readonly optimizers: Record<'actor' | 'critics' | 'alpha', Adam>
  private readonly random: Generator
  private readonly past: Past
  private readonly policy: Compiled<[Tensor], Tensor>
  private readonly best: Compiled<[Tensor], Tensor>
  private readonly update: Compiled<[Tensor], Tensor>

  /** @throws TypeError for spaces that it cannot learn on, RangeError for options that there are not or out of range */
  constructor(env: Spaces, options: SACOptions = {}) {
    const { observationSpace, actionSpace, numEnvs } = spacesOf('SAC', env)
    this.options = settingsOf('SAC', DEFAULTS, withStart(options))
    const { hidden, activation, seed, bufferSize, gamma, initialEntCoef } = this.options
    const entCoef = this.options.entCoef === 'auto' ? initialEntCoef : (this.options.entCoef as number)
    this.size = observationSize('SAC', observationSpace)
    this.bounds = new ActionBounds('SAC', actionSpace)
    this.kind = `SAC on [${this.size}] with ${actionSpace}`
    this.environments = numEnvs
    const generator = new Generator(seed)
    this.random = generator
    const width = this.bounds.size
    this.actor = mlp([this.size, ...hidden, 2 * width], { activation, generator })
    const sizes = [this.size + width, ...hidden, 1]
    this.critics = new Critics(2, sizes, { activation, generator })
    this.targets = new Critics(2, sizes, { activation, generator })
    polyak(this.targets.parameters, this.critics.parameters, 1)
    this.logAlpha = parameter(tensor([Math.log(entCoef)]))
    this.optimizers = {
      actor: new Adam(this.actor.parameters()),
      critics: new Adam(this.critics.parameters),
      alpha: new Adam([this.logAlpha]),
    }
    this.past = new Past(seed, {
      capacity: bufferSize,
      observationSize: this.size,
      actionSize: width,
      gamma,
      environments: numEnvs,
    })
    this.policy = compile((observations: Tensor) => this.draw(observations).action)
    this.best = compile((observations: Tensor) => this.distribution(observations).mean.tanh())
    this.update = this.compiledUpdate()
  }

  private distribution(observations: Tensor): { mean: Tensor; logStd: Tensor } {
    const [mean, logStd] = chunk(this.actor.forward(observations), 2, -1)
    return { mean, logStd: logStd.clamp(-20, 2) }
  }

  /** An action for every observation, and its log-density. */
  private draw(observations: Tensor): { action: Tensor; logProb: Tensor } {
    const { mean, logStd } = this.distribution(observations)
    const u = mean.add(logStd.exp().mul(normal(mean.shape, { generator: this.random })))
    return { action: u.tanh(), logProb: squashedNormalLogProb(u, mean, logStd) }
  }

  /** Environment steps of its life so far. */
  get steps(): number {
    return this.past.steps
  }

  /** @throws RangeError for an observation of another size or with NaN, or an option that there is not */
  act(observation: ArrayLike<number>, options: ActOptions = {}): Float32Array {
    return tidy(() => this.actMany(rowOf('SAC', observation, this.size), options)[0])
  }

  /** Actions for rows of observations [n, …]. */
  actMany(observations: Tensor, options: ActOptions = {}): Float32Array[] {
    const deterministic = isDeterministic('SAC', options)
    return tidy(() => {
      const rows = rowsOf(observations, this.size)
      return this.bounds.toEnv((deterministic ? this.best : this.policy)(rows).data() as Float32Array)
    })
  }

  *learn(env: Env | VectorEnv, learning: LearnOptions): IterableIterator<Progress, void> {
    const { steps, seed, before: done, total, pauses } = learnOptions('SAC', learning)
    const { options, past, bounds } = this
    const envs = learningEnvs('SAC', env, this.size, this.environments)
    const n = envs.numEnvs
    const experience = new Experience(envs, past.replay, seed)
    const means = new Averages(LOGGED)
    const begin = past.steps
    try {
      while (past.steps < begin + steps) {
        const before = past.steps
        experience.step((observations) => {
          const remembered =
            before < options.learningStarts
              ? bounds.random(n, past.draws)
              : (this.policy(rowsOf(observations, this.size)).data() as Float32Array)
          return { actions: bounds.toEnv(remembered), remembered }
        })
        past.steps += n
        if (past.steps > options.learningStarts && crosses(before, past.steps, options.trainFreq)) {
          const lr = annealed('SAC: learningRate', options.learningRate, 1 - (done + before - begin) / total)
          for (const optimizer of Object.values(this.optimizers)) optimizer.lr = lr
          for (let k = 0; k < options.gradientSteps; k++) {
            const { places } = past.replay.sample(options.batchSize, past.draws)
            means.add(tidy(() => this.update(tensor(places)).data()))
            past.updates++
          }
        }
        if (pauses) yield PAUSE
        if (crosses(before, past.steps, LOG_EVERY) || past.steps >= begin + steps) {
          yield { steps: past.steps, episodes: experience.episodes(), metrics: this.metrics(means.take()) }
        }
      }
    } finally {
      experience.dispose()
    }
  }

  /** One step of the critics, of the actor, of the temperature, and of the slow copies. */
  private compiledUpdate(): Compiled<[Tensor], Tensor> {
    const { optimizers, critics, targets } = this
    const { entCoef, tau, targetEntropy: given } = this.options
    const targetEntropy = given === 'auto' ? -this.bounds.size : given
    const actorParameters = this.actor.parameters()
    return compile((places: Tensor) => {
      const [s, a, r, s2, discount] = this.past.replay.take(places)
      const alpha = this.logAlpha.exp()
      const following = this.draw(s2)
      const [t1, t2] = targets.values(s2, following.action)
      const target = r.add(discount.mul(minimum(t1, t2).sub(following.logProb.mul(alpha))))
      const critic = valueAndGrad(() => {
        const [q1, q2] = critics.values(s, a)
        return [mseLoss(q1, target).add(mseLoss(q2, target)).mul(0.5), { q1 }] as const
      }, critics.parameters)
      optimizers.critics.step(critic.grads as Tensor[])
      const actor = valueAndGrad(() => {
        const { action, logProb } = this.draw(s)
        const [q1, q2] = critics.values(s, action)
        return [sacPolicyLoss(logProb, minimum(q1, q2), alpha), { logProb }] as const
      }, actorParameters)
      optimizers.actor.step(actor.grads as Tensor[])
      if (entCoef === 'auto') {
        const logProb = stopGradient(actor.aux.logProb)
        const { grads } = valueAndGrad(() => temperatureLoss(this.logAlpha, logProb, targetEntropy), [this.logAlpha])
        optimizers.alpha.step(grads as Tensor[])
      }
      polyak(targets.parameters, critics.parameters, tau)
      return stack([critic.value, actor.value, alpha.squeeze(0), critic.aux.q1.mean()])
    })
  }

  private metrics(means: Partial<Record<(typeof LOGGED)[number], number>>): Record<string, number> {
    const { 'train/critic_loss': critics = 0, 'train/actor_loss': actor = 0 } = means
    checkLoss('SAC', this.steps, critics + actor, { critics, actor })
    return { 'train/learning_rate': this.optimizers.actor.lr, 'train/n_updates': this.past.updates, ...means }
  }

  private get state(): PastOwner {
    const { kind, actor, critics, targets, logAlpha, optimizers, random } = this
    const tensors = {
      ...prefixed('actor', actor.stateDict()),
      ...prefixed('critics', critics.stateDict()),
      ...prefixed('targets', targets.stateDict()),
      ...prefixed('optimizer.actor', optimizers.actor.stateDict()),
      ...prefixed('optimizer.critics', optimizers.critics.stateDict()),
      ...prefixed('optimizer.alpha', optimizers.alpha.stateDict()),
      logAlpha,
      random: random.state,
    }
    return { name: 'SAC', kind, tensors }
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
    for (const f of [this.policy, this.best, this.update]) f.dispose()
    for (const optimizer of Object.values(this.optimizers)) optimizer.dispose()
    this.past.dispose()
    this.actor.dispose()
    for (const x of [...this.critics.parameters, ...this.targets.parameters, this.logAlpha]) x.dispose()
    this.random.dispose()
  }
}
