// The linear-quadratic regulator as a controller, and linear models of what is not linear.

import { type LqrProblem, lqr, riccati } from '../arithmetic/control.ts'
import { knownOptions } from '../env/errors.ts'
import { above0, whole } from '../env/numbers.ts'

type Vector = ArrayLike<number>

/** x' ≈ x₁ + A (x − x₀) + B (u − u₀) with x₁ = f(x₀, u₀). */
export interface Linearization {
  readonly A: Float64Array[]
  readonly B: Float64Array[]
}

/**
 * The derivatives of dynamics x' = f(x, u) by state and action at a point, by central differences.
 * @param options.step distance to either side, > 0. Default 1e-4
 * @throws RangeError for a step that is not above 0, or an option that there is not
 * @returns A [n][n] and B [n][m]
 * @example
 * import { linearize } from '@x/rl/planning'
 * linearize(([x], [u]) => [x * x + u], [3], [0]).A[0][0].toFixed(3) // '6.000'
 */
export function linearize(
  f: (x: Float64Array, u: Float64Array) => Vector,
  x0: Vector,
  u0: Vector,
  options: { step?: number } = {},
): Linearization {
  knownOptions('linearize', options, ['step'])
  const { step = 1e-4 } = options
  above0('linearize: step', step)
  const point = (at: Vector, j: number, by: number): Float64Array =>
    Float64Array.from(at, (v, i) => (i === j ? v + by : v))
  const [x, u] = [Float64Array.from(x0), Float64Array.from(u0)]
  const slopes = (columns: number, at: (j: number, by: number) => Vector): Float64Array[] => {
    const pairs = Array.from({ length: columns }, (_, j) => [at(j, step), at(j, -step)])
    return Array.from(x, (_, i) => Float64Array.from(pairs, ([up, down]) => (up[i] - down[i]) / (2 * step)))
  }
  return {
    A: slopes(x.length, (j, by) => f(point(x, j, by), u.slice())),
    B: slopes(u.length, (j, by) => f(x.slice(), point(u, j, by))),
  }
}

export interface LQROptions {
  /** Steps of the whole task; the gains then depend on the time. Default: for ever, one gain */
  horizon?: number
  /** The state to hold. Default 0 */
  target?: Vector
}

/**
 * The controller u = −K (x − target) of least total cost Σ xᵀ Q x + uᵀ R u for x' = A x + B u. With a horizon N the gains are
 * Kₜ = (R + Bᵀ Pₜ₊₁ B)⁻¹ Bᵀ Pₜ₊₁ A with Pₜ = Q + Aᵀ Pₜ₊₁ A − Aᵀ Pₜ₊₁ B Kₜ backwards from P_N = Q; for ever, P is the solution
 * of the same equation with Pₜ = Pₜ₊₁, the discrete algebraic Riccati equation.
 * Source: Kalman 1960, "Contributions to the Theory of Optimal Control"; Bertsekas 2017, "Dynamic Programming and Optimal
 * Control", volume I, section 3.1.
 * @throws RangeError for a horizon that is not a whole number ≥ 1, or a system that cannot be held
 * @example
 * import { LQR } from '@x/rl/planning'
 * // A cart of mass 1 that a force pushes for 0.1 s at a time: position and speed.
 * const controller = new LQR({ A: [[1, 0.1], [0, 1]], B: [[0], [0.1]], Q: [[1, 0], [0, 1]], R: [[1]] })
 * controller.act([1, 0]) // [-0.9171]: back to 0
 */
export class LQR {
  /** K of every step: one of them when it is for ever. */
  readonly gains: readonly Float64Array[][]
  /** The cost to go from x at the start is (x − target)ᵀ P (x − target). */
  readonly P: Float64Array[]
  private readonly target: Vector
  private t = 0

  constructor(problem: LqrProblem, options: LQROptions = {}) {
    knownOptions('LQR', options, ['horizon', 'target'])
    const { horizon, target } = options
    if (!problem?.A || !problem.B || !problem.Q || !problem.R) throw new TypeError('LQR: give matrices { A, B, Q, R }')
    this.target = target ?? new Float64Array(problem.A.length)
    if (this.target.length !== problem.A.length)
      throw new RangeError(`LQR: a target of ${this.target.length} numbers for a state of ${problem.A.length}`)
    if (horizon === undefined) {
      const { P, K } = lqr(problem)
      this.P = P
      this.gains = [K]
      return
    }
    whole('LQR: horizon', horizon)
    const gains: Float64Array[][] = []
    let P = problem.Q.map((row) => Float64Array.from(row))
    for (let t = horizon - 1; t >= 0; t--) {
      const step = riccati(problem, P)
      P = step.P as Float64Array<ArrayBuffer>[]
      gains[t] = step.K
    }
    this.P = P
    this.gains = gains
  }

  /** Back to the first step of the horizon. */
  reset(): void {
    this.t = 0
  }

  /** −K (x − target); with a horizon, of the step after the last one that was asked for, and in the end of the last. */
  act(x: Vector): Float64Array {
    if (x?.length !== this.target.length)
      throw new RangeError(`LQR: a state of ${x?.length ?? 'no'} numbers; there are ${this.target.length}`)
    const K = this.gains[Math.min(this.t++, this.gains.length - 1)]
    return Float64Array.from(K, (row) => -row.reduce((sum, k, i) => sum + k * (x[i] - this.target[i]), 0))
  }
}
