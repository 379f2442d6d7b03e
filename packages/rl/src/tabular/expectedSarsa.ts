// Expected Sarsa: on-policy control by the expected value of the next action.
import { at } from '../training/agent.ts'
import { OneStepControl } from './control.ts'
import { type TableSource, type TabularOptions, TabularSettings } from './tables.ts'
import { greedyActions } from './values.ts'

/** Values that differ by less count as equally good, for the share of the greedy actions. */
const TIE = 1e-12

/**
 * Q(S,A) ← Q(S,A) + α [R + γ Σₐ π(a|S') Q(S',a) − Q(S,A)] with the ε-greedy policy π, whose greedy share is divided among
 * equals.
 * Source: Van Seijen et al. 2009; Sutton and Barto 2018, section 6.6, equation 6.9.
 * @example
 * import { ExpectedSarsa, make, train } from '@x/rl'
 * const env = make('CliffWalking-v1')
 * const agent = new ExpectedSarsa(env, { alpha: 0.5, gamma: 1 })
 * train(agent, env, { steps: 5000, seed: 0 }).log.at(-1)['rollout/ep_rew_mean'] // returns of late, while exploring
 */
export class ExpectedSarsa<O = number> extends OneStepControl<O> {
  /** @throws TypeError for spaces that are not finite, RangeError */
  constructor(source: TableSource, options: TabularOptions = {}) {
    super(new TabularSettings('ExpectedSarsa', source, options))
  }

  /** Σₐ π(a|s) Q(s,a) */
  expected(s: number): number {
    const q = this.Q[s]
    const epsilon = at(this.settings.epsilon, this.clock.steps)
    const greedy = greedyActions(q, TIE)
    let value = 0
    for (const v of q) value += (epsilon / q.length) * v
    for (const a of greedy) value += ((1 - epsilon) / greedy.length) * q[a]
    return value
  }

  update(s: number, a: number, reward: number, next: number, terminated: boolean): number {
    return this.approach(s, a, reward + (terminated ? 0 : this.settings.gamma * this.expected(next)))
  }
}
