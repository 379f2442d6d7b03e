// What classification metrics are computed from: one class per example, on both sides.
import { DTypeError, ShapeError, type Tensor } from '@x/tensor'
import { isFloating, requireTensor, show } from '@x/tensor/op'

/** Classes by example, and how many classes there are at least. */
export interface Labels {
  readonly predicted: ArrayLike<number>
  readonly target: ArrayLike<number>
  readonly classes: number
}

/**
 * @param predicted classes as integers in the shape of `target`, or scores [..., C] of which the largest wins
 * @param target classes as integers ≥ 0
 * @throws ShapeError, DTypeError, RangeError
 */
export function labelsOf(metric: string, predicted: Tensor, target: Tensor): Labels {
  requireTensor(metric, 'predicted', predicted)
  requireTensor(metric, 'target', target)
  if (isFloating(target.dtype))
    throw new DTypeError(`${metric}: target has dtype ${target.dtype}; classes are integers, cast('int32')`)
  const scored = predicted.ndim === target.ndim + 1
  const expected = scored ? predicted.shape.slice(0, -1) : predicted.shape
  if (show(expected) !== show(target.shape)) {
    throw new ShapeError(
      `${metric}: predicted ${show(predicted.shape)} is not target's ${show(target.shape)}, nor that and scores of classes`,
    )
  }
  if (!scored && isFloating(predicted.dtype)) {
    throw new DTypeError(
      `${metric}: predicted has dtype ${predicted.dtype} and no axis of classes; cast it, or x.gt(0.5)`,
    )
  }
  if (target.size === 0) throw new ShapeError(`${metric}: there are no examples`)
  const winners = scored ? predicted.argmax(-1) : predicted
  const a = classesIn(metric, 'predicted', winners)
  const b = classesIn(metric, 'target', target)
  if (winners !== predicted) winners.dispose()
  const classes = Math.max(scored ? (predicted.shape.at(-1) as number) : 0, a.classes, b.classes)
  return { predicted: a.values, target: b.values, classes }
}

function classesIn(metric: string, name: string, x: Tensor): { values: number[]; classes: number } {
  const values = Array.from(x.data() as ArrayLike<number>, Number)
  let largest = -1
  for (const value of values) {
    if (value < 0) throw new RangeError(`${metric}: ${name} has the class ${value}; classes are numbers ≥ 0`)
    if (value > largest) largest = value
  }
  return { values, classes: largest + 1 }
}
