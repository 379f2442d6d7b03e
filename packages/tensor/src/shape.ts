// Arithmetic on shapes: sizes, strides, axes, broadcasting.
import { ShapeError } from './errors.ts'
import { kindName } from './options.ts'

/** Lengths of the axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[]

/** How shapes are written in messages: `[2, 3]`. */
export const show = (shape: Shape): string => `[${shape.join(', ')}]`

export function sizeOf(shape: Shape): number {
  let n = 1
  for (let i = 0; i < shape.length; i++) n *= shape[i]
  return n
}

/** A list without holes, of which engines make slower lists. */
function ones(length: number): number[] {
  const list: number[] = []
  for (let i = 0; i < length; i++) list.push(1)
  return list
}

/** Strides, in elements, of a contiguous array of this shape. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = ones(shape.length)
  for (let i = shape.length - 1, step = 1; i >= 0; i--) {
    strides[i] = step
    step *= shape[i]
  }
  return strides
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Whether strides describe a contiguous array; axes of length 1 may have any stride. */
export function isContiguous(shape: Shape, strides: Shape): boolean {
  for (let i = shape.length - 1, step = 1; i >= 0; i--) {
    if (shape[i] === 0) return true
    if (shape[i] !== 1 && strides[i] !== step) return false
    step *= shape[i]
  }
  return true
}

/**
 * A frozen copy of the shape: what the caller does with its array later does not reach the tensor.
 * @throws ShapeError when a length is not a whole number ≥ 0
 */
export function checkShape(op: string, shape: Shape): Shape {
  if (!Array.isArray(shape)) throw new ShapeError(`${op}: shape ${shape} is not a list of lengths such as [2, 3]`)
  for (const n of shape) {
    if (!Number.isInteger(n) || n < 0) throw new ShapeError(`${op}: ${n} is not a length, in shape ${show(shape)}`)
  }
  return Object.freeze([...shape])
}

/** `axis` in [0, rank), counting negatives from the end. @throws ShapeError */
export function normalizeAxis(op: string, axis: number, rank: number): number {
  if (typeof axis !== 'number') throw new ShapeError(`${op}: axis is ${kindName(axis)}, not a number`)
  const k = axis < 0 ? axis + rank : axis
  if (!Number.isInteger(axis) || k < 0 || k >= rank) {
    const range = rank === 0 ? 'a scalar has no axes' : `axes run from ${-rank} to ${rank - 1}`
    throw new ShapeError(`${op}: axis ${axis} is out of range for rank ${rank} (${range})`)
  }
  return k
}

const everyAxis: number[][] = []

/** All axes of a rank. */
function allAxes(rank: number): readonly number[] {
  everyAxis[rank] ??= Array.from({ length: rank }, (_, i) => i)
  return everyAxis[rank]
}

/** The entries of `list` at `places`. */
export function entriesAt(list: readonly number[], places: readonly number[]): number[] {
  const y: number[] = []
  for (let i = 0; i < places.length; i++) y.push(list[places[i]])
  return y
}

/** Sorted distinct axes; `null` and `undefined` stand for all, 0 and −1 for the none of a scalar. @throws ShapeError */
export function normalizeAxes(
  op: string,
  axes: number | readonly number[] | null | undefined,
  rank: number,
): readonly number[] {
  if (axes === null || axes === undefined) return allAxes(rank)
  if (!Array.isArray(axes)) {
    const axis = normalizeAxis(op, axes as number, rank || 1)
    return rank ? [axis] : []
  }
  const list = axes.map((a) => normalizeAxis(op, a, rank || 1))
  if (new Set(list).size !== list.length) throw new ShapeError(`${op}: axis given twice in ${show(axes)}`)
  return rank ? list.sort((a, b) => a - b) : []
}

/**
 * The shape two arrays broadcast to, by NumPy's rule.
 * @throws ShapeError naming both shapes and the axis that differs.
 */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b) || b.length === 0) return a
  if (a.length === 0) return b
  const rank = Math.max(a.length, b.length)
  const y = ones(rank)
  for (let i = 1; i <= rank; i++) {
    const m = i <= a.length ? a[a.length - i] : 1
    const n = i <= b.length ? b[b.length - i] : 1
    if (m !== n && m !== 1 && n !== 1) {
      throw new ShapeError(`${op}: shapes do not broadcast: a ${show(a)}, b ${show(b)} (${m} ≠ ${n} at axis ${-i})`)
    }
    y[rank - i] = m === 1 ? n : m
  }
  return sameShape(a, y) ? a : y
}

/** Strides that read an array of `shape` as if it had shape `to` (0 along the repeated axes). */
export function broadcastStrides(shape: Shape, strides: Shape, to: Shape): number[] {
  const lead = to.length - shape.length
  const y: number[] = []
  for (let i = 0; i < to.length; i++) {
    const repeats = i < lead || (shape[i - lead] === 1 && to[i] !== 1)
    y.push(repeats ? 0 : strides[i - lead])
  }
  return y
}
