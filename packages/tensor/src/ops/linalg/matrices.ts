// What functions of matrices share: checks, batches, memory that kernels may overwrite, and the error for matrices that will not do.
import { runCheck } from '../../backend/launch.ts'
import { COMPUTED_IN, type DType, floatingFor } from '../../dtype.ts'
import { ShapeError } from '../../errors.ts'
import { heap } from '../../memory/heap.ts'
import { requireTensor, temporary } from '../../record.ts'
import { broadcastShapes, type Shape, show, sizeOf } from '../../shape.ts'
import { pointer, Tensor } from '../../tensor.ts'
import { copyTo } from '../shape/contiguous.ts'

/** A matrix for which there is no result: singular, not positive definite, or not finite where that is needed. */
export class LinAlgError extends RangeError {
  override name = 'LinAlgError'
}

const SINGLE: Shape = []

/** The leading axes, along which matrices lie side by side. */
export const batchOf = (x: Tensor): Shape => (x.ndim === 2 ? SINGLE : x.shape.slice(0, -2))

/** How many matrices there are. */
export const countOf = (x: Tensor): number => sizeOf(batchOf(x))

/** Rows and columns. */
export const sidesOf = (x: Tensor): readonly [m: number, n: number] => [x.shape[x.ndim - 2], x.shape[x.ndim - 1]]

/** @throws TypeError, ShapeError unless `x` is a matrix or a batch of them */
export function requireMatrices(op: string, name: string, x: Tensor): void {
  requireTensor(op, name, x)
  if (x.ndim < 2) throw new ShapeError(`${op}: ${name} ${show(x.shape)} is not a matrix; it takes two axes at least`)
}

/** @throws TypeError, ShapeError unless `x` is a square matrix or a batch of them */
export function requireSquare(op: string, name: string, x: Tensor): void {
  requireMatrices(op, name, x)
  const [m, n] = sidesOf(x)
  if (m !== n) throw new ShapeError(`${op}: ${name} ${show(x.shape)} is not square (${m} ≠ ${n})`)
}

/** Both with the leading axes that they broadcast to. @throws ShapeError */
export function alongside(op: string, a: Tensor, b: Tensor): [Tensor, Tensor] {
  if (a.ndim === 2 && b.ndim === 2) return [a, b]
  const batch = broadcastShapes(op, batchOf(a), batchOf(b))
  return [a.expand([...batch, ...a.shape.slice(-2)]), b.expand([...batch, ...b.shape.slice(-2)])]
}

/** What takes a result back to the dtype that `x` has, or stands for. */
type Narrow = (y: Tensor) => Tensor

/** `x` in another dtype, and the way back. */
function as(x: Tensor, dtype: DType): [x: Tensor, narrow: Narrow] {
  return [x.cast(dtype), (y) => y.cast(floatingFor(x.dtype))]
}

/** `x` as float64. */
export const widened = (x: Tensor): [wide: Tensor, narrow: Narrow] => as(x, 'float64')

/** Rows up to which float32 is computed in float64 by everything: that costs next to nothing, and saves digits. */
const SMALL = 32

/** In what matrices of n rows are computed whose result is of `dtype`. */
export const workingIn = (n: number, dtype: DType): DType => (n <= SMALL ? 'float64' : COMPUTED_IN[dtype])

/** `x` as what matrices of its size are computed in. */
export const working = (x: Tensor): [x: Tensor, narrow: Narrow] => as(x, workingIn(sidesOf(x)[0], floatingFor(x.dtype)))

/** The matrices transposed, for use inside a launch: no op is applied. */
export function flipped(x: Tensor): Tensor {
  const last = (list: Shape): number[] => [...list.slice(0, -2), list[list.length - 1], list[list.length - 2]]
  return new Tensor(x.storage, x.dtype, last(x.shape), last(x.strides), x.offset)
}

/** A copy that a kernel may overwrite, until the op is done. */
export function scratched(x: Tensor): Tensor {
  const y = temporary(x.shape, x.dtype)
  copyTo(x, y)
  return y
}

/**
 * Looks at what a kernel said of each matrix, now and at every replay.
 * @param state int32, `every` numbers for each matrix, of which the first is 0 where all went well
 * @param complaint about the first matrix whose number is not 0
 */
export function checkState(op: string, state: Tensor, every: number, complaint: (code: number) => string): void {
  const at = pointer(state) >>> 2
  const count = state.size / every
  runCheck(() => {
    for (let i = 0; i < count; i++) {
      const code = heap.i32[at + i * every]
      if (code === 0) continue
      throw new LinAlgError(`${op}: the matrix${count > 1 ? ` at ${i} of the batch` : ''} ${complaint(code)}`)
    }
  })
}
