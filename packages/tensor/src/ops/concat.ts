// Joining tensors along an axis.
import { DTYPES, type DType, promoteTypes } from '../dtype.ts'
import { ShapeError } from '../errors.ts'
import { defineOp, type OpRecord } from '../record.ts'
import { contiguousStrides, normalizeAxis, type Shape, show } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { atleast1d, atleast2d, atleast3d } from './arrange.ts'
import { dense, pasteTo } from './contiguous.ts'
import { ravel, unsqueeze } from './view.ts'
import { along, slice } from './window.ts'

interface Join {
  readonly axis: number
  readonly shape: Shape
}

/** Two at a time would copy again and again; records have a fixed number of inputs, so there is one op per count. */
const joins = new Map<number, (inputs: readonly Tensor[], p: Join) => Tensor>()

function joinOf(count: number): (inputs: readonly Tensor[], p: Join) => Tensor {
  const known = joins.get(count)
  if (known) return known
  const inputs = Array.from({ length: count }, (_, i) => `x${i}`)
  const grad: Record<string, NonNullable<OpRecord<Join>['grad']>[string]> = {}
  inputs.forEach((name, i) => {
    grad[name] = (context, { axis }) => {
      const start = inputs.slice(0, i).reduce((n, k) => n + context[k].shape[axis], 0)
      return along(context.dy, axis, slice(start, start + context[name].shape[axis]))
    }
  })
  const op = defineOp<Join>({
    name: `concat${count}`,
    inputs,
    native: DTYPES,
    cast: (xs) => xs.reduce<DType>((d, x) => promoteTypes(d, x.dtype), xs[0].dtype),
    shape: (_, { shape }) => shape,
    launch: (xs, y, { axis }) => {
      const strides = contiguousStrides(y.shape)
      let at = 0
      for (const x of xs) {
        pasteTo(dense(x), y, strides, at * strides[axis])
        at += x.shape[axis]
      }
    },
    grad,
  })
  joins.set(count, op)
  return op
}

/**
 * The tensors one behind the other along `axis`, or with null all flattened. Dtypes promote.
 * @throws ShapeError when another axis differs, or the list is empty
 */
export function concat(xs: readonly Tensor[], axis: number | null = 0): Tensor {
  if (xs instanceof Tensor) throw new TypeError('concat: give a list of tensors, concat([a, b])')
  if (xs.length === 0) throw new ShapeError('concat: needs at least one tensor')
  if (axis === null) return concat(xs.map(ravel))
  const first = xs[0].shape
  const at = normalizeAxis('concat', axis, first.length)
  for (const { shape } of xs) {
    if (shape.length !== first.length || shape.some((n, i) => i !== at && n !== first[i])) {
      throw new ShapeError(`concat: ${show(first)} and ${show(shape)} differ beside axis ${at}`)
    }
  }
  const shape = first.map((n, i) => (i === at ? xs.reduce((sum, x) => sum + x.shape[i], 0) : n))
  return joinOf(xs.length)(xs, { axis: at, shape })
}

/** The tensors side by side along a new axis. @throws ShapeError when shapes differ */
export function stack(xs: readonly Tensor[], axis = 0): Tensor {
  return concat(
    xs.map((x) => unsqueeze(x, axis)),
    axis,
  )
}

/** Rows one above the other: vectors as rows, else along the first axis. @throws ShapeError when other axes differ */
export const vstack = (xs: readonly Tensor[]): Tensor => concat(xs.map(atleast2d))

/** Along the third axis, after `atleast3d`. @throws ShapeError when other axes differ */
export const dstack = (xs: readonly Tensor[]): Tensor => concat(xs.map(atleast3d), 2)

/** Columns side by side: vectors as columns, else along the second axis. @throws ShapeError when other axes differ */
export const columnStack = (xs: readonly Tensor[]): Tensor =>
  concat(
    xs.map((x) => (x.ndim < 2 ? atleast2d(x).mT : x)),
    1,
  )

/** Vectors one behind the other, else along the second axis. @throws ShapeError when other axes differ */
export function hstack(xs: readonly Tensor[]): Tensor {
  const own = xs.map(atleast1d)
  return concat(own, own[0]?.ndim === 1 ? 0 : 1)
}
