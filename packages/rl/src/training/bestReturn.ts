// What the best policy gets: what agents are measured by.
import type { Env } from '../env/env.ts'
import { make } from '../env/registry.ts'
import type { FiniteMdp } from '../envs/mdp.ts'
import type { Vectorizable } from '../vector/vectorized.ts'

/** Sweeps after which the values of a task without a limit are taken to grow for ever. */
const MOST_SWEEPS = 20_000

/** The best mean undiscounted return of episodes of at most so many steps, by backward induction; null where it has no end. */
export function bestReturnOf({ P, start }: FiniteMdp, limit: number = Number.POSITIVE_INFINITY): number | null {
  let V = new Float64Array(P.length)
  for (let k = 0; k < limit; k++) {
    const next = new Float64Array(P.length)
    let change = 0
    for (let s = 0; s < P.length; s++) {
      let best = Number.NEGATIVE_INFINITY
      for (const outcomes of P[s]) {
        let sum = 0
        for (const [p, to, r, terminated] of outcomes) sum += p * (terminated ? r : r + V[to])
        best = Math.max(best, sum)
      }
      next[s] = best
      change = Math.max(change, Math.abs(best - V[s]))
    }
    V = next
    if (change < 1e-13) break
    if (k + 1 === MOST_SWEEPS) return null
  }
  return Array.from(start).reduce((sum, p, s) => sum + p * V[s], 0)
}

/**
 * The best mean return of an environment: exact where it carries its table, else the best that is known of the environment
 * as it was registered, and null where nothing is.
 * @throws EnvNotFoundError, and what the environment says of its options
 * @example
 * import { bestReturn } from '@x/rl'
 * bestReturn('CliffWalking-v1') // −13
 * bestReturn('FrozenLake-v1').toFixed(4) // 0.7442, in 100 steps
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
