// Losses on numbers, by their distance.
import type { Tensor } from '@x/tensor'
import { show } from '@x/tensor/op'
import { between } from '../activations/curve.ts'
import { type LossOptions, reduceLoss } from './reduce.ts'

let hasWarned = false

/** x − target. Says once when the shapes differ, as PyTorch does: [n, 1] and [n] make [n, n], which is rarely meant. */
function difference(x: Tensor, target: Tensor): Tensor {
  const d = x.sub(target)
  if (!hasWarned && x.size !== d.size) {
    hasWarned = true
    console.warn(`a loss of ${show(x.shape)} against target ${show(target.shape)} broadcasts to ${show(d.shape)}`)
  }
  return d
}

/**
 * (x − target)². Shapes broadcast.
 * @throws ShapeError, RangeError for an unknown reduction
 * @example
 * import { tensor } from '@x/tensor'
 * import { mseLoss } from '@x/nn'
 * mseLoss(tensor([1, 2]), tensor([1, 4])).item() // 2
 */
export const mseLoss = (x: Tensor, target: Tensor, { reduction }: LossOptions = {}): Tensor =>
  reduceLoss('mseLoss', difference(x, target).square(), reduction)

/**
 * |x − target|, whose derivative at 0 is 0. Shapes broadcast.
 * @throws ShapeError, RangeError for an unknown reduction
 * @example
 * import { tensor } from '@x/tensor'
 * import { l1Loss } from '@x/nn'
 * l1Loss(tensor([1, 2]), tensor([1, 4])).item() // 1
 */
export const l1Loss = (x: Tensor, target: Tensor, { reduction }: LossOptions = {}): Tensor =>
  reduceLoss('l1Loss', difference(x, target).abs(), reduction)

/** ½d² up to |d| = delta, delta·(|d| − ½delta) beyond: with c = d cut off at ±delta, c·(d − ½c). */
function huber(d: Tensor, delta: number): Tensor {
  const c = between(d, -delta, delta)
  return c.mul(d.sub(c.mul(0.5)))
}

export interface HuberOptions extends LossOptions {
  /** Where the square ends, above 0. Default 1. */
  delta?: number
}

/**
 * ½(x − target)² up to a distance of delta, delta·(|x − target| − ½delta) beyond. Shapes broadcast.
 * Source: Huber 1964, doi:10.1214/aoms/1177703732.
 * @throws ShapeError, RangeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { huberLoss } from '@x/nn'
 * huberLoss(tensor([1, 4]), tensor([0, 0]), { reduction: 'none' }).toArray() // [0.5, 3.5]
 */
export function huberLoss(x: Tensor, target: Tensor, { delta = 1, reduction }: HuberOptions = {}): Tensor {
  if (!(delta > 0)) throw new RangeError(`huberLoss: delta ${delta} is not positive`)
  return reduceLoss('huberLoss', huber(difference(x, target), delta), reduction)
}

export interface SmoothL1Options extends LossOptions {
  /** Where the square ends, at least 0; with 0 this is l1Loss. Default 1. */
  beta?: number
}

/**
 * huberLoss with delta = beta, divided by beta: slope 1 far out. Shapes broadcast.
 * Source: Girshick 2015, arXiv:1504.08083, equation 3.
 * @throws ShapeError, RangeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { smoothL1Loss } from '@x/nn'
 * smoothL1Loss(tensor([1, 4]), tensor([0, 0]), { beta: 2, reduction: 'none' }).toArray() // [0.25, 3]
 */
export function smoothL1Loss(x: Tensor, target: Tensor, { beta = 1, reduction }: SmoothL1Options = {}): Tensor {
  if (!(beta >= 0)) throw new RangeError(`smoothL1Loss: beta ${beta} is not at least 0`)
  const d = difference(x, target)
  return reduceLoss('smoothL1Loss', beta === 0 ? d.abs() : huber(d, beta).div(beta), reduction)
}
