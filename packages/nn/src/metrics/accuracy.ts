// The share of right classes.
import type { Tensor } from '@x/tensor'
import { labelsOf } from './labels.ts'

/**
 * The share of examples whose class is right, in [0, 1].
 * @param predicted scores [n, C] (the largest wins) or classes [n]
 * @param target classes [n], integers
 * @throws ShapeError, DTypeError, RangeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { accuracy } from '@x/nn'
 * accuracy(tensor([[2, 1], [0, 3]]), tensor([0, 0], { dtype: 'int32' })) // 0.5
 */
export function accuracy(predicted: Tensor, target: Tensor): number {
  const labels = labelsOf('accuracy', predicted, target)
  let right = 0
  for (let i = 0; i < labels.target.length; i++) if (labels.predicted[i] === labels.target[i]) right++
  return right / labels.target.length
}
