// Picking elements by tensors of positions.
import { run, runCheck, runForResult } from '../backend/launch.ts'
import { family, kernel } from '../backend/tensorKernels.ts'
import { DTypeError, ShapeError } from '../errors.ts'
import { heap } from '../memory/heap.ts'
import { defineOp } from '../record.ts'
import { normalizeAxis, type Shape, show, sizeOf } from '../shape.ts'
import { pointer, type Tensor } from '../tensor.ts'
import { dense } from './contiguous.ts'
import { slice } from './slicing.ts'

interface Along {
  readonly axis: number
  /** Shape of x. */
  readonly shape: Shape
}

const badIndex = kernel('badIndex_i32')

/** Throws for the first position outside [−size, size). */
function checkIndex(op: string, index: Tensor, size: number): void {
  const address = pointer(index)
  const { size: count } = index
  runCheck(() => {
    const at = runForResult(badIndex, count, address, size)
    if (at < 0) return
    throw new RangeError(
      `${op}: index ${heap.i32[(address >>> 2) + at]} (at flat position ${at}) is outside an axis of length ${size}`,
    )
  })
}

function asIndex(op: string, index: Tensor): Tensor {
  if (index.dtype === 'float32' || index.dtype === 'float64' || index.dtype === 'bool') {
    throw new DTypeError(`${op}: index has dtype ${index.dtype}; positions are int32, cast('int32') if that is meant`)
  }
  return index.cast('int32')
}

const takeKernel = family('take', { bits: true })
const takeGradKernel = family('takeGrad')
const gatherKernel = family('gather', { bits: true })
const gatherGradKernel = family('gatherGrad')

const takeOp = defineOp<Along>({
  name: 'take',
  inputs: ['x', 'index'],
  shape: ([x, index], { axis }) => [...x.shape.slice(0, axis), ...index.shape, ...x.shape.slice(axis + 1)],
  launch: ([x, index], y, { axis }) => {
    const i = dense(index)
    checkIndex('take', i, x.shape[axis])
    const inner = sizeOf(x.shape.slice(axis + 1))
    const outer = sizeOf(x.shape.slice(0, axis))
    const d = dense(x)
    run(
      takeKernel[x.dtype],
      outer * index.size,
      y.size,
      pointer(d),
      pointer(i),
      pointer(y),
      x.shape[axis],
      index.size,
      inner,
    )
  },
  grad: { x: ({ x, index, dy }, p) => takeGradOp([dy, index], { axis: p.axis, shape: x.shape }) },
})

const takeGradOp = defineOp<Along>({
  name: 'takeGrad',
  inputs: ['g', 'index'],
  shape: (_, { shape }) => shape,
  launch: ([dy, index], dx, { axis, shape }) => {
    const inner = sizeOf(shape.slice(axis + 1))
    const outer = sizeOf(shape.slice(0, axis))
    const i = dense(index)
    const d = dense(dy)
    run(
      takeGradKernel[dx.dtype],
      outer * inner,
      dy.size,
      pointer(d),
      pointer(i),
      pointer(dx),
      shape[axis],
      index.size,
      inner,
    )
  },
  grad: { g: ({ dy, index }, { axis }) => take(dy, index, axis) },
})

/**
 * The slices of `x` along `axis` at the positions of `index`: the axis is replaced by the shape of `index`.
 * With axis 0 on a table of vectors this is an embedding. Negative positions count from the end.
 * @param index int32 or uint8, any shape
 * @throws RangeError for a position outside the axis, DTypeError for an index that is not integer
 * @example
 * import { tensor } from '@x/tensor'
 * tensor([10, 20, 30]).take(tensor([2, 0], { dtype: 'int32' })).toArray() // [30, 10]
 */
export function take(x: Tensor, index: Tensor, axis = 0): Tensor {
  const a = normalizeAxis('take', axis, x.ndim)
  return takeOp([x, asIndex('take', index)], { axis: a, shape: x.shape })
}

const gatherOp = defineOp<Along>({
  name: 'gather',
  inputs: ['x', 'index'],
  shape: ([x, index], { axis }) => {
    const fits = index.ndim === x.ndim && index.shape.every((n, i) => i === axis || n === x.shape[i])
    if (!fits)
      throw new ShapeError(`gather: index ${show(index.shape)} differs from x ${show(x.shape)} beside axis ${axis}`)
    return index.shape
  },
  launch: ([x, index], y, { axis }) => {
    const i = dense(index)
    checkIndex('gather', i, x.shape[axis])
    const inner = sizeOf(x.shape.slice(axis + 1))
    const outer = sizeOf(x.shape.slice(0, axis))
    const d = dense(x)
    run(
      gatherKernel[x.dtype],
      outer,
      y.size,
      pointer(d),
      pointer(i),
      pointer(y),
      x.shape[axis],
      index.shape[axis],
      inner,
    )
  },
  grad: { x: ({ x, index, dy }, { axis }) => gatherGradOp([dy, index], { axis, shape: x.shape }) },
})

const gatherGradOp = defineOp<Along>({
  name: 'gatherGrad',
  inputs: ['g', 'index'],
  shape: (_, { shape }) => shape,
  launch: ([dy, index], dx, { axis, shape }) => {
    const inner = sizeOf(shape.slice(axis + 1))
    const outer = sizeOf(shape.slice(0, axis))
    const i = dense(index)
    const d = dense(dy)
    run(
      gatherGradKernel[dx.dtype],
      outer,
      dy.size,
      pointer(d),
      pointer(i),
      pointer(dx),
      shape[axis],
      index.shape[axis],
      inner,
    )
  },
  grad: { g: ({ dy, index }, { axis }) => gather(dy, index, axis) },
})

/**
 * One element per position: y[…, i, …] = x[…, index[…, i, …], …] along `axis`.
 * `index` may be shorter than x beside the axis, as in PyTorch.
 * @throws ShapeError, RangeError, DTypeError
 */
export function gather(x: Tensor, index: Tensor, axis: number): Tensor {
  const a = normalizeAxis('gather', axis, x.ndim)
  if (index.ndim !== x.ndim)
    throw new ShapeError(`gather: index ${show(index.shape)} needs the rank of x ${show(x.shape)}`)
  const smaller = index.shape.some((n, i) => i !== a && n < x.shape[i])
  const part = smaller ? x.at(...index.shape.map((n, i) => slice(0, i === a ? null : n))) : x
  return gatherOp([part, asIndex('gather', index)], { axis: a, shape: part.shape })
}
