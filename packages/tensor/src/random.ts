// Random numbers: counter-based, so that element i depends on the generator's state and i alone.
import { run } from './backend/launch.ts'
import { family, kernel } from './backend/tensorKernels.ts'
import { checkDType, type DType } from './dtype.ts'
import { DTypeError } from './errors.ts'
import { keepStorage, tick } from './memory/storage.ts'
import { empty, lasting } from './record.ts'
import { checkShape, type Shape, sizeOf } from './shape.ts'
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
    if (!Number.isSafeInteger(seed) || seed < 0)
      throw new RangeError(`seed: ${seed} is not a whole number from 0 to 2^53 - 1`)
    const { start, view } = elements(this.state)
    view.set([seed | 0, Math.floor(seed / 2 ** 32), 0, 0], start)
  }

  /** A stream independent of this one, drawn from it. */
  split(): Generator {
    const words = this.words(2)
    return new Generator((words[0] >>> 0) + (words[1] & 0x1fffff) * 2 ** 32)
  }

  /** What `restore` takes to continue from here. */
  save(): number[] {
    return Array.from(this.state.data(), (n) => n >>> 0)
  }

  /** Continues where `save` was called. @throws RangeError */
  restore(saved: readonly number[]): void {
    if (saved.length !== 4) throw new RangeError('restore: not the state of a generator')
    const { start, view } = elements(this.state)
    view.set(
      saved.map((n) => n | 0),
      start,
    )
  }

  /** A permutation of 0 … n − 1, by Fisher and Yates. */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i)
    const words = n > 1 ? this.words(2 * n) : []
    for (let i = n - 1; i > 0; i--) {
      // 53 bits over i + 1 places: the bias is below 2⁻²⁰ for any array that fits in memory.
      const u = ((words[2 * i] >>> 5) * 2 ** 26 + (words[2 * i + 1] >>> 6)) / 2 ** 53
      const j = Math.floor(u * (i + 1))
      const t = order[i]
      order[i] = order[j]
      order[j] = t
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

function draw(
  op: string,
  kernels: typeof uniformKernel,
  shape: Shape,
  { generator, dtype = 'float32' }: RandomOptions,
  a: number,
  b: number,
): Tensor {
  const own = checkShape(op, shape)
  if (checkDType(op, dtype) !== 'float32' && dtype !== 'float64') {
    throw new DTypeError(`${op}: dtype ${dtype} has no fractions; use float32 or float64`)
  }
  const source = generator ?? defaultGenerator()
  tick()
  const y = empty(own, dtype)
  const n = sizeOf(own)
  run(kernels[dtype], n, n * 16, pointer(source.state), pointer(y), a, b)
  // Words per element: one, or two where 53 bits are drawn; normals come in pairs.
  source.advance((n + (kernels === normalKernel ? n % 2 : 0)) * (dtype === 'float64' ? 2 : 1))
  return y
}

/** Uniform random numbers in [low, high). Default [0, 1). */
export function uniform(shape: Shape, options: RandomOptions & { low?: number; high?: number } = {}): Tensor {
  return draw('uniform', uniformKernel, shape, options, options.low ?? 0, options.high ?? 1)
}

/** Normal random numbers. Default mean 0, standard deviation 1. */
export function normal(shape: Shape, options: RandomOptions & { mean?: number; std?: number } = {}): Tensor {
  return draw('normal', normalKernel, shape, options, options.mean ?? 0, options.std ?? 1)
}

/** Uniform in [0, 1). */
export const rand = (shape: Shape, options?: RandomOptions): Tensor => uniform(shape, options)

/** Standard normal. */
export const randn = (shape: Shape, options?: RandomOptions): Tensor => normal(shape, options)
