// What a dtype holds: the inspection functions of the array API standard.
import { boundsOf, checkDType, DTYPES, type DType, ITEM_SIZE, promoteTypes } from './dtype.ts'
import { DTypeError } from './errors.ts'
import { Tensor } from './tensor.ts'

/** Limits of a floating dtype. */
export interface FloatInfo {
  readonly dtype: DType
  readonly bits: number
  /** Distance from 1 to the next number. */
  readonly eps: number
  readonly max: number
  readonly min: number
  /** The least positive number of full precision. */
  readonly smallestNormal: number
}

/** Limits of an integer dtype; bigints for int64, whose numbers do not hold. */
export interface IntegerInfo {
  readonly dtype: DType
  readonly bits: number
  readonly max: number | bigint
  readonly min: number | bigint
}

/** Bits of the fraction and largest exponent. */
const FORMATS: Readonly<Partial<Record<DType, readonly [fraction: number, exponent: number]>>> = {
  float16: [10, 15],
  bfloat16: [7, 127],
  float32: [23, 127],
  float64: [52, 1023],
}

const dtypeOf = (op: string, x: DType | Tensor): DType => (x instanceof Tensor ? x.dtype : checkDType(op, x))

/**
 * The limits of a floating dtype.
 * @throws DTypeError for one that is not
 * @example
 * import { finfo } from '@x/tensor'
 * finfo('float16').max // 65504
 */
export function finfo(x: DType | Tensor): FloatInfo {
  const dtype = dtypeOf('finfo', x)
  const format = FORMATS[dtype]
  if (!format) throw new DTypeError(`finfo: ${dtype} is not floating; iinfo is for integers`)
  const [fraction, exponent] = format
  const max = 2 ** exponent * (2 - 2 ** -fraction)
  return { dtype, bits: 8 * ITEM_SIZE[dtype], eps: 2 ** -fraction, max, min: -max, smallestNormal: 2 ** (1 - exponent) }
}

/** The limits of an integer dtype. @throws DTypeError for one that is not */
export function iinfo(x: DType | Tensor): IntegerInfo {
  const dtype = dtypeOf('iinfo', x)
  const bounds = boundsOf(dtype)
  if (!bounds) throw new DTypeError(`iinfo: ${dtype} is not an integer dtype; finfo is for floats`)
  const bits = 8 * ITEM_SIZE[dtype]
  if (bits === 64) return { dtype, bits, max: 2n ** 63n - 1n, min: -(2n ** 63n) }
  return { dtype, bits, max: bounds[1], min: bounds[0] }
}

/** Whether values of one dtype may become another by promotion alone: whether the two promote to it. */
export const canCast = (from: DType | Tensor, to: DType): boolean => promoteTypes(dtypeOf('canCast', from), to) === to

/** The names of the dtypes of each kind. */
const KINDS: Readonly<Record<string, RegExp>> = {
  bool: /bool/,
  'signed integer': /^int/,
  'unsigned integer': /uint/,
  integral: /int/,
  'real floating': /float/,
  'complex floating': /complex/,
  numeric: /int|float/,
}

/**
 * Whether a dtype is of a kind: a dtype itself, 'bool', 'signed integer', 'unsigned integer', 'integral',
 * 'real floating', 'complex floating' (none is), 'numeric', or one of a list of these.
 * @throws DTypeError for an unknown dtype or kind
 */
export function isdtype(dtype: DType, kind: string | readonly string[]): boolean {
  checkDType('isdtype', dtype)
  return (typeof kind === 'string' ? [kind] : kind).some((k) => {
    if (Object.hasOwn(KINDS, k)) return KINDS[k].test(dtype)
    if (DTYPES.includes(k as DType)) return k === dtype
    throw new DTypeError(`isdtype: '${k}' is neither a dtype nor a kind; kinds are ${Object.keys(KINDS).join(', ')}`)
  })
}
