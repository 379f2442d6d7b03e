// Basic indexing: views of parts, and the ops that put parts into a whole.
import { run } from '../backend/launch.ts'
import { family } from '../backend/tensorKernels.ts'
import { ShapeError } from '../errors.ts'
import { defineOp } from '../record.ts'
import { contiguousStrides, type Shape, show } from '../shape.ts'
import { pointer, type Tensor } from '../tensor.ts'
import { dense, pasteTo } from './contiguous.ts'

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
  for (const n of [start, stop, step]) {
    if (n !== null && !Number.isSafeInteger(n)) throw new RangeError(`slice: ${n} is not a whole number or null`)
  }
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
    } else if (!(i instanceof Slice)) {
      throw new TypeError(
        `at: ${typeof i} is no index; they are positions, slice(…), null and '...'. For tensors of positions there is take()`,
      )
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
