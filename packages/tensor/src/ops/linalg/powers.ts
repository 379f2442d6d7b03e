// Products of many matrices: powers, the exponential, chains.

import { run } from '../../backend/launch.ts'
import { wideKernel } from '../../backend/linalgKernels.ts'
import { zerosLike } from '../../create.ts'
import { isFloating } from '../../dtype.ts'
import { ShapeError } from '../../errors.ts'
import { tidy } from '../../memory/scope.ts'
import { defineOp, type OpFunction, requireTensor, temporary } from '../../record.ts'
import { show } from '../../shape.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { slice } from '../indexing/slicing.ts'
import { matmul } from '../products/matmul.ts'
import { concat } from '../shape/concat.ts'
import { eye } from '../shape/diagonal.ts'
import { batchOf, countOf, requireSquare, scratched, sidesOf, widened, working } from './matrices.ts'
import { inverse } from './solve.ts'

/**
 * Aⁿ: a [..., n, n] → the same shape; n = 0 gives the identity, negative n powers of the inverse. Differentiable.
 * @throws ShapeError unless it is square; RangeError for a fractional n; LinAlgError for a negative power of a singular matrix
 */
export function matrixPower(a: Tensor, n: number): Tensor {
  requireSquare('matrixPower', 'a', a)
  if (!Number.isSafeInteger(n)) throw new RangeError(`matrixPower: ${n} is not a whole number`)
  return tidy(() => {
    if (n >= 0 && !isFloating(a.dtype)) return power(a, n)
    const [x, narrow] = working(a)
    return narrow(power(x, n))
  })
}

function power(a: Tensor, n: number): Tensor {
  if (n === 0) return eye(sidesOf(a)[0], { dtype: a.dtype }).expand(a.shape).contiguous()
  let square = n < 0 ? inverse(a, 'matrixPower') : a
  let product: Tensor | null = null
  for (let left = Math.abs(n); ; ) {
    if (left % 2 === 1) product = product ? matmul(product, square) : square
    left = Math.floor(left / 2)
    if (left === 0) return product as Tensor
    square = matmul(square, square)
  }
}

const kernel = wideKernel('matrixExp')

const expOp: OpFunction<void> = defineOp<void>({
  name: 'matrixExp',
  inputs: ['a'],
  shape: ([a]) => a.shape,
  launch: ([a], y) => {
    const n = sidesOf(a)[0]
    const work = temporary([...batchOf(a), 5, n, n], a.dtype)
    run(kernel, countOf(a), 20 * a.size * n, pointer(scratched(a)), pointer(y), pointer(work), n)
  },
  // The derivative along dy stands in the corner of e to the power of [[Aᵀ, dy], [0, Aᵀ]] (R. Mathias 1996).
  grad: {
    a: ({ a, dy }) => {
      const n = sidesOf(a)[0]
      const upper = concat([a.mT, dy], -1)
      const lower = concat([zerosLike(a), a.mT], -1)
      return expOp([concat([upper, lower], -2)], undefined).at('...', slice(0, n), slice(n))
    },
  },
})

/**
 * The exponential Σ Aᵏ/k!: a [..., n, n] → the same shape. float32 is computed in float64; differentiable. A matrix that is not
 * finite gives NaN. Source: N. Higham 2005, "The scaling and squaring method for the matrix exponential revisited".
 * @throws ShapeError unless it is square
 * @example
 * import { tensor } from '@x/tensor'
 * import { matrixExp } from '@x/tensor/linalg'
 * matrixExp(tensor([[0, 1], [0, 0]])).toArray() // [[1, 1], [0, 1]]
 */
export function matrixExp(a: Tensor): Tensor {
  requireSquare('matrixExp', 'a', a)
  return tidy(() => {
    const [wide, narrow] = widened(a)
    return narrow(expOp([wide], undefined))
  })
}

/**
 * The product of two or more matrices, in the order of multiplications that takes the fewest. The first and the last may be vectors, a
 * row and a column, whose axis is gone from the result. As numpy.linalg.multi_dot.
 * @throws ShapeError for less than two tensors, tensors of other ranks, or sizes that do not fit
 * @example
 * import { ones } from '@x/tensor'
 * import { multiDot } from '@x/tensor/linalg'
 * multiDot([ones([10, 100]), ones([100, 5]), ones([5, 50])]).shape // [10, 50]
 */
export function multiDot(tensors: readonly Tensor[]): Tensor {
  if (!Array.isArray(tensors)) throw new TypeError('multiDot: give a list of matrices, multiDot([a, b, c])')
  for (const [i, x] of tensors.entries()) requireTensor('multiDot', `tensor ${i}`, x)
  const last = tensors.length - 1
  const isRow = tensors[0]?.ndim === 1
  const isColumn = last > 0 && tensors[last].ndim === 1
  const chain = tensors.map((x, i) => (i === 0 && isRow ? x.unsqueeze(0) : i === last && isColumn ? x.unsqueeze(1) : x))
  const shapes = (): string => tensors.map(({ shape }) => show(shape)).join(' · ')
  if (last < 1 || chain.some((x) => x.ndim !== 2)) {
    throw new ShapeError(
      `multiDot: takes two matrices or more, of which the first and last may be vectors: ${shapes()}`,
    )
  }
  chain.forEach((x, i) => {
    if (i > 0 && chain[i - 1].shape[1] !== x.shape[0]) {
      throw new ShapeError(`multiDot: the sizes of ${i - 1} and ${i} do not fit: ${shapes()}`)
    }
  })
  const sizes = chain.map((x) => x.shape[0]).concat(chain[last].shape[1])
  const vectors = [...(isRow ? [0] : []), ...(isColumn ? [1] : [])]
  return tidy(() => product(chain, cuts(sizes), 0, last).squeeze(vectors))
}

/** Where each part i … j of a chain is cut first, by dynamic programming over its lengths. */
function cuts(sizes: readonly number[]): number[][] {
  const count = sizes.length - 1
  const cost = sizes.map(() => new Array<number>(count).fill(0))
  const cut = sizes.map(() => new Array<number>(count).fill(0))
  for (let length = 1; length < count; length++) {
    for (let i = 0; i + length < count; i++) {
      const j = i + length
      cost[i][j] = Number.POSITIVE_INFINITY
      for (let k = i; k < j; k++) {
        const total = cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1]
        if (total >= cost[i][j]) continue
        cost[i][j] = total
        cut[i][j] = k
      }
    }
  }
  return cut
}

function product(chain: readonly Tensor[], cut: readonly (readonly number[])[], i: number, j: number): Tensor {
  if (i === j) return chain[i]
  const k = cut[i][j]
  return matmul(product(chain, cut, i, k), product(chain, cut, k + 1, j))
}
