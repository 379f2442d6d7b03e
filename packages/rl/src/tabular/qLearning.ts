// Q-learning: off-policy control by the value of the best next action.
import { OneStepControl } from './control.ts'
import { type TableSource, type TabularOptions, TabularSettings } from './tables.ts'
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
export class QLearning<O = number> extends OneStepControl<O> {
  /** @throws TypeError for spaces that are not finite, RangeError */
  constructor(source: TableSource, options: TabularOptions = {}) {
    super(new TabularSettings('QLearning', source, options))
  }

  update(s: number, a: number, reward: number, next: number, terminated: boolean): number {
    return this.approach(s, a, reward + (terminated ? 0 : this.settings.gamma * maximum(this.Q[next])))
  }
}
