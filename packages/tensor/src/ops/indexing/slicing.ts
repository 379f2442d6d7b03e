// Indexing as NumPy has it: positions and slices give views, tensors of positions and masks give copies.
import { tensor } from '../../create.ts'
import { DTypeError, ShapeError } from '../../errors.ts'
import { tidy } from '../../memory/scope.ts'
import { requireTensor, scalar } from '../../record.ts'
import { entriesAt, sameShape, show, sizeOf } from '../../shape.ts'
import { Tensor } from '../../tensor.ts'
import { permute, reshape } from '../shape/view.ts'
import { asIndex, locate, positions, takeFor } from './indexing.ts'
import { type BasicIndex, basic, Slice, slice, windowed } from './window.ts'

export { pad } from '../shape/pad.ts'
export { slice } from './window.ts'

/** Positions, or truth values, nested as deep as the tensor that they stand for has axes. */
export type IndexArray = readonly (number | boolean | IndexArray)[]

/**
 * What `x.at` takes per axis: a position, a slice, `null` for a new axis, `'...'` for all axes between, a tensor (or
 * nested array) of positions, or a mask, a tensor (or nested array) of truth values that stands for as many axes as it
 * has.
 */
export type Index = BasicIndex | Tensor | IndexArray

/** What an index with tensors selects: positions on one axis. */
export interface Selection {
  /** The positions and slices of the index, a whole slice for every axis of a tensor. */
  readonly window: readonly BasicIndex[]
  /** What they leave of x: a view. */
  readonly part: Tensor
  /** The axes of `part` in the order that brings those with tensors together, where the result has what they select. */
  readonly order: readonly number[]
  /** Lengths of the axes in that order. */
  readonly moved: readonly number[]
  /** The same with the axes that have tensors merged into one, at `axis`. */
  readonly merged: readonly number[]
  readonly axis: number
  /** Positions on the merged axis, of the shape that replaces it; int32. */
  readonly positions: Tensor
}

/**
 * Part of `x`, by NumPy's indexing. Positions and slices give a view.
 *
 * Tensors (or nested arrays) of positions are broadcast together and select one element for each of their own: a copy.
 * What they select stands where they stood if they stood side by side, else in front; bare positions beside them count
 * among them. A mask of truth values stands for the positions where it is true, of as many axes as it has. Gradients of
 * elements that are selected more than once add up.
 *
 * @param index int32 tensors (or other integers; uint8 counts as positions too), bool tensors, arrays of either; see `Index`
 * @throws ShapeError for too many indices, or tensors that do not broadcast; RangeError for a position outside its axis
 * @throws Error for a mask inside a compiled function: the shape of the result depends on its values
 * @example
 * import { arange, slice } from '@x/tensor'
 * const x = arange(12).reshape([3, 4])
 * x.at(1).toArray() // [4, 5, 6, 7]
 * x.at('...', slice(null, null, -2)).shape // [3, 2]
 * x.at([0, 2], [1, -1]).toArray() // [1, 11]
 * x.at(x.gt(8)).toArray() // [9, 10, 11]
 */
export function at(x: Tensor, ...index: readonly Index[]): Tensor {
  requireTensor('at', 'x', x)
  return isBasic(index) ? windowed(x, basic(index)) : tidy(() => picked(select('at', x, index)))
}

/** The elements that are selected, as a copy. */
function picked(selection: Selection): Tensor {
  return takeFor('at', mergedPart(selection), selection.positions, selection.axis)
}

/** The part that is selected from, with the axes that have tensors merged: a view if strides can tell, else a copy. */
export function mergedPart({ part, order, merged }: Selection): Tensor {
  return reshape(order.every((a, i) => a === i) ? part : permute(part, order), merged)
}

/** Whether no tensor or array is among the indices. */
export function isBasic(index: readonly Index[]): index is readonly BasicIndex[] {
  for (const i of index) if (typeof i === 'object' && i !== null && !(i instanceof Slice)) return false
  return true
}

const EVERYTHING: Slice = slice()

/** Sorts out an index with tensors. */
export function select(op: string, x: Tensor, given: readonly Index[]): Selection {
  requireTensor(op, 'x', x)
  const index = given.map((i) => tensorOf(op, i))
  const rest = index.reduce<number>((n, i) => n - axesOf(i), x.ndim)
  const window: BasicIndex[] = []
  const kept: number[] = []
  const chosen: Chosen[] = []
  let axis = 0
  /** How many kept axes stand before the block of positions; null until there is one. */
  let before: number | null = null
  let isInside = false
  for (const i of index.includes('...') ? index : [...index, '...' as const]) {
    const selects = typeof i === 'number' || i instanceof Tensor
    if (selects && !isInside) before = before === null ? kept.length : 0
    isInside = selects
    // The axes that it leaves: a position none.
    const length = i === '...' ? rest : i === null ? 1 : typeof i === 'number' ? 0 : axesOf(i)
    const axes: number[] = []
    while (axes.length < length) axes.push(axis++)
    if (i instanceof Tensor) {
      chosen.push({ by: i, axes })
      for (const _ of axes) window.push(EVERYTHING)
    } else {
      kept.push(...axes)
      window.push(i)
    }
  }
  const front = before as number
  const part = windowed(x, basic(window, op))
  const merging = chosen.flatMap(({ axes }) => axes)
  const order = [...kept.slice(0, front), ...merging, ...kept.slice(front)]
  const moved = entriesAt(part.shape, order)
  const size = sizeOf(entriesAt(part.shape, merging))
  return {
    ...{ window, part, order, moved, axis: front },
    merged: [...moved.slice(0, front), size, ...moved.slice(front + merging.length)],
    positions: positionsOf(op, part, chosen, size),
  }
}

/** A tensor of positions or truth values, and the axes that it stands for. */
interface Chosen {
  readonly by: Tensor
  readonly axes: readonly number[]
}

/** How many axes an index stands for. */
const axesOf = (i: BasicIndex | Tensor): number =>
  i === null || i === '...' ? 0 : i instanceof Tensor && i.dtype === 'bool' ? i.ndim : 1

/** @throws DTypeError for an array of other numbers than positions */
function tensorOf(op: string, i: Index): BasicIndex | Tensor {
  if (i instanceof Tensor) return i.dtype === 'bool' ? i : asIndex(op, i)
  if (!Array.isArray(i)) return i as BasicIndex
  const flat = i.flat(Number.POSITIVE_INFINITY)
  const isTruth = typeof flat[0] === 'boolean'
  const wrong = flat.find((v) => (isTruth ? typeof v !== 'boolean' : !Number.isInteger(v)))
  if (wrong !== undefined)
    throw new DTypeError(`${op}: ${wrong} among the positions; they are whole numbers, or all truth values`)
  return tensor(i as number[], { dtype: isTruth ? 'bool' : 'int32' })
}

/** Positions on the merged axis of `size`: those of several tensors as one number each. */
function positionsOf(op: string, { shape }: Tensor, chosen: readonly Chosen[], size: number): Tensor {
  const lists = chosen.map(({ by, axes }) => {
    if (by.dtype !== 'bool') return by
    const own = entriesAt(shape, axes)
    if (sameShape(by.shape, own)) return positions(op, by)
    throw new ShapeError(`${op}: a mask ${show(by.shape)} does not fit axes of ${show(own)}`)
  })
  if (lists.length === 1) return lists[0]
  let stride = size
  return lists.reduce(
    (base, list, k) => {
      const length = sizeOf(entriesAt(shape, chosen[k].axes))
      stride = length === 0 ? 0 : stride / length
      return locate(base, list, { op, size: length, stride })
    },
    scalar(0, 'int32'),
  )
}
