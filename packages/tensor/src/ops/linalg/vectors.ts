// Vectors: their products and distances, and how they vary together.
import { run } from '../../backend/launch.ts'
import { family } from '../../backend/linalgKernels.ts'
import { tensor } from '../../create.ts'
import { ShapeError } from '../../errors.ts'
import { tidy } from '../../memory/scope.ts'
import { checkOptions } from '../../options.ts'
import { defineOp, requireTensor } from '../../record.ts'
import { normalizeAxis, show } from '../../shape.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { where } from '../elementwise/binary.ts'
import { clamp } from '../elementwise/clamp.ts'
import { floating } from '../elementwise/rules.ts'
import { vectorNorm } from '../reductions/statistics.ts'
import { dense } from '../shape/contiguous.ts'
import { diagonal as generalDiagonal } from '../shape/diagonal.ts'
import { reciprocalOf } from './eigh.ts'
import { alongside, batchOf, requireMatrices, sidesOf } from './matrices.ts'

/**
 * The diagonals of matrices: x [..., m, n] → [..., k], a view. As numpy.linalg.diagonal; for other axes see `diagonal` of the main entry.
 * @param options.offset which diagonal, positive ones above the main one. Default 0
 * @throws ShapeError for less than two axes; RangeError
 */
export function diagonal(x: Tensor, options: { offset?: number } = {}): Tensor {
  checkOptions('diagonal', options, ['offset'])
  requireMatrices('diagonal', 'x', x)
  return generalDiagonal(x, { ...options, axis1: -2, axis2: -1 })
}

/** The sums of the diagonals of matrices: x [..., m, n] → [...]; see `diagonal`. */
export function trace(x: Tensor, options: { offset?: number } = {}): Tensor {
  checkOptions('trace', options, ['offset'])
  requireMatrices('trace', 'x', x)
  return diagonal(x, options).sum(-1)
}

/**
 * The cross product of vectors of three numbers along `axis`; other axes broadcast. Dtypes promote.
 * @param options.axis default −1
 * @throws ShapeError unless the axis has length 3 in both
 * @example
 * import { tensor } from '@x/tensor'
 * import { cross } from '@x/tensor/linalg'
 * cross(tensor([1, 0, 0]), tensor([0, 1, 0])).toArray() // [0, 0, 1]
 */
export function cross(a: Tensor, b: Tensor, options: { axis?: number } = {}): Tensor {
  checkOptions('cross', options, ['axis'])
  requireTensor('cross', 'a', a)
  requireTensor('cross', 'b', b)
  const rank = Math.max(a.ndim, b.ndim)
  const fromEnd = normalizeAxis('cross', options.axis ?? -1, rank) - rank
  for (const x of [a, b]) {
    if (x.shape.at(fromEnd) !== 3) {
      throw new ShapeError(
        `cross: a ${show(a.shape)} and b ${show(b.shape)} do not both have length 3 along axis ${fromEnd}`,
      )
    }
  }
  const turned = (x: Tensor, order: number[]): Tensor => x.take(tensor(order, { dtype: 'int32' }), fromEnd)
  const [next, last] = [
    [1, 2, 0],
    [2, 0, 1],
  ]
  return turned(a, next)
    .mul(turned(b, last))
    .sub(turned(a, last).mul(turned(b, next)))
}

/** How the kernels call a norm. */
const CODES: ReadonlyMap<number, number> = new Map([
  [1, 1],
  [2, 2],
  [Number.POSITIVE_INFINITY, 0],
])
const forward = family('cdist', {})
const backward = family('cdistGrad', {})

const distanceOp = defineOp<{ code: number }>({
  name: 'cdist',
  inputs: ['a', 'b'],
  cast: floating,
  shape: ([a, b]) => [...batchOf(a), sidesOf(a)[0], sidesOf(b)[0]],
  launch: ([a, b], y, { code }) => {
    const [m, d] = sidesOf(a)
    const [x, z] = [dense(a), dense(b)]
    const n = sidesOf(b)[0]
    if (y.size > 0) run(forward[y.dtype], y.size / n, y.size * d * 2, pointer(x), pointer(z), pointer(y), m, n, d, code)
  },
  grad: {
    a: ({ a, b, y, dy }, p) => pullOp([a, b, y, dy], p),
    b: ({ a, b, y, dy }, p) => pullOp([b, a, y.mT, dy.mT], p),
  },
})

/** Differences of every pair, [..., m, n, d], with a 1 where the norm changes with them. */
function directions(a: Tensor, b: Tensor, y: Tensor, code: number): Tensor {
  const d = a.unsqueeze(-2).sub(b.unsqueeze(-3))
  return code === 1 ? d.sign() : where(d.abs().eq(y.unsqueeze(-1)), d.sign(), 0)
}

/** Σⱼ g(i, j) ∂y(i, j)/∂a(i): [..., m, d]. */
const pullOp = defineOp<{ code: number }>({
  name: 'cdistGrad',
  inputs: ['a', 'b', 'd', 'g'],
  cast: floating,
  shape: ([a]) => a.shape,
  launch: ([a, b, d, g], dx, { code }) => {
    const [m, width] = sidesOf(a)
    const n = sidesOf(b)[0]
    if (dx.size === 0) return
    const [x, z, y, dy] = [a, b, d, g].map((t) => pointer(dense(t)))
    run(backward[dx.dtype], dx.size / width, d.size * width * 2, x, z, y, dy, pointer(dx), m, n, width, code)
  },
  // For p = 2 it is W·1 a − W b with W = g / d; for the others it does not change with a, b and d.
  prepare: ({ a, b, d, g, dy }, { code }): Record<string, Tensor> => {
    if (code !== 2) return {}
    const inverse = reciprocalOf(d)
    const toW = dy.mul(a).sum(-1, { keepdims: true }).sub(dy.matmul(b.mT))
    return { W: g.mul(inverse), toG: toW.mul(inverse) }
  },
  grad: {
    a: ({ dy, W }) => (W ? dy.mul(W.sum(-1, { keepdims: true })) : dy.mul(0)),
    b: ({ b, dy, W }) => (W ? W.mT.matmul(dy).neg() : b.mul(0)),
    d: ({ d, W, toG }) => (W ? toG.mul(W).neg() : d.mul(0)),
    g: ({ a, b, d, dy, toG }, { code }) =>
      toG ??
      dy
        .unsqueeze(-2)
        .mul(directions(a, b, d, code))
        .sum(-1),
  },
})

/**
 * The distances of every row of `x1` from every row of `x2` in the norm p: x1 [..., m, d], x2 [..., n, d] → [..., m, n]; leading axes broadcast.
 * Exact: rows that are equal are 0 apart (no use is made of |x|² + |y|² − 2x·y). float32, float64; differentiable, with gradient 0 where a
 * distance is 0.
 * @param p from 0 to Infinity. Default 2
 * @throws ShapeError when the rows differ in length; RangeError for another p
 * @example
 * import { tensor } from '@x/tensor'
 * import { cdist } from '@x/tensor/linalg'
 * cdist(tensor([[0, 0]]), tensor([[3, 4], [0, 0]])).toArray() // [[5, 0]]
 */
export function cdist(x1: Tensor, x2: Tensor, p = 2): Tensor {
  requireMatrices('cdist', 'x1', x1)
  requireMatrices('cdist', 'x2', x2)
  if (!(p >= 0)) throw new RangeError(`cdist: p ${p} is not a number from 0`)
  if (sidesOf(x1)[1] !== sidesOf(x2)[1]) {
    throw new ShapeError(
      `cdist: the rows of x1 ${show(x1.shape)} and x2 ${show(x2.shape)} differ (${sidesOf(x1)[1]} ≠ ${sidesOf(x2)[1]})`,
    )
  }
  const [a, b] = alongside('cdist', x1, x2)
  const code = CODES.get(p)
  if (code !== undefined) return distanceOp([a, b], { code })
  return tidy(() => vectorNorm(a.unsqueeze(-2).sub(b.unsqueeze(-3)), p, -1))
}

export interface CovOptions {
  /** Subtracted from the number of observations in the divisor: 1 for the sample's estimate. Default 1. */
  correction?: number
  /** How often each observation counts, whole numbers [n]. */
  fweights?: Tensor
  /** What each observation weighs, [n]. */
  aweights?: Tensor
  /** Whether rows are variables and columns observations, else the other way round. Default true. */
  rowvar?: boolean
}

/** Variables in rows: [m, n]. */
function variables(name: string, x: Tensor, rowvar: boolean): Tensor {
  requireTensor(name, 'x', x)
  if (x.ndim > 2) throw new ShapeError(`${name}: x ${show(x.shape)} has more than two axes`)
  const wide = x.cast(floating([x]))
  return x.ndim < 2 ? wide.reshape([1, x.size]) : rowvar ? wide : wide.mT
}

/**
 * Covariances of m variables over n observations: x [m, n] → [m, m], x [n] → a scalar, the variance.
 * float32, float64; differentiable. As torch.cov; `rowvar` as in NumPy.
 * @throws ShapeError for more than two axes or weights that do not fit; RangeError for an unknown option
 */
export function cov(x: Tensor, options: CovOptions = {}): Tensor {
  checkOptions('cov', options, ['correction', 'fweights', 'aweights', 'rowvar'])
  return tidy(() => covariance(x, options))
}

function covariance(x: Tensor, { correction = 1, fweights, aweights, rowvar = true }: CovOptions): Tensor {
  const given = variables('cov', x, rowvar)
  const n = given.shape[1]
  for (const [name, w] of Object.entries({ fweights, aweights })) {
    if (w && (w.ndim !== 1 || w.size !== n)) {
      throw new ShapeError(`cov: ${name} ${show(w.shape)} is not one number for each of the ${n} observations`)
    }
  }
  const weights = [fweights, aweights].flatMap((w) => (w ? [w.cast(given.dtype)] : []))
  if (weights.length === 0) {
    const centred = given.sub(given.mean(1, { keepdims: true }))
    return single(x, centred.matmul(centred.mT).div(Math.max(0, n - correction)))
  }
  const w = weights.reduce((a, b) => a.mul(b))
  const total = w.sum()
  const centred = given.sub(given.mul(w).sum(1, { keepdims: true }).div(total))
  const lost = aweights
    ? w
        .mul(weights[weights.length - 1])
        .sum()
        .div(total)
    : 1
  const degrees = total.sub(typeof lost === 'number' ? lost * correction : lost.mul(correction)).maximum(0)
  return single(x, centred.mul(w).matmul(centred.mT).div(degrees))
}

/** [1, 1] as a scalar where x is one variable. */
const single = (x: Tensor, y: Tensor): Tensor => (x.ndim < 2 ? y.reshape([]) : y)

/**
 * Correlations of m variables over n observations, from −1 to 1: x [m, n] → [m, m], x [n] → 1; NaN with a variable that does not
 * vary. float32, float64; differentiable.
 * @param options.rowvar whether rows are the variables. Default true
 * @throws ShapeError for more than two axes; RangeError for an unknown option
 */
export function corrcoef(x: Tensor, options: { rowvar?: boolean } = {}): Tensor {
  checkOptions('corrcoef', options, ['rowvar'])
  return tidy(() => {
    const c = cov(variables('corrcoef', x, options.rowvar ?? true))
    const deviation = diagonal(c).sqrt()
    return single(x, clamp(c.div(deviation.unsqueeze(1)).div(deviation), -1, 1))
  })
}
