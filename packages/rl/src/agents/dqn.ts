// DQN: deep Q-learning, with the improvements of Rainbow that pay on small problems as options.
//
// Source: Mnih et al. 2015, "Human-level control through deep reinforcement learning"; Van Hasselt, Guez and Silver 2016
// (double), Wang et al. 2016 (dueling), Schaul et al. 2016 (prioritised), Sutton 1988 and Hessel et al. 2018 (n steps),
// Dabney et al. 2018, "Distributional Reinforcement Learning with Quantile Regression" (quantiles).
import { valueAndGrad } from '@x/autograd'
import { Adam, clipGradNorm, huberLoss } from '@x/nn'
import { type Compiled, compile, Generator, stack, type Tensor, tensor, tidy } from '@x/tensor'
import { chosen, quantileHuberLosses } from '../arithmetic/losses.ts'
import type { Env } from '../env/env.ts'
import type { Discrete } from '../spaces/discrete.ts'
import type { Space } from '../spaces/space.ts'
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
import { checkLoss } from './loss.ts'
import {
  choices,
  learningEnvs,
  type NetworkOptions,
  observationBox,
  polyak,
  rowOf,
  rowsOf,
  scaling,
} from './networks.ts'
import { Past, type PastOwner, type SaveOptions } from './past.ts'
import { QNetwork } from './qNetwork.ts'
import { settingsOf } from './settings.ts'

export interface DQNOptions extends NetworkOptions {
  /** Whether numbers of observations that have bounds are brought into [−1, 1] first. Default false */
  scaleObservations?: boolean
  /** Of Adam, ≥ 0; or a function of the share of the training that remains. Default 1e-3 */
  learningRate?: Annealed
  /** Transitions kept, ≥ 1. Default 50000 */
  bufferSize?: number
  /** Environment steps before the first update, ≥ 0. Default 1000 */
  learningStarts?: number
  /** Transitions per update, ≥ 1. Default 64 */
  batchSize?: number
  /** Discount in [0, 1]. Default 0.99 */
  gamma?: number
  /** Environment steps between rounds of updates, ≥ 1. Default 4 */
  trainFreq?: number
  /** Updates in a round, ≥ 1. Default 1 */
  gradientSteps?: number
  /** Environment steps between copies to the target network, ≥ 1. Default 500 */
  targetUpdateInterval?: number
  /** Share of the online network in such a copy, in (0, 1]. Default 1 */
  tau?: number
  /** Share of the training over which exploration falls, in (0, 1]. Default 0.2 */
  explorationFraction?: number
  /** Probability of any action instead of the best at first, in [0, 1]. Default 1 */
  explorationInitialEps?: number
  /** The same in the end. Default 0.05 */
  explorationFinalEps?: number
  /** Norm that gradients are cut to, > 0. Default 10 */
  maxGradNorm?: number
  /** Whether the online network chooses the action that the target network values. Default true */
  double?: boolean
  /** Whether values and advantages have heads of their own. Default false */
  dueling?: boolean
  /** Whether surprising transitions are sampled more often. Default false */
  prioritized?: boolean
  /** Exponent of the priorities in [0, 1]. Default 0.6 */
  alpha?: number
  /** Exponent of their correction at first, in [0, 1], which rises to 1. Default 0.4 */
  beta?: number
  /** Rewards that are added up before a value is asked for, ≥ 1. Default 1 */
  nStep?: number
  /** Quantiles of the return that are learned instead of its mean (QR-DQN), such as 32; 0 for the mean. Default 0 */
  quantiles?: number
  /** Seeds weights, exploration and sampling, a whole number ≥ 0. Default 0 */
  seed?: number
}

const DEFAULTS: Required<DQNOptions> = {
  hidden: [64, 64],
  activation: 'relu',
  scaleObservations: false,
  learningRate: 1e-3,
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

const LOGGED = ['train/loss', 'train/q_value', 'train/td_error'] as const

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
export class DQN implements Agent<ArrayLike<number>, number>, BatchAgent, Savable {
  readonly options: Readonly<Required<DQNOptions>>
  readonly network: QNetwork
  readonly target: QNetwork
  private readonly actionSpace: Discrete
  private readonly size: number
  private readonly environments: number
  private readonly optimizer: Adam
  private readonly random: Generator
  private readonly past: Past
  private readonly best: Compiled<[Tensor], Tensor>
  private readonly update: Compiled<[Tensor, Tensor], Tensor[]>
  private readonly copy: Compiled<[], null>
  private epsilon: number

  /** @throws TypeError for spaces that it cannot learn on, RangeError for options that there are not or out of range */
  constructor(env: Spaces, options: DQNOptions = {}) {
    const { observationSpace, actionSpace, numEnvs } = spacesOf('DQN', env)
    this.options = settingsOf('DQN', DEFAULTS, options)
    const { hidden, activation, dueling, scaleObservations, quantiles, seed } = this.options
    const { bufferSize, gamma, nStep, prioritized, alpha } = this.options
    const box = observationBox('DQN', observationSpace)
    this.size = box.size
    this.actionSpace = actionSpace as Space as Discrete
    this.environments = numEnvs
    this.random = new Generator(seed)
    this.epsilon = this.options.explorationInitialEps
    const shared = {
      size: box.size,
      actions: choices('DQN', actionSpace),
      samples: Math.max(1, quantiles),
      inputs: scaleObservations ? scaling(box) : (x: Tensor) => x,
      ...{ hidden, activation, dueling, generator: this.random },
    }
    this.network = new QNetwork(shared)
    this.target = new QNetwork(shared)
    this.optimizer = new Adam(this.network.parameters())
    polyak(this.target.parameters(), this.network.parameters(), 1)
    this.past = new Past(seed, {
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

  /** Environment steps of its life so far. */
  get steps(): number {
    return this.past.steps
  }

  /** @throws RangeError for an observation of another size or with NaN, or an option that there is not */
  act(observation: ArrayLike<number>, options: ActOptions = {}): number {
    return tidy(() => this.actMany(rowOf('DQN', observation, this.size), options))[0]
  }

  /** Actions for rows of observations [n, …]. */
  actMany(observations: Tensor, options: ActOptions = {}): number[] {
    const deterministic = isDeterministic('DQN', options)
    const { n, start } = this.actionSpace
    const { draws } = this.past
    const best = tidy(() => this.best(rowsOf(observations, this.size)).data())
    return Array.from(best, (choice) => {
      const isRandom = !deterministic && draws.random() < this.epsilon
      return start + (isRandom ? draws.integers(n) : Number(choice))
    })
  }

  *learn(env: Env | VectorEnv, learning: LearnOptions): IterableIterator<Progress, void> {
    const { steps, seed, before: done, total, pauses } = learnOptions('DQN', learning)
    const { options, past } = this
    const envs = learningEnvs('DQN', env, this.size, this.environments)
    const experience = new Experience(envs, past.replay, seed)
    const means = new Averages(LOGGED)
    const begin = past.steps
    try {
      while (past.steps < begin + steps) {
        const before = past.steps
        const progress = (done + before - begin) / total
        const fall = Math.min(1, progress / options.explorationFraction)
        this.epsilon = (1 - fall) * options.explorationInitialEps + fall * options.explorationFinalEps
        experience.step((observations) => {
          const actions = this.actMany(observations)
          return { actions, remembered: actions.map((a) => a - this.actionSpace.start) }
        })
        past.steps += envs.numEnvs
        const isFilled = past.steps > options.learningStarts && past.replay.size > 0
        if (isFilled && crosses(before, past.steps, options.trainFreq)) {
          this.optimizer.lr = annealed('DQN: learningRate', options.learningRate, 1 - progress)
          for (let k = 0; k < options.gradientSteps; k++) this.improve(progress, means)
        }
        if (crosses(before, past.steps, options.targetUpdateInterval)) this.copy()
        if (pauses) yield PAUSE
        if (crosses(before, past.steps, LOG_EVERY) || past.steps >= begin + steps) {
          yield { steps: past.steps, episodes: experience.episodes(), metrics: this.metrics(means.take()) }
        }
      }
    } finally {
      experience.dispose()
    }
  }

  /** One update from a sample of the past. */
  private improve(progress: number, means: Averages<string>): void {
    const { batchSize, beta, prioritized } = this.options
    const { replay, draws } = this.past
    const { places, weights } = replay.sample(batchSize, draws, beta + (1 - beta) * progress)
    tidy(() => {
      const [numbers, differences] = this.update(tensor(places), tensor(weights))
      means.add(numbers.data())
      if (prioritized) replay.update(places, differences.data() as Float32Array)
    })
    this.past.updates++
  }

  private compiledUpdate(): Compiled<[Tensor, Tensor], Tensor[]> {
    const { double, maxGradNorm, quantiles } = this.options
    const parameters = this.network.parameters()
    const taus = Array.from({ length: quantiles }, (_, i) => (i + 0.5) / quantiles)
    return compile((places: Tensor, weights: Tensor) => {
      const [s, a, r, s2, discount] = this.past.replay.take(places)
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
    const { 'train/loss': loss = 0, 'train/q_value': value = 0 } = means
    checkLoss('DQN', this.steps, loss, { 'mean value': value })
    return {
      'rollout/exploration_rate': this.epsilon,
      'train/learning_rate': this.optimizer.lr,
      'train/n_updates': this.past.updates,
      ...means,
    }
  }

  private get state(): PastOwner {
    const { network, target, optimizer, random, epsilon } = this
    const tensors = {
      ...prefixed('network', network.stateDict()),
      ...prefixed('target', target.stateDict()),
      ...prefixed('optimizer', optimizer.stateDict()),
      random: random.state,
    }
    return { name: 'DQN', kind: `DQN on [${this.size}] with ${this.actionSpace}`, tensors, values: { epsilon } }
  }

  /**
   * Weights, state of the optimiser and of the random numbers, as the bytes of a safetensors file; with `memory` also the
   * steps of the past, without which learning goes on from an empty buffer.
   */
  save(options: SaveOptions = {}): Uint8Array {
    return this.past.save(this.state, options)
  }

  /** Goes on from what `save` gave. @throws FormatError for a checkpoint of another agent, or of other sizes */
  load(checkpoint: Uint8Array): void {
    this.epsilon = this.past.load(this.state, checkpoint).epsilon as number
  }

  /** Frees weights, the past and compiled functions now. */
  dispose(): void {
    for (const f of [this.best, this.update, this.copy]) f.dispose()
    this.optimizer.dispose()
    this.past.dispose()
    for (const m of [this.network, this.target]) m.dispose()
    this.random.dispose()
  }
}
