// Singular values and singular vectors.

import { run } from '../../backend/launch.ts'
import { wideKernel } from '../../backend/linalgKernels.ts'
import { tidy } from '../../memory/scope.ts'
import { checkOptions } from '../../options.ts'
import { defineOp, temporary } from '../../record.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { slice } from '../indexing/slicing.ts'
import { eye } from '../shape/diagonal.ts'
import { reciprocalOf } from './eigh.ts'
import { batchOf, checkState, countOf, flipped, requireMatrices, scratched, sidesOf, widened } from './matrices.ts'

const kernel = wideKernel('svd')

/** Of tall matrices, m ≥ n. */
function decompose(a: Tensor, y: Tensor, vectors: boolean, full: boolean): void {
  const [m, n] = sidesOf(a)
  const state = temporary(batchOf(a), 'int32')
  const steps = a.size * n * (vectors ? 10 : 4)
  const columns = scratched(flipped(a))
  run(kernel, countOf(a), steps, pointer(columns), pointer(y), pointer(state), m, n, Number(vectors), Number(full))
  checkState(vectors ? 'svd' : 'svdvals', state, 1, () => 'is not finite')
}

/** Row i is column i of U, singular value i and column i of V, [..., n or m, m + 1 + n]. */
const op = defineOp<{ full: boolean }>({
  name: 'svd',
  inputs: ['a'],
  shape: ([a], { full }) => {
    const [m, n] = sidesOf(a)
    return [...batchOf(a), full ? m : n, m + 1 + n]
  },
  launch: ([a], y, { full }) => decompose(a, y, true, full),
  // U ((Uᵀ gU − gUᵀ U) / E Σ + Σ (Vᵀ gV − gVᵀ V) / E + diag(gΣ)) Vᵀ + (I − U Uᵀ) gU Σ⁻¹ Vᵀ with E = σⱼ² − σᵢ². What `full` adds
  // to U is free to turn, and has no gradient.
  grad: {
    a: ({ a, y, dy }) => {
      const [m, n] = sidesOf(a)
      const { U, S, V } = split(y, m, n)
      const g = split(dy, m, n)
      const [row, column] = [S.unsqueeze(-2), S.unsqueeze(-1)]
      const gaps = reciprocalOf(row.sub(column).mul(row.add(column)))
      const turning = (x: Tensor, gx: Tensor): Tensor => {
        const p = x.mT.matmul(gx)
        return p.sub(p.mT).mul(gaps)
      }
      const inner = turning(U, g.U)
        .mul(row)
        .add(turning(V, g.V).mul(column))
        .add(g.S.unsqueeze(-1).mul(eye(n, { dtype: y.dtype })))
      const within = U.matmul(inner)
      if (m === n) return within.matmul(V.mT)
      const outside = g.U.sub(U.matmul(U.mT.matmul(g.U))).mul(reciprocalOf(row))
      return within.add(outside).matmul(V.mT)
    },
  },
})

const valuesOp = defineOp<void>({
  name: 'svdvals',
  inputs: ['a'],
  shape: ([a]) => [...batchOf(a), sidesOf(a)[1]],
  launch: ([a], y) => decompose(a, y, false, false),
  grad: {
    a: ({ a, dy }) => {
      const { U, V } = split(op([a], { full: false }), ...sidesOf(a))
      return U.mul(dy.unsqueeze(-2)).matmul(V.mT)
    },
  },
})

const split = (y: Tensor, m: number, n: number): { U: Tensor; S: Tensor; V: Tensor } => ({
  U: y.at('...', slice(0, n), slice(0, m)).mT,
  S: y.at('...', slice(0, n), m),
  V: y.at('...', slice(0, n), slice(m + 1)).mT,
})

/** What `svd` gives: A = U diag(S) Vh. */
export interface Singular {
  /** Orthonormal columns. */
  readonly U: Tensor
  /** In descending order, none negative. */
  readonly S: Tensor
  /** Orthonormal rows. */
  readonly Vh: Tensor
}

export interface SvdOptions {
  /** Whether U [..., m, m] and Vh [..., n, n] are square, else U [..., m, k] and Vh [..., k, n]. Default true. */
  fullMatrices?: boolean
}

/**
 * The singular value decomposition A = U diag(S) Vh: a [..., m, n] → U, S [..., k], Vh with k = min(m, n). Singular values are
 * in descending order; a pair of singular vectors may have either sign. float32 is computed in float64. Differentiable;
 * what depends on the choice of the vectors (their signs, bases of equal values, what `fullMatrices` adds) has no meaning.
 * @throws LinAlgError for a matrix with NaN or infinities; ShapeError for less than two axes
 * @example
 * import { tensor } from '@x/tensor'
 * import { svd } from '@x/tensor/linalg'
 * const { U, S, Vh } = svd(tensor([[3, 0], [0, 4], [0, 0]]), { fullMatrices: false })
 * S.toArray() // [4, 3]
 * U.mul(S).matmul(Vh).shape // [3, 2]
 */
export function svd(a: Tensor, options: SvdOptions = {}): Singular {
  checkOptions('svd', options, ['fullMatrices'])
  const { fullMatrices: full = true } = options
  requireMatrices('svd', 'a', a)
  const [m, n] = sidesOf(a)
  if (m < n) {
    const { U, S, Vh } = svd(a.mT, options)
    return { U: Vh.mT, S, Vh: U.mT }
  }
  return tidy(() => {
    const [wide, narrow] = widened(a)
    const y = narrow(op([wide], { full }))
    const { U, S, V } = split(y, m, n)
    return { U: full ? y.at('...', slice(), slice(0, m)).mT : U, S, Vh: V.mT }
  })
}

/** The singular values alone, in descending order: a [..., m, n] → [..., min(m, n)]; see `svd`. @throws LinAlgError, ShapeError */
export function svdvals(a: Tensor): Tensor {
  requireMatrices('svdvals', 'a', a)
  const [m, n] = sidesOf(a)
  return tidy(() => {
    const [wide, narrow] = widened(m < n ? a.mT : a)
    return narrow(valuesOp([wide], undefined))
  })
}
