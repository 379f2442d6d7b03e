// Making tensors from values, ranges and fills.
import { run } from './backend/launch.ts'
import { family } from './backend/tensorKernels.ts'
import { checkDType, type DType, type TypedArray } from './dtype.ts'
import { ShapeError } from './errors.ts'
import { tick } from './memory/storage.ts'
import { empty } from './record.ts'
import { checkShape, type Shape, show, sizeOf } from './shape.ts'
import { elements, type NestedArray, pointer, type Tensor } from './tensor.ts'

/** Values a tensor can be made of. */
export type Values = NestedArray | TypedArray | readonly Values[]

export interface TensorOptions {
  /** Default: float32 for numbers, bool for booleans, the array's own for typed arrays. */
  dtype?: DType
  /** Default: the nesting of the values. */
  shape?: Shape
}

/**
 * A tensor with the given values: a number, a boolean, nested arrays, or a typed array (its values are copied).
 * @throws ShapeError for ragged nesting or a shape that does not fit, DTypeError for an unknown dtype
 * @example
 * import { tensor } from '@x/tensor'
 * tensor([[1, 2, 3], [4, 5, 6]]).shape // [2, 3]
 * tensor(new Float64Array(6), { shape: [2, 3] }).dtype // 'float64'
 */
export function tensor(values: Values, { dtype, shape }: TensorOptions = {}): Tensor {
  const nested = shapeOf(values)
  const flat = ArrayBuffer.isView(values) ? (values as TypedArray) : null
  const kind = checkDType(
    'tensor',
    dtype ?? (flat ? dtypeOf(flat) : firstOf(values, nested) === true ? 'bool' : 'float32'),
  )
  const to = checkShape('tensor', shape ?? nested)
  if (sizeOf(to) !== sizeOf(nested)) {
    throw new ShapeError(`tensor: ${sizeOf(nested)} values do not fill ${show(to)}`)
  }
  const y = empty(to, kind, true)
  const { view, start } = elements(y)
  if (flat && kind !== 'bool') view.set(flat, start)
  else fillFrom(values, nested, view, start, kind)
  return y
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

/** True if the values are booleans. */
function firstOf(values: Values, shape: Shape): boolean {
  let v: unknown = values
  for (let d = 0; d < shape.length; d++) v = (v as ArrayLike<unknown>)[0]
  return typeof v === 'boolean'
}

function dtypeOf(values: TypedArray): DType {
  if (values instanceof Float32Array) return 'float32'
  if (values instanceof Float64Array) return 'float64'
  if (values instanceof Int32Array) return 'int32'
  if (values instanceof Uint8Array) return 'uint8'
  throw new TypeError(
    `tensor: a ${(values as object).constructor.name} has no dtype here; name one with { dtype }, or convert it`,
  )
}

function fillFrom(values: Values, shape: Shape, view: TypedArray, start: number, dtype: DType): void {
  let at = start
  const walk = (v: unknown, d: number): void => {
    if (d === shape.length) {
      if (typeof v !== 'number' && typeof v !== 'boolean') {
        throw new (typeof v === 'object' ? ShapeError : TypeError)(
          `tensor: ${typeof v} among the values of shape ${show(shape)}`,
        )
      }
      view[at++] = dtype === 'bool' ? Number(v !== 0 && v !== false) : Number(v)
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

const fillKernel = family('fill')
const arangeKernel = family('arange')

export interface DTypeOption {
  /** Default float32. */
  dtype?: DType
}

/** A tensor that is `value` everywhere. @throws ShapeError, TypeError */
export function full(shape: Shape, value: number, options: DTypeOption = {}): Tensor {
  for (const key in Object(options)) {
    if (key !== 'dtype') throw new TypeError(`full: ${JSON.stringify(options)} is not { dtype }`)
  }
  const { dtype = 'float32' } = options
  tick()
  const y = empty(checkShape('full', shape), checkDType('full', dtype))
  run(fillKernel[dtype], y.size, y.size, pointer(y), dtype === 'bool' ? Number(value !== 0) : value)
  return y
}

/** Zeros. @throws ShapeError */
export const zeros = (shape: Shape, options?: DTypeOption): Tensor => full(shape, 0, options)

/** Ones. @throws ShapeError */
export const ones = (shape: Shape, options?: DTypeOption): Tensor => full(shape, 1, options)

/**
 * start, start + step, … up to but without stop. With one argument, 0 … stop − 1.
 * @throws RangeError when step is 0 or leads away from stop
 */
export function arange(start: number, stop?: number, options: DTypeOption & { step?: number } = {}): Tensor {
  const [from, to] = stop === undefined ? [0, start] : [start, stop]
  const { step = 1, dtype = 'float32' } = options
  const count = Math.ceil((to - from) / step)
  if (!Number.isFinite(count) || (to - from) * step < 0)
    throw new RangeError(`arange: ${from} to ${to} in steps of ${step} does not end`)
  if (dtype === 'bool' || dtype === 'uint8') return arange(from, to, { step, dtype: 'int32' }).cast(dtype)
  const y = empty([count], checkDType('arange', dtype))
  run(arangeKernel[dtype], count, count, pointer(y), from, step)
  return y
}

/** `count` numbers evenly from start to stop, both included. */
export function linspace(start: number, stop: number, count: number, { dtype = 'float32' }: DTypeOption = {}): Tensor {
  if (!Number.isInteger(count) || count < 0) throw new RangeError(`linspace: count ${count} is not a whole number ≥ 0`)
  const y = empty([count], checkDType('linspace', dtype))
  run(arangeKernel[dtype], count, count, pointer(y), start, count > 1 ? (stop - start) / (count - 1) : 0)
  return y
}

/** The identity matrix [n, n]. */
export function eye(n: number, { dtype = 'float32' }: DTypeOption = {}): Tensor {
  const rows = arange(n, undefined, { dtype: 'int32' })
  return rows.reshape([n, 1]).eq(rows).cast(dtype)
}
