// Quotients, rests and powers.
import { kernel as discrete, family as discreteFamily } from '../../backend/discreteKernels.ts'
import type { KernelFamily } from '../../backend/kernels.ts'
import { runCheck, runForResult } from '../../backend/launch.ts'
import { family } from '../../backend/tensorKernels.ts'
import { isFloating } from '../../dtype.ts'
import { optionsOf, requireOneOf } from '../../options.ts'
import type { Gradient, TensorLike } from '../../record.ts'
import { pointer, Tensor } from '../../tensor.ts'
import { dense } from '../shape/contiguous.ts'
import { type Binary, binaryOp } from './elementwise.ts'
import { common, floating, resultType } from './rules.ts'

const bad = {
  0: { int32: discrete('zero_i32'), int64: discrete('zero_i64') },
  negative: { int32: discrete('negative_i32'), int64: discrete('negative_i64') },
}

/** Throws for the first integer of b that is 0, or negative: integers have no `result` of that. */
function refuse(op: string, kind: keyof typeof bad, result: string): (b: Tensor) => void {
  return (b) => {
    if (isFloating(b.dtype)) return
    const kernel = bad[kind][b.dtype as 'int32' | 'int64']
    const [address, { size }] = [pointer(dense(b)), b]
    runCheck(() => {
      const at = runForResult(kernel, size, address)
      if (at < 0) return
      throw new RangeError(
        `${op}: b is ${kind} at flat position ${at}, and integers have no ${result}; cast to float32 if that is meant`,
      )
    })
  }
}

const zeroDivisor = (op: string): ((b: Tensor) => void) => refuse(op, 0, 'infinity')

const quotient: Binary = binaryOp('div', {
  kernels: family('div'),
  cast: floating,
  weight: 2,
  a: ({ b, dy }) => dy.div(b),
  b: ({ b, y, dy }) => dy.mul(y).div(b).neg(),
})

const nothing: Gradient<void> = ({ dy }) => dy.mul(0)
const withRest = (name: string, a: Gradient<void>, b: Gradient<void>): Binary =>
  binaryOp(name, { kernels: discreteFamily(name), cast: common, weight: 8, check: zeroDivisor(name), a, b })

/**
 * ⌊a / b⌋, as Python's //: of floats the floor of the exact quotient, of integers an integer.
 * @throws RangeError where an integer is divided by 0
 * @example
 * import { floorDivide, tensor } from '@x/tensor'
 * floorDivide(tensor([7, -7], { dtype: 'int32' }), 2).toArray() // [3, -4]
 */
export const floorDivide: Binary = withRest('floorDivide', nothing, nothing)
/**
 * a − b ⌊a / b⌋, as Python's %: the rest, with the sign of b. Exact.
 * @throws RangeError where an integer is divided by 0
 */
export const remainder: Binary = withRest(
  'remainder',
  ({ dy }) => dy,
  ({ a, b, dy }) => dy.mul(floorDivide(a, b)).neg(),
)
/**
 * a − b trunc(a / b), as C's fmod and JavaScript's %: the rest, with the sign of a. Exact.
 * @throws RangeError where an integer is divided by 0
 */
export const fmod: Binary = withRest(
  'fmod',
  ({ dy }) => dy,
  ({ a, b, dy }) => dy.mul(div(a, b, { roundingMode: 'trunc' })).neg(),
)

const truncDivide: Binary = binaryOp('truncDivide', {
  kernels: discreteFamily('truncDivide'),
  cast: common,
  native: ['int32', 'int64'],
  weight: 8,
  check: zeroDivisor('div'),
})

export interface DivOptions {
  /** What becomes of the fraction: kept, cut off toward zero, or rounded down as by `floorDivide`. Default null: kept. */
  roundingMode?: null | 'trunc' | 'floor'
}

/**
 * a / b. Integers divide to float32, or with a rounding mode to integers.
 * @throws RangeError for another rounding mode, and with one where an integer is divided by 0
 * @example
 * import { div, tensor } from '@x/tensor'
 * div(tensor([7, -7]), 2).toArray() // [3.5, -3.5]
 * div(tensor([7, -7]), 2, { roundingMode: 'trunc' }).toArray() // [3, -3]
 */
export function div(a: TensorLike, b: TensorLike, options?: DivOptions): Tensor {
  if (options === undefined) return quotient(a, b)
  const { roundingMode } = optionsOf<DivOptions>('div', options, { roundingMode: null })
  requireOneOf('div', 'roundingMode', roundingMode, [null, 'trunc', 'floor'])
  if (roundingMode === 'floor') return floorDivide(a, b)
  if (roundingMode === null) return quotient(a, b)
  return isFloating(resultType(a, b)) ? quotient(a, b).trunc() : truncDivide(a, b)
}

/** Floats by the kernels of core, integers by multiplication. */
const powers: KernelFamily = family('pow', { apart: { int32: discrete } })

const power: Binary = binaryOp('pow', {
  kernels: powers,
  cast: common,
  weight: 24,
  check: refuse('pow', 'negative', 'such powers'),
  // The guards give 0, not NaN, where the factor in front is 0 (b = 0) or the base is (0ᵇ).
  a: ({ a, b, dy }) => dy.mul(b.eq(0).where(0, b.mul(a.pow(b.sub(1))))),
  b: ({ a, b, y, dy }) => dy.mul(a.eq(0).logicalAnd(b.ge(0)).where(0, y.mul(a.log()))),
})

/** Powers of floats that cheaper ops compute. */
const SHORT: ReadonlyMap<TensorLike, (x: Tensor) => Tensor> = new Map([
  [2, (x: Tensor) => x.square()],
  [3, (x: Tensor) => x.square().mul(x)],
  [0.5, (x: Tensor) => x.sqrt()],
  [-0.5, (x: Tensor) => x.rsqrt()],
  [-1, (x: Tensor) => x.reciprocal()],
])

/**
 * aᵇ; NaN for negative a with fractional b, 1 for b = 0. Integers give integers, which wrap.
 * @throws RangeError for an integer to a negative power
 */
export const pow: Binary = (a, b) => {
  const short = a instanceof Tensor && isFloating(a.dtype) ? SHORT.get(b) : undefined
  return short ? short(a as Tensor) : power(a, b)
}
