// Elementwise functions of two tensors, with broadcasting: arithmetic, comparisons, logic.

import type { KernelFamily } from '../backend/kernels.ts'
import { run } from '../backend/launch.ts'
import { family } from '../backend/tensorKernels.ts'
import { defineOp, dtypeFor, type Gradient, type OpRecord, scalar, type TensorLike } from '../record.ts'
import { broadcastShapes } from '../shape.ts'
import { pointer, type Tensor } from '../tensor.ts'
import { asRows } from './broadcast.ts'
import { arithmetic, common, floating, toBool } from './rules.ts'

/** An elementwise function: shapes broadcast as in NumPy, dtypes promote. At least one argument is a tensor. */
export type Binary = (a: TensorLike, b: TensorLike) => Tensor

interface BinaryRecord {
  cast: NonNullable<OpRecord['cast']>
  dtype?: NonNullable<OpRecord['dtype']>
  /** Steps per element. Default 1. */
  weight?: number
  a?: Gradient<void>
  b?: Gradient<void>
}

function binary(name: string, { cast, dtype, weight = 1, a, b }: BinaryRecord): Binary {
  const kernels = family(name)
  const op = defineOp<void>({
    name,
    inputs: ['a', 'b'],
    cast,
    dtype,
    shape: ([a, b]) => broadcastShapes(name, a.shape, b.shape),
    launch: ([a, b], y) => launch(kernels, a, b, y, weight),
    grad: a && b ? { a, b } : null,
  })
  return (a, b) => op([a, b], undefined)
}

function launch(kernels: KernelFamily, a: Tensor, b: Tensor, y: Tensor, weight: number): void {
  const n = y.size
  const k = kernels[a.dtype]
  const cost = n * weight
  // The common layouts, without the general analysis: equal shapes, and a scalar on either side.
  if (a.isContiguous && b.isContiguous) {
    const full = a.size === n
    if (full && (b.size === n || b.size === 1)) {
      run(k, n, cost, pointer(a), pointer(b), pointer(y), n, 0, 1, 0, b.size === n ? 1 : 0)
      return
    }
    if (a.size === 1 && b.size === n) {
      run(k, n, cost, pointer(a), pointer(b), pointer(y), n, 0, 0, 0, 1)
      return
    }
  }
  const { inner, operands } = asRows([a, b], y.shape)
  const [p, q] = operands
  run(k, n, cost, p.ptr, q.ptr, pointer(y), inner, p.outer, p.inner, q.outer, q.inner)
}

/** a + b. */
export const add: Binary = binary('add', { cast: arithmetic, a: ({ dy }) => dy, b: ({ dy }) => dy })
/** a − b. */
export const sub: Binary = binary('sub', { cast: arithmetic, a: ({ dy }) => dy, b: ({ dy }) => dy.neg() })
/** a · b, elementwise. */
export const mul: Binary = binary('mul', { cast: arithmetic, a: ({ b, dy }) => dy.mul(b), b: ({ a, dy }) => dy.mul(a) })
/** a / b; integers divide to float32. */
export const div: Binary = binary('div', {
  cast: floating,
  weight: 2,
  a: ({ b, dy }) => dy.div(b),
  b: ({ b, y, dy }) => dy.mul(y).div(b).neg(),
})
/** aᵇ; NaN for negative a with fractional b, 1 for b = 0. */
export const pow: Binary = binary('pow', {
  cast: floating,
  weight: 24,
  // The guards give 0, not NaN, where the factor in front is 0 (b = 0) or the base is (0ᵇ).
  a: ({ a, b, dy }) => dy.mul(b.eq(0).where(0, b.mul(a.pow(b.sub(1))))),
  b: ({ a, b, y, dy }) => dy.mul(a.eq(0).logicalAnd(b.ge(0)).where(0, y.mul(a.log()))),
})

const half = (x: Tensor, y: Tensor, dy: Tensor): Tensor => x.eq(y).where(dy.mul(0.5), dy)
/** The larger of a and b, NaN if either is; ties share the gradient, beside a NaN both get it. */
export const maximum: Binary = binary('maximum', {
  cast: arithmetic,
  a: ({ a, b, dy }) => a.lt(b).where(0, half(a, b, dy)),
  b: ({ a, b, dy }) => b.lt(a).where(0, half(a, b, dy)),
})
/** The smaller of a and b, NaN if either is; ties share the gradient, beside a NaN both get it. */
export const minimum: Binary = binary('minimum', {
  cast: arithmetic,
  a: ({ a, b, dy }) => a.gt(b).where(0, half(a, b, dy)),
  b: ({ a, b, dy }) => b.gt(a).where(0, half(a, b, dy)),
})

const compare = (name: string): Binary => binary(name, { cast: arithmetic, dtype: toBool })
/** a = b, elementwise. NaN equals nothing. */
export const eq: Binary = compare('eq')
/** a ≠ b. */
export const ne: Binary = compare('ne')
/** a < b. */
export const lt: Binary = compare('lt')
/** a ≤ b. */
export const le: Binary = compare('le')
/** a > b. */
export const gt: Binary = compare('gt')
/** a ≥ b. */
export const ge: Binary = compare('ge')

const logic = (name: string): Binary => binary(name, { cast: toBool, dtype: toBool })
/** Both nonzero. */
export const logicalAnd: Binary = logic('logicalAnd')
/** Either nonzero. */
export const logicalOr: Binary = logic('logicalOr')
/** Exactly one nonzero. */
export const logicalXor: Binary = logic('logicalXor')

const whereKernels = family('where', { bits: true })
const whereOp = defineOp<void>({
  name: 'where',
  inputs: ['condition', 'a', 'b'],
  dtype: ([, a]) => a.dtype,
  shape: ([c, a, b]) => broadcastShapes('where', c.shape, broadcastShapes('where', a.shape, b.shape)),
  launch: ([c, a, b], y) => {
    const { inner, operands } = asRows([c, a, b], y.shape)
    const [r, p, q] = operands
    const n = y.size
    run(
      whereKernels[y.dtype],
      n,
      n,
      r.ptr,
      p.ptr,
      q.ptr,
      pointer(y),
      inner,
      r.outer,
      r.inner,
      p.outer,
      p.inner,
      q.outer,
      q.inner,
    )
  },
  grad: {
    a: ({ condition, dy }) => condition.where(dy, 0),
    b: ({ condition, dy }) => condition.where(0, dy),
  },
})

/**
 * `a` where `condition` is nonzero, `b` elsewhere. Shapes broadcast; a and b promote.
 * @example
 * import { tensor, where } from '@x/tensor'
 * const x = tensor([-1, 2])
 * where(x.gt(0), x, 0).toArray() // [0, 2]
 */
export function where(condition: Tensor, a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = meet(a, b)
  return whereOp([condition.cast('bool'), x, y], undefined)
}

/** Both as tensors of the dtype where they meet. */
function meet(a: TensorLike, b: TensorLike): [Tensor, Tensor] {
  const x = typeof a === 'number' ? scalar(a, dtypeFor(a, typeof b === 'number' ? undefined : b)) : a
  const y = typeof b === 'number' ? scalar(b, dtypeFor(b, x)) : b
  const dtype = common([x, y])
  return [x.cast(dtype), y.cast(dtype)]
}
