// Picking elements by tensors of positions.
import { checkAxis, requireVector } from '../../axes.ts'
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
import { contiguous, dense, denseAs } from '../shape/contiguous.ts'
import { expand, lineAxis, ravel } from '../shape/view.ts'
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

/** x as [outer, n, inner], n being the length of `axis`; a scalar is [1, 1, 1]. */
export function around(shape: Shape, axis: number): { outer: number; n: number; inner: number } {
  return { outer: sizeOf(shape.slice(0, axis)), n: lengthAt(shape, axis), inner: sizeOf(shape.slice(axis + 1)) }
}

/** The length of an axis; a scalar is one element. */
export const lengthAt = (shape: Shape, axis: number): number => shape[axis] ?? 1

/** `shape` with others in the place of the axis. */
export const inPlaceOf = (shape: Shape, axis: number, others: Shape): number[] => [
  ...shape.slice(0, axis),
  ...others,
  ...shape.slice(axis + 1),
]

/**
 * Ops that pick by position, and that add back what was picked: with `each` there is a position for each element, as in
 * gather, else for each slice, as in take.
 */
function pickingOps(name: string, each: boolean): { pick: OpFunction<Along>; addBack: OpFunction<Along> } {
  const [kernels, gradKernels] = [family(name, { bits: true }), family(`${name}Grad`)]
  const countOf = (index: Tensor, axis: number): number => (each ? lengthAt(index.shape, axis) : index.size)
  const pick: OpFunction<Along> = defineOp<Along>({
    name,
    inputs: ['x', 'index'],
    native: MOVING,
    shape: ([x, index], { axis, op = name }) => {
      if (!each) return inPlaceOf(x.shape, axis, index.shape)
      const fits = index.ndim === x.ndim && index.shape.every((n, i) => i === axis || n === x.shape[i])
      if (fits) return index.shape
      throw new ShapeError(`${op}: index ${show(index.shape)} differs from x ${show(x.shape)} beside axis ${axis}`)
    },
    launch: ([x, index], y, { axis, op = name }) => {
      const i = dense(index)
      const { outer, n, inner } = around(x.shape, axis)
      checkIndex(op, i, n)
      const count = countOf(i, axis)
      const work = each ? outer : outer * count
      run(kernels[x.dtype], work, y.size, pointer(dense(x)), pointer(i), pointer(y), n, count, inner)
    },
    grad: { x: ({ x, index, dy }, { axis }) => addBack([dy, index], { axis, shape: x.shape }) },
  })
  const addBack: OpFunction<Along> = defineOp<Along>({
    name: `${name}Grad`,
    inputs: ['g', 'index'],
    shape: (_, { shape }) => shape,
    launch: ([dy, index], dx, { axis, shape }) => {
      const { outer, n, inner } = around(shape, axis)
      const work = each ? outer : outer * inner
      const [d, i] = [pointer(dense(dy)), pointer(dense(index))]
      run(gradKernels[dx.dtype], work, dy.size, d, i, pointer(dx), n, countOf(index, axis), inner)
    },
    grad: { g: ({ dy, index }, { axis }) => pick([dy, index], { axis, shape: dy.shape }) },
  })
  return { pick, addBack }
}

const taking = pickingOps('take', false)
const gathering = pickingOps('gather', true)

/** Zeros of `shape` to which the slices of `dy` are added at the positions of `index` on `axis`: what `take` undoes. */
export function addBack(dy: Tensor, index: Tensor, shape: Shape, axis: number): Tensor {
  return taking.addBack([dy, index], { axis, shape })
}

/** `take` on behalf of another function, with int32 positions and an axis in range. */
export function takeFor(op: string, x: Tensor, index: Tensor, axis: number): Tensor {
  return taking.pick([x, index], { axis, shape: x.shape, op })
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
  requireVector('indexSelect', 'index', i, 0)
  return takeFor('indexSelect', x, ravel(i), checkAxis('indexSelect', axis, x))
}

/**
 * One element per position: y[…, i, …] = x[…, index[…, i, …], …] along `axis`.
 * `index` may be shorter than x beside the axis, as in PyTorch; negative positions count from the end, as in NumPy.
 * @throws ShapeError, DTypeError; RangeError for a position outside the axis
 */
export function gather(x: Tensor, index: Tensor, axis: number): Tensor {
  const a = lineAxis('gather', x, axis)
  const i = ofRank('gather', x, index)
  return gathering.pick([corner(x, i.shape, a), i], { axis: a, shape: x.shape })
}

/** `asIndex` of as many axes as x. @throws ShapeError, DTypeError */
function ofRank(op: string, x: Tensor, index: Tensor): Tensor {
  const i = asIndex(op, index)
  if (i.ndim === x.ndim) return i
  throw new ShapeError(`${op}: index ${show(i.shape)} needs the rank of x ${show(x.shape)}`)
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
  return gathering.pick([wide, i], { axis: a, shape: wide.shape, op: 'takeAlongAxis' })
}

/** x and index broadcast against each other beside `axis`. */
export function matched(
  op: string,
  x: Tensor,
  index: Tensor,
  axis: number,
): { x: Tensor; index: Tensor; axis: number } {
  const a = checkAxis(op, axis, x)
  const i = ofRank(op, x, index)
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
  const whole = contiguous(mask)
  const count = runForResult(positionsKernel, mask.size, pointer(whole), 0)
  return positionsOp([whole], { count })
}
