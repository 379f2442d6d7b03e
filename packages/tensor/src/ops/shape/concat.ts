// Joining tensors along an axis.
import { DTYPES, type DType, promoteTypes } from '../../dtype.ts'
import { ShapeError } from '../../errors.ts'
import { requireList } from '../../options.ts'
import { defineOp, type Gradient, requireTensor } from '../../record.ts'
import { contiguousStrides, normalizeAxis, type Shape, show } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import { along, slice } from '../indexing/window.ts'
import { atleast1d, atleast2d, atleast3d } from './arrange.ts'
import { dense, pasteTo } from './contiguous.ts'
import { ravel, unsqueeze } from './view.ts'

interface Join {
  readonly axis: number
  readonly shape: Shape
  /** Where each tensor begins along the axis, and where the last one ends. */
  readonly ends: readonly number[]
}

/** Two at a time would copy again and again; records have a fixed number of inputs, so there is one op per count. */
const joins = new Map<number, (inputs: readonly Tensor[], p: Join) => Tensor>()

function joinOf(count: number): (inputs: readonly Tensor[], p: Join) => Tensor {
  const known = joins.get(count)
  if (known) return known
  const inputs = Array.from({ length: count }, (_, i) => `x${i}`)
  const gradient =
    (i: number): Gradient<Join> =>
    ({ dy }, { axis, ends }) =>
      along(dy, axis, slice(ends[i], ends[i + 1]))
  const op = defineOp<Join>({
    name: `concat${count}`,
    inputs,
    native: DTYPES,
    cast: (xs) => xs.reduce<DType>((d, x) => promoteTypes(d, x.dtype), xs[0].dtype),
    shape: (_, { shape }) => shape,
    launch: (xs, y, { axis, ends }) => {
      const strides = contiguousStrides(y.shape)
      for (let i = 0; i < xs.length; i++) pasteTo(dense(xs[i]), y, strides, ends[i] * strides[axis])
    },
    grad: Object.fromEntries(inputs.map((name, i) => [name, gradient(i)])),
  })
  joins.set(count, op)
  return op
}

/** What `op` makes of a list of tensors: each as `of` shows it, joined along `axis`. */
function joined(op: string, given: readonly Tensor[], axis: number, of?: (x: Tensor) => Tensor): Tensor {
  requireList(op, 'xs', given)
  if (given.length === 0) throw new ShapeError(`${op}: needs at least one tensor`)
  for (let i = 0; i < given.length; i++) requireTensor(op, `x${i}`, given[i])
  const xs = of ? given.map((x) => of(x)) : given
  const first = xs[0].shape
  const at = normalizeAxis(op, axis, first.length)
  for (const { shape } of xs) {
    if (shape.length !== first.length || shape.some((n, i) => i !== at && n !== first[i])) {
      throw new ShapeError(`${op}: ${show(first)} and ${show(shape)} differ beside axis ${at}`)
    }
  }
  const ends = [0]
  for (let i = 0; i < xs.length; i++) ends.push(ends[i] + xs[i].shape[at])
  const shape = [...first]
  shape[at] = ends[xs.length]
  return joinOf(xs.length)(xs, { axis: at, shape, ends })
}

/**
 * The tensors one behind the other along `axis`, or with null all flattened. Dtypes promote.
 * @throws ShapeError when another axis differs, or the list is empty; TypeError for what is no list of tensors
 * @example
 * import { concat, tensor } from '@x/tensor'
 * concat([tensor([1, 2]), tensor([3])]).toArray() // [1, 2, 3]
 */
export const concat = (xs: readonly Tensor[], axis: number | null = 0): Tensor =>
  axis === null ? joined('concat', xs, 0, ravel) : joined('concat', xs, axis)

/**
 * The tensors side by side along a new axis. [...], [...] → [2, ...] for axis 0. Dtypes promote.
 * @throws ShapeError when shapes differ, or the list is empty; TypeError for what is no list of tensors
 */
export const stack = (xs: readonly Tensor[], axis = 0): Tensor => joined('stack', xs, axis, (x) => unsqueeze(x, axis))

/** Rows one above the other: vectors as rows, else along the first axis. @throws ShapeError when other axes differ */
export const vstack = (xs: readonly Tensor[]): Tensor => joined('vstack', xs, 0, atleast2d)

/** Along the third axis, after `atleast3d`. @throws ShapeError when other axes differ */
export const dstack = (xs: readonly Tensor[]): Tensor => joined('dstack', xs, 2, atleast3d)

/** Columns side by side: vectors as columns, else along the second axis. @throws ShapeError when other axes differ */
export const columnStack = (xs: readonly Tensor[]): Tensor =>
  joined('columnStack', xs, 1, (x) => (x.ndim < 2 ? atleast2d(x).mT : x))

/** Vectors one behind the other, else along the second axis. @throws ShapeError when other axes differ */
export const hstack = (xs: readonly Tensor[]): Tensor => joined('hstack', xs, xs?.[0]?.ndim > 1 ? 1 : 0, atleast1d)
