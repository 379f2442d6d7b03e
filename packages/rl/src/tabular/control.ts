// Control by a table of action values, acting ε-greedily; and the two loops of those that learn after every step.
import type { Env } from '../env/env.ts'
import {
  type ActOptions,
  type Agent,
  at,
  isDeterministic,
  type LearnOptions,
  type Progress,
} from '../training/agent.ts'
import { episodes } from '../training/episodes.ts'
import type { TabularSettings } from './tables.ts'
import { type Tables, Tabular } from './tabular.ts'
import { argmax, epsilonGreedy } from './values.ts'

/** A state, the action taken in it, and the reward that followed. */
export interface Step {
  readonly s: number
  readonly a: number
  readonly reward: number
}

/** A method that acts ε-greedily by a table of action values. */
export abstract class TabularControl<O> extends Tabular implements Agent<O, number> {
  /** The value of every action, a row per state. */
  readonly Q: Float64Array[]

  constructor(settings: TabularSettings) {
    super(settings)
    this.Q = settings.table()
  }

  /** The best action, but any with probability ε; ties at random. Deterministically, the first of the best. */
  act(observation: O, options: ActOptions = {}): number {
    const { name, states, epsilon, generator } = this.settings
    const q = this.Q[states.index(observation)]
    if (isDeterministic(name, options)) return argmax(q)
    return epsilonGreedy(q, at(epsilon, this.clock.steps), generator)
  }

  abstract learn(env: Env<O, number>, options: LearnOptions): Generator<Progress, void>

  /** Q(s,a) ← Q(s,a) + α [target − Q(s,a)]; returns the difference. */
  protected approach(s: number, a: number, target: number): number {
    const difference = target - this.Q[s][a]
    this.Q[s][a] += at(this.settings.alpha, this.clock.steps) * difference
    return difference
  }

  protected override tables(): Tables {
    return { Q: this.Q }
  }
}

/** A method that learns from every step before it chooses the next action. */
export abstract class OneStepControl<O> extends TabularControl<O> {
  /** One update; returns the temporal difference. */
  abstract update(s: number, a: number, reward: number, next: number, terminated: boolean): number

  *learn(env: Env<O, number>, options: LearnOptions): Generator<Progress, void> {
    const { states } = this.settings
    for (const episode of episodes(env, options, this.clock)) {
      while (!episode.done) {
        const s = states.index(episode.observation)
        const a = this.act(episode.observation)
        const reward = episode.step(a)
        this.update(s, a, reward, states.index(episode.observation), episode.terminated)
      }
      yield episode.report()
    }
  }
}

/** A method that learns from every step together with the action that comes next: S, A, R, S', A'. */
export abstract class SarsaControl<O> extends TabularControl<O> {
  /** One update; returns the temporal difference. `nextAction` does not matter after termination. */
  abstract update(s: number, a: number, reward: number, next: number, nextAction: number, terminated: boolean): number

  /** What an episode begins with. */
  protected begin(): void {}

  *learn(env: Env<O, number>, options: LearnOptions): Generator<Progress, void> {
    const { states } = this.settings
    for (const episode of episodes(env, options, this.clock)) {
      this.begin()
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
