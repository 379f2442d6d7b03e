// Writing by position: the ops that replace elements of a copy or let values meet them, and the kernels in place.
import { run } from '../../backend/launch.ts'
import { family } from '../../backend/scatterKernels.ts'
import { boundsOf, type DType, MOVING } from '../../dtype.ts'
import { ShapeError } from '../../errors.ts'
import { defineOp, type Gradient, type OpFunction, requireTensor, scalar, type TensorLike } from '../../record.ts'
import { type Shape, show } from '../../shape.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { othersOf } from '../elementwise/kinks.ts'
import { copyTo, dense, denseAs } from '../shape/contiguous.ts'
import { expand } from '../shape/view.ts'
import { around, checkIndex, gather, inPlaceOf, takeFor } from './indexing.ts'

export interface Placing {
  /** Who asks: messages name it. */
  readonly op: string
  readonly axis: number
  /** Whether there is a position for each element (as in scatter), or for each slice (as in take). */
  readonly each: boolean
}

/** How values meet: the numbers of the kernels. */
export const MEETINGS = { sum: 0, prod: 1, amax: 2, amin: 3 } as const
export type Meeting = keyof typeof MEETINGS

export interface Reducing extends Placing {
  readonly reduce: Meeting
  readonly includeSelf: boolean
}

const scatterKernel = family('scatter', { bits: true })
const reduceKernel = family('scatterReduce')
const REDUCING: readonly DType[] = ['float32', 'float64', 'int32']

/** Whether `placeInto` has a kernel. */
export const placesInto = (dtype: DType, meet: Meeting | null): boolean =>
  (meet === null ? MOVING : REDUCING).includes(dtype)

/**
 * Writes `src` at positions of contiguous `y`: replaces what is there, or lets it meet.
 * @param index contiguous; of the rank of y with `each`, else of any
 * @param src contiguous, an element for each written one; or one element for all
 */
export function placeInto(y: Tensor, index: Tensor, src: Tensor, p: Placing, meet: Meeting | null): void {
  const { axis, each } = p
  const { outer, n, inner } = around(y.shape, axis)
  checkIndex(p.op, index, n)
  const count = each ? index.shape[axis] : index.size
  const columns = outer * inner
  const kernel = (meet === null ? scatterKernel : reduceKernel)[y.dtype]
  const args = [pointer(src), pointer(index), pointer(y), n, count, inner, Number(each), Number(src.size !== 1)]
  run(kernel, columns, columns * count, ...args, ...(meet === null ? [] : [MEETINGS[meet]]))
}

/** The shape of what is written. */
const writtenShape = (shape: Shape, index: Tensor, { axis, each }: Placing): Shape =>
  each ? index.shape : inPlaceOf(shape, axis, index.shape)

/** `src` as the kernels take it. */
const denseSource = (src: Tensor, shape: Shape): Tensor => (src.size === 1 ? dense(src) : denseAs(src, shape))

/** What stands where `p` would write: the adjoint of writing. */
const pick = (x: Tensor, index: Tensor, { op, axis, each }: Placing): Tensor =>
  each ? gather(x, index, axis) : takeFor(op, x, index, axis)

export const scatterOp: OpFunction<Placing> = defineOp<Placing>({
  name: 'scatter',
  inputs: ['x', 'index', 'src'],
  native: MOVING,
  shape: ([x]) => x.shape,
  launch: ([x, index, src], y, p) => {
    copyTo(x, y)
    placeInto(y, dense(index), denseSource(src, writtenShape(x.shape, index, p)), p, null)
  },
  grad: {
    x: ({ index, dy }, p) => cleared(dy, index, p),
    src: ({ index, dy }, p) => pick(dy, index, p),
  },
})

/** x with 0 where `p` would write. */
const cleared = (x: Tensor, index: Tensor, p: Placing): Tensor => scatterOp([x, index, scalar(0, x.dtype)], p)

/** What meeting leaves unchanged, in a dtype. */
function identityOf(meet: Meeting, dtype: DType): Tensor {
  const [amax, amin] = boundsOf(dtype) ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  return scalar({ sum: 0, prod: 1, amax, amin }[meet], dtype)
}

/** 1 for those that are the largest (or smallest) of their place, x before src. */
function hitsOf(x: Tensor, index: Tensor, src: Tensor, y: Tensor, p: Reducing): readonly [own: Tensor, met: Tensor] {
  const own = x.eq(y).cast(x.dtype)
  return [
    p.includeSelf ? own : cleared(own, index, p),
    expand(src, writtenShape(x.shape, index, p))
      .eq(pick(y, index, p))
      .cast(x.dtype),
  ]
}

const reduceGrad: Readonly<Record<'x' | 'src', Gradient<Reducing>>> = {
  x: (context, p) => {
    const { x, index, src, y, dy, product, zeros } = context
    if (p.reduce === 'amax' || p.reduce === 'amin') {
      const [own, met] = hitsOf(x, index, src, y, p)
      return dy.mul(own).div(meet('sum', [own, index, met], p))
    }
    const dx = p.reduce === 'sum' ? dy : dy.mul(othersOf(x, product, zeros))
    return p.includeSelf ? dx : cleared(dx, index, p)
  },
  src: (context, p) => {
    const { x, index, src, y, dy, product, zeros } = context
    if (p.reduce === 'sum') return pick(dy, index, p)
    if (p.reduce === 'prod') {
      return pick(dy, index, p).mul(othersOf(src, pick(product, index, p), pick(zeros, index, p)))
    }
    const [own, met] = hitsOf(x, index, src, y, p)
    return met.mul(pick(dy.div(meet('sum', [own, index, met], p)), index, p))
  },
}

export const reduceOp: OpFunction<Reducing> = defineOp<Reducing>({
  name: 'scatterReduce',
  inputs: ['x', 'index', 'src'],
  native: REDUCING,
  shape: ([x]) => x.shape,
  launch: ([x, given, src], y, p) => {
    const index = dense(given)
    copyTo(x, y)
    if (!p.includeSelf) placeInto(y, index, identityOf(p.reduce, y.dtype), p, null)
    placeInto(y, index, denseSource(src, writtenShape(x.shape, index, p)), p, p.reduce)
  },
  // Products are divided out, with those that are 0 set aside and counted.
  prepare: ({ x, index, src }, p): Readonly<Record<string, Tensor>> => {
    if (p.reduce !== 'prod') return {}
    const [own, met] = [x.eq(0), src.eq(0)]
    return {
      product: reduceOp([own.where(1, x), index, met.where(1, src)], p),
      zeros: reduceOp([own.cast(x.dtype), index, met.cast(x.dtype)], { ...p, reduce: 'sum' }),
    }
  },
  grad: reduceGrad,
})

/** What is there, and what comes: reduced to one. */
export const meet = (reduce: Meeting, inputs: readonly TensorLike[], p: Placing): Tensor =>
  reduceOp(inputs, { ...p, reduce, includeSelf: true })

/** A value as a tensor of the dtype of `x`, that broadcasts to `shape`. @throws ShapeError */
export function valuesFor(op: string, x: Tensor, value: TensorLike, shape: Shape): Tensor {
  if (typeof value === 'number') return scalar(value, x.dtype)
  requireTensor(op, 'value', value)
  const lead = Math.max(0, value.ndim - shape.length)
  const own = value.shape.slice(lead)
  const fits = own.every((n, i) => n === 1 || n === shape[shape.length - own.length + i])
  if (!fits || value.shape.slice(0, lead).some((n) => n !== 1)) {
    throw new ShapeError(
      `${op}: values ${show(value.shape)} do not broadcast to ${show(shape)}, which is to be written`,
    )
  }
  return (lead > 0 ? value.reshape(own) : value).cast(x.dtype)
}

/** A copy of `x` in which the slices at `index` on an axis are replaced by values, or meet them. */
export function placeSlices(
  op: string,
  x: Tensor,
  index: Tensor,
  value: TensorLike,
  axis: number,
  by: Meeting | null,
): Tensor {
  const p: Placing = { op, axis, each: false }
  const src = valuesFor(op, x, value, writtenShape(x.shape, index, p))
  return by === null ? scatterOp([x, index, src], p) : meet(by, [x, index, src], p)
}
