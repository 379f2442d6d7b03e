// Cross-entropy and negative log-likelihood, of classes and of probabilities.
import type { Tensor } from '@x/tensor'
import { floatingFor, isFloating, sameShape } from '@x/tensor/op'
import { inRange } from '../options.ts'
import { checkClasses, checkWeight, countOf, labelled, type NllOptions } from './classes.ts'
import { fusedCrossEntropy } from './fusedCrossEntropy.ts'
import { checkLoss, reduceLoss, requireTensors } from './reduce.ts'

export const NLL: readonly string[] = ['weight', 'ignoreIndex']
export const CROSS_ENTROPY: readonly string[] = [...NLL, 'labelSmoothing']

/** Options of `crossEntropy` and `CrossEntropyLoss`. */
export interface CrossEntropyOptions extends NllOptions {
  /** Share of the target spread evenly over all classes, 0 to 1. Default 0. */
  labelSmoothing?: number
}

/**
 * −ln softmax(x)[target], from unnormalised scores; with probabilities as target −Σ target·ln softmax(x).
 *
 * The mean is over what the targets count: with `weight` a weighted mean. With probabilities it is over examples, and
 * nothing can be ignored. All as in PyTorch.
 * @param x logits [C], [N, C], or [N, C, d1, …] with the classes second
 * @param target classes int32 [], [N] or [N, d1, …], or probabilities of the shape of x
 * @throws ShapeError, DTypeError, RangeError for a class outside [0, C)
 * @example
 * import { tensor } from '@x/tensor'
 * import { crossEntropy } from '@x/nn'
 * const target = tensor([2], { dtype: 'int32' })
 * crossEntropy(tensor([[0, 0, 0]]), target).item().toFixed(4) // '1.0986', ln 3
 */
export function crossEntropy(x: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  requireTensors('crossEntropy', { x, target })
  checkLoss('crossEntropy', options, CROSS_ENTROPY)
  const { labelSmoothing = 0, weight } = options
  inRange('crossEntropy: labelSmoothing', labelSmoothing, 0, 1)
  if (weight) checkWeight('crossEntropy', weight, x.shape[Math.min(1, x.ndim - 1)])
  const logits = x.cast(floatingFor(x.dtype))
  const soft = isFloating(target.dtype) && x.ndim > 0 && sameShape(x.shape, target.shape)
  return soft ? ofProbabilities(logits, target, options) : ofClasses(logits, target, options)
}

function ofClasses(given: Tensor, classes: Tensor, options: CrossEntropyOptions): Tensor {
  const { weight, ignoreIndex = -100, labelSmoothing = 0, reduction = 'mean' } = options
  const { x, target, back } = labelled('crossEntropy', given, classes)
  const n = x.shape[1]
  const last = [0, ...Array.from({ length: x.ndim - 2 }, (_, i) => i + 2), 1]
  const rows = x.ndim === 2 ? x : x.permute(last).reshape([-1, n])
  const targets = target.reshape([-1])
  // Weights differ among the classes that smoothing spreads over: then that part is computed apart.
  const apart = weight !== undefined && labelSmoothing > 0
  let losses = fusedCrossEntropy([rows, targets], { ignoreIndex, smoothing: apart ? 0 : labelSmoothing })
  const counts = countOf(targets, weight, ignoreIndex)
  if (weight) losses = losses.mul(counts)
  if (apart) {
    const spread = rows
      .logSoftmax()
      .mul(weight)
      .sum(1)
      .mul(-labelSmoothing / n)
    losses = losses.mul(1 - labelSmoothing).add(targets.ne(ignoreIndex).where(spread, 0))
  }
  if (reduction === 'mean') return losses.sum().div(counts.sum())
  return reduceLoss(back(losses.reshape(target.shape)), options)
}

function ofProbabilities(x: Tensor, target: Tensor, options: CrossEntropyOptions): Tensor {
  const { weight, ignoreIndex = -100, labelSmoothing } = options
  if (ignoreIndex >= 0) throw new RangeError(`crossEntropy: ignoreIndex ${ignoreIndex} needs classes as target`)
  const axis = x.ndim === 1 ? 0 : 1
  const n = x.shape[axis]
  const wanted = labelSmoothing ? target.mul(1 - labelSmoothing).add(labelSmoothing / n) : target
  const weighted = weight ? wanted.mul(weight.reshape([n, ...x.shape.slice(axis + 1).map(() => 1)])) : wanted
  return reduceLoss(x.logSoftmax(axis).mul(weighted).sum(axis).neg(), options)
}

/**
 * −x[target], from log-probabilities; the mean is over what the targets count.
 * @param x log-probabilities [C], [N, C], or [N, C, d1, …] with the classes second
 * @param target classes int32 [], [N] or [N, d1, …]
 * @throws ShapeError, DTypeError, RangeError for a class outside [0, C)
 * @example
 * import { tensor } from '@x/tensor'
 * import { nllLoss } from '@x/nn'
 * nllLoss(tensor([[-1, -2], [-3, -4]]), tensor([0, 1], { dtype: 'int32' })).item() // 2.5
 */
export function nllLoss(x: Tensor, target: Tensor, options: NllOptions = {}): Tensor {
  requireTensors('nllLoss', { x, target })
  checkLoss('nllLoss', options, NLL)
  const { weight, ignoreIndex = -100, reduction = 'mean' } = options
  const { x: scores, target: classes, back } = labelled('nllLoss', x, target)
  if (weight) checkWeight('nllLoss', weight, scores.shape[1])
  checkClasses('nllLoss', classes, scores.shape[1], ignoreIndex)
  const valid = classes.ne(ignoreIndex)
  const picked = scores.gather(valid.where(classes, 0).unsqueeze(1), 1).squeeze(1).neg()
  const counts = countOf(classes, weight, ignoreIndex)
  const losses = valid.where(weight ? picked.mul(counts) : picked, 0)
  if (reduction === 'mean') return losses.sum().div(counts.sum())
  return reduceLoss(back(losses), options)
}
