// Every loss as a module is its function with its options.
import { ones, type Tensor, tensor } from '@x/tensor'
import { expect, test } from 'vitest'
import * as nn from '../index.ts'

const x = tensor([
  [0.2, 0.7, 0.1],
  [0.5, 0.4, 0.1],
])
const y = tensor([
  [0, 1, 0],
  [1, 0, 0],
])
const classes = tensor([1, 0], { dtype: 'int32' })
const signs = tensor([1, -1])
const three = tensor([1, 2, 3])

type Case = readonly [loss: nn.Module, inputs: readonly Tensor[], wanted: Tensor]

const cases: Readonly<Record<string, () => Case>> = {
  MSELoss: () => [new nn.MSELoss({ reduction: 'none' }), [x, y], nn.mseLoss(x, y, { reduction: 'none' })],
  L1Loss: () => [new nn.L1Loss(), [x, y], nn.l1Loss(x, y)],
  SmoothL1Loss: () => [new nn.SmoothL1Loss({ beta: 0.3 }), [x, y], nn.smoothL1Loss(x, y, { beta: 0.3 })],
  HuberLoss: () => [new nn.HuberLoss({ delta: 0.3 }), [x, y], nn.huberLoss(x, y, { delta: 0.3 })],
  CrossEntropyLoss: () => [
    new nn.CrossEntropyLoss({ weight: three, labelSmoothing: 0.1 }),
    [x, classes],
    nn.crossEntropy(x, classes, { weight: three, labelSmoothing: 0.1 }),
  ],
  NLLLoss: () => [new nn.NLLLoss({ ignoreIndex: 0 }), [x, classes], nn.nllLoss(x, classes, { ignoreIndex: 0 })],
  BCELoss: () => [new nn.BCELoss({ weight: three }), [x, y], nn.binaryCrossEntropy(x, y, { weight: three })],
  BCEWithLogitsLoss: () => [
    new nn.BCEWithLogitsLoss({ posWeight: three }),
    [x, y],
    nn.binaryCrossEntropyWithLogits(x, y, { posWeight: three }),
  ],
  SoftMarginLoss: () => [new nn.SoftMarginLoss(), [x, y], nn.softMarginLoss(x, y)],
  MultiMarginLoss: () => [new nn.MultiMarginLoss({ p: 2 }), [x, classes], nn.multiMarginLoss(x, classes, { p: 2 })],
  HingeEmbeddingLoss: () => [
    new nn.HingeEmbeddingLoss({ margin: 2 }),
    [signs, signs],
    nn.hingeEmbeddingLoss(signs, signs, { margin: 2 }),
  ],
  KLDivLoss: () => [
    new nn.KLDivLoss({ reduction: 'batchmean' }),
    [x.log(), y],
    nn.klDiv(x.log(), y, { reduction: 'batchmean' }),
  ],
  PoissonNLLLoss: () => [new nn.PoissonNLLLoss({ full: true }), [x, y], nn.poissonNllLoss(x, y, { full: true })],
  GaussianNLLLoss: () => [new nn.GaussianNLLLoss(), [x, y, ones([2, 3])], nn.gaussianNllLoss(x, y, ones([2, 3]))],
  CosineEmbeddingLoss: () => [
    new nn.CosineEmbeddingLoss({ margin: 0.5 }),
    [x, y, signs],
    nn.cosineEmbeddingLoss(x, y, signs, { margin: 0.5 }),
  ],
  MarginRankingLoss: () => [new nn.MarginRankingLoss(), [x, y, ones([3])], nn.marginRankingLoss(x, y, ones([3]))],
  TripletMarginLoss: () => [
    new nn.TripletMarginLoss({ swap: true }),
    [x, y, x.neg()],
    nn.tripletMarginLoss(x, y, x.neg(), { swap: true }),
  ],
}

test.each(Object.entries(cases))('%s', (name, make) => {
  const [loss, inputs, wanted] = make()
  expect(loss.forward(...(inputs as [Tensor])).toArray()).toEqual(wanted.toArray())
  expect(String(loss)).toBe(`${name}()`)
})

test('CTCLoss takes the lengths beside the sequences, as in PyTorch', () => {
  const logProbs = ones([4, 2, 3]).logSoftmax()
  const targets = tensor([[1, 2], [2, 0]], { dtype: 'int32' }) // biome-ignore format: rows
  const [steps, labels] = [tensor([4, 3], { dtype: 'int32' }), [2, 1]]
  const wanted = nn.ctcLoss(logProbs, targets, { inputLengths: steps, targetLengths: labels, reduction: 'sum' })
  const loss = new nn.CTCLoss({ reduction: 'sum', zeroInfinity: true })
  expect(loss.forward(logProbs, targets, steps, labels).item()).toBe(wanted.item())
})

test("weights are buffers with PyTorch's keys, in the dtype of the module", () => {
  const loss = new nn.BCEWithLogitsLoss({ weight: tensor([1, 2, 3]), posWeight: tensor([3, 2, 1]), reduction: 'sum' })
  expect(Object.keys(loss.stateDict())).toEqual(['weight', 'pos_weight'])
  expect(loss.parameters()).toEqual([])
  const before = loss.forward(x, y).item()
  loss.to('float64')
  expect(loss.options.posWeight?.dtype).toBe('float64')
  expect(loss.forward(x, y).item()).toBeCloseTo(before, 5)
  loss.loadStateDict({ weight: ones([3]), pos_weight: ones([3]) })
  expect(loss.forward(x, y).item()).toBeCloseTo(nn.binaryCrossEntropyWithLogits(x, y, { reduction: 'sum' }).item(), 5)
})
