// Coordinates of grids, ranges on logarithmic scales, and what is built of them.
import { requireVector } from '../../axes.ts'
import { arange, type DTypeOption, type LinspaceOptions, linspace } from '../../create.ts'
import { tidy } from '../../memory/scope.ts'
import { optionsOf, requireList, requireOneOf, requireWhole } from '../../options.ts'
import { scalar } from '../../record.ts'
import { checkShape, type Shape } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import { pow } from '../elementwise/division.ts'
import { asIndex, locate } from '../indexing/indexing.ts'
import { stack } from './concat.ts'
import { expand, ravel, reshape, transpose, unsqueeze } from './view.ts'

export interface MeshgridOptions {
  /** `ij`: axis i of the results is that of the i-th vector. `xy` exchanges the first two axes. Default xy, as in NumPy. */
  indexing?: 'xy' | 'ij'
}

/**
 * The coordinates of a grid: for each vector a view of the whole grid's shape that varies along the vector's axis.
 * @param xs vectors or scalars, of lengths n₀, n₁ …: results have shape [n₁, n₀, …] with xy, [n₀, n₁, …] with ij
 * @throws ShapeError for tensors of more axes; RangeError for an unknown option
 * @example
 * import { meshgrid, tensor } from '@x/tensor'
 * const [x, y] = meshgrid([tensor([1, 2, 3]), tensor([10, 20])])
 * x.add(y).toArray() // [[11, 12, 13], [21, 22, 23]]
 */
export function meshgrid(xs: readonly Tensor[], options?: MeshgridOptions): Tensor[] {
  const { indexing } = optionsOf('meshgrid', options, { indexing: 'xy' })
  requireOneOf('meshgrid', 'indexing', indexing, ['xy', 'ij'])
  requireList('meshgrid', 'xs', xs)
  for (const [i, x] of xs.entries()) requireVector('meshgrid', `x${i}`, x, 0)
  const shape = xs.map((x) => x.size)
  return xs.map((x, i) => {
    const view = expand(reshape(x, [-1, ...shape.slice(i + 1).fill(1)]), shape)
    return indexing === 'xy' && xs.length > 1 ? transpose(view, 0, 1) : view
  })
}

/**
 * The position on each axis of every element of an array of `shape`: [rank, ...shape], int32 by default.
 * @throws ShapeError
 */
export function indices(shape: Shape, options?: DTypeOption): Tensor {
  const { dtype } = optionsOf<Required<DTypeOption>>('indices', options, { dtype: 'int32' })
  const axes = checkShape('indices', shape).map((n) => arange(n, undefined, { dtype }))
  return axes.length === 0 ? arange(0, undefined, { dtype }) : stack(meshgrid(axes, { indexing: 'ij' }))
}

/**
 * All combinations of one element of each vector, the last varying fastest: [n₀ · n₁ · …, count of vectors]; of a single
 * vector itself. @throws ShapeError for what are no vectors
 */
export function cartesianProd(...xs: readonly Tensor[]): Tensor {
  for (const [i, x] of xs.entries()) requireVector('cartesianProd', `x${i}`, x)
  return xs.length === 1 ? xs[0] : stack(meshgrid(xs, { indexing: 'ij' }).map(ravel), 1)
}

export interface LogspaceOptions extends LinspaceOptions {
  /** Default 10. */
  base?: number
}

/**
 * `count` numbers evenly on a logarithmic scale, from base^start to base^stop.
 * @throws RangeError for a count that is not a whole number ≥ 0, or an unknown option
 * @example
 * import { logspace } from '@x/tensor'
 * logspace(0, 3, 4).toArray() // [1, 10, 100, 1000]
 */
export function logspace(start: number, stop: number, count: number, options?: LogspaceOptions): Tensor {
  const { base, dtype, endpoint } = optionsOf<Required<LogspaceOptions>>('logspace', options, {
    base: 10,
    dtype: 'float32',
    endpoint: true,
  })
  return tidy(() => pow(base, linspace(start, stop, count, { endpoint, dtype: 'float64' })).cast(dtype))
}

/**
 * `count` numbers from start to stop, each the same multiple of the one before.
 * @throws RangeError when start and stop differ in sign or one is 0; otherwise as `linspace`
 * @example
 * import { geomspace } from '@x/tensor'
 * geomspace(1, 8, 4).toArray() // [1, 2, 4, 8]
 */
export function geomspace(start: number, stop: number, count: number, options?: LinspaceOptions): Tensor {
  const { dtype, endpoint } = optionsOf<Required<LinspaceOptions>>('geomspace', options, {
    dtype: 'float32',
    endpoint: true,
  })
  if (!(start * stop > 0)) throw new RangeError(`geomspace: no multiple leads from ${start} to ${stop}`)
  return tidy(() => {
    // Powers of the ratio, so that start and stop are themselves.
    const way = linspace(0, 1, count, { endpoint, dtype: 'float64' })
    return pow(stop / start, way)
      .mul(start)
      .cast(dtype)
  })
}

/**
 * A 1 at the position that each element of `index` names, in a new last axis of `classes` zeros.
 * @param index integers from 0 to classes − 1
 * @param classes default: the largest index + 1, which is read back (not inside a compiled function)
 * @throws RangeError for an index outside; DTypeError for what is no integer
 * @example
 * import { oneHot, tensor } from '@x/tensor'
 * oneHot(tensor([0, 2], { dtype: 'int32' }), 3).toArray() // [[1, 0, 0], [0, 0, 1]]
 */
export function oneHot(index: Tensor, classes?: number, options?: DTypeOption): Tensor {
  const { dtype } = optionsOf<Required<DTypeOption>>('oneHot', options, { dtype: 'int32' })
  const i = asIndex('oneHot', index)
  if (classes === undefined && i.size === 0)
    throw new RangeError('oneHot: without an index, say how many classes there are')
  const count = classes ?? i.max().item() + 1
  requireWhole('oneHot', 'classes', count, 1)
  const place = { op: 'oneHot', size: count, stride: 1, low: 0 }
  return tidy(() =>
    unsqueeze(locate(scalar(0, 'int32'), i, place), -1)
      .eq(arange(count, undefined, { dtype: 'int32' }))
      .cast(dtype),
  )
}

export interface VanderOptions {
  /** Whether powers grow from left to right. Default false, as in NumPy. */
  increasing?: boolean
}

/**
 * The powers of each element of a vector, in a row: [m] → [m, n], from xⁿ⁻¹ down to 1.
 * @param n default m
 * @throws ShapeError for what is no vector; RangeError for a count that is not whole, or an unknown option
 */
export function vander(x: Tensor, n: number = x?.size, options?: VanderOptions): Tensor {
  requireVector('vander', 'x', x)
  const { increasing } = optionsOf('vander', options, { increasing: false })
  requireWhole('vander', 'n', n, 0)
  const powers = increasing ? arange(n) : arange(n - 1, -1, { step: -1 })
  return pow(unsqueeze(x, 1), powers)
}
