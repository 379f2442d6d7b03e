// Small dense systems of linear equations in float64, for exact solutions of Markov chains.

/**
 * x with A x = b, by Gaussian elimination with row pivots. A and b are overwritten.
 * @throws RangeError naming `what` when A is singular
 */
export function solveLinear(A: Float64Array[], b: Float64Array, what: string): Float64Array {
  const n = b.length
  for (let k = 0; k < n; k++) {
    let pivot = k
    for (let i = k + 1; i < n; i++) if (Math.abs(A[i][k]) > Math.abs(A[pivot][k])) pivot = i
    if (!(Math.abs(A[pivot][k]) > 1e-14)) throw new RangeError(`${what}: the equations have no unique solution`)
    ;[A[k], A[pivot]] = [A[pivot], A[k]]
    ;[b[k], b[pivot]] = [b[pivot], b[k]]
    const row = A[k]
    for (let i = k + 1; i < n; i++) {
      const other = A[i]
      const factor = other[k] / row[k]
      if (factor === 0) continue
      for (let j = k; j < n; j++) other[j] -= factor * row[j]
      b[i] -= factor * b[k]
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i]
    for (let j = i + 1; j < n; j++) sum -= A[i][j] * b[j]
    b[i] = sum / A[i][i]
  }
  return b
}
