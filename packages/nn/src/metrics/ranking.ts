// How well scores put the positive examples before the negative ones.
import { ShapeError, type Tensor } from '@x/tensor'
import { requireTensor, show } from '@x/tensor/op'

/** The points of a receiver operating characteristic, from (0, 0) to (1, 1). */
export interface RocCurve {
  /** Share of the negatives at or above each threshold. */
  readonly falsePositiveRate: number[]
  /** Share of the positives at or above each threshold. */
  readonly truePositiveRate: number[]
  /** The scores themselves, falling; the first is +∞, at which nothing is positive. */
  readonly thresholds: number[]
}

/**
 * False against true positives at every threshold.
 * @param scores [n], larger for what is rather positive
 * @param target [n], nonzero for positive
 * @throws ShapeError, RangeError when there is no positive or no negative, or a score is NaN
 * @example
 * import { tensor } from '@x/tensor'
 * import { rocCurve } from '@x/nn/metrics'
 * rocCurve(tensor([0.9, 0.1]), tensor([1, 0], { dtype: 'int32' })) // falsePositiveRate, truePositiveRate, thresholds
 */
export function rocCurve(scores: Tensor, target: Tensor): RocCurve {
  requireTensor('rocCurve', 'scores', scores)
  requireTensor('rocCurve', 'target', target)
  if (scores.ndim !== 1 || target.ndim !== 1 || scores.size !== target.size) {
    throw new ShapeError(`rocCurve: scores ${show(scores.shape)} and target ${show(target.shape)} are not both [n]`)
  }
  return curveOf(scores.data() as ArrayLike<number>, Array.from(target.data() as ArrayLike<number>, Boolean))
}

function curveOf(scores: ArrayLike<number>, positive: readonly boolean[]): RocCurve {
  const order = Int32Array.from(positive.keys()).sort((a, b) => scores[b] - scores[a])
  const positives = positive.filter(Boolean).length
  const negatives = positive.length - positives
  if (positives === 0 || negatives === 0) {
    throw new RangeError(`rocCurve: of ${positive.length} examples ${positives} are positive; there must be both kinds`)
  }
  const curve = { falsePositiveRate: [0], truePositiveRate: [0], thresholds: [Number.POSITIVE_INFINITY] }
  let hits = 0
  order.forEach((example, i) => {
    if (Number.isNaN(scores[example])) throw new RangeError(`rocCurve: the score at position ${example} is NaN`)
    if (positive[example]) hits++
    // Equal scores pass a threshold together.
    if (i + 1 < order.length && scores[order[i + 1]] === scores[example]) return
    curve.falsePositiveRate.push((i + 1 - hits) / negatives)
    curve.truePositiveRate.push(hits / positives)
    curve.thresholds.push(scores[example])
  })
  return curve
}

function areaUnder({ falsePositiveRate: x, truePositiveRate: y }: RocCurve): number {
  let area = 0
  for (let i = 1; i < x.length; i++) area += ((x[i] - x[i - 1]) * (y[i] + y[i - 1])) / 2
  return area
}

/**
 * Area under the receiver operating characteristic: the probability that a positive example scores above a negative
 * one, ties counting half. 0.5 is chance, 1 perfect.
 * @param scores [n] for two classes, or [n, C]: the mean over classes, each against the rest
 * @param target [n], nonzero for positive, or the class
 * @throws ShapeError, RangeError when a class has no example or all
 * @example
 * import { tensor } from '@x/tensor'
 * import { rocAuc } from '@x/nn/metrics'
 * rocAuc(tensor([0.1, 0.4, 0.35, 0.8]), tensor([0, 0, 1, 1])) // 0.75
 */
export function rocAuc(scores: Tensor, target: Tensor): number {
  requireTensor('rocAuc', 'scores', scores)
  requireTensor('rocAuc', 'target', target)
  if (scores.ndim === 1) return areaUnder(rocCurve(scores, target))
  if (scores.ndim !== 2 || target.ndim !== 1 || scores.shape[0] !== target.shape[0]) {
    throw new ShapeError(`rocAuc: scores ${show(scores.shape)} and target ${show(target.shape)} are not [n, C] and [n]`)
  }
  const [n, classes] = scores.shape
  const values = scores.data() as ArrayLike<number>
  const truth = Array.from(target.data() as ArrayLike<number>, Number)
  let sum = 0
  for (let c = 0; c < classes; c++) {
    const column = Float64Array.from({ length: n }, (_, i) => values[i * classes + c])
    sum += areaUnder(
      curveOf(
        column,
        truth.map((t) => t === c),
      ),
    )
  }
  return sum / classes
}
