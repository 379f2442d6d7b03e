// Dtype rules that op records share.
import { type DType, dtypeOfNumber, floatingFor, isFloating, prevail, promoteTypes } from '../../dtype.ts'
import { DTypeError } from '../../errors.ts'
import { wrongKind } from '../../options.ts'
import { Tensor } from '../../tensor.ts'

/** The dtypes of arithmetic: what smaller integers compute in, and int64, which has kernels of its own for it. */
export const NUMBERS: readonly DType[] = ['float32', 'float64', 'int32', 'int64']

/** The dtype where all inputs meet: see `resultType`. */
export function common(inputs: readonly Tensor[]): DType {
  const { dtype } = inputs[0]
  for (let i = 1; i < inputs.length; i++) if (inputs[i].dtype !== dtype) return resultType(...inputs)
  return dtype
}

/**
 * The dtype in which operands meet, as torch.result_type. Tensors with axes (and dtypes) promote among themselves, and
 * so do scalars (tensors without axes) and JavaScript numbers. A scalar only counts where it is of a higher category
 * than the tensors with axes (bool < integers < floats), and a number where it is of a higher one than all tensors;
 * then the two promote. Numbers are int32 if whole, else float32.
 * @throws DTypeError for an unknown dtype, TypeError for no operand or one that is none of these
 * @example
 * import { resultType, tensor } from '@x/tensor'
 * resultType(tensor([1, 2], { dtype: 'uint8' }), tensor(1000, { dtype: 'int64' })) // 'uint8'
 * resultType(tensor([1, 2], { dtype: 'uint8' }), 0.5) // 'float32'
 */
export function resultType(...operands: readonly (Tensor | DType | number)[]): DType {
  let full: DType | undefined
  let scalar: DType | undefined
  let number: DType | undefined
  const meet = (known: DType | undefined, dtype: DType): DType => promoteTypes(known ?? dtype, dtype)
  for (const x of operands) {
    if (typeof x === 'string') full = meet(full, x)
    else if (typeof x === 'number') number = meet(number, dtypeOfNumber(x))
    else if (!(x instanceof Tensor)) throw wrongKind('resultType', 'operand', x, 'tensor, dtype or number')
    else if (x.ndim > 0) full = meet(full, x.dtype)
    else scalar = meet(scalar, x.dtype)
  }
  const dtype = prevail(full, prevail(scalar, number))
  if (!dtype) throw new TypeError('resultType: give tensors, dtypes or numbers')
  return dtype
}

/** Where all inputs meet, made floating. */
export const floating = (inputs: readonly Tensor[]): DType => floatingFor(common(inputs))

/** Where all inputs meet, made floating so that whole numbers below 2⁵³ stay exact. */
export function exactly(inputs: readonly Tensor[]): DType {
  const dtype = common(inputs)
  return isFloating(dtype) ? dtype : 'float64'
}

/** Where all inputs meet, at least int32: for sums and counts of small integers, which would soon wrap. */
export function arithmetic(inputs: readonly Tensor[]): DType {
  const dtype = common(inputs)
  return isFloating(dtype) || dtype === 'int64' ? dtype : 'int32'
}

/** Where all inputs meet, which is not bool: `instead` says what there is for that. */
export function numeric(op: string, instead: string): (inputs: readonly Tensor[]) => DType {
  return (inputs) => {
    const dtype = common(inputs)
    if (dtype === 'bool') throw new DTypeError(`${op}: bool has no ${op}; ${instead}`)
    return dtype
  }
}

/** Where all inputs meet, which is bool or an integer dtype. @throws DTypeError */
export function integral(op: string): (inputs: readonly Tensor[]) => DType {
  return (inputs) => {
    const dtype = common(inputs)
    if (isFloating(dtype)) {
      throw new DTypeError(
        `${op}: ${inputs.map((x) => x.dtype).join(' and ')}: floats have no ${op}; cast to an integer dtype`,
      )
    }
    return dtype
  }
}

export const toBool = (): DType => 'bool'
export const toInt32 = (): DType => 'int32'
