// Q-learning: off-policy control by the value of the best next action.
import type { Env } from '../env/env.ts'
import { type Agent, at, type LearnOptions, type Progress } from '../training/agent.ts'
import { episodes } from '../training/episodes.ts'
import { type TableSource, type TabularOptions, TabularSettings } from './tables.ts'
import { TabularControl } from './tabular.ts'
import { maximum } from './values.ts'

/**
 * Q(S,A) ← Q(S,A) + α [R + γ maxₐ Q(S',a) − Q(S,A)], acting ε-greedily.
 * Source: Watkins 1989; Sutton and Barto 2018, section 6.5, equation 6.8.
 * @example
 * import { make, QLearning } from '@x/rl'
 * const env = make('CliffWalking-v1')
 * const agent = new QLearning(env, { alpha: 0.5, gamma: 1 })
 * for (const { steps, episodes } of agent.learn(env, { steps: 20_000, seed: 0 })) console.log(steps, episodes)
 */
export class QLearning<O = number> extends TabularControl<O> implements Agent<O, number> {
  /** @throws TypeError for spaces that are not finite, RangeError */
  constructor(source: TableSource, options: TabularOptions = {}) {
    super(new TabularSettings('QLearning', source, options))
  }

  /** One update; returns the temporal difference. */
  update(s: number, a: number, reward: number, next: number, terminated: boolean): number {
    const { alpha, gamma } = this.settings
    const target = reward + (terminated ? 0 : gamma * maximum(this.Q[next]))
    const difference = target - this.Q[s][a]
    this.Q[s][a] += at(alpha, this.clock.steps) * difference
    return difference
  }

  *learn(env: Env<O, number>, options: LearnOptions): Generator<Progress, void> {
    const { states } = this.settings
    for (const episode of episodes(env, options, this.clock)) {
      while (!episode.done) {
        const s = states.index(episode.observation)
        const a = this.act(episode.observation)
        const reward = episode.step(a)
        this.update(s, a, reward, states.index(episode.observation), episode.terminated)
      }
      yield episode.report()
    }
  }
}
