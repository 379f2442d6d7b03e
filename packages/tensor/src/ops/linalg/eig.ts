// Eigenvalues and eigenvectors of general real matrices: complex numbers, as pairs along a last axis.

import { run } from '../../backend/launch.ts'
import { wideKernel } from '../../backend/linalgKernels.ts'
import { tidy } from '../../memory/scope.ts'
import { defineOp, temporary } from '../../record.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { where } from '../elementwise/binary.ts'
import { slice } from '../indexing/slicing.ts'
import { concat, stack } from '../shape/concat.ts'
import { eye } from '../shape/diagonal.ts'
import { batchOf, checkState, countOf, requireSquare, scratched, sidesOf, widened } from './matrices.ts'
import { solve } from './solve.ts'

const kernel = wideKernel('eig')

function decompose(name: string, a: Tensor, y: Tensor, vectors: boolean): void {
  const n = sidesOf(a)[0]
  const state = temporary(batchOf(a), 'int32')
  const work = vectors ? pointer(temporary(a.shape, a.dtype)) : 0
  const steps = a.size * n * (vectors ? 25 : 10)
  run(kernel, countOf(a), steps, pointer(scratched(a)), work, pointer(y), pointer(state), n, Number(vectors))
  checkState(name, state, 1, () => 'is not finite, or its eigenvalues were not found')
}

/** Complex matrices as real ones of twice the size, [[Re, −Im], [Im, Re]]: their products and inverses are those of these. */
function block(z: Tensor): Tensor {
  const [re, im] = [z.at('...', 0), z.at('...', 1)]
  return concat([concat([re, im.neg()], -1), concat([im, re], -1)], -2)
}

/** The pairs that a block stands for. */
function pairsOf(x: Tensor): Tensor {
  const n = sidesOf(x)[0] / 2
  return stack([x.at('...', slice(0, n), slice(0, n)), x.at('...', slice(n), slice(0, n))], -1)
}

/** x · w, pair by pair. */
function times(x: Tensor, w: Tensor): Tensor {
  const [a, b, c, d] = [x.at('...', 0), x.at('...', 1), w.at('...', 0), w.at('...', 1)]
  return stack([a.mul(c).sub(b.mul(d)), a.mul(d).add(b.mul(c))], -1)
}

/** 1 / the conjugate of x, 0 for 0. */
function reciprocalConjugate(x: Tensor): Tensor {
  const square = x.square().sum(-1, { keepdims: true })
  const isZero = square.eq(0)
  return where(isZero, 0, x.div(where(isZero, 1, square)))
}

/**
 * V⁻ᴴ (diag(gΛ) + (Vᴴ gV − Vᴴ V diag(Re(Vᴴ gV))) / conj(λⱼ − λᵢ)) Vᴴ, of which the real part: a is real. gV is 0 where nothing depends on
 * the vectors.
 */
function gradient({ eigenvalues: w, eigenvectors: v }: EigenGeneral, gw: Tensor, gv: Tensor | null): Tensor {
  const n = v.shape[v.ndim - 2]
  const V = block(v)
  const unit = eye(n, { dtype: v.dtype })
  let inner = gw.unsqueeze(-2).mul(unit.unsqueeze(-1))
  if (gv) {
    const p = pairsOf(V.mT.matmul(block(gv)))
    const along = p.at('...', 0).mul(unit).sum(-2, { keepdims: true }).unsqueeze(-1)
    const turning = p.sub(pairsOf(V.mT.matmul(V)).mul(along))
    const gaps = w.unsqueeze(-3).sub(w.unsqueeze(-2))
    const offDiagonal = turning.mul(unit.neg().add(1).unsqueeze(-1))
    inner = inner.add(times(offDiagonal, reciprocalConjugate(gaps)))
  }
  return pairsOf(solve(V.mT, block(inner).matmul(V.mT))).at('...', 0)
}

/** Eigenvalues in the first place along axis −3, then the rows of V: [..., n + 1, n, 2]. */
const op = defineOp<void>({
  name: 'eig',
  inputs: ['a'],
  shape: ([a]) => [...batchOf(a), sidesOf(a)[0] + 1, sidesOf(a)[0], 2],
  launch: ([a], y) => decompose('eig', a, y, true),
  grad: { a: ({ y, dy }) => gradient(split(y), split(dy).eigenvalues, split(dy).eigenvectors) },
})

const valuesOp = defineOp<void>({
  name: 'eigvals',
  inputs: ['a'],
  shape: ([a]) => [...a.shape.slice(0, -1), 2],
  launch: ([a], y) => decompose('eigvals', a, y, false),
  grad: { a: ({ a, dy }) => gradient(split(op([a], undefined)), dy, null) },
})

/** What `eig` gives: complex numbers, real and imaginary part along the last axis. */
export interface EigenGeneral {
  /** [..., n, 2]; of a conjugate pair the one with the positive imaginary part comes first. */
  readonly eigenvalues: Tensor
  /** In the columns, [..., n, n, 2], each of length 1 and with its largest element real. */
  readonly eigenvectors: Tensor
}

const split = (y: Tensor): EigenGeneral => ({
  eigenvalues: y.at('...', 0, slice(), slice()),
  eigenvectors: y.at('...', slice(1), slice(), slice()),
})

/**
 * Eigenvalues and eigenvectors of general real matrices, A V = V diag(λ): a [..., n, n] → eigenvalues [..., n, 2], eigenvectors
 * [..., n, n, 2], complex numbers as pairs along the last axis (`@x/tensor/fft` has functions for these). Their order is
 * not defined. float32 is computed in float64. Differentiable where the eigenvalues differ; what depends on the phase of
 * a vector has no meaning.
 * @throws LinAlgError for a matrix with NaN or infinities; ShapeError unless it is square
 * @example
 * import { tensor } from '@x/tensor'
 * import { eig } from '@x/tensor/linalg'
 * eig(tensor([[0, -1], [1, 0]])).eigenvalues.toArray() // [[0, 1], [0, -1]]: i and −i
 */
export function eig(a: Tensor): EigenGeneral {
  requireSquare('eig', 'a', a)
  return tidy(() => {
    const [wide, narrow] = widened(a)
    return split(narrow(op([wide], undefined)))
  })
}

/** The eigenvalues alone: a [..., n, n] → [..., n, 2], real and imaginary part; see `eig`. @throws LinAlgError, ShapeError */
export function eigvals(a: Tensor): Tensor {
  requireSquare('eigvals', 'a', a)
  return tidy(() => {
    const [wide, narrow] = widened(a)
    return narrow(valuesOp([wide], undefined))
  })
}
