// Windows: views of parts of an array by positions and slices, and the op that puts a part into a whole.
import { DTYPES } from '../../dtype.ts'
import { ShapeError } from '../../errors.ts'
import { wrongKind } from '../../options.ts'
import { defineOp, type OpFunction, scalar } from '../../record.ts'
import { contiguousStrides, type Shape, show } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import { copyTo, dense, denseAs, fill, pasteTo } from '../shape/contiguous.ts'

/** A range of indices, as Python writes start:stop:step. */
export class Slice {
  declare readonly start: number | null
  declare readonly stop: number | null
  declare readonly step: number
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

const EVERYTHING: Slice = slice()

/** What basic indexing takes per axis: a position, a slice, `null` for a new axis, `'...'` for all axes between. */
export type BasicIndex = number | Slice | null | '...'

/** Part of an array: how it lies in that array. */
export interface Window {
  readonly shape: Shape
  readonly strides: Shape
  /** First element of the window, relative to the first of the array. */
  readonly offset: number
}

/** Where a part lies in any array that has this shape and these strides. */
export type WindowOf = (shape: Shape, strides: Shape) => Window

/** The part that an index names. */
export const basic =
  (index: readonly BasicIndex[], op = 'at'): WindowOf =>
  (shape, strides) =>
    windowOf(op, shape, strides, index)

const atOp = defineOp<{ of: WindowOf; window: Window }>({
  name: 'at',
  inputs: ['x'],
  shape: (_, { window }) => window.shape,
  view: ([x], { window: w }) => ({ shape: w.shape, strides: w.strides, offset: x.offset + w.offset }),
  grad: { x: ({ x, dy }, { of }) => spreadOp([dy], { shape: x.shape, of, value: 0 }) },
})

/** A view of a part of `x`. */
export function windowed(x: Tensor, of: WindowOf): Tensor {
  return atOp([x], { of, window: of(x.shape, x.strides) })
}

/** A view of `x` with `index` on one axis. */
export function along(x: Tensor, axis: number, index: number | Slice, op?: string): Tensor {
  const all: (number | Slice)[] = new Array(axis).fill(EVERYTHING)
  return windowed(x, basic([...all, index], op))
}

function windowOf(op: string, shape: Shape, strides: Shape, index: readonly BasicIndex[]): Window {
  const used = index.filter((i) => i !== null && i !== '...').length
  if (used > shape.length || index.filter((i) => i === '...').length > 1) {
    throw new ShapeError(`${op}: indices for ${used} axes do not fit ${show(shape)}`)
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
        throw new RangeError(`${op}: index ${i} is outside axis ${axis} of ${show(shape)}`)
      offset += at * strides[axis++]
    } else if (!(i instanceof Slice)) {
      throw wrongKind(op, 'index', i, "position, slice(…), null, '...', tensor or array")
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
  const [low, high] = step > 0 ? [0, n] : [-1, n - 1]
  const clamp = (i: number): number => Math.max(low, Math.min(high, i < 0 ? i + n : i))
  const first = start === null ? (step > 0 ? low : high) : clamp(start)
  const last = stop === null ? (step > 0 ? high : low) : clamp(stop)
  return { first, count: Math.max(0, Math.ceil((last - first) / step)) }
}

/** Puts `x` into a whole that is `value` elsewhere: what looking at a window undoes. */
export const spreadOp: OpFunction<{ shape: Shape; of: WindowOf; value: number }> = defineOp({
  name: 'spread',
  inputs: ['x'],
  native: DTYPES,
  shape: (_, { shape }) => shape,
  launch: ([x], y, { shape, of, value }) => {
    fill(y, value)
    const w = of(shape, contiguousStrides(shape))
    pasteTo(dense(x), y, w.strides, w.offset)
  },
  grad: { x: ({ dy }, { of }) => windowed(dy, of) },
})

/** An array of `shape` that is `value` everywhere but at `index`, where it is `x`: what `at` undoes. */
export function spread(x: Tensor, shape: Shape, index: readonly BasicIndex[], value = 0): Tensor {
  return spreadOp([x], { shape, of: basic(index), value })
}

/** A copy of `x` with `values` (broadcast) where a window is. */
export const putOp: OpFunction<{ of: WindowOf }> = defineOp<{ of: WindowOf }>({
  name: 'indexPut',
  inputs: ['x', 'values'],
  native: DTYPES,
  shape: ([x]) => x.shape,
  launch: ([x, values], y, { of }) => {
    copyTo(x, y)
    const w = of(y.shape, contiguousStrides(y.shape))
    pasteTo(denseAs(values, w.shape), y, w.strides, w.offset)
  },
  grad: {
    x: ({ dy }, p) => putOp([dy, scalar(0, dy.dtype)], p),
    values: ({ dy }, { of }) => windowed(dy, of),
  },
})
