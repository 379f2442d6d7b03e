// Temporal-difference prediction: TD(0), n steps, and TD(λ) with three kinds of traces.

import type { Env } from '../env/env.ts'
import { oneOf, share, whole } from '../env/numbers.ts'
import { at, type LearnOptions, type Progress } from '../training/agent.ts'
import { episodes } from '../training/episodes.ts'
import { type TableSource, type TabularOptions, TabularSettings } from './tables.ts'
import { type Tables, Tabular } from './tabular.ts'

/** How a state that is visited again adds to its trace: up, back to 1, or as true online TD(λ) needs it. */
export type TraceKind = 'accumulating' | 'replacing' | 'dutch'

export interface TdOptions extends Omit<TabularOptions, 'epsilon'> {
  /** Decay of the traces in [0, 1]; 0 is TD(0). Default 0 */
  lambda?: number
  /** Default 'accumulating' */
  traces?: TraceKind
}

/**
 * The value of a policy, learned step by step: δ = R + γ V(S') − V(S); V ← V + α δ z, with the trace z of the states
 * visited. With λ = 0 only V(S) moves: TD(0). Dutch traces make it true online TD(λ), which equals the λ-return forward
 * view exactly.
 * Source: Sutton 1988; Sutton and Barto 2018, section 6.1 (equation 6.2) and 12.2; Van Seijen and Sutton 2014 and section
 * 12.5 for dutch traces.
 * @example
 * import { RandomWalk, TD } from '@x/rl'
 * const env = new RandomWalk()
 * const td = new TD(env, { alpha: 0.05, gamma: 1, initialValue: 0.5 })
 * for (const _ of td.learn(env, () => 0, { steps: 5000, seed: 0 })) { }
 * td.V // near 1/6, 2/6, … between the ends
 */
export class TD<O = number> extends Tabular {
  readonly V: Float64Array
  private readonly lambda: number
  private readonly kind: TraceKind
  private readonly z: Float64Array
  /** The value of S' as the step before saw it, for dutch traces. */
  private readonly before: Float64Array = new Float64Array(1)

  /** @throws TypeError for spaces that are not finite, RangeError */
  constructor(source: TableSource, options: TdOptions = {}) {
    super(new TabularSettings('TD', source, options, ['lambda', 'traces'], ['epsilon']))
    const { lambda = 0, traces = 'accumulating' } = options
    this.lambda = share('TD: lambda', lambda)
    this.kind = oneOf('TD: traces', traces, ['accumulating', 'replacing', 'dutch'])
    this.V = this.settings.values()
    this.z = new Float64Array(this.V.length)
  }

  /** One update; returns the temporal difference. Traces end with the episode. */
  update(s: number, reward: number, next: number, terminated: boolean): number {
    const { V, z, kind } = this
    const { gamma } = this.settings
    const alpha = at(this.settings.alpha, this.clock.steps)
    const following = terminated ? 0 : V[next]
    const difference = reward + gamma * following - V[s]
    const decay = gamma * this.lambda
    if (kind === 'dutch') {
      const correction = V[s] - this.before[0]
      const own = 1 - alpha * decay * z[s]
      for (let i = 0; i < z.length; i++) z[i] *= decay
      z[s] += own
      for (let i = 0; i < z.length; i++) V[i] += alpha * (difference + correction) * z[i]
      V[s] -= alpha * correction
      this.before[0] = following
    } else {
      for (let i = 0; i < z.length; i++) z[i] *= decay
      z[s] = kind === 'replacing' ? 1 : z[s] + 1
      for (let i = 0; i < z.length; i++) if (z[i] !== 0) V[i] += alpha * difference * z[i]
    }
    if (terminated) this.forget()
    return difference
  }

  /** Ends the traces, as the end of an episode does. */
  forget(): void {
    this.z.fill(0)
    this.before[0] = 0
  }

  /** Learns the value of acting by `policy`. */
  *learn<A>(env: Env<O, A>, policy: (observation: O) => A, options: LearnOptions): Generator<Progress, void> {
    const { states } = this.settings
    for (const episode of episodes(env, options, this.clock)) {
      this.forget()
      while (!episode.done) {
        const s = states.index(episode.observation)
        const reward = episode.step(policy(episode.observation))
        this.update(s, reward, states.index(episode.observation), episode.terminated)
      }
      yield episode.report()
    }
  }

  protected override tables(): Tables {
    return { V: this.V, z: this.z, before: this.before }
  }
}

/**
 * n-step prediction: G = R₁ + γ R₂ + … + γⁿ V(Sₙ), shorter at the end of an episode; V(S) ← V(S) + α [G − V(S)].
 * Source: Sutton and Barto 2018, section 7.1, equations 7.1 and 7.2.
 * @example
 * import { NStepTD, RandomWalk } from '@x/rl'
 * const env = new RandomWalk()
 * const agent = new NStepTD(env, { n: 3, alpha: 0.05, gamma: 1, initialValue: 0.5 })
 * for (const _ of agent.learn(env, () => 0, { steps: 5000, seed: 0 })) { }
 * agent.V // near 1/6, 2/6, … between the ends
 */
export class NStepTD<O = number> extends Tabular {
  readonly V: Float64Array
  readonly n: number

  /**
   * @param options.n Default 4
   * @throws TypeError for spaces that are not finite, RangeError
   */
  constructor(source: TableSource, options: Omit<TabularOptions, 'epsilon'> & { n?: number } = {}) {
    super(new TabularSettings('NStepTD', source, options, ['n'], ['epsilon']))
    const { n = 4 } = options
    this.n = whole('NStepTD: n', n)
    this.V = this.settings.values()
  }

  /** Updates the first of `window`'s states (at most n), after which the episode stands at `then`, or is over (null). */
  update(window: readonly { readonly s: number; readonly reward: number }[], then: number | null): number {
    const { alpha, gamma } = this.settings
    let G = then === null ? 0 : this.V[then]
    for (let i = window.length - 1; i >= 0; i--) G = window[i].reward + gamma * G
    const difference = G - this.V[window[0].s]
    this.V[window[0].s] += at(alpha, this.clock.steps) * difference
    return difference
  }

  /** Learns the value of acting by `policy`. */
  *learn<A>(env: Env<O, A>, policy: (observation: O) => A, options: LearnOptions): Generator<Progress, void> {
    const { states } = this.settings
    for (const episode of episodes(env, options, this.clock)) {
      const window: { s: number; reward: number }[] = []
      while (!episode.done) {
        const s = states.index(episode.observation)
        window.push({ s, reward: episode.step(policy(episode.observation)) })
        if (window.length === this.n && !episode.terminated) {
          this.update(window, states.index(episode.observation))
          window.shift()
        }
      }
      const then = episode.terminated ? null : states.index(episode.observation)
      for (; window.length > 0; window.shift()) this.update(window, then)
      yield episode.report()
    }
  }

  protected override tables(): Tables {
    return { V: this.V }
  }
}
