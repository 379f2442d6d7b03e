// Dtype rules that op records share.
import { type DType, floatingFor, promoteTypes } from '../dtype.ts'
import type { Tensor } from '../tensor.ts'

/** The dtype where all inputs meet. */
export function common(inputs: readonly Tensor[]): DType {
  let dtype = inputs[0].dtype
  for (let i = 1; i < inputs.length; i++) dtype = promoteTypes(dtype, inputs[i].dtype)
  return dtype
}

/** Where all inputs meet, made floating. */
export const floating = (inputs: readonly Tensor[]): DType => floatingFor(common(inputs))

/** Where all inputs meet, at least int32: arithmetic on bytes and booleans counts in int32. */
export function arithmetic(inputs: readonly Tensor[]): DType {
  const dtype = common(inputs)
  return dtype === 'bool' || dtype === 'uint8' ? 'int32' : dtype
}

export const toBool = (): DType => 'bool'
export const toInt32 = (): DType => 'int32'
