// Elementwise functions of two tensors beyond arithmetic. Integers promote to float32 where fractions come of them.
import { family } from '../../backend/elementaryKernels.ts'
import { type DType, isFloating } from '../../dtype.ts'
import { DTypeError } from '../../errors.ts'
import type { Gradient } from '../../record.ts'
import type { Tensor } from '../../tensor.ts'
import { maximum, minimum } from './binary.ts'
import { exp2 } from './elementary.ts'
import { type Binary, binaryOp } from './elementwise.ts'
import { common, floating, resultType } from './rules.ts'

const pair = (name: string, weight: number, a?: Gradient<void>, b?: Gradient<void>, cast = floating): Binary =>
  binaryOp(name, { kernels: family(name), cast, weight, native: ['float32', 'float64'], a, b })

/**
 * The angle of the point (b, a) from the positive first axis, in (−π, π]: the arc tangent of a/b in the right quadrant.
 * @example
 * import { atan2, tensor } from '@x/tensor'
 * atan2(tensor([1, -1]), tensor([-1, -1])).toArray() // [3π/4, −3π/4]
 */
export const atan2: Binary = pair(
  'atan2',
  16,
  ({ a, b, dy }) => dy.mul(b).mul(reach(a, b)),
  ({ a, b, dy }) => dy.mul(a.neg()).mul(reach(a, b)),
)
const reach = (a: Tensor, b: Tensor): Tensor => a.square().add(b.square()).reciprocal()

/** √(a² + b²) without overflow in between. */
export const hypot: Binary = pair(
  'hypot',
  10,
  ({ a, y, dy }) => dy.mul(a.div(y)),
  ({ b, y, dy }) => dy.mul(b.div(y)),
)

/** An extreme, which a is where it `wins` against b; of whole numbers, which have no NaN, `ofWhole`. */
function extreme(name: string, ofWhole: Binary, wins: (a: Tensor, b: Tensor) => Tensor): Binary {
  const hit = (a: Tensor, b: Tensor): Tensor => wins(a, b).logicalOr(b.ne(b))
  const op = pair(
    name,
    4,
    ({ a, b, dy }) => hit(a, b).where(dy, 0),
    ({ a, b, dy }) => hit(a, b).where(0, dy),
    common,
  )
  return (a, b) => (isFloating(resultType(a, b)) ? op : ofWhole)(a, b)
}
/** The larger of a and b, the other one beside a NaN; a of equals has the gradient. */
export const fmax: Binary = extreme('fmax', maximum, (a, b) => a.ge(b))
/** The smaller of a and b, the other one beside a NaN; a of equals has the gradient. */
export const fmin: Binary = extreme('fmin', minimum, (a, b) => a.le(b))

/** ln(eᵃ + eᵇ), without overflow. */
export const logaddexp: Binary = pair(
  'logaddexp',
  24,
  ({ a, b, dy }) => dy.div(b.sub(a).exp().add(1)),
  ({ a, b, dy }) => dy.div(a.sub(b).exp().add(1)),
)
/** log₂(2ᵃ + 2ᵇ), without overflow. */
export const logaddexp2: Binary = pair(
  'logaddexp2',
  24,
  ({ a, b, dy }) => dy.div(exp2(b.sub(a)).add(1)),
  ({ a, b, dy }) => dy.div(exp2(a.sub(b)).add(1)),
)

/** |a| with the sign of b, that of zeros and NaN too. */
export const copysign: Binary = pair(
  'copysign',
  4,
  ({ a, y, dy }) => dy.mul(a.eq(0).where(0, y.div(a))),
  ({ dy }) => dy.mul(0),
)

/** a ln b, 0 where a is 0 (NaN where b is). */
export const xlogy: Binary = pair(
  'xlogy',
  14,
  ({ a, b, dy }) => a.eq(0).logicalAnd(b.le(0)).where(0, xlogy(dy, b)),
  ({ a, b, dy }) => dy.mul(a).div(b),
)

const step = pair(
  'heaviside',
  4,
  ({ dy }) => dy.mul(0),
  ({ a, dy }) => a.eq(0).where(dy, 0),
)
/** 0 where a < 0, b where a is 0, 1 where a > 0. */
export const heaviside: Binary = (a, b) => {
  const dtype = resultType(a, b)
  const y = step(a, b)
  return isFloating(dtype) ? y : y.cast(dtype)
}

function unlessHalf(inputs: readonly Tensor[]): DType {
  const dtype = floating(inputs)
  if (dtype === 'float32' || dtype === 'float64') return dtype
  throw new DTypeError(`nextafter: ${dtype} is only stored; cast to float32 if its next number is meant`)
}

/**
 * The next number after a in the direction of b that the dtype holds; b where they are equal. Its derivative is that of a.
 * @throws DTypeError for float16 and bfloat16
 */
export const nextafter: Binary = pair(
  'nextafter',
  4,
  ({ dy }) => dy,
  ({ dy }) => dy.mul(0),
  unlessHalf,
)
