// Elementwise functions of two tensors, with broadcasting: sums, products, comparisons, logic. Quotients are in division.ts.

import { run } from '../../backend/launch.ts'
import { family } from '../../backend/tensorKernels.ts'
import { MOVING } from '../../dtype.ts'
import { defineOp, dtypeFor, type Gradient, requireTensor, scalar, type TensorLike } from '../../record.ts'
import { broadcastShapes } from '../../shape.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { asRows } from '../shape/broadcast.ts'
import { type Binary, binaryOp } from './elementwise.ts'
import { common, numeric, toBool } from './rules.ts'

export type { Binary } from './elementwise.ts'

const arithmetic = (name: string, a: Gradient<void>, b: Gradient<void>, cast = common): Binary =>
  binaryOp(name, { kernels: family(name), cast, a, b })

/** a + b; of bool, whether either is true. */
export const add: Binary = arithmetic(
  'add',
  ({ dy }) => dy,
  ({ dy }) => dy,
)
/** a − b. @throws DTypeError for two bools */
export const sub: Binary = arithmetic(
  'sub',
  ({ dy }) => dy,
  ({ dy }) => dy.neg(),
  numeric('sub', 'use logicalXor, or cast to an integer dtype'),
)
/** a · b, elementwise; of bool, whether both are true. */
export const mul: Binary = arithmetic(
  'mul',
  ({ b, dy }) => dy.mul(b),
  ({ a, dy }) => dy.mul(a),
)

/** An extreme, which x is not where it `loses` against y. */
function extreme(name: string, loses: (x: Tensor, y: Tensor) => Tensor): Binary {
  const share = (x: Tensor, y: Tensor, dy: Tensor): Tensor => loses(x, y).where(0, x.eq(y).where(dy.mul(0.5), dy))
  return arithmetic(
    name,
    ({ a, b, dy }) => share(a, b, dy),
    ({ a, b, dy }) => share(b, a, dy),
  )
}
/** The larger of a and b, NaN if either is; ties share the gradient, beside a NaN both get it. */
export const maximum: Binary = extreme('maximum', (x, y) => x.lt(y))
/** The smaller of a and b, NaN if either is; ties share the gradient, beside a NaN both get it. */
export const minimum: Binary = extreme('minimum', (x, y) => x.gt(y))

const compare = (name: string): Binary => binaryOp(name, { kernels: family(name), cast: common, dtype: toBool })
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

const logic = (name: string): Binary =>
  binaryOp(name, { kernels: family(name), cast: toBool, native: ['bool'], dtype: toBool })
/** Both nonzero. */
export const logicalAnd: Binary = logic('logicalAnd')
/** Either nonzero. */
export const logicalOr: Binary = logic('logicalOr')
/** Exactly one nonzero. */
export const logicalXor: Binary = logic('logicalXor')

const isFlat = (x: Tensor, n: number): boolean => x.isContiguous && (x.size === n || x.size === 1)
const whereKernels = family('where', { bits: true })
const whereOp = defineOp<void>({
  name: 'where',
  inputs: ['condition', 'a', 'b'],
  native: MOVING,
  dtype: ([, a]) => a.dtype,
  shape: ([c, a, b]) => broadcastShapes('where', c.shape, broadcastShapes('where', a.shape, b.shape)),
  launch: ([c, a, b], y) => {
    const n = y.size
    const k = whereKernels[y.dtype]
    // The common layout, without the general analysis: each of y's shape or one number.
    if (isFlat(c, n) && isFlat(a, n) && isFlat(b, n)) {
      const step = (x: Tensor): number => (x.size === n ? 1 : 0)
      run(k, n, n, pointer(c), pointer(a), pointer(b), pointer(y), n, 0, step(c), 0, step(a), 0, step(b))
      return
    }
    const { inner, operands } = asRows([c, a, b], y.shape)
    const [r, p, q] = operands
    run(k, n, n, r.ptr, p.ptr, q.ptr, pointer(y), inner, r.outer, r.inner, p.outer, p.inner, q.outer, q.inner)
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
  requireTensor('where', 'condition', condition)
  const [x, y] = meet(a, b)
  return whereOp([condition.cast('bool'), x, y], undefined)
}

/** Both as tensors of the dtype where they meet. */
function meet(a: TensorLike, b: TensorLike): [Tensor, Tensor] {
  if (typeof a !== 'number') requireTensor('where', 'a', a)
  if (typeof b !== 'number') requireTensor('where', 'b', b)
  const x = typeof a === 'number' ? scalar(a, dtypeFor(a, typeof b === 'number' ? undefined : b)) : a
  const y = typeof b === 'number' ? scalar(b, dtypeFor(b, x)) : b
  const dtype = common([x, y])
  return [x.cast(dtype), y.cast(dtype)]
}
