// A product of two inputs with a weight for every pair of their features.
import { matmul, ShapeError, type Tensor } from '@x/tensor'
import { requireTensor, sameShape, show } from '@x/tensor/op'

/**
 * y[.., o] = Σᵢⱼ a[.., i]·w[o, i, j]·b[.., j] + bias[o]: a [.., m], b [.., n], w [out, m, n], bias [out] or null
 * → [.., out].
 * @throws ShapeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { bilinear } from '@x/nn'
 * bilinear(tensor([1, 2]), tensor([3]), tensor([[[1], [1]]])).toArray() // [9]
 */
export function bilinear(a: Tensor, b: Tensor, w: Tensor, bias: Tensor | null = null): Tensor {
  for (const [name, x] of Object.entries({ a, b, w })) requireTensor('bilinear', name, x)
  const [out, m, n] = w.shape
  const lead = a.shape.slice(0, -1)
  const fits = w.ndim === 3 && sameShape(a.shape, [...lead, m]) && sameShape(b.shape, [...lead, n])
  if (!fits || (bias && !sameShape(bias.shape, [out]))) {
    throw new ShapeError(
      `bilinear: a ${show(a.shape)} ([.., m]), b ${show(b.shape)} ([.., n]), w ${show(w.shape)} ([out, m, n]) and ` +
        `bias ${bias ? show(bias.shape) : 'null'} ([out]) do not fit`,
    )
  }
  const rows = matmul(a, w.permute([1, 0, 2]).reshape([m, out * n])).reshape([...lead, out, n]) // Σᵢ a w
  const y = matmul(rows, b.unsqueeze(-1)).squeeze(-1)
  return bias ? y.add(bias) : y
}
