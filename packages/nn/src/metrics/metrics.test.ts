// Values from scikit-learn 1.2 for the same data.
import { DTypeError, ShapeError, tensor } from '@x/tensor'
import { expect, test } from 'vitest'
import { accuracy } from './accuracy.ts'
import { classScores, confusionMatrix, precisionRecallF1, topKAccuracy } from './classification.ts'
import { rocAuc, rocCurve } from './ranking.ts'
import { meanAbsoluteError, meanSquaredError, perplexity, r2Score } from './regression.ts'

const int = (values: number[]) => tensor(values, { dtype: 'int32' })
const predicted = int([0, 2, 1, 0, 0, 1])
const target = int([0, 1, 2, 0, 1, 2])

test('classes: accuracy, confusion, precision, recall, F1', () => {
  expect(accuracy(predicted, target)).toBeCloseTo(2 / 6, 12)
  expect(confusionMatrix(predicted, target).toArray()).toEqual([
    [2, 0, 0],
    [1, 0, 1],
    [0, 2, 0],
  ])
  expect(confusionMatrix(predicted, target, { classes: 4 }).shape).toEqual([4, 4])
  const macro = precisionRecallF1(predicted, target)
  expect(macro.precision).toBeCloseTo(0.2222222222, 9)
  expect(macro.recall).toBeCloseTo(1 / 3, 9)
  expect(macro.f1).toBeCloseTo(0.2666666667, 9)
  expect(precisionRecallF1(predicted, target, { average: 'micro' }).f1).toBeCloseTo(1 / 3, 9)
  expect(precisionRecallF1(predicted, target, { average: 'weighted' }).f1).toBeCloseTo(0.2666666667, 9)
  expect(classScores(predicted, target)[0]).toEqual({ precision: 2 / 3, recall: 1, f1: 0.8, support: 2 })
})

test('scores stand for the class of the largest', () => {
  const scores = tensor([
    [0.5, 0.2, 0.2],
    [0.3, 0.4, 0.2],
    [0.2, 0.4, 0.3],
    [0.7, 0.2, 0.1],
  ])
  const y = int([0, 1, 2, 2])
  expect(accuracy(scores, y)).toBe(0.5)
  expect(topKAccuracy(scores, y, 2)).toBe(0.75)
  expect(topKAccuracy(scores, y, 3)).toBe(1)
})

test('ranking: the curve and its area, with ties', () => {
  const scores = tensor([0.1, 0.4, 0.35, 0.8])
  expect(rocAuc(scores, int([0, 0, 1, 1]))).toBe(0.75)
  expect(rocAuc(tensor([1, 1, 1, 1]), int([0, 1, 0, 1]))).toBe(0.5)
  const { falsePositiveRate, truePositiveRate } = rocCurve(scores, int([0, 0, 1, 1]))
  expect(falsePositiveRate).toEqual([0, 0, 0.5, 0.5, 1])
  expect(truePositiveRate).toEqual([0, 0.5, 0.5, 1, 1])
  const several = tensor([
    [0.7, 0.2, 0.1],
    [0.1, 0.6, 0.3],
    [0.3, 0.3, 0.4],
    [0.75, 0.2, 0.05],
  ])
  // Of class 0 two of three pairs are in order, of class 1 two and a tie of four, of class 2 all.
  expect(rocAuc(several, int([0, 1, 2, 1]))).toBeCloseTo((2 / 3 + 2.5 / 4 + 1) / 3, 7)
})

test('regression', () => {
  const p = tensor([2.5, 0, 2, 8], { dtype: 'float64' })
  const t = tensor([3, -0.5, 2, 7], { dtype: 'float64' })
  expect(r2Score(p, t)).toBeCloseTo(0.9486081370449679, 12)
  expect(meanAbsoluteError(p, t)).toBeCloseTo(0.5, 12)
  expect(meanSquaredError(p, t)).toBeCloseTo(0.375, 12)
  expect(r2Score(tensor([1, 1]), tensor([1, 1]))).toBe(1)
  expect(perplexity(Math.log(7))).toBeCloseTo(7, 12)
})

test('misuse is named', () => {
  expect(() => accuracy(tensor([1, 2]), target)).toThrow(ShapeError)
  expect(() => accuracy(tensor([0.5, 0.2]), int([0, 1]))).toThrow(DTypeError)
  expect(() => accuracy(int([0]), tensor([0.5]))).toThrow('target has dtype float32')
  expect(() => accuracy(int([]), int([]))).toThrow(ShapeError)
  expect(() => accuracy(int([0]), int([-1]))).toThrow('accuracy: target -1 at position 0 is no class')
  for (const dtype of ['int64', 'uint8', 'bool'] as const)
    expect(accuracy(int([1, 0]), int([1, 1]).cast(dtype))).toBe(0.5)
  expect(() => confusionMatrix(predicted, target, { classes: 2 })).toThrow('less than the 3 that occur')
  expect(() => rocAuc(tensor([1, 2]), int([1, 1]))).toThrow('both kinds')
  expect(() => rocAuc(tensor([1, Number.NaN]), int([1, 0]))).toThrow('NaN')
  expect(() => topKAccuracy(tensor([[1, 2]]), int([0]), 3)).toThrow('k 3')
  expect(() => precisionRecallF1(predicted, target, { average: 'binary' })).toThrow('3 classes')
})

test.each(['accuracy', 'confusionMatrix', 'precisionRecallF1', 'classScores'])('%s names what is no tensor', (name) => {
  const metric = { accuracy, confusionMatrix, precisionRecallF1, classScores }[name] as (...given: unknown[]) => unknown
  expect(() => metric([[1, 0]], [0])).toThrow(`${name}: predicted is an array, not a tensor`)
  expect(() => metric(tensor([[1, 0]]), [0])).toThrow(`${name}: target is an array, not a tensor`)
  expect(() => metric()).toThrow(TypeError)
})

test('other metrics name what is no tensor too', () => {
  const given = [[1, 0], [0, 1], 1] as never[]
  for (const metric of [topKAccuracy, rocAuc, rocCurve, r2Score, meanAbsoluteError, meanSquaredError] as ((
    ...given: never[]
  ) => unknown)[])
    expect(() => metric(...given)).toThrow(/^\w+: (scores|predicted) is an array, not a tensor/)
})
