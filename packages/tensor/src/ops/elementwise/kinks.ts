// Gradients where a function has none of its own: at ties, and where a derivative is infinite.
import { type Gradient, isHeard } from '../../record.ts'
import type { Tensor } from '../../tensor.ts'
import { type Axes, opened } from '../reductions/reducing.ts'

/** The gradient of an element that a reduction picks out: those that `hits` tells from it share it evenly. */
export const evenly =
  (hits: (x: Tensor, y: Tensor) => Tensor): Gradient<Axes> =>
  ({ x, y, dy }, p) => {
    const hit = hits(x, opened(y, x, p)).cast(x.dtype)
    return hit.mul(opened(dy, x, p)).div(hit.sum(p.axes, { keepdims: true }))
  }

/** Of an element of a product, the product of the others: from the product of those that are not 0, and how many are. */
export function othersOf(x: Tensor, product: Tensor, zeros: Tensor): Tensor {
  const zero = x.eq(0)
  const alone = zeros.eq(1).where(product, 0)
  return zero.where(alone, zeros.eq(0).where(product.div(zero.where(1, x)), 0))
}

/** f(t); where t is 0, `value` instead, with the gradient 0. Without anyone who differentiates, f must give that by itself. */
export function at0(t: Tensor, value: number, f: (t: Tensor) => Tensor): Tensor {
  if (!isHeard()) return f(t)
  const zero = t.eq(0)
  return zero.where(value, f(zero.where(1, t)))
}

/** √t, with the gradient 0 at 0. */
export const root = (t: Tensor): Tensor => at0(t, 0, (v) => v.sqrt())
