// Repeating and rotating elements along axes.
import { checkAxis } from '../../axes.ts'
import { tensor } from '../../create.ts'
import { ShapeError } from '../../errors.ts'
import { tidy } from '../../memory/scope.ts'
import { requireList, requireWhole } from '../../options.ts'
import { requireTensor } from '../../record.ts'
import { type Shape, show } from '../../shape.ts'
import { Tensor } from '../../tensor.ts'
import { inPlaceOf, takeFor } from '../indexing/indexing.ts'
import { along, slice } from '../indexing/window.ts'
import { concat } from './concat.ts'
import { expand, ravel, reshape, unsqueeze } from './view.ts'

/**
 * `x` with its elements shifted along axes; those that leave at one end come back at the other.
 * @param shift by how much towards higher positions: one number, or one for each axis
 * @param axis one axis or several; by default the flattened tensor is shifted
 * @throws ShapeError unless there are as many shifts as axes; RangeError unless they are whole
 * @example
 * import { arange, roll } from '@x/tensor'
 * roll(arange(5), 2).toArray() // [3, 4, 0, 1, 2]
 */
export function roll(
  x: Tensor,
  shift: number | readonly number[],
  axis: number | readonly number[] | null = null,
): Tensor {
  if (axis === null) return reshape(roll(ravel(x), shift, 0), x.shape)
  const axes = typeof axis === 'number' ? [axis] : axis
  requireList('roll', 'axis', axes)
  const shifts = typeof shift === 'number' ? axes.map(() => shift) : shift
  requireList('roll', 'shift', shifts)
  if (shifts.length !== axes.length) throw new ShapeError(`roll: ${shifts.length} shifts for ${axes.length} axes`)
  return tidy(() => axes.reduce((y, a, i) => rolled(y, shifts[i], checkAxis('roll', a, x)), x))
}

function rolled(x: Tensor, shift: number, axis: number): Tensor {
  requireWhole('roll', 'shift', shift)
  const n = x.shape[axis]
  const at = n === 0 ? 0 : (((n - shift) % n) + n) % n
  return at === 0 ? x : concat([along(x, axis, slice(at)), along(x, axis, slice(0, at))], axis)
}

/**
 * Copies of `x` beside each other, as numpy.tile and torch.tile.
 * @param counts how often along each axis; for fewer axes than `x` has, or one number, the last ones
 * @throws RangeError for a count that is not a whole number ≥ 0
 * @example
 * import { tensor, tile } from '@x/tensor'
 * tile(tensor([1, 2]), [2, 2]).toArray() // [[1, 2, 1, 2], [1, 2, 1, 2]]
 */
export function tile(x: Tensor, counts: number | Shape): Tensor {
  const list = typeof counts === 'number' ? [counts] : counts
  requireTensor('tile', 'x', x)
  requireList('tile', 'counts', list)
  return repeat(x, onesBefore(list, x.ndim))
}

/**
 * Copies of `x` beside each other, as torch.Tensor.repeat: `tile` with a count for each axis. (What NumPy calls repeat
 * is `repeatInterleave`.)
 * @throws ShapeError for fewer counts than axes; RangeError for a count that is not a whole number ≥ 0
 */
export function repeat(x: Tensor, counts: Shape): Tensor {
  requireTensor('repeat', 'x', x)
  requireList('repeat', 'counts', counts)
  if (counts.length < x.ndim)
    throw new ShapeError(`repeat: ${show(counts)} has no count for each axis of ${show(x.shape)}`)
  for (const n of counts) requireWhole('repeat', 'count', n, 0)
  const shape = onesBefore(x.shape, counts.length)
  const apart = reshape(
    x,
    shape.flatMap((n) => [1, n]),
  )
  const repeated = expand(
    apart,
    shape.flatMap((n, i) => [counts[i], n]),
  )
  return reshape(
    repeated,
    shape.map((n, i) => n * counts[i]),
  )
}

/** A list filled up with ones in front, to be at least as long as this. */
export const onesBefore = (list: readonly number[], length: number): readonly number[] =>
  list.length < length ? onesBefore([1, ...list], length) : list

/**
 * Every element several times in a row, as torch.repeat_interleave and numpy.repeat.
 * @param counts how often each: one number, or one per position of the axis, as an array or a tensor of integers
 * @param axis default: the flattened tensor
 * @throws ShapeError unless there is one count, or one for each position; RangeError for a count that is not whole or < 0
 * @throws Error for a tensor of counts inside a compiled function: the shape of the result depends on its values
 * @example
 * import { repeatInterleave, tensor } from '@x/tensor'
 * repeatInterleave(tensor([1, 2, 3]), [2, 0, 1]).toArray() // [1, 1, 3]
 */
export function repeatInterleave(
  x: Tensor,
  counts: number | readonly number[] | Tensor,
  axis: number | null = null,
): Tensor {
  if (axis === null) return repeatInterleave(ravel(x), counts, 0)
  const a = checkAxis('repeatInterleave', axis, x)
  const n = x.shape[a]
  const list = counts instanceof Tensor ? Array.from(counts.data(), Number) : counts
  if (typeof list === 'number' || list?.length === 1) {
    const count = typeof list === 'number' ? list : list[0]
    requireWhole('repeatInterleave', 'count', count, 0)
    const repeated = expand(unsqueeze(x, a + 1), inPlaceOf(x.shape, a, [n, count]))
    return reshape(repeated, inPlaceOf(x.shape, a, [n * count]))
  }
  requireList('repeatInterleave', 'counts', list)
  for (const n of list) requireWhole('repeatInterleave', 'count', n, 0)
  if (list.length !== n) {
    throw new ShapeError(
      `repeatInterleave: ${list.length} counts for the ${n} positions of axis ${a} of ${show(x.shape)}`,
    )
  }
  const index = Int32Array.from(list.flatMap((count, i) => new Array<number>(count).fill(i)))
  return tidy(() => takeFor('repeatInterleave', x, tensor(index), a))
}
