// What the distributions have in common: parameters that broadcast and are checked, noise in float64, draws by trial.
import { run, runCheck, runForResult } from '../backend/launch.ts'
import { kernel } from '../backend/randomKernels.ts'
import { checkDType, type DType, isFloating } from '../dtype.ts'
import { DTypeError } from '../errors.ts'
import { tick } from '../memory/blocks.ts'
import { heap } from '../memory/heap.ts'
import { tidy } from '../memory/scope.ts'
import { contiguous } from '../ops/shape/contiguous.ts'
import { defaultGenerator, type Generator, uniform } from '../random.ts'
import { empty, requireTensor, scalar, type TensorLike, unheard } from '../record.ts'
import { broadcastShapes, checkShape, type Shape } from '../shape.ts'
import { pointer, Tensor } from '../tensor.ts'

export interface DrawOptions {
  /** Default: the one that `manualSeed` seeds. */
  generator?: Generator
  /** float32 (default), float64, float16 or bfloat16. */
  dtype?: DType
}

export interface CountOptions {
  /** Default: the one that `manualSeed` seeds. */
  generator?: Generator
  /** int32 (default), int64, float32 or float64. */
  dtype?: DType
}

/** Parameters under their names. */
export type Parameters = Readonly<Record<string, TensorLike>>

/**
 * The shape of a result: the one asked for, or with null that to which the parameters broadcast.
 * @throws ShapeError for parameters that do not broadcast to it, TypeError for what is neither number nor tensor
 */
export function shapeFor(op: string, shape: Shape | null, parameters: Parameters): Shape {
  let common: Shape = []
  for (const [name, x] of Object.entries(parameters)) {
    if (typeof x === 'number') continue
    requireTensor(op, name, x)
    common = broadcastShapes(op, common, x.shape)
  }
  if (shape === null) return common
  const own = checkShape(op, shape)
  for (const x of Object.values(parameters)) if (x instanceof Tensor) x.expand(own)
  return own
}

/** @throws DTypeError unless the dtype has fractions */
export function checkFraction(op: string, dtype: DType): DType {
  if (!isFloating(checkDType(op, dtype))) {
    throw new DTypeError(`${op}: dtype ${dtype} has no fractions; use float32 or float64`)
  }
  return dtype
}

/** The largest count that each dtype holds exactly, less a margin of many deviations. */
const MOST: Readonly<Partial<Record<DType, number>>> = {
  int32: 2_147_000_000,
  int64: 2 ** 53,
  float32: Number.MAX_VALUE,
  float64: Number.MAX_VALUE,
}

/** The largest expectation of counts of this dtype. @throws DTypeError for one that counts do not come in */
export function mostCount(op: string, dtype: DType): number {
  const most = MOST[checkDType(op, dtype)]
  if (most === undefined) {
    throw new DTypeError(`${op}: counts do not come in ${dtype}; use int32, int64, float32 or float64, and cast`)
  }
  return most
}

const outside = kernel('outside')

/**
 * @throws RangeError unless all of a parameter is within [low, high]; for tensors also at every replay of a compiled
 * function
 */
export function checkWithin(op: string, name: string, x: TensorLike, [low, high]: readonly [number, number]): void {
  const fail = (value: number, where = ''): RangeError => {
    const range = `${low === Number.MIN_VALUE ? 'above 0' : `at least ${low}`} and ${high === Number.MAX_VALUE ? 'finite' : `at most ${high}`}`
    return new RangeError(`${op}: ${name} is ${value}${where}; it must be ${range}`)
  }
  if (typeof x === 'number') {
    if (!(x >= low && x <= high)) throw fail(x)
    return
  }
  asFloat64([x], x.shape, ([values]) =>
    checkAll(values, [low, high], (value, at) => fail(value, ` at flat position ${at}`)),
  )
}

/** Throws for the first element of contiguous float64 numbers outside of [low, high], now and at every replay. */
export function checkAll(
  x: Tensor,
  [low, high]: readonly [number, number],
  fail: (value: number, at: number) => RangeError,
): void {
  const address = pointer(x)
  const { size } = x
  runCheck(() => {
    const at = runForResult(outside, size, address, low, high)
    if (at >= 0) throw fail(heap.f64[address / 8 + at], at)
  })
}

/** Runs `fn` with the parameters in float64, tensors expanded to the shape; nobody hears, nothing stays but the result. */
export function asFloat64<T>(parameters: readonly TensorLike[], shape: Shape, fn: (x: readonly Tensor[]) => T): T {
  return unheard(() =>
    tidy(() => {
      const wide = parameters.map((p) =>
        typeof p === 'number' ? scalar(p, 'float64') : contiguous(p.cast('float64').expand(shape)),
      )
      tick()
      return fn(wide)
    }),
  )
}

/** float64 numbers made from uniform ones in (0, 1), both ends excluded. */
export function fromUnit(shape: Shape, generator: Generator | undefined, fn: (u: Tensor) => Tensor): Tensor {
  return unheard(() =>
    tidy(() => fn(uniform(shape, { low: 2 ** -54, high: 1 - 2 ** -53, dtype: 'float64', generator }))),
  )
}

/** The samplers of the kernel `sample`. */
export const GAMMA = 0
export const LOG_GAMMA = 1
export const POISSON = 2
export const BINOMIAL = 3
export const TRUNCATED_NORMAL = 4

const sampleKernel = kernel('sample', { scratch: true })

/** float64 numbers drawn by trial, each from a stream of its own, with parameters that were checked. */
export function sampled(
  kind: number,
  shape: Shape,
  parameters: readonly [TensorLike, TensorLike],
  generator: Generator = defaultGenerator(),
): Tensor {
  return asFloat64(parameters, shape, ([a, b]) => {
    const y = empty(shape, 'float64')
    const [aStep, bStep] = parameters.map((p) => Number(typeof p !== 'number'))
    const { size } = y
    run(sampleKernel, size, size * 64, pointer(generator.state), pointer(a), pointer(b), pointer(y), kind, aStep, bStep)
    generator.advance(1)
    return y
  })
}

/** float64 numbers that are cast and given up. */
export function asDType(x: Tensor, dtype: DType): Tensor {
  return unheard(() => {
    const y = x.cast(dtype)
    if (y !== x) x.dispose()
    return y
  })
}

/** location + scale · noise. Gradients flow to tensors among location and scale. */
export function located(noise: Tensor, dtype: DType, location: TensorLike, scale: TensorLike): Tensor {
  if (typeof location === 'number' && typeof scale === 'number') {
    const x = unheard(() => tidy(() => noise.mul(scale).add(location)))
    noise.dispose()
    return asDType(x, dtype)
  }
  return asDType(noise, dtype).mul(scale).add(location).cast(dtype)
}
