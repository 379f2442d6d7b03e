// Prediction with linear features: semi-gradient TD(λ), and the point where it comes to rest.

import { knownOptions } from '../env/errors.ts'
import { above0, share, whole } from '../env/numbers.ts'
import type { FiniteMdp } from '../envs/mdp.ts'
import { solveLinear } from './linearSystem.ts'
import { chainOf } from './policyEvaluation.ts'
import type { Policy } from './values.ts'

export interface LinearTdOptions {
  /** Step size. Default 0.01 */
  alpha?: number
  /** Discount in [0, 1]. Default 0.99 */
  gamma?: number
  /** Decay of the trace in [0, 1]. Default 0 */
  lambda?: number
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

/**
 * v(s) = θ·x(s); δ = R + γ θ·x(S') − θ·x(S); z ← γ λ z + x(S); θ ← θ + α δ z.
 * Source: Sutton 1988; Sutton and Barto 2018, section 12.2.
 * @example
 * import { LinearTD } from '@x/rl'
 * const agent = new LinearTD(2, { alpha: 0.1, gamma: 0.9 })
 * agent.update([1, 0], 1, [0, 1]) // 1: the temporal difference
 * agent.value([1, 0]) // 0.1
 */
export class LinearTD {
  readonly theta: Float64Array
  private readonly z: Float64Array
  private readonly alpha: number
  private readonly gamma: number
  private readonly lambda: number

  /** @param size numbers per feature vector. @throws RangeError */
  constructor(size: number, options: LinearTdOptions = {}) {
    knownOptions('LinearTD', options, ['alpha', 'gamma', 'lambda'])
    const { alpha = 0.01, gamma = 0.99, lambda = 0 } = options
    whole('LinearTD: size', size)
    this.theta = new Float64Array(size)
    this.z = new Float64Array(size)
    this.alpha = above0('LinearTD: alpha', alpha)
    this.gamma = share('LinearTD: gamma', gamma)
    this.lambda = share('LinearTD: lambda', lambda)
  }

  /** The value of a state with these features. */
  value(x: ArrayLike<number>): number {
    return dot(this.theta, x)
  }

  /** One update; `next` is null after termination, which ends the trace. Returns the temporal difference. */
  update(x: ArrayLike<number>, reward: number, next: ArrayLike<number> | null): number {
    const { theta, z, gamma } = this
    const difference = reward + (next ? gamma * this.value(next) : 0) - this.value(x)
    for (let i = 0; i < z.length; i++) z[i] = gamma * this.lambda * z[i] + x[i]
    for (let i = 0; i < z.length; i++) theta[i] += this.alpha * difference * z[i]
    if (!next) z.fill(0)
    return difference
  }
}

/** How often a policy is in each state in the long run. @throws RangeError where that depends on the start, or episodes end */
export function stationaryDistribution(mdp: FiniteMdp, policy: Policy): Float64Array {
  const { P } = chainOf(mdp, policy)
  const n = P.length
  // d P = d with Σ d = 1 in place of the last equation.
  const A = Array.from({ length: n }, (_, j) =>
    j === n - 1 ? new Float64Array(n).fill(1) : Float64Array.from({ length: n }, (_, i) => P[i][j] - Number(i === j)),
  )
  const b = new Float64Array(n)
  b[n - 1] = 1
  return solveLinear(A, b, 'stationaryDistribution')
}

/**
 * The weights at which linear TD(λ) rests on-policy: A θ = b with A = Xᵀ D (I − γλP)⁻¹ (I − γP) X and
 * b = Xᵀ D (I − γλP)⁻¹ r, D the stationary distribution.
 * Source: Tsitsiklis and Van Roy 1997, "An Analysis of Temporal-Difference Learning with Function Approximation".
 * @param features one vector per state
 * @throws RangeError where the features do not determine the weights
 */
export function tdFixedPoint(
  mdp: FiniteMdp,
  policy: Policy,
  features: readonly ArrayLike<number>[],
  options: { gamma: number; lambda?: number },
): Float64Array {
  knownOptions('tdFixedPoint', options, ['gamma', 'lambda'])
  const { lambda = 0 } = options
  const gamma = share('tdFixedPoint: gamma', options.gamma)
  const { P, r } = chainOf(mdp, policy)
  const d = stationaryDistribution(mdp, policy)
  const n = P.length
  const k = features[0].length
  const shrunk = (factor: number): Float64Array[] => P.map((row, s) => row.map((p, i) => Number(s === i) - factor * p))
  const solved = (right: Float64Array): Float64Array => solveLinear(shrunk(gamma * lambda), right, 'tdFixedPoint')
  // Columns of (I − γλP)⁻¹ (I − γP) X
  const step = shrunk(gamma)
  const columns = Array.from({ length: k }, (_, c) =>
    solved(Float64Array.from(step, (row) => features.reduce((sum, x, i) => sum + row[i] * x[c], 0))),
  )
  const rewards = solved(r.slice())
  const project = (column: Float64Array, c: number): number => {
    let sum = 0
    for (let s = 0; s < n; s++) sum += d[s] * features[s][c] * column[s]
    return sum
  }
  const A = Array.from({ length: k }, (_, i) => Float64Array.from(columns, (column) => project(column, i)))
  const b = Float64Array.from({ length: k }, (_, i) => project(rewards, i))
  return solveLinear(A, b, 'tdFixedPoint')
}
