// Control with eligibility traces: Sarsa(λ), and Watkins's Q(λ).

import { share } from '../env/numbers.ts'
import { at } from '../training/agent.ts'
import { SarsaControl } from './control.ts'
import { type TableSource, type TabularOptions, TabularSettings } from './tables.ts'
import type { Tables } from './tabular.ts'
import { maximum } from './values.ts'

export interface TraceOptions extends TabularOptions {
  /** Decay of the traces in [0, 1]. Default 0.9 */
  lambda?: number
}

/** Tables of values and of traces, and how they move together. */
abstract class TraceControl<O> extends SarsaControl<O> {
  protected readonly lambda: number
  private readonly traces: Float64Array[]

  constructor(name: string, source: TableSource, options: TraceOptions) {
    super(new TabularSettings(name, source, options, ['lambda']))
    const { lambda = 0.9 } = options
    this.lambda = share(`${name}: lambda`, lambda)
    this.traces = this.Q.map((row) => new Float64Array(row.length))
  }

  /** Traces end with the episode. */
  protected override begin(): void {
    for (const row of this.traces) row.fill(0)
  }

  /** Marks (s, a) with a replacing trace, moves every value by its trace, and lets the traces decay to `keep` of what they were. */
  protected spread(s: number, a: number, difference: number, keep: number): void {
    const step = at(this.settings.alpha, this.clock.steps) * difference
    this.traces[s][a] = 1
    this.traces.forEach((row, i) => {
      const q = this.Q[i]
      for (let k = 0; k < row.length; k++) {
        if (row[k] === 0) continue
        q[k] += step * row[k]
        row[k] *= keep
      }
    })
  }

  protected override tables(): Tables {
    return { ...super.tables(), traces: this.traces }
  }
}

/**
 * Sarsa(λ) with replacing traces: δ = R + γ Q(S',A') − Q(S,A); z(S,A) = 1; Q ← Q + α δ z; z ← γ λ z.
 * Source: Rummery and Niranjan 1994; Singh and Sutton 1996; Sutton and Barto 2018, section 12.7.
 * @example
 * import { SarsaLambda, make, train } from '@x/rl'
 * const env = make('CliffWalking-v1')
 * const agent = new SarsaLambda(env, { alpha: 0.5, gamma: 1, lambda: 0.8 })
 * train(agent, env, { steps: 5000, seed: 0 }).log.at(-1)['rollout/ep_rew_mean'] // returns of late, while exploring
 */
export class SarsaLambda<O = number> extends TraceControl<O> {
  /** @throws TypeError for spaces that are not finite, RangeError */
  constructor(source: TableSource, options: TraceOptions = {}) {
    super('SarsaLambda', source, options)
  }

  update(s: number, a: number, reward: number, next: number, nextAction: number, terminated: boolean): number {
    const { gamma } = this.settings
    const difference = reward + (terminated ? 0 : gamma * this.Q[next][nextAction]) - this.Q[s][a]
    this.spread(s, a, difference, terminated ? 0 : gamma * this.lambda)
    return difference
  }
}

/**
 * Q(λ) with replacing traces: δ = R + γ maxₐ Q(S',a) − Q(S,A); the traces end where the next action is not among the best,
 * by the values before the update.
 * Source: Watkins 1989; Sutton and Barto 2018, section 12.10.
 * @example
 * import { WatkinsQLambda, make, train } from '@x/rl'
 * const env = make('CliffWalking-v1')
 * const agent = new WatkinsQLambda(env, { alpha: 0.5, gamma: 1, lambda: 0.8 })
 * train(agent, env, { steps: 5000, seed: 0 }).log.at(-1)['rollout/ep_rew_mean'] // returns of late, while exploring
 */
export class WatkinsQLambda<O = number> extends TraceControl<O> {
  /** @throws TypeError for spaces that are not finite, RangeError */
  constructor(source: TableSource, options: TraceOptions = {}) {
    super('WatkinsQLambda', source, options)
  }

  update(s: number, a: number, reward: number, next: number, nextAction: number, terminated: boolean): number {
    const { gamma } = this.settings
    const best = maximum(this.Q[next])
    const isGreedy = this.Q[next][nextAction] === best
    const difference = reward + (terminated ? 0 : gamma * best) - this.Q[s][a]
    this.spread(s, a, difference, terminated || !isGreedy ? 0 : gamma * this.lambda)
    return difference
  }
}
