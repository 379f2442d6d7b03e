// Moving elements between strided and contiguous memory: what every kernel over contiguous data relies on.
import type { Kernel } from '../../backend/kernels.ts'
import { run } from '../../backend/launch.ts'
import { family, kernel } from '../../backend/tensorKernels.ts'
import { COMPUTING, DTYPES, ITEM_SIZE } from '../../dtype.ts'
import { tick } from '../../memory/blocks.ts'
import { tidy } from '../../memory/scope.ts'
import { defineOp, scalar, temporary } from '../../record.ts'
import { broadcastStrides, type Shape, sameShape } from '../../shape.ts'
import { pointer, type Tensor } from '../../tensor.ts'

const copyKernel = family('copy', { bits: true })
const pasteKernel = family('paste', { bits: true })
const fillKernel = family('fill')

/** Copies bytes; see compile.ts. */
export const moveBytes: Kernel = kernel('copy_b8')

/** Axes merged where they can be walked as one, those of length 1 left out. */
export function collapse(shape: Shape, strides: Shape): { shape: number[]; strides: number[] } {
  const n: number[] = []
  const s: number[] = []
  for (let i = 0; i < shape.length; i++) {
    if (shape[i] === 1) continue
    const last = n.length - 1
    if (last >= 0 && s[last] === strides[i] * shape[i]) {
      n[last] *= shape[i]
      s[last] = strides[i]
    } else {
      n.push(shape[i])
      s.push(strides[i])
    }
  }
  return { shape: n, strides: s }
}

type Move = 'gather' | 'spread'

/** Copies between a strided array at `strided` and a contiguous one at `flat` (byte addresses), in either direction. */
function move(direction: Move, x: Tensor, strided: number, flat: number, shape: Shape, strides: Shape): void {
  const item = ITEM_SIZE[x.dtype]
  const k = (direction === 'gather' ? copyKernel : pasteKernel)[x.dtype]
  if (shape.length === 2) {
    // A matrix, most often a transposed one: nothing to merge.
    const [rows, columns] = shape
    const size = rows * columns
    if (size === 0) return
    if (direction === 'gather') run(k, rows, size, strided, flat, 1, 1, rows, columns, 0, 0, strides[0], strides[1])
    else run(k, rows, size, flat, strided, 1, 1, rows, columns, 0, 0, strides[0], strides[1])
    return
  }
  const c = collapse(shape, strides)
  const last = c.shape.length - 1
  const length = (axis: number): number => (axis < 0 ? 1 : c.shape[axis])
  const step = (axis: number): number => (axis < 0 ? 0 : c.strides[axis])
  const [n0, n1, n2, n3] = [length(last - 3), length(last - 2), length(last - 1), length(last)]
  const [s0, s1, s2, s3] = [step(last - 3), step(last - 2), step(last - 1), step(last)]
  const inner = n0 * n1 * n2 * n3
  if (inner === 0) return
  const lead = Math.max(0, last - 3)
  const index: number[] = []
  let outer = 1
  for (let d = 0; d < lead; d++) {
    index.push(0)
    outer *= c.shape[d]
  }
  for (let i = 0, at = 0; i < outer; i++) {
    const a = strided + at * item
    const b = flat + i * inner * item
    if (direction === 'gather') run(k, n0 * n1 * n2, inner, a, b, n0, n1, n2, n3, s0, s1, s2, s3)
    else run(k, n0 * n1 * n2, inner, b, a, n0, n1, n2, n3, s0, s1, s2, s3)
    for (let d = lead - 1; d >= 0; d--) {
      at += c.strides[d]
      if (++index[d] < c.shape[d]) break
      at -= c.strides[d] * c.shape[d]
      index[d] = 0
    }
  }
}

/** Writes the elements of `x`, read as `shape` (broadcast if need be), in row-major order at `y`. */
export function copyTo(x: Tensor, y: Tensor): void {
  const strides = sameShape(x.shape, y.shape) ? x.strides : broadcastStrides(x.shape, x.strides, y.shape)
  move('gather', x, pointer(x), pointer(y), y.shape, strides)
}

/** Writes the elements of `x` in row-major order at `y`, which has as many of them under any shape. */
export function copyFlat(x: Tensor, y: Tensor): void {
  move('gather', x, pointer(x), pointer(y), x.shape, x.strides)
}

/** Writes contiguous `x` into the window of `y` that starts at element `offset` and has these strides. */
export function pasteTo(x: Tensor, y: Tensor, strides: Shape, offset: number): void {
  move('spread', x, pointer(y) + offset * ITEM_SIZE[y.dtype], pointer(x), x.shape, strides)
}

/** Makes every element of contiguous `y` the number `value`. */
export function fill(y: Tensor, value: number): void {
  const { dtype, size } = y
  if (COMPUTING.includes(dtype)) {
    run(fillKernel[dtype], size, size, pointer(y), dtype === 'bool' ? Number(value !== 0) : value)
  } else copyTo(scalar(value, dtype), y)
}

/** The elements in row-major order: `x` itself if it is contiguous, else a copy that lives until the op is done. */
export function dense(x: Tensor): Tensor {
  if (x.isContiguous) return x
  const y = temporary(x.shape, x.dtype)
  copyTo(x, y)
  return y
}

/** `x` repeated to `shape` in row-major order; a copy lives until the op is done. */
export function denseAs(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return dense(x)
  const y = temporary(shape, x.dtype)
  copyTo(x, y)
  return y
}

const copyOp = defineOp<void>({
  name: 'copy',
  inputs: ['x'],
  native: DTYPES,
  shape: ([x]) => x.shape,
  launch: ([x], y) => copyTo(x, y),
  grad: { x: ({ dy }) => dy },
})

/** A contiguous tensor of its own memory with the same elements. */
export function copy(x: Tensor): Tensor {
  return copyOp([x], undefined)
}

/** `x` if its elements lie in row-major order, else a copy in which they do. */
export function contiguous(x: Tensor): Tensor {
  return x?.isContiguous ? x : copy(x)
}

/**
 * Writes the values of `source` (broadcast, cast) over those of `target`: for parameters, statistics and state, which
 * alone may change. Views of `target` change with it; gradients do not see it.
 */
export function assign(target: Tensor, source: Tensor): void {
  tidy(() => {
    const values = contiguous(source.cast(target.dtype).expand(target.shape))
    tick()
    pasteTo(values, target, target.strides, 0)
  })
}
