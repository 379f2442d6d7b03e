// How elementwise ops are made: of one tensor, and of two that broadcast.
import type { KernelFamily } from '../../backend/kernels.ts'
import { run } from '../../backend/launch.ts'
import type { DType } from '../../dtype.ts'
import { defineOp, type Gradient, named, type OpRecord, type TensorLike } from '../../record.ts'
import { broadcastShapes, type Shape } from '../../shape.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { asRows } from '../shape/broadcast.ts'
import { dense } from '../shape/contiguous.ts'
import { NUMBERS } from './rules.ts'

/** An elementwise function: the result has the shape of `x`. */
export type Unary = (x: TensorLike) => Tensor

/** An elementwise function: shapes broadcast as in NumPy, dtypes promote. At least one argument is a tensor. */
export type Binary = (a: TensorLike, b: TensorLike) => Tensor

interface Elementwise {
  readonly kernels: KernelFamily
  readonly cast: NonNullable<OpRecord['cast']>
  /** Steps per element, about 1 for an addition: decides when threads pay. Default 1. */
  readonly weight?: number
  /** Default: those of arithmetic. */
  readonly native?: readonly DType[]
}

interface UnaryRecord extends Elementwise {
  readonly grad: Gradient<void> | null
}

/** An op whose kernels are `name_T(x, y, begin, end)`. */
export function unaryOp(name: string, { kernels, cast, weight = 1, native = NUMBERS, grad }: UnaryRecord): Unary {
  const op = defineOp<void>({
    name,
    inputs: ['x'],
    cast,
    native,
    shape: ([x]) => x.shape,
    launch: ([x], y) => {
      const n = y.size
      run(kernels[x.dtype], n, n * weight, pointer(dense(x)), pointer(y))
    },
    grad: grad && { x: grad },
  })
  return named(name, (x) => op([x], undefined))
}

interface BinaryRecord extends Elementwise {
  readonly dtype?: NonNullable<OpRecord['dtype']>
  /** Throws for values of b that the op cannot take. */
  readonly check?: (b: Tensor) => void
  readonly a?: Gradient<void>
  readonly b?: Gradient<void>
}

/** An op whose kernels are `name_T(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)`. */
export function binaryOp(name: string, record: BinaryRecord): Binary {
  const { kernels, cast, dtype, weight = 1, native = NUMBERS, check, a, b } = record
  const op = defineOp<void>({
    name,
    inputs: ['a', 'b'],
    cast,
    native,
    dtype,
    shape: ([a, b]) => broadcastShapes(name, a.shape, b.shape),
    launch: ([a, b], y) => {
      check?.(b)
      launchPair(kernels, a, b, y, weight)
    },
    grad: a && b ? { a, b } : null,
  })
  return named(name, (a, b) => op([a, b], undefined))
}

/** Whether what has this shape is one of the rows of `whole`, repeated. */
function isRow(shape: Shape, whole: Shape): boolean {
  let i = shape.length - 1
  for (let d = whole.length - 1; i >= 0 && shape[i] === whole[d]; d--) i--
  while (i >= 0 && shape[i] === 1) i--
  return i < 0
}

/** Whether what has this shape has one element for each row of `whole`. */
function isColumn(shape: Shape, whole: Shape): boolean {
  const rank = whole.length
  let d = 0
  while (d < rank && shape[d] === whole[d]) d++
  while (d < rank && shape[d] === 1) d++
  return d === rank
}

/** Runs the kernel of a's dtype over a and b, broadcast to y. */
export function launchPair(kernels: KernelFamily, a: Tensor, b: Tensor, y: Tensor, weight = 1): void {
  const n = y.size
  const k = kernels[a.dtype]
  const cost = n * weight
  // The common layouts, without the general analysis: equal shapes, a scalar on either side, a row or column behind.
  if (a.isContiguous && b.isContiguous) {
    let inner = 0
    let aOuter = 0
    let aInner = 1
    let bOuter = 0
    let bInner = 1
    if (a.size === n) {
      if (b.size === n) inner = n
      else if (b.size === 1) {
        inner = n
        bInner = 0
      } else if (isRow(b.shape, y.shape)) inner = aOuter = b.size
      else if (isColumn(b.shape, y.shape)) {
        inner = aOuter = n / b.size
        bOuter = 1
        bInner = 0
      }
    } else if (a.size === 1 && b.size === n) {
      inner = n
      aInner = 0
    }
    if (inner > 0) {
      run(k, n, cost, pointer(a), pointer(b), pointer(y), inner, aOuter, aInner, bOuter, bInner)
      return
    }
  }
  const { inner, operands } = asRows([a, b], y.shape)
  const [p, q] = operands
  run(k, n, cost, p.ptr, q.ptr, pointer(y), inner, p.outer, p.inner, q.outer, q.inner)
}
