// The axes of a reduction: which ones, how they lie in memory, and what is left without them.

import { checkOptions } from '../options.ts'
import { normalizeAxes, type Shape, sizeOf } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { dense } from './contiguous.ts'

export interface ReduceOptions {
  /** Keep reduced axes with length 1. Default false. */
  keepdims?: boolean
}

/** One axis, several, or null for all. */
export type AxisOption = number | readonly number[] | null

/** The axes of one reduction. */
export interface Axes {
  readonly axes: readonly number[]
  readonly keepdims: boolean
}

/** The axes that a caller names. @throws ShapeError, RangeError for an unknown option */
export function axesOf(
  name: string,
  x: Tensor,
  axis: AxisOption | undefined,
  options: ReduceOptions = {},
  known: readonly string[] = KEEPDIMS,
): Axes {
  checkOptions(name, options, known)
  return { axes: normalizeAxes(name, axis, x.ndim), keepdims: options.keepdims ?? false }
}

const KEEPDIMS: readonly string[] = ['keepdims']

export const reducedShape = (shape: Shape, { axes, keepdims }: Axes): Shape =>
  keepdims ? shape.map((n, i) => (axes.includes(i) ? 1 : n)) : shape.filter((_, i) => !axes.includes(i))

/** `dy` (or `y`) of a reduction with its reduced axes back, of length 1, so that it broadcasts against x. */
export function opened(t: Tensor, x: Tensor, p: Axes): Tensor {
  return t.reshape(reducedShape(x.shape, { axes: p.axes, keepdims: true }))
}

/** How many elements become one. */
export const countOf = (x: Tensor, { axes }: Axes): number => axes.reduce((n, a) => n * x.shape[a], 1)

/** All axes, the reduced ones behind the others. */
export const axesLast = (rank: number, axes: readonly number[]): number[] =>
  Array.from({ length: rank }, (_, i) => i)
    .filter((i) => !axes.includes(i))
    .concat(axes)

/**
 * x as [outer, n, inner] with the reduced axes in the middle: axes that are neighbours in contiguous memory are taken
 * where they lie, others are brought to the end by a copy. With `rows`, to the end in any case: inner is 1.
 */
export function laidOut(x: Tensor, axes: readonly number[], rows = false): { x: Tensor; n: number; inner: number } {
  const n = countOf(x, { axes, keepdims: false })
  const last = axes[axes.length - 1] ?? x.ndim - 1
  const neighbours = axes.every((a, i) => i === 0 || a === axes[i - 1] + 1)
  const inner = sizeOf(x.shape.slice(last + 1))
  if (neighbours && !(rows && inner > 1)) return { x: dense(x), n, inner }
  const order = axesLast(x.ndim, axes)
  const { shape, strides } = x
  const moved = new Tensor(
    x.storage,
    x.dtype,
    order.map((i) => shape[i]),
    order.map((i) => strides[i]),
    x.offset,
  )
  return { x: dense(moved), n, inner: 1 }
}
