// Losses on numbers, by their distance.
import type { Tensor } from '@x/tensor'
import { sameShape, show } from '@x/tensor/op'
import { between } from '../activations/curve.ts'
import { inRange, positive } from '../options.ts'
import { checkLoss, type LossOptions, reduceLoss, requireTensors } from './reduce.ts'
import { squaredError } from './squaredError.ts'

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

/** Whether both are float32 of one shape, what there are kernels for. */
const areAlike = (x: Tensor, target: Tensor): boolean =>
  [x, target].every((t) => t?.dtype === 'float32') && sameShape(x.shape, target.shape)

/**
 * (x − target)². Shapes broadcast.
 * @throws ShapeError, RangeError for an unknown reduction
 * @example
 * import { tensor } from '@x/tensor'
 * import { mseLoss } from '@x/nn'
 * mseLoss(tensor([1, 2]), tensor([1, 4])).item() // 2
 */
export function mseLoss(x: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  requireTensors('mseLoss', { x, target })
  checkLoss('mseLoss', options)
  const { reduction = 'mean' } = options
  if (reduction !== 'none' && areAlike(x, target)) return squaredError(x, target, reduction === 'mean' ? 1 / x.size : 1)
  return reduceLoss(difference(x, target).square(), options)
}

/**
 * |x − target|, whose derivative at 0 is 0. Shapes broadcast.
 * @throws ShapeError, RangeError for an unknown reduction
 * @example
 * import { tensor } from '@x/tensor'
 * import { l1Loss } from '@x/nn'
 * l1Loss(tensor([1, 2]), tensor([1, 4])).item() // 1
 */
export function l1Loss(x: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  requireTensors('l1Loss', { x, target })
  checkLoss('l1Loss', options)
  return reduceLoss(difference(x, target).abs(), options)
}

/** ½d² up to |d| = delta, delta·(|d| − ½delta) beyond: with c = d cut off at ±delta, c·(d − ½c). */
function huber(d: Tensor, delta: number): Tensor {
  const c = between(d, -delta, delta)
  return c.mul(d.sub(c.mul(0.5)))
}

export const HUBER: readonly string[] = ['delta']

/** Options of `huberLoss` and `HuberLoss`. */
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
export function huberLoss(x: Tensor, target: Tensor, options: HuberOptions = {}): Tensor {
  requireTensors('huberLoss', { x, target })
  checkLoss('huberLoss', options, HUBER)
  const delta = positive('huberLoss: delta', options.delta ?? 1)
  return reduceLoss(huber(difference(x, target), delta), options)
}

export const SMOOTH_L1: readonly string[] = ['beta']

/** Options of `smoothL1Loss` and `SmoothL1Loss`. */
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
export function smoothL1Loss(x: Tensor, target: Tensor, options: SmoothL1Options = {}): Tensor {
  requireTensors('smoothL1Loss', { x, target })
  checkLoss('smoothL1Loss', options, SMOOTH_L1)
  const beta = inRange('smoothL1Loss: beta', options.beta ?? 1, 0)
  const d = difference(x, target)
  return reduceLoss(beta === 0 ? d.abs() : huber(d, beta).div(beta), options)
}
