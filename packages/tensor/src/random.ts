// Random numbers: counter-based, so that element i depends on the generator's state and i alone.
import { family, kernel } from './backend/drawingKernels.ts'
import { run } from './backend/launch.ts'
import { checkDType, type DType } from './dtype.ts'
import { DTypeError, ShapeError } from './errors.ts'
import { tick } from './memory/blocks.ts'
import { keepStorage } from './memory/storage.ts'
import { sub } from './ops/elementwise/binary.ts'
import { checkOptions } from './options.ts'
import { empty, lasting, type TensorLike } from './record.ts'
import { checkShape, type Shape, sameShape, show } from './shape.ts'
import { elements, pointer, type Tensor } from './tensor.ts'

const advance = kernel('advance')

/**
 * A stream of random numbers: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
 * The same seed gives the same numbers on every engine and with any number of threads.
 */
export class Generator {
  /** key 0, key 1, counter low, counter high; in memory, so that compiled functions advance it. */
  readonly state: Tensor

  /** @param seed a whole number from 0 to 2⁵³ − 1 */
  constructor(seed: number) {
    this.state = lasting(() => empty([4], 'int32', true))
    keepStorage(this.state.storage)
    this.seed(seed)
  }

  /** Starts the stream that belongs to `seed` from its beginning. @throws RangeError */
  seed(seed: number): void {
    checkWhole('seed', 'seed', seed)
    const { start, view } = elements(this.state)
    view.set([seed, Math.floor(seed / 2 ** 32), 0, 0], start)
  }

  /** A stream independent of this one, drawn from it: this one goes on, and the next split gives another. */
  split(): Generator {
    const words = this.words(2)
    return new Generator((words[0] >>> 0) + (words[1] & 0x1fffff) * 2 ** 32)
  }

  /**
   * Stream number `index` beside this one. It depends on the seed and the index alone, not on what has been drawn, and
   * this one stays where it is: for workers, environments, layers that are to have numbers of their own.
   * @param index a whole number from 0 to 2⁵³ − 1
   * @throws RangeError
   * @example
   * import { Generator, rand } from '@x/tensor'
   * const streams = [0, 1, 2].map((i) => new Generator(7).fork(i))
   * rand([3], { generator: streams[1] })
   */
  fork(index: number): Generator {
    checkWhole('fork', 'index', index)
    const [key0, key1] = this.save()
    const source = new Generator(0)
    // Counters from 2⁶³ on: no stream gets so far.
    source.restore([key0, key1, index % 2 ** 32, Math.floor(index / 2 ** 32) + 2 ** 31])
    const forked = source.split()
    source.dispose()
    return forked
  }

  /** What `restore` takes to continue from here. */
  save(): number[] {
    return Array.from(this.state.data(), (n) => n >>> 0)
  }

  /** Continues where `save` was called. @throws RangeError */
  restore(saved: readonly number[]): void {
    if (!(Array.isArray(saved) && saved.length === 4 && saved.every((n) => n === n >>> 0))) {
      throw new RangeError(`restore: ${saved} is not the state of a generator, four words of 32 bits; save() gives one`)
    }
    const { start, view } = elements(this.state)
    view.set(saved, start)
  }

  /** A permutation of 0 … n − 1, by Fisher and Yates. */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i)
    const words = n > 1 ? this.words(2 * n) : []
    for (let i = n - 1; i > 0; i--) {
      // 53 bits over i + 1 places: the bias is below 2⁻²⁰ for any array that fits in memory.
      const u = ((words[2 * i] >>> 5) * 2 ** 26 + (words[2 * i + 1] >>> 6)) / 2 ** 53
      const j = Math.floor(u * (i + 1))
      ;[order[i], order[j]] = [order[j], order[i]]
    }
    return order
  }

  /** Draws `count` 32-bit words. */
  words(count: number): Int32Array {
    const t = lasting(() => empty([count], 'int32', true))
    run(kernel('bits_u32'), count, count * 8, pointer(this.state), pointer(t))
    this.advance(count)
    const words = t.data() as Int32Array
    t.dispose()
    return words
  }

  /** Frees the state. A generator that is merely dropped is freed by the garbage collector. */
  dispose(): void {
    this.state.dispose()
  }

  /** Moves the stream on by `words` 32-bit words. */
  advance(words: number): void {
    run(advance, 1, 1, pointer(this.state), words)
  }
}

let shared: Generator | null = null

/** The generator that is used where none is given; seeded with 0 until `manualSeed`. */
export function defaultGenerator(): Generator {
  shared ??= new Generator(0)
  return shared
}

/** @throws RangeError */
function checkWhole(op: string, name: string, n: number): void {
  if (!Number.isSafeInteger(n) || n < 0) {
    throw new RangeError(`${op}: ${name} ${n} is not a whole number from 0 to 2^53 - 1`)
  }
}

/** Seeds the default generator. */
export function manualSeed(seed: number): void {
  defaultGenerator().seed(seed)
}

export interface RandomOptions {
  /** Default: the one that `manualSeed` seeds. */
  generator?: Generator
  /** float32 (default) or float64. */
  dtype?: DType
}

const uniformKernel = family('uniform')
const normalKernel = family('normal')

/** Numbers from a to b, or of mean a and deviation b. Tensors move and scale the noise: gradients flow to both. */
function draw(
  op: string,
  kernels: typeof uniformKernel,
  shape: Shape,
  options: RandomOptions,
  a: TensorLike,
  b: TensorLike,
): Tensor {
  const isNormal = kernels === normalKernel
  if (typeof a !== 'number' || typeof b !== 'number') {
    const noise = draw(op, kernels, shape, options, 0, 1)
    const y = noise.mul(isNormal ? b : sub(b, a)).add(a)
    if (sameShape(y.shape, noise.shape)) return y
    throw new ShapeError(`${op}: parameters that broadcast to ${show(y.shape)} do not fit ${show(noise.shape)}`)
  }
  const { dtype = 'float32' } = options
  const generator = options.generator ?? defaultGenerator()
  const own = checkShape(op, shape)
  if (checkDType(op, dtype) !== 'float32' && dtype !== 'float64') {
    throw new DTypeError(`${op}: dtype is ${dtype}, not float32 or float64`)
  }
  tick()
  const y = empty(own, dtype)
  const n = y.size
  run(kernels[dtype], n, n * 16, pointer(generator.state), pointer(y), a, b)
  // Words per element: one, or two where 53 bits are drawn; normals come in pairs.
  generator.advance((n + (isNormal ? n % 2 : 0)) * (dtype === 'float64' ? 2 : 1))
  return y
}

/**
 * Uniform random numbers in [low, high), default [0, 1). Tensors as bounds broadcast to the shape.
 * @param options low, high; dtype float32 (default) or float64; generator
 * @throws RangeError unless low ≤ high, ShapeError, DTypeError
 */
export function uniform(shape: Shape, options: RandomOptions & { low?: TensorLike; high?: TensorLike } = {}): Tensor {
  checkOptions('uniform', options, ['low', 'high', 'generator', 'dtype'])
  const { low = 0, high = 1 } = options
  if (typeof low === 'number' && typeof high === 'number' && !(low <= high && Number.isFinite(high - low))) {
    throw new RangeError(`uniform: ${low} to ${high} is no finite range`)
  }
  return draw('uniform', uniformKernel, shape, options, low, high)
}

/**
 * Normal random numbers, default of mean 0 and standard deviation 1. Tensors as parameters broadcast to the shape.
 * @param options mean, std ≥ 0; dtype float32 (default) or float64; generator
 * @throws RangeError for a negative std, ShapeError, DTypeError
 */
export function normal(shape: Shape, options: RandomOptions & { mean?: TensorLike; std?: TensorLike } = {}): Tensor {
  checkOptions('normal', options, ['mean', 'std', 'generator', 'dtype'])
  const { mean = 0, std = 1 } = options
  if (typeof mean === 'number' && typeof std === 'number' && !(std >= 0 && Number.isFinite(mean + std))) {
    throw new RangeError(`normal: mean ${mean}, std ${std}`)
  }
  return draw('normal', normalKernel, shape, options, mean, std)
}

/** Uniform in [0, 1). */
export const rand = (shape: Shape, options?: RandomOptions): Tensor => uniform(shape, options)

/** Standard normal. */
export const randn = (shape: Shape, options?: RandomOptions): Tensor => normal(shape, options)
