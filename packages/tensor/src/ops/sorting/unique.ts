// Which elements there are.
import { checkAxis } from '../../axes.ts'
import { run } from '../../backend/launch.ts'
import { kernel } from '../../backend/sortingKernels.ts'
import { zeros } from '../../create.ts'
import { COMPUTED_IN } from '../../dtype.ts'
import { ShapeError } from '../../errors.ts'
import { hostRead } from '../../hostRead.ts'
import { tidy } from '../../memory/scope.ts'
import { defineOp, requireTensor } from '../../record.ts'
import { show, sizeOf } from '../../shape.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { positions, take } from '../indexing/indexing.ts'
import { indexAdd, indexCopy } from '../indexing/scatter.ts'
import { along } from '../indexing/window.ts'
import { cumsum } from '../reductions/cumulative.ts'
import { changes, diff } from '../reductions/diff.ts'
import { any, max, min } from '../reductions/reduce.ts'
import { dense, fill } from '../shape/contiguous.ts'
import { ravel, reshape, transpose } from '../shape/view.ts'
import { argsort, lexsort, sort } from './sort.ts'

/** A table of so many places is small whatever it is for. */
const SMALL_TABLE = 2 ** 14

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
  /** Which of `begins` each element has. Default: what `order` says. */
  readonly places?: Tensor
}

const firstsKernel = kernel('firsts_i32')
const firstsOp = defineOp<{ low: number; count: number }>({
  name: 'firsts',
  inputs: ['x'],
  shape: (_, { count }) => [count],
  launch: ([x], y, { low }) => {
    fill(y, -1)
    run(firstsKernel, 1, x.size, pointer(dense(x)), pointer(y), x.size, low)
  },
  grad: null,
})

/** Whole numbers [n] that are not far apart, without sorting: `order` is a table of them all, −1 where there is none. */
function tabled(name: string, x: Tensor): Runs | null {
  if (COMPUTED_IN[x.dtype] !== 'int32' || x.size === 0) return null
  const whole = x.cast('int32')
  const low = min(whole).item()
  const count = max(whole).item() - low + 1
  if (count > 4 * x.size + SMALL_TABLE) return null
  const order = firstsOp([whole], { low, count })
  const begins = order.ge(0)
  const starts = positions(name, begins)
  return { order, begins, starts, values: starts.add(low).cast(x.dtype), places: whole.sub(low) }
}

/** With `only`, values alone are wanted. */
function runsOf(name: string, x: Tensor, axis: number | null, sorts: boolean, only = false): Runs {
  requireTensor(name, 'x', x)
  hostRead(name)
  const a = axis === null ? 0 : checkAxis(name, axis, x)
  let first = axis === null ? ravel(x) : transpose(x, 0, a)
  const flat = first.ndim === 1
  if (flat && sorts) {
    const table = tabled(name, first)
    if (table) return table
    if (only) first = sort(first)
  }
  const rows = flat ? first : reshape(first, [first.shape[0], sizeOf(first.shape.slice(1))])
  const order = sorts && !(flat && only) ? orderOf(name, rows) : null
  const differs = changes(order ? take(rows, order) : rows, 0)
  const begins = flat ? differs : any(differs, 1)
  const starts = positions(name, begins)
  const values = take(first, order ? take(order, starts) : starts)
  return { order, begins, starts, values: axis === null ? values : transpose(values, 0, a) }
}

const uniqueOf = (name: string, x: Tensor, axis: number | null, sorts: boolean): Unique =>
  tidy(() => {
    const { order, begins, starts, values, places } = runsOf(name, x, axis, sorts)
    const id = cumsum(begins).sub(1)
    const inverse = places ? take(id, places) : order ? indexCopy(id, order, id) : id
    return {
      values,
      indices: order ? take(order, starts) : starts,
      inverse: axis === null ? reshape(inverse, x.shape) : inverse,
      counts: places
        ? indexAdd(zeros([starts.size], { dtype: 'int32' }), inverse, 1)
        : diff(starts, 0, { append: begins.size }),
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
  return tidy(() => runsOf('unique', x, axis, true, true).values)
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
