// Lengths of vectors and angles between them.
import type { Tensor } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import { positive, tensorOf } from '../options.ts'
import { atLeast } from './curve.ts'

interface NormOptions {
  axis: number
  keepdims: boolean
}

/** (Σ |x|ᵖ)^(1/p) along an axis; where it is 0, so is its gradient, as in PyTorch. */
function vectorNorm(name: string, x: Tensor, p: number, { axis, keepdims }: NormOptions): Tensor {
  positive(`${name}: p`, p)
  if (p === Number.POSITIVE_INFINITY) return x.abs().max(axis, { keepdims })
  if (p === 1) return x.abs().sum(axis, { keepdims })
  const sum = (p === 2 ? x.square() : power(x.abs(), p)).sum(axis, { keepdims })
  return power(sum, 1 / p)
}

/** aᵖ with 0 in place of the infinite slope at 0. */
function power(a: Tensor, p: number): Tensor {
  const zero = a.eq(0)
  const safe = zero.where(1, a)
  return zero.where(0, p === 0.5 ? safe.sqrt() : safe.pow(p))
}

/** Options of `normalize`. */
export interface NormalizeOptions {
  /** Which norm: above 0, Infinity for the largest magnitude. Default 2. */
  p?: number
  /** Default 1. */
  axis?: number
  /** Least divisor. Default 1e-12. */
  eps?: number
}

/**
 * x / max(‖x‖ₚ, eps) along an axis: vectors of length 1; zeros stay zeros.
 * @throws RangeError, ShapeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { normalize } from '@x/nn'
 * normalize(tensor([[3, 4]]), { p: Infinity }).toArray() // [[0.75, 1]]
 */
export function normalize(x: Tensor, options: NormalizeOptions = {}): Tensor {
  checkOptions('normalize', options, ['p', 'axis', 'eps'])
  const { p = 2, axis = 1, eps = 1e-12 } = options
  return tensorOf('normalize', x).div(atLeast(vectorNorm('normalize', x, p, { axis, keepdims: true }), eps))
}

/** Options of `cosineSimilarity`. */
export interface CosineSimilarityOptions {
  /** Default 1. */
  axis?: number
  /** Least length that a vector is divided by. Default 1e-8. */
  eps?: number
}

/**
 * Σ x1·x2 / (max(‖x1‖₂, eps)·max(‖x2‖₂, eps)) along an axis: −1 to 1. Shapes broadcast.
 * @throws ShapeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { cosineSimilarity } from '@x/nn'
 * cosineSimilarity(tensor([[1, 0]]), tensor([[0, 2]])).toArray() // [0]
 */
export function cosineSimilarity(x1: Tensor, x2: Tensor, options: CosineSimilarityOptions = {}): Tensor {
  checkOptions('cosineSimilarity', options, ['axis', 'eps'])
  const { axis = 1, eps = 1e-8 } = options
  return normalize(x1, { axis, eps }).mul(normalize(x2, { axis, eps })).sum(axis)
}

/** Options of `pairwiseDistance`. */
export interface PairwiseDistanceOptions {
  /** Which norm: above 0, Infinity for the largest magnitude. Default 2. */
  p?: number
  /** Added to every difference. Default 1e-6. */
  eps?: number
  /** Keep the last axis with length 1. Default false. */
  keepdims?: boolean
}

/**
 * ‖x1 − x2 + eps‖ₚ along the last axis: [..., D] → [...]. Shapes broadcast.
 * @throws RangeError, ShapeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { pairwiseDistance } from '@x/nn'
 * pairwiseDistance(tensor([[1, 2]]), tensor([[4, 6]]), { eps: 0 }).toArray() // [5]
 */
export function pairwiseDistance(x1: Tensor, x2: Tensor, options: PairwiseDistanceOptions = {}): Tensor {
  checkOptions('pairwiseDistance', options, ['p', 'eps', 'keepdims'])
  const { p = 2, eps = 1e-6, keepdims = false } = options
  return vectorNorm('pairwiseDistance', tensorOf('pairwiseDistance', x1).sub(x2).add(eps), p, { axis: -1, keepdims })
}
