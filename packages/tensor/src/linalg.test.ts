// What holds of every matrix: the equations that define factorisations, for easy, hard and degenerate matrices.
import fc from 'fast-check'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import {
  compile,
  type DType,
  eye,
  Generator,
  memoryStats,
  ShapeError,
  setBackend,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from './index.ts'
import { js } from './js/index.ts'
import * as la from './linalg.ts'
import { setNumThreads, threadsStatus } from './threads.ts'

const EPSILON = { float32: 2 ** -23, float64: 2 ** -52 }
type Float = keyof typeof EPSILON

const uniform = (shape: number[], seed: number): Float64Array => {
  const generator = new Generator(seed)
  const words = generator.words(
    Math.max(
      1,
      shape.reduce((n, d) => n * d, 1),
    ),
  )
  generator.dispose()
  return Float64Array.from(words, (w) => (w / 2 ** 32) * 2 - 1).slice(
    0,
    shape.reduce((n, d) => n * d, 1),
  )
}
const random = (shape: number[], seed: number, dtype: DType = 'float64'): Tensor =>
  tensor(uniform(shape, seed), { shape, dtype })

/** The largest difference beside the largest of `want`, in roundings of the dtype. */
function roundings(got: Tensor, want: Tensor): number {
  expect(got.shape).toEqual(want.shape)
  if (want.size === 0) return 0
  const top = Math.max(want.cast('float64').abs().max().item(), 1e-300)
  return got.cast('float64').sub(want.cast('float64')).abs().max().item() / top / EPSILON[got.dtype as Float]
}
const unit = (x: Tensor): Tensor => eye(x.shape[x.ndim - 1], { dtype: x.dtype }).expand(x.shape)

/** Matrices that algorithms stumble over. */
const hard: Record<string, () => Tensor> = {
  zero: () => zeros([6, 6], { dtype: 'float64' }),
  identity: () => eye(6, { dtype: 'float64' }),
  ones: () => zeros([6, 6], { dtype: 'float64' }).add(1),
  'rank 2': () => random([8, 2], 1).matmul(random([2, 8], 2)),
  'one column': () => random([8, 1], 1).matmul(eye(1, 8, { dtype: 'float64' })),
  nilpotent: () => eye(7, 7, { k: 1, dtype: 'float64' }),
  hilbert: () =>
    tensor(
      Float64Array.from({ length: 64 }, (_, i) => 1 / (Math.floor(i / 8) + (i % 8) + 1)),
      { shape: [8, 8] },
    ),
  'tiny numbers': () => random([5, 5], 3).mul(1e-300),
  'huge numbers': () => random([5, 5], 4).mul(1e300),
  'columns of every size': () => random([6, 6], 5).mul(tensor(new Float64Array([1e200, 1, 1e-3, 1e-200, 1e7, 1e-9]))),
  'two scales': () =>
    eye(5, { dtype: 'float64' })
      .mul(1e-20)
      .add(eye(5, 5, { k: 2, dtype: 'float64' })),
  permutation: () => eye(6, { dtype: 'float64' }).take(tensor([3, 0, 5, 1, 4, 2], { dtype: 'int32' })),
  'equal values': () => {
    const { Q } = la.qr(random([6, 6], 6))
    return Q.mul(tensor(new Float64Array([2, 2, 2, -1, -1, 0]))).matmul(Q.mT)
  },
}

afterEach(() => setBackend('wasm'))
afterAll(() => setNumThreads(1))

describe.each(['wasm', 'js'] as const)('on %s', (backend) => {
  const on = (fn: () => void): void => {
    setBackend(backend === 'js' ? js : 'wasm')
    tidy(fn)
  }

  test.each(Object.entries(hard))('the decompositions of %s', (name, make) =>
    on(() => {
      const a = make()
      const { U, S, Vh } = la.svd(a)
      expect(roundings(U.mul(S).matmul(Vh), a)).toBeLessThan(40)
      expect(roundings(U.mT.matmul(U), unit(U))).toBeLessThan(40)
      expect(roundings(Vh.matmul(Vh.mT), unit(Vh))).toBeLessThan(40)
      expect([...S.data()].every((s, i, all) => Number(s) >= 0 && (i === 0 || s <= all[i - 1]))).toBe(true)
      expect(roundings(la.svdvals(a), S)).toBeLessThan(40)

      const symmetric = a.mul(0.5).add(a.mT.mul(0.5))
      const { eigenvalues: w, eigenvectors: V } = la.eigh(symmetric)
      expect(roundings(V.mul(w).matmul(V.mT), symmetric)).toBeLessThan(40)
      expect(roundings(V.mT.matmul(V), unit(V))).toBeLessThan(40)
      expect([...w.data()].every((v, i, all) => i === 0 || v >= all[i - 1])).toBe(true)

      const { Q, R } = la.qr(a)
      expect(roundings(Q.matmul(R), a)).toBeLessThan(40)
      expect(roundings(Q.mT.matmul(Q), unit(Q))).toBeLessThan(40)

      const { P, L, U: upper } = la.lu(a)
      expect(roundings(P.matmul(L).matmul(upper), a)).toBeLessThan(40)
      expect(L.abs().max().item()).toBe(1)

      // Beyond all digits, where balancing costs LAPACK's eig its vectors too.
      if (name === 'columns of every size') return
      const { eigenvalues, eigenvectors } = la.eig(a)
      const [re, im] = [0, 1].map((k) => eigenvectors.at('...', k))
      const [wr, wi] = [0, 1].map((k) => eigenvalues.at('...', k))
      const scale = Math.max(a.abs().max().item(), 1e-300)
      const left = a.div(scale).matmul(re)
      const right = re.mul(wr.div(scale)).sub(im.mul(wi.div(scale)))
      expect(left.sub(right).abs().max().item() / EPSILON.float64).toBeLessThan(400)
    }),
  )

  test('random matrices of every shape and dtype', () => {
    const sizes = fc.integer({ min: 1, max: 24 })
    fc.assert(
      fc.property(
        sizes,
        sizes,
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        fc.nat(1e6),
        (m, n, batch, single, seed) =>
          on(() => {
            const a = random([batch, m, n], seed, single ? 'float32' : 'float64')
            const { U, S, Vh } = la.svd(a, { fullMatrices: false })
            expect(roundings(U.mul(S.unsqueeze(-2)).matmul(Vh), a)).toBeLessThan(200)
            expect(roundings(Vh.matmul(Vh.mT), unit(Vh.matmul(Vh.mT)))).toBeLessThan(200)
            for (const mode of ['reduced', 'complete'] as const) {
              const { Q, R } = la.qr(a, { mode })
              expect(roundings(Q.matmul(R), a)).toBeLessThan(200)
              expect(roundings(Q.mT.matmul(Q), unit(Q.mT.matmul(Q)))).toBeLessThan(200)
            }
            const { P, L, U: upper } = la.lu(a)
            expect(roundings(P.matmul(L).matmul(upper), a)).toBeLessThan(400)
            const inverse = la.pinv(a)
            expect(roundings(a.matmul(inverse).matmul(a), a)).toBeLessThan(2e5)
          }),
      ),
      { numRuns: 25 },
    )
  })

  test('systems of equations are solved to the last digits that they have', () =>
    on(() => {
      for (const n of [1, 3, 7, 30, 70]) {
        const a = random([2, n, n], n).add(eye(n, { dtype: 'float64' }).mul(n))
        const x = random([2, n, 3], n + 1)
        expect(roundings(la.solve(a, a.matmul(x)), x)).toBeLessThan(1e4)
        expect(roundings(la.solve(a, x.mT.matmul(a), { left: false }), x.mT)).toBeLessThan(1e4)
        expect(roundings(la.inv(a).matmul(a), unit(a))).toBeLessThan(1e4)
        expect(roundings(la.luSolve(la.luFactor(a), a.matmul(x)), x)).toBeLessThan(1e4)
        const spd = a.matmul(a.mT)
        for (const upper of [false, true]) {
          const l = la.cholesky(spd, { upper })
          expect(roundings(upper ? l.mT.matmul(l) : l.matmul(l.mT), spd)).toBeLessThan(100)
          expect(roundings(la.choleskySolve(spd.matmul(x), l, { upper }), x)).toBeLessThan(1e6)
          expect(roundings(la.choleskyInverse(l, { upper }).matmul(spd), unit(a))).toBeLessThan(1e6)
        }
        const { sign, logabsdet } = la.slogdet(a)
        expect(roundings(sign.mul(logabsdet.exp()), la.det(a))).toBeLessThan(1e3)
      }
    }))

  test('numbers that are not finite end in errors or NaN, never in a loop', () =>
    on(() => {
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const a = random([4, 4], 1).add(tensor(new Float64Array([0, 0, bad, 0])))
        for (const f of [la.svd, la.svdvals, la.eigh, la.eigvalsh, la.eig, la.eigvals, la.pinv, la.matrixRank]) {
          expect(() => f(a.add(a.mT))).toThrow(la.LinAlgError)
        }
        expect(la.det(a).item()).toBeNaN()
        expect(la.matrixExp(a).data().every(Number.isNaN)).toBe(true)
        expect(() => la.cholesky(a)).toThrow(/cholesky: the matrix is not positive definite/)
        expect([...la.solve(a.add(a.mT), zeros([4], { dtype: 'float64' })).data()].some(Number.isNaN)).toBe(true)
      }
    }))

  test('nothing: empty matrices and empty batches', () =>
    on(() => {
      for (const shape of [
        [0, 0],
        [3, 0, 0],
        [0, 2, 2],
      ]) {
        const a = zeros(shape).add(0)
        const n = shape[shape.length - 1]
        const batch = shape.slice(0, -2)
        expect(la.inv(a).shape).toEqual(shape)
        expect(la.det(a).shape).toEqual(batch)
        expect(la.solve(a, zeros([...batch, n, 3])).shape).toEqual([...batch, n, 3])
        expect(la.eigh(a).eigenvectors.shape).toEqual(shape)
        expect(la.eig(a).eigenvalues.shape).toEqual([...batch, n, 2])
        expect(la.svd(a).S.shape).toEqual([...batch, n])
        expect(la.qr(a).Q.shape).toEqual(shape)
        expect(la.lu(a).P.shape).toEqual(shape)
        expect(la.matrixExp(a).shape).toEqual(shape)
        expect(la.cholesky(a).shape).toEqual(shape)
        expect(la.matrixRank(a).shape).toEqual(batch)
        expect(la.pinv(a).shape).toEqual(shape)
      }
      expect(la.det(zeros([0, 0])).item()).toBe(1)
      expect(la.svd(zeros([0, 3])).Vh.toArray()).toEqual(eye(3).toArray())
      expect(la.qr(zeros([3, 0]), { mode: 'complete' }).Q.toArray()).toEqual(eye(3).toArray())
    }))
})

test('rank-deficient least squares give the solution of least length', () => {
  const a = tensor(
    [
      [1, 1],
      [2, 2],
      [3, 3],
    ],
    { dtype: 'float64' },
  )
  const { solution, rank, singularValues } = la.lstsq(a, tensor([2, 4, 6], { dtype: 'float64' }))
  expect(rank.item()).toBe(1)
  expect(singularValues.at(1).item()).toBeLessThan(1e-14)
  for (const x of solution.toArray() as number[]) expect(x).toBeCloseTo(1, 12)
})

test('compiled functions replay factorisations, and their complaints', () => {
  const f = compile((a: Tensor, b: Tensor) => la.solve(a, b))
  const b = tensor([[1], [2]])
  expect(
    f(
      tensor([
        [2, 0],
        [0, 4],
      ]),
      b,
    ).toArray(),
  ).toEqual([[0.5], [0.5]])
  expect(
    f(
      tensor([
        [1, 0],
        [0, 1],
      ]),
      b,
    ).toArray(),
  ).toEqual([[1], [2]])
  expect(() =>
    f(
      tensor([
        [1, 2],
        [2, 4],
      ]),
      b,
    ),
  ).toThrow('solve: the matrix is singular')
  expect(
    f(
      tensor([
        [4, 0],
        [0, 2],
      ]),
      b,
    ).toArray(),
  ).toEqual([[0.25], [1]])
  f.dispose()
  const g = compile((a: Tensor) => la.eigh(a).eigenvalues)
  g(eye(3))
  expect(() => g(eye(3).mul(Number.NaN))).toThrow('eigh: the matrix is not finite')
  g.dispose()
})

test('errors leave nothing behind', () => {
  const singular = zeros([3, 3])
  const attempt = (): void => {
    expect(() => la.inv(singular)).toThrow(la.LinAlgError)
    expect(() => la.cholesky(singular)).toThrow(RangeError)
    expect(() => la.eigh(zeros([2, 3]))).toThrow(ShapeError)
  }
  tidy(attempt)
  const before = memoryStats().storages
  tidy(attempt)
  expect(memoryStats().storages).toBe(before)
})

test('one large matrix gives the same with threads', async ({ skip }) => {
  if ((await setNumThreads(2)) < 2) skip(`threads do not run here: ${threadsStatus().reason}`)
  const a = random([3, 90, 90], 1)
  const many = la.svd(a).S.data()
  await setNumThreads(1)
  expect(la.svd(a).S.data()).toEqual(many)
})

test('names that NumPy and PyTorch know', () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ])
  expect(la.trace(x).item()).toBe(6)
  expect(la.trace(x, { offset: 1 }).item()).toBe(8)
  expect(la.diagonal(x, { offset: -1 }).toArray()).toEqual([4])
  expect(la.cross(tensor([1, 2, 3]), tensor([4, 5, 6])).toArray()).toEqual([-3, 6, -3])
  expect(la.cross(tensor([[1, 2, 3]], { dtype: 'int32' }), tensor([4, 5, 6], { dtype: 'int32' })).dtype).toBe('int32')
  expect(
    la
      .cov(
        tensor([
          [1, 2, 3],
          [3, 2, 1],
        ]),
      )
      .toArray(),
  ).toEqual([
    [1, -1],
    [-1, 1],
  ])
  expect(
    la
      .corrcoef(
        tensor([
          [1, 2, 3],
          [3, 2, 1],
        ]),
      )
      .toArray(),
  ).toEqual([
    [1, -1],
    [-1, 1],
  ])
  expect(la.norm(x, 1).item()).toBe(9)
  expect(la.norm(x, 'fro').item()).toBeCloseTo(Math.sqrt(91), 5)
  expect(la.norm(x, 1, 1).toArray()).toEqual([6, 15])
  expect(la.matrixNorm(x, Number.POSITIVE_INFINITY, [-2, -1], { keepdims: true }).toArray()).toEqual([[15]])
  expect(la.multiDot([x, x.mT, tensor([1, 1])]).toArray()).toEqual([46, 109])
  expect(
    la
      .matrixPower(
        tensor(
          [
            [1, 1],
            [0, 1],
          ],
          { dtype: 'int32' },
        ),
        10,
      )
      .toArray(),
  ).toEqual([
    [1, 10],
    [0, 1],
  ])
  expect(la.cdist(x, x, 0).toArray()).toEqual([
    [0, 3],
    [3, 0],
  ])
})
