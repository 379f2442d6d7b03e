// Losses that ask for a margin: between classes, between pairs, between rankings.
import { arange, ShapeError, type Tensor } from '@x/tensor'
import { sameShape, show } from '@x/tensor/op'
import { atLeast } from '../activations/curve.ts'
import { pairwiseDistance } from '../activations/distance.ts'
import { type ClassLossOptions, checkClasses, checkWeight, labelled } from './classes.ts'
import { checkLoss, checkSigns, type LossOptions, reduceLoss, requireTensors } from './reduce.ts'

export const MARGIN: readonly string[] = ['margin']

/** Options of `cosineEmbeddingLoss`, `marginRankingLoss` and `hingeEmbeddingLoss`. */
export interface MarginOptions extends LossOptions {
  /** By how much. Its default stands with each loss. */
  margin?: number
}

export const MULTI_MARGIN: readonly string[] = ['weight', 'margin', 'p']

/** Options of `multiMarginLoss` and `MultiMarginLoss`. */
export interface MultiMarginOptions extends ClassLossOptions {
  /** By how much the right class must lead. Default 1. */
  margin?: number
  /** Power of what is missing, 1 or 2. Default 1. */
  p?: 1 | 2
}

/**
 * Σ max(0, margin − x[target] + x[j])ᵖ / C over the other classes j.
 * @param x scores [C] or [N, C]
 * @param target classes int32 [] or [N]
 * @throws ShapeError, DTypeError, RangeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { multiMarginLoss } from '@x/nn'
 * multiMarginLoss(tensor([[1, 0.5]]), tensor([0], { dtype: 'int32' })).item() // 0.25
 */
export function multiMarginLoss(x: Tensor, target: Tensor, options: MultiMarginOptions = {}): Tensor {
  requireTensors('multiMarginLoss', { x, target })
  checkLoss('multiMarginLoss', options, MULTI_MARGIN)
  const { weight, margin = 1, p = 1 } = options
  if (p !== 1 && p !== 2) throw new RangeError(`multiMarginLoss: p ${p} is neither 1 nor 2`)
  const { x: scores, target: classes, back } = labelled('multiMarginLoss', x, target)
  if (scores.ndim > 2) throw new ShapeError(`multiMarginLoss: x ${show(x.shape)} is not [N, C]`)
  const n = scores.shape[1]
  if (weight) checkWeight('multiMarginLoss', weight, n)
  checkClasses('multiMarginLoss', classes, n)
  const own = classes.unsqueeze(1)
  const missing = own
    .eq(arange(n, undefined, { dtype: 'int32' }))
    .where(0, scores.sub(scores.gather(own, 1)).add(margin))
    .relu()
  const losses = (p === 2 ? missing.square() : missing).sum(1).div(n)
  return reduceLoss(back(weight ? losses.mul(weight.take(classes)) : losses), options)
}

/**
 * 1 − cos(x1, x2) where target is 1, max(0, cos(x1, x2) − margin) where it is −1.
 * @param x1 [D] or [N, D]
 * @param x2 of the same shape
 * @param options.target 1 or −1, [] or [N]
 * @param options.margin −1 to 1. Default 0
 * @throws ShapeError, RangeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { cosineEmbeddingLoss } from '@x/nn'
 * cosineEmbeddingLoss(tensor([1, 0]), tensor([0, 1]), tensor(1)).item() // 1
 */
export function cosineEmbeddingLoss(x1: Tensor, x2: Tensor, target: Tensor, options: MarginOptions = {}): Tensor {
  requireTensors('cosineEmbeddingLoss', { x1, x2, target })
  checkLoss('cosineEmbeddingLoss', options, MARGIN)
  const { margin = 0 } = options
  if (x1.ndim === 0 || !sameShape(x1.shape, x2.shape) || !sameShape(target.shape, x1.shape.slice(0, -1))) {
    throw new ShapeError(
      `cosineEmbeddingLoss: x1 ${show(x1.shape)}, x2 ${show(x2.shape)} and target ${show(target.shape)} ` +
        'are not [N, D], [N, D] and [N]',
    )
  }
  checkSigns('cosineEmbeddingLoss', target)
  const lengths = x1.square().sum(-1).add(1e-12).mul(x2.square().sum(-1).add(1e-12))
  const cosine = x1.mul(x2).sum(-1).div(lengths.sqrt())
  const losses = target.gt(0).where(cosine.neg().add(1), atLeast(cosine.sub(margin), 0))
  return reduceLoss(losses, options)
}

export const TRIPLET: readonly string[] = ['margin', 'p', 'eps', 'swap']

/** Options of `tripletMarginLoss` and `TripletMarginLoss`. */
export interface TripletMarginOptions extends MarginOptions {
  /** Which norm measures distances, above 0. Default 2. */
  p?: number
  /** Added to every difference. Default 1e-6. */
  eps?: number
  /** Take the distance from positive to negative where it is less than that from the anchor. Default false. */
  swap?: boolean
}

/**
 * max(0, d(anchor, positive) − d(anchor, negative) + margin), with d = pairwiseDistance: [N, D] each → [N].
 * Source: Balntas et al. 2016, doi:10.5244/C.30.119.
 * @param options.margin default 1
 * @throws ShapeError, RangeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { tripletMarginLoss } from '@x/nn'
 * tripletMarginLoss(tensor([[0]]), tensor([[2]]), tensor([[-2]])).item().toFixed(3) // '1.000'
 */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginOptions = {},
): Tensor {
  requireTensors('tripletMarginLoss', { anchor, positive, negative })
  checkLoss('tripletMarginLoss', options, TRIPLET)
  const { margin = 1, p = 2, eps = 1e-6, swap = false } = options
  const distance = (a: Tensor, b: Tensor): Tensor => pairwiseDistance(a, b, { p, eps })
  const toNegative = distance(anchor, negative)
  const far = swap ? toNegative.minimum(distance(positive, negative)) : toNegative
  return reduceLoss(atLeast(distance(anchor, positive).sub(far).add(margin), 0), options)
}

/**
 * max(0, −target·(x1 − x2) + margin): x1 is to be above x2 where target is 1, below where it is −1. Shapes broadcast.
 * @param options.margin default 0
 * @throws ShapeError, RangeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { marginRankingLoss } from '@x/nn'
 * marginRankingLoss(tensor([3]), tensor([5]), tensor([1])).item() // 2
 */
export function marginRankingLoss(x1: Tensor, x2: Tensor, target: Tensor, options: MarginOptions = {}): Tensor {
  requireTensors('marginRankingLoss', { x1, x2, target })
  checkLoss('marginRankingLoss', options, MARGIN)
  const { margin = 0 } = options
  checkSigns('marginRankingLoss', target)
  return reduceLoss(atLeast(x2.sub(x1).mul(target).add(margin), 0), options)
}

/**
 * x where target is 1, max(0, margin − x) where it is −1; x is a distance. Shapes broadcast.
 * @param options.margin default 1
 * @throws ShapeError, RangeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { hingeEmbeddingLoss } from '@x/nn'
 * hingeEmbeddingLoss(tensor([0.5, 0.25]), tensor([1, -1]), { reduction: 'none' }).toArray() // [0.5, 0.75]
 */
export function hingeEmbeddingLoss(x: Tensor, target: Tensor, options: MarginOptions = {}): Tensor {
  requireTensors('hingeEmbeddingLoss', { x, target })
  checkLoss('hingeEmbeddingLoss', options, MARGIN)
  const { margin = 1 } = options
  checkSigns('hingeEmbeddingLoss', target)
  return reduceLoss(target.gt(0).where(x, atLeast(x.neg().add(margin), 0)), options)
}
