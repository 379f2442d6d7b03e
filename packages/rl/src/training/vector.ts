// What learning loops over several environments share.
import { dispose } from '@x/tensor'
import type { Env } from '../env/env.ts'
import { badReward, needEnv } from '../env/errors.ts'
import type { Space } from '../spaces/space.ts'
import { unstackElements } from '../vector/batch.ts'
import { SyncVectorEnv } from '../vector/syncVectorEnv.ts'
import type { VectorEnv } from '../vector/vectorEnv.ts'
import type { EpisodeResult } from './agent.ts'

/** Whether these are several environments. */
export const isVectorEnv = (env: unknown): env is VectorEnv =>
  typeof (env as VectorEnv | null | undefined)?.numEnvs === 'number'

/** An environment, or several of them at once. */
export type Spaces = Env | VectorEnv

/** The spaces of one environment, and how many there are. @throws TypeError that names the agent, for no environment */
export function spacesOf(agent: string, env: Spaces): { observationSpace: Space; actionSpace: Space; numEnvs: number } {
  if (isVectorEnv(env)) {
    const { singleObservationSpace: observationSpace, singleActionSpace: actionSpace, numEnvs } = env
    return { observationSpace, actionSpace, numEnvs }
  }
  needEnv(agent, env)
  const { observationSpace, actionSpace } = env
  return { observationSpace, actionSpace, numEnvs: 1 }
}

/** What an agent for environments does: one kind of action where it is known, else either. */
export type ActionOf<E> = E extends { readonly singleActionSpace: Space<infer A> }
  ? Taken<A>
  : E extends { readonly actionSpace: Space<infer A> }
    ? Taken<A>
    : never

/** Actions of a space as agents give them. */
export type Taken<A> = unknown extends A ? number | Float32Array : A extends number ? number : Float32Array

/** The environment as several that reset at the same step, whatever their mode; a single one as one of them. */
export function sameStepEnvs(env: Spaces): VectorEnv {
  if (!isVectorEnv(env)) return new SyncVectorEnv([() => env], { autoresetMode: 'same-step' })
  return env.autoresetMode === 'same-step' ? env : resetAtOnce(env)
}

/**
 * Environments of another mode, whose ended episodes are begun anew by `reset` with a mask: no step is spent on it, as it
 * would be by 'next-step'.
 */
function resetAtOnce(env: VectorEnv): VectorEnv {
  const { singleObservationSpace, singleActionSpace, observationSpace, actionSpace, numEnvs } = env
  return {
    ...{
      numEnvs,
      autoresetMode: 'same-step',
      singleObservationSpace,
      singleActionSpace,
      observationSpace,
      actionSpace,
    },
    reset: (options) => env.reset(options),
    step(actions) {
      const [last, rewards, terminations, truncations, infos] = env.step(actions)
      const resetMask = terminations.map((flag, i) => flag | truncations[i])
      if (!resetMask.includes(1)) return [last, rewards, terminations, truncations, infos]
      const ended = unstackElements(singleObservationSpace, last, numEnvs).map((x, i) => (resetMask[i] ? x : null))
      dispose(last)
      const [first] = env.reset({ options: { resetMask } })
      return [first, rewards, terminations, truncations, { ...infos, finalObs: ended, _finalObs: resetMask }]
    },
    close: () => env.close(),
  }
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

  /** Takes in a step of all environments. @throws EnvContractError for a reward that is not a finite number */
  count(rewards: ArrayLike<number>, terminations: ArrayLike<number>, truncations: ArrayLike<number>): void {
    for (let i = 0; i < this.rewards.length; i++) {
      this.lengths[i]++
      if (!Number.isFinite(rewards[i])) throw badReward(`environment ${i}`, rewards[i], this.lengths[i])
      this.rewards[i] += rewards[i]
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
