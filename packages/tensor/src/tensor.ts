// The tensor: a dtype, a shape, and strides over a storage. What it can do is installed by methods.ts.
/// <reference lib="esnext.disposable" preserve="true" />
import type { DType, TypedArray } from './dtype.ts'
import { ITEM_SIZE } from './dtype.ts'
import { hostRead, notOne } from './hostRead.ts'
import { heap } from './memory/heap.ts'
import { addressOf, freeStorage, type Storage } from './memory/storage.ts'
import type { TensorMethods } from './methods.ts'
import { contiguousStrides, isContiguous, type Shape, sizeOf } from './shape.ts'

/**
 * An immutable n-dimensional array on the Wasm heap.
 *
 * Operations never change their inputs; views (transpose, slice, reshape, expand) share memory with their source.
 * Make one with `tensor`, `zeros`, `arange`, `randn` …
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: methods.ts installs what the interface declares
export class Tensor {
  readonly storage: Storage
  readonly dtype: DType
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

  /** A copy of the elements in row-major order, as a typed array of the dtype's kind. @throws DisposedError */
  data(): TypedArray {
    hostRead('data')
    const { start, view } = elements(this)
    if (this.isContiguous) return view.slice(start, start + this.size)
    const y = new (view.constructor as Float32ArrayConstructor)(this.size)
    const { shape, strides } = this
    const index = new Array<number>(shape.length).fill(0)
    for (let i = 0, at = start; i < y.length; i++) {
      y[i] = view[at]
      for (let d = shape.length - 1; d >= 0; d--) {
        at += strides[d]
        if (++index[d] < shape[d]) break
        at -= strides[d] * shape[d]
        index[d] = 0
      }
    }
    return y
  }

  /** The elements as nested arrays (a scalar gives the bare number); bool gives true and false. */
  toArray(): NestedArray {
    const data = this.data()
    const { shape } = this
    let at = 0
    const build = (d: number): NestedArray => {
      if (d === shape.length) return this.dtype === 'bool' ? data[at++] !== 0 : data[at++]
      return Array.from({ length: shape[d] }, () => build(d + 1))
    }
    return build(0)
  }

  /** The only element. @throws ShapeError unless the tensor has exactly one element */
  item(): number {
    hostRead('item')
    if (this.size !== 1) throw notOne(this.shape)
    const { start, view } = elements(this)
    return view[start]
  }
}

export interface Tensor extends TensorMethods {}

/** Numbers (or booleans) nested as deep as the tensor has axes. */
export type NestedArray = number | boolean | NestedArray[]

/** Byte address of the tensor's first element. Valid until the next allocation of the same operation ends. */
export function pointer(x: Tensor): number {
  return addressOf(x.storage) + x.offset * ITEM_SIZE[x.dtype]
}

/** The typed view of the whole memory that holds the dtype. */
export function viewOf(dtype: DType): TypedArray {
  switch (dtype) {
    case 'float32':
      return heap.f32
    case 'float64':
      return heap.f64
    case 'int32':
      return heap.i32
    default:
      return heap.u8
  }
}

/** Where a tensor's first element lies in the live view of its dtype. Do not hold it across an allocation. */
export function elements(x: Tensor): { view: TypedArray; start: number } {
  const start = pointer(x) / ITEM_SIZE[x.dtype]
  return { view: viewOf(x.dtype), start }
}
