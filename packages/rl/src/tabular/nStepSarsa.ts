// n-step Sarsa: on-policy control by n rewards and the value of the action after them.

import type { Env } from '../env/env.ts'
import { whole } from '../env/numbers.ts'
import type { LearnOptions, Progress } from '../training/agent.ts'
import { episodes } from '../training/episodes.ts'
import { type Step, TabularControl } from './control.ts'
import { type TableSource, type TabularOptions, TabularSettings } from './tables.ts'

/**
 * G = R₁ + γ R₂ + … + γⁿ⁻¹ Rₙ + γⁿ Q(Sₙ,Aₙ), shorter at the end of an episode; Q(S,A) ← Q(S,A) + α [G − Q(S,A)].
 * Source: Sutton and Barto 2018, section 7.2, equations 7.4 and 7.5.
 * @example
 * import { NStepSarsa, make, train } from '@x/rl'
 * const env = make('CliffWalking-v1')
 * const agent = new NStepSarsa(env, { alpha: 0.5, gamma: 1, n: 3 })
 * train(agent, env, { steps: 5000, seed: 0 }).log.at(-1)['rollout/ep_rew_mean'] // returns of late, while exploring
 */
export class NStepSarsa<O = number> extends TabularControl<O> {
  readonly n: number

  /**
   * @param options.n Default 4
   * @throws TypeError for spaces that are not finite, RangeError
   */
  constructor(source: TableSource, options: TabularOptions & { n?: number } = {}) {
    super(new TabularSettings('NStepSarsa', source, options, ['n']))
    const { n = 4 } = options
    this.n = whole('NStepSarsa: n', n)
  }

  /**
   * Updates the first of `window`'s steps (at most n), after which the episode stands at [state, action], or is over
   * (null).
   */
  update(window: readonly Step[], then: readonly [s: number, a: number] | null): number {
    const { gamma } = this.settings
    let G = then ? this.Q[then[0]][then[1]] : 0
    for (let i = window.length - 1; i >= 0; i--) G = window[i].reward + gamma * G
    return this.approach(window[0].s, window[0].a, G)
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
