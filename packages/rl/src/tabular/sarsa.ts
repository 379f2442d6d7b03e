// Sarsa: on-policy control by the value of the next action taken.
import type { Env } from '../env/env.ts'
import { type ActOptions, type Agent, at, type Clock, type LearnOptions, type Progress } from '../training/agent.ts'
import { episodes } from '../training/episodes.ts'
import { type TableSource, type TabularOptions, TabularSettings } from './tables.ts'
import { argmax, epsilonGreedy } from './values.ts'

/**
 * Q(S,A) ← Q(S,A) + α [R + γ Q(S',A') − Q(S,A)], acting ε-greedily.
 * Source: Rummery and Niranjan 1994; Sutton and Barto 2018, section 6.4, equation 6.7.
 */
export class Sarsa<O = number> implements Agent<O, number> {
  readonly Q: Float64Array[]
  private readonly settings: TabularSettings
  private readonly clock: Clock = { steps: 0 }

  /** @throws TypeError for spaces that are not finite, RangeError */
  constructor(source: TableSource, options: TabularOptions = {}) {
    this.settings = new TabularSettings('Sarsa', source, options)
    this.Q = this.settings.table()
  }

  /** One update; returns the temporal difference. `nextAction` does not matter after termination. */
  update(s: number, a: number, reward: number, next: number, nextAction: number, terminated: boolean): number {
    const { alpha, gamma } = this.settings
    const target = reward + (terminated ? 0 : gamma * this.Q[next][nextAction])
    const difference = target - this.Q[s][a]
    this.Q[s][a] += at(alpha, this.clock.steps) * difference
    return difference
  }

  act(observation: O, { deterministic = false }: ActOptions = {}): number {
    const { states, epsilon, generator } = this.settings
    const q = this.Q[states.index(observation)]
    return deterministic ? argmax(q) : epsilonGreedy(q, at(epsilon, this.clock.steps), generator)
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
