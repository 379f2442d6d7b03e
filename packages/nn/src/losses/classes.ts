// Targets that name classes: their dtype, shape and values, and the weights of classes.
import { DTypeError, ShapeError, type Tensor } from '@x/tensor'
import { isFloating, sameShape, show } from '@x/tensor/op'
import { checkValues } from '../values.ts'
import type { LossOptions } from './reduce.ts'

/** Options of losses on classes. */
export interface ClassLossOptions extends LossOptions {
  /** What each class counts, [C]. Default: all 1. */
  weight?: Tensor
}

/** Options of `nllLoss` and `NLLLoss`. */
export interface NllOptions extends ClassLossOptions {
  /** Targets of this value count nothing. Default −100, as in PyTorch. */
  ignoreIndex?: number
}

/** Scores and classes with a batch axis in front. */
export interface Labelled {
  /** [N, C, …] */
  readonly x: Tensor
  /** int32 [N, …] */
  readonly target: Tensor
  /** A result of the shape of `target` in the shape that was given. */
  readonly back: (losses: Tensor) => Tensor
}

/** @throws DTypeError, ShapeError unless x is [C] or [N, C, …] and target int32 [] or [N, …] */
export function labelled(name: string, x: Tensor, target: Tensor): Labelled {
  if (isFloating(target.dtype) || target.dtype === 'bool') {
    throw new DTypeError(`${name}: target has dtype ${target.dtype}; classes are int32`)
  }
  const { shape } = x
  const wanted = [...shape.slice(0, -1).slice(0, 1), ...shape.slice(2)]
  if (x.ndim === 0 || !sameShape(target.shape, wanted)) {
    throw new ShapeError(`${name}: x ${show(shape)} is not [N, C, …] with target ${show(target.shape)} as [N, …]`)
  }
  const classes = target.cast('int32')
  if (x.ndim > 1) return { x, target: classes, back: (losses) => losses }
  return { x: x.unsqueeze(0), target: classes.unsqueeze(0), back: (losses) => losses.squeeze(0) }
}

/** @throws RangeError for a class outside [0, count) that is not `ignored` */
export const checkClasses = (name: string, target: Tensor, count: number, ignored?: number): void =>
  checkValues(`${name}: target`, target, (t) =>
    (t >= 0 && t < count) || t === ignored ? null : `is not a class from 0 to ${count - 1}`,
  )

/** @throws ShapeError, DTypeError unless the weights of classes are floating [C] */
export function checkWeight(name: string, weight: Tensor, classes: number): void {
  if (weight.ndim !== 1 || weight.size !== classes) {
    throw new ShapeError(`${name}: weight ${show(weight.shape)} is not one number for each of ${classes} classes`)
  }
  if (!isFloating(weight.dtype))
    throw new DTypeError(`${name}: weight has dtype ${weight.dtype}, which is not floating`)
}

/** What each target counts: the weight of its class, 1 without weights, 0 where ignored. */
export function countOf(target: Tensor, weight: Tensor | undefined, ignored: number): Tensor {
  const valid = target.ne(ignored)
  return weight ? valid.where(weight.take(valid.where(target, 0)), 0) : valid
}
