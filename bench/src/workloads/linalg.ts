// Linear algebra and Fourier transforms.
import { valueAndGrad } from '@x/autograd'
import type { Tensor } from '@x/tensor'
import { fft, rfft } from '@x/tensor/fft'
import * as la from '@x/tensor/linalg'
import type { HostArray, Random } from '../hostArray.ts'
import { type Definition, define, type Foreign } from '../workload.ts'

type Peers = Partial<Pick<Definition<'a'>, 'tfjs' | 'jax' | 'numpy' | 'mlMatrix'>>
type Data = (random: Random, n: number) => HostArray

const general: Data = (random, n) => random.normal([n, n])

/** Each element the mean of itself and its mirror image. */
const symmetric: Data = (random, n) => {
  const x = random.normal([n, n])
  const data = x.data.map((v, i) => (v + x.data[(i % n) * n + Math.floor(i / n)]) / 2)
  return { ...x, data }
}

/** X Xᵀ / n + 1, well conditioned. */
const positive: Data = (random, n) => {
  const x = random.normal([n, n])
  const data = new Float32Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = i === j ? n : 0
      for (let k = 0; k < n; k++) sum += x.data[i * n + k] * x.data[j * n + k]
      data[i * n + j] = sum / n
    }
  }
  return { ...x, data }
}

/** A function of one square matrix. */
function ofSquare(
  name: string,
  [tiny, large]: readonly [number, number],
  ours: (a: Tensor) => Tensor,
  { data = general, target, ...rest }: Peers & { data?: Data; target?: number; tolerance?: number } = {},
): Definition<string> {
  return define({
    name,
    section: 'linalg',
    tiny: [tiny],
    large: [large],
    tolerance: 1e-4,
    data: (random, [n]) => ({ a: data(random, n) }),
    target: target === undefined ? undefined : () => target,
    ours: ({ a }) => ours(a),
    ...rest,
  })
}

const complexSize = [65536]

export const linear: readonly Definition<string>[] = [
  define({
    name: 'solve',
    section: 'linalg',
    small: [4, 4],
    large: [256, 256],
    tolerance: 1e-3,
    data: (random, [n, k]) => ({ a: random.normal([n, n]), b: random.normal([n, k]) }),
    target: ([n]) => (n > 4 ? 1 : undefined),
    ours: ({ a, b }) => la.solve(a, b),
    jax: (jax, { a, b }) => jax.numpy.linalg.solve(a, b),
    numpy: (np, { a, b }) => np.linalg.solve(a, b),
    mlMatrix: (ml, { a, b }) => ml.solve(a, b),
  }),
  define({
    name: 'solveTriangular',
    section: 'linalg',
    tiny: [5, 3],
    large: [256, 256],
    tolerance: 1e-4,
    data: (random, [n, k]) => ({ a: positive(random, n), b: random.normal([n, k]) }),
    ours: ({ a, b }) => la.solveTriangular(a, b, { upper: false }),
    jax: (jax, { a, b }) => jax.lax.linalg.triangularSolve(a, b, { leftSide: true, lower: true }),
  }),
  ofSquare('inv', [5, 256], la.inv, {
    tolerance: 1e-3,
    target: 1,
    jax: (jax, { a }) => jax.numpy.linalg.inv(a),
    numpy: (np, { a }) => np.linalg.inv(a),
    mlMatrix: (ml, { a }) => ml.inverse(a),
  }),
  ofSquare('det', [5, 256], (a) => la.det(a.mul(0.1)), {
    jax: (jax, { a }) => jax.numpy.linalg.det(jax.numpy.multiply(a, 0.1)),
    numpy: (np, { a }) => np.linalg.det(np.own(np.multiply(a, 0.1))),
    mlMatrix: (ml, { a }) => ml.determinant(a.clone().mul(0.1)),
  }),
  ofSquare('slogdet', [5, 256], (a) => la.slogdet(a).logabsdet, {
    numpy: (np, { a }) => np.linalg.slogdet(a).logabsdet,
  }),
  ofSquare('lu', [5, 256], (a) => la.luFactor(a).LU, { tolerance: 1e-3 }),
  ofSquare('cholesky', [5, 256], (a) => la.cholesky(a), {
    data: positive,
    target: 1,
    jax: (jax, { a }) => jax.numpy.linalg.cholesky(a),
    numpy: (np, { a }) => np.linalg.cholesky(a),
    mlMatrix: (ml, { a }) => new ml.CholeskyDecomposition(a).lowerTriangularMatrix,
  }),
  // Signs are free: the magnitudes are what is compared.
  define({
    name: 'qr',
    section: 'linalg',
    tiny: [5],
    large: [256],
    tolerance: 1e-4,
    target: () => 1,
    data: (random, [n]) => ({ a: general(random, n) }),
    ours: ({ a }) => la.qr(a).R.abs(),
    tfjs: (tf, { a }) => tf.abs(tf.linalg.qr(a)[1]),
    numpy: (np, { a }) => {
      const { q, r } = np.linalg.qr(a)
      np.own(q)
      return np.abs(np.own(r))
    },
    mlMatrix: (ml, { a }) => {
      const qr = new ml.QR(a)
      void qr.orthogonalMatrix
      return qr.upperTriangularMatrix.abs()
    },
  }),
  // Of the vectors, which are free to change sign, nothing is compared; they are computed by all.
  ofSquare('eigh', [5, 128], (a) => la.eigh(a).eigenvalues, {
    data: symmetric,
    target: 2,
    jax: (jax, { a }) => {
      const [w, v] = jax.numpy.linalg.eigh(a)
      return w.add(jax.numpy.sum(v).mul(0))
    },
    numpy: (np, { a }) => {
      const { w, v } = np.linalg.eigh(a)
      np.own(v)
      return w
    },
    mlMatrix: (ml, { a }) => {
      const found = new ml.EVD(a, { assumeSymmetric: true })
      void found.eigenvectorMatrix
      return found.realEigenvalues
    },
  }),
  ofSquare('eigvalsh', [5, 128], (a) => la.eigvalsh(a), { data: symmetric }),
  ofSquare('svd', [5, 128], (a) => la.svd(a).S, {
    target: 2,
    jax: (jax, { a }) => {
      const [u, s, v] = jax.numpy.linalg.svd(a)
      return s.add(jax.numpy.sum(u).mul(0)).add(jax.numpy.sum(v).mul(0))
    },
    numpy: (np, { a }) => {
      const { u, s, vt } = np.linalg.svd(a)
      np.own(u)
      np.own(vt)
      return s
    },
    mlMatrix: (ml, { a }) => {
      const found = new ml.SVD(a)
      void found.leftSingularVectors
      return found.diagonal
    },
  }),
  ofSquare('svdvals', [5, 128], la.svdvals, { numpy: (np, { a }) => np.linalg.svdvals(a) }),
  ofSquare('eig', [5, 128], (a) => la.eig(a).eigenvalues.square().sum(-1).sum(-1), {
    mlMatrix: (ml, { a }) => {
      const found = new ml.EVD(a)
      void found.eigenvectorMatrix
      return found.realEigenvalues.reduce(
        (sum: number, re: number, i: number) => sum + re ** 2 + found.imaginaryEigenvalues[i] ** 2,
        0,
      )
    },
  }),
  ofSquare('eigvals', [5, 128], (a) => la.eigvals(a).square().sum(-1).sum(-1)),
  ofSquare('pinv', [5, 128], (a) => la.pinv(a), {
    tolerance: 1e-3,
    numpy: (np, { a }) => np.linalg.pinv(a),
    mlMatrix: (ml, { a }) => ml.pseudoInverse(a),
  }),
  ofSquare('matrixExp', [5, 128], (a) => la.matrixExp(a.mul(0.1))),
  define({
    name: 'cdist and gradient',
    section: 'linalg',
    tiny: [5, 4, 3],
    large: [500, 500, 32],
    tolerance: 1e-4,
    data: (random, [m, n, d]) => ({ a: random.normal([m, d]), b: random.normal([n, d]) }),
    ours: ({ a, b }) => valueAndGrad(() => la.cdist(a, b).square().sum(), a).grads,
  }),
  define({
    name: 'cdist',
    section: 'linalg',
    small: [3, 3, 3],
    large: [500, 500, 32],
    data: (random, [m, n, d]) => ({ a: random.normal([m, d]), b: random.normal([n, d]) }),
    ours: ({ a, b }) => la.cdist(a, b),
  }),
  define({
    name: 'fft',
    section: 'linalg',
    small: [16],
    large: [[1024], [1009], complexSize],
    data: (random, [n]) => ({ x: random.normal([n, 2]) }),
    ours: ({ x }) => fft(x),
    jax: {
      start: (jax, { x }: Foreign) => {
        const run = jax.jit((z: Foreign) => {
          const parts = { real: z.ref.slice([], 0), imag: z.slice([], 1) }
          const { real, imag } = jax.numpy.fft.fft(parts)
          return jax.numpy.stack([real, imag], -1)
        })
        return { step: () => run(x.ref) }
      },
    },
    tfjs: (tf, { x }) => {
      const y = tf.spectral.fft(tf.complex(tf.gather(x, 0, 1), tf.gather(x, 1, 1)))
      return tf.stack([tf.real(y), tf.imag(y)], 1)
    },
  }),
  define({
    name: 'rfft',
    section: 'linalg',
    small: [16],
    large: [[1024], complexSize],
    data: (random, [n]) => ({ x: random.normal([n]) }),
    ours: ({ x }) => rfft(x).square().sum(-1),
    numpy: (np, { x }) => {
      const y = np.own(np.fft.rfft(x))
      const size = np.own(np.abs(y))
      return np.multiply(size, size)
    },
  }),
]
