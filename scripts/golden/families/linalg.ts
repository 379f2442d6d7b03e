// Linear algebra. Factorisations that are unique only up to signs or bases are held to what defines them.
import type { Tensor } from '@x/tensor'
import { eye, stack, tensor } from '@x/tensor'
import * as la from '@x/tensor/linalg'
import { agree, agreeKind, agreeValues, Mismatch } from '../compare.ts'
import { type Case, type Precision, type Recorded, toTensor } from '../read.ts'
import type { Args, Check, Context, Op, Table } from './table.ts'
import { readingAll } from './table.ts'

/** What is recorded is the gradient through (A + Aᵀ) / 2. */
const symmetrised = (a: Tensor): Tensor => a.add(a.mT).mul(0.5)

const symmetric =
  (f: (a: Tensor) => Tensor): Op =>
  ({ A }) =>
    f(symmetrised(A))

/** A factorisation: the recorded parts that are unique, and the equations that all of them fulfil. */
interface Factorisation {
  parts(a: Tensor, args: Args): Record<string, Tensor>
  /** Which of the parts have to be as recorded. */
  readonly unique: readonly string[]
  /** Pairs of what must be equal. */
  equations(a: Tensor, parts: Record<string, Tensor>): Record<string, readonly [got: Tensor, want: Tensor]>
}

function factorisation({ parts, unique, equations }: Factorisation): Check {
  return {
    check(c: Case, precision: Precision): void {
      const recorded: readonly Recorded[] = c.outputs ?? []
      const A = toTensor(c.inputs.A, precision)
      const found = readingAll(c.args, (args) => parts(A, args), ['note'])
      const names = Object.keys(found)
      if (names.length !== recorded.length) throw new Mismatch(`${names.length} outputs, not ${recorded.length}`)
      const exact = precision === 'float64'
      names.forEach((name, k) => {
        agreeKind(name, found[name], recorded[k], precision)
        if (String(found[name].shape) !== String(recorded[k].shape)) {
          throw new Mismatch(`${name} has shape [${found[name].shape}], not [${recorded[k].shape}]`)
        }
        if (unique.includes(name)) {
          agree(name, found[name], { recorded: recorded[k], exact, deviation: c.err32?.out?.[k] ?? {} })
        }
      })
      for (const [what, [got, want]] of Object.entries(equations(A, found))) {
        agreeValues(what, got.data(), want.data(), { exact, deviation: {} })
      }
    },
  }
}

/** Columns that are orthogonal and of length 1. */
function orthonormal(x: Tensor): readonly [Tensor, Tensor] {
  const product = x.mT.matmul(x)
  return [product, eye(x.shape[x.ndim - 1], { dtype: x.dtype }).expand(product.shape)]
}

const eigh = factorisation({
  parts: (A) => ({ ...la.eigh(A) }),
  unique: ['eigenvalues'],
  equations: (A, { eigenvalues: w, eigenvectors: V }) => ({
    'Vᵀ V': orthonormal(V),
    'V diag(λ) Vᵀ': [V.mul(w.unsqueeze(-2)).matmul(V.mT), A],
  }),
})

const svd = factorisation({
  parts: (A, { full_matrices: fullMatrices }) => ({ ...la.svd(A, { fullMatrices }) }),
  unique: ['S'],
  equations: (A, { U, S, Vh }) => {
    const [k, m, n] = [S.shape[S.ndim - 1], U.shape[U.ndim - 1], Vh.shape[Vh.ndim - 2]]
    const sigma = S.unsqueeze(-1).mul(eye(k, n, { dtype: S.dtype }))
    return {
      'Uᵀ U': orthonormal(U),
      'V Vᵀ': orthonormal(Vh.mT),
      'U Σ V': [U.matmul(eye(m, k, { dtype: S.dtype }).matmul(sigma)).matmul(Vh), A],
    }
  },
})

const qr = factorisation({
  parts: (A, { mode }) => ({ ...la.qr(A, { mode }) }),
  unique: [],
  equations: (A, { Q, R }) => {
    const [k, n] = R.shape.slice(-2)
    const upper = tensor(Array.from({ length: k }, (_, i) => Array.from({ length: n }, (_, j) => (j < i ? 0 : 1))))
    return { 'Qᵀ Q': orthonormal(Q), 'Q R': [Q.matmul(R), A], 'R below its diagonal': [upper.mul(R), R] }
  },
})

/** Q and R with the signs that make the diagonal of R positive. */
const positive: Op = ({ A }) => {
  const { Q, R } = la.qr(A)
  const signs = la.diagonal(R).sign()
  return [Q.mul(signs.unsqueeze(-2)), R.mul(signs.unsqueeze(-1))]
}

/** Complex numbers have no order: each of ours in the place of the recorded one that it is nearest to, no place twice. */
const eigvals: Op = ({ A }, _, { outputs: [recorded], dtype }: Context) => {
  const found = la.eigvals(A)
  const n = A.shape[A.ndim - 1]
  const wanted = toTensor(recorded, dtype).reshape([-1, n, 2])
  const rows = found.reshape([-1, n, 2])
  const ordered = Array.from({ length: rows.shape[0] }, (_, b) => {
    const distances = la.cdist(wanted.at(b), rows.at(b))
    const free = new Set(Array.from({ length: n }, (_, i) => i))
    const order = Array.from({ length: n }, (_, i) => {
      const nearest = [...free].reduce((p, q) => (distances.at(i, q).item() < distances.at(i, p).item() ? q : p))
      free.delete(nearest)
      return nearest
    })
    return rows.at(b).take(tensor(order, { dtype: 'int32' }))
  })
  return stack(ordered).reshape(found.shape)
}

export const linalg: Table = {
  'torch.linalg.solve': ({ A, B }, { left }) => la.solve(A, B, { left }),
  'torch.linalg.inv': ({ A, input }) => la.inv(A ?? input),
  'torch.linalg.det': ({ A }) => la.det(A),
  'torch.linalg.slogdet': ({ A }) => {
    const { sign, logabsdet } = la.slogdet(A)
    return [sign, logabsdet]
  },
  'torch.linalg.cholesky': ({ A, input }, { upper }) => la.cholesky(A ? symmetrised(A) : input, { upper }),
  'torch.cholesky_solve': ({ A, B }, { upper }) => la.choleskySolve(B, la.cholesky(A, { upper }), { upper }),
  'torch.linalg.solve_triangular': ({ A, B }, { upper, left, unitriangular }) =>
    la.solveTriangular(A, B, { upper, left, unitriangular }),
  'torch.linalg.eigvalsh': ({ A }, { UPLO }) => la.eigvalsh(symmetrised(A), { UPLO }),
  'torch.linalg.eigh': eigh,
  'eigh: V*V (elementwise)': symmetric((a) => la.eigh(a).eigenvectors.square()),
  'torch.linalg.pinv': ({ A }, { atol, rtol, rcond, hermitian }) => la.pinv(A, { atol, rtol, rcond, hermitian }),
  'torch.linalg.matrix_power': ({ A }, { n }) => la.matrixPower(A, n),
  'torch.matrix_exp': ({ A }) => la.matrixExp(A),
  'torch.trace': ({ A }) => la.trace(A),
  'torch.linalg.cond': ({ A }, { p = null }) => la.cond(A, p),
  'torch.linalg.eigvals': eigvals,
  'torch.linalg.lu': ({ A }) => {
    const { P, L, U } = la.lu(A)
    return [P, L, U]
  },
  'torch.linalg.svdvals': ({ A }) => la.svdvals(A),
  'torch.linalg.svd': svd,
  'torch.linalg.qr': qr,
  'qr normalised to diag(R)>0': positive,
  'torch.linalg.lstsq': ({ A, B }) => la.lstsq(A, B).solution,
  'torch.linalg.matrix_norm': ({ A }, { ord, dim, keepdim: keepdims }) => la.matrixNorm(A, ord, dim, { keepdims }),
  'torch.linalg.matrix_rank': ({ A }, { tol, atol, rtol, hermitian }) =>
    la.matrixRank(A, { tol, atol, rtol, hermitian }),
  'torch.linalg.cross': ({ input, other }, { dim: axis }) => la.cross(input, other, { axis }),
  'torch.linalg.multi_dot': (inputs) => la.multiDot(Object.values(inputs)),
  'torch.cdist': ({ x1, x2 }, { p }) => la.cdist(x1, x2, p),
  'torch.cov': ({ input, fweights, aweights }, { correction }) => la.cov(input, { correction, fweights, aweights }),
  'torch.corrcoef': ({ input }) => la.corrcoef(input),
}
