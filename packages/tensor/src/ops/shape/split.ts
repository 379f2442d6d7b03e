// Cutting a tensor into parts along an axis. All of them are views.

import { checkAxis } from '../../axes.ts'
import { ShapeError } from '../../errors.ts'
import { requireWhole } from '../../options.ts'
import { show } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import { along, slice } from '../indexing/window.ts'

/** Views that lie one behind the other along `axis`, of these lengths. */
function cut(x: Tensor, axis: number, lengths: readonly number[]): Tensor[] {
  let at = 0
  return lengths.map((n) => along(x, axis, slice(at, (at += n))))
}

/** How many there are of `size` in `n`, and the rest. */
function evenly(n: number, size: number): number[] {
  return Array.from({ length: Math.max(1, Math.ceil(n / size)) }, (_, i) => Math.min(size, n - i * size))
}

/**
 * Views of parts along `axis`, as torch.split.
 * @param size the length of every part (the last may be shorter), or the lengths of all
 * @throws ShapeError when lengths do not add up to that of the axis; RangeError for a length that is not whole
 * @example
 * import { arange, split } from '@x/tensor'
 * split(arange(5), 2).map((part) => part.toArray()) // [[0, 1], [2, 3], [4]]
 * split(arange(5), [1, 4])[1].shape // [4]
 */
export function split(x: Tensor, size: number | readonly number[], axis = 0): Tensor[] {
  const a = checkAxis('split', axis, x)
  const n = x.shape[a]
  if (!Array.isArray(size)) {
    requireWhole('split', 'size', size, 1)
    return cut(x, a, evenly(n, size as number))
  }
  for (const s of size) requireWhole('split', 'size', s, 0)
  const sum = size.reduce<number>((total, s) => total + s, 0)
  if (sum !== n)
    throw new ShapeError(`split: sizes ${show(size)} add up to ${sum}, not to ${n}, the length of axis ${a}`)
  return cut(x, a, size)
}

/**
 * Views of at most `count` parts of one length along `axis` (the last may be shorter), as torch.chunk: where the length
 * does not divide, there may be fewer; `tensorSplit` always gives as many as asked for.
 * @throws RangeError unless `count` is a whole number ≥ 1
 */
export function chunk(x: Tensor, count: number, axis = 0): Tensor[] {
  const a = checkAxis('chunk', axis, x)
  const n = x.shape[a]
  requireWhole('chunk', 'count', count, 1)
  return cut(x, a, n === 0 ? new Array(count).fill(0) : evenly(n, Math.ceil(n / count)))
}

/**
 * Views of parts along `axis`, as torch.tensor_split and numpy.array_split.
 * @param where how many parts, whose lengths differ by one at most; or the positions to cut at, as slices have them
 * @throws RangeError unless numbers are whole, and a count ≥ 1
 * @example
 * import { arange, tensorSplit } from '@x/tensor'
 * tensorSplit(arange(7), 3).map((part) => part.size) // [3, 2, 2]
 * tensorSplit(arange(7), [2, 3]).map((part) => part.size) // [2, 1, 4]
 */
export function tensorSplit(x: Tensor, where: number | readonly number[], axis = 0): Tensor[] {
  const a = checkAxis('tensorSplit', axis, x)
  if (Array.isArray(where)) {
    const ends = [...where, null]
    return ends.map((end, i) => along(x, a, slice(i === 0 ? 0 : ends[i - 1], end)))
  }
  requireWhole('tensorSplit', 'count', where, 1)
  const parts = where as number
  const n = x.shape[a]
  const least = Math.floor(n / parts)
  return cut(
    x,
    a,
    Array.from({ length: parts }, (_, i) => least + Number(i < n % parts)),
  )
}

/** NumPy's name of `tensorSplit`. */
export const arraySplit: typeof tensorSplit = tensorSplit

/**
 * Views of all positions along `axis`, without it; what `stack` puts together.
 * @throws ShapeError for an axis that is not there
 */
export function unbind(x: Tensor, axis = 0): Tensor[] {
  const a = checkAxis('unbind', axis, x)
  return Array.from({ length: x.shape[a] }, (_, i) => along(x, a, i))
}

/** The Array API's name of `unbind`. */
export const unstack: typeof unbind = unbind

/**
 * A view of `length` positions along `axis` from `start` on; the arguments stand as in torch.narrow.
 * @throws RangeError when they are not all there
 */
export function narrow(x: Tensor, axis: number, start: number, length: number): Tensor {
  const a = checkAxis('narrow', axis, x)
  const n = x.shape[a]
  const from = start < 0 ? start + n : start
  requireWhole('narrow', 'length', length, 0)
  if (!Number.isInteger(from) || from < 0 || from + length > n) {
    throw new RangeError(`narrow: ${length} positions from ${start} are not within axis ${a} of ${show(x.shape)}`)
  }
  return along(x, a, slice(from, from + length))
}

/** A view of one position on `axis`, without it, as torch.select. @throws RangeError for a position outside the axis */
export function select(x: Tensor, axis: number, index: number): Tensor {
  return along(x, checkAxis('select', axis, x), index, 'select')
}
