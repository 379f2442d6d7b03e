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
import { knownOptions } from '../env/errors.ts'
import { NumpyGenerator } from '../random/generator.ts'
import {
  type ActOptions,
  isDeterministic,
  type LearnOptions,
  learnOptions,
  PAUSE,
  type Progress,
} from '../training/agent.ts'
import { Averages, crosses, Experience } from '../training/experience.ts'
import { Replay, type ReplayState } from '../training/replay.ts'
import { type Spaces, sameStepEnvs, spacesOf } from '../training/vector.ts'
import type { VectorEnv } from '../vector/vectorEnv.ts'
import { type Annealed, annealed } from './annealed.ts'
import { type AgentState, loadAgent, prefixed, saveAgent } from './checkpoint.ts'
import { ActionBounds, Critics } from './continuous.ts'
import { checkSize, mlp, type NetworkOptions, observationSize, polyak, rowOf } from './networks.ts'
import { settingsOf } from './settings.ts'

export interface SACOptions extends NetworkOptions {
  /** Default 3e-4 */
  learningRate?: Annealed
  /** Transitions kept. Default 100000 */
  bufferSize?: number
  /** Environment steps of random actions before the first update. Default 100 */
  learningStarts?: number
  /** Default 256 */
  batchSize?: number
  /** Discount. Default 0.99 */
  gamma?: number
  /** Share of the critics in their slow copies. Default 0.005 */
  tau?: number
  /** Environment steps between rounds of updates. Default 1 */
  trainFreq?: number
  /** Updates in a round. Default 1 */
  gradientSteps?: number
  /** Weight of the entropy; 'auto' to keep the entropy near its target, 'auto_0.1' to begin that with 0.1. Default 'auto' */
  entCoef?: number | 'auto' | `auto_${number}`
  /** What 'auto' begins with. Default 1 */
  initialEntCoef?: number
  /** Default 'auto': −1 per number of an action */
  targetEntropy?: number | 'auto'
  /** Seeds weights, actions and sampling. Default 0 */
  seed?: number
}

const DEFAULTS = {
  hidden: [64, 64] as readonly number[],
  activation: 'relu' as 'tanh' | 'relu',
  learningRate: 3e-4 as Annealed,
  bufferSize: 100_000,
  learningStarts: 100,
  batchSize: 256,
  gamma: 0.99,
  tau: 0.005,
  trainFreq: 1,
  gradientSteps: 1,
  entCoef: 'auto' as number | 'auto',
  initialEntCoef: 1,
  targetEntropy: 'auto' as number | 'auto',
  seed: 0,
}

/** 'auto_0.1' is 'auto' that begins with 0.1. */
function withStart(options: SACOptions): SACOptions {
  const { entCoef } = options ?? {}
  if (typeof entCoef !== 'string' || !entCoef.startsWith('auto_')) return options
  return { ...options, entCoef: 'auto', initialEntCoef: Number(entCoef.slice(5)) }
}

/** Environment steps between lines of the log. */
const LOG_EVERY = 500
const LOGGED = ['train/critic_loss', 'train/actor_loss', 'train/ent_coef', 'train/q_value'] as const

/**
 * Soft actor-critic on observations that are vectors, with actions from a bounded `Box`.
 * @example
 * import { makeVec, train } from '@x/rl'
 * import { SAC } from '@x/rl/agents'
 * const env = makeVec('Pendulum-v1', { numEnvs: 1, autoresetMode: 'same-step' })
 * train(new SAC(env, { batchSize: 64 }), env, { steps: 400, seed: 1 })
 */
export class SAC {
  readonly options: Readonly<typeof DEFAULTS>
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
  private readonly draws: NumpyGenerator
  private readonly replay: Replay
  private readonly policy: Compiled<[Tensor], Tensor>
  private readonly best: Compiled<[Tensor], Tensor>
  private readonly update: Compiled<[Tensor], Tensor>
  private steps = 0
  private updates = 0

  /** @throws TypeError for spaces that it cannot learn on, RangeError for options that there are not or out of range */
  constructor(env: Spaces, options: SACOptions = {}) {
    const { observationSpace, actionSpace, numEnvs } = spacesOf(env)
    this.options = settingsOf('SAC', DEFAULTS, withStart(options))
    const { hidden, activation, seed, bufferSize, gamma, entCoef, initialEntCoef } = this.options
    this.size = observationSize('SAC', observationSpace)
    this.bounds = new ActionBounds('SAC', actionSpace)
    this.kind = `SAC on [${this.size}] with ${actionSpace}`
    this.environments = numEnvs
    const generator = new Generator(seed)
    this.random = generator
    this.draws = new NumpyGenerator(seed)
    const width = this.bounds.size
    this.actor = mlp([this.size, ...hidden, 2 * width], { activation, generator })
    const sizes = [this.size + width, ...hidden, 1]
    this.critics = new Critics(2, sizes, { activation, generator })
    this.targets = new Critics(2, sizes, { activation, generator })
    polyak(this.targets.parameters, this.critics.parameters, 1)
    this.logAlpha = parameter(tensor([Math.log(entCoef === 'auto' ? initialEntCoef : entCoef)]))
    this.optimizers = {
      actor: new Adam(this.actor.parameters()),
      critics: new Adam(this.critics.parameters),
      alpha: new Adam([this.logAlpha]),
    }
    this.replay = new Replay({
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

  act(observation: ArrayLike<number>, options: ActOptions = {}): Float32Array {
    return tidy(() => this.actMany(rowOf('SAC', observation, this.size), options)[0])
  }

  /** Actions for rows of observations [n, …]. */
  actMany(observations: Tensor, options: ActOptions = {}): Float32Array[] {
    const deterministic = isDeterministic('SAC', options)
    return tidy(() => {
      const rows = observations.reshape([observations.shape[0], this.size])
      return this.bounds.toEnv((deterministic ? this.best : this.policy)(rows).data() as Float32Array)
    })
  }

  *learn(env: Env | VectorEnv, learning: LearnOptions): IterableIterator<Progress, void> {
    const { steps, seed, before: done, total, pauses } = learnOptions('SAC', learning)
    const { options, replay, bounds } = this
    const envs = sameStepEnvs(env)
    checkSize('SAC', envs, this.size)
    const n = envs.numEnvs
    if (n !== this.environments) throw new RangeError(`SAC: made for ${this.environments} environments, given ${n}`)
    const experience = new Experience(envs, replay, seed)
    const means = new Averages(LOGGED)
    const begin = this.steps
    try {
      while (this.steps < begin + steps) {
        const before = this.steps
        experience.step((observations) => {
          const remembered =
            before < options.learningStarts
              ? this.draws.uniforms(n * bounds.size).map((u) => 2 * u - 1)
              : (this.policy(observations.reshape([n, this.size])).data() as Float32Array)
          return { actions: bounds.toEnv(remembered), remembered }
        })
        this.steps += n
        if (this.steps > options.learningStarts && crosses(before, this.steps, options.trainFreq)) {
          const lr = annealed(options.learningRate, 1 - (done + before - begin) / total)
          for (const optimizer of Object.values(this.optimizers)) optimizer.lr = lr
          for (let k = 0; k < options.gradientSteps; k++) {
            const { places } = replay.sample(options.batchSize, this.draws)
            means.add(tidy(() => this.update(tensor(places)).data()))
            this.updates++
          }
        }
        if (pauses) yield PAUSE
        if (crosses(before, this.steps, LOG_EVERY) || this.steps >= begin + steps) {
          yield { steps: this.steps, episodes: experience.episodes(), metrics: this.metrics(means.take()) }
        }
      }
    } finally {
      experience.dispose()
    }
  }

  /** One step of the critics, of the actor, of the temperature, and of the slow copies. */
  private compiledUpdate(): Compiled<[Tensor], Tensor> {
    const { optimizers, critics, targets, replay } = this
    const { entCoef, tau } = this.options
    const { targetEntropy: given } = this.options
    const targetEntropy = given === 'auto' ? -this.bounds.size : given
    const actorParameters = this.actor.parameters()
    return compile((places: Tensor) => {
      const { observations, actions, rewards, next, discounts } = replay
      const [s, a, r, s2, discount] = [observations, actions, rewards, next, discounts].map((x) => x.take(places))
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
    const { 'train/critic_loss': critic = 0, 'train/actor_loss': actor = 0 } = means
    if (!Number.isFinite(critic + actor)) {
      throw new RangeError(`SAC: the loss is ${critic} (critics) and ${actor} (actor) after ${this.steps} steps`)
    }
    return { 'train/learning_rate': this.optimizers.actor.lr, 'train/n_updates': this.updates, ...means }
  }

  private state(hasMemory: boolean): AgentState {
    const { actor, critics, targets, logAlpha, optimizers, random, draws, replay, steps, updates } = this
    const tensors = {
      ...prefixed('actor', actor.stateDict()),
      ...prefixed('critics', critics.stateDict()),
      ...prefixed('targets', targets.stateDict()),
      ...Object.assign(
        {},
        ...Object.entries(optimizers).map(([name, o]) => prefixed(`optimizer.${name}`, o.stateDict())),
      ),
      logAlpha,
      random: random.state,
    }
    const values = { steps, updates, draws: draws.save(), ...(hasMemory && { replay: replay.save() }) }
    return { tensors, values, ...(hasMemory && { memory: prefixed('replay', replay.stateDict()) }) }
  }

  /**
   * Weights, state of the optimisers and of the random numbers, as the bytes of a safetensors file; with `memory` also the
   * steps of the past, without which learning goes on from an empty buffer.
   */
  save(options: { memory?: boolean } = {}): Uint8Array {
    knownOptions('SAC.save', options, ['memory'])
    return saveAgent(this.kind, this.state(options.memory ?? false))
  }

  /** Goes on from what `save` gave. @throws FormatError for a checkpoint of another agent, or of other sizes */
  load(checkpoint: Uint8Array): void {
    const values = loadAgent(this.kind, this.state(true), checkpoint)
    this.steps = values.steps as number
    this.updates = values.updates as number
    this.draws.restore(values.draws as number[])
    if (values.replay) this.replay.restore(values.replay as ReplayState)
  }

  /** Frees weights, the past and compiled functions now. */
  dispose(): void {
    for (const f of [this.policy, this.best, this.update]) f.dispose()
    for (const optimizer of Object.values(this.optimizers)) optimizer.dispose()
    this.replay.dispose()
    this.actor.dispose()
    for (const x of [...this.critics.parameters, ...this.targets.parameters, this.logAlpha]) x.dispose()
    this.random.dispose()
  }
}
