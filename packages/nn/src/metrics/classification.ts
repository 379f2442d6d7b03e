// How well classes are told apart.
import { ShapeError, type Tensor, tensor } from '@x/tensor'
import { checkOptions, requireTensor, show } from '@x/tensor/op'
import { labelsOf } from './labels.ts'

/**
 * The share of examples whose class is among the `k` best scores; of equal scores the lower class comes first.
 * @param scores [n, C]
 * @param target classes [n]
 * @throws ShapeError, RangeError unless 1 ≤ k ≤ C
 * @example
 * import { tensor } from '@x/tensor'
 * import { topKAccuracy } from '@x/nn/metrics'
 * topKAccuracy(tensor([[1, 2, 3], [3, 2, 1]]), tensor([1, 2], { dtype: 'int32' }), 2) // 0.5
 */
export function topKAccuracy(scores: Tensor, target: Tensor, k: number): number {
  requireTensor('topKAccuracy', 'scores', scores)
  requireTensor('topKAccuracy', 'target', target)
  if (scores.ndim !== 2 || target.ndim !== 1 || scores.shape[0] !== target.shape[0] || target.size === 0) {
    throw new ShapeError(
      `topKAccuracy: scores ${show(scores.shape)} and target ${show(target.shape)} are not [n, C] and [n]`,
    )
  }
  const [n, classes] = scores.shape
  if (!Number.isInteger(k) || k < 1 || k > classes) throw new RangeError(`topKAccuracy: k ${k} is not in 1…${classes}`)
  const values = scores.data() as ArrayLike<number>
  const wanted = target.data() as ArrayLike<number>
  let right = 0
  for (let i = 0; i < n; i++) {
    const at = Number(wanted[i])
    if (!(at >= 0 && at < classes)) throw new RangeError(`topKAccuracy: there is no class ${at} among ${classes}`)
    const own = values[i * classes + at]
    let better = 0
    for (let c = 0; c < classes; c++) {
      const other = values[i * classes + c]
      if (other > own || (other === own && c < at)) better++
    }
    if (better < k) right++
  }
  return right / n
}

/**
 * How often each true class (row) was taken for each class (column).
 * @param options.classes number of classes. Default: as many as occur
 * @returns int32 [C, C]
 * @throws ShapeError, DTypeError, RangeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { confusionMatrix } from '@x/nn/metrics'
 * const int = { dtype: 'int32' }
 * confusionMatrix(tensor([0, 1, 1], int), tensor([0, 0, 1], int)).toArray() // [[1, 1], [0, 1]]
 */
export function confusionMatrix(predicted: Tensor, target: Tensor, options: { classes?: number } = {}): Tensor {
  checkOptions('confusionMatrix', options, ['classes'])
  const labels = labelsOf('confusionMatrix', predicted, target)
  const size = options.classes ?? labels.classes
  if (!Number.isInteger(size) || size < labels.classes)
    throw new RangeError(`confusionMatrix: classes ${size} is less than the ${labels.classes} that occur`)
  return tensor(countPairs(labels.predicted, labels.target, size), { shape: [size, size] })
}

function countPairs(predicted: ArrayLike<number>, target: ArrayLike<number>, classes: number): Int32Array {
  const counts = new Int32Array(classes * classes)
  for (let i = 0; i < target.length; i++) counts[target[i] * classes + predicted[i]]++
  return counts
}

/** How the numbers of several classes become one. */
export type Average = 'macro' | 'micro' | 'weighted' | 'binary'

/** Precision, recall and F1 of one class, or averaged. */
export interface Scores {
  /** Of those taken for the class, the share that is of it. */
  readonly precision: number
  /** Of those of the class, the share that was found. */
  readonly recall: number
  /** Harmonic mean of both. */
  readonly f1: number
  /** Examples of the class, or of all. */
  readonly support: number
}

/** Of one class: how many were right, predicted, and there. */
interface Tally {
  readonly right: number
  readonly predicted: number
  readonly support: number
}

function talliesOf(metric: string, predicted: Tensor, target: Tensor): Tally[] {
  const labels = labelsOf(metric, predicted, target)
  const tallies = Array.from({ length: labels.classes }, () => ({ right: 0, predicted: 0, support: 0 }))
  for (let i = 0; i < labels.target.length; i++) {
    const [guess, truth] = [labels.predicted[i], labels.target[i]]
    tallies[guess].predicted++
    tallies[truth].support++
    if (guess === truth) tallies[truth].right++
  }
  return tallies
}

function scoresOf({ right, predicted, support }: Tally): Scores {
  return {
    precision: predicted > 0 ? right / predicted : 0,
    recall: support > 0 ? right / support : 0,
    f1: predicted + support > 0 ? (2 * right) / (predicted + support) : 0,
    support,
  }
}

/**
 * Precision, recall and F1 of each class; 0 where a class was never predicted or never occurs.
 * @returns one entry per class
 * @throws ShapeError, DTypeError, RangeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { classScores } from '@x/nn/metrics'
 * const int = { dtype: 'int32' }
 * classScores(tensor([0, 1, 1], int), tensor([0, 0, 1], int))[1].precision // 0.5
 */
export function classScores(predicted: Tensor, target: Tensor): Scores[] {
  return talliesOf('classScores', predicted, target).map(scoresOf)
}

/**
 * Precision, recall and F1 as one number each.
 * @param options.average `'macro'` (mean over the classes that occur on either side, the default), `'weighted'` (by how
 *   often they occur), `'micro'` (over all examples together), `'binary'` (of class 1 alone)
 * @throws ShapeError, DTypeError, RangeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { precisionRecallF1 } from '@x/nn/metrics'
 * const int = { dtype: 'int32' }
 * precisionRecallF1(tensor([1, 1, 0, 0], int), tensor([1, 0, 0, 0], int), { average: 'binary' }).recall // 1
 */
export function precisionRecallF1(predicted: Tensor, target: Tensor, options: { average?: Average } = {}): Scores {
  checkOptions('precisionRecallF1', options, ['average'])
  const { average = 'macro' } = options
  const tallies = talliesOf('precisionRecallF1', predicted, target)
  const support = target.size
  switch (average) {
    case 'binary':
      if (tallies.length > 2) throw new RangeError(`precisionRecallF1: 'binary' of ${tallies.length} classes`)
      return scoresOf(tallies[1] ?? { right: 0, predicted: 0, support: 0 })
    case 'micro': {
      const right = tallies.reduce((sum, t) => sum + t.right, 0)
      return scoresOf({ right, predicted: support, support })
    }
    case 'macro':
    case 'weighted': {
      const seen = tallies.filter((t) => t.predicted + t.support > 0)
      const mean = (name: 'precision' | 'recall' | 'f1'): number =>
        seen.reduce(
          (sum, t) => sum + scoresOf(t)[name] * (average === 'macro' ? 1 / seen.length : t.support / support),
          0,
        )
      return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1'), support }
    }
    default:
      throw new RangeError(`precisionRecallF1: average '${average}' is none of macro, micro, weighted, binary`)
  }
}
