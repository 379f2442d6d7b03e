// Distributions of whole numbers and of truth.
import { run } from '../backend/launch.ts'
import { kernel } from '../backend/randomKernels.ts'
import { checkDType, type DType } from '../dtype.ts'
import { DTypeError } from '../errors.ts'
import { tick } from '../memory/blocks.ts'
import { tidy } from '../memory/scope.ts'
import { checkOptions } from '../options.ts'
import { defaultGenerator, type Generator, uniform } from '../random.ts'
import { empty, type TensorLike, unheard } from '../record.ts'
import { checkShape, type Shape } from '../shape.ts'
import { pointer, type Tensor } from '../tensor.ts'
import {
  asDType,
  asFloat64,
  BINOMIAL,
  type CountOptions,
  checkWithin,
  fromUnit,
  mostCount,
  POISSON,
  sampled,
  shapeFor,
} from './draw.ts'

const COMMON = ['generator', 'dtype']
const integersKernel = kernel('integers', { scratch: true })

/** The least and the largest number of each dtype that holds whole numbers alone. */
const RANGES: Readonly<Partial<Record<DType, readonly [bigint, bigint]>>> = {
  uint8: [0n, 255n],
  int8: [-128n, 127n],
  int16: [-32768n, 32767n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
}

/**
 * Whole numbers from `low` to before `high`, each as likely as any other.
 * @param low, high whole numbers; bigints for int64 beyond 2⁵³. They fit the dtype
 * @param options dtype int32 (default), int64, int16, int8 or uint8; generator
 * @throws RangeError, ShapeError, DTypeError
 * @example
 * import { integers } from '@x/tensor/random'
 * const dice = integers(1, 7, [1000])
 */
export function integers(
  low: number | bigint,
  high: number | bigint,
  shape: Shape,
  options: { generator?: Generator; dtype?: DType } = {},
): Tensor {
  checkOptions('integers', options, COMMON)
  const { generator = defaultGenerator(), dtype = 'int32' } = options
  const range = RANGES[checkDType('integers', dtype)]
  if (!range)
    throw new DTypeError(`integers: ${dtype} is no dtype of whole numbers; use int32, int64, int16, int8, uint8`)
  for (const bound of [low, high]) {
    if (typeof bound !== 'bigint' && !Number.isSafeInteger(bound)) {
      throw new RangeError(`integers: ${bound} is not a whole number; beyond 2^53 give a bigint`)
    }
  }
  const [first, end] = [BigInt(low), BigInt(high)]
  if (first >= end) throw new RangeError(`integers: there is nothing from ${low} to before ${high}`)
  if (first < range[0] || end > range[1] + 1n) {
    throw new RangeError(`integers: ${low} to before ${high} does not fit ${dtype}, ${range[0]} to ${range[1]}`)
  }
  const own = checkShape('integers', shape)
  tick()
  const y = empty(own, dtype === 'int64' ? 'int64' : 'int32')
  const span = end - first
  const halves = [first, span].flatMap((n) => [Number(BigInt.asIntN(32, n)), Number(BigInt.asIntN(32, n >> 32n))])
  const { size } = y
  const bytes = dtype === 'int64' ? 8 : 4
  run(integersKernel, size, size * 8, pointer(generator.state), pointer(y), bytes, ...halves)
  generator.advance(span <= 2n ** 32n ? size : 2 * size)
  return dtype === 'int64' || dtype === 'int32' ? y : asDType(y, dtype)
}

/** `integers` under PyTorch's name. */
export const randint: typeof integers = integers

/**
 * True with probability p.
 * @param shape null for that of `p`
 * @param options p (default ½; a tensor broadcasts); dtype of the 0 and 1, default bool; generator
 * @throws ShapeError, DTypeError, RangeError unless 0 ≤ p ≤ 1
 */
export function bernoulli(
  shape: Shape | null,
  options: { p?: TensorLike; generator?: Generator; dtype?: DType } = {},
): Tensor {
  checkOptions('bernoulli', options, ['p', ...COMMON])
  const { p = 0.5, generator, dtype = 'bool' } = options
  const own = shapeFor('bernoulli', shape, { p })
  checkDType('bernoulli', dtype)
  checkWithin('bernoulli', 'p', p, [0, 1])
  return asFloat64([p], own, ([q]) => uniform(own, { dtype: 'float64', generator }).lt(q).cast(dtype))
}

/**
 * How many of n trials succeed, each with probability p. Source: Hörmann 1993, "The generation of binomial random variates".
 * @param shape null for that of the parameters
 * @throws ShapeError, DTypeError, RangeError unless n is a whole number that the dtype holds, and 0 ≤ p ≤ 1
 */
export function binomial(shape: Shape | null, options: CountOptions & { n: TensorLike; p: TensorLike }): Tensor {
  checkOptions('binomial', options, ['n', 'p', ...COMMON])
  const { n, p, generator, dtype = 'int32' } = options
  const own = shapeFor('binomial', shape, { n, p })
  checkWithin('binomial', 'n', n, [0, mostCount('binomial', dtype)])
  checkWithin('binomial', 'p', p, [0, 1])
  const fraction = typeof n === 'number' ? n % 1 : unheard(() => tidy(() => n.cast('float64').sub(n.floor()).abs()))
  checkWithin('binomial', 'the fraction of n', fraction, [0, 0])
  return asDType(sampled(BINOMIAL, own, [n, p], generator), dtype)
}

/**
 * Poisson numbers: counts of what happens `rate` times on average. Any rate from 0 on. Source: Hörmann 1993, "The
 * transformed rejection method for generating Poisson random variables".
 * @param shape null for that of `rate`
 * @throws ShapeError, DTypeError, RangeError for a rate below 0, or too large for the dtype
 * @example
 * import { poisson } from '@x/tensor/random'
 * const calls = poisson([24], { rate: 3.5 })
 */
export function poisson(shape: Shape | null, options: CountOptions & { rate?: TensorLike } = {}): Tensor {
  checkOptions('poisson', options, ['rate', ...COMMON])
  const { rate = 1, generator, dtype = 'int32' } = options
  const own = shapeFor('poisson', shape, { rate })
  checkWithin('poisson', 'rate', rate, [0, mostCount('poisson', dtype)])
  return asDType(sampled(POISSON, own, [rate, 0], generator), dtype)
}

/**
 * How many trials it takes until one succeeds, each with probability p: 1, 2, …
 * @param shape null for that of `p`
 * @throws ShapeError, DTypeError, RangeError unless p ≤ 1 and p is above 0; for int32 at least 2e-8
 */
export function geometric(shape: Shape | null, options: CountOptions & { p?: TensorLike } = {}): Tensor {
  checkOptions('geometric', options, ['p', ...COMMON])
  const { p = 0.5, generator, dtype = 'int32' } = options
  const own = shapeFor('geometric', shape, { p })
  // Below, a count may be more than the dtype holds: its chance to be 40 times 1/p is e^−40.
  checkWithin('geometric', 'p', p, [Math.max(40 / mostCount('geometric', dtype), 1e-300), 1])
  return asFloat64([p], own, ([q]) => {
    const failures = fromUnit(own, generator, (u) => u.log().div(q.neg().log1p()).floor())
    return failures.add(1).cast(dtype)
  })
}
