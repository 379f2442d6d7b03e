// A = P L U.
import { tidy } from '../../memory/scope.ts'
import { apply, defineRecord } from '../../record.ts'
import type { Tensor } from '../../tensor.ts'
import { floating } from '../elementwise/rules.ts'
import { slice } from '../indexing/slicing.ts'
import { concat } from '../shape/concat.ts'
import { eye, tril, triu } from '../shape/diagonal.ts'
import { type Factored, factorInto } from './factors.ts'
import { alongside, batchOf, requireMatrices, requireSquare, sidesOf, working } from './matrices.ts'
import { triangularSolve } from './triangular.ts'

const record = defineRecord<void>({
  name: 'luFactor',
  inputs: ['a'],
  cast: floating,
  shape: ([a]) => a.shape,
  extra: ([a]) => [
    { name: 'order', dtype: 'int32', shape: a.shape.slice(0, -1) },
    { name: 'state', dtype: 'int32', shape: [...batchOf(a), 2] },
  ],
  launch: ([a], lu, _, [order, state]) => factorInto(a, { lu, order, state }, null),
  grad: { a: ({ y, order, dy }) => permutation(order, y).matmul(gradient(y, dy)) },
})

/**
 * The gradient of P⁻¹ A: L⁻ᵀ (tril(Lᵀ gL) + triu(gU Uᵀ)) U⁻ᵀ where A is square, the diagonal from gU; what stands below
 * or right of the square part takes its share with it.
 */
function gradient(lu: Tensor, dy: Tensor): Tensor {
  const [m, n] = sidesOf(lu)
  const k = Math.min(m, n)
  const [first, rest, all] = [slice(0, k), slice(k), slice()]
  const square = lu.at('...', first, first)
  const L = tril(square, -1).add(eye(k, { dtype: lu.dtype }))
  const U = triu(square)
  let lower = L.mT.matmul(tril(dy.at('...', first, first), -1))
  let upper = triu(dy.at('...', first, first)).matmul(U.mT)
  if (m > n) upper = upper.sub(lu.at('...', rest, all).mT.matmul(dy.at('...', rest, all)))
  if (n > m) lower = lower.sub(dy.at('...', all, rest).matmul(lu.at('...', all, rest).mT))
  const fromLeft = (b: Tensor): Tensor => triangularSolve(L, b, { unit: true, transposed: true })
  const fromRight = (b: Tensor): Tensor => triangularSolve(U, b.mT, { upper: true }).mT
  const g = fromRight(fromLeft(tril(lower, -1).add(triu(upper))))
  if (m > n) return concat([g, fromRight(dy.at('...', rest, all))], -2)
  return n > m ? concat([g, fromLeft(dy.at('...', all, rest))], -1) : g
}

/** P with A = P L U: row order[i] of column i is 1. */
function permutation(order: Tensor, { dtype }: Tensor): Tensor {
  return eye(order.shape[order.ndim - 1], { dtype }).take(order, 0).mT
}

/** The factors, of any matrix. */
export function factorsOf(a: Tensor): Factored {
  const { y, extra } = apply(record, [a], undefined)
  return { lu: y, order: extra[0], state: extra[1] }
}

/** What `luFactor` gives and `luSolve` takes. */
export interface LuFactors {
  /** U on and above the diagonal, L below it, whose own diagonal is 1. */
  readonly LU: Tensor
  /** Which row of A each row of L U is, int32: A[permutation] = L U. LAPACK's pivots say the same by exchanges. */
  readonly permutation: Tensor
}

/**
 * A = P L U with partial pivoting, in compact form for `luSolve`. a [..., m, n] → LU [..., m, n], permutation [..., m].
 * float32, float64; differentiable.
 * @throws ShapeError for less than two axes
 */
export function luFactor(a: Tensor): LuFactors {
  requireMatrices('luFactor', 'a', a)
  return tidy(() => {
    const [x, narrow] = working(a)
    const { lu, order } = factorsOf(x)
    return { LU: narrow(lu), permutation: order }
  })
}

/**
 * X with A X = B, from the factors of A. b [..., n, k] → [..., n, k]; leading axes broadcast with those of A. Differentiable.
 * @throws ShapeError when sizes differ
 * @example
 * import { tensor } from '@x/tensor'
 * import { luFactor, luSolve } from '@x/tensor/linalg'
 * luSolve(luFactor(tensor([[3, 1], [1, 2]])), tensor([[9], [8]])).toArray() // [[2], [3]]
 */
export function luSolve(factors: LuFactors, b: Tensor): Tensor {
  const { LU, permutation: order } = factors ?? {}
  requireSquare('luSolve', 'LU', LU)
  requireMatrices('luSolve', 'b', b)
  return tidy(() => {
    const [lu, right] = alongside('luSolve', LU, permutation(order, LU).mT.matmul(b))
    return triangularSolve(lu, triangularSolve(lu, right, { unit: true }), { upper: true })
  })
}

/**
 * A = P L U with partial pivoting: P [..., m, m] a permutation, L [..., m, k] lower triangular with 1 on its diagonal,
 * U [..., k, n] upper triangular, k = min(m, n). float32, float64; differentiable. As torch.linalg.lu.
 * @throws ShapeError for less than two axes
 * @example
 * import { tensor } from '@x/tensor'
 * import { lu } from '@x/tensor/linalg'
 * const { P, L, U } = lu(tensor([[1, 2], [3, 4]]))
 * P.matmul(L).matmul(U).toArray() // [[1, 2], [3, 4]]
 */
export function lu(a: Tensor): { readonly P: Tensor; readonly L: Tensor; readonly U: Tensor } {
  requireMatrices('lu', 'a', a)
  return tidy(() => {
    const [x, narrow] = working(a)
    const factors = factorsOf(x)
    const both = narrow(factors.lu)
    const [m, n] = sidesOf(both)
    const k = slice(0, Math.min(m, n))
    const ones = eye(m, Math.min(m, n), { dtype: both.dtype })
    const L = tril(both.at('...', slice(), k), -1).add(ones)
    return { P: permutation(factors.order, both), L, U: triu(both.at('...', k, slice())) }
  })
}
