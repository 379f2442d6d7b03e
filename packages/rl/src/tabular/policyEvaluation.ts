// The value of a policy: by sweeps, or by solving Bellman's equation.

import { above0, share } from '../env/numbers.ts'
import type { FiniteMdp } from '../envs/mdp.ts'
import { solveLinear } from './linearSystem.ts'
import { backup, checkPlanning, type Policy, probabilitiesOf } from './values.ts'

export interface SweepOptions {
  /** Discount in [0, 1]. */
  gamma: number
  /** Stop once no value changes by as much in a sweep. Default 1e-8 */
  theta?: number
  /** Update values in place, so that later states see the new ones; else every sweep sees the old ones. Default false */
  inPlace?: boolean
  /** Most sweeps. Default 1e6 */
  maxSweeps?: number
}

export const SWEEP_OPTIONS: readonly string[] = ['gamma', 'theta', 'inPlace', 'maxSweeps']

export interface Evaluation {
  /** The value of every state. */
  readonly V: Float64Array
  /** Sweeps made, the last one, which changed no value by theta or more, among them. */
  readonly sweeps: number
}

/** Sweeps from V = 0 until the values settle. @throws RangeError when they do not within `maxSweeps` */
export function sweep(
  what: string,
  states: number,
  options: SweepOptions,
  update: (s: number, V: Float64Array) => number,
): Evaluation {
  const { theta = 1e-8, inPlace = false, maxSweeps = 1e6 } = options
  above0(`${what}: theta`, theta)
  let V = new Float64Array(states)
  for (let sweeps = 1; sweeps <= maxSweeps; sweeps++) {
    const next = inPlace ? V : new Float64Array(states)
    let change = 0
    for (let s = 0; s < states; s++) {
      const before = V[s]
      next[s] = update(s, V)
      change = Math.max(change, Math.abs(next[s] - before))
    }
    V = next
    if (change < theta) return { V, sweeps }
  }
  throw new RangeError(
    `${what}: values still change after ${maxSweeps} sweeps; lower gamma, or raise theta or maxSweeps`,
  )
}

/**
 * Iterative policy evaluation: V(s) ← Σₐ π(a|s) Σ p (r + γ V(s')).
 * Source: Sutton and Barto 2018, section 4.1, equation 4.5.
 * @throws RangeError when the values do not settle, for a policy that does not fit, or gamma outside [0, 1]
 * @example
 * import { evaluatePolicy, Gridworld4x4, uniformPolicy } from '@x/rl'
 * const { mdp } = new Gridworld4x4()
 * evaluatePolicy(mdp, uniformPolicy(mdp), { gamma: 1, theta: 1e-6 }).V // 0, −14, −20, −22 in the first row
 */
export function evaluatePolicy(mdp: FiniteMdp, policy: Policy, options: SweepOptions): Evaluation {
  checkPlanning('evaluatePolicy', mdp, options, SWEEP_OPTIONS)
  const gamma = share('evaluatePolicy: gamma', options.gamma)
  const pi = mdp.P.map((row, s) => probabilitiesOf(policy, s, row.length))
  return sweep('evaluatePolicy', mdp.P.length, options, (s, V) => {
    let value = 0
    for (let a = 0; a < pi[s].length; a++) if (pi[s][a] !== 0) value += pi[s][a] * backup(mdp, V, s, a, gamma)
    return value
  })
}

/** The chain under a policy: the probability of going on from state to state (not after termination), and expected rewards. */
export function chainOf(mdp: FiniteMdp, policy: Policy): { P: Float64Array[]; r: Float64Array } {
  const n = mdp.P.length
  const P = Array.from({ length: n }, () => new Float64Array(n))
  const r = new Float64Array(n)
  mdp.P.forEach((row, s) => {
    const pi = probabilitiesOf(policy, s, row.length)
    row.forEach((outcomes, a) => {
      for (const [p, next, reward, terminated] of outcomes) {
        r[s] += pi[a] * p * reward
        if (!terminated) P[s][next] += pi[a] * p
      }
    })
  })
  return { P, r }
}

/**
 * The exact value of a policy: V with V = r + γ P V, by elimination.
 * Source: Bellman's equation for vπ, Sutton and Barto 2018, equation 4.4.
 * @throws RangeError where episodes under the policy need not end and gamma is 1
 * @example
 * import { Gridworld4x4, solvePolicy, uniformPolicy } from '@x/rl'
 * const { mdp } = new Gridworld4x4()
 * solvePolicy(mdp, uniformPolicy(mdp), { gamma: 1 })[1] // -14
 */
export function solvePolicy(mdp: FiniteMdp, policy: Policy, options: { gamma: number }): Float64Array {
  checkPlanning('solvePolicy', mdp, options, ['gamma'])
  const gamma = share('solvePolicy: gamma', options.gamma)
  const { P, r } = chainOf(mdp, policy)
  const A = P.map((row, s) => row.map((p, next) => Number(s === next) - gamma * p))
  return solveLinear(A, r, 'solvePolicy: the policy may go on for ever')
}
