// Picking elements by tensors of positions.
import { checkAxis } from '../../axes.ts'
import { run, runCheck, runForResult } from '../../backend/launch.ts'
import { family, kernel } from '../../backend/tensorKernels.ts'
import { isFloating, MOVING } from '../../dtype.ts'
import { DTypeError, ShapeError } from '../../errors.ts'
import { hostRead } from '../../hostRead.ts'
import { tick } from '../../memory/blocks.ts'
import { heap } from '../../memory/heap.ts'
import { defineOp, type OpFunction, requireTensor } from '../../record.ts'
import { broadcastShapes, type Shape, show, sizeOf } from '../../shape.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { toInt32 } from '../elementwise/rules.ts'
import { dense, denseAs } from '../shape/contiguous.ts'
import { expand, ofScalar, ravel } from '../shape/view.ts'
import { basic, slice, windowed } from './window.ts'

interface Along {
  readonly axis: number
  /** Shape of x. */
  readonly shape: Shape
  /** Who asks: messages name it. Default: the op. */
  readonly op?: string
}

const badIndex = kernel('badIndex_i32')

/** Throws for the first of contiguous positions outside [low, size). */
export function checkIndex(op: string, index: Tensor, size: number, low: number = -size): void {
  const address = pointer(index)
  const { size: count } = index
  runCheck(() => {
    const at = runForResult(badIndex, count, address, low, size)
    if (at < 0) return
    throw new RangeError(
      `${op}: index ${heap.i32[(address >>> 2) + at]} (at flat position ${at}) is outside an axis of length ${size}`,
    )
  })
}

/** Positions as int32, what lies beyond its range as its ends. @throws DTypeError for what is not integer */
export function asIndex(op: string, index: Tensor): Tensor {
  requireTensor(op, 'index', index)
  if (isFloating(index.dtype) || index.dtype === 'bool') {
    throw new DTypeError(`${op}: index has dtype ${index.dtype}; positions are int32, cast('int32') if that is meant`)
  }
  return (index.dtype === 'int64' ? index.cast('float64') : index).cast('int32')
}

/** x as [outer, n, inner], n being the length of `axis`. */
export function around(shape: Shape, axis: number): { outer: number; inner: number } {
  return { outer: sizeOf(shape.slice(0, axis)), inner: sizeOf(shape.slice(axis + 1)) }
}

const takeKernel = family('take', { bits: true })
const takeGradKernel = family('takeGrad')
const gatherKernel = family('gather', { bits: true })
const gatherGradKernel = family('gatherGrad')

const takeOp = defineOp<Along>({
  name: 'take',
  inputs: ['x', 'index'],
  native: MOVING,
  shape: ([x, index], { axis }) => [...x.shape.slice(0, axis), ...index.shape, ...x.shape.slice(axis + 1)],
  launch: ([x, index], y, { axis, op = 'take' }) => {
    const i = dense(index)
    const size = x.shape[axis]
    checkIndex(op, i, size)
    const { outer, inner } = around(x.shape, axis)
    const d = dense(x)
    run(takeKernel[x.dtype], outer * i.size, y.size, pointer(d), pointer(i), pointer(y), size, i.size, inner)
  },
  grad: { x: ({ x, index, dy }, p) => takeGradOp([dy, index], { axis: p.axis, shape: x.shape }) },
})

const takeGradOp: OpFunction<Along> = defineOp<Along>({
  name: 'takeGrad',
  inputs: ['g', 'index'],
  shape: (_, { shape }) => shape,
  launch: ([dy, index], dx, { axis, shape }) => {
    const { outer, inner } = around(shape, axis)
    const i = dense(index)
    const d = dense(dy)
    const size = shape[axis]
    run(takeGradKernel[dx.dtype], outer * inner, dy.size, pointer(d), pointer(i), pointer(dx), size, i.size, inner)
  },
  grad: { g: ({ dy, index }, { axis }) => takeFor('take', dy, index, axis) },
})

/** Zeros of `shape` to which the slices of `dy` are added at the positions of `index` on `axis`: what `take` undoes. */
export function addBack(dy: Tensor, index: Tensor, shape: Shape, axis: number): Tensor {
  return takeGradOp([dy, index], { axis, shape })
}

/** `take` on behalf of another function, with int32 positions and an axis in range. */
export function takeFor(op: string, x: Tensor, index: Tensor, axis: number): Tensor {
  return takeOp([x, index], { axis, shape: x.shape, op })
}

/**
 * The slices of `x` along `axis` at the positions of `index`: the axis is replaced by the shape of `index`.
 * With axis 0 on a table of vectors this is an embedding. Negative positions count from the end.
 * @param index int32 (or another integer dtype), any shape
 * @param axis default 0; null takes from the flattened tensor, as torch.take
 * @throws RangeError for a position outside the axis, DTypeError for an index that is not integer
 * @example
 * import { tensor } from '@x/tensor'
 * tensor([10, 20, 30]).take(tensor([2, 0], { dtype: 'int32' })).toArray() // [30, 10]
 */
export function take(x: Tensor, index: Tensor, axis: number | null = 0): Tensor {
  const flat = axis === null ? ravel(x) : x
  return takeFor('take', flat, asIndex('take', index), axis === null ? 0 : checkAxis('take', axis, x))
}

/**
 * The slices of `x` at the positions of a one-dimensional `index` along `axis`, as torch.index_select.
 * @throws ShapeError when the index has more axes; RangeError, DTypeError as `take`
 */
export function indexSelect(x: Tensor, index: Tensor, axis = 0): Tensor {
  const i = asIndex('indexSelect', index)
  if (i.ndim > 1) throw new ShapeError(`indexSelect: index ${show(i.shape)} has more than one axis; take() takes any`)
  return takeFor('indexSelect', x, ravel(i), checkAxis('indexSelect', axis, x))
}

const gatherOp = defineOp<Along>({
  name: 'gather',
  inputs: ['x', 'index'],
  native: MOVING,
  shape: ([x, index], { axis, op = 'gather' }) => {
    const fits = index.ndim === x.ndim && index.shape.every((n, i) => i === axis || n === x.shape[i])
    if (!fits)
      throw new ShapeError(`${op}: index ${show(index.shape)} differs from x ${show(x.shape)} beside axis ${axis}`)
    return index.shape
  },
  launch: ([x, index], y, { axis, op = 'gather' }) => {
    const i = dense(index)
    const size = x.shape[axis]
    checkIndex(op, i, size)
    const { outer, inner } = around(x.shape, axis)
    const d = dense(x)
    run(gatherKernel[x.dtype], outer, y.size, pointer(d), pointer(i), pointer(y), size, i.shape[axis], inner)
  },
  grad: { x: ({ x, index, dy }, { axis }) => gatherGradOp([dy, index], { axis, shape: x.shape }) },
})

const gatherGradOp: OpFunction<Along> = defineOp<Along>({
  name: 'gatherGrad',
  inputs: ['g', 'index'],
  shape: (_, { shape }) => shape,
  launch: ([dy, index], dx, { axis, shape }) => {
    const { outer, inner } = around(shape, axis)
    const i = dense(index)
    const d = dense(dy)
    const count = i.shape[axis]
    run(gatherGradKernel[dx.dtype], outer, dy.size, pointer(d), pointer(i), pointer(dx), shape[axis], count, inner)
  },
  grad: { g: ({ dy, index }, { axis }) => gather(dy, index, axis) },
})

/**
 * One element per position: y[…, i, …] = x[…, index[…, i, …], …] along `axis`.
 * `index` may be shorter than x beside the axis, as in PyTorch; negative positions count from the end, as in NumPy.
 * @throws ShapeError, DTypeError; RangeError for a position outside the axis
 */
export function gather(x: Tensor, index: Tensor, axis: number): Tensor {
  if (x?.ndim === 0 && index?.ndim === 0) return ofScalar(x, (row) => gather(row, ravel(index), axis))
  const a = checkAxis('gather', axis, x)
  const i = asIndex('gather', index)
  if (i.ndim !== x.ndim) throw new ShapeError(`gather: index ${show(i.shape)} needs the rank of x ${show(x.shape)}`)
  return gatherOp([corner(x, i.shape, a), i], { axis: a, shape: x.shape })
}

/** The first elements of `x` on every axis, as many as `shape` has; all on `axis`. A view. */
export function corner(x: Tensor, shape: Shape, axis: number): Tensor {
  const smaller = shape.some((n, i) => i !== axis && n < x.shape[i])
  return smaller ? windowed(x, basic(shape.map((n, i) => slice(0, i === axis ? null : n)))) : x
}

/**
 * One element per position along `axis`, as `gather`, but x and index broadcast beside it: NumPy's take_along_axis,
 * torch.take_along_dim. Puts the result of argsort or argmax (with keepdims) to use.
 * @param axis default −1; null for both flattened
 * @throws ShapeError when the ranks differ or shapes do not broadcast; RangeError, DTypeError
 * @example
 * import { takeAlongAxis, tensor } from '@x/tensor'
 * const x = tensor([[1, 5], [7, 2]])
 * takeAlongAxis(x, x.argmax(1, { keepdims: true }), 1).toArray() // [[5], [7]]
 */
export function takeAlongAxis(x: Tensor, index: Tensor, axis: number | null = -1): Tensor {
  if (axis === null) return takeAlongAxis(ravel(x), ravel(index), 0)
  const { x: wide, index: i, axis: a } = matched('takeAlongAxis', x, index, axis)
  return gatherOp([wide, i], { axis: a, shape: wide.shape, op: 'takeAlongAxis' })
}

/** x and index broadcast against each other beside `axis`. */
export function matched(
  op: string,
  x: Tensor,
  index: Tensor,
  axis: number,
): { x: Tensor; index: Tensor; axis: number } {
  const a = checkAxis(op, axis, x)
  const i = asIndex(op, index)
  if (i.ndim !== x.ndim) throw new ShapeError(`${op}: index ${show(i.shape)} needs the rank of x ${show(x.shape)}`)
  const but = (shape: Shape, n: number): number[] => shape.map((m, k) => (k === a ? n : m))
  const shape = broadcastShapes(op, but(x.shape, 1), but(i.shape, 1))
  return { x: expand(x, but(shape, x.shape[a])), index: expand(i, but(shape, i.shape[a])), axis: a }
}

interface Place {
  readonly op: string
  readonly size: number
  readonly stride: number
  /** The least position that passes. Default −size. */
  readonly low?: number
}

const locateKernel = kernel('locate_i32')
const locateOp = defineOp<Place>({
  name: 'locate',
  inputs: ['base', 'index'],
  dtype: toInt32,
  shape: ([base, index], { op }) => broadcastShapes(op, base.shape, index.shape),
  launch: ([base, given], y, { op, size, stride, low }) => {
    const index = dense(given)
    checkIndex(op, index, size, low)
    const [b, i] = [denseAs(base, y.shape), denseAs(index, y.shape)]
    run(locateKernel, y.size, y.size, pointer(b), pointer(i), pointer(y), size, stride)
  },
  grad: null,
})

/** base + index · stride, with `index` checked against an axis of length `size` and counted from its front; int32. */
export function locate(base: Tensor, index: Tensor, place: Place): Tensor {
  return locateOp([base, index], place)
}

const positionsKernel = kernel('positions_u8')
const positionsOp = defineOp<{ count: number }>({
  name: 'positions',
  inputs: ['mask'],
  dtype: toInt32,
  shape: (_, { count }) => [count],
  launch: ([mask], y) => void runForResult(positionsKernel, mask.size, pointer(dense(mask)), pointer(y)),
  grad: null,
})

/** Where a bool tensor is true: flat positions in order, int32 [count]. @throws Error inside a compiled function */
export function positions(op: string, mask: Tensor): Tensor {
  hostRead(`${op} with a mask`)
  tick()
  const whole = mask.isContiguous ? mask : mask.copy()
  const count = runForResult(positionsKernel, mask.size, pointer(whole), 0)
  return positionsOp([whole], { count })
}
