// The axes of a reduction: which ones, how they lie in memory, and what is left without them.

import { checkAxes } from '../../axes.ts'
import { ShapeError } from '../../errors.ts'
import { checkOptions } from '../../options.ts'
import { entriesAt, type Shape, show } from '../../shape.ts'
import { Tensor } from '../../tensor.ts'
import { dense } from '../shape/contiguous.ts'

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
  options?: ReduceOptions,
  known: readonly string[] = KEEPDIMS,
): Axes {
  if (options !== undefined) checkOptions(name, options, known)
  return { axes: checkAxes(name, axis, x), keepdims: options?.keepdims ?? false }
}

const KEEPDIMS: readonly string[] = ['keepdims']

/** The shape without `axes`, which are sorted, or with `keepdims` with 1 in their place. */
export function reducedShape(shape: Shape, { axes, keepdims }: Axes): Shape {
  const left: number[] = []
  for (let i = 0, a = 0; i < shape.length; i++) {
    if (i !== axes[a]) left.push(shape[i])
    else {
      a++
      if (keepdims) left.push(1)
    }
  }
  return left
}

/** `dy` (or `y`) of a reduction with its reduced axes back, of length 1, so that it broadcasts against x. */
export function opened(t: Tensor, x: Tensor, p: Axes): Tensor {
  return t.reshape(reducedShape(x.shape, { axes: p.axes, keepdims: true }))
}

/** How many elements become one. */
export function countOf(x: Tensor, axes: readonly number[]): number {
  let n = 1
  for (let i = 0; i < axes.length; i++) n *= x.shape[axes[i]]
  return n
}

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
  if (axes.length === x.ndim) return { x: dense(x), n: x.size, inner: 1 }
  const n = countOf(x, axes)
  const last = axes.length === 0 ? x.ndim - 1 : axes[axes.length - 1]
  const neighbours = axes.length === 0 || last - axes[0] === axes.length - 1
  let inner = 1
  for (let i = last + 1; i < x.ndim; i++) inner *= x.shape[i]
  if (neighbours && !(rows && inner > 1)) return { x: dense(x), n, inner }
  const order = axesLast(x.ndim, axes)
  const moved = new Tensor(x.storage, x.dtype, entriesAt(x.shape, order), entriesAt(x.strides, order), x.offset)
  return { x: dense(moved), n, inner: 1 }
}

/** The error of a reduction that has no value for nothing. */
export const nothing = (name: string, shape: Shape): ShapeError =>
  new ShapeError(`${name}: there is nothing to reduce in ${show(shape)}`)
