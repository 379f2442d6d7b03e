// Which elements there are.
import { checkAxis } from '../../axes.ts'
import { ShapeError } from '../../errors.ts'
import { hostRead } from '../../hostRead.ts'
import { tidy } from '../../memory/scope.ts'
import { requireTensor } from '../../record.ts'
import { show, sizeOf } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import { positions, take } from '../indexing/indexing.ts'
import { along } from '../indexing/window.ts'
import { cumsum } from '../reductions/cumulative.ts'
import { changes, diff } from '../reductions/diff.ts'
import { any } from '../reductions/reduce.ts'
import { ravel, reshape, transpose } from '../shape/view.ts'
import { argsort, lexsort } from './sort.ts'

/** The different elements of a tensor, or slices along an axis. Positions and counts are int32. */
export interface Unique {
  /** Each once. */
  values: Tensor
  /** Where each stands first: in the flattened tensor, or along the axis. */
  indices: Tensor
  /** For each element (in the shape of x) or slice, which of the values it is. */
  inverse: Tensor
  /** How many there are of each. */
  counts: Tensor
}

interface Runs {
  /** Elements or slices in order, or as they stand where `order` is null: [m] or [m, k]. */
  readonly order: Tensor | null
  /** Where they differ from the one before, and where that is. */
  readonly begins: Tensor
  readonly starts: Tensor
  readonly values: Tensor
}

function runsOf(name: string, x: Tensor, axis: number | null, sorts: boolean): Runs {
  requireTensor(name, 'x', x)
  hostRead(name)
  const a = axis === null ? 0 : checkAxis(name, axis, x)
  const first = axis === null ? ravel(x) : transpose(x, 0, a)
  const rows = first.ndim === 1 ? first : reshape(first, [first.shape[0], sizeOf(first.shape.slice(1))])
  const order = sorts ? orderOf(name, rows) : null
  const differs = changes(order ? take(rows, order) : rows, 0)
  const begins = rows.ndim === 1 ? differs : any(differs, 1)
  const starts = positions(name, begins)
  const values = take(first, order ? take(order, starts) : starts)
  return { order, begins, starts, values: axis === null ? values : transpose(values, 0, a) }
}

const uniqueOf = (name: string, x: Tensor, axis: number | null, sorts: boolean): Unique =>
  tidy(() => {
    const { order, begins, starts, values } = runsOf(name, x, axis, sorts)
    const id = cumsum(begins).sub(1)
    const inverse = order ? take(id, argsort(order)) : id
    return {
      values,
      indices: order ? take(order, starts) : starts,
      inverse: axis === null ? reshape(inverse, x.shape) : inverse,
      counts: diff(starts, 0, { append: begins.size }),
    }
  })

/** Rows go by their first element, those that agree in it by the second … */
function orderOf(name: string, rows: Tensor): Tensor {
  if (rows.ndim === 1) return argsort(rows)
  if (rows.shape[1] === 0) throw new ShapeError(`${name}: the slices of ${show(rows.shape)} are empty`)
  return lexsort(Array.from({ length: rows.shape[1] }, (_, i) => along(rows, 1, rows.shape[1] - 1 - i)))
}

/**
 * The different elements of x in ascending order; with `axis`, the different slices along it. Every NaN is another one.
 * @throws Error inside a compiled function: the shape of the result depends on values
 * @example
 * import { tensor, unique } from '@x/tensor'
 * unique(tensor([3, 1, 3])).toArray() // [1, 3]
 */
export function unique(x: Tensor, axis: number | null = null): Tensor {
  return tidy(() => runsOf('unique', x, axis, true).values)
}

/**
 * `unique` with where each value stands first, which value each element is, and how many there are: Array API's unique_all.
 * @throws Error inside a compiled function
 * @example
 * import { tensor, uniqueAll } from '@x/tensor'
 * const { values, inverse, counts } = uniqueAll(tensor([3, 1, 3])) // [1, 3], [1, 0, 1], [1, 2]
 */
export const uniqueAll = (x: Tensor, axis: number | null = null): Unique => uniqueOf('uniqueAll', x, axis, true)

/**
 * The elements (or slices along `axis`) that differ from the one before them, as they stand: torch.unique_consecutive.
 * @throws Error inside a compiled function
 */
export const uniqueConsecutive = (x: Tensor, axis: number | null = null): Unique =>
  uniqueOf('uniqueConsecutive', x, axis, false)
