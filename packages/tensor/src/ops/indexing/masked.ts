// What a mask picks out, fills, and takes; where a tensor is not 0.
import { requireTensors } from '../../axes.ts'
import { runCheck } from '../../backend/launch.ts'
import { zeros } from '../../create.ts'
import { DTypeError } from '../../errors.ts'
import { hostRead } from '../../hostRead.ts'
import { heap } from '../../memory/heap.ts'
import { tidy } from '../../memory/scope.ts'
import { requireTensor } from '../../record.ts'
import { broadcastShapes, contiguousStrides, sizeOf } from '../../shape.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { cumsum } from '../reductions/cumulative.ts'
import { stack } from '../shape/concat.ts'
import { expand, ravel, reshape } from '../shape/view.ts'
import { positions, take } from './indexing.ts'

/**
 * Where x is not 0, as positions (int32) in the flattened tensor.
 * @throws Error inside a compiled function: the shape of the result depends on values
 */
export function flatnonzero(x: Tensor): Tensor {
  return tidy(() => places('flatnonzero', x))
}

/** Flat positions of what is not 0. */
function places(op: string, x: Tensor): Tensor {
  requireTensor(op, 'x', x)
  hostRead(op)
  return positions(op, x.cast('bool'))
}

/** The same along each axis. */
function coordinates(op: string, x: Tensor): Tensor[] {
  let rest = places(op, x)
  return contiguousStrides(x.shape).map((stride) => {
    // Quotients of int32 are exact in float64, and so are their floors.
    const place = rest.cast('float64').div(stride).floor().cast('int32')
    rest = rest.sub(place.mul(stride))
    return place
  })
}

/**
 * Where x is not 0: for each axis the positions (int32) along it, as in NumPy. `argwhere` has them as rows.
 * @throws Error inside a compiled function
 */
export function nonzero(x: Tensor): Tensor[] {
  return tidy(() => coordinates('nonzero', x))
}

/**
 * Where x is not 0: one row of positions (int32) for each place, [count, rank]: torch.nonzero.
 * @throws Error inside a compiled function
 * @example
 * import { argwhere, tensor } from '@x/tensor'
 * argwhere(tensor([[0, 1], [2, 0]])).toArray() // [[0, 1], [1, 0]]
 */
export function argwhere(x: Tensor): Tensor {
  return tidy(() =>
    x?.ndim === 0 ? zeros([places('argwhere', x).size, 0], { dtype: 'int32' }) : stack(coordinates('argwhere', x), 1),
  )
}

/** @throws DTypeError unless the mask is bool */
function requireMask(name: string, x: Tensor, mask: Tensor): void {
  requireTensors(name, { x, mask })
  if (mask.dtype !== 'bool') {
    throw new DTypeError(`${name}: mask has dtype ${mask.dtype}, not bool; compare, or cast('bool')`)
  }
}

/**
 * The elements of x where `mask` (bool) is true, in row-major order: [count]. The two broadcast.
 * @throws Error inside a compiled function; DTypeError
 * @example
 * import { maskedSelect, tensor } from '@x/tensor'
 * const x = tensor([1, -2, 3])
 * maskedSelect(x, x.gt(0)).toArray() // [1, 3]
 */
export function maskedSelect(x: Tensor, mask: Tensor): Tensor {
  requireMask('maskedSelect', x, mask)
  hostRead('maskedSelect')
  const shape = broadcastShapes('maskedSelect', x.shape, mask.shape)
  return tidy(() => take(ravel(expand(x, shape)), flatnonzero(expand(mask, shape))))
}

/** x with `value` where `mask` (bool) is true, in the dtype of x. Shapes broadcast. @throws DTypeError, ShapeError */
export function maskedFill(x: Tensor, mask: Tensor, value: Tensor | number): Tensor {
  requireMask('maskedFill', x, mask)
  return tidy(() => mask.where(value, x).cast(x.dtype))
}

/**
 * x with the elements of `source`, one after the other, where `mask` (bool) is true. x and mask broadcast.
 * @throws RangeError when the source has too few, DTypeError, ShapeError
 */
export function maskedScatter(x: Tensor, mask: Tensor, source: Tensor): Tensor {
  requireMask('maskedScatter', x, mask)
  requireTensor('maskedScatter', 'source', source)
  const shape = broadcastShapes('maskedScatter', x.shape, mask.shape)
  const size = sizeOf(shape)
  if (size === 0) return expand(x, shape)
  return tidy(() => {
    const wide = expand(mask, shape)
    const counts = cumsum(wide)
    const last = (pointer(counts) >>> 2) + size - 1
    runCheck(() => {
      if (heap.i32[last] <= source.size) return
      throw new RangeError(`maskedScatter: source has ${source.size} elements for ${heap.i32[last]} places`)
    })
    if (source.size === 0) return expand(x, shape)
    const taken = take(ravel(source), counts.sub(1).maximum(0))
    return wide.where(reshape(taken, shape), x).cast(x.dtype)
  })
}
