// The element types, what computes in their stead, and the one table of how they promote.
import { DTypeError } from './errors.ts'

/**
 * Element types. float32, float64, int32, uint8 and bool compute; float16, bfloat16, int8, int16 and int64 are for
 * loading, storing and casting: an op on them computes in another type (see `COMPUTED_IN`) and rounds or wraps back.
 * `bool` is one byte, 0 or 1.
 */
export type DType =
  | 'bool'
  | 'uint8'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'float16'
  | 'bfloat16'
  | 'float32'
  | 'float64'

/** The JavaScript arrays of numbers that tensors read from and write to. For int64 it is BigInt64Array. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array | Int8Array | Int16Array

/** Bytes of one element. */
export const ITEM_SIZE: Readonly<Record<DType, 1 | 2 | 4 | 8>> = {
  bool: 1,
  uint8: 1,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  float16: 2,
  bfloat16: 2,
  float32: 4,
  float64: 8,
}

/** What stands for a dtype in the names of kernels and of the heap's views. */
export const SUFFIX = {
  bool: 'u8',
  uint8: 'u8',
  int8: 'i8',
  int16: 'i16',
  int32: 'i32',
  int64: 'i64',
  float16: 'f16',
  bfloat16: 'bf16',
  float32: 'f32',
  float64: 'f64',
} as const

/** Every dtype, in the order of promotion. */
export const DTYPES: readonly DType[] = Object.keys(ITEM_SIZE) as DType[]

/**
 * The dtype in which an op without kernels of its own for a dtype computes. All of it is exact but for int64 beyond 2⁵³,
 * which only the ops that say so (`native`, see record.ts) compute in full.
 */
export const COMPUTED_IN: Readonly<Record<DType, DType>> = {
  bool: 'int32',
  uint8: 'int32',
  int8: 'int32',
  int16: 'int32',
  int32: 'int32',
  int64: 'float64',
  float16: 'float32',
  bfloat16: 'float32',
  float32: 'float32',
  float64: 'float64',
}

/** The dtypes that most kernels are written for. */
export const COMPUTING: readonly DType[] = ['bool', 'uint8', 'int32', 'float32', 'float64']
/** The dtypes that kernels take which move elements of 1, 4 and 8 bytes whatever they mean. */
export const MOVING: readonly DType[] = [...COMPUTING, 'int8', 'int64']

/**
 * The dtype in which two tensors meet, as torch.promote_types: the later in
 * bool, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64 — but uint8 and int8 meet in int16, which
 * holds both, and float16 and bfloat16 in float32. An integer never widens a float. For tensors and numbers that meet
 * in an op see `resultType`.
 * @throws DTypeError for an unknown dtype
 * @example
 * import { promoteTypes } from '@x/tensor'
 * promoteTypes('uint8', 'int8') // 'int16'
 * promoteTypes('int64', 'float16') // 'float16'
 */
export function promoteTypes(a: DType, b: DType): DType {
  checkDType('promoteTypes', a)
  checkDType('promoteTypes', b)
  const [low, high] = DTYPES.indexOf(a) < DTYPES.indexOf(b) ? [a, b] : [b, a]
  if (low === 'uint8' && high === 'int8') return 'int16'
  return low === 'float16' && high === 'bfloat16' ? 'float32' : high
}

/** 0 for bool, 1 for integers, 2 for floats. */
const categoryOf = (dtype: DType): number => (isFloating(dtype) ? 2 : dtype === 'bool' ? 0 : 1)

/**
 * Where a dtype meets one of lower standing (tensors with axes, then scalars of no axes, then JavaScript numbers): it
 * prevails, unless the other is of a higher category (bool, integers, floats).
 */
export function prevail(dtype: DType | undefined, other: DType | undefined): DType | undefined {
  if (dtype === undefined || other === undefined) return dtype ?? other
  return categoryOf(other) > categoryOf(dtype) ? promoteTypes(dtype, other) : dtype
}

/** The dtype of a JavaScript number: int32 if it is whole, else float32. */
export const dtypeOfNumber = (value: number): DType => (Number.isInteger(value) ? 'int32' : 'float32')

/** The dtype that an array of this kind holds by itself: of a Float32Array float32; undefined for other kinds. */
export function dtypeOfArray(values: ArrayBufferView): DType | undefined {
  const kind = (values as TypedArray)[Symbol.toStringTag].replace('Big', '').slice(0, -'Array'.length).toLowerCase()
  return Object.hasOwn(ITEM_SIZE, kind) ? (kind as DType) : undefined
}

/** Whether the dtype holds fractions. */
export function isFloating(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64' || dtype === 'float16' || dtype === 'bfloat16'
}

/** The least and the largest number of an integer dtype; null of the others. */
export function boundsOf(dtype: DType): readonly [least: number, largest: number] | null {
  if (dtype === 'bool' || isFloating(dtype)) return null
  const half = 2 ** (8 * ITEM_SIZE[dtype] - 1)
  return dtype === 'uint8' ? [0, 255] : [-half, half - 1]
}

/** The floating dtype that stands for `dtype`: itself, or float32 for integers and bool. */
export function floatingFor(dtype: DType): DType {
  return isFloating(dtype) ? dtype : 'float32'
}

/** @throws DTypeError when `name` is not a dtype of this library. */
export function checkDType(op: string, name: string): DType {
  if (!Object.hasOwn(ITEM_SIZE, name)) {
    throw new DTypeError(`${op}: unknown dtype '${name}'; there are ${DTYPES.join(', ')}`)
  }
  return name as DType
}
