// Control with a known linear model, and the cross-entropy method's step.
import { knownOptions } from '../env/errors.ts'
import { whole } from '../env/numbers.ts'
import { solveLinear } from '../tabular/linearSystem.ts'

type Matrix = readonly ArrayLike<number>[]

const times = (A: Matrix, B: Matrix): Float64Array[] =>
  A.map((row) => Float64Array.from(B[0], (_, j) => B.reduce((sum, other, k) => sum + row[k] * other[j], 0)))
const transposed = (A: Matrix): Float64Array[] => Array.from(A[0], (_, j) => Float64Array.from(A, (row) => row[j]))
const plus = (A: Matrix, B: Matrix, sign = 1): Float64Array[] =>
  A.map((row, i) => Float64Array.from(row, (v, j) => v + sign * B[i][j]))

/** A⁻¹ B, column by column. */
function solved(A: Matrix, B: Matrix): Float64Array[] {
  const columns = transposed(B).map((b) =>
    solveLinear(
      A.map((row) => Float64Array.from(row)),
      b,
      'lqr',
    ),
  )
  return transposed(columns)
}

export interface LqrProblem {
  /** x' = A x + B u */
  readonly A: Matrix
  readonly B: Matrix
  /** Cost xᵀ Q x + uᵀ R u per step; Q and R symmetric. */
  readonly Q: Matrix
  readonly R: Matrix
}

export interface LqrSolution {
  /** The cost to go from x is xᵀ P x. */
  readonly P: Float64Array[]
  /** The best action is u = −K x: with a horizon, of the first step. */
  readonly K: Float64Array[]
}

/** One step of Riccati's recursion backwards in time. */
export function riccati({ A, B, Q, R }: LqrProblem, P: Matrix): LqrSolution {
  const BP = times(transposed(B), P)
  const K = solved(plus(R, times(BP, B)), times(BP, A))
  const AP = times(transposed(A), P)
  return { P: plus(plus(Q, times(AP, A)), times(times(AP, B), K), -1), K }
}

/**
 * The linear-quadratic regulator: the actions u = −K x of least total cost Σ xᵀ Q x + uᵀ R u, over a horizon (with xᵀ Q x at
 * its end) or for ever.
 * Source: Kalman 1960; K = (R + Bᵀ P B)⁻¹ Bᵀ P A, P = Q + Aᵀ P A − Aᵀ P B K.
 * @param options.horizon steps, ≥ 1. Default: for ever, until P settles
 * @throws RangeError when P does not settle: the system cannot be held; for a horizon below 1, or an option that there is not
 * @example
 * import { lqr } from '@x/rl'
 * lqr({ A: [[1]], B: [[1]], Q: [[1]], R: [[1]] }).K[0][0].toFixed(3) // '0.618'
 */
export function lqr(problem: LqrProblem, options: { horizon?: number } = {}): LqrSolution {
  knownOptions('lqr', options, ['horizon'])
  const { horizon } = options
  if (horizon !== undefined) whole('lqr: horizon', horizon)
  let P = problem.Q.map((row) => Float64Array.from(row))
  let solution: LqrSolution = { P, K: [] }
  for (let step = 0; step < (horizon ?? 100_000); step++) {
    solution = riccati(problem, P)
    const change = Math.max(...solution.P.map((row, i) => Math.max(...row.map((v, j) => Math.abs(v - P[i][j])))))
    const size = Math.max(...solution.P.map((row) => Math.max(...row.map(Math.abs))))
    P = solution.P as Float64Array<ArrayBuffer>[]
    if (!Number.isFinite(size)) break
    if (horizon === undefined && change <= 1e-15 * size) return solution
  }
  if (horizon === undefined) throw new RangeError('lqr: the cost to go does not settle: the system cannot be held')
  return solution
}

/** xᵀ P x */
export const quadraticCost = (P: Matrix, x: ArrayLike<number>): number =>
  P.reduce((sum, row, i) => sum + x[i] * Array.from(row).reduce((s, v, j) => s + v * x[j], 0), 0)

/**
 * A step of the cross-entropy method: mean and standard deviation of the best samples, mixed with the old ones.
 * Source: Rubinstein 1999; De Boer et al. 2005, "A Tutorial on the Cross-Entropy Method", with smoothing.
 * @param scores higher is better
 * @param options.smoothing share of the old mean and deviation. Default 0
 * @throws RangeError for no elites or more than there are samples, or an option that there is not
 * @returns the new mean and deviation, and which samples were the best, from the best on
 */
export function cemUpdate(
  samples: readonly ArrayLike<number>[],
  scores: ArrayLike<number>,
  options: { elites: number; mean: ArrayLike<number>; std: ArrayLike<number>; smoothing?: number },
): { mean: Float64Array; std: Float64Array; elites: Int32Array } {
  knownOptions('cemUpdate', options, ['elites', 'mean', 'std', 'smoothing'])
  const { elites: count, mean, std, smoothing = 0 } = options
  if (!(count >= 1 && count <= samples.length))
    throw new RangeError(`cemUpdate: ${count} elites of ${samples.length} samples`)
  const elites = Int32Array.from(samples, (_, i) => i)
    .sort((a, b) => scores[b] - scores[a])
    .slice(0, count)
  const mix = (old: number, fresh: number): number => smoothing * old + (1 - smoothing) * fresh
  const eliteMean = Float64Array.from(mean, (_, j) => elites.reduce((sum, i) => sum + samples[i][j], 0) / count)
  const spread = eliteMean.map((m, j) =>
    Math.sqrt(elites.reduce((sum, i) => sum + (samples[i][j] - m) ** 2, 0) / count),
  )
  return {
    mean: eliteMean.map((m, j) => mix(mean[j], m)),
    std: spread.map((s, j) => mix(std[j], s)),
    elites,
  }
}
