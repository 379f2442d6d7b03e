// Looking at the same elements under another shape.
import { checkAxes, checkAxis } from '../../axes.ts'
import { ShapeError } from '../../errors.ts'
import { requireList } from '../../options.ts'
import { defineOp, requireTensor } from '../../record.ts'
import {
  broadcastStrides,
  checkShape,
  contiguousStrides,
  entriesAt,
  normalizeAxis,
  type Shape,
  sameShape,
  show,
  sizeOf,
} from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import { collapse, copyFlat } from './contiguous.ts'

const reshapeOp = defineOp<{ shape: Shape }>({
  name: 'reshape',
  inputs: ['x'],
  shape: (_, { shape }) => shape,
  view: ([x], { shape }) => {
    const strides = x.isContiguous ? contiguousStrides(shape) : stridesUnder(shape, x.shape, x.strides)
    return strides && { shape, strides, offset: x.offset }
  },
  launch: ([x], y) => copyFlat(x, y),
  grad: { x: ({ x, dy }) => dy.reshape(x.shape) },
})

/**
 * Strides that show memory with these strides under the shape `to`, in row-major order; null where there are none. Axes
 * may be split at will, and merged where one follows from its neighbour.
 */
function stridesUnder(to: Shape, shape: Shape, strides: Shape): number[] | null {
  if (sizeOf(to) === 0) return contiguousStrides(to)
  const runs = collapse(shape, strides)
  const result = new Array<number>(to.length)
  let left = 1
  let step = 0
  for (let a = to.length - 1; a >= 0; a--) {
    if (left === 1 && to[a] !== 1) {
      left = runs.shape.pop() as number
      step = runs.strides.pop() as number
    }
    if (left % to[a] !== 0) return null
    result[a] = step
    step *= to[a]
    left /= to[a]
  }
  return result
}

/**
 * The elements in row-major order under another shape; one length may be −1 and follows from the others.
 * A view where strides can describe the result, as they can for every contiguous `x`; else a copy.
 * @throws ShapeError when the sizes differ
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const to = inferShape(x, shape)
  return sameShape(to, x.shape) ? x : reshapeOp([x], { shape: to })
}

function inferShape(x: Tensor, shape: Shape): Shape {
  requireTensor('reshape', 'x', x)
  if (!Array.isArray(shape)) checkShape('reshape', shape)
  const open = shape.indexOf(-1)
  let to = shape
  if (open >= 0) {
    const length = Math.abs(x.size / sizeOf(shape)) // NaN for 0 / 0, where any length would do
    to = shape.map((n, i) => (i === open ? length : n))
    if (!Number.isInteger(length)) throw mismatch(x, shape)
  }
  const own = checkShape('reshape', to)
  if (sizeOf(own) !== x.size) throw mismatch(x, shape)
  return own
}

const mismatch = (x: Tensor, shape: Shape): ShapeError =>
  new ShapeError(`reshape: ${show(x.shape)} has ${x.size} elements, which do not fill ${show(shape)}`)

/** The elements in row-major order along one axis. A view where `reshape` gives one. */
export function ravel(x: Tensor): Tensor {
  return reshape(x, [-1])
}

/**
 * The axis that a function goes along; a scalar is its one element, and has the axes 0 and −1.
 * @throws TypeError unless x is a tensor; ShapeError
 */
export function lineAxis(op: string, x: Tensor, axis: number): number {
  requireTensor(op, 'x', x)
  return normalizeAxis(op, axis, x.ndim || 1)
}

/** What a function goes along, and the axis as of `lineAxis`: x, with null for the axis the flattened x. */
export function lineOf(op: string, x: Tensor, axis: number | null): [x: Tensor, axis: number] {
  const a = lineAxis(op, x, axis ?? 0)
  return [axis === null ? ravel(x) : x, a]
}

/** All axes from `start` to `end` (inclusive) merged into one. */
export function flatten(x: Tensor, start = 0, end = -1): Tensor {
  if (x?.ndim === 0) return reshape(x, [1])
  const a = checkAxis('flatten', start, x)
  const b = checkAxis('flatten', end, x)
  if (b < a) throw new ShapeError(`flatten: start ${start} lies behind end ${end}`)
  const { shape } = x
  return reshape(x, [...shape.slice(0, a), sizeOf(shape.slice(a, b + 1)), ...shape.slice(b + 1)])
}

/** `x` without its axes of length 1, or without those named. @throws ShapeError if a named axis is longer */
export function squeeze(x: Tensor, axis?: number | readonly number[]): Tensor {
  const named = checkAxes('squeeze', axis, x)
  for (const a of axis === undefined ? [] : named) {
    if (x.shape[a] !== 1) throw new ShapeError(`squeeze: axis ${a} of ${show(x.shape)} has length ${x.shape[a]}, not 1`)
  }
  return reshape(
    x,
    x.shape.filter((n, i) => n !== 1 || !named.includes(i)),
  )
}

/** `x` with an axis of length 1 inserted before `axis` (negative axes count in the result). */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  requireTensor('unsqueeze', 'x', x)
  const at = normalizeAxis('unsqueeze', axis, x.ndim + 1)
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)])
}

const permuteOp = defineOp<{ axes: readonly number[] }>({
  name: 'permute',
  inputs: ['x'],
  shape: ([x], { axes }) => entriesAt(x.shape, axes),
  view: ([x], { axes }) => ({
    shape: entriesAt(x.shape, axes),
    strides: entriesAt(x.strides, axes),
    offset: x.offset,
  }),
  grad: { x: ({ dy }, { axes }) => dy.permute(axes.map((_, i) => axes.indexOf(i))) },
})

/** A view with the axes in another order. @throws ShapeError unless `axes` names every axis once */
export function permute(x: Tensor, axes: readonly number[]): Tensor {
  requireTensor('permute', 'x', x)
  requireList('permute', 'axes', axes)
  const order = axes.map((a) => checkAxis('permute', a, x))
  if (order.length !== x.ndim || new Set(order).size !== x.ndim) {
    throw new ShapeError(`permute: ${show(axes)} does not name each of the ${x.ndim} axes of ${show(x.shape)} once`)
  }
  return permuteOp([x], { axes: order })
}

/** A view with two axes exchanged; by default the last two. */
export function transpose(x: Tensor, a = -2, b = -1): Tensor {
  const i = checkAxis('transpose', a, x)
  const j = checkAxis('transpose', b, x)
  const axes: number[] = []
  for (let d = 0; d < x.ndim; d++) axes.push(d)
  axes[i] = j
  axes[j] = i
  return permuteOp([x], { axes })
}

const expandOp = defineOp<{ shape: Shape }>({
  name: 'expand',
  inputs: ['x'],
  shape: (_, { shape }) => shape,
  view: ([x], { shape }) => ({ shape, strides: broadcastStrides(x.shape, x.strides, shape), offset: x.offset }),
  // Un-broadcasting to the shape of x happens where all gradients are collected.
  grad: { x: ({ dy }) => dy },
})

/** A view repeated along axes of length 1 and new leading axes, without copying; −1 keeps a length. @throws ShapeError */
export function expand(x: Tensor, shape: Shape): Tensor {
  requireTensor('expand', 'x', x)
  requireList('expand', 'shape', shape)
  const lead = shape.length - x.ndim
  const to = shape.map((n, i) => (n === -1 && i >= lead ? x.shape[i - lead] : n))
  checkShape('expand', to)
  const fits = lead >= 0 && x.shape.every((n, i) => n === to[lead + i] || n === 1)
  if (!fits) throw new ShapeError(`expand: ${show(x.shape)} does not repeat to ${show(shape)}`)
  return sameShape(to, x.shape) ? x : expandOp([x], { shape: to })
}
