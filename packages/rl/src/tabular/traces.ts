// Control with eligibility traces: Sarsa(λ), and Watkins's Q(λ).
import type { Env } from '../env/env.ts'
import { type ActOptions, type Agent, at, type Clock, type LearnOptions, type Progress } from '../training/agent.ts'
import { episodes } from '../training/episodes.ts'
import { type TableSource, type TabularOptions, TabularSettings } from './tables.ts'
import { argmax, epsilonGreedy, maximum } from './values.ts'

export interface TraceOptions extends TabularOptions {
  /** Decay of the traces in [0, 1]. Default 0.9 */
  lambda?: number
}

/** Tables of values and of traces, and how they move together. */
abstract class TraceControl<O> implements Agent<O, number> {
  readonly Q: Float64Array[]
  protected readonly settings: TabularSettings
  protected readonly lambda: number
  private readonly traces: Float64Array[]
  private readonly clock: Clock = { steps: 0 }

  constructor(name: string, source: TableSource, { lambda = 0.9, ...options }: TraceOptions) {
    this.settings = new TabularSettings(name, source, options)
    if (!(lambda >= 0 && lambda <= 1)) throw new RangeError(`${name}: lambda ${lambda} is not in [0, 1]`)
    this.lambda = lambda
    this.Q = this.settings.table()
    this.traces = this.Q.map((row) => new Float64Array(row.length))
  }

  /** One update; returns the temporal difference. Traces end with the episode. */
  abstract update(s: number, a: number, reward: number, next: number, nextAction: number, terminated: boolean): number

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

  act(observation: O, { deterministic = false }: ActOptions = {}): number {
    const { states, epsilon, generator } = this.settings
    const q = this.Q[states.index(observation)]
    return deterministic ? argmax(q) : epsilonGreedy(q, at(epsilon, this.clock.steps), generator)
  }

  *learn(env: Env<O, number>, options: LearnOptions): Generator<Progress, void> {
    const { states } = this.settings
    for (const episode of episodes(env, options, this.clock)) {
      for (const row of this.traces) row.fill(0)
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

/**
 * Sarsa(λ) with replacing traces: δ = R + γ Q(S',A') − Q(S,A); z(S,A) = 1; Q ← Q + α δ z; z ← γ λ z.
 * Source: Rummery and Niranjan 1994; Singh and Sutton 1996; Sutton and Barto 2018, section 12.7.
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
