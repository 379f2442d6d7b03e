// Systems of linear equations with square matrices, and inverses.
import { run } from '../../backend/launch.ts'
import { family } from '../../backend/linalgKernels.ts'
import { ShapeError } from '../../errors.ts'
import { tidy } from '../../memory/scope.ts'
import { checkOptions, requireWhole } from '../../options.ts'
import { defineOp, type OpFunction, requireTensor, temporary } from '../../record.ts'
import { sameShape, show, sizeOf } from '../../shape.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { floating } from '../elementwise/rules.ts'
import { dense } from '../shape/contiguous.ts'
import { type Factors, factorInto } from './factors.ts'
import {
  alongside,
  batchOf,
  countOf,
  requireMatrices,
  requireSquare,
  scratched,
  sidesOf,
  working,
  workingIn,
} from './matrices.ts'

const substitute = family('luSolve')

/** x ← A⁻¹ b or A⁻ᵀ b; b null is the identity, and is never transposed. */
function substituteInto({ lu, order }: Factors, b: Tensor | null, x: Tensor, transposed: boolean): void {
  const [n, columns] = sidesOf(x)
  run(
    substitute[x.dtype],
    countOf(x),
    2 * x.size * n,
    pointer(lu),
    pointer(order),
    b === null ? 0 : pointer(transposed ? scratched(b) : dense(b)),
    pointer(x),
    n,
    columns,
    Number(transposed),
  )
}

interface System {
  /** Whom a singular matrix is an error for. */
  readonly name: string
  /** Aᵀ X = B. */
  readonly transposed: boolean
  /** The factors of a, where they are known. */
  readonly factors?: Factors
}

const solveOp: OpFunction<System> = defineOp<System>({
  name: 'solve',
  inputs: ['a', 'b'],
  cast: floating,
  shape: ([, b]) => b.shape,
  extra: ([a], { factors }) =>
    factors
      ? []
      : [
          { name: 'lu', dtype: a.dtype, shape: a.shape },
          { name: 'order', dtype: 'int32', shape: a.shape.slice(0, -1) },
        ],
  launch: ([a, b], x, { name, transposed, factors }, [lu, order]) => {
    if (!factors) factorInto(a, { lu, order, state: temporary([...batchOf(a), 2], 'int32') }, name)
    substituteInto(factors ?? { lu, order }, b, x, transposed)
  },
  prepare: ({ a, dy, lu, order }, p) => ({
    g: solveOp([a, dy], { ...p, transposed: !p.transposed, factors: p.factors ?? { lu, order } }),
  }),
  grad: {
    a: ({ y, g }, { transposed }) => (transposed ? y.matmul(g.mT) : g.matmul(y.mT)).neg(),
    b: ({ g }) => g,
  },
})

/** A⁻ᵀ b with factors that are known; differentiable with respect to `a`, whose they are. */
export const solveTransposed = (a: Tensor, b: Tensor, factors: Factors): Tensor =>
  solveOp([a, b], { name: 'solve', transposed: true, factors })

/** A⁻¹; where a pivot is 0 and `name` is null, infinities and NaN. */
const invOp = defineOp<{ name: string | null }>({
  name: 'inv',
  inputs: ['a'],
  cast: floating,
  shape: ([a]) => a.shape,
  launch: ([a], y, { name }) => {
    const factors = {
      lu: temporary(a.shape, a.dtype),
      order: temporary(a.shape.slice(0, -1), 'int32'),
      state: temporary([...batchOf(a), 2], 'int32'),
    }
    factorInto(a, factors, name)
    substituteInto(factors, null, y, false)
  },
  grad: { a: ({ y, dy }) => y.mT.matmul(dy).matmul(y.mT).neg() },
})

/** The inverse for other functions: `name` null makes no error of a singular matrix. */
export const inverse = (a: Tensor, name: string | null): Tensor =>
  tidy(() => {
    const [x, narrow] = working(a)
    return narrow(invOp([x], { name }))
  })

/**
 * The inverse matrix. a [..., n, n] → the same shape. float32, float64; differentiable. To solve equations, `solve` is
 * faster and more accurate.
 * @throws LinAlgError for a singular matrix (a pivot of its LU decomposition is 0); ShapeError unless it is square
 * @example
 * import { tensor } from '@x/tensor'
 * import { inv } from '@x/tensor/linalg'
 * inv(tensor([[2, 0], [0, 4]])).toArray() // [[0.5, 0], [0, 0.25]]
 */
export function inv(a: Tensor): Tensor {
  requireSquare('inv', 'a', a)
  return inverse(a, 'inv')
}

export interface SolveOptions {
  /** Whether a stands on the left, A X = B, else X A = B. Default true. */
  left?: boolean
}

/**
 * X with A X = B. a [..., n, n], b [..., n, k] → [..., n, k]; leading axes broadcast. b is a vector, or a batch of them, where it
 * has one axis or the shape of `a` without its last. float32, float64; differentiable. As torch.linalg.solve.
 * @throws LinAlgError for a singular matrix (a pivot of its LU decomposition is 0); ShapeError when sizes differ
 * @example
 * import { tensor } from '@x/tensor'
 * import { solve } from '@x/tensor/linalg'
 * solve(tensor([[3, 1], [1, 2]]), tensor([9, 8])).toArray() // [2, 3]
 */
export function solve(a: Tensor, b: Tensor, options: SolveOptions = {}): Tensor {
  checkOptions('solve', options, ['left'])
  const { left = true } = options
  requireSquare('solve', 'a', a)
  const isVector = b.ndim === 1 || (b.ndim === a.ndim - 1 && sameShape(b.shape, a.shape.slice(0, -1)))
  if (isVector) {
    if (!left) throw new ShapeError(`solve: with left: false b ${show(b.shape)} has to be a matrix`)
    return solve(a, b.unsqueeze(-1)).squeeze(-1)
  }
  requireMatrices('solve', 'b', b)
  const rows = b.shape[b.ndim - (left ? 2 : 1)]
  if (rows !== sidesOf(a)[0]) {
    throw new ShapeError(`solve: a ${show(a.shape)} and b ${show(b.shape)} differ (${sidesOf(a)[0]} ≠ ${rows})`)
  }
  return tidy(() => {
    const dtype = floating([a, b])
    const own = workingIn(sidesOf(a)[0], dtype)
    const [matrix, right] = alongside('solve', a.cast(own), left ? b.cast(own) : b.mT.cast(own))
    const x = solveOp([matrix, right], { name: 'solve', transposed: !left }).cast(dtype)
    return left ? x : x.mT
  })
}

/**
 * The tensor X with tensordot(A, X, X.ndim) = B: a is read as a square matrix whose rows are the axes of b.
 * a [..b, ..x], b → X. As numpy.linalg.tensorsolve without its axes.
 * @throws ShapeError when a does not begin with the shape of b or is not square; LinAlgError for a singular matrix
 */
export function tensorsolve(a: Tensor, b: Tensor): Tensor {
  requireTensor('tensorsolve', 'a', a)
  requireTensor('tensorsolve', 'b', b)
  const shape = a.shape.slice(b.ndim)
  if (!sameShape(a.shape.slice(0, b.ndim), b.shape) || sizeOf(shape) !== b.size) {
    throw new ShapeError(`tensorsolve: a ${show(a.shape)} is not square over b ${show(b.shape)}`)
  }
  return solve(a.reshape([b.size, b.size]), b.reshape([b.size])).reshape(shape)
}

/**
 * The inverse of a tensor read as a square matrix: its first `ind` axes are the rows. [..m, ..n] → [..n, ..m].
 * @param ind default 2
 * @throws ShapeError unless as many elements lie in the first axes as in the others; LinAlgError for a singular matrix
 */
export function tensorinv(a: Tensor, ind = 2): Tensor {
  requireTensor('tensorinv', 'a', a)
  requireWhole('tensorinv', 'ind', ind, 1)
  const [rows, columns] = [a.shape.slice(0, ind), a.shape.slice(ind)]
  if (sizeOf(rows) !== sizeOf(columns)) {
    throw new ShapeError(`tensorinv: a ${show(a.shape)} is not square when its first ${ind} axes are the rows`)
  }
  return inv(a.reshape([sizeOf(rows), sizeOf(columns)])).reshape([...columns, ...rows])
}
