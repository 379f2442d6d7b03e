// The element types, and the one table of how they promote.
import { DTypeError } from './errors.ts'

/** Element types that compute. `bool` is one byte, 0 or 1. */
export type DType = 'float32' | 'float64' | 'int32' | 'uint8' | 'bool'

/** The JavaScript typed arrays that tensors read from and write to. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array

/** Bytes of one element. */
export const ITEM_SIZE: Readonly<Record<DType, 1 | 4 | 8>> = { float32: 4, float64: 8, int32: 4, uint8: 1, bool: 1 }

const ORDER: readonly DType[] = ['bool', 'uint8', 'int32', 'float32', 'float64']

/**
 * The dtype in which two tensors meet: the higher of bool < uint8 < int32 < float32 < float64.
 * As in PyTorch, an integer never widens a float; a plain JavaScript number never widens a tensor of its own kind.
 */
export function promoteTypes(a: DType, b: DType): DType {
  return a === b ? a : ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b
}

/** Whether the dtype holds fractions. */
export function isFloating(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64'
}

/** The floating dtype that stands for `dtype`: itself, or float32 for integers and bool. */
export function floatingFor(dtype: DType): DType {
  return isFloating(dtype) ? dtype : 'float32'
}

/** @throws DTypeError unless `dtype` is one of `allowed`. */
export function requireDType(op: string, dtype: DType, allowed: readonly DType[]): void {
  if (!allowed.includes(dtype))
    throw new DTypeError(`${op}: dtype ${dtype} is not supported; use ${allowed.join(', ')}`)
}

/** @throws DTypeError when `name` is not a dtype of this library. */
export function checkDType(op: string, name: string): DType {
  if (!(name in ITEM_SIZE)) {
    throw new DTypeError(`${op}: unknown dtype '${name}'; there are ${Object.keys(ITEM_SIZE).join(', ')}`)
  }
  return name as DType
}
