// Policy iteration: evaluate, improve, until nothing improves.

import { share } from '../env/numbers.ts'
import type { FiniteMdp } from '../envs/mdp.ts'
import { solvePolicy } from './policyEvaluation.ts'
import { actionValues, checkPlanning, greedyPolicy, softPolicy, uniformPolicy } from './values.ts'

export interface PolicyIterationOptions {
  /** Discount in [0, 1]. */
  gamma: number
  /** With probability epsilon any action must be taken: the best among such policies is sought. Default 0 */
  epsilon?: number
  /** Most improvements. Default 1000 */
  maxIterations?: number
}

export interface Solution {
  /** The value of every state. */
  readonly V: Float64Array
  /** The value of every action. */
  readonly Q: Float64Array[]
  /** The first of the best actions in every state. */
  readonly policy: Int32Array
}

/**
 * The optimal policy and its exact values.
 *
 * A policy changes only where another action is better by more than rounding, so that it ends where several are best.
 * Source: Howard 1960; Sutton and Barto 2018, section 4.3; with `epsilon`, the best ε-soft policy of section 5.4.
 * @throws RangeError where episodes need not end and gamma is 1, or for options that there are not or out of range
 * @example
 * import { FrozenLake, policyIteration } from '@x/rl'
 * const { V, policy, iterations } = policyIteration(new FrozenLake().mdp, { gamma: 0.99 })
 * V[0].toFixed(5) // '0.54203'
 */
export function policyIteration(
  mdp: FiniteMdp,
  options: PolicyIterationOptions,
): Solution & { readonly iterations: number } {
  checkPlanning('policyIteration', mdp, options, ['gamma', 'epsilon', 'maxIterations'])
  const { epsilon = 0, maxIterations = 1000 } = options
  const gamma = share('policyIteration: gamma', options.gamma)
  share('policyIteration: epsilon', epsilon)
  let policy: Int32Array = new Int32Array(mdp.P.length)
  // Without discount, one has to begin with a policy that ends: the values of acting at random lead to one.
  if (gamma === 1) policy = greedyPolicy(actionValues(mdp, solvePolicy(mdp, uniformPolicy(mdp), { gamma }), gamma))
  for (let iterations = 1; iterations <= maxIterations; iterations++) {
    const choices = mdp.P.map((row, s) => Float64Array.from(row, (_, a) => Number(a === policy[s])))
    const V = solvePolicy(mdp, softPolicy(choices, epsilon), { gamma })
    const Q = actionValues(mdp, V, gamma)
    const best = greedyPolicy(Q)
    const improved = policy.map((a, s) => (Q[s][best[s]] > Q[s][a] + 1e-11 * (1 + Math.abs(Q[s][a])) ? best[s] : a))
    if (improved.every((a, s) => a === policy[s])) return { V, Q, policy: best, iterations }
    policy = improved
  }
  throw new RangeError(`policyIteration: still improving after ${maxIterations} iterations`)
}
