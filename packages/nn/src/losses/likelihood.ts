// Losses on distributions: divergence, and likelihood of what was drawn.
import { stopGradient } from '@x/autograd'
import type { Tensor } from '@x/tensor'
import { sameShape } from '@x/tensor/op'
import { checkValues } from '../values.ts'
import { checkLoss, type LossOptions, reduceLoss, requireTensors } from './reduce.ts'

export const KL_DIV: readonly [known: readonly string[], reductions: readonly string[]] = [
  ['logTarget'],
  ['mean', 'sum', 'none', 'batchmean'],
]

/** Options of `klDiv` and `KLDivLoss`. */
export interface KlDivOptions {
  /** 'batchmean' divides the sum by the length of the first axis: the divergence itself. Default 'mean', over elements. */
  reduction?: 'mean' | 'sum' | 'none' | 'batchmean'
  /** Whether targets are log-probabilities. Default false. */
  logTarget?: boolean
}

/**
 * target·(ln target − x), elementwise; 0 where target is 0. Shapes broadcast.
 * @param x log-probabilities
 * @param target probabilities, or with `logTarget` their logarithms
 * @throws ShapeError, RangeError for an unknown reduction
 * @example
 * import { tensor } from '@x/tensor'
 * import { klDiv } from '@x/nn'
 * const [p, q] = [tensor([[0.5, 0.5]]), tensor([[1, 0]])]
 * klDiv(p.log(), q, { reduction: 'batchmean' }).item().toFixed(4) // '0.6931'
 */
export function klDiv(x: Tensor, target: Tensor, options: KlDivOptions = {}): Tensor {
  requireTensors('klDiv', { x, target })
  checkLoss('klDiv', options, ...KL_DIV)
  const { reduction, logTarget = false } = options
  const losses = logTarget ? target.exp().mul(target.sub(x)) : entropyOf(target).sub(target.mul(x))
  if (reduction !== 'batchmean') return reduceLoss(losses, { reduction })
  return losses.sum().div(losses.shape[0] ?? 1)
}

/** t·ln t, 0 at 0. */
function entropyOf(t: Tensor): Tensor {
  const zero = t.eq(0)
  return zero.where(0, t.mul(zero.where(1, t).log()))
}

export const POISSON: readonly string[] = ['logInput', 'full', 'eps']

/** Options of `poissonNllLoss` and `PoissonNLLLoss`. */
export interface PoissonNllOptions extends LossOptions {
  /** Whether x is the logarithm of the rate. Default true. */
  logInput?: boolean
  /** Add Stirling's approximation of ln target!, for targets above 1. Default false. */
  full?: boolean
  /** Added to the rate before its logarithm. Default 1e-8. */
  eps?: number
}

/**
 * −ln of the Poisson probability of `target`: eˣ − target·x, or with a rate x − target·ln(x + eps). Shapes broadcast.
 * @throws ShapeError, RangeError for an unknown reduction
 * @example
 * import { tensor } from '@x/tensor'
 * import { poissonNllLoss } from '@x/nn'
 * poissonNllLoss(tensor([0]), tensor([3])).item() // 1
 */
export function poissonNllLoss(x: Tensor, target: Tensor, options: PoissonNllOptions = {}): Tensor {
  requireTensors('poissonNllLoss', { x, target })
  checkLoss('poissonNllLoss', options, POISSON)
  const { logInput = true, full = false, eps = 1e-8 } = options
  const losses = logInput ? x.exp().sub(target.mul(x)) : x.sub(target.mul(x.add(eps).log()))
  return reduceLoss(full ? losses.add(stirling(target)) : losses, options)
}

/** t ln t − t + ½ ln 2πt where t > 1, else 0. */
function stirling(t: Tensor): Tensor {
  const large = t.gt(1)
  const safe = large.where(t, 1)
  const log = safe.log()
  const terms = safe
    .mul(log)
    .sub(safe)
    .add(log.add(Math.log(2 * Math.PI)).mul(0.5))
  return large.where(terms, 0)
}

export const GAUSSIAN: readonly string[] = ['full', 'eps']

/** Options of `gaussianNllLoss` and `GaussianNLLLoss`. */
export interface GaussianNllOptions extends LossOptions {
  /** Add ½ ln 2π. Default false. */
  full?: boolean
  /** Least variance. Default 1e-6. Its gradient is as if it had not been raised. */
  eps?: number
}

/**
 * −ln of the normal density of `target`: ½(ln variance + (x − target)² / variance).
 * @param x means
 * @param variance of the shape of x, or broadcasting to it; without the last axis: one for each of its rows
 * @throws ShapeError; RangeError for a negative variance
 * @example
 * import { ones, tensor } from '@x/tensor'
 * import { gaussianNllLoss } from '@x/nn'
 * gaussianNllLoss(tensor([1, 3]), tensor([1, 1]), ones([2])).item() // 1
 */
export function gaussianNllLoss(x: Tensor, target: Tensor, variance: Tensor, options: GaussianNllOptions = {}): Tensor {
  requireTensors('gaussianNllLoss', { x, target, variance })
  checkLoss('gaussianNllLoss', options, GAUSSIAN)
  const { full = false, eps = 1e-6 } = options
  checkValues('gaussianNllLoss: variance', variance, (v) => (v < 0 ? 'is negative' : null))
  const perRow = variance.ndim > 0 && variance.ndim === x.ndim - 1 && sameShape(variance.shape, x.shape.slice(0, -1))
  const v = perRow ? variance.unsqueeze(-1) : variance
  const safe = v.add(stopGradient(v.lt(eps).where(v.neg().add(eps), 0)))
  const losses = safe.log().add(x.sub(target).square().div(safe)).mul(0.5)
  return reduceLoss(full ? losses.add(0.5 * Math.log(2 * Math.PI)) : losses, options)
}
