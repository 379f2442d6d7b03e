// Sarsa: on-policy control by the value of the next action taken.
import { SarsaControl } from './control.ts'
import { type TableSource, type TabularOptions, TabularSettings } from './tables.ts'

/**
 * Q(S,A) ← Q(S,A) + α [R + γ Q(S',A') − Q(S,A)], acting ε-greedily.
 * Source: Rummery and Niranjan 1994; Sutton and Barto 2018, section 6.4, equation 6.7.
 * @example
 * import { Sarsa, make, train } from '@x/rl'
 * const env = make('CliffWalking-v1')
 * const agent = new Sarsa(env, { alpha: 0.5, gamma: 1 })
 * train(agent, env, { steps: 5000, seed: 0 }).log.at(-1)['rollout/ep_rew_mean'] // returns of late, while exploring
 */
export class Sarsa<O = number> extends SarsaControl<O> {
  /** @throws TypeError for spaces that are not finite, RangeError */
  constructor(source: TableSource, options: TabularOptions = {}) {
    super(new TabularSettings('Sarsa', source, options))
  }

  update(s: number, a: number, reward: number, next: number, nextAction: number, terminated: boolean): number {
    return this.approach(s, a, reward + (terminated ? 0 : this.settings.gamma * this.Q[next][nextAction]))
  }
}
