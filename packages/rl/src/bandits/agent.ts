// What bandit algorithms share: which arm to pull, learned from what arms paid.
import type { Env } from '../env/env.ts'
import { NumpyGenerator } from '../random/generator.ts'
import type { Seed } from '../random/seedSequence.ts'
import { Discrete } from '../spaces/discrete.ts'
import type { Space } from '../spaces/space.ts'
import { type TableOwner, type Tables, Tabular } from '../tabular/tabular.ts'
import { argmax } from '../tabular/values.ts'
import { type ActOptions, type Agent, isDeterministic, type LearnOptions, type Progress } from '../training/agent.ts'
import { episodes } from '../training/episodes.ts'

/** Number of arms, or an environment whose actions they are. */
export type ArmSource = number | { readonly actionSpace: Space<never> | Space }

/** What all of them keep: how often each arm was pulled, and the mean of what it paid. */
export abstract class BanditAgent extends Tabular<TableOwner> implements Agent<unknown, number> {
  /** Pulls of every arm. */
  readonly counts: Float64Array
  /** Mean reward of every arm, or what a constant step size makes of it. */
  readonly values: Float64Array

  constructor(name: string, arms: ArmSource, seed: Seed) {
    const space = typeof arms === 'number' ? new Discrete(arms) : arms.actionSpace
    if (!(space instanceof Discrete))
      throw new TypeError(`${name}: a bandit algorithm needs arms: ${space} is not Discrete`)
    super({ name, states: { size: 1 }, actions: space.n, generator: new NumpyGenerator(seed) })
    this.counts = new Float64Array(space.n)
    this.values = new Float64Array(space.n)
  }

  protected get generator(): NumpyGenerator {
    return this.settings.generator
  }

  protected override tables(): Tables {
    return { counts: this.counts, values: this.values }
  }

  /** Pulls so far. */
  get pulls(): number {
    return this.counts.reduce((sum, n) => sum + n, 0)
  }

  /** The arm to pull next. */
  protected abstract choose(): number

  /** The arm to pull; deterministically, the one of the highest value. */
  act(_observation?: unknown, options: ActOptions = {}): number {
    return isDeterministic(this.settings.name, options) ? argmax(this.values) : this.choose()
  }

  /** Takes in what an arm paid. */
  update(arm: number, reward: number): void {
    this.counts[arm]++
    this.values[arm] += (reward - this.values[arm]) / this.counts[arm]
  }

  *learn(env: Env<unknown, number>, options: LearnOptions): Generator<Progress, void> {
    for (const episode of episodes(env, options, this.clock)) {
      while (!episode.done) {
        const arm = this.act()
        this.update(arm, episode.step(arm))
      }
      yield episode.report()
    }
  }

  /** The first arm that was never pulled; −1 when all were. */
  protected untried(): number {
    return this.counts.indexOf(0)
  }
}
