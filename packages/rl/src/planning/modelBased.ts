// Model-based reinforcement learning: learn how the world goes, and plan in what was learned.

import { type AgentState, loadAgent, saveAgent } from '../agents/checkpoint.ts'
import type { Env } from '../env/env.ts'
import { optionsObject } from '../env/errors.ts'
import { whole, wholes } from '../env/numbers.ts'
import { NumpyGenerator } from '../random/generator.ts'
import {
  type ActOptions,
  type Agent,
  type Clock,
  isDeterministic,
  type LearnOptions,
  type Progress,
} from '../training/agent.ts'
import { episodes } from '../training/episodes.ts'
import type { Taken } from '../training/vector.ts'
import { LearnedModel, type LearnedModelOptions } from './learnedModel.ts'
import { MPC, type MPCOptions } from './mpc.ts'

export interface ModelBasedOptions extends LearnedModelOptions, Omit<MPCOptions, 'seed'> {
  /** Steps with random actions before the first plan, ≥ 0. Default 200 */
  learningStarts?: number
  /** Passes over all transitions after every episode, ≥ 1. Default 20 */
  epochs?: number
}

/**
 * Gathers transitions, first at random, then by model predictive control with the model learned so far; after every episode
 * the model is fitted to all of them anew.
 * Source: Nagabandi et al. 2018, arXiv:1708.02596, algorithm 1; with the cross-entropy method as planner Chua et al. 2018,
 * arXiv:1805.12114, algorithm 1, with one deterministic network in place of an ensemble.
 * @example
 * import { make } from '@x/rl'
 * import { ModelBasedAgent } from '@x/rl/planning'
 * const env = make('Pendulum-v1')
 * const agent = new ModelBasedAgent(env, { horizon: 15, seed: 0 })
 * for (const { steps, episodes } of agent.learn(env, { steps: 400, seed: 0 })) console.log(steps, episodes[0]?.reward)
 * agent.dispose()
 */
export class ModelBasedAgent<A> implements Agent<ArrayLike<number>> {
  readonly model: LearnedModel<A>
  readonly controller: MPC<ArrayLike<number>, A>
  private readonly kind: string
  private readonly learningStarts: number
  private readonly epochs: number
  private readonly generator: NumpyGenerator
  private readonly clock: Clock = { steps: 0 }

  /** @throws TypeError for spaces that a model or a planner cannot take; RangeError for options out of range or unknown */
  constructor(env: Env<unknown, A>, options: ModelBasedOptions = {}) {
    optionsObject('ModelBasedAgent', options, 'horizon: 15')
    const { hidden, lr, batchSize, seed = 0, learningStarts = 200, epochs = 20, ...planning } = options
    wholes('ModelBasedAgent', { epochs })
    whole('ModelBasedAgent: learningStarts', learningStarts, 0)
    this.model = new LearnedModel(env, { hidden, lr, batchSize, seed })
    this.controller = new MPC(this.model, { ...planning, seed })
    this.learningStarts = learningStarts
    this.kind = `ModelBasedAgent on ${env.observationSpace} with ${env.actionSpace}`
    this.epochs = epochs
    this.generator = new NumpyGenerator(seed)
  }

  /** The first action of the best plan, be it deterministic or not; at random before anything was learned. */
  act(observation: ArrayLike<number>, options: ActOptions = {}): Taken<A> {
    isDeterministic('ModelBasedAgent', options)
    return this.clock.steps < this.learningStarts ? (this.random() as Taken<A>) : this.controller.act(observation)
  }

  *learn(env: Env<ArrayLike<number>, A>, options: LearnOptions): Generator<Progress, void> {
    for (const episode of episodes(env as Env, options, this.clock)) {
      this.controller.reset()
      while (!episode.done) {
        const observation = episode.observation as ArrayLike<number>
        const action = this.act(observation)
        const reward = episode.step(action)
        this.model.add(observation, action as A, { reward, next: episode.observation as ArrayLike<number> })
      }
      yield episode.report({ 'train/model_loss': this.model.fit({ epochs: this.epochs }) })
    }
  }

  /** Environment steps of its life so far. */
  get steps(): number {
    return this.clock.steps
  }

  private get state(): AgentState {
    const { model, controller, generator, clock } = this
    const { tensors, values } = model.state
    const own = { steps: clock.steps, random: generator.save(), planning: controller.random }
    return { tensors, values: { ...own, model: values } }
  }

  /** The model, all transitions and the state of the random numbers, as the bytes of a safetensors file. */
  save(): Uint8Array {
    return saveAgent(this.kind, this.state)
  }

  /** Goes on from what `save` gave. @throws FormatError for a checkpoint of another agent, or of other sizes */
  load(checkpoint: Uint8Array): void {
    const { steps, random, planning, model } = loadAgent(this.kind, this.state, checkpoint)
    this.clock.steps = steps as number
    this.generator.restore(random as number[])
    this.controller.random = planning as number[]
    this.controller.reset()
    this.model.restore(model as AgentState['values'])
  }

  /** Frees the model. */
  dispose(): void {
    this.model.dispose()
  }

  private random(): A {
    const { low, high, size, decode } = this.model.controls
    return decode(
      Float64Array.from({ length: size }, (_, i) => this.generator.uniform(low[i], high[i])),
      0,
    )
  }
}
