// The tensor: a dtype, a shape, and strides over a storage. What it can do is installed by methods.ts.
/// <reference lib="esnext.disposable" preserve="true" />
import type { DType, TypedArray } from './dtype.ts'
import { ITEM_SIZE, isFloating, SUFFIX } from './dtype.ts'
import { ShapeError } from './errors.ts'
import { formatOf, fromHalf, toHalf } from './half.ts'
import { hostRead } from './hostRead.ts'
import { heap } from './memory/heap.ts'
import { addressOf, freeStorage, type Storage } from './memory/storage.ts'
import type { TensorMethods } from './methods.ts'
import { contiguousStrides, isContiguous, type Shape, show, sizeOf } from './shape.ts'

/**
 * An immutable n-dimensional array on the Wasm heap.
 *
 * Operations never change their inputs; views (transpose, slice, reshape, expand) share memory with their source.
 * Make one with `tensor`, `zeros`, `arange`, `randn` …
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: methods.ts installs what the interface declares
export class Tensor {
  /** The memory, which views share. */
  readonly storage: Storage
  /** Type of the elements. */
  readonly dtype: DType
  /** Length of each axis. */
  readonly shape: Shape
  /** Number of elements. */
  readonly size: number
  /** First element, counted in elements from the start of the storage. */
  readonly offset: number
  /** Steps between neighbours per axis, in elements; null for a contiguous array, whose strides follow from its shape. */
  private readonly ownStrides: Shape | null
  /** Set on what a module owns: a trainable parameter or a buffer. */
  role: 'parameter' | 'buffer' | null = null

  constructor(storage: Storage, dtype: DType, shape: Shape, strides: Shape | null = null, offset = 0) {
    this.storage = storage
    this.dtype = dtype
    this.shape = shape
    this.size = sizeOf(shape)
    this.offset = offset
    this.ownStrides = strides !== null && isContiguous(shape, strides) ? null : strides
  }

  /** Number of axes. */
  get ndim(): number {
    return this.shape.length
  }

  /** Steps between neighbours along each axis, in elements. */
  get strides(): Shape {
    return this.ownStrides ?? contiguousStrides(this.shape)
  }

  /** Whether the elements lie in row-major order without gaps. */
  get isContiguous(): boolean {
    return this.ownStrides === null
  }

  /** Whether `dispose`, `using` or a tidy has freed the memory. */
  get isDisposed(): boolean {
    return this.storage.block === null
  }

  /** Frees the memory now, for this tensor and every view of it. Any later use is a DisposedError. */
  dispose(): void {
    freeStorage(this.storage)
  }

  /** `using x = …` disposes at the end of the block. */
  [Symbol.dispose](): void {
    this.dispose()
  }

  /**
   * A copy of the elements in row-major order, as a typed array of the dtype's kind: Float32Array (float32, float16,
   * bfloat16), Float64Array, Int32Array, Int16Array, Int8Array, Uint8Array (uint8, and bool as 0 and 1), and for int64
   * BigInt64Array, which TypeScript learns from `x.data<BigInt64Array>()`.
   * @throws DisposedError
   */
  data(): TypedArray
  data<T extends TypedArray | BigInt64Array>(): T
  data(): TypedArray | BigInt64Array {
    const bits = bitsOf(this) as TypedArray
    const format = formatOf(this.dtype)
    return format ? Float32Array.from(bits, (half) => fromHalf(half, format)) : bits
  }

  /**
   * The elements as nested arrays (a scalar gives the bare number); bool gives true and false, int64 numbers where they
   * are exact (up to 2⁵³) and bigints beyond.
   */
  toArray(): NestedArray {
    const data = this.data<TypedArray | BigInt64Array>()
    const { shape } = this
    let at = 0
    const build = (d: number): NestedArray => {
      if (d < shape.length) return Array.from({ length: shape[d] }, () => build(d + 1))
      const value = data[at++]
      if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
      return this.dtype === 'bool' ? value !== 0 : value
    }
    return build(0)
  }

  /**
   * The only element.
   * @throws ShapeError unless the tensor has exactly one element
   * @throws RangeError for an int64 beyond 2⁵³, which no number holds exactly
   */
  item(): number {
    hostRead('item')
    if (this.size !== 1)
      throw new ShapeError(`item: the tensor has shape ${show(this.shape)}, not one element; use toArray() or data()`)
    const { start, view } = elements(this)
    const format = formatOf(this.dtype)
    const value: number | bigint = format ? fromHalf(view[start], format) : view[start]
    if (typeof value === 'bigint' && !Number.isSafeInteger(Number(value))) {
      throw new RangeError(`item: ${value} is beyond 2^53, where numbers have gaps; data() gives it as a bigint`)
    }
    return Number(value)
  }
}

export interface Tensor extends TensorMethods {}

/** Numbers (or booleans, or bigints) nested as deep as the tensor has axes. */
export type NestedArray = number | boolean | bigint | NestedArray[]

/** Byte address of the tensor's first element. Valid until the next allocation of the same operation ends. */
export function pointer(x: Tensor): number {
  return addressOf(x.storage) + (x.offset && x.offset * ITEM_SIZE[x.dtype])
}

/** Elements as they lie in memory: halves as their bits. */
export type Bits = TypedArray | Uint16Array | BigInt64Array

/** Where a tensor's first element lies in the live view of its dtype's numbers. Do not hold it across an allocation. */
export function elements(x: Tensor): { view: TypedArray; start: number } {
  const start = pointer(x) / ITEM_SIZE[x.dtype]
  return { view: heap[SUFFIX[x.dtype]] as TypedArray, start }
}

/** A copy of the elements in row-major order, as they lie in memory. @throws DisposedError */
export function bitsOf(x: Tensor): Bits {
  hostRead('data')
  const { start, view } = elements(x)
  if (x.isContiguous) return view.slice(start, start + x.size)
  const y = new (view.constructor as Float32ArrayConstructor)(x.size)
  const { shape, strides } = x
  let i = 0
  const walk = (d: number, at: number): void => {
    for (let k = 0; k < shape[d]; k++, at += strides[d]) {
      if (d === shape.length - 1) y[i++] = view[at]
      else walk(d + 1, at)
    }
  }
  walk(0, start)
  return y
}

/** What stands in memory for a value: half a float as bits, an integer modulo its width, truth as 1. */
export function encoderOf(dtype: DType): (value: number | bigint) => number {
  const format = formatOf(dtype)
  if (format) return (v) => toHalf(Number(v), format)
  // The views of integers wrap by themselves; that of int64 takes bigints, and knows no infinity.
  if (dtype === 'int64') {
    return (v) => (typeof v === 'bigint' ? v : BigInt(Number.isFinite(v) ? Math.trunc(v) : 0)) as unknown as number
  }
  if (dtype === 'bool') return (v) => Number(Number(v) !== 0)
  return isFloating(dtype) ? Number : (v) => (typeof v === 'bigint' ? Number(BigInt.asIntN(32, v)) : v)
}

/** Sets element `i` of a contiguous tensor that nobody has seen yet. */
export function write(x: Tensor, i: number, value: number | bigint): void {
  const { view, start } = elements(x)
  view[start + i] = encoderOf(x.dtype)(value)
}
