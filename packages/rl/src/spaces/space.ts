// What a space is: the set that observations or actions come from. Gymnasium's `Space`.
import { type DType, Tensor, type TypedArray } from '@x/tensor'
import { knownOptions } from '../env/errors.ts'
import { type NumpyGenerator, npRandom } from '../random/generator.ts'
import type { Seed } from '../random/seedSequence.ts'

export interface SampleOptions {
  /** Draw by these probabilities instead, of the same structure as a mask. */
  probability?: SampleMask
  /** Where the random numbers come from. Default: the space's own, which `seed` seeds. */
  generator?: NumpyGenerator
}

/** Which elements may be sampled: per space what its `sample` says; null for no restriction. */
export type SampleMask =
  | ArrayLike<number>
  | readonly (SampleMask | null)[]
  | { readonly [key: string]: SampleMask | null }

/** A set with a way to draw from it. Write your own by implementing this. */
export interface Space<T = unknown> {
  /** Sizes of an element's axes; null for tuples and dictionaries. A single number has shape []. */
  readonly shape: readonly number[] | null
  /** The dtype of an element's numbers; null for tuples and dictionaries. */
  readonly dtype: DType | null
  /** A random element. */
  sample(mask?: SampleMask | null, options?: SampleOptions): T
  /** Whether `x` is an element. */
  contains(x: unknown): x is T
  /** Whether the other space is of the same kind with the same parameters. */
  equals(other: unknown): boolean
  /** Seeds the space's own generator and returns the seed. */
  seed(seed?: Seed): Seed
}

/** What the spaces here share: a generator of their own, made when it is first needed. */
export abstract class SeededSpace<T> implements Space<T> {
  abstract readonly shape: readonly number[] | null
  abstract readonly dtype: DType | null
  private own: NumpyGenerator | null = null

  abstract sample(mask?: SampleMask | null, options?: SampleOptions): T
  abstract contains(x: unknown): x is T
  abstract equals(other: unknown): boolean
  abstract toString(): string

  seed(seed?: Seed): Seed {
    const [generator, used] = npRandom(seed)
    this.own = generator
    return used
  }

  protected generator(options?: SampleOptions): NumpyGenerator {
    knownOptions('sample', options, ['probability', 'generator'])
    if (options?.generator) return options.generator
    if (this.own === null) this.seed()
    return this.own as NumpyGenerator
  }
}

// What Node's console shows.
Object.defineProperty(SeededSpace.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: object): string {
    return String(this)
  },
})

/** @throws RangeError when a mask and probabilities are given at once */
export function onlyOne(mask: SampleMask | null | undefined, options: SampleOptions | undefined): void {
  if (mask && options?.probability) throw new RangeError('sample: give a mask or probabilities, not both')
}

/** Typed arrays as elements of spaces; a dtype's own, and narrower ones that hold nothing it could not. */
const ARRAYS: { readonly [D in SpaceDType]: new (length: number) => SpaceArrays[D] } = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
}

/** What elements of a dtype are held in. */
export interface SpaceArrays {
  float32: Float32Array
  float64: Float64Array
  int32: Int32Array
  uint8: Uint8Array
  bool: Uint8Array
}

/** dtypes that elements can have. */
export type SpaceDType = keyof SpaceArrays

const NARROWER: Readonly<Record<SpaceDType, readonly unknown[]>> = {
  float32: [Float32Array, Int16Array, Uint16Array, Int8Array, Uint8Array],
  float64: [Float64Array, Float32Array, Int32Array, Uint32Array, Int16Array, Uint16Array, Int8Array, Uint8Array],
  int32: [Int32Array, Int16Array, Uint16Array, Int8Array, Uint8Array],
  uint8: [Uint8Array, Uint8ClampedArray],
  bool: [Uint8Array],
}

/** Zeros as a typed array of the dtype. @throws RangeError for a dtype that elements cannot have */
export function arrayOf(dtype: SpaceDType, length: number): TypedArray {
  const Values = Object.hasOwn(ARRAYS, dtype) ? ARRAYS[dtype] : null
  if (!Values) throw new RangeError(`a space cannot have dtype ${dtype}: one of ${Object.keys(ARRAYS).join(', ')}`)
  return new Values(length)
}

/**
 * The numbers of a candidate element: a typed array that the dtype holds, a plain array, or a tensor of shape and dtype;
 * null when it cannot be an element.
 */
export function numbersOf(
  x: unknown,
  dtype: SpaceDType,
  shape: readonly number[],
  size: number,
): ArrayLike<number> | null {
  if (x instanceof Tensor)
    return x.dtype === dtype && String(x.shape) === String(shape) ? (x.data() as TypedArray) : null
  if (Array.isArray(x)) return x.length === size && x.every((v) => typeof v === 'number') ? x : null
  if (!ArrayBuffer.isView(x) || !NARROWER[dtype].includes(x.constructor)) return null
  return (x as TypedArray).length === size ? (x as TypedArray) : null
}
