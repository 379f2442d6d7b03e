// Monte Carlo methods: learning from the returns of whole episodes.
import { discountedSum } from '../arithmetic/returns.ts'
import type { Env } from '../env/env.ts'
import { knownOptions } from '../env/errors.ts'
import { oneOf } from '../env/numbers.ts'
import {
  type ActOptions,
  type Agent,
  at,
  isDeterministic,
  type LearnOptions,
  type Progress,
} from '../training/agent.ts'
import { episodes } from '../training/episodes.ts'
import { type Step, TabularControl } from './control.ts'
import { type TableSource, type TabularOptions, TabularSettings } from './tables.ts'
import { type Tables, Tabular } from './tabular.ts'
import { argmax } from './values.ts'

/** Whether only the first visit of a state (or of an action in it) in an episode counts, or every one. */
export type VisitKind = 'first' | 'every'

/** The return from every step on. */
const returnsOf = (steps: readonly { readonly reward: number }[], gamma: number): Float64Array =>
  discountedSum(
    steps.map(({ reward }) => reward),
    gamma,
  )

const checkVisits = (name: string, visits: VisitKind): VisitKind => oneOf(`${name}: visits`, visits, ['first', 'every'])

/**
 * The value of a policy as the mean of the returns that followed its visits to a state.
 * Source: Sutton and Barto 2018, section 5.1; Singh and Sutton 1996 for every visit.
 * @example
 * import { make, MonteCarloPrediction } from '@x/rl'
 * const env = make('RandomWalk-v0')
 * const agent = new MonteCarloPrediction(env, { gamma: 1, visits: 'every' })
 * for (const _ of agent.learn(env, () => 0, { steps: 5000, seed: 0 })) { }
 * agent.V // near 1/6, 2/6, … between the ends
 */
export class MonteCarloPrediction<O = number> extends Tabular {
  readonly V: Float64Array
  /** Visits that count, by state. */
  readonly N: Float64Array
  private readonly visits: VisitKind

  /**
   * @param options.gamma Default 0.99
   * @param options.visits Default 'first'
   * @throws TypeError for spaces that are not finite, RangeError
   */
  constructor(source: TableSource, options: { gamma?: number; visits?: VisitKind } = {}) {
    super(new TabularSettings('MonteCarloPrediction', source, options, ['visits'], ['alpha', 'epsilon', 'seed']))
    const { visits = 'first' } = options
    this.visits = checkVisits('MonteCarloPrediction', visits)
    this.V = this.settings.values()
    this.N = new Float64Array(this.V.length)
  }

  /** Takes in an episode that has come to its end. */
  update(episode: readonly { readonly s: number; readonly reward: number }[]): void {
    const G = returnsOf(episode, this.settings.gamma)
    const seen = new Set<number>()
    episode.forEach(({ s }, t) => {
      if (this.visits === 'first' && seen.has(s)) return
      seen.add(s)
      this.V[s] += (G[t] - this.V[s]) / ++this.N[s]
    })
  }

  /** Learns the value of acting by `policy`. Episodes that the budget cuts off do not count. */
  *learn<A>(env: Env<O, A>, policy: (observation: O) => A, options: LearnOptions): Generator<Progress, void> {
    for (const episode of episodes(env, options, this.clock)) {
      const visits: { s: number; reward: number }[] = []
      while (!episode.done) {
        const s = this.settings.states.index(episode.observation)
        visits.push({ s, reward: episode.step(policy(episode.observation)) })
      }
      if (episode.hasEnded) this.update(visits)
      yield episode.report()
    }
  }

  protected override tables(): Tables {
    return { V: this.V, N: this.N }
  }
}

export interface MonteCarloOptions extends TabularOptions {
  /** Default 'first' */
  visits?: VisitKind
}

/**
 * Control by the mean return of every action, acting ε-greedily. With `alpha`, a running mean with that step size.
 * Source: Sutton and Barto 2018, section 5.4.
 * @example
 * import { make, MonteCarloControl, train } from '@x/rl'
 * const env = make('FrozenLake-v1', { isSlippery: false })
 * const agent = new MonteCarloControl(env, { epsilon: 0.3 })
 * train(agent, env, { steps: 5000, seed: 0 }).log.at(-1)['rollout/ep_rew_mean']
 */
export class MonteCarloControl<O = number> extends TabularControl<O> {
  /** Visits that count, by state and action. */
  readonly N: Float64Array[]
  private readonly visits: VisitKind
  private readonly isMean: boolean

  /** @throws TypeError for spaces that are not finite, RangeError */
  constructor(source: TableSource, options: MonteCarloOptions = {}) {
    super(new TabularSettings('MonteCarloControl', source, options, ['visits']))
    const { visits = 'first' } = options
    this.visits = checkVisits('MonteCarloControl', visits)
    this.isMean = options.alpha === undefined
    this.N = this.Q.map((row) => new Float64Array(row.length))
  }

  /** Takes in an episode that has come to its end. */
  update(episode: readonly Step[]): void {
    const G = returnsOf(episode, this.settings.gamma)
    const seen = new Set<number>()
    episode.forEach(({ s, a }, t) => {
      const pair = s * this.settings.actions + a
      if (this.visits === 'first' && seen.has(pair)) return
      seen.add(pair)
      const step = this.isMean ? 1 / (this.N[s][a] + 1) : at(this.settings.alpha, this.clock.steps)
      this.N[s][a]++
      this.Q[s][a] += step * (G[t] - this.Q[s][a])
    })
  }

  *learn(env: Env<O, number>, options: LearnOptions): Generator<Progress, void> {
    for (const episode of episodes(env, options, this.clock)) {
      const visits: Step[] = []
      while (!episode.done) {
        const s = this.settings.states.index(episode.observation)
        const a = this.act(episode.observation)
        visits.push({ s, a, reward: episode.step(a) })
      }
      if (episode.hasEnded) this.update(visits)
      yield episode.report()
    }
  }

  protected override tables(): Tables {
    return { ...super.tables(), N: this.N }
  }
}

/**
 * Off-policy control: learns the greedy policy from episodes of an ε-greedy one, by weighted importance sampling. Of every
 * episode only the tail after the last action that was not greedy counts.
 * Source: Sutton and Barto 2018, section 5.7 (and 5.6 for the weights).
 * @example
 * import { make, OffPolicyMonteCarlo, train } from '@x/rl'
 * const env = make('FrozenLake-v1', { isSlippery: false })
 * const agent = new OffPolicyMonteCarlo(env, { epsilon: 0.3 })
 * train(agent, env, { steps: 5000, seed: 0 }).log.at(-1)['rollout/ep_rew_mean']
 */
export class OffPolicyMonteCarlo<O = number> extends Tabular implements Agent<O, number> {
  readonly Q: Float64Array[]
  /** Sums of the weights, by state and action. */
  readonly C: Float64Array[]

  /** @throws TypeError for spaces that are not finite, RangeError */
  constructor(source: TableSource, options: Omit<TabularOptions, 'alpha'> = {}) {
    super(new TabularSettings('OffPolicyMonteCarlo', source, options, [], ['alpha']))
    this.Q = this.settings.table()
    this.C = this.Q.map((row) => new Float64Array(row.length))
  }

  /** Takes in an episode; `behaviour` is the probability with which each of its actions was taken. */
  update(episode: readonly Step[], behaviour: ArrayLike<number>): void {
    let G = 0
    let W = 1
    for (let t = episode.length - 1; t >= 0; t--) {
      const { s, a, reward } = episode[t]
      G = reward + this.settings.gamma * G
      this.C[s][a] += W
      this.Q[s][a] += (W / this.C[s][a]) * (G - this.Q[s][a])
      if (argmax(this.Q[s]) !== a) return
      W /= behaviour[t]
    }
  }

  act(observation: O, options: ActOptions = {}): number {
    const q = this.Q[this.settings.states.index(observation)]
    return isDeterministic(this.settings.name, options) ? argmax(q) : this.behave(q)[0]
  }

  /** An action of the ε-greedy policy, and its probability. */
  private behave(q: Float64Array): [action: number, probability: number] {
    const { epsilon, generator } = this.settings
    const share = at(epsilon, this.clock.steps)
    const best = argmax(q)
    const a = generator.random() < share ? generator.integers(q.length) : best
    return [a, share / q.length + (a === best ? 1 - share : 0)]
  }

  *learn(env: Env<O, number>, options: LearnOptions): Generator<Progress, void> {
    for (const episode of episodes(env, options, this.clock)) {
      const visits: Step[] = []
      const behaviour: number[] = []
      while (!episode.done) {
        const s = this.settings.states.index(episode.observation)
        const [a, probability] = this.behave(this.Q[s])
        behaviour.push(probability)
        visits.push({ s, a, reward: episode.step(a) })
      }
      if (episode.hasEnded) this.update(visits, behaviour)
      yield episode.report()
    }
  }

  protected override tables(): Tables {
    return { Q: this.Q, C: this.C }
  }
}

/**
 * Weighted importance sampling for prediction: the value of a target policy from the returns of a behaviour policy,
 * V(s) = Σ ρ G / Σ ρ with the ratio ρ of the probabilities of all that followed.
 * Source: Sutton and Barto 2018, section 5.5, equation 5.6.
 * @example
 * import { weightedImportanceSampling } from '@x/rl'
 * const episode = [{ s: 0, reward: 1, target: 1, behaviour: 0.5 }]
 * weightedImportanceSampling([episode, episode], { states: 1, gamma: 1 }) // [1]
 */
export function weightedImportanceSampling(
  episodes: readonly (readonly { s: number; reward: number; target: number; behaviour: number }[])[],
  options: { states: number; gamma: number },
): Float64Array {
  knownOptions('weightedImportanceSampling', options, ['states', 'gamma'])
  const { states, gamma } = options
  const V = new Float64Array(states)
  const C = new Float64Array(states)
  for (const episode of episodes) {
    let G = 0
    let W = 1
    for (let t = episode.length - 1; t >= 0; t--) {
      const { s, reward, target, behaviour } = episode[t]
      G = reward + gamma * G
      W *= target / behaviour
      if (W === 0) break
      C[s] += W
      V[s] += (W / C[s]) * (G - V[s])
    }
  }
  return V
}
