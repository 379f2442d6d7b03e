// What the best policy gets: what agents are measured by.
import type { Env } from '../env/env.ts'
import { make } from '../env/registry.ts'
import type { FiniteMdp } from '../envs/mdp.ts'
import { bestBackup, startValue } from '../tabular/values.ts'
import type { Vectorizable } from '../vector/vectorized.ts'

/** Sweeps after which the values of a task without a limit are taken to grow for ever. */
const MOST_SWEEPS = 20_000

/** The best mean undiscounted return of episodes of at most so many steps, by backward induction; null where it has no end. */
export function bestReturnOf(mdp: FiniteMdp, limit: number = Number.POSITIVE_INFINITY): number | null {
  let V = new Float64Array(mdp.P.length)
  for (let k = 1; k <= limit; k++) {
    const before = V
    V = before.map((_, s) => bestBackup(mdp, before, s, 1))
    if (V.every((v, s) => Math.abs(v - before[s]) < 1e-13)) break
    if (k === MOST_SWEEPS) return null
  }
  return startValue(mdp, V)
}

/**
 * The best mean return of an environment: exact where it carries its table, else the best that is known of the environment
 * as it was registered, and null where nothing is.
 * @throws EnvNotFoundError, and what the environment says of its options
 * @example
 * import { bestReturn } from '@x/rl'
 * bestReturn('CliffWalking-v1') // -13
 * bestReturn('FrozenLake-v1').toFixed(4) // '0.7442', in 100 steps
 */
export function bestReturn(id: string, options: Readonly<Record<string, unknown>> = {}): number | null {
  const env = make(id, options)
  try {
    const bare = env.unwrapped as (Env & Partial<Vectorizable> & { mdp?: FiniteMdp }) | undefined
    const { maxEpisodeSteps, bestReturn: known } = env.spec ?? {}
    // An environment with more to it than its table has no kernel either.
    if (bare?.mdp && bare.vectorized) return bestReturnOf(bare.mdp, maxEpisodeSteps)
    return Object.keys(options).length === 0 ? (known ?? null) : null
  } finally {
    env.close?.()
  }
}
