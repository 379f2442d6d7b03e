// A = Q R, and products of reflections.

import { run } from '../../backend/launch.ts'
import { wideKernel } from '../../backend/linalgKernels.ts'
import { zeros } from '../../create.ts'
import type { DType } from '../../dtype.ts'
import { ShapeError } from '../../errors.ts'
import { tidy } from '../../memory/scope.ts'
import { checkOptions } from '../../options.ts'
import { defineOp, type OpFunction, requireTensor } from '../../record.ts'
import { show } from '../../shape.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { floating } from '../elementwise/rules.ts'
import { slice } from '../indexing/slicing.ts'
import { concat } from '../shape/concat.ts'
import { eye, tril, triu } from '../shape/diagonal.ts'
import { batchOf, countOf, flipped, requireMatrices, scratched, sidesOf, widened } from './matrices.ts'
import { triangularSolve } from './triangular.ts'

const kernel = wideKernel('qr')

/** Rows of Q's transpose and of R side by side: row i is column i of Q and row i of R. */
const op: OpFunction<{ rows: number; vectors: boolean }> = defineOp<{ rows: number; vectors: boolean }>({
  name: 'qr',
  inputs: ['a'],
  shape: ([a], { rows, vectors }) => {
    const [m, n] = sidesOf(a)
    return [...batchOf(a), rows, (vectors ? m : 0) + n]
  },
  launch: ([a], y, { rows, vectors }) => {
    const [m, n] = sidesOf(a)
    const steps = 2 * (a.size + y.size) * Math.min(m, n)
    run(kernel, countOf(a), steps, pointer(scratched(flipped(a))), pointer(y), m, n, rows, Number(vectors))
  },
  grad: {
    a: ({ a, y, dy }, { rows, vectors }) => {
      const [m, n] = sidesOf(a)
      if (!vectors) return gradient(a, split(op([a], { rows, vectors: true }), m), { R: dy })
      if (rows > n) {
        throw new RangeError(
          `qr: with mode 'complete' a tall matrix ${show([m, n])} has no gradient: all of Q but its first ${n} columns is ` +
            "free to turn; use 'reduced'",
        )
      }
      return gradient(a, split(y, m), split(dy, m))
    },
  },
})

interface Parts {
  readonly Q: Tensor
  readonly R: Tensor
}

const split = (y: Tensor, m: number): Parts => ({
  Q: y.at('...', slice(), slice(0, m)).mT,
  R: y.at('...', slice(), slice(m)),
})

/**
 * (gQ + Q sym(M)) R⁻ᵀ with M = R gRᵀ − gQᵀ Q, sym(M) its lower half and that half's mirror image. Of a wide A = Q [U V]
 * the first columns have such a gradient, to which those of V = Qᵀ Y add, and Y itself has Q gV.
 * Source: H.-J. Liao and others 2019, "Differentiable programming tensor networks", arXiv:1903.09650.
 */
function gradient(a: Tensor, { Q, R }: Parts, given: { Q?: Tensor; R: Tensor }): Tensor {
  const [m, n] = sidesOf(a)
  const [first, rest, all] = [slice(0, m), slice(m), slice()]
  const isWide = n > m
  const U = isWide ? R.at('...', all, first) : R
  const gU = isWide ? given.R.at('...', all, first) : given.R
  const gV = given.R.at('...', all, rest)
  let gQ = given.Q
  if (isWide) {
    const turned = a.at('...', all, rest).matmul(gV.mT)
    gQ = gQ ? gQ.add(turned) : turned
  }
  const M = gQ ? U.matmul(gU.mT).sub(gQ.mT.matmul(Q)) : U.matmul(gU.mT)
  const mirrored = tril(M).add(tril(M, -1).mT)
  const product = Q.matmul(mirrored)
  const right = gQ ? gQ.add(product) : product
  const g = triangularSolve(triu(U), right.mT, { upper: true }).mT
  return isWide ? concat([g, Q.matmul(gV)], -1) : g
}

/** How much of Q: min(m, n) columns, all m, or none. */
export type QrMode = 'reduced' | 'complete' | 'r'

/**
 * A = Q R, the columns of Q orthonormal, R upper triangular. a [..., m, n] → Q [..., m, k], R [..., k, n] with
 * k = min(m, n), or m for mode 'complete'; with mode 'r' Q is empty, [0]. Signs are as in LAPACK: the diagonal of R is not
 * made positive. float32 is computed in float64; differentiable, except for 'complete' of a tall matrix.
 * @throws ShapeError for less than two axes, RangeError for another mode
 * @example
 * import { tensor } from '@x/tensor'
 * import { qr } from '@x/tensor/linalg'
 * const { Q, R } = qr(tensor([[3, 1], [4, 2]]))
 * Q.matmul(R).toArray() // about [[3, 1], [4, 2]]
 */
export function qr(a: Tensor, options: { mode?: QrMode } = {}): Parts {
  checkOptions('qr', options, ['mode'])
  const { mode = 'reduced' } = options
  if (!['reduced', 'complete', 'r'].includes(mode)) {
    throw new RangeError(`qr: there is no mode '${mode}'; there are 'reduced', 'complete' and 'r'`)
  }
  requireMatrices('qr', 'a', a)
  const [m, n] = sidesOf(a)
  const vectors = mode !== 'r'
  return tidy(() => {
    const [wide, narrow] = widened(a)
    const y = narrow(op([wide], { rows: mode === 'complete' ? m : Math.min(m, n), vectors }))
    return vectors ? split(y, m) : { Q: zeros([0], { dtype: y.dtype }), R: y }
  })
}

/**
 * The first n columns of H₀ H₁ … H₍ₖ₋₁₎, Hᵢ = I − τᵢ vᵢ vᵢᵀ, where vᵢ is column i of `a` below its diagonal, 1 on it and 0
 * above: Q from what LAPACK's geqrf leaves. a [..., m, n] with m ≥ n, tau [..., k] with k ≤ n → [..., m, n]. Differentiable.
 *
 * H₀ H₁ … = I − V D (I + striu(Vᵀ V) D)⁻¹ Vᵀ with D = diag(τ).
 * @throws ShapeError for sizes that do not fit
 */
export function householderProduct(a: Tensor, tau: Tensor): Tensor {
  requireMatrices('householderProduct', 'a', a)
  requireTensor('householderProduct', 'tau', tau)
  const [m, n] = sidesOf(a)
  const k = tau.ndim === 0 ? -1 : tau.shape[tau.ndim - 1]
  if (k < 0 || k > n || n > m || show(tau.shape.slice(0, -1)) !== show(batchOf(a))) {
    throw new ShapeError(
      `householderProduct: a ${show(a.shape)} is [..., m, n] with m ≥ n, and tau ${show(tau.shape)} [..., k] with k ≤ n`,
    )
  }
  return tidy(() => reflections(a, tau, floating([a, tau])))
}

function reflections(a: Tensor, tau: Tensor, dtype: DType): Tensor {
  const [m, n] = sidesOf(a)
  const k = tau.shape[tau.ndim - 1]
  const V = tril(a.at('...', slice(), slice(0, k)).cast(dtype), -1).add(eye(m, k, { dtype }))
  const D = tau.cast(dtype).unsqueeze(-2)
  const T = triu(V.mT.matmul(V), 1).mul(D)
  const right = triangularSolve(T, V.mT, { upper: true, unit: true })
  return eye(m, n, { dtype }).sub(V.mul(D).matmul(right.at('...', slice(), slice(0, n))))
}
