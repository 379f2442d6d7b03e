// Losses on two classes.
import { customGrad } from '@x/autograd'
import { ShapeError, type Tensor } from '@x/tensor'
import { sameShape, show } from '@x/tensor/op'
import { atLeast, log1pExp } from '../activations/curve.ts'
import { checkValues } from '../values.ts'
import { checkLoss, type LossOptions, reduceLoss, requireTensors } from './reduce.ts'

export const BINARY: readonly string[] = ['weight']

/** Options of `binaryCrossEntropy` and `BCELoss`. */
export interface BinaryCrossEntropyOptions extends LossOptions {
  /** What each loss is multiplied with, broadcasting. Default 1. */
  weight?: Tensor
}

function checkShapes(name: string, x: Tensor, target: Tensor): void {
  if (!sameShape(x.shape, target.shape))
    throw new ShapeError(`${name}: x ${show(x.shape)} and target ${show(target.shape)} differ`)
}

/** ln x and ln(1 − x), at least −100. */
const logOf = (x: Tensor): Tensor => atLeast(x.log(), -100)
const logBeside = (x: Tensor): Tensor => atLeast(x.neg().log1p(), -100)

/** What PyTorch's gradient divides by at least: 1e-12 in float32. */
const EPSILON = Math.fround(1e-12)

/** With PyTorch's gradient, which is large but finite where x is 0 or 1 and should not be. */
const entropy = customGrad({
  forward: (x, t) =>
    t
      .sub(1)
      .mul(logBeside(x))
      .sub(t.mul(logOf(x))),
  backward: ({ dy, inputs: [x, t] }) => [
    dy.mul(x.sub(t)).div(atLeast(x.sub(x.square()), EPSILON)),
    dy.mul(logBeside(x).sub(logOf(x))),
  ],
})

/**
 * −target·ln x − (1 − target)·ln(1 − x), with logarithms of at least −100.
 * Scores of any size are for `binaryCrossEntropyWithLogits`.
 * @param x probabilities, any shape
 * @param target 0 to 1, of the same shape
 * @throws ShapeError; RangeError for x outside [0, 1]
 * @example
 * import { tensor } from '@x/tensor'
 * import { binaryCrossEntropy } from '@x/nn'
 * binaryCrossEntropy(tensor([0.5]), tensor([1])).item().toFixed(4) // '0.6931'
 */
export function binaryCrossEntropy(x: Tensor, target: Tensor, options: BinaryCrossEntropyOptions = {}): Tensor {
  requireTensors('binaryCrossEntropy', { x, target })
  checkLoss('binaryCrossEntropy', options, BINARY)
  checkShapes('binaryCrossEntropy', x, target)
  checkValues('binaryCrossEntropy: x', x, (p) => (p >= 0 && p <= 1 ? null : 'is no probability; sigmoid makes one'))
  const losses = entropy(x, target)
  return reduceLoss(weighted(losses, options), options)
}

const weighted = (losses: Tensor, { weight }: BinaryCrossEntropyOptions): Tensor =>
  weight ? losses.mul(weight) : losses

export const WITH_LOGITS: readonly string[] = [...BINARY, 'posWeight']

/** Options of `binaryCrossEntropyWithLogits` and `BCEWithLogitsLoss`. */
export interface WithLogitsOptions extends BinaryCrossEntropyOptions {
  /** What positive targets count, broadcasting: above 1 for recall, below for precision. Default 1. */
  posWeight?: Tensor
}

/**
 * binaryCrossEntropy of σ(x), without overflow: (1 − target)·x + (1 + (posWeight − 1)·target)·ln(1 + e⁻ˣ).
 * @param x scores of any size, any shape
 * @param target 0 to 1, of the same shape
 * @throws ShapeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { binaryCrossEntropyWithLogits } from '@x/nn'
 * binaryCrossEntropyWithLogits(tensor([1000]), tensor([0])).item() // 1000
 */
export function binaryCrossEntropyWithLogits(x: Tensor, target: Tensor, options: WithLogitsOptions = {}): Tensor {
  requireTensors('binaryCrossEntropyWithLogits', { x, target })
  checkLoss('binaryCrossEntropyWithLogits', options, WITH_LOGITS)
  checkShapes('binaryCrossEntropyWithLogits', x, target)
  const miss = log1pExp(x.neg())
  const { posWeight } = options
  const positive = posWeight ? posWeight.sub(1).mul(target).add(1).mul(miss) : miss
  const losses = target.neg().add(1).mul(x).add(positive)
  return reduceLoss(weighted(losses, options), options)
}

/**
 * ln(1 + e^(−target·x)), without overflow. Shapes broadcast.
 * @param x scores
 * @param target 1 or −1
 * @throws RangeError for an option that there is not
 * @example
 * import { tensor } from '@x/tensor'
 * import { softMarginLoss } from '@x/nn'
 * softMarginLoss(tensor([0]), tensor([-1])).item().toFixed(4) // '0.6931'
 */
export function softMarginLoss(x: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  requireTensors('softMarginLoss', { x, target })
  checkLoss('softMarginLoss', options)
  return reduceLoss(log1pExp(target.neg().mul(x)), options)
}
