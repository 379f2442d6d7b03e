// Products of tensors as NumPy names them: all of them come down to products of elements and of matrices.
import { checkAxis, requireTensors, requireVector } from '../../axes.ts'
import { ShapeError } from '../../errors.ts'
import { optionsOf } from '../../options.ts'
import { entriesAt, normalizeAxis, show, sizeOf } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import { mul } from '../elementwise/binary.ts'
import { at, slice } from '../indexing/slicing.ts'
import { sum } from '../reductions/reduce.ts'
import { onesBefore } from '../shape/repeat.ts'
import { permute, ravel, reshape } from '../shape/view.ts'
import { matmul } from './matmul.ts'

function requireVectors(op: string, a: Tensor, b: Tensor): void {
  requireVector(op, 'a', a)
  requireVector(op, 'b', b)
}

/**
 * The sum of products over some axes of `a` and as many of `b`; the others follow each other in the result.
 * a [..rows, ..summed], b [..summed, ..columns] → [..rows, ..columns]. Dtypes promote.
 * @param axes how many of the last axes of a meet the first of b (0 is the outer product), or the axes that meet, as
 * [axes of a, axes of b]. Default 2
 * @throws ShapeError for axes that are not there or differ in length; RangeError for a count of axes that is none
 * @example
 * import { ones, tensordot } from '@x/tensor'
 * tensordot(ones([2, 3, 4]), ones([4, 3, 5]), [[1, 2], [1, 0]]).shape // [2, 5]
 */
export function tensordot(
  a: Tensor,
  b: Tensor,
  axes: number | readonly [readonly number[], readonly number[]] = 2,
): Tensor {
  requireTensors('tensordot', { a, b })
  return contracted('tensordot', a, b, ...meeting(a, b, axes))
}

/** The sum of products over these axes, which meet. */
function contracted(op: string, a: Tensor, b: Tensor, inA: readonly number[], inB: readonly number[]): Tensor {
  for (const [i, axis] of inA.entries()) requireMeeting(op, a, axis, b, inB[i])
  const [rows, columns] = [othersOf(a, inA), othersOf(b, inB)]
  const [m, n, k] = [entriesAt(a.shape, rows), entriesAt(b.shape, columns), sizeOf(entriesAt(a.shape, inA))]
  const left = reshape(permute(a, [...rows, ...inA]), [sizeOf(m), k])
  const right = reshape(permute(b, [...inB, ...columns]), [k, sizeOf(n)])
  return reshape(matmul(left, right), [...m, ...n])
}

const othersOf = (x: Tensor, axes: readonly number[]): number[] => [...x.shape.keys()].filter((d) => !axes.includes(d))

/** @throws ShapeError unless two axes have the same length */
function requireMeeting(op: string, a: Tensor, axisA: number, b: Tensor, axisB: number): void {
  const [m, n] = [a.shape[axisA], b.shape[axisB]]
  if (m === n) return
  throw new ShapeError(
    `${op}: axis ${axisA} of a ${show(a.shape)} and axis ${axisB} of b ${show(b.shape)} meet, but ${m} ≠ ${n}`,
  )
}

function meeting(
  a: Tensor,
  b: Tensor,
  axes: number | readonly [readonly number[], readonly number[]],
): readonly [readonly number[], readonly number[]] {
  if (typeof axes === 'number') {
    if (!Number.isInteger(axes) || axes < 0 || axes > Math.min(a.ndim, b.ndim)) {
      throw new RangeError(`tensordot: a ${show(a.shape)} and b ${show(b.shape)} cannot meet in ${axes} axes`)
    }
    const count = Array.from({ length: axes }, (_, i) => i)
    return [count.map((i) => a.ndim - axes + i), count]
  }
  if (!Array.isArray(axes) || axes.length !== 2 || !axes.every(Array.isArray) || axes[0].length !== axes[1].length) {
    throw new ShapeError(`tensordot: axes ${JSON.stringify(axes)} are not two lists of equal length`)
  }
  const named = ([a, b] as const).map((x, i) => axes[i].map((d: number) => checkAxis('tensordot', d, x)))
  if (named.some((list) => new Set(list).size !== list.length))
    throw new ShapeError(`tensordot: axis given twice in ${JSON.stringify(axes)}`)
  return [named[0], named[1]]
}

/**
 * Kronecker's product: every element of `a` times all of `b`, block by block. The shorter shape is filled up with ones
 * in front; y[i·n + j, …] = a[i, …]·b[j, …] where n is the length of b. Dtypes promote.
 * @example
 * import { eye, kron, tensor } from '@x/tensor'
 * kron(eye(2), tensor([[1, 2]])).toArray() // [[1, 2, 0, 0], [0, 0, 1, 2]]
 */
export function kron(a: Tensor, b: Tensor): Tensor {
  requireTensors('kron', { a, b })
  const rank = Math.max(a.ndim, b.ndim)
  const [shapeA, shapeB] = [onesBefore(a.shape, rank), onesBefore(b.shape, rank)]
  const blocks = mul(
    reshape(
      a,
      shapeA.flatMap((n) => [n, 1]),
    ),
    reshape(
      b,
      shapeB.flatMap((n) => [1, n]),
    ),
  )
  return reshape(
    blocks,
    shapeA.map((n, d) => n * shapeB[d]),
  )
}

/** Every product of two vectors’ elements, a [m], b [n] → [m, n]. @throws ShapeError unless both have one axis */
export function outer(a: Tensor, b: Tensor): Tensor {
  requireVectors('outer', a, b)
  return mul(at(a, slice(), null), b)
}

/**
 * The sum of products along the last axis of each, a [.., k], b [.., k] → [..axes of a, ..axes of b]; a scalar multiplies.
 * @throws ShapeError when the last axes differ in length
 */
export function inner(a: Tensor, b: Tensor): Tensor {
  requireTensors('inner', { a, b })
  if (a.ndim === 0 || b.ndim === 0) return mul(a, b)
  return contracted('inner', a, b, [a.ndim - 1], [b.ndim - 1])
}

/** The sum of products of two vectors, [n], [n] → a scalar. @throws ShapeError unless they are vectors of one length */
export function dot(a: Tensor, b: Tensor): Tensor {
  requireVectors('dot', a, b)
  requireMeeting('dot', a, 0, b, 0)
  return matmul(a, b)
}

/** The sum of products of all elements, in row-major order: a scalar. @throws ShapeError unless there are as many */
export function vdot(a: Tensor, b: Tensor): Tensor {
  requireTensors('vdot', { a, b })
  if (a.size !== b.size) throw new ShapeError(`vdot: a ${show(a.shape)} and b ${show(b.shape)} differ in size`)
  return matmul(ravel(a), ravel(b))
}

/**
 * The sum of products along one axis; the others broadcast. a [.., k, ..], b [.., k, ..] → without the axis.
 * @param options.axis of the shape that both broadcast to; both must have it. Default −1
 * @throws ShapeError when the axis is missing or its lengths differ, or other axes do not broadcast
 */
export function vecdot(a: Tensor, b: Tensor, options?: { axis?: number }): Tensor {
  const { axis } = optionsOf('vecdot', options, { axis: -1 })
  requireTensors('vecdot', { a, b })
  const rank = Math.max(a.ndim, b.ndim)
  const d = normalizeAxis('vecdot', axis, rank) - rank
  requireMeeting('vecdot', a, checkAxis('vecdot', d, a), b, checkAxis('vecdot', d, b))
  return sum(mul(a, b), d)
}
