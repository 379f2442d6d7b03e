// Making tensors from values, ranges and fills.
import { run } from './backend/launch.ts'
import { family } from './backend/tensorKernels.ts'
import { boundsOf, checkDType, type DType, dtypeOfArray, ITEM_SIZE, type TypedArray } from './dtype.ts'
import { ShapeError } from './errors.ts'
import { tick } from './memory/blocks.ts'
import { heap } from './memory/heap.ts'
import { fill } from './ops/shape/contiguous.ts'
import { checkOptions, kindName, requireNumber, requireWhole } from './options.ts'
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
  const { dtype, shape } = options
  const nested = shapeOf(values)
  const flat = ArrayBuffer.isView(values) ? (values as TypedArray | BigInt64Array) : null
  const kind = checkDType('tensor', dtype ?? (flat ? dtypeOf(flat) : kindOf(values, nested)))
  const to = checkShape('tensor', shape ?? nested)
  if (sizeOf(to) !== sizeOf(nested)) {
    throw new ShapeError(`tensor: ${sizeOf(nested)} values do not fill ${show(to)}`)
  }
  const y = unset(to, kind, true)
  const { view, start } = elements(y)
  const isBig = flat instanceof BigInt64Array
  if (
    flat &&
    (isBig ? kind === 'int64' : kind === 'float32' || (view.constructor === flat.constructor && kind !== 'bool'))
  )
    view.set(flat as TypedArray, start)
  else fillFrom(values, nested, view, start, kind)
  return y
}

const KINDS: Readonly<Record<string, DType>> = { boolean: 'bool', bigint: 'int64' }

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

/** The shape of nested values. Only first elements are looked at here; ragged ones show up while copying. */
function shapeOf(values: Values): number[] {
  const shape: number[] = []
  for (let v: unknown = values; typeof v === 'object' && v !== null; v = (v as ArrayLike<unknown>)[0]) {
    if (!Array.isArray(v) && !ArrayBuffer.isView(v))
      throw new TypeError('tensor: values are numbers, booleans, arrays or typed arrays')
    const { length } = v as unknown as ArrayLike<unknown>
    shape.push(length)
    if (length === 0) break
  }
  return shape
}

/** The dtype for values of the type of the first; booleans among numbers are numbers. */
function kindOf(values: Values, shape: Shape): DType {
  let v: unknown = values
  for (let d = 0; d < shape.length; d++) v = (v as ArrayLike<unknown>)[0]
  const kind = KINDS[typeof v] ?? 'float32'
  const isMixed =
    kind === 'bool' &&
    ([values] as unknown[]).flat(Number.POSITIVE_INFINITY).some((b: unknown) => typeof b === 'number')
  return isMixed ? 'float32' : kind
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
          `tensor: ${kindName(v)} among the values of shape ${show(shape)}`,
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

/** @param own the dtype where the options name none */
function filled(op: string, shape: Shape, value: number, options: DTypeOption = {}, own: DType = 'float32'): Tensor {
  checkOptions(op, options, DTYPE)
  const { dtype = own } = options
  tick()
  checkBounds(op, value, checkDType(op, dtype))
  const y = unset(checkShape(op, shape), dtype)
  fill(y, value)
  return y
}

const DTYPE: readonly string[] = ['dtype']

/** A tensor whose values nobody has set yet, for those who set all of them. @throws ShapeError, DTypeError */
export function empty(shape: Shape, options: DTypeOption = {}): Tensor {
  checkOptions('empty', options, DTYPE)
  tick()
  return unset(checkShape('empty', shape), checkDType('empty', options.dtype ?? 'float32'))
}

/** `full` in the shape of `x`, and its dtype unless another is given. */
export const fullLike = (x: Tensor, value: number, options?: DTypeOption): Tensor => like('fullLike', x, value, options)

function like(op: string, x: Tensor, value: number, options?: DTypeOption): Tensor {
  requireTensor(op, 'x', x)
  return filled(op, x.shape, value, options, x.dtype)
}

/** `empty` in the shape of `x`, and its dtype unless another is given. */
export function emptyLike(x: Tensor, options?: DTypeOption): Tensor {
  requireTensor('emptyLike', 'x', x)
  return empty(x.shape, { dtype: x.dtype, ...options })
}

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
  checkOptions('arange', options, ['dtype', 'step'])
  const [from, to] = stop === undefined ? [0, start] : [start, stop]
  requireNumber('arange', 'start', from)
  requireNumber('arange', 'stop', to)
  const { step = 1, dtype = 'float32' } = options
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
export function linspace(start: number, stop: number, count: number, options: LinspaceOptions = {}): Tensor {
  checkOptions('linspace', options, ['dtype', 'endpoint'])
  const { dtype = 'float32', endpoint = true } = options
  requireNumber('linspace', 'start', start)
  requireNumber('linspace', 'stop', stop)
  requireWhole('linspace', 'count', count, 0)
  const steps = endpoint ? count - 1 : count
  const y = stepped(count, start, steps > 0 ? (stop - start) / steps : 0, checkDType('linspace', dtype))
  // Rounded steps need not end there.
  if (endpoint && count > 1) fill(new Tensor(y.storage, y.dtype, [1], null, count - 1), stop)
  return y
}
