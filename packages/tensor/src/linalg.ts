// @x/tensor/linalg: linear algebra, an entry of its own because its kernels are large.

export { type CholeskyOptions, cholesky, choleskyInverse, choleskySolve } from './ops/linalg/cholesky.ts'
export { det, slogdet } from './ops/linalg/determinant.ts'
export { type EigenGeneral, eig, eigvals } from './ops/linalg/eig.ts'
export { type EigenSymmetric, type EighOptions, eigh, eigvalsh } from './ops/linalg/eigh.ts'
export { type LuFactors, lu, luFactor, luSolve } from './ops/linalg/lu.ts'
export { LinAlgError } from './ops/linalg/matrices.ts'
export { cond, type MatrixOrder, matrixNorm, norm } from './ops/linalg/norms.ts'
export {
  type LeastSquares,
  type LstsqOptions,
  lstsq,
  matrixRank,
  type PinvOptions,
  pinv,
  type RankOptions,
  type Tolerance,
} from './ops/linalg/pinv.ts'
export { matrixExp, matrixPower, multiDot } from './ops/linalg/powers.ts'
export { householderProduct, type QrMode, qr } from './ops/linalg/qr.ts'
export { inv, type SolveOptions, solve, tensorinv, tensorsolve } from './ops/linalg/solve.ts'
export { type Singular, type SvdOptions, svd, svdvals } from './ops/linalg/svd.ts'
export { type SolveTriangularOptions, solveTriangular } from './ops/linalg/triangular.ts'
export { type CovOptions, cdist, corrcoef, cov, cross, diagonal, trace } from './ops/linalg/vectors.ts'
export { einsum } from './ops/products/einsum.ts'
export { matmul } from './ops/products/matmul.ts'
export { outer, tensordot, vecdot } from './ops/products/products.ts'
export { vectorNorm } from './ops/reductions/statistics.ts'
export { matrixTranspose } from './ops/shape/arrange.ts'
export { vander } from './ops/shape/grids.ts'
