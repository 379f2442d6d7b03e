// Products: of matrices, along axes, by equations.
import { dot, inner, kron, outer, tensordot } from '@x/tensor'
import { einsum } from '@x/tensor/linalg'
import type { Op, Table } from './table.ts'

/** β·input + α·product; with β = 0 the input does not count at all. */
const scaled =
  (left: string, right: string): Op =>
  (inputs, { beta = 1, alpha = 1 }) => {
    const { input, [left]: a, [right]: b } = inputs
    const product = a.matmul(b).mul(alpha)
    return beta === 0 ? product : product.add(input.mul(beta))
  }

export const products: Table = {
  'torch.matmul': ({ input, other }) => input.matmul(other),
  'torch.mm': ({ input, mat2 }) => input.matmul(mat2),
  'torch.bmm': ({ input, mat2 }) => input.matmul(mat2),
  'torch.mv': ({ input, vec }) => input.matmul(vec),
  'torch.dot': ({ input, other }) => dot(input, other),
  'torch.outer': ({ input, vec2 }) => outer(input, vec2),
  'torch.inner': ({ input, other }) => inner(input, other),
  'torch.kron': ({ input, other }) => kron(input, other),
  'torch.tensordot': ({ a, b }, { dims }) => tensordot(a, b, dims),
  'torch.einsum': (inputs, { equation }) => einsum(equation, ...Object.values(inputs)),
  'torch.addmm': scaled('mat1', 'mat2'),
  'torch.baddbmm': scaled('batch1', 'batch2'),
}
