// Where values belong in sorted ones.
import { requireTensors } from '../../axes.ts'
import { run } from '../../backend/launch.ts'
import { family } from '../../backend/sortingKernels.ts'
import { full } from '../../create.ts'
import { ShapeError } from '../../errors.ts'
import { tidy } from '../../memory/scope.ts'
import { optionsOf, requireOneOf } from '../../options.ts'
import { defineOp, requireTensor } from '../../record.ts'
import { sameShape, show } from '../../shape.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { exactly, toInt32 } from '../elementwise/rules.ts'
import { gather, take } from '../indexing/indexing.ts'
import { dense } from '../shape/contiguous.ts'
import { sort } from './sort.ts'

const searchKernels = family('searchsorted')
const searchOp = defineOp<{ right: boolean }>({
  name: 'searchsorted',
  inputs: ['sorted', 'values'],
  cast: exactly,
  dtype: toInt32,
  shape: ([sorted, values]) => {
    const rows = sorted.shape.slice(0, -1)
    if (sorted.ndim === 1 || (sorted.ndim > 0 && sameShape(rows, values.shape.slice(0, -1)))) return values.shape
    throw new ShapeError(
      `searchsorted: sorted ${show(sorted.shape)} is neither one sequence nor one for each row of values ${show(values.shape)}`,
    )
  },
  launch: ([sorted, values], y, { right }) => {
    const n = sorted.shape[sorted.ndim - 1]
    const perRow = Math.max(sorted.ndim === 1 ? values.size : values.shape[values.ndim - 1], 1)
    const [s, v] = [pointer(dense(sorted)), pointer(dense(values))]
    run(searchKernels[sorted.dtype], y.size, y.size * 8, s, v, pointer(y), n, perRow, Number(right))
  },
  grad: null,
})

export interface SearchOptions {
  /** Before (left, the default) or behind (right) elements that equal the value. */
  side?: 'left' | 'right'
  /** The order of `sorted`, as `argsort` gives it, if it is not sorted itself. */
  sorter?: Tensor
}

/**
 * Where each of `values` belongs in ascending `sorted`, int32: how many elements go before it. NaN is above all numbers.
 * @param sorted [n], or [..., n] with one sequence for each row of values [..., m]
 * @throws ShapeError when the rows do not fit, RangeError for another side
 * @example
 * import { searchsorted, tensor } from '@x/tensor'
 * searchsorted(tensor([1, 3, 5]), tensor([3, 4])).toArray() // [1, 2]
 */
export function searchsorted(sorted: Tensor, values: Tensor | number, options?: SearchOptions): Tensor {
  requireTensor('searchsorted', 'sorted', sorted)
  const { side, sorter } = optionsOf<SearchOptions>('searchsorted', options, { side: 'left', sorter: undefined })
  requireOneOf('searchsorted', 'side', side, ['left', 'right'])
  return searchOp([sorter ? gather(sorted, sorter, -1) : sorted, values], { right: side === 'right' })
}

/**
 * In which bucket each element of x lies, int32: bucket i goes from boundary i − 1 to boundary i, which belongs to it
 * (with `right` to the next): torch.bucketize.
 * @param boundaries ascending, [n]
 */
export function bucketize(x: Tensor | number, boundaries: Tensor, options?: { right?: boolean }): Tensor {
  const { right } = optionsOf('bucketize', options, { right: false })
  return searchsorted(boundaries, x, { side: right ? 'right' : 'left' })
}

/** Whether each element of x is among the elements of `test`. NaN is nowhere. */
export function isin(x: Tensor, test: Tensor): Tensor {
  requireTensors('isin', { x, test })
  if (test.size === 0) return full(x.shape, 0, { dtype: 'bool' })
  return tidy(() => {
    const sorted = sort(test, null)
    return take(sorted, searchsorted(sorted, x).minimum(test.size - 1)).eq(x)
  })
}
