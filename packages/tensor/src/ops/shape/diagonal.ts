// Diagonals: as views, as matrices, and what lies on either side of them.
import { arange, type DTypeOption, full, tensor } from '../../create.ts'
import { checkDType } from '../../dtype.ts'
import { ShapeError } from '../../errors.ts'
import { optionsOf, requireWhole } from '../../options.ts'
import { requireTensor, scalar } from '../../record.ts'
import { checkShape, normalizeAxes, normalizeAxis, show } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import { ge, where } from '../elementwise/binary.ts'
import { spreadOp, type WindowOf, windowed } from '../indexing/window.ts'
import { inserted } from './arrange.ts'
import { ravel } from './view.ts'

export interface DiagonalOptions {
  /** 0 is the main diagonal, positive ones lie above it, negative ones below. Default 0. */
  offset?: number
  /** The axis of rows. Default 0; of `diagEmbed` −2. */
  axis1?: number
  /** The axis of columns. Default 1; of `diagEmbed` −1. */
  axis2?: number
}

/** The diagonal between two axes, as a last axis in their place. */
const diagonalOf =
  (offset: number, a: number, b: number): WindowOf =>
  (shape, strides) => {
    const length = Math.max(0, Math.min(shape[a] - Math.max(0, -offset), shape[b] - Math.max(0, offset)))
    const others = [...shape.keys()].filter((i) => i !== a && i !== b)
    return {
      shape: [...others.map((i) => shape[i]), length],
      strides: [...others.map((i) => strides[i]), strides[a] + strides[b]],
      offset: length === 0 ? 0 : offset < 0 ? -offset * strides[a] : offset * strides[b],
    }
  }

/** Offset and axes among those of `x` and `more`. */
function axesOf(
  op: string,
  options: DiagonalOptions | undefined,
  x: Tensor,
  first: number,
  more = 0,
): [offset: number, a: number, b: number] {
  requireTensor(op, 'x', x)
  const rank = x.ndim + more
  const { offset, axis1, axis2 } = optionsOf(op, options, { offset: 0, axis1: first, axis2: first + 1 })
  requireWhole(op, 'offset', offset)
  normalizeAxes(op, [axis1, axis2], rank)
  return [offset, normalizeAxis(op, axis1, rank), normalizeAxis(op, axis2, rank)]
}

/**
 * A view of the diagonal between two axes, which becomes the last axis.
 * @throws ShapeError unless the axes are two different ones; RangeError unless the offset is whole
 * @example
 * import { arange, diagonal } from '@x/tensor'
 * diagonal(arange(6).reshape([2, 3]), { offset: 1 }).toArray() // [1, 5]
 */
export function diagonal(x: Tensor, options?: DiagonalOptions): Tensor {
  return windowed(x, diagonalOf(...axesOf('diagonal', options, x, 0)))
}

/**
 * Matrices between two new axes whose diagonals are the last axis of `x`, zero elsewhere: what `diagonal` undoes.
 * [..., n] → [..., n + |offset|, n + |offset|].
 * @throws ShapeError for a scalar; otherwise as `diagonal`
 */
export function diagEmbed(x: Tensor, options?: DiagonalOptions): Tensor {
  if (x?.ndim === 0) throw new ShapeError('diagEmbed: a scalar has no axis to be a diagonal')
  const [offset, a, b] = axesOf('diagEmbed', options, x, -2, 1)
  const n = x.shape[x.ndim - 1] + Math.abs(offset)
  return spreadOp([x], {
    shape: inserted(x.shape.slice(0, -1), [a, b], [n, n]),
    of: diagonalOf(offset, a, b),
    value: 0,
  })
}

/** Of a vector the matrix with that diagonal, of a matrix a view of its diagonal. @throws ShapeError for other ranks */
export function diag(x: Tensor, offset = 0): Tensor {
  requireTensor('diag', 'x', x)
  if (x.ndim === 1) return diagEmbed(x, { offset })
  if (x.ndim === 2) return diagonal(x, { offset })
  throw new ShapeError(`diag: ${show(x.shape)} is neither a vector nor a matrix; use diagonal or diagEmbed`)
}

/** The matrix whose diagonal is the flattened `x`. */
export const diagflat = (x: Tensor, offset = 0): Tensor => diagEmbed(ravel(x), { offset })

export interface EyeOptions extends DTypeOption {
  /** Which diagonal is 1: 0 the main one, positive ones above it, negative ones below. Default 0. */
  k?: number
}

/**
 * The identity matrix [n, m]: 1 on a diagonal, 0 elsewhere.
 * @param m default n; may be left out before options
 * @throws ShapeError for lengths that are not whole numbers ≥ 0; RangeError for an unknown option; DTypeError
 * @example
 * import { eye } from '@x/tensor'
 * eye(2, 3, { k: 1 }).toArray() // [[0, 1, 0], [0, 0, 1]]
 */
export function eye(n: number, m?: number | EyeOptions, options?: EyeOptions): Tensor {
  const [columns, given] = typeof m === 'number' ? [m, options] : [n, m ?? options]
  const { k, dtype } = optionsOf<Required<EyeOptions>>('eye', given, { k: 0, dtype: 'float32' })
  requireWhole('eye', 'k', k)
  const of = diagonalOf(k, 0, 1)
  const shape = checkShape('eye', [n, columns])
  return spreadOp([full(of(shape, [0, 0]).shape, 1, { dtype: checkDType('eye', dtype) })], { shape, of, value: 0 })
}

/** Where column − row ≥ k, for the last two axes. */
function isAbove(op: string, x: Tensor, k: number): Tensor {
  requireTensor(op, 'x', x)
  if (x.ndim < 2) throw new ShapeError(`${op}: ${show(x.shape)} has no matrices: it takes two axes`)
  requireWhole(op, 'k', k)
  const [m, n] = x.shape.slice(-2)
  const positions = (from: number, count: number): Tensor => arange(from, from + count, { dtype: 'int32' })
  return ge(positions(0, n), positions(k, m).reshape([m, 1]))
}

/**
 * The lower triangles of matrices: zero where column − row > k. [..., m, n] → [..., m, n].
 * @param k 0 keeps up to the main diagonal, positive numbers more, negative ones less
 * @throws ShapeError for less than two axes
 */
export function tril(x: Tensor, k = 0): Tensor {
  return where(isAbove('tril', x, k + 1), scalar(0, x.dtype), x)
}

/** The upper triangles of matrices: zero where column − row < k; see `tril`. */
export function triu(x: Tensor, k = 0): Tensor {
  return where(isAbove('triu', x, k), x, scalar(0, x.dtype))
}

/** Positions (row, column) of an m × n matrix where `has`, in the order of rows. */
function pairs(op: string, m: number, n: number, k: number, has: (above: number) => boolean): Tensor {
  checkShape(op, [m, n])
  requireWhole(op, 'k', k)
  const rows: number[] = []
  const columns: number[] = []
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      if (!has(j - i - k)) continue
      rows.push(i)
      columns.push(j)
    }
  }
  return tensor(Int32Array.from([...rows, ...columns]), { shape: [2, rows.length] })
}

/** Rows and columns, int32 [2, count], of what `tril` keeps of an m × n matrix. @throws ShapeError, RangeError */
export const trilIndices = (m: number, n: number = m, k = 0): Tensor => pairs('trilIndices', m, n, k, (d) => d <= 0)

/** Rows and columns, int32 [2, count], of what `triu` keeps of an m × n matrix. @throws ShapeError, RangeError */
export const triuIndices = (m: number, n: number = m, k = 0): Tensor => pairs('triuIndices', m, n, k, (d) => d >= 0)
