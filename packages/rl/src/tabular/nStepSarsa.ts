// n-step Sarsa: on-policy control by n rewards and the value of the action after them.
import type { Env } from '../env/env.ts'
import { type ActOptions, type Agent, at, type Clock, type LearnOptions, type Progress } from '../training/agent.ts'
import { episodes } from '../training/episodes.ts'
import { type TableSource, type TabularOptions, TabularSettings } from './tables.ts'
import { argmax, epsilonGreedy } from './values.ts'

/** A state, the action taken in it, and the reward that followed. */
export interface Step {
  readonly s: number
  readonly a: number
  readonly reward: number
}

/**
 * G = R₁ + γ R₂ + … + γⁿ⁻¹ Rₙ + γⁿ Q(Sₙ,Aₙ), shorter at the end of an episode; Q(S,A) ← Q(S,A) + α [G − Q(S,A)].
 * Source: Sutton and Barto 2018, section 7.2, equations 7.4 and 7.5.
 */
export class NStepSarsa<O = number> implements Agent<O, number> {
  readonly Q: Float64Array[]
  readonly n: number
  private readonly settings: TabularSettings
  private readonly clock: Clock = { steps: 0 }

  /**
   * @param options.n Default 4
   * @throws TypeError for spaces that are not finite, RangeError
   */
  constructor(source: TableSource, { n = 4, ...options }: TabularOptions & { n?: number } = {}) {
    this.settings = new TabularSettings('NStepSarsa', source, options)
    if (!Number.isInteger(n) || n < 1) throw new RangeError(`NStepSarsa: n ${n} is not a number of steps ≥ 1`)
    this.n = n
    this.Q = this.settings.table()
  }

  /**
   * Updates the first of `window`'s steps (at most n), after which the episode stands at [state, action], or is over
   * (null).
   */
  update(window: readonly Step[], then: readonly [s: number, a: number] | null): number {
    const { alpha, gamma } = this.settings
    let G = then ? this.Q[then[0]][then[1]] : 0
    for (let i = window.length - 1; i >= 0; i--) G = window[i].reward + gamma * G
    const { s, a } = window[0]
    const difference = G - this.Q[s][a]
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
      const window: Step[] = []
      let s = states.index(episode.observation)
      let a = this.act(episode.observation)
      while (!episode.done) {
        window.push({ s, a, reward: episode.step(a) })
        s = states.index(episode.observation)
        a = this.act(episode.observation)
        if (window.length === this.n && !episode.terminated) {
          this.update(window, [s, a])
          window.shift()
        }
      }
      for (; window.length > 0; window.shift()) this.update(window, episode.terminated ? null : [s, a])
      yield episode.report()
    }
  }
}
