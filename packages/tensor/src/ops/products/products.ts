// Products of tensors as NumPy names them: all of them come down to products of elements and of matrices.
import { checkAxis } from '../../axes.ts'
import { ShapeError } from '../../errors.ts'
import { checkOptions } from '../../options.ts'
import { requireTensor } from '../../record.ts'
import { normalizeAxis, type Shape, show, sizeOf } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import { mul } from '../elementwise/binary.ts'
import { at, slice } from '../indexing/slicing.ts'
import { sum } from '../reductions/reduce.ts'
import { permute, reshape } from '../shape/view.ts'
import { matmul } from './matmul.ts'

function requireBoth(op: string, a: Tensor, b: Tensor): void {
  requireTensor(op, 'a', a)
  requireTensor(op, 'b', b)
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
  requireBoth('tensordot', a, b)
  const [inA, inB] = meeting(a, b, axes)
  const lengths = inA.map((d, i) => {
    if (a.shape[d] === b.shape[inB[i]]) return a.shape[d]
    throw new ShapeError(
      `tensordot: axis ${d} of a ${show(a.shape)} and axis ${inB[i]} of b ${show(b.shape)} meet, ` +
        `but ${a.shape[d]} ≠ ${b.shape[inB[i]]}`,
    )
  })
  const rows = others(a, inA)
  const columns = others(b, inB)
  const k = sizeOf(lengths)
  const shapeOf = (x: Tensor, kept: readonly number[]): Shape => kept.map((d) => x.shape[d])
  const left = reshape(permute(a, [...rows, ...inA]), [sizeOf(shapeOf(a, rows)), k])
  const right = reshape(permute(b, [...inB, ...columns]), [k, sizeOf(shapeOf(b, columns))])
  return reshape(matmul(left, right), [...shapeOf(a, rows), ...shapeOf(b, columns)])
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

const others = (x: Tensor, axes: readonly number[]): number[] =>
  x.shape.map((_, d) => d).filter((d) => !axes.includes(d))

/**
 * Kronecker's product: every element of `a` times all of `b`, block by block. The shorter shape is filled up with ones
 * in front; y[i·n + j, …] = a[i, …]·b[j, …] where n is the length of b. Dtypes promote.
 * @example
 * import { eye, kron, tensor } from '@x/tensor'
 * kron(eye(2), tensor([[1, 2]])).toArray() // [[1, 2, 0, 0], [0, 0, 1, 2]]
 */
export function kron(a: Tensor, b: Tensor): Tensor {
  requireBoth('kron', a, b)
  const rank = Math.max(a.ndim, b.ndim)
  const full = (x: Tensor): Shape => [...new Array<number>(rank - x.ndim).fill(1), ...x.shape]
  const [shapeA, shapeB] = [full(a), full(b)]
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
  requireBoth('outer', a, b)
  if (a.ndim !== 1 || b.ndim !== 1) {
    throw new ShapeError(`outer: a ${show(a.shape)} and b ${show(b.shape)} are not both vectors; flatten() them`)
  }
  return mul(at(a, slice(), null), b)
}

/**
 * The sum of products along the last axis of each, a [.., k], b [.., k] → [..axes of a, ..axes of b]; a scalar multiplies.
 * @throws ShapeError when the last axes differ in length
 */
export function inner(a: Tensor, b: Tensor): Tensor {
  requireBoth('inner', a, b)
  if (a.ndim === 0 || b.ndim === 0) return mul(a, b)
  const [m, n] = [a.shape[a.ndim - 1], b.shape[b.ndim - 1]]
  if (m !== n) throw new ShapeError(`inner: the last axes differ: a ${show(a.shape)}, b ${show(b.shape)} (${m} ≠ ${n})`)
  return tensordot(a, b, [[-1], [-1]])
}

/** The sum of products of two vectors, [n], [n] → a scalar. @throws ShapeError unless they are vectors of one length */
export function dot(a: Tensor, b: Tensor): Tensor {
  requireBoth('dot', a, b)
  if (a.ndim !== 1 || b.ndim !== 1 || a.size !== b.size) {
    throw new ShapeError(`dot: a ${show(a.shape)} and b ${show(b.shape)} are not vectors of one length; see matmul`)
  }
  return matmul(a, b)
}

/** The sum of products of all elements, in row-major order: a scalar. @throws ShapeError unless there are as many */
export function vdot(a: Tensor, b: Tensor): Tensor {
  requireBoth('vdot', a, b)
  if (a.size !== b.size) throw new ShapeError(`vdot: a ${show(a.shape)} and b ${show(b.shape)} differ in size`)
  return matmul(reshape(a, [a.size]), reshape(b, [b.size]))
}

/**
 * The sum of products along one axis; the others broadcast. a [.., k, ..], b [.., k, ..] → without the axis.
 * @param options.axis of the shape that both broadcast to; both must have it. Default −1
 * @throws ShapeError when the axis is missing or its lengths differ, or other axes do not broadcast
 */
export function vecdot(a: Tensor, b: Tensor, options: { axis?: number } = {}): Tensor {
  checkOptions('vecdot', options, ['axis'])
  const { axis = -1 } = options
  requireBoth('vecdot', a, b)
  const rank = Math.max(a.ndim, b.ndim)
  const d = normalizeAxis('vecdot', axis, rank) - rank
  const [m, n] = [a, b].map((x) => x.shape[checkAxis('vecdot', d, x)])
  if (m !== n) {
    throw new ShapeError(`vecdot: axis ${axis} differs: a ${show(a.shape)}, b ${show(b.shape)} (${m} ≠ ${n})`)
  }
  return sum(mul(a, b), d)
}
