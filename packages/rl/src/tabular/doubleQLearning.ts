// Double Q-learning: two tables, one to choose the best action and the other to value it.
import type { Env } from '../env/env.ts'
import {
  type ActOptions,
  type Agent,
  at,
  isDeterministic,
  type LearnOptions,
  type Progress,
} from '../training/agent.ts'
import { episodes } from '../training/episodes.ts'
import { type TableSource, type TabularOptions, TabularSettings } from './tables.ts'
import { type Tables, Tabular } from './tabular.ts'
import { argmax, epsilonGreedy } from './values.ts'

/**
 * Heads: Q₁(S,A) ← Q₁(S,A) + α [R + γ Q₂(S', argmaxₐ Q₁(S',a)) − Q₁(S,A)]; tails: the same with the tables exchanged.
 * Acts ε-greedily by Q₁ + Q₂.
 * Source: Van Hasselt 2010; Sutton and Barto 2018, section 6.7, equation 6.10.
 * @example
 * import { DoubleQLearning, make, train } from '@x/rl'
 * const env = make('CliffWalking-v1')
 * const agent = new DoubleQLearning(env, { alpha: 0.5, gamma: 1 })
 * train(agent, env, { steps: 5000, seed: 0 }).log.at(-1)['rollout/ep_rew_mean'] // returns of late, while exploring
 */
export class DoubleQLearning<O = number> extends Tabular implements Agent<O, number> {
  readonly Q1: Float64Array[]
  readonly Q2: Float64Array[]

  /** @throws TypeError for spaces that are not finite, RangeError */
  constructor(source: TableSource, options: TabularOptions = {}) {
    super(new TabularSettings('DoubleQLearning', source, options))
    this.Q1 = this.settings.table()
    this.Q2 = this.settings.table()
  }

  /** One update, of Q₁ or of Q₂; returns the temporal difference. */
  update(s: number, a: number, reward: number, next: number, terminated: boolean, ofFirst: boolean): number {
    const { alpha, gamma } = this.settings
    const [chooses, values] = ofFirst ? [this.Q1, this.Q2] : [this.Q2, this.Q1]
    const target = reward + (terminated ? 0 : gamma * values[next][argmax(chooses[next])])
    const difference = target - chooses[s][a]
    chooses[s][a] += at(alpha, this.clock.steps) * difference
    return difference
  }

  act(observation: O, options: ActOptions = {}): number {
    const { states, epsilon, generator } = this.settings
    const s = states.index(observation)
    const q = this.Q1[s].map((v, a) => v + this.Q2[s][a])
    return isDeterministic(this.settings.name, options)
      ? argmax(q)
      : epsilonGreedy(q, at(epsilon, this.clock.steps), generator)
  }

  *learn(env: Env<O, number>, options: LearnOptions): Generator<Progress, void> {
    const { states, generator } = this.settings
    for (const episode of episodes(env, options, this.clock)) {
      while (!episode.done) {
        const s = states.index(episode.observation)
        const a = this.act(episode.observation)
        const reward = episode.step(a)
        this.update(s, a, reward, states.index(episode.observation), episode.terminated, generator.random() < 0.5)
      }
      yield episode.report()
    }
  }

  protected override tables(): Tables {
    return { Q1: this.Q1, Q2: this.Q2 }
  }
}
