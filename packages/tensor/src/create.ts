// Making tensors from values, ranges and fills.
import { run } from './backend/launch.ts'
import { family } from './backend/tensorKernels.ts'
import { boundsOf, checkDType, type DType, dtypeOfArray, ITEM_SIZE, type TypedArray } from './dtype.ts'
import { ShapeError } from './errors.ts'
import { tick } from './memory/blocks.ts'
import { heap } from './memory/heap.ts'
import { fill } from './ops/shape/contiguous.ts'
import { checkOptions, kindName, optionsOf, requireNumber, requireWhole } from './options.ts'
import { requireTensor, empty as unset } from './record.ts'
import { checkShape, type Shape, show, sizeOf } from './shape.ts'
import { type Bits, bitsOf, elements, encoderOf, type NestedArray, pointer, Tensor } from './tensor.ts'

/** Values a tensor can be made of. */
export type Values = NestedArray | TypedArray | BigInt64Array | readonly Values[]

export interface TensorOptions {
  /** Default: float32 for numbers, bool for booleans, int64 for bigints, the array's own for typed arrays. */
  dtype?: DType
  /** Default: the nesting of the values. */
  shape?: Shape
}

/**
 * A tensor with the given values: a number, a boolean, a bigint, nested arrays, or a typed array (its values are copied).
 * Values that the dtype does not hold are rounded (floats, halves to even) or cut toward zero (integers); those of typed
 * arrays wrap.
 * @throws ShapeError for ragged nesting or a shape that does not fit, DTypeError for an unknown dtype, RangeError for a
 * number beyond an integer dtype, or an unknown option
 * @example
 * import { tensor } from '@x/tensor'
 * tensor([[1, 2, 3], [4, 5, 6]]).shape // [2, 3]
 * tensor(new Float64Array(6), { shape: [2, 3] }).dtype // 'float64'
 */
export function tensor(values: Values, options: TensorOptions = {}): Tensor {
  checkOptions('tensor', options, ['dtype', 'shape'])
  const flat = ArrayBuffer.isView(values) ? (values as TypedArray | BigInt64Array) : null
  const nested: number[] = []
  let first: unknown = values
  // Only first elements are looked at here; ragged nesting shows up while copying.
  while (Array.isArray(first) || ArrayBuffer.isView(first)) {
    const list = first as unknown as ArrayLike<unknown>
    nested.push(list.length)
    if (list.length === 0) break
    first = list[0]
  }
  const dtype = checkDType('tensor', options.dtype ?? (flat ? dtypeOf(flat) : kindOf(first, values)))
  const shape = checkShape('tensor', options.shape ?? nested)
  const size = sizeOf(nested)
  if (sizeOf(shape) !== size) throw new ShapeError(`tensor: ${size} values do not fill ${show(shape)}`)
  const y = unset(shape, dtype, true)
  const { view, start } = elements(y)
  const isSame = view.constructor === flat?.constructor
  if (flat && (isSame ? dtype !== 'bool' : dtype === 'float32' && !(flat instanceof BigInt64Array)))
    view.set(flat as TypedArray, start)
  else fillFrom(values, nested, view, start, dtype)
  return y
}

/**
 * A tensor of bytes as a file holds them: little-endian elements in row-major order, copied.
 * @throws ShapeError unless the bytes fill the shape
 */
export function fromBytes(bytes: Uint8Array, shape: Shape, dtype: DType): Tensor {
  const to = checkShape('fromBytes', shape)
  if (bytes.length !== sizeOf(to) * ITEM_SIZE[checkDType('fromBytes', dtype)]) {
    throw new ShapeError(`fromBytes: ${bytes.length} bytes are not ${dtype} ${show(to)}`)
  }
  const y = unset(to, dtype, true)
  heap.u8.set(bytes, pointer(y))
  return y
}

/** The elements of a tensor as a file holds them: little-endian, in row-major order. */
export function toBytes(x: Tensor): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = bitsOf(x) as TypedArray & { buffer: ArrayBuffer }
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** The dtype for values of which this is the first; booleans among numbers are numbers. */
function kindOf(first: unknown, values: Values): DType {
  if (typeof first === 'bigint') return 'int64'
  const isBool =
    typeof first === 'boolean' &&
    ([values] as unknown[]).flat(Number.POSITIVE_INFINITY).every((v) => typeof v !== 'number')
  return isBool ? 'bool' : 'float32'
}

/** @throws RangeError for a number beyond the bounds of an integer dtype */
function checkBounds(op: string, value: number, dtype: DType, bounds = boundsOf(dtype)): void {
  const whole = Math.trunc(value)
  if (bounds && !(whole >= bounds[0] && whole <= bounds[1]))
    throw new RangeError(`${op}: ${value} is beyond ${dtype}, ${bounds[0]} to ${bounds[1]}; cast() wraps or saturates`)
}

function dtypeOf(values: Bits): DType {
  const dtype = dtypeOfArray(values)
  if (dtype) return dtype
  throw new TypeError(
    `tensor: a ${(values as object).constructor.name} has no dtype here; name one with { dtype }, or convert it`,
  )
}

function fillFrom(values: Values, shape: Shape, view: TypedArray, start: number, dtype: DType): void {
  let at = start
  const encode = encoderOf(dtype)
  const bounds = ArrayBuffer.isView(values) ? null : boundsOf(dtype)
  const walk = (v: unknown, d: number): void => {
    if (d === shape.length) {
      if (typeof v !== 'number' && typeof v !== 'boolean' && typeof v !== 'bigint') {
        throw new (Array.isArray(v) ? ShapeError : TypeError)(
          `tensor: ${kindName(v)} among the values of shape ${show(shape)}, which are numbers, booleans, arrays or typed arrays`,
        )
      }
      if (bounds) checkBounds('tensor', Number(v), dtype, bounds)
      view[at++] = encode(typeof v === 'boolean' ? Number(v) : v)
      return
    }
    const list = v as ArrayLike<unknown>
    if (typeof v !== 'object' || v === null || list.length !== shape[d]) {
      throw new ShapeError(
        `tensor: ragged values: ${list?.length ?? v} where shape ${show(shape)} has ${shape[d]} at axis ${d}`,
      )
    }
    for (let i = 0; i < list.length; i++) walk(list[i], d + 1)
  }
  walk(values, 0)
}

const arangeKernel = family('arange')

export interface DTypeOption {
  /** Default float32. */
  dtype?: DType
}

/**
 * A tensor that is `value` everywhere, of any dtype.
 * @throws ShapeError, DTypeError; TypeError for a value that is no number or truth value, RangeError for one beyond an
 * integer dtype, or an unknown option
 */
export function full(shape: Shape, value: number, options?: DTypeOption): Tensor {
  if (typeof value !== 'boolean') requireNumber('full', 'value', value)
  return filled('full', shape, value, options)
}

/**
 * @param value null leaves the values unset
 * @param own the dtype where the options name none
 */
function filled(
  op: string,
  shape: Shape,
  value: number | null,
  options: DTypeOption = {},
  own: DType = 'float32',
): Tensor {
  checkOptions(op, options, ['dtype'])
  const { dtype = own } = options
  checkDType(op, dtype)
  tick()
  if (value !== null) checkBounds(op, value, dtype)
  const y = unset(checkShape(op, shape), dtype)
  if (value !== null) fill(y, value)
  return y
}

function like(op: string, x: Tensor, value: number | null, options?: DTypeOption): Tensor {
  requireTensor(op, 'x', x)
  return filled(op, x.shape, value, options, x.dtype)
}

/** A tensor whose values nobody has set yet, for those who set all of them. @throws ShapeError, DTypeError */
export const empty = (shape: Shape, options?: DTypeOption): Tensor => filled('empty', shape, null, options)

/** `full` in the shape of `x`, and its dtype unless another is given. */
export const fullLike = (x: Tensor, value: number, options?: DTypeOption): Tensor => like('fullLike', x, value, options)

/** `empty` in the shape of `x`, and its dtype unless another is given. */
export const emptyLike = (x: Tensor, options?: DTypeOption): Tensor => like('emptyLike', x, null, options)

/** Zeros in the shape of `x`, and its dtype unless another is given. */
export const zerosLike = (x: Tensor, options?: DTypeOption): Tensor => like('zerosLike', x, 0, options)

/** Ones in the shape of `x`, and its dtype unless another is given. */
export const onesLike = (x: Tensor, options?: DTypeOption): Tensor => like('onesLike', x, 1, options)

/** Zeros. @throws ShapeError */
export const zeros = (shape: Shape, options?: DTypeOption): Tensor => filled('zeros', shape, 0, options)

/** Ones. @throws ShapeError */
export const ones = (shape: Shape, options?: DTypeOption): Tensor => filled('ones', shape, 1, options)

export interface ArangeOptions extends DTypeOption {
  /** Default 1. */
  step?: number
}

/**
 * start, start + step, … up to but without stop. With one argument, 0 … stop − 1.
 * @throws RangeError when step is 0 or leads away from stop
 */
export function arange(stop: number, options?: ArangeOptions): Tensor
export function arange(start: number, stop?: number, options?: ArangeOptions): Tensor
export function arange(start: number, stop?: number | ArangeOptions, options: ArangeOptions = {}): Tensor {
  if (typeof stop === 'object' && stop !== null) return arange(0, start, stop)
  const [from, to] = stop === undefined ? [0, start] : [start, stop]
  requireNumber('arange', 'start', from)
  requireNumber('arange', 'stop', to)
  const { step, dtype } = optionsOf('arange', options, { dtype: 'float32', step: 1 })
  const count = Math.ceil((to - from) / step)
  if (!Number.isFinite(count) || (to - from) * step < 0)
    throw new RangeError(`arange: ${from} to ${to} in steps of ${step} does not end`)
  return stepped(count, from, step, checkDType('arange', dtype))
}

/** from + i · step for i < count, computed in float64 and rounded once. */
function stepped(count: number, from: number, step: number, dtype: DType): Tensor {
  const whole = dtype === 'int32' && Number.isInteger(from) && Number.isInteger(step)
  if (dtype !== 'float32' && dtype !== 'float64' && !whole) return stepped(count, from, step, 'float64').cast(dtype)
  const y = unset([count], dtype)
  run(arangeKernel[dtype], count, count, pointer(y), from, step)
  return y
}

export interface LinspaceOptions extends DTypeOption {
  /** Whether stop is the last of them; without it they are the first `count` of count + 1. Default true. */
  endpoint?: boolean
}

/**
 * `count` numbers evenly from start to stop.
 * @throws RangeError for a count that is not a whole number ≥ 0, or an unknown option
 * @example
 * import { linspace } from '@x/tensor'
 * linspace(0, 1, 5).toArray() // [0, 0.25, 0.5, 0.75, 1]
 */
export function linspace(start: number, stop: number, count: number, options?: LinspaceOptions): Tensor {
  const { dtype, endpoint } = optionsOf('linspace', options, { dtype: 'float32', endpoint: true })
  requireNumber('linspace', 'start', start)
  requireNumber('linspace', 'stop', stop)
  requireWhole('linspace', 'count', count, 0)
  const steps = endpoint ? count - 1 : count
  const y = stepped(count, start, steps > 0 ? (stop - start) / steps : 0, checkDType('linspace', dtype))
  // Rounded steps need not end there.
  if (endpoint && count > 1) fill(new Tensor(y.storage, y.dtype, [1], null, count - 1), stop)
  return y
}
