// Environments under way whose steps are remembered: what learning from a replay buffer has in common.

import { type Tensor, tidy } from '@x/tensor'
import type { Seed } from '../random/seedSequence.ts'
import type { VectorEnv } from '../vector/vectorEnv.ts'
import type { EpisodeResult } from './agent.ts'
import type { Replay } from './replay.ts'
import { EpisodeCounter } from './vector.ts'

/** What environments are to do, and how it is remembered: row after row of numbers. */
export interface Choice {
  readonly actions: ArrayLike<unknown>
  readonly remembered: ArrayLike<number>
}

/** Steps several environments, and writes every step into a replay buffer. */
export class Experience {
  private readonly envs: VectorEnv
  private readonly replay: Replay
  private readonly counter: EpisodeCounter
  private observations: Tensor
  private rows: Float32Array

  constructor(envs: VectorEnv, replay: Replay, seed?: Seed) {
    this.envs = envs
    this.replay = replay
    this.counter = new EpisodeCounter(envs.numEnvs)
    replay.restart()
    this.observations = envs.reset({ seed })[0] as Tensor
    this.rows = this.observations.data() as Float32Array
  }

  /** One step of all environments by what `choose` makes of the observations [n, …]. */
  step(choose: (observations: Tensor) => Choice): void {
    const { envs, replay, rows } = this
    const n = envs.numEnvs
    const before = this.observations
    this.observations = tidy(() => {
      const { actions, remembered } = choose(before)
      const [next, rewards, terminations, truncations, infos] = envs.step(actions)
      const after = (next as Tensor).data() as Float32Array
      const [size, width] = [rows.length / n, remembered.length / n]
      const row = (of: ArrayLike<number>, i: number, length: number): ArrayLike<number> =>
        n === 1 ? of : Array.prototype.slice.call(of, i * length, (i + 1) * length)
      for (let i = 0; i < n; i++) {
        const isOver = terminations[i] || truncations[i]
        replay.add(i, row(rows, i, size), row(remembered, i, width), {
          reward: rewards[i],
          next: isOver ? (infos.finalObs as ArrayLike<number>[])[i] : row(after, i, size),
          terminated: terminations[i] === 1,
          truncated: truncations[i] === 1,
        })
      }
      this.counter.count(rewards, terminations, truncations)
      this.rows = after
      return next as Tensor
    })
    before.dispose()
  }

  /** The episodes that ended since the last time. */
  episodes(): EpisodeResult[] {
    return this.counter.take()
  }

  dispose(): void {
    this.observations.dispose()
  }
}

/** Environment steps between lines of the log. */
export const LOG_EVERY = 500

/** Whether a count passes a multiple of `every` on its way. */
export const crosses = (before: number, after: number, every: number): boolean =>
  Math.floor(after / every) > Math.floor(before / every)

/** Means of numbers that updates give, under their names. */
export class Averages<Name extends string> {
  count = 0
  private readonly names: readonly Name[]
  private readonly sums: Float64Array

  constructor(names: readonly Name[]) {
    this.names = names
    this.sums = new Float64Array(names.length)
  }

  add(values: ArrayLike<number | bigint | boolean>): void {
    this.count++
    for (let k = 0; k < this.sums.length; k++) this.sums[k] += Number(values[k])
  }

  /** The means since the last time; nothing where there was none. */
  take(): Partial<Record<Name, number>> {
    const means = this.count > 0 ? this.names.map((name, k) => [name, this.sums[k] / this.count]) : []
    this.count = 0
    this.sums.fill(0)
    return Object.fromEntries(means)
  }
}
