// Other looks at the same memory (reshape, transpose, expand, indexing), and the ops that undo them.
import { run } from '../backend/launch.ts'
import { family } from '../backend/tensorKernels.ts'
import { ShapeError } from '../errors.ts'
import { defineOp } from '../record.ts'
import {
  broadcastStrides,
  checkShape,
  contiguousStrides,
  normalizeAxes,
  normalizeAxis,
  type Shape,
  sameShape,
  show,
  sizeOf,
} from '../shape.ts'
import { pointer, type Tensor } from '../tensor.ts'
import { copyFlat, dense, pasteTo } from './contiguous.ts'

const reshapeOp = defineOp<{ shape: Shape }>({
  name: 'reshape',
  inputs: ['x'],
  shape: (_, { shape }) => shape,
  view: ([x], { shape }) => (x.isContiguous ? { shape, strides: contiguousStrides(shape), offset: x.offset } : null),
  launch: ([x], y) => copyFlat(x, y),
  grad: { x: ({ x, dy }) => dy.reshape(x.shape) },
})

/**
 * The elements in row-major order under another shape; one length may be −1 and follows from the others.
 * A view if `x` is contiguous, else a copy.
 * @throws ShapeError when the sizes differ
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const to = inferShape(x, shape)
  return sameShape(to, x.shape) ? x : reshapeOp([x], { shape: to })
}

function inferShape(x: Tensor, shape: Shape): Shape {
  const open = shape.indexOf(-1)
  let to = shape
  if (open >= 0) {
    const rest = shape.reduce((n, d, i) => (i === open ? n : n * d), 1)
    const length = x.size / rest // NaN for 0 / 0, where any length would do
    to = shape.map((n, i) => (i === open ? length : n))
    if (!Number.isInteger(length)) throw mismatch(x, shape)
  }
  checkShape('reshape', to)
  if (sizeOf(to) !== x.size) throw mismatch(x, shape)
  return to
}

const mismatch = (x: Tensor, shape: Shape): ShapeError =>
  new ShapeError(`reshape: ${show(x.shape)} has ${x.size} elements, which do not fill ${show(shape)}`)

/** All axes from `start` to `end` (inclusive) merged into one. */
export function flatten(x: Tensor, start = 0, end = -1): Tensor {
  if (x.ndim === 0) return reshape(x, [1])
  const a = normalizeAxis('flatten', start, x.ndim)
  const b = normalizeAxis('flatten', end, x.ndim)
  if (b < a) throw new ShapeError(`flatten: start ${start} lies behind end ${end}`)
  const { shape } = x
  return reshape(x, [...shape.slice(0, a), sizeOf(shape.slice(a, b + 1)), ...shape.slice(b + 1)])
}

/** `x` without its axes of length 1, or without those named. @throws ShapeError if a named axis is longer */
export function squeeze(x: Tensor, axis?: number | readonly number[]): Tensor {
  const named = axis === undefined ? null : normalizeAxes('squeeze', axis, x.ndim)
  for (const a of named ?? []) {
    if (x.shape[a] !== 1) throw new ShapeError(`squeeze: axis ${a} of ${show(x.shape)} has length ${x.shape[a]}, not 1`)
  }
  return reshape(
    x,
    x.shape.filter((n, i) => !(named ? named.includes(i) : n === 1)),
  )
}

/** `x` with an axis of length 1 inserted before `axis` (negative axes count in the result). */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  const at = normalizeAxis('unsqueeze', axis, x.ndim + 1)
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)])
}

const permuteOp = defineOp<{ axes: readonly number[] }>({
  name: 'permute',
  inputs: ['x'],
  shape: ([x], { axes }) => axes.map((a) => x.shape[a]),
  view: ([x], { axes }) => {
    const { strides } = x
    return { shape: axes.map((a) => x.shape[a]), strides: axes.map((a) => strides[a]), offset: x.offset }
  },
  grad: { x: ({ dy }, { axes }) => dy.permute(axes.map((_, i) => axes.indexOf(i))) },
})

/** A view with the axes in another order. @throws ShapeError unless `axes` names every axis once */
export function permute(x: Tensor, axes: readonly number[]): Tensor {
  const order = axes.map((a) => normalizeAxis('permute', a, x.ndim))
  if (order.length !== x.ndim || new Set(order).size !== x.ndim) {
    throw new ShapeError(`permute: ${show(axes)} does not name each of the ${x.ndim} axes of ${show(x.shape)} once`)
  }
  return permuteOp([x], { axes: order })
}

/** A view with two axes exchanged; by default the last two. */
export function transpose(x: Tensor, a = -2, b = -1): Tensor {
  const axes = x.shape.map((_, i) => i)
  const i = normalizeAxis('transpose', a, x.ndim)
  const j = normalizeAxis('transpose', b, x.ndim)
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
  const lead = shape.length - x.ndim
  const to = shape.map((n, i) => (n === -1 && i >= lead ? x.shape[i - lead] : n))
  checkShape('expand', to)
  const fits = lead >= 0 && x.shape.every((n, i) => n === to[lead + i] || n === 1)
  if (!fits) throw new ShapeError(`expand: ${show(x.shape)} does not repeat to ${show(shape)}`)
  return sameShape(to, x.shape) ? x : expandOp([x], { shape: to })
}

/** A range of indices, as Python writes start:stop:step. */
export class Slice {
  readonly start: number | null
  readonly stop: number | null
  readonly step: number
  constructor(start: number | null, stop: number | null, step: number) {
    this.start = start
    this.stop = stop
    this.step = step
  }
}

/**
 * Python's start:stop:step, for `x.at(…)`. Negative positions count from the end; null means as far as it goes.
 * @param step not 0; negative steps walk backwards
 */
export function slice(start: number | null = null, stop: number | null = null, step: number | null = null): Slice {
  if (step === 0) throw new RangeError('slice: step is 0')
  return new Slice(start, stop, step ?? 1)
}

/** What `x.at` takes per axis: a position, a slice, `null` for a new axis, `'...'` for all axes between. */
export type Index = number | Slice | null | '...'

interface Window {
  readonly shape: Shape
  readonly strides: Shape
  /** First element of the window, relative to the first of x. */
  readonly offset: number
}

const atOp = defineOp<{ index: readonly Index[]; window: Window }>({
  name: 'at',
  inputs: ['x'],
  shape: (_, { window }) => window.shape,
  view: ([x], { window: w }) => ({ shape: w.shape, strides: w.strides, offset: x.offset + w.offset }),
  grad: { x: ({ x, dy }, { index }) => spread(dy, x.shape, index) },
})

/**
 * A view of part of `x`, by NumPy's basic indexing.
 * @throws ShapeError for too many indices, RangeError for a position outside its axis
 * @example
 * import { arange, slice } from '@x/tensor'
 * const x = arange(12).reshape([3, 4])
 * x.at(1).toArray() // [4, 5, 6, 7]
 * x.at('...', slice(null, null, -2)).shape // [3, 2]
 */
export function at(x: Tensor, ...index: readonly Index[]): Tensor {
  return atOp([x], { index, window: windowOf(x.shape, x.strides, index) })
}

function windowOf(shape: Shape, strides: Shape, index: readonly Index[]): Window {
  const used = index.filter((i) => i !== null && i !== '...').length
  if (used > shape.length || index.filter((i) => i === '...').length > 1) {
    throw new ShapeError(`at: ${index.length} indices do not fit ${show(shape)}`)
  }
  const full = index.includes('...') ? index : [...index, '...' as const]
  const outShape: number[] = []
  const outStrides: number[] = []
  let offset = 0
  let axis = 0
  for (const i of full) {
    if (i === null) {
      outShape.push(1)
      outStrides.push(0)
    } else if (i === '...') {
      for (let rest = shape.length - used; rest > 0; rest--, axis++) {
        outShape.push(shape[axis])
        outStrides.push(strides[axis])
      }
    } else if (typeof i === 'number') {
      const n = shape[axis]
      const at = i < 0 ? i + n : i
      if (!Number.isInteger(i) || at < 0 || at >= n)
        throw new RangeError(`at: index ${i} is outside axis ${axis} of ${show(shape)}`)
      offset += at * strides[axis++]
    } else {
      const { first, count } = extent(i, shape[axis])
      offset += count > 0 ? first * strides[axis] : 0
      outShape.push(count)
      outStrides.push(strides[axis++] * i.step)
    }
  }
  return { shape: outShape, strides: outStrides, offset }
}

/** First position and number of positions of a slice on an axis of length n, by Python's rules. */
function extent({ start, stop, step }: Slice, n: number): { first: number; count: number } {
  const clamp = (i: number, low: number, high: number): number => Math.max(low, Math.min(high, i < 0 ? i + n : i))
  const [low, high] = step > 0 ? [0, n] : [-1, n - 1]
  const first = start === null ? (step > 0 ? 0 : n - 1) : clamp(start, low, high)
  const last = stop === null ? (step > 0 ? n : -1) : clamp(stop, low, high)
  return { first, count: Math.max(0, Math.ceil((last - first) / step)) }
}

const fill = family('fill')
const spreadOp = defineOp<{ shape: Shape; index: readonly Index[]; value: number }>({
  name: 'spread',
  inputs: ['x'],
  shape: (_, { shape }) => shape,
  launch: ([x], y, { shape, index, value }) => {
    run(fill[y.dtype], y.size, y.size, pointer(y), value)
    const w = windowOf(shape, contiguousStrides(shape), index)
    pasteTo(dense(x), y, w.strides, w.offset)
  },
  grad: { x: ({ dy }, { index }) => dy.at(...index) },
})

/** An array of `shape` that is `value` everywhere but at `index`, where it is `x`: what `at` undoes. */
export function spread(x: Tensor, shape: Shape, index: readonly Index[], value = 0): Tensor {
  return spreadOp([x], { shape, index, value })
}

/**
 * `x` surrounded by `value`.
 * @param widths [before, after] for each axis
 * @throws ShapeError unless there is one pair of whole numbers ≥ 0 per axis
 */
export function pad(x: Tensor, widths: readonly (readonly [number, number])[], value = 0): Tensor {
  if (widths.length !== x.ndim || widths.some((w) => w.length !== 2 || w.some((n) => !Number.isInteger(n) || n < 0))) {
    throw new ShapeError(
      `pad: ${JSON.stringify(widths)} is not one pair of widths ≥ 0 for each axis of ${show(x.shape)}`,
    )
  }
  const shape = x.shape.map((n, i) => n + widths[i][0] + widths[i][1])
  return spread(
    x,
    shape,
    x.shape.map((n, i) => slice(widths[i][0], widths[i][0] + n)),
    value,
  )
}
