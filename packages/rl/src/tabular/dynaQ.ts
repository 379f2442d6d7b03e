// Dyna-Q: Q-learning from experience, and between the steps from a model of it.
import type { Env } from '../env/env.ts'
import { type ActOptions, type Agent, at, type Clock, type LearnOptions, type Progress } from '../training/agent.ts'
import { episodes } from '../training/episodes.ts'
import { type TableSource, type TabularOptions, TabularSettings } from './tables.ts'
import { argmax, epsilonGreedy, maximum } from './values.ts'

export interface DynaQOptions extends TabularOptions {
  /** Updates from the model after every step. Default 10 */
  planningSteps?: number
  /** Dyna-Q+: bonus κ √τ in planning for what was not tried for τ steps. Default 0 */
  kappa?: number
}

/** What the model remembers of an action: what it led to last, and when. */
interface Memory {
  readonly s: number
  readonly a: number
  readonly reward: number
  readonly next: number
  readonly terminated: boolean
  readonly time: number
}

/**
 * Q-learning with a deterministic model: after every step, `planningSteps` updates of pairs seen before, drawn at random.
 * Source: Sutton 1990; Sutton and Barto 2018, sections 8.2 and 8.3 (bonus).
 */
export class DynaQ<O = number> implements Agent<O, number> {
  readonly Q: Float64Array[]
  private readonly settings: TabularSettings
  private readonly planningSteps: number
  private readonly kappa: number
  private readonly model: Memory[] = []
  private readonly place = new Map<number, number>()
  private readonly clock: Clock = { steps: 0 }

  /** @throws TypeError for spaces that are not finite, RangeError */
  constructor(source: TableSource, { planningSteps = 10, kappa = 0, ...options }: DynaQOptions = {}) {
    this.settings = new TabularSettings('DynaQ', source, options)
    if (!Number.isInteger(planningSteps) || planningSteps < 0) {
      throw new RangeError(`DynaQ: planningSteps ${planningSteps} is not a whole number ≥ 0`)
    }
    if (!(kappa >= 0)) throw new RangeError(`DynaQ: kappa ${kappa} is not ≥ 0`)
    this.planningSteps = planningSteps
    this.kappa = kappa
    this.Q = this.settings.table()
  }

  /** Learns from a step, remembers it, and plans. Returns the temporal difference of the step. */
  update(s: number, a: number, reward: number, next: number, terminated: boolean): number {
    const difference = this.backup({ s, a, reward, next, terminated, time: this.clock.steps }, 0)
    const pair = s * this.settings.actions + a
    const at = this.place.get(pair) ?? this.model.length
    this.place.set(pair, at)
    this.model[at] = { s, a, reward, next, terminated, time: this.clock.steps }
    for (let i = 0; i < this.planningSteps; i++) {
      const memory = this.settings.generator.choice(this.model)
      this.backup(memory, this.kappa * Math.sqrt(this.clock.steps - memory.time))
    }
    return difference
  }

  private backup({ s, a, reward, next, terminated }: Memory, bonus: number): number {
    const { alpha, gamma } = this.settings
    const target = reward + bonus + (terminated ? 0 : gamma * maximum(this.Q[next]))
    const difference = target - this.Q[s][a]
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
