// Tensors that outlive every tidy, that compiled functions read from where they lie, and that are written in place.
import { keep, type Tensor, zeros } from '@x/tensor'
import { elements, lasting } from '@x/tensor/op'

/** Zeros that stay until they are disposed of. */
export const lastingZeros = (shape: readonly number[], dtype: 'float32' | 'int32' = 'float32'): Tensor =>
  lasting(() => keep(zeros(shape, { dtype })))

/** Writes numbers into a tensor, from its element `at` on. */
export function write(to: Tensor, values: ArrayLike<number>, at = 0): void {
  const { view, start } = elements(to)
  const numbers = view as Float32Array
  // A call of `set` takes longer than a few numbers one by one, of which most of what is written consists.
  if (values.length > 32) numbers.set(values, start + at)
  else for (let i = 0; i < values.length; i++) numbers[start + at + i] = values[i]
}
