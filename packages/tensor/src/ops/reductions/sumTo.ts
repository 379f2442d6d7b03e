// Undoing a broadcast.
import type { Shape } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'

/** The sum that undoes broadcasting: `x` summed down to `shape`. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  const lead = x.ndim - shape.length
  const axes: number[] = []
  for (let i = 0; i < x.ndim; i++) if (i < lead || (shape[i - lead] === 1 && x.shape[i] !== 1)) axes.push(i)
  return axes.length === 0 ? x.reshape(shape) : x.sum(axes, { keepdims: true }).reshape(shape)
}
