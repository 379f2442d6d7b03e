// Model-based reinforcement learning: learn how the world goes, and plan in what was learned.
import type { Env } from '../env/env.ts'
import { NumpyGenerator } from '../random/generator.ts'
import type { ActOptions, Agent, Clock, LearnOptions, Progress } from '../training/agent.ts'
import { episodes } from '../training/episodes.ts'
import { LearnedModel, type LearnedModelOptions } from './learnedModel.ts'
import { MPC, type MPCOptions } from './mpc.ts'

export interface ModelBasedOptions extends LearnedModelOptions, Omit<MPCOptions, 'seed'> {
  /** Steps with random actions before the first plan. Default 200 */
  learningStarts?: number
  /** Passes over all transitions after every episode. Default 20 */
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
export class ModelBasedAgent<A> implements Agent<ArrayLike<number>, A> {
  readonly model: LearnedModel<A>
  readonly controller: MPC<ArrayLike<number>, A>
  private readonly learningStarts: number
  private readonly epochs: number
  private readonly generator: NumpyGenerator
  private readonly clock: Clock = { steps: 0 }

  /** @throws TypeError for spaces that a model or a planner cannot take; RangeError for options out of range or unknown */
  constructor(env: Env<never, A> | Env<unknown, A>, options: ModelBasedOptions = {}) {
    const { hidden, lr, batchSize, seed = 0, learningStarts = 200, epochs = 20, ...planning } = options
    this.model = new LearnedModel(env, { hidden, lr, batchSize, seed })
    this.controller = new MPC(this.model, { ...planning, seed })
    this.learningStarts = learningStarts
    this.epochs = epochs
    this.generator = new NumpyGenerator(seed)
  }

  /** The first action of the best plan, be it deterministic or not; at random before anything was learned. */
  act(observation: ArrayLike<number>, _options?: ActOptions): A {
    return this.clock.steps < this.learningStarts ? this.random() : this.controller.act(observation)
  }

  *learn(env: Env<ArrayLike<number>, A>, options: LearnOptions): Generator<Progress, void> {
    for (const episode of episodes(env, options, this.clock)) {
      this.controller.reset()
      while (!episode.done) {
        const { observation } = episode
        const action = this.act(observation)
        const reward = episode.step(action)
        this.model.add(observation, action, { reward, next: episode.observation })
      }
      yield episode.report({ 'train/model_loss': this.model.fit({ epochs: this.epochs }) })
    }
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
