// Matrix products of every rank.
import { run, threadCount } from '../../backend/launch.ts'
import { matmulKernels } from '../../backend/tensorKernels.ts'
import { isFloating } from '../../dtype.ts'
import { ShapeError } from '../../errors.ts'
import { tidy } from '../../memory/scope.ts'
import { defineOp, requireTensor } from '../../record.ts'
import { broadcastShapes, broadcastStrides, type Shape, show, sizeOf } from '../../shape.ts'
import { pointer, Tensor } from '../../tensor.ts'
import { common } from '../elementwise/rules.ts'
import { denseAs } from '../shape/contiguous.ts'

/** Rows or columns of a part are multiples of these: whole register tiles of either build waste nothing. */
const ROWS = 12
const COLUMNS = 16

const matmulOp = defineOp<void>({
  name: 'matmul',
  inputs: ['a', 'b'],
  cast: common,
  shape: ([a, b]) => {
    if (a.ndim === 2 && b.ndim === 2) return [a.shape[0], b.shape[1]]
    const batch = broadcastShapes('matmul', a.shape.slice(0, -2), b.shape.slice(0, -2))
    return [...batch, a.shape[a.ndim - 2], b.shape[b.ndim - 1]]
  },
  multiplies: ([a], y) => y.size * a.shape[a.ndim - 1],
  launch: ([a, b], y) => matmulInto(a, b, y),
  grad: {
    a: ({ b, dy }) => dy.matmul(b.mT),
    b: ({ a, dy }) => a.mT.matmul(dy),
  },
})

/** The matrix transposed, as a bare view for use inside a launch: no op is applied. */
export function flipped(x: Tensor): Tensor {
  const [m, n] = x.shape
  const [row, column] = x.strides
  return new Tensor(x.storage, x.dtype, [n, m], [column, row], x.offset)
}

/** y ← a · b for operands of rank ≥ 2 and a contiguous y of the product's shape. */
export function matmulInto(a: Tensor, b: Tensor, y: Tensor): void {
  const batch = y.shape.slice(0, -2)
  const left = batched(a, batch)
  const right = batched(b, batch)
  const count = sizeOf(batch)
  const [m, n, k] = [y.shape[y.ndim - 2], y.shape[y.ndim - 1], a.shape[a.ndim - 1]]
  if (y.size === 0) return
  // A single large matrix is cut along its longer side; a batch is work enough to share. Every part packs what the
  // parts have in common again, so there are as few as threads (measured: twice as many lose 5 to 20 %).
  const pieces = threadCount()
  const cut = (length: number, unit: number): number => Math.ceil(length / pieces / unit) * unit
  const whole = count >= pieces
  const mPart = whole || m < n ? m : cut(m, ROWS)
  const nPart = whole || m >= n ? n : cut(n, COLUMNS)
  const parts = count * Math.ceil(m / mPart) * Math.ceil(n / nPart)
  run(
    matmulKernels[a.dtype as 'float32' | 'float64'],
    parts,
    count * m * n * k,
    left.ptr,
    right.ptr,
    pointer(y),
    left.step,
    right.step,
    m,
    n,
    k,
    left.row,
    left.column,
    right.row,
    right.column,
    mPart,
    nPart,
  )
}

interface Matrices {
  readonly ptr: number
  /** Elements from matrix to matrix, from row to row, from column to column. */
  readonly step: number
  readonly row: number
  readonly column: number
}

/** How the kernel walks the matrices of `x` broadcast over `batch`; what it cannot walk is copied. */
function batched(x: Tensor, batch: Shape): Matrices {
  if (batch.length === 0) {
    const [row, column] = x.strides
    if (row >= 0 && column >= 0) return { ptr: pointer(x), step: 0, row, column }
  }
  const full = [...batch, ...x.shape.slice(-2)]
  const strides = broadcastStrides(x.shape, x.strides, full)
  const rank = full.length
  let step = 0
  let regular = strides[rank - 1] >= 0 && strides[rank - 2] >= 0
  let size = 1
  for (let d = rank - 3; d >= 0; d--) {
    if (full[d] === 1) continue
    if (size === 1) step = strides[d]
    else if (strides[d] !== step * size) regular = false
    size *= full[d]
  }
  if (regular) return { ptr: pointer(x), step, row: strides[rank - 2], column: strides[rank - 1] }
  const [m, n] = full.slice(-2)
  return { ptr: pointer(denseAs(x, full)), step: m * n, row: n, column: 1 }
}

/**
 * The matrix product, by NumPy's rules: [m, k] · [k, n] → [m, n]; leading axes are a batch and broadcast; a vector on
 * the left is a row, on the right a column, and its axis is gone from the result.
 * @throws ShapeError when the inner sizes differ or an operand is a scalar
 * @example
 * import { tensor } from '@x/tensor'
 * tensor([[1, 2], [3, 4]]).matmul(tensor([1, 1])).toArray() // [3, 7]
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  requireTensor('matmul', 'a', a)
  requireTensor('matmul', 'b', b)
  if (a.ndim === 0 || b.ndim === 0)
    throw new ShapeError(`matmul: a ${show(a.shape)} and b ${show(b.shape)} need at least one axis each`)
  const inner = a.shape[a.ndim - 1]
  const rows = b.shape[Math.max(0, b.ndim - 2)]
  if (inner !== rows) {
    throw new ShapeError(`matmul: inner sizes differ: a ${show(a.shape)}, b ${show(b.shape)} (${inner} ≠ ${rows})`)
  }
  if (a.ndim === 1) return matmul(a.reshape([1, inner]), b).squeeze(b.ndim === 1 ? 0 : -2)
  if (b.ndim === 1) return matmul(a, b.reshape([rows, 1])).squeeze(-1)
  if (!isFloating(a.dtype) && !isFloating(b.dtype)) {
    // Exact as long as sums stay below 2⁵³; by way of int64, which wraps where a cast of float64 to int32 would saturate.
    return tidy(() =>
      matmul(a.cast('float64'), b.cast('float64'))
        .cast('int64')
        .cast(common([a, b])),
    )
  }
  // One matrix for a whole batch: the batch is more rows.
  if (b.ndim === 2 && a.ndim > 2) {
    return matmulOp([a.reshape([sizeOf(a.shape.slice(0, -1)), inner]), b], undefined).reshape([
      ...a.shape.slice(0, -1),
      b.shape[1],
    ])
  }
  return matmulOp([a, b], undefined)
}
