// DQN: deep Q-learning, with the improvements of Rainbow that pay on small problems as options.
//
// Source: Mnih et al. 2015, "Human-level control through deep reinforcement learning"; Van Hasselt, Guez and Silver 2016
// (double), Wang et al. 2016 (dueling), Schaul et al. 2016 (prioritised), Sutton 1988 and Hessel et al. 2018 (n steps),
// Dabney et al. 2018, "Distributional Reinforcement Learning with Quantile Regression" (quantiles).

import { valueAndGrad } from '@x/autograd'
import { Adam, clipGradNorm, huberLoss, Linear, Module, type Sequential } from '@x/nn'
import { type Compiled, compile, Generator, stack, type Tensor, tensor, tidy } from '@x/tensor'
import { chosen, dueling, quantileHuberLosses } from '../arithmetic/losses.ts'
import type { Env } from '../env/env.ts'
import { knownOptions } from '../env/errors.ts'
import { NumpyGenerator } from '../random/generator.ts'
import type { Discrete } from '../spaces/discrete.ts'
import type { Space } from '../spaces/space.ts'
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
import { checkSize, choices, mlp, type NetworkOptions, observationBox, polyak, rowOf, scaling } from './networks.ts'
import { settingsOf } from './settings.ts'

export interface DQNOptions extends NetworkOptions {
  /** Whether numbers of observations that have bounds are brought into [−1, 1] first. Default false */
  scaleObservations?: boolean
  /** Default 1e-3 */
  learningRate?: Annealed
  /** Transitions kept. Default 50000 */
  bufferSize?: number
  /** Environment steps before the first update. Default 1000 */
  learningStarts?: number
  /** Default 64 */
  batchSize?: number
  /** Discount. Default 0.99 */
  gamma?: number
  /** Environment steps between rounds of updates. Default 4 */
  trainFreq?: number
  /** Updates in a round. Default 1 */
  gradientSteps?: number
  /** Environment steps between copies to the target network. Default 500 */
  targetUpdateInterval?: number
  /** Share of the online network in such a copy. Default 1 */
  tau?: number
  /** Share of the training over which exploration falls. Default 0.2 */
  explorationFraction?: number
  /** Default 1 */
  explorationInitialEps?: number
  /** Default 0.05 */
  explorationFinalEps?: number
  /** Default 10 */
  maxGradNorm?: number
  /** Whether the online network chooses the action that the target network values. Default true */
  double?: boolean
  /** Whether values and advantages have heads of their own. Default false */
  dueling?: boolean
  /** Whether surprising transitions are sampled more often. Default false */
  prioritized?: boolean
  /** Exponent of the priorities. Default 0.6 */
  alpha?: number
  /** Exponent of their correction at first, which rises to 1. Default 0.4 */
  beta?: number
  /** Rewards that are added up before a value is asked for. Default 1 */
  nStep?: number
  /** Quantiles of the return that are learned instead of its mean (QR-DQN), such as 32; 0 for the mean. Default 0 */
  quantiles?: number
  /** Seeds weights, exploration and sampling. Default 0 */
  seed?: number
}

const DEFAULTS = {
  hidden: [64, 64] as readonly number[],
  activation: 'relu' as 'tanh' | 'relu',
  scaleObservations: false,
  learningRate: 1e-3 as Annealed,
  bufferSize: 50_000,
  learningStarts: 1000,
  batchSize: 64,
  gamma: 0.99,
  trainFreq: 4,
  gradientSteps: 1,
  targetUpdateInterval: 500,
  tau: 1,
  explorationFraction: 0.2,
  explorationInitialEps: 1,
  explorationFinalEps: 0.05,
  maxGradNorm: 10,
  double: true,
  dueling: false,
  prioritized: false,
  alpha: 0.6,
  beta: 0.4,
  nStep: 1,
  quantiles: 0,
  seed: 0,
}

/** Environment steps between lines of the log. */
const LOG_EVERY = 500
const LOGGED = ['train/loss', 'train/q_value', 'train/td_error'] as const

interface QNetworkOptions {
  readonly size: number
  readonly actions: number
  /** Numbers per action whose mean is its value. */
  readonly samples: number
  readonly hidden: readonly number[]
  readonly activation: 'tanh' | 'relu'
  readonly dueling: boolean
  readonly inputs: (observations: Tensor) => Tensor
  readonly generator: Generator
}

/** Action values of observations [B, n] → [B, A], of one piece or of a value and advantages, as means of quantiles or not. */
class QNetwork extends Module {
  readonly body: Sequential
  readonly value: Linear | null
  readonly advantage: Linear | null
  private readonly samples: number
  private readonly inputs: (observations: Tensor) => Tensor

  constructor({ size, actions, samples, hidden, activation, dueling, inputs, generator }: QNetworkOptions) {
    super()
    const features = hidden[hidden.length - 1] ?? size
    this.body = mlp([size, ...hidden, ...(dueling ? [] : [samples * actions])], { activation, generator })
    this.value = dueling ? new Linear(features, samples, { generator }) : null
    this.advantage = dueling ? new Linear(features, samples * actions, { generator }) : null
    this.samples = samples
    this.inputs = inputs
  }

  /** All there is of every action: [B, samples, A]. */
  all(observations: Tensor): Tensor {
    const y = this.body.forward(this.inputs(observations))
    const apart = (x: Tensor): Tensor => x.reshape([x.shape[0], this.samples, -1])
    if (!this.value || !this.advantage) return apart(y)
    const features = y.relu()
    return dueling(apart(this.value.forward(features)), apart(this.advantage.forward(features)))
  }

  forward(observations: Tensor): Tensor {
    return this.all(observations).mean(1)
  }
}

/** Of each row what belongs to its action. x [B, samples, A], actions int32 [B] → [B, samples]. */
const of = (x: Tensor, actions: Tensor): Tensor => chosen(x, actions.unsqueeze(-1).expand([x.shape[0], x.shape[1]]))

/**
 * Deep Q-learning on observations that are vectors, with `Discrete` actions.
 * @example
 * import { makeVec, train } from '@x/rl'
 * import { DQN } from '@x/rl/agents'
 * const env = makeVec('CartPole-v1', { numEnvs: 1, autoresetMode: 'same-step' })
 * const agent = new DQN(env, { learningStarts: 200 })
 * train(agent, env, { steps: 1000, seed: 1 })
 */
export class DQN {
  readonly options: Readonly<typeof DEFAULTS>
  readonly network: QNetwork
  readonly target: QNetwork
  private readonly actionSpace: Discrete
  private readonly size: number
  private readonly optimizer: Adam
  private readonly random: Generator
  private readonly draws: NumpyGenerator
  private readonly best: Compiled<[Tensor], Tensor>
  private readonly replay: Replay
  private readonly update: Compiled<[Tensor, Tensor], Tensor[]>
  private readonly copy: Compiled<[], null>
  private readonly environments: number
  private steps = 0
  private updates = 0
  private epsilon: number

  /** @throws TypeError for spaces that it cannot learn on, RangeError for options that there are not or out of range */
  constructor(env: Spaces, options: DQNOptions = {}) {
    const { observationSpace, actionSpace, numEnvs } = spacesOf(env)
    this.options = settingsOf('DQN', DEFAULTS, options)
    const { hidden, activation, scaleObservations, seed, bufferSize, gamma, nStep, prioritized, alpha, quantiles } =
      this.options
    const box = observationBox('DQN', observationSpace)
    this.size = box.size
    this.actionSpace = actionSpace as Space as Discrete
    this.environments = numEnvs
    this.random = new Generator(seed)
    this.draws = new NumpyGenerator(seed)
    this.epsilon = this.options.explorationInitialEps
    const inputs = scaleObservations ? scaling(box) : (x: Tensor) => x
    const shared = {
      size: box.size,
      actions: choices('DQN', actionSpace),
      samples: Math.max(1, quantiles),
      hidden,
      activation,
      dueling: this.options.dueling,
      inputs,
      generator: this.random,
    }
    this.network = new QNetwork(shared)
    this.target = new QNetwork(shared)
    this.optimizer = new Adam(this.network.parameters())
    polyak(this.target.parameters(), this.network.parameters(), 1)
    this.replay = new Replay({
      capacity: bufferSize,
      observationSize: this.size,
      gamma,
      nStep,
      environments: numEnvs,
      alpha: prioritized ? alpha : null,
    })
    this.best = compile((observations: Tensor) => this.network.forward(observations).argmax(-1))
    this.update = this.compiledUpdate()
    this.copy = compile(() => {
      polyak(this.target.parameters(), this.network.parameters(), this.options.tau)
      return null
    })
  }

  act(observation: ArrayLike<number>, options: ActOptions = {}): number {
    return tidy(() => this.actMany(rowOf('DQN', observation, this.size), options))[0]
  }

  /** Actions for rows of observations [n, …]. */
  actMany(observations: Tensor, options: ActOptions = {}): number[] {
    const deterministic = isDeterministic('DQN', options)
    const { n, start } = this.actionSpace
    const count = observations.shape[0]
    const best = tidy(() => this.best(observations.reshape([count, this.size])).data())
    return Array.from({ length: count }, (_, i) => {
      const isRandom = !deterministic && this.draws.random() < this.epsilon
      return start + (isRandom ? this.draws.integers(n) : Number(best[i]))
    })
  }

  *learn(env: Env | VectorEnv, learning: LearnOptions): IterableIterator<Progress, void> {
    const { steps, seed, before: done, total, pauses } = learnOptions('DQN', learning)
    const { options, replay } = this
    const envs = sameStepEnvs(env)
    checkSize('DQN', envs, this.size)
    const n = envs.numEnvs
    if (n !== this.environments) throw new RangeError(`DQN: made for ${this.environments} environments, given ${n}`)
    const experience = new Experience(envs, replay, seed)
    const means = new Averages(LOGGED)
    const begin = this.steps
    try {
      while (this.steps < begin + steps) {
        const before = this.steps
        const progress = (done + before - begin) / total
        const fall = Math.min(1, progress / options.explorationFraction)
        this.epsilon = (1 - fall) * options.explorationInitialEps + fall * options.explorationFinalEps
        experience.step((observations) => {
          const actions = this.actMany(observations)
          return { actions, remembered: actions.map((a) => a - this.actionSpace.start) }
        })
        this.steps += n
        if (this.steps > options.learningStarts && crosses(before, this.steps, options.trainFreq) && replay.size > 0) {
          this.optimizer.lr = annealed(options.learningRate, 1 - progress)
          for (let k = 0; k < options.gradientSteps; k++) this.improve(progress, means)
        }
        if (crosses(before, this.steps, options.targetUpdateInterval)) this.copy()
        if (pauses) yield PAUSE
        if (crosses(before, this.steps, LOG_EVERY) || this.steps >= begin + steps) {
          yield { steps: this.steps, episodes: experience.episodes(), metrics: this.metrics(means.take()) }
        }
      }
    } finally {
      experience.dispose()
    }
  }

  /** One update from a sample of the past. */
  private improve(progress: number, means: Averages<string>): void {
    const { batchSize, beta } = this.options
    const { places, weights } = this.replay.sample(batchSize, this.draws, beta + (1 - beta) * progress)
    tidy(() => {
      const [numbers, differences] = this.update(tensor(places), tensor(weights))
      means.add(numbers.data())
      if (this.options.prioritized) this.replay.update(places, differences.data() as Float32Array)
    })
    this.updates++
  }

  private compiledUpdate(): Compiled<[Tensor, Tensor], Tensor[]> {
    const { double, maxGradNorm, quantiles } = this.options
    const parameters = this.network.parameters()
    const taus = Array.from({ length: quantiles }, (_, i) => (i + 0.5) / quantiles)
    return compile((places: Tensor, weights: Tensor) => {
      const { observations, actions, rewards, next, discounts } = this.replay
      const [s, a, r, s2, discount] = [observations, actions, rewards, next, discounts].map((x) => x.take(places))
      const following = this.target.all(s2)
      const best = (double ? this.network.forward(s2) : following.mean(1)).argmax(-1)
      const targets = r.unsqueeze(-1).add(discount.unsqueeze(-1).mul(of(following, best))) // [B, samples]
      const { value, grads, aux } = valueAndGrad(() => {
        const q = of(this.network.all(s), a)
        const losses = quantiles
          ? quantileHuberLosses(q, targets, tensor(taus))
          : huberLoss(q, targets, { reduction: 'none' }).squeeze(-1)
        return [losses.mul(weights).mean(), { q: q.mean(-1) }] as const
      }, parameters)
      this.optimizer.step(clipGradNorm(grads as Tensor[], maxGradNorm).grads)
      const differences = targets.mean(-1).sub(aux.q)
      return [stack([value, aux.q.mean(), differences.abs().mean()]), differences]
    })
  }

  private metrics(means: Partial<Record<(typeof LOGGED)[number], number>>): Record<string, number> {
    const loss = means['train/loss'] ?? 0
    if (!Number.isFinite(loss)) {
      throw new RangeError(`DQN: the loss is ${loss} after ${this.steps} steps (mean value ${means['train/q_value']})`)
    }
    return {
      'rollout/exploration_rate': this.epsilon,
      'train/learning_rate': this.optimizer.lr,
      'train/n_updates': this.updates,
      ...means,
    }
  }

  private state(hasMemory: boolean): AgentState {
    const { network, target, optimizer, random, draws, replay, steps, updates, epsilon } = this
    const tensors = {
      ...prefixed('network', network.stateDict()),
      ...prefixed('target', target.stateDict()),
      ...prefixed('optimizer', optimizer.stateDict()),
      random: random.state,
    }
    const values = { steps, updates, epsilon, draws: draws.save(), ...(hasMemory && { replay: replay.save() }) }
    return { tensors, values, ...(hasMemory && { memory: prefixed('replay', replay.stateDict()) }) }
  }

  private get kind(): string {
    return `DQN on [${this.size}] with ${this.actionSpace}`
  }

  /**
   * Weights, state of the optimiser and of the random numbers, as the bytes of a safetensors file; with `memory` also the
   * steps of the past, without which learning goes on from an empty buffer.
   */
  save(options: { memory?: boolean } = {}): Uint8Array {
    knownOptions('DQN.save', options, ['memory'])
    return saveAgent(this.kind, this.state(options.memory ?? false))
  }

  /** Goes on from what `save` gave. @throws FormatError for a checkpoint of another agent, or of other sizes */
  load(checkpoint: Uint8Array): void {
    const values = loadAgent(this.kind, this.state(true), checkpoint)
    this.steps = values.steps as number
    this.updates = values.updates as number
    this.epsilon = values.epsilon as number
    this.draws.restore(values.draws as number[])
    if (values.replay) this.replay.restore(values.replay as ReplayState)
  }

  /** Frees weights, the past and compiled functions now. */
  dispose(): void {
    for (const f of [this.best, this.update, this.copy]) f.dispose()
    this.optimizer.dispose()
    this.replay.dispose()
    for (const m of [this.network, this.target]) m.dispose()
    this.random.dispose()
  }
}
