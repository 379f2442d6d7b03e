// Gradients of linear algebra where formulas divide by zero: singular matrices, equal eigenvalues and singular values.
import { eye, setBackend, tensor, zeros } from '@x/tensor'
import { js } from '@x/tensor/js'
import * as la from '@x/tensor/linalg'
import { afterEach, expect, test } from 'vitest'
import { grad, hessian } from './index.ts'

afterEach(() => setBackend('wasm'))

test('the adjugate is the gradient of the determinant also of singular matrices', () => {
  const a = tensor(
    [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ],
    { dtype: 'float64' },
  )
  const cofactors = [-3, 6, -3, 6, -12, 6, -3, 6, -3]
  const found = grad(() => la.det(a), a).data()
  for (const [i, want] of cofactors.entries()) expect(found[i]).toBeCloseTo(want, 9)
  const zero = tensor(
    [
      [1, 2],
      [2, 4],
    ],
    { dtype: 'float64' },
  )
  expect(la.det(zero).item()).toBeCloseTo(0, 15)
  expect(grad(() => la.det(zero), zero).toArray()).toEqual([
    [4, -2],
    [-2, 1],
  ])
  expect(grad(() => la.det(zeros([3, 3]).mul(a)), a).toArray()).toEqual(zeros([3, 3]).toArray())
})

test('equal singular values and eigenvalues have gradients where the result does not depend on the choice of vectors', () => {
  const a = eye(3, { dtype: 'float64' })
  expect(grad(() => la.svd(a).S.sum(), a).toArray()).toEqual(a.toArray())
  const { eigenvalues: w, eigenvectors: V } = la.eigh(a)
  expect(V.mul(w).matmul(V.mT).toArray()).toEqual(a.toArray())
  const g = grad(() => {
    const { eigenvalues: w, eigenvectors: V } = la.eigh(a)
    return V.mul(w).matmul(V.mT).sum()
  }, a)
  expect(g.data().every(Number.isFinite)).toBe(true)
})

test('second derivatives of the logarithm of a determinant are products of inverses', () => {
  const a = tensor(
    [
      [2, 1],
      [0, 4],
    ],
    { dtype: 'float64' },
  )
  const second = hessian((x) => la.slogdet(x).logabsdet, a)
  const inverse = la.inv(a).toArray() as number[][]
  const entries = second.reshape([2, 2, 2, 2]).toArray() as number[][][][]
  for (const i of [0, 1])
    for (const j of [0, 1])
      for (const k of [0, 1])
        for (const l of [0, 1]) expect(entries[i][j][k][l]).toBeCloseTo(-inverse[j][k] * inverse[l][i], 12)
})

test.each([
  ['wasm', 'wasm'],
  ['js', js],
] as const)('the largest difference has the gradient of cdist in float32, on %s', (_, backend) => {
  setBackend(backend)
  const [a, b] = [tensor([[0.1, 0.7]]), tensor([[0.3, -0.2]])]
  expect(grad(() => la.cdist(a, b, Number.POSITIVE_INFINITY), a).toArray()).toEqual([[0, 1]])
})
