// The share of right classes.
import { DTypeError, ShapeError, type Tensor, tidy } from '@x/tensor'
import { isFloating, requireTensor, sameShape, show } from '@x/tensor/op'
import { checkValues } from '../values.ts'

/**
 * The share of examples whose class is right, in [0, 1].
 * @param predicted scores [n, C] (the largest wins) or classes [n]
 * @param target classes [n], integers
 * @throws ShapeError, DTypeError, RangeError, TypeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { accuracy } from '@x/nn'
 * accuracy(tensor([[2, 1], [0, 3]]), tensor([0, 0], { dtype: 'int32' })) // 0.5
 */
export function accuracy(predicted: Tensor, target: Tensor): number {
  requireTensor('accuracy', 'predicted', predicted)
  requireTensor('accuracy', 'target', target)
  return tidy(() => {
    const classes = predicted.ndim === target.ndim + 1 ? predicted.argmax(-1) : predicted
    if (!sameShape(classes.shape, target.shape) || target.size === 0)
      throw new ShapeError(
        `accuracy: predicted ${show(predicted.shape)} are no scores or classes for target ${show(target.shape)}`,
      )
    for (const [name, x] of Object.entries({ predicted: classes, target })) {
      if (isFloating(x.dtype)) throw new DTypeError(`accuracy: ${name} has dtype ${x.dtype}; classes are integers`)
      checkValues(`accuracy: ${name}`, x, (c) => (c < 0 ? 'is no class' : null))
    }
    return classes.cast('int32').eq(target.cast('int32')).sum().item() / target.size
  })
}
