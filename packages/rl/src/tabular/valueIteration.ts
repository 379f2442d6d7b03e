// Value iteration: sweeps of Bellman's optimality equation.
import { share, whole } from '../env/numbers.ts'
import type { FiniteMdp } from '../envs/mdp.ts'
import { SWEEP_OPTIONS, type SweepOptions, sweep } from './policyEvaluation.ts'
import type { Solution } from './policyIteration.ts'
import { actionValues, backup, bestBackup, checkPlanning, greedyPolicy } from './values.ts'

/**
 * Sweeps V(s) ← maxₐ Σ p (r + γ V(s')) from V = 0 until no value changes by theta or more.
 * Source: Bellman 1957; Sutton and Barto 2018, section 4.4, equation 4.10.
 * @throws RangeError when the values do not settle within `maxSweeps`, or gamma is outside [0, 1]
 * @example
 * import { FrozenLake, valueIteration } from '@x/rl'
 * const { V, policy, sweeps } = valueIteration(new FrozenLake().mdp, { gamma: 0.99, theta: 1e-8 })
 * V[0].toFixed(5) // '0.54203'
 * sweeps // 438
 */
export function valueIteration(mdp: FiniteMdp, options: SweepOptions): Solution & { readonly sweeps: number } {
  checkPlanning('valueIteration', mdp, options, SWEEP_OPTIONS)
  const gamma = share('valueIteration: gamma', options.gamma)
  const { V, sweeps } = sweep('valueIteration', mdp.P.length, options, (s, V) => bestBackup(mdp, V, s, gamma))
  const Q = actionValues(mdp, V, gamma)
  return { V, Q, policy: greedyPolicy(Q), sweeps }
}

/**
 * Values when only `horizon` steps are left, by backward induction: of the best policy, which may depend on the steps
 * left, or of a given one.
 * Source: Bellman 1957, "Dynamic Programming".
 * @param options.gamma Default 1
 * @param options.policy an action per state; without it, the best
 * @throws RangeError for a horizon that is not a whole number ≥ 0, gamma outside [0, 1], or an option that there is not
 * @example
 * import { CliffWalking, finiteHorizon } from '@x/rl'
 * finiteHorizon(new CliffWalking().mdp, { horizon: 100 })[36] // -13, the shortest way
 */
export function finiteHorizon(
  mdp: FiniteMdp,
  options: { horizon: number; gamma?: number; policy?: ArrayLike<number> },
): Float64Array {
  checkPlanning('finiteHorizon', mdp, options, ['horizon', 'gamma', 'policy'])
  const { horizon, gamma = 1, policy } = options
  share('finiteHorizon: gamma', gamma)
  whole('finiteHorizon: horizon', horizon, 0)
  let V = new Float64Array(mdp.P.length)
  for (let left = 0; left < horizon; left++) {
    V = V.map((_, s) => (policy ? backup(mdp, V, s, policy[s], gamma) : bestBackup(mdp, V, s, gamma)))
  }
  return V
}
