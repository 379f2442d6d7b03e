// A = L Lᵀ of symmetric positive definite matrices.

import { run } from '../../backend/launch.ts'
import { family } from '../../backend/linalgKernels.ts'
import { ShapeError } from '../../errors.ts'
import { tidy } from '../../memory/scope.ts'
import { checkOptions } from '../../options.ts'
import { defineOp, temporary } from '../../record.ts'
import { show } from '../../shape.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { floating } from '../elementwise/rules.ts'
import { copyTo } from '../shape/contiguous.ts'
import { eye, tril } from '../shape/diagonal.ts'
import {
  alongside,
  batchOf,
  checkState,
  countOf,
  requireMatrices,
  requireSquare,
  sidesOf,
  working,
  workingIn,
} from './matrices.ts'
import { triangularSolve } from './triangular.ts'

const kernels = family('cholesky')

const op = defineOp<void>({
  name: 'cholesky',
  inputs: ['a'],
  cast: floating,
  shape: ([a]) => a.shape,
  // Uᵀ U = A from the upper triangle: rows are what the kernel is fast at.
  launch: ([a], u) => {
    const state = temporary(batchOf(a), 'int32')
    const n = sidesOf(a)[0]
    copyTo(a, u)
    run(kernels[u.dtype], countOf(a), (a.size * n) / 3, pointer(u), pointer(state), n)
    checkState('cholesky', state, 1, (order) => `is not positive definite: its leading minor of order ${order} is not`)
  },
  // With L = Uᵀ: ½ L⁻ᵀ (Φ + Φᵀ) L⁻¹, Φ the lower half of Lᵀ gL with half of its diagonal
  // (I. Murray 2016, "Differentiation of the Cholesky decomposition", arXiv:1602.07527).
  grad: {
    a: ({ y, dy }) => {
      const n = sidesOf(y)[0]
      const product = y.matmul(dy.mT)
      const phi = tril(product).sub(product.mul(eye(n, { dtype: y.dtype })).mul(0.5))
      const left = triangularSolve(y, phi.add(phi.mT), { upper: true })
      return triangularSolve(y, left.mT, { upper: true }).mT.mul(0.5)
    },
  },
})

export interface CholeskyOptions {
  /** Whether the factor is Lᵀ, from (or as) the upper triangle. Default false. */
  upper?: boolean
}

function upperOf(name: string, options: CholeskyOptions): boolean {
  checkOptions(name, options, ['upper'])
  return options.upper ?? false
}

/**
 * L, lower triangular with a positive diagonal, such that A = L Lᵀ; with `upper` Lᵀ. Only that triangle of `a` is read.
 * a [..., n, n] symmetric positive definite → the same shape. float32, float64; differentiable (the gradient is that of a
 * symmetric matrix).
 * @throws LinAlgError for a matrix that is not positive definite; ShapeError unless it is square
 * @example
 * import { tensor } from '@x/tensor'
 * import { cholesky } from '@x/tensor/linalg'
 * cholesky(tensor([[4, 2], [2, 5]])).toArray() // [[2, 0], [1, 2]]
 */
export function cholesky(a: Tensor, options: CholeskyOptions = {}): Tensor {
  const upper = upperOf('cholesky', options)
  requireSquare('cholesky', 'a', a)
  return tidy(() => {
    const [x, narrow] = working(a)
    return upper ? narrow(op([x], undefined)) : narrow(op([x.mT], undefined)).mT
  })
}

/**
 * X with A X = B, from the Cholesky factor of A. b [..., n, k], l [..., n, n] → [..., n, k]; leading axes broadcast.
 * Arguments as in torch.cholesky_solve. Differentiable.
 * @param options.upper whether `l` is the upper factor
 * @throws ShapeError when sizes differ
 */
export function choleskySolve(b: Tensor, l: Tensor, options: CholeskyOptions = {}): Tensor {
  const upper = upperOf('choleskySolve', options)
  requireMatrices('choleskySolve', 'b', b)
  requireSquare('choleskySolve', 'l', l)
  if (sidesOf(b)[0] !== sidesOf(l)[0]) {
    throw new ShapeError(
      `choleskySolve: b ${show(b.shape)} and l ${show(l.shape)} differ (${sidesOf(b)[0]} ≠ ${sidesOf(l)[0]})`,
    )
  }
  return tidy(() => {
    const dtype = floating([b, l])
    const own = workingIn(sidesOf(l)[0], dtype)
    const [t, x] = alongside('choleskySolve', l.cast(own), b.cast(own))
    const inner = triangularSolve(t, x, { upper, transposed: upper })
    return triangularSolve(t, inner, { upper, transposed: !upper }).cast(dtype)
  })
}

/** A⁻¹ from the Cholesky factor of A: l [..., n, n] → the same shape. @throws ShapeError unless `l` is square */
export function choleskyInverse(l: Tensor, options: CholeskyOptions = {}): Tensor {
  upperOf('choleskyInverse', options)
  requireSquare('choleskyInverse', 'l', l)
  return tidy(() => choleskySolve(eye(sidesOf(l)[0], { dtype: floating([l]) }), l, options))
}
