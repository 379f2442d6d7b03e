// Eigenvalues and eigenvectors of symmetric matrices.

import { run } from '../../backend/launch.ts'
import { wideKernel } from '../../backend/linalgKernels.ts'
import { tidy } from '../../memory/scope.ts'
import { checkOptions } from '../../options.ts'
import { defineOp, temporary } from '../../record.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { where } from '../elementwise/binary.ts'
import { slice } from '../indexing/slicing.ts'
import { eye } from '../shape/diagonal.ts'
import { batchOf, checkState, countOf, requireSquare, scratched, sidesOf, widened } from './matrices.ts'

const kernel = wideKernel('eigh')

function decompose(a: Tensor, y: Tensor, vectors: boolean): void {
  const n = sidesOf(a)[0]
  const state = temporary(batchOf(a), 'int32')
  const steps = a.size * n * (vectors ? 6 : 2)
  run(kernel, countOf(a), steps, pointer(scratched(a)), pointer(y), pointer(state), n, Number(vectors))
  checkState(vectors ? 'eigh' : 'eigvalsh', state, 1, () => 'is not finite')
}

/** 1 / x, and 0 where x is 0: what belongs to equal values, whose vectors are free to turn, has no gradient. */
export const reciprocalOf = (x: Tensor): Tensor => {
  const isZero = x.eq(0)
  return where(isZero, 0, where(isZero, 1, x).reciprocal())
}

/** Row i is eigenvalue i and its vector. */
const op = defineOp<void>({
  name: 'eigh',
  inputs: ['a'],
  shape: ([a]) => [...batchOf(a), sidesOf(a)[0], sidesOf(a)[0] + 1],
  launch: ([a], y) => decompose(a, y, true),
  // V (diag(gΛ) + (Vᵀ gV) / (λⱼ − λᵢ)) Vᵀ, made symmetric.
  grad: {
    a: ({ y, dy }) => {
      const { eigenvalues: w, eigenvectors: V } = split(y)
      const g = split(dy)
      const turning = V.mT.matmul(g.eigenvectors).mul(reciprocalOf(w.unsqueeze(-2).sub(w.unsqueeze(-1))))
      const inner = turning.add(g.eigenvalues.unsqueeze(-1).mul(eye(sidesOf(V)[0], { dtype: y.dtype })))
      const full = V.matmul(inner).matmul(V.mT)
      return full.add(full.mT).mul(0.5)
    },
  },
})

const valuesOp = defineOp<void>({
  name: 'eigvalsh',
  inputs: ['a'],
  shape: ([a]) => a.shape.slice(0, -1),
  launch: ([a], y) => decompose(a, y, false),
  grad: {
    a: ({ a, dy }) => {
      const V = split(op([a], undefined)).eigenvectors
      return V.mul(dy.unsqueeze(-2)).matmul(V.mT)
    },
  },
})

/** What `eigh` gives. */
export interface EigenSymmetric {
  /** In ascending order. [..., n] */
  readonly eigenvalues: Tensor
  /** In the columns, of length 1 and orthogonal to each other. [..., n, n] */
  readonly eigenvectors: Tensor
}

const split = (y: Tensor): EigenSymmetric => ({
  eigenvalues: y.at('...', 0),
  eigenvectors: y.at('...', slice(1)).mT,
})

export interface EighOptions {
  /** Which triangle of `a` is read: the lower 'L' or the upper 'U'. Default 'L'. */
  UPLO?: 'L' | 'U'
}

/** `a` with the triangle that counts below. */
function lowerOf(name: string, a: Tensor, options: EighOptions): Tensor {
  checkOptions(name, options, ['UPLO'])
  const { UPLO = 'L' } = options
  if (UPLO !== 'L' && UPLO !== 'U') throw new RangeError(`${name}: UPLO is '${UPLO}', neither 'L' nor 'U'`)
  requireSquare(name, 'a', a)
  return UPLO === 'L' ? a : a.mT
}

/**
 * Eigenvalues and eigenvectors of symmetric matrices, A = V diag(λ) Vᵀ: a [..., n, n] → eigenvalues [..., n] in ascending
 * order, eigenvectors [..., n, n] in columns. A vector may have either sign; those of equal eigenvalues are one of many
 * bases. float32 is computed in float64. Differentiable; what depends on the choice of the vectors has no meaning.
 * @throws LinAlgError for a matrix with NaN or infinities; ShapeError unless it is square
 * @example
 * import { tensor } from '@x/tensor'
 * import { eigh } from '@x/tensor/linalg'
 * eigh(tensor([[2, 1], [1, 2]])).eigenvalues.toArray() // about [1, 3]
 */
export function eigh(a: Tensor, options: EighOptions = {}): EigenSymmetric {
  return tidy(() => {
    const [wide, narrow] = widened(lowerOf('eigh', a, options))
    return split(narrow(op([wide], undefined)))
  })
}

/** The eigenvalues alone, in ascending order: a [..., n, n] → [..., n]; see `eigh`. @throws LinAlgError, ShapeError */
export function eigvalsh(a: Tensor, options: EighOptions = {}): Tensor {
  return tidy(() => {
    const [wide, narrow] = widened(lowerOf('eigvalsh', a, options))
    return narrow(valuesOp([wide], undefined))
  })
}
