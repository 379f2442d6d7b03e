// Cases of linear algebra. Matrices are kept away from singular ones; factors that are unique only up to signs are multiplied together.
import { tensor, zeros } from '../create.ts'
import { ShapeError } from '../errors.ts'
import * as choleskys from '../ops/linalg/cholesky.ts'
import { det, slogdet } from '../ops/linalg/determinant.ts'
import { eig, eigvals } from '../ops/linalg/eig.ts'
import { eigh, eigvalsh } from '../ops/linalg/eigh.ts'
import * as lus from '../ops/linalg/lu.ts'
import { LinAlgError } from '../ops/linalg/matrices.ts'
import * as norms from '../ops/linalg/norms.ts'
import * as pinvs from '../ops/linalg/pinv.ts'
import { matrixExp, matrixPower, multiDot } from '../ops/linalg/powers.ts'
import { householderProduct, qr } from '../ops/linalg/qr.ts'
import * as systems from '../ops/linalg/solve.ts'
import { svd, svdvals } from '../ops/linalg/svd.ts'
import { solveTriangular } from '../ops/linalg/triangular.ts'
import * as vectors from '../ops/linalg/vectors.ts'
import { eye, tril } from '../ops/shape/diagonal.ts'
import type { Tensor } from '../tensor.ts'
import { casesOf, type OpCase, type OpCases, type Runs, withValues } from './case.ts'

/** Products and quotients in another order differ by this much. */
const LOOSE: Partial<OpCase> = { ulp: 256, atol: 2e-5 }

/** Far from singular, with a dominant diagonal. */
const sound = (x: Tensor): Tensor => x.mul(0.5).add(eye(x.shape[x.ndim - 1], { dtype: x.dtype }).mul(3))
const symmetric = (x: Tensor): Tensor => x.add(x.mT).mul(0.5)
const positive = (x: Tensor): Tensor => x.matmul(x.mT).add(eye(x.shape[x.ndim - 2], { dtype: x.dtype }))

/** Sizes on both sides of where the blocked kernels cut. */
const SIZES = [1, 2, 3, 4, 5, 8, 9, 17, 33]
const squares = (run: (x: Tensor) => Tensor): Runs => [
  ...SIZES.map((n) => [[[n, n]], run] as const),
  [[[0, 0]], run],
  [[[2, 3, 3]], run],
  [[[2, 0, 3, 3]], run],
  [[[5, 5]], run, true],
]
const SHAPES = [
  [1, 1],
  [3, 3],
  [5, 3],
  [3, 5],
  [17, 9],
  [2, 4, 3],
  [0, 3],
  [3, 0],
]
const rectangles = (run: (x: Tensor) => Tensor): Runs => [
  ...SHAPES.map((shape) => [[shape], run] as const),
  [[[4, 6]], run, true],
]
const LARGE = { shape: [6, 50, 50] }

const pairs = (first: readonly (readonly number[])[], run: OpCase['run']): Runs =>
  first.map(([n, k]) => [
    [
      [n, n],
      [n, k],
    ],
    run,
  ])
const RIGHT = [
  [1, 1],
  [3, 2],
  [5, 1],
  [4, 9],
  [33, 17],
  [0, 2],
  [3, 0],
]

const systemCases: readonly OpCases[] = [
  {
    op: 'solve',
    cases: withValues(
      casesOf(
        'solve',
        [
          ...pairs(RIGHT, (a, b) => systems.solve(sound(a), b)),
          [[[3, 3], [3]], (a, b) => systems.solve(sound(a), b)],
          [
            [
              [2, 3, 3],
              [2, 3],
            ],
            (a, b) => systems.solve(sound(a), b),
          ],
          [
            [
              [3, 3],
              [2, 2, 3],
            ],
            (a, b) => systems.solve(sound(a), b, { left: false }),
          ],
          [
            [
              [2, 2, 2],
              [1, 2, 3],
            ],
            (a, b) => systems.solve(sound(a), b),
          ],
          [
            [
              [2, 2, 2, 2],
              [2, 2],
            ],
            (a, b) => systems.tensorsolve(a.mul(0.2).add(eye(4, { dtype: a.dtype }).reshape([2, 2, 2, 2])), b),
          ],
        ],
        LOOSE,
      ),
      [[[1]], [[2]]],
      [[2 / 3.5]],
    ),
    errors: [
      {
        run: () => systems.solve(zeros([2, 2]), zeros([2])),
        kind: LinAlgError,
        text: 'solve: the matrix is singular: pivot 1',
      },
      { run: () => systems.solve(zeros([2, 3]), zeros([2])), kind: ShapeError, text: 'solve: a [2, 3] is not square' },
      { run: () => systems.solve(eye(2), zeros([3])), kind: ShapeError, text: 'solve: a [2, 2] and b [3, 1] differ' },
      {
        run: () => systems.solve(eye(2), zeros([2]), { right: true } as never),
        kind: RangeError,
        text: "solve: there is no option 'right'",
      },
    ],
    large: [LARGE, LARGE],
  },
  {
    op: 'inv',
    cases: [
      ...casesOf(
        'inv',
        squares((x) => systems.inv(sound(x))),
        LOOSE,
      ),
      ...casesOf(
        'tensorinv',
        [[[[2, 2, 4]], (x) => systems.tensorinv(x.add(eye(4, { dtype: x.dtype }).reshape([2, 2, 4]).mul(4)))]],
        LOOSE,
      ),
      ...casesOf(
        'matrixPower',
        [-2, 0, 1, 5].map((n) => [[[2, 3, 3]], (x: Tensor) => matrixPower(sound(x), n)] as const),
        { ulp: 256, atol: 1e-3 },
      ),
    ],
    errors: [
      {
        run: () =>
          systems.inv(
            tensor([
              [
                [1, 0],
                [0, 1],
              ],
              [
                [1, 2],
                [2, 4],
              ],
            ]),
          ),
        kind: LinAlgError,
        text: 'inv: the matrix at 1 of the batch is singular: pivot 2',
      },
      { run: () => systems.inv(zeros([2, 3])), kind: ShapeError, text: 'inv: a [2, 3] is not square (2 ≠ 3)' },
      { run: () => systems.inv(zeros([3])), kind: ShapeError, text: 'inv: a [3] is not a matrix' },
      { run: () => matrixPower(zeros([2, 2]), 0.5), kind: RangeError, text: 'matrixPower: 0.5 is not a whole number' },
      { run: () => systems.tensorinv(zeros([2, 3])), kind: ShapeError, text: 'tensorinv: a [2, 3] is not square' },
    ],
    large: [LARGE],
  },
  {
    op: 'solveTriangular',
    cases: casesOf(
      'solveTriangular',
      [
        ...pairs(RIGHT, (a, b) => solveTriangular(sound(a), b, { upper: false })),
        ...pairs(RIGHT, (a, b) => solveTriangular(sound(a), b, { upper: true })),
        ...pairs(
          [
            [3, 2],
            [6, 5],
          ],
          (a, b) => solveTriangular(a.mT.mul(0.3), b, { upper: true, unitriangular: true }),
        ),
        ...pairs(
          [
            [3, 2],
            [6, 5],
          ],
          (a, b) => solveTriangular(sound(a), b.mT, { upper: false, left: false }),
        ),
      ],
      LOOSE,
    ),
    errors: [
      {
        run: () => solveTriangular(eye(2), zeros([2, 1]), undefined as never),
        kind: RangeError,
        text: 'solveTriangular: say which half of a counts',
      },
      {
        run: () => solveTriangular(eye(2), zeros([3, 1]), { upper: true }),
        kind: ShapeError,
        text: 'solveTriangular: a [2, 2] and b [3, 1] differ (2 ≠ 3)',
      },
    ],
    large: [LARGE, LARGE],
  },
  {
    op: 'luFactor',
    cases: [
      ...casesOf(
        'lu',
        [
          ...squares((x) => lus.lu(sound(x)).L.add(lus.lu(sound(x)).U.mul(2))),
          ...rectangles((x) => lus.luFactor(x).LU),
        ],
        { ...LOOSE, differentiable: [] },
      ),
      ...casesOf(
        'lu',
        [
          [3, 3],
          [5, 3],
          [3, 5],
          [2, 2, 3],
        ].map((shape) => [[shape], (x: Tensor) => lus.luFactor(x).LU] as const),
        LOOSE,
      ),
      ...casesOf(
        'luSolve',
        pairs([[3, 2]], (a, b) => lus.luSolve(lus.luFactor(sound(a)), b)),
        LOOSE,
      ),
      ...casesOf(
        'P L U',
        rectangles((x) => {
          const { P, L, U } = lus.lu(x)
          return P.matmul(L).matmul(U)
        }),
        { ...LOOSE, differentiable: [] },
      ),
    ],
    errors: [{ run: () => lus.lu(zeros([2])), kind: ShapeError, text: 'lu: a [2] is not a matrix' }],
    large: [LARGE],
  },
  {
    op: 'det',
    cases: withValues(
      [
        ...casesOf(
          'det',
          [1, 2, 3, 4, 5].map((n) => [[[2, n, n]], (x: Tensor) => det(sound(x).mul(0.5))] as const),
          { ulp: 512, atol: 1e-4 },
        ),
        ...casesOf('det of nothing', [[[[0, 0]], det]]),
      ],
      [[[[4]]]],
      [2.5],
    ),
    errors: [{ run: () => det(zeros([2, 3])), kind: ShapeError, text: 'det: a [2, 3] is not square' }],
    large: [LARGE],
  },
  {
    op: 'logAbsDet',
    cases: casesOf(
      'slogdet',
      [1, 2, 3, 4].map((n) => [[[2, n, n]], (x: Tensor) => slogdet(sound(x)).logabsdet.add(slogdet(x).sign)] as const),
      { ulp: 512, atol: 1e-5 },
    ),
    large: [LARGE],
  },
  {
    op: 'cholesky',
    cases: withValues(
      [
        ...casesOf(
          'cholesky',
          squares((x) => choleskys.cholesky(positive(x))),
          LOOSE,
        ),
        ...casesOf('cholesky', [[[[4, 4]], (x) => choleskys.cholesky(positive(x), { upper: true })]], LOOSE),
        ...casesOf(
          'choleskySolve',
          pairs([[3, 2]], (a, b) =>
            choleskys.choleskySolve(b, sound(a)).add(choleskys.choleskySolve(b, sound(a), { upper: true })),
          ),
          LOOSE,
        ),
        ...casesOf('choleskyInverse', [[[[3, 3]], (a) => choleskys.choleskyInverse(sound(a))]], LOOSE),
      ],
      [[[2]]],
      [[Math.sqrt(5)]],
    ),
    errors: [
      {
        run: () =>
          choleskys.cholesky(
            tensor([
              [1, 2],
              [2, 1],
            ]),
          ),
        kind: LinAlgError,
        text: 'cholesky: the matrix is not positive definite: its leading minor of order 2',
      },
      {
        run: () => choleskys.choleskySolve(zeros([3, 1]), eye(2)),
        kind: ShapeError,
        text: 'choleskySolve: b [3, 1] and l [2, 2] differ (3 ≠ 2)',
      },
    ],
    large: [LARGE],
  },
]

/** R with a positive diagonal, and Q with the signs that this takes. */
const canonical = (x: Tensor): Tensor => {
  const { Q, R } = qr(x)
  const signs = vectors.diagonal(R).sign()
  return Q.mul(signs.unsqueeze(-2)).matmul(R.mul(signs.unsqueeze(-1)).add(1))
}
/** A function of the eigenvectors that their signs do not change. */
const spectral = (x: Tensor): Tensor => {
  const { eigenvalues: w, eigenvectors: V } = eigh(symmetric(x))
  return V.mul(w.sin().unsqueeze(-2)).matmul(V.mT)
}
const singular = (x: Tensor): Tensor => {
  const { U, S, Vh } = svd(x, { fullMatrices: false })
  return U.mul(S.sin().unsqueeze(-2)).matmul(Vh)
}
/** Real functions of complex eigenvectors that their phases do not change, in an order that does not depend on the engine. */
const magnitudes = (x: Tensor): Tensor => {
  const { eigenvalues: w, eigenvectors: v } = eig(x)
  return v.square().sum(-1).mul(w.square().sum(-1).unsqueeze(-2)).sum(-1)
}
/** Eigenvalues that are far apart. */
const spread = (x: Tensor): Tensor => {
  const n = x.shape[x.ndim - 1]
  return x
    .mul(0.3)
    .add(eye(n, { dtype: x.dtype }).mul(tensor(Array.from({ length: n }, (_, i) => 2 * i)).cast(x.dtype)))
}
/** Two conjugate pairs and real ones. */
const turning = (x: Tensor): Tensor => {
  const n = x.shape[x.ndim - 1]
  const turn = eye(n, { k: 1, dtype: x.dtype }).sub(eye(n, { k: -1, dtype: x.dtype }))
  return spread(x).add(turn.mul(3))
}

const decompositionCases: readonly OpCases[] = [
  {
    op: 'qr',
    cases: [
      ...casesOf(
        'qr',
        rectangles((x) => qr(x, { mode: 'r' }).R),
        { ...LOOSE, differentiable: [] },
      ),
      ...casesOf(
        'qr',
        [
          [3, 3],
          [5, 3],
          [3, 5],
          [2, 3, 2],
          [1, 1],
        ].map((shape) => [[shape], canonical] as const),
        LOOSE,
      ),
      ...casesOf('qr complete', [[[[3, 4]], (x) => qr(x, { mode: 'complete' }).R.square()]], LOOSE),
      ...casesOf('qr r', [[[[4, 3]], (x) => qr(x, { mode: 'r' }).R.square()]], LOOSE),
      ...casesOf(
        'qr complete of tall',
        [[[[5, 3]], (x) => qr(x, { mode: 'complete' }).Q.matmul(qr(x, { mode: 'complete' }).R)]],
        { ...LOOSE, differentiable: [] },
      ),
      ...casesOf('householderProduct', [[[[4, 3], [2]], (a, tau) => householderProduct(a, tau)]], LOOSE),
    ],
    errors: [
      { run: () => qr(zeros([2, 2]), { mode: 'raw' as never }), kind: RangeError, text: "qr: there is no mode 'raw'" },
      {
        run: () => householderProduct(zeros([2, 3]), zeros([2])),
        kind: ShapeError,
        text: 'householderProduct: a [2, 3] is [..., m, n] with m ≥ n',
      },
    ],
    large: [LARGE],
  },
  {
    op: 'eigh',
    cases: [
      ...casesOf('eigh', squares(spectral), LOOSE),
      ...casesOf('eigh', [[[[3, 3]], (x) => eigh(tril(spread(x)), { UPLO: 'L' }).eigenvectors.square()]], {
        ...LOOSE,
        differentiable: [],
      }),
    ],
    errors: [
      {
        run: () => eigh(tensor([[Number.NaN]])),
        kind: LinAlgError,
        text: 'eigh: the matrix is not finite',
      },
      { run: () => eigh(eye(2), { UPLO: 'l' as never }), kind: RangeError, text: "eigh: UPLO is 'l'" },
    ],
    large: [LARGE],
  },
  {
    op: 'eigvalsh',
    cases: withValues(
      casesOf(
        'eigvalsh',
        squares((x) => eigvalsh(symmetric(x))),
        LOOSE,
      ),
      [[[3]]],
      [3],
    ),
    large: [LARGE],
  },
  {
    op: 'svd',
    cases: [
      ...casesOf('svd', rectangles(singular), LOOSE),
      ...casesOf(
        'svd full',
        rectangles((x) => {
          const { U, S, Vh } = svd(x)
          const [m, n] = x.shape.slice(-2)
          const sigma = S.unsqueeze(-1).mul(eye(Math.min(m, n), n, { dtype: x.dtype }))
          return U.matmul(eye(m, Math.min(m, n), { dtype: x.dtype }).matmul(sigma)).matmul(Vh)
        }),
        { ...LOOSE, differentiable: [] },
      ),
    ],
    errors: [
      {
        run: () => svd(tensor([[1, Number.POSITIVE_INFINITY]])),
        kind: LinAlgError,
        text: 'svd: the matrix is not finite',
      },
    ],
    large: [LARGE],
  },
  {
    op: 'svdvals',
    cases: [
      ...casesOf('svdvals', rectangles(svdvals), LOOSE),
      ...casesOf(
        'matrixNorm',
        (['fro', 'nuc', 2, -2, 1, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] as const).map(
          (ord) => [[[2, 3, 4]], (x: Tensor) => norms.matrixNorm(x, ord, [2, 0], { keepdims: true })] as const,
        ),
        LOOSE,
      ),
      ...casesOf(
        'cond',
        ([null, -2, 'fro', 'nuc', 1, Number.NEGATIVE_INFINITY] as const).map(
          (p) => [[[2, 3, 3]], (x: Tensor) => norms.cond(sound(x), p)] as const,
        ),
        LOOSE,
      ),
      ...casesOf(
        'norm',
        [
          [[[2, 3]], (x) => norms.norm(x)],
          [[[2, 3]], (x) => norms.norm(x, 1)],
          [[[2, 3]], (x) => norms.norm(x, 3, 0)],
          [[[2, 3]], (x) => norms.norm(x, null, [0, 1])],
        ],
        LOOSE,
      ),
    ],
    errors: [
      { run: () => norms.matrixNorm(eye(2), 3), kind: RangeError, text: 'matrixNorm: there is no matrix norm 3' },
      { run: () => norms.norm(zeros([2, 2, 2]), 1), kind: ShapeError, text: 'norm: [2, 2, 2] is neither' },
      { run: () => norms.cond(zeros([2, 3]), 1), kind: ShapeError, text: 'cond: a [2, 3] is not square' },
    ],
    large: [LARGE],
  },
  {
    op: 'eig',
    cases: [
      ...casesOf('eig', [[[[3, 3]], (x) => magnitudes(spread(x))]], LOOSE),
      ...casesOf('eig', [[[[4, 4]], (x) => magnitudes(turning(x))]], LOOSE),
      ...casesOf('eig', [...SIZES.map((n) => [[[n, n]], magnitudes] as const), [[[2, 5, 5]], magnitudes]], {
        ulp: 256,
        atol: 1e-4,
        differentiable: [],
      }),
    ],
    errors: [{ run: () => eig(tensor([[Number.NaN]])), kind: LinAlgError, text: 'eig: the matrix is not finite' }],
    large: [LARGE],
  },
  {
    op: 'eigvals',
    cases: casesOf(
      'eigvals',
      [
        [[[3, 3]], (x) => eigvals(spread(x)).square().sum(-1).sum(-1)],
        [[[4, 4]], (x) => eigvals(turning(x)).square().sum(-1).sum(-1)],
      ],
      LOOSE,
    ),
    large: [LARGE],
  },
  {
    op: 'pinv',
    cases: [
      ...casesOf(
        'pinv',
        [
          ...[
            [3, 3],
            [4, 2],
            [2, 4],
            [2, 3, 2],
          ].map((shape) => [[shape], (x: Tensor) => pinvs.pinv(x)] as const),
          [[[4, 2]], (x) => pinvs.pinv(x.matmul(x.mT), { rtol: 1e-4 })],
          [[[3, 3]], (x) => pinvs.pinv(symmetric(sound(x)), { hermitian: true })],
          [
            [
              [4, 2],
              [4, 3],
            ],
            (a, b) => pinvs.lstsq(a, b).solution,
          ],
          [[[4, 2], [4]], (a, b) => pinvs.lstsq(a, b).residuals],
          [
            [
              [2, 4],
              [2, 3],
            ],
            (a, b) => pinvs.lstsq(a, b).solution,
          ],
        ],
        { ulp: 1024, atol: 1e-4 },
      ),
      ...casesOf(
        'matrixRank',
        [
          [[[3, 4]], (x) => pinvs.matrixRank(x)],
          [[[3, 4]], (x) => pinvs.matrixRank(x, { tol: 100 })],
          [[[4, 2]], (x) => pinvs.matrixRank(x.matmul(x.mT), { rtol: 1e-4, hermitian: true })],
          [[[0, 3]], (x) => pinvs.matrixRank(x)],
        ],
        { differentiable: [] },
      ),
    ],
    errors: [
      {
        run: () => pinvs.pinv(eye(2), { tolerance: 1 } as never),
        kind: RangeError,
        text: "pinv: there is no option 'tolerance'",
      },
      {
        run: () => pinvs.lstsq(zeros([3, 2]), zeros([2])),
        kind: ShapeError,
        text: 'lstsq: a [3, 2] and b [2, 1] differ',
      },
    ],
    large: [LARGE],
  },
  {
    op: 'matrixExp',
    cases: withValues(
      casesOf(
        'matrixExp',
        squares((x) => matrixExp(x.mul(1 / Math.max(1, x.shape[x.ndim - 1])))),
        LOOSE,
      ),
      [[[1]]],
      [[Math.E]],
    ),
    errors: [{ run: () => matrixExp(zeros([2, 3])), kind: ShapeError, text: 'matrixExp: a [2, 3] is not square' }],
    large: [LARGE],
  },
]

const vectorCases: readonly OpCases[] = [
  {
    op: 'cdist',
    cases: [
      ...[2, 1, Number.POSITIVE_INFINITY, 3, 0].flatMap((p) =>
        casesOf(
          `cdist ${p}`,
          [
            [
              [2, 3],
              [4, 3],
            ],
            [
              [5, 17],
              [3, 17],
            ],
            [
              [2, 2, 2],
              [3, 2],
            ],
            [
              [0, 3],
              [2, 3],
            ],
            [
              [2, 0],
              [3, 0],
            ],
          ].map((shapes) => [shapes, (a: Tensor, b: Tensor) => vectors.cdist(a, b, p)] as const),
          // The largest and the number of differences jump.
          { ulp: 64, atol: 1e-5, differentiable: p === 0 ? [] : undefined },
        ).filter((c) => p !== Number.POSITIVE_INFINITY || c.inputs[0].shape[1] !== 0),
      ),
      ...casesOf('cross', [
        [[[2, 3], [3]], (a, b) => vectors.cross(a, b)],
        [
          [
            [3, 2],
            [3, 2],
          ],
          (a, b) => vectors.cross(a, b, { axis: 0 }),
        ],
      ]),
      ...casesOf('trace', [[[[2, 3, 4]], (x) => vectors.trace(x, { offset: 1 })]], LOOSE),
      ...casesOf(
        'multiDot',
        [
          [[[2, 5], [5, 3], [3]], (a, b, c) => multiDot([a, b, c])],
          [[[4], [4, 2], [2, 3], [3, 5]], (a, b, c, d) => multiDot([a, b, c, d])],
        ],
        LOOSE,
      ),
      ...casesOf(
        'cov',
        [
          [[[3, 5]], (x) => vectors.cov(x)],
          [[[5]], (x) => vectors.cov(x, { correction: 0 })],
          [
            [[3, 5], [5]],
            (x, w) =>
              vectors.cov(x, {
                aweights: w.square().add(1),
                fweights: tensor([1, 2, 1, 3, 1], { dtype: 'int32' }),
                rowvar: true,
              }),
          ],
          [[[5, 2]], (x) => vectors.cov(x, { rowvar: false })],
        ],
        LOOSE,
      ),
      ...casesOf('corrcoef', [[[[3, 5]], (x) => vectors.corrcoef(x)]], LOOSE),
    ],
    errors: [
      {
        run: () => vectors.cdist(zeros([2, 3]), zeros([2, 4])),
        kind: ShapeError,
        text: 'cdist: the rows of x1 [2, 3]',
      },
      { run: () => vectors.cdist(zeros([2, 3]), zeros([2, 3]), -1), kind: RangeError, text: 'cdist: p -1' },
      { run: () => vectors.cross(zeros([2]), zeros([2])), kind: ShapeError, text: 'cross: a [2] and b [2]' },
      { run: () => multiDot([zeros([2, 3]), zeros([2, 3])]), kind: ShapeError, text: 'multiDot: the sizes of 0 and 1' },
      { run: () => vectors.cov(zeros([2, 3]), { aweights: zeros([2]) }), kind: ShapeError, text: 'cov: aweights [2]' },
      { run: () => vectors.corrcoef(zeros([2, 3, 4])), kind: ShapeError, text: 'corrcoef: x [2, 3, 4] has more' },
    ],
    large: [{ shape: [200, 20] }, { shape: [300, 20] }],
  },
]

export const linalgCases: readonly OpCases[] = [...systemCases, ...decompositionCases, ...vectorCases]
