// Norms of matrices, and condition numbers.

import { checkAxis } from '../../axes.ts'
import { ShapeError } from '../../errors.ts'
import { tidy } from '../../memory/scope.ts'
import { checkOptions, requireList } from '../../options.ts'
import { requireTensor } from '../../record.ts'
import { show } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import { where } from '../elementwise/binary.ts'
import { floating } from '../elementwise/rules.ts'
import type { ReduceOptions } from '../reductions/reduce.ts'
import { vectorNorm } from '../reductions/statistics.ts'
import { requireMatrices, requireSquare } from './matrices.ts'
import { inverse } from './solve.ts'
import { svdvals } from './svd.ts'

/**
 * 'fro' √Σ a², 'nuc' the sum of the singular values, ±2 the largest and smallest of these, ±1 the largest and smallest sum of
 * magnitudes in a column, ±Infinity in a row.
 */
export type MatrixOrder = 'fro' | 'nuc' | 1 | -1 | 2 | -2 | number

/** The norm of the matrices between the last two axes: [..., m, n] → [...]. */
function ofMatrices(name: string, a: Tensor, ord: MatrixOrder): Tensor {
  if (ord === 'fro') return vectorNorm(a, 2, [-2, -1])
  if (ord === 'nuc') return svdvals(a).sum(-1)
  const largest = (ord as number) > 0
  const of = (x: Tensor): Tensor => (largest ? x.max(-1) : x.min(-1))
  switch (Math.abs(ord as number)) {
    case 1:
      return of(a.abs().sum(-2))
    case 2:
      return of(svdvals(a))
    case Number.POSITIVE_INFINITY:
      return of(a.abs().sum(-1))
  }
  throw new RangeError(`${name}: there is no matrix norm ${ord}; there are 'fro', 'nuc', ±1, ±2 and ±Infinity`)
}

/**
 * A norm of matrices: see `MatrixOrder`. a [..., m, n] → [...]. float32, float64; differentiable.
 * @param ord default 'fro'
 * @param axis the two axes of the matrices. Default the last two
 * @throws RangeError for another norm; ShapeError for other axes; LinAlgError for 'nuc' and ±2 of a matrix with NaN or infinities
 * @example
 * import { tensor } from '@x/tensor'
 * import { matrixNorm } from '@x/tensor/linalg'
 * matrixNorm(tensor([[1, -2], [3, 4]]), 1).item() // 6
 */
export function matrixNorm(
  a: Tensor,
  ord: MatrixOrder = 'fro',
  axis: readonly number[] = [-2, -1],
  options: ReduceOptions = {},
): Tensor {
  checkOptions('matrixNorm', options, ['keepdims'])
  requireMatrices('matrixNorm', 'a', a)
  requireList('matrixNorm', 'axis', axis)
  const axes = axis.map((d) => checkAxis('matrixNorm', d, a))
  if (axes.length !== 2 || axes[0] === axes[1]) throw new ShapeError(`matrixNorm: axis ${show(axis)} are not two axes`)
  const others = a.shape.map((_, d) => d).filter((d) => !axes.includes(d))
  return tidy(() => {
    const y = ofMatrices('matrixNorm', a.cast(floating([a])).permute([...others, ...axes]), ord)
    return options.keepdims ? y.reshape(a.shape.map((n, d) => (axes.includes(d) ? 1 : n))) : y
  })
}

/**
 * A norm of vectors or of matrices, as numpy.linalg.norm: of vectors along one axis, of matrices between two. Without `axis` it is that of
 * a vector or matrix, and without `ord` too the Euclidean length of all elements.
 * @param ord of vectors as in `vectorNorm` (default 2), of matrices as in `matrixNorm` (default 'fro')
 * @throws RangeError, ShapeError
 */
export function norm(
  x: Tensor,
  ord: MatrixOrder | null = null,
  axis: number | readonly number[] | null = null,
  options: ReduceOptions = {},
): Tensor {
  requireTensor('norm', 'x', x)
  const axes = typeof axis === 'number' ? [axis] : axis
  const rank = axes ? axes.length : ord === null ? 1 : x.ndim
  if (rank === 2 && (axes || ord !== null)) return matrixNorm(x, ord ?? 'fro', axes ?? [-2, -1], options)
  if (rank !== 1) {
    throw new ShapeError(`norm: ${show(x.shape)} is neither a vector nor a matrix: name one axis or two, not ${axis}`)
  }
  if (typeof ord === 'string') throw new RangeError(`norm: '${ord}' is a norm of matrices, and this is one of vectors`)
  return vectorNorm(x, ord ?? 2, axes, options)
}

/**
 * How much relative errors may grow in solving with A: |A| |A⁻¹| in the norm `p`, for p = 2 and −2 the ratio of the largest and
 * smallest singular value (or its inverse). a [..., m, n] → [...], square but for ±2; ∞ for a singular matrix. Differentiable.
 * @param p default 2 (or null); otherwise as `matrixNorm`
 * @throws RangeError for another norm; ShapeError; LinAlgError for a matrix with NaN or infinities and p = ±2 or 'nuc'
 */
export function cond(a: Tensor, p: MatrixOrder | null = null): Tensor {
  requireMatrices('cond', 'a', a)
  return tidy(() => condition(a.cast(floating([a])), p))
}

function condition(x: Tensor, p: MatrixOrder | null): Tensor {
  if (p === null || p === 2 || p === -2) {
    const s = svdvals(x)
    const [most, least] = [s.max(-1), s.min(-1)]
    return p === -2 ? least.div(most) : most.div(least)
  }
  requireSquare('cond', 'a', x)
  const size = ofMatrices('cond', x, p)
  const inverted = inverse(x, null)
  const isSingular = inverted.sub(inverted).ne(0).any([-2, -1]).logicalAnd(size.eq(size))
  const sound = where(isSingular.unsqueeze(-1).unsqueeze(-1), 0, inverted)
  return where(isSingular, Number.POSITIVE_INFINITY, size.mul(ofMatrices('cond', sound, p)))
}
