// What learning loops over several environments share.
import type { Env } from '../env/env.ts'
import type { Space } from '../spaces/space.ts'
import { SyncVectorEnv } from '../vector/syncVectorEnv.ts'
import type { VectorEnv } from '../vector/vectorEnv.ts'
import type { EpisodeResult } from './agent.ts'

export const isVectorEnv = (env: unknown): env is VectorEnv => typeof (env as VectorEnv).numEnvs === 'number'

/** An environment, or several of them at once. */
export type Spaces = Env<never, never> | Env | VectorEnv

/** The spaces of one environment, and how many there are. */
export function spacesOf(env: Spaces): { observationSpace: Space; actionSpace: Space; numEnvs: number } {
  if (isVectorEnv(env)) {
    const { singleObservationSpace: observationSpace, singleActionSpace: actionSpace, numEnvs } = env
    return { observationSpace, actionSpace, numEnvs }
  }
  const { observationSpace, actionSpace } = env as Env
  return { observationSpace, actionSpace, numEnvs: 1 }
}

/**
 * The environment as several that reset at the same step; a single one as one of them.
 * @throws RangeError for environments that reset otherwise
 */
export function sameStepEnvs(agent: string, env: Spaces): VectorEnv {
  if (!isVectorEnv(env)) return new SyncVectorEnv([() => env as Env], { autoresetMode: 'same-step' })
  if (env.autoresetMode !== 'same-step') {
    throw new RangeError(
      `${agent}: the environments reset by '${env.autoresetMode}'; make them with autoresetMode 'same-step'`,
    )
  }
  return env
}

/** Adds up returns and lengths of the episodes of several environments. */
export class EpisodeCounter {
  private readonly rewards: Float64Array
  private readonly lengths: Float64Array
  private ended: EpisodeResult[] = []

  constructor(n: number) {
    this.rewards = new Float64Array(n)
    this.lengths = new Float64Array(n)
  }

  /** Takes in a step of all environments. */
  count(rewards: ArrayLike<number>, terminations: ArrayLike<number>, truncations: ArrayLike<number>): void {
    for (let i = 0; i < this.rewards.length; i++) {
      this.rewards[i] += rewards[i]
      this.lengths[i]++
      if (!terminations[i] && !truncations[i]) continue
      this.ended.push({ reward: this.rewards[i], length: this.lengths[i] })
      this.rewards[i] = this.lengths[i] = 0
    }
  }

  /** The episodes that ended since the last time. */
  take(): EpisodeResult[] {
    const { ended } = this
    this.ended = []
    return ended
  }
}
