// Dyna-Q: Q-learning from experience, and between the steps from a model of it.

import { atLeast0, whole } from '../env/numbers.ts'
import { OneStepControl } from './control.ts'
import { type TableSource, type TabularOptions, TabularSettings } from './tables.ts'
import { maximum } from './values.ts'

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
 * @example
 * import { DynaQ, make, train } from '@x/rl'
 * const env = make('CliffWalking-v1')
 * const agent = new DynaQ(env, { alpha: 0.5, gamma: 1, planningSteps: 5 })
 * train(agent, env, { steps: 5000, seed: 0 }).log.at(-1)['rollout/ep_rew_mean'] // returns of late, while exploring
 */
export class DynaQ<O = number> extends OneStepControl<O> {
  private readonly planningSteps: number
  private readonly kappa: number
  private readonly model: Memory[] = []
  private readonly place = new Map<number, number>()

  /** @throws TypeError for spaces that are not finite, RangeError */
  constructor(source: TableSource, options: DynaQOptions = {}) {
    super(new TabularSettings('DynaQ', source, options, ['planningSteps', 'kappa']))
    const { planningSteps = 10, kappa = 0 } = options
    this.planningSteps = whole('DynaQ: planningSteps', planningSteps, 0)
    this.kappa = atLeast0('DynaQ: kappa', kappa)
  }

  /** Learns from a step, remembers it, and plans. Returns the temporal difference of the step. */
  update(s: number, a: number, reward: number, next: number, terminated: boolean): number {
    const seen = { s, a, reward, next, terminated, time: this.clock.steps }
    const difference = this.backup(seen, 0)
    const pair = s * this.settings.actions + a
    const at = this.place.get(pair) ?? this.model.length
    this.place.set(pair, at)
    this.model[at] = seen
    for (let i = 0; i < this.planningSteps; i++) {
      const memory = this.settings.generator.choice(this.model)
      this.backup(memory, this.kappa * Math.sqrt(this.clock.steps - memory.time))
    }
    return difference
  }

  private backup({ s, a, reward, next, terminated }: Memory, bonus: number): number {
    return this.approach(s, a, reward + bonus + (terminated ? 0 : this.settings.gamma * maximum(this.Q[next])))
  }

  protected override memory(): readonly Memory[] {
    return this.model
  }

  protected override restoreMemory(memory: unknown): void {
    this.model.splice(0, this.model.length, ...(memory as Memory[]))
    this.place.clear()
    this.model.forEach(({ s, a }, at) => {
      this.place.set(s * this.settings.actions + a, at)
    })
  }
}
