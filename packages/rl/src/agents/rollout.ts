// Steps of several environments by the present policy, as on-policy agents learn from them.
import { type Tensor, tensor, tidy } from '@x/tensor'
import { gae } from '../arithmetic/returns.ts'
import type { EpisodeCounter } from '../training/vector.ts'
import type { VectorEnv } from '../vector/vectorEnv.ts'
import type { ActorCritic } from './actorCritic.ts'

/** Steps side by side: row t · n + i is step t of environment i. */
export interface Rollout {
  /** [rows, size] */
  readonly observations: Float32Array
  /** [rows], or [rows, D] of continuous actions */
  readonly actions: Float32Array | Int32Array
  /** log π of the actions when they were drawn; 0 where the policy does not tell. */
  readonly logProbs: Float32Array
  readonly values: Float64Array
  readonly advantages: Float64Array
  readonly returns: Float64Array
}

export interface RolloutOptions {
  /** Steps of every environment. */
  readonly nSteps: number
  readonly gamma: number
  readonly gaeLambda: number
  /** Counts the episodes that end. */
  readonly counter: EpisodeCounter
}

/**
 * Steps the environments by the policy, from the observations [n, …] on, which are disposed of. Episodes that are cut count
 * as much as their last observation is worth. Gives the steps and the observations after them.
 */
export function collect(
  model: ActorCritic,
  envs: VectorEnv,
  first: Tensor,
  { nSteps, gamma, gaeLambda, counter }: RolloutOptions,
): { rollout: Rollout; after: Tensor } {
  const { actor, size } = model
  const n = envs.numEnvs
  const rows = nSteps * n
  const seen = new Float32Array(rows * size)
  const taken = actor.width ? new Float32Array(rows * actor.width) : new Int32Array(rows)
  const logProbs = new Float32Array(rows)
  const [rewards, terminated, truncated, finalValues, values] = [0, 0, 0, 0, 0].map(() => new Float64Array(rows))
  let observations = first
  for (let t = 0; t < nSteps; t++) {
    observations = tidy(() => {
      const at = t * n
      const [actions, v, logProb] = model.policy(observations.reshape([n, size]))
      const drawn = actions.data() as Float32Array
      seen.set(observations.data() as Float32Array, at * size)
      taken.set(drawn, at * (actor.width || 1))
      values.set(v.data() as Float32Array, at)
      if (logProb) logProbs.set(logProb.data() as Float32Array, at)
      const [next, r, terminations, truncations, infos] = envs.step(actor.toEnv(drawn, n))
      rewards.set(r, at)
      terminated.set(terminations, at)
      truncated.set(truncations, at)
      counter.count(r, terminations, truncations)
      for (let i = 0; i < n; i++) {
        if (!truncations[i] || terminations[i]) continue
        const last = (infos.finalObs as ArrayLike<number>[])[i]
        finalValues[at + i] = model.value(tensor([Array.from(last)])).item()
      }
      observations.dispose()
      return next as Tensor
    })
  }
  const bootstrapValue = tidy(() => model.value(observations.reshape([n, size])).data() as Float32Array)
  const { advantages, returns } = gae(
    { rewards, values, bootstrapValue, terminated, truncated, finalValues },
    { gamma, lambda: gaeLambda, environments: n },
  )
  return { rollout: { observations: seen, actions: taken, logProbs, values, advantages, returns }, after: observations }
}
