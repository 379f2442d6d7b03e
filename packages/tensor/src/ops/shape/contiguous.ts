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

/** Copies elements from one address to another: of the two `strided` has these strides, the other is contiguous. */
function move(strided: 'from' | 'to', x: Tensor, from: number, to: number, shape: Shape, strides: Shape): void {
  const item = ITEM_SIZE[x.dtype]
  const isFrom = strided === 'from'
  const k = (isFrom ? copyKernel : pasteKernel)[x.dtype]
  if (shape.length === 2) {
    // A matrix, most often a transposed one: nothing to merge.
    const [rows, columns] = shape
    const size = rows * columns
    if (size === 0) return
    run(k, rows, size, from, to, 1, 1, rows, columns, 0, 0, strides[0], strides[1])
    return
  }
  const c = collapse(shape, strides)
  // The kernels walk four axes.
  const last = c.shape.length - 1
  const length = (axis: number): number => (axis < 0 ? 1 : c.shape[axis])
  const step = (axis: number): number => (axis < 0 ? 0 : c.strides[axis])
  const [n0, n1, n2, n3] = [length(last - 3), length(last - 2), length(last - 1), length(last)]
  const [s0, s1, s2, s3] = [step(last - 3), step(last - 2), step(last - 1), step(last)]
  const inner = n0 * n1 * n2 * n3
  if (inner === 0) return
  const lead = Math.max(0, last - 3)
  let outer = 1
  for (let d = 0; d < lead; d++) outer *= c.shape[d]
  for (let i = 0; i < outer; i++) {
    let at = 0
    for (let d = lead - 1, rest = i; d >= 0; d--) {
      at += (rest % c.shape[d]) * c.strides[d]
      rest = Math.floor(rest / c.shape[d])
    }
    const a = from + (isFrom ? at : i * inner) * item
    const b = to + (isFrom ? i * inner : at) * item
    run(k, n0 * n1 * n2, inner, a, b, n0, n1, n2, n3, s0, s1, s2, s3)
  }
}

/** Writes the elements of `x`, read as `shape` (broadcast if need be), in row-major order at `y`. */
export function copyTo(x: Tensor, y: Tensor): void {
  const strides = sameShape(x.shape, y.shape) ? x.strides : broadcastStrides(x.shape, x.strides, y.shape)
  move('from', x, pointer(x), pointer(y), y.shape, strides)
}

/** Writes the elements of `x` in row-major order at `y`, which has as many of them under any shape. */
export function copyFlat(x: Tensor, y: Tensor): void {
  move('from', x, pointer(x), pointer(y), x.shape, x.strides)
}

/** Writes contiguous `x` into the window of `y` that starts at element `offset` and has these strides. */
export function pasteTo(x: Tensor, y: Tensor, strides: Shape, offset: number): void {
  move('to', x, pointer(x), pointer(y) + offset * ITEM_SIZE[y.dtype], x.shape, strides)
}

/** Makes every element of contiguous `y` the number `value`. */
export function fill(y: Tensor, value: number): void {
  const { dtype, size } = y
  if (COMPUTING.includes(dtype)) {
    run(fillKernel[dtype], size, size, pointer(y), dtype === 'bool' ? Number(value !== 0) : value)
  } else copyTo(scalar(value, dtype), y)
}

/** The elements in row-major order: `x` itself if it is contiguous, else a copy that lives until the op is done. */
export const dense = (x: Tensor): Tensor => denseAs(x, x.shape)

/** `x` repeated to `shape` in row-major order; a copy lives until the op is done. */
export function denseAs(x: Tensor, shape: Shape): Tensor {
  if (x.isContiguous && sameShape(x.shape, shape)) return x
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
  tidy(() => overwrite(target, source.cast(target.dtype).expand(target.shape)))
}

/** `assign` of a source that broadcasts, in the tidy of another. */
export function overwrite(target: Tensor, source: Tensor): void {
  const values = source.cast(target.dtype)
  if (target.isContiguous && values.storage !== target.storage) {
    tick()
    copyTo(values, target)
    return
  }
  const src = apart(values.expand(target.shape), target)
  tick()
  pasteTo(src, target, target.strides, 0)
}

/** `x` contiguous, and in other memory than `y`. */
export const apart = (x: Tensor, y: Tensor): Tensor => (x.storage === y.storage ? copy(x) : contiguous(x))
