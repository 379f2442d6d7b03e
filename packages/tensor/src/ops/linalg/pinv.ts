// What comes of the singular values: rank, pseudoinverse, least squares.

import { zeros } from '../../create.ts'
import { ShapeError } from '../../errors.ts'
import { tidy } from '../../memory/scope.ts'
import { checkOptions } from '../../options.ts'
import { defineOp, requireTensor, type TensorLike, unheard } from '../../record.ts'
import { type Shape, show } from '../../shape.ts'
import { Tensor } from '../../tensor.ts'
import { where } from '../elementwise/binary.ts'
import { copyTo } from '../shape/contiguous.ts'
import { eye } from '../shape/diagonal.ts'
import { eigh, eigvalsh, reciprocalOf } from './eigh.ts'
import { alongside, batchOf, requireMatrices, requireSquare, sidesOf, widened } from './matrices.ts'
import { svd, svdvals } from './svd.ts'

/** Which singular values count as 0: those not above the larger of atol and rtol times the largest. */
export interface Tolerance {
  /** Absolute, a number or one per matrix. Default 0. */
  atol?: TensorLike
  /** Relative to the largest singular value. Default ε·max(m, n) of the dtype, or 0 where atol is given. */
  rtol?: TensorLike
  /** Whether the matrices are symmetric, which is faster. Default false. */
  hermitian?: boolean
}

/** Spacing of numbers near 1. */
const epsilonOf = ({ dtype }: Tensor): number =>
  dtype === 'float64' ? 2 ** -52 : dtype === 'float16' ? 2 ** -10 : 2 ** -23

/** Which of the singular values `s` [..., k] of `a` count. */
function counting(a: Tensor, s: Tensor, { atol, rtol }: Tolerance): Tensor {
  const [m, n] = sidesOf(a)
  const each = (x: TensorLike): TensorLike => (x instanceof Tensor && x.ndim > 0 ? x.unsqueeze(-1) : x)
  if (s.shape[s.ndim - 1] === 0) return s.cast('bool')
  const relative = rtol ?? (atol === undefined ? epsilonOf(a) * Math.max(m, n) : 0)
  const least = s.max(-1, { keepdims: true }).mul(each(relative))
  return s.gt(atol === undefined ? least : least.maximum(each(atol)))
}

export interface RankOptions extends Tolerance {
  /** Another name of atol, by which NumPy calls it. */
  tol?: TensorLike
}

/**
 * How many singular values count, int32: a [..., m, n] → [...].
 * @throws LinAlgError for a matrix with NaN or infinities; ShapeError; RangeError for an unknown option
 * @example
 * import { ones } from '@x/tensor'
 * import { matrixRank } from '@x/tensor/linalg'
 * matrixRank(ones([3, 3])).item() // 1
 */
export function matrixRank(a: Tensor, options: RankOptions = {}): Tensor {
  checkOptions('matrixRank', options, ['atol', 'rtol', 'hermitian', 'tol'])
  const { tol, atol = tol, rtol, hermitian = false } = options
  requireMatrices('matrixRank', 'a', a)
  return tidy(() => {
    const s = hermitian ? eigvalsh(a).abs() : svdvals(a)
    return counting(a, s, { atol, rtol }).sum(-1)
  })
}

/** A pseudoinverse found beforehand: the record adds the gradient. */
const op = defineOp<{ value: Tensor }>({
  name: 'pinv',
  inputs: ['a'],
  shape: (_, { value }): Shape => value.shape,
  launch: (_, y, { value }) => copyTo(value, y),
  // −Pᵀ gP Pᵀ + (I − A P) gPᵀ P Pᵀ + Pᵀ P gPᵀ (I − P A)
  // (G. Golub and V. Pereyra 1973, "The differentiation of pseudo-inverses and nonlinear least squares problems").
  grad: {
    a: ({ a, y, dy }) => {
      const [m, n] = sidesOf(a)
      const [left, right] = [eye(m, { dtype: a.dtype }).sub(a.matmul(y)), eye(n, { dtype: a.dtype }).sub(y.matmul(a))]
      const inverse = y.mT.matmul(dy).matmul(y.mT).neg()
      const outside = left.matmul(dy.mT).matmul(y.matmul(y.mT))
      return inverse.add(outside).add(y.mT.matmul(y).matmul(dy.mT).matmul(right))
    },
  },
})

/** V diag(1/σ) Uᵀ over the values that count, and these, of `a` in float64. */
function decomposed(a: Tensor, wide: Tensor, options: Tolerance): { value: Tensor; S: Tensor; counts: Tensor } {
  const inverseOf = (w: Tensor, counts: Tensor): Tensor => reciprocalOf(where(counts, w, 0)).unsqueeze(-2)
  if (options.hermitian) {
    const { eigenvalues: w, eigenvectors: V } = eigh(wide)
    const counts = counting(a, w.abs(), options)
    return { value: V.mul(inverseOf(w, counts)).matmul(V.mT), S: w.abs(), counts }
  }
  const { U, S, Vh } = svd(wide, { fullMatrices: false })
  const counts = counting(a, S, options)
  return { value: Vh.mT.mul(inverseOf(S, counts)).matmul(U.mT), S, counts }
}

export interface PinvOptions extends Tolerance {
  /** Another name of rtol, by which NumPy calls it. */
  rcond?: TensorLike
}

/**
 * The pseudoinverse of Moore and Penrose: a [..., m, n] → [..., n, m]. float32 is computed in float64; differentiable where the rank does
 * not change.
 * @throws LinAlgError for a matrix with NaN or infinities; ShapeError; RangeError for an unknown option
 * @example
 * import { tensor } from '@x/tensor'
 * import { pinv } from '@x/tensor/linalg'
 * pinv(tensor([[2, 0], [0, 0]])).toArray() // [[0.5, 0], [0, 0]]
 */
export function pinv(a: Tensor, options: PinvOptions = {}): Tensor {
  checkOptions('pinv', options, ['atol', 'rtol', 'hermitian', 'rcond'])
  const { rcond, atol, rtol = rcond, hermitian = false } = options
  requireMatrices('pinv', 'a', a)
  if (hermitian) requireSquare('pinv', 'a', a)
  return tidy(() => {
    const [wide, narrow] = widened(a)
    const { value } = unheard(() => tidy(() => decomposed(a, wide, { atol, rtol, hermitian })))
    return narrow(op([wide], { value }))
  })
}

export interface LstsqOptions {
  /** Singular values up to rcond times the largest count as 0. Default ε·max(m, n) of the dtype. */
  rcond?: number
}

/** What `lstsq` gives. */
export interface LeastSquares {
  /** [..., n, k] */
  readonly solution: Tensor
  /** |A X − B|² of each column, [..., k], where m > n, else empty. (torch leaves it empty for deficient ranks too.) */
  readonly residuals: Tensor
  /** int32 [...] */
  readonly rank: Tensor
  /** [..., min(m, n)], in descending order */
  readonly singularValues: Tensor
}

/**
 * X for which |A X − B| is least, and of several such X the one of least length: a [..., m, n], b [..., m, k] or [m] → solution [..., n, k]
 * or [n]; leading axes broadcast. float32 is computed in float64; the solution and residuals are differentiable.
 * @throws LinAlgError for a matrix with NaN or infinities; ShapeError when sizes differ; RangeError for an unknown option
 * @example
 * import { tensor } from '@x/tensor'
 * import { lstsq } from '@x/tensor/linalg'
 * // the line through (0, 1), (1, 3), (2, 5)
 * lstsq(tensor([[0, 1], [1, 1], [2, 1]]), tensor([1, 3, 5])).solution.toArray() // about [2, 1]
 */
export function lstsq(a: Tensor, b: Tensor, options: LstsqOptions = {}): LeastSquares {
  checkOptions('lstsq', options, ['rcond'])
  requireMatrices('lstsq', 'a', a)
  requireTensor('lstsq', 'b', b)
  if (b.ndim === 1) {
    const found = lstsq(a, b.unsqueeze(-1), options)
    return { ...found, solution: found.solution.squeeze(-1) }
  }
  requireMatrices('lstsq', 'b', b)
  const [m] = sidesOf(a)
  if (sidesOf(b)[0] !== m) {
    throw new ShapeError(`lstsq: a ${show(a.shape)} and b ${show(b.shape)} differ (${m} ≠ ${sidesOf(b)[0]})`)
  }
  return tidy(() => leastSquares(a, b, options.rcond))
}

function leastSquares(a: Tensor, b: Tensor, rcond: number | undefined): LeastSquares {
  const [m, n] = sidesOf(a)
  const [wide, narrow] = widened(a)
  const { value, S, counts } = unheard(() => tidy(() => decomposed(a, wide, { rtol: rcond })))
  const [left, right] = alongside('lstsq', op([wide], { value }), b.cast('float64'))
  const solution = left.matmul(right)
  const residuals =
    m > n
      ? wide.matmul(solution).sub(right).square().sum(-2)
      : zeros([...batchOf(a).map(() => 0), 0], { dtype: 'float64' })
  return { solution: narrow(solution), residuals: narrow(residuals), rank: counts.sum(-1), singularValues: narrow(S) }
}
