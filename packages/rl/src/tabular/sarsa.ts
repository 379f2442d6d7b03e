// Sarsa: on-policy control by the value of the next action taken.
import type { Env } from '../env/env.ts'
import { type Agent, at, type LearnOptions, type Progress } from '../training/agent.ts'
import { episodes } from '../training/episodes.ts'
import { type TableSource, type TabularOptions, TabularSettings } from './tables.ts'
import { TabularControl } from './tabular.ts'

/**
 * Q(S,A) ← Q(S,A) + α [R + γ Q(S',A') − Q(S,A)], acting ε-greedily.
 * Source: Rummery and Niranjan 1994; Sutton and Barto 2018, section 6.4, equation 6.7.
 * @example
 * import { Sarsa, make, train } from '@x/rl'
 * const env = make('CliffWalking-v1')
 * const agent = new Sarsa(env, { alpha: 0.5, gamma: 1 })
 * train(agent, env, { steps: 5000, seed: 0 }).log.at(-1)['rollout/ep_rew_mean'] // returns of late, while exploring
 */
export class Sarsa<O = number> extends TabularControl<O> implements Agent<O, number> {
  /** @throws TypeError for spaces that are not finite, RangeError */
  constructor(source: TableSource, options: TabularOptions = {}) {
    super(new TabularSettings('Sarsa', source, options))
  }

  /** One update; returns the temporal difference. `nextAction` does not matter after termination. */
  update(s: number, a: number, reward: number, next: number, nextAction: number, terminated: boolean): number {
    const { alpha, gamma } = this.settings
    const target = reward + (terminated ? 0 : gamma * this.Q[next][nextAction])
    const difference = target - this.Q[s][a]
    this.Q[s][a] += at(alpha, this.clock.steps) * difference
    return difference
  }

  *learn(env: Env<O, number>, options: LearnOptions): Generator<Progress, void> {
    const { states } = this.settings
    for (const episode of episodes(env, options, this.clock)) {
      let s = states.index(episode.observation)
      let a = this.act(episode.observation)
      while (!episode.done) {
        const reward = episode.step(a)
        const next = states.index(episode.observation)
        const nextAction = this.act(episode.observation)
        this.update(s, a, reward, next, nextAction, episode.terminated)
        s = next
        a = nextAction
      }
      yield episode.report()
    }
  }
}
