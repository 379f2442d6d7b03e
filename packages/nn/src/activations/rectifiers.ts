// Activations made of straight pieces. At a kink the derivative is PyTorch's.
import { ShapeError, type Tensor } from '@x/tensor'
import { checkOptions, requireTensor, show } from '@x/tensor/op'
import { inRange, tensorOf } from '../options.ts'
import { between, curve } from './curve.ts'

/**
 * min(max(x, 0), 6), elementwise; the derivative is 0 at both ends.
 * @example
 * import { tensor } from '@x/tensor'
 * import { relu6 } from '@x/nn'
 * relu6(tensor([-1, 3, 7])).toArray() // [0, 3, 6]
 */
export const relu6 = (x: Tensor): Tensor => between(tensorOf('relu6', x), 0, 6)

/** Options of `leakyRelu`. */
export interface LeakyReluOptions {
  /** Slope left of 0. Default 0.01. */
  negativeSlope?: number
}

/**
 * x where x > 0, negativeSlope·x elsewhere.
 * Source: Maas, Hannun and Ng 2013.
 * @throws RangeError for an option that there is not
 * @example
 * import { tensor } from '@x/tensor'
 * import { leakyRelu } from '@x/nn'
 * leakyRelu(tensor([-2, 2]), { negativeSlope: 0.5 }).toArray() // [-1, 2]
 */
export function leakyRelu(x: Tensor, options: LeakyReluOptions = {}): Tensor {
  checkOptions('leakyRelu', options, ['negativeSlope'])
  return tensorOf('leakyRelu', x)
    .gt(0)
    .where(x, x.mul(options.negativeSlope ?? 0.01))
}

/**
 * x where x > 0, weight·x elsewhere, with a slope that is learned.
 * Source: He et al. 2015, arXiv:1502.01852.
 * @param x any shape; with several slopes [N, C, …]
 * @param weight [1], or [C]: one slope for each channel
 * @throws ShapeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { prelu } from '@x/nn'
 * prelu(tensor([[-2, -2, 2]]), tensor([0.5, 0.25, 0])).toArray() // [[-1, -0.5, 2]]
 */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  requireTensor('prelu', 'x', x)
  requireTensor('prelu', 'weight', weight)
  if (weight.size !== 1 && (weight.ndim !== 1 || x.ndim < 2 || x.shape[1] !== weight.size)) {
    throw new ShapeError(
      `prelu: weight ${show(weight.shape)} is neither one slope nor one per channel of ${show(x.shape)}`,
    )
  }
  const slopes = weight.reshape([weight.size, ...Array<number>(Math.max(0, x.ndim - 2)).fill(1)])
  // Each half apart: where x > 0 the slope's gradient is 0, also for infinite x.
  const negative = x
    .gt(0)
    .where(0, x)
    .mul(x.ndim === 0 ? weight.reshape([]) : slopes)
  return x.relu().add(negative)
}

/**
 * x where x > limit, `value` elsewhere.
 * @example
 * import { tensor } from '@x/tensor'
 * import { threshold } from '@x/nn'
 * threshold(tensor([0, 1, 2]), 1, -5).toArray() // [-5, -5, 2]
 */
export const threshold = (x: Tensor, limit: number, value: number): Tensor =>
  tensorOf('threshold', x).le(limit).where(value, x)

/** Options of `hardtanh`. */
export interface HardtanhOptions {
  /** Least result. Default −1. */
  minVal?: number
  /** Largest result, above minVal. Default 1. */
  maxVal?: number
}

/**
 * x, at least minVal and at most maxVal; the derivative is 0 at both ends.
 * @throws RangeError unless minVal < maxVal
 * @example
 * import { tensor } from '@x/tensor'
 * import { hardtanh } from '@x/nn'
 * hardtanh(tensor([-3, 0.5, 3])).toArray() // [-1, 0.5, 1]
 */
export function hardtanh(x: Tensor, options: HardtanhOptions = {}): Tensor {
  checkOptions('hardtanh', options, ['minVal', 'maxVal'])
  const { minVal = -1, maxVal = 1 } = options
  if (!(minVal < maxVal)) throw new RangeError(`hardtanh: minVal ${minVal} is not below maxVal ${maxVal}`)
  return between(tensorOf('hardtanh', x), minVal, maxVal)
}

const relu6Above3 = (x: Tensor): Tensor => between(x.add(3), 0, 6)

/**
 * min(max(x + 3, 0), 6) / 6: a sigmoid of three straight pieces.
 * @example
 * import { tensor } from '@x/tensor'
 * import { hardsigmoid } from '@x/nn'
 * hardsigmoid(tensor([-3, 0, 3])).toArray() // [0, 0.5, 1]
 */
export const hardsigmoid = (x: Tensor): Tensor =>
  curve(
    tensorOf('hardsigmoid', x),
    (x) => relu6Above3(x).div(6),
    // A sixth in float32, as PyTorch has it.
    (x) =>
      x
        .abs()
        .lt(3)
        .cast(x.dtype)
        .mul(Math.fround(1 / 6)),
  )

/**
 * x·hardsigmoid(x). At −3 the derivative is −½, at 3 it is 1½, as in PyTorch.
 * Source: Howard et al. 2019, arXiv:1905.02244.
 * @example
 * import { tensor } from '@x/tensor'
 * import { hardswish } from '@x/nn'
 * hardswish(tensor([-4, 0, 4])).toArray() // [0, 0, 4]
 */
export const hardswish = (x: Tensor): Tensor =>
  curve(
    tensorOf('hardswish', x),
    (x) => x.mul(relu6Above3(x)).div(6),
    (x) => x.lt(-3).where(0, x.le(3).where(x.div(3).add(0.5), 1)),
  )

/** Options of `hardshrink` and `softshrink`. */
export interface ShrinkOptions {
  /** Half the width of what becomes 0, at least 0. Default 0.5. */
  lambda?: number
}

function lambdaOf(name: string, x: Tensor, options: ShrinkOptions): number {
  requireTensor(name, 'x', x)
  checkOptions(name, options, ['lambda'])
  return inRange(`${name}: lambda`, options.lambda ?? 0.5, 0)
}

/**
 * x where |x| > lambda, 0 elsewhere.
 * @throws RangeError for a negative lambda
 * @example
 * import { tensor } from '@x/tensor'
 * import { hardshrink } from '@x/nn'
 * hardshrink(tensor([-2, 0.5, 2])).toArray() // [-2, 0, 2]
 */
export function hardshrink(x: Tensor, options: ShrinkOptions = {}): Tensor {
  const lambda = lambdaOf('hardshrink', x, options)
  return x.abs().le(lambda).where(0, x)
}

/**
 * x brought nearer to 0 by lambda, and 0 where |x| ≤ lambda; 0 for NaN, as in PyTorch.
 * @throws RangeError for a negative lambda
 * @example
 * import { tensor } from '@x/tensor'
 * import { softshrink } from '@x/nn'
 * softshrink(tensor([-2, 0.5, 2])).toArray() // [-1.5, 0, 1.5]
 */
export function softshrink(x: Tensor, options: ShrinkOptions = {}): Tensor {
  const lambda = lambdaOf('softshrink', x, options)
  return curve(
    x,
    (x) => x.gt(lambda).where(x.sub(lambda), x.lt(-lambda).where(x.add(lambda), 0)),
    (x) => x.abs().le(lambda).logicalNot().cast(x.dtype),
  )
}
