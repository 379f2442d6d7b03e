// Tensors as other libraries see them: data, shape, strides, offset.
import { checkDType, type DType, dtypeOfArray, ITEM_SIZE, type TypedArray } from './dtype.ts'
import { DTypeError, ShapeError } from './errors.ts'
import { hostRead } from './hostRead.ts'
import { tick } from './memory/blocks.ts'
import { copy } from './ops/shape/contiguous.ts'
import { checkOptions } from './options.ts'
import { empty, requireTensor } from './record.ts'
import { checkShape, contiguousStrides, type Shape, show, sizeOf } from './shape.ts'
import { type Bits, elements, Tensor } from './tensor.ts'

/** An array as most libraries describe one: element (i, j, …) is data[offset + i·strides[0] + j·strides[1] + …]. */
export interface Strided {
  /** bool as bytes 0 and 1, float16 and bfloat16 as their bits (Uint16Array), int64 as BigInt64Array. */
  readonly data: Bits
  readonly shape: Shape
  /** Steps in elements, not bytes; default row-major. */
  readonly strides?: Shape
  /** Of the first element; default 0. */
  readonly offset?: number
  /** Default: that of the typed array. */
  readonly dtype?: DType
}

/**
 * The tensor's memory as it lies, without copying: a live view, for libraries that read
 * `{ data, shape, strides, offset, dtype }`.
 *
 * `data` is good until the next operation of this library that allocates (the linear memory may grow, which detaches it),
 * until the tensor is disposed or its tidy ends, and never across an await. Read it at once, or keep a `slice()` of it.
 * Writing to it changes the tensor and every view of the same memory, unseen by gradients.
 * @throws DisposedError; Error inside a compiled function
 * @example
 * import { arange, toStrided } from '@x/tensor'
 * const { data, shape, strides, offset } = toStrided(arange(6).reshape([2, 3]).mT)
 * data[offset + 1 * strides[0] + 0 * strides[1]] // 1
 */
export function toStrided(x: Tensor): Required<Strided> {
  requireTensor('toStrided', 'x', x)
  hostRead('toStrided')
  tick()
  const { view, start } = elements(x)
  const first = start - x.offset
  const data = view.subarray(first, first + x.storage.bytes / ITEM_SIZE[x.dtype])
  return { data, shape: x.shape, strides: x.strides, offset: x.offset, dtype: x.dtype }
}

/**
 * A tensor with the elements of a strided array, copied: what other libraries export, and `toStrided`.
 * @throws ShapeError unless strides belong to the shape; RangeError when an element lies outside of `data`; DTypeError when
 * the dtype does not lie in an array of this kind
 * @example
 * import { fromStrided } from '@x/tensor'
 * fromStrided({ data: new Float32Array([1, 2, 3, 4]), shape: [2, 2], strides: [1, 2] }).toArray() // [[1, 3], [2, 4]]
 */
export function fromStrided(array: Strided): Tensor {
  checkOptions('fromStrided', array, ['data', 'shape', 'strides', 'offset', 'dtype'])
  const { data, offset = 0 } = array
  const shape = checkShape('fromStrided', array.shape)
  const strides = array.strides ?? contiguousStrides(shape)
  if (strides.length !== shape.length || ![...strides, offset].every(Number.isInteger)) {
    throw new ShapeError(`fromStrided: strides ${show(strides)} and offset ${offset} do not belong to ${show(shape)}`)
  }
  const dtype = checkDType('fromStrided', array.dtype ?? dtypeOf(data))
  const reach = (to: (way: number, still: number) => number): number =>
    shape.reduce((at, n, i) => at + to(strides[i] * (n - 1), 0), offset)
  const [low, high] = sizeOf(shape) === 0 ? [0, -1] : [reach(Math.min), reach(Math.max)]
  if (low < 0 || high >= data.length) {
    throw new RangeError(`fromStrided: elements ${low} to ${high} do not lie in data of length ${data.length}`)
  }
  tick()
  const whole = empty([high - low + 1], dtype, true)
  const { view, start } = elements(whole)
  if (view.constructor !== data.constructor) {
    whole.dispose()
    throw new DTypeError(`fromStrided: ${dtype} lies in a ${view.constructor.name}, not in a ${data.constructor.name}`)
  }
  view.set(data.subarray(low, high + 1) as TypedArray, start)
  const y = new Tensor(whole.storage, dtype, shape, strides, offset - low)
  if (y.isContiguous && y.offset === 0) return y
  const own = copy(y)
  whole.dispose()
  return own
}

/** The dtype of the data; float16 is given as bits, in an array of another kind. */
function dtypeOf(data: Bits): DType {
  const dtype = ArrayBuffer.isView(data) ? dtypeOfArray(data) : undefined
  if (dtype && dtype !== 'float16') return dtype
  throw new DTypeError(
    `fromStrided: a ${(data as Bits | undefined)?.constructor.name} does not tell its dtype; name one`,
  )
}
