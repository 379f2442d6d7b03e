// Reading vector files: their cases as they lie there, and their tensors as typed arrays.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { type DType, type Tensor, type TypedArray, tensor } from '@x/tensor'

/** The dtype of floating inputs in a run: every case is run in both. */
export type Precision = 'float64' | 'float32'

/** A recorded tensor: base64 of little-endian values in row-major order. */
export interface Recorded {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data: string
}

/** How far torch in float32 was from torch in float64. */
export interface Deviation {
  readonly abs?: number | string
}

/** A step of `pre`, such as ['slice', axis, start, stop, step]. */
export type ViewStep = readonly [name: string, ...args: unknown[]]

/** A case of the general form; families of another form read their fields from `rest`. */
export interface Case {
  readonly id: string
  readonly op: string
  // biome-ignore lint/suspicious/noExplicitAny: arguments are what JSON holds; each op knows which it has
  readonly args: Readonly<Record<string, any>>
  readonly inputs: Readonly<Record<string, Recorded>>
  readonly pre: Readonly<Record<string, readonly ViewStep[]>>
  readonly outputs?: readonly Recorded[]
  readonly outputs32?: readonly (Recorded | null)[]
  readonly outputs_f32path?: readonly (Recorded | null)[]
  readonly err32?: {
    readonly out?: readonly (Deviation | null)[]
    readonly grad?: Readonly<Record<string, Deviation | null>>
  }
  readonly grad_outputs?: readonly (Recorded | null)[]
  readonly grad_inputs?: Readonly<Record<string, Recorded>>
  readonly grad_inputs32?: Readonly<Record<string, Recorded>>
  readonly grad_unused?: readonly string[]
  readonly authoritative?: string
  readonly ignore?: readonly (readonly number[] | null)[]
  readonly throws?: boolean
  // biome-ignore lint/suspicious/noExplicitAny: what the families with a form of their own read
  readonly rest: Readonly<Record<string, any>>
  /** The folder of the file, for cases that name others. */
  readonly folder: string
}

export interface VectorFile {
  readonly path: string
  readonly family: string
  /** Why the file cannot be read, or its cases, of which none has been looked at. */
  readonly problem?: string
  readonly cases: readonly unknown[]
}

/** The vector files at `path`, which is one of them or a folder that is searched with all below it. */
export function readVectorFiles(path: string): VectorFile[] {
  const paths = statSync(path).isDirectory() ? jsonFilesIn(path) : [path]
  return paths.map(readVectorFile).filter((file) => file !== null)
}

function jsonFilesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => extname(name) === '.json' && !name.split(/[\\/]/).includes('node_modules'))
    .sort()
    .map((name) => join(folder, name))
}

/** Null for a JSON object that has neither cases nor a family: data that cases refer to. */
function readVectorFile(path: string): VectorFile | null {
  const family = basename(path, '.json')
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (!isObject(content)) return { path, family, problem: 'not an object with cases', cases: [] }
    if (!('cases' in content) && !('family' in content)) return null
    // Recorded reinforcement learning has a runner of its own: scripts/trajectories.ts.
    if (String(content.schema).startsWith('rl-ref/')) return null
    const named = typeof content.family === 'string' ? content.family : family
    if (!Array.isArray(content.cases)) return { path, family: named, problem: '"cases" is not an array', cases: [] }
    return { path, family: named, cases: content.cases }
  } catch (error) {
    return { path, family, problem: `cannot be read: ${(error as Error).message}`, cases: [] }
  }
}

/** @throws Error when the case has no id and op, or a field of another kind */
export function readCase(given: unknown, path: string): Case {
  if (!isObject(given)) throw new Error('the case is not an object')
  const { id, op, args = {}, inputs = {}, pre = {}, outputs } = given
  if (typeof id !== 'string' || typeof op !== 'string') throw new Error('the case has no id or no op')
  for (const [name, value] of Object.entries({ args, inputs, pre })) {
    if (!isObject(value)) throw new Error(`"${name}" is not an object`)
  }
  const known = { args: revive(args), inputs, pre, outputs: Array.isArray(outputs) ? outputs : undefined }
  return { ...given, ...known, rest: given, folder: dirname(path) } as unknown as Case
}

/** Where the file has the strings for numbers that JSON lacks, the numbers. */
export function revive(value: unknown): unknown {
  if (value === 'nan') return Number.NaN
  if (value === 'inf') return Number.POSITIVE_INFINITY
  if (value === '-inf') return Number.NEGATIVE_INFINITY
  if (Array.isArray(value)) return value.map(revive)
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, revive(v)]))
  return value
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const ARRAYS = {
  f32: Float32Array,
  f64: Float64Array,
  i64: BigInt64Array,
  i32: Int32Array,
  i16: Int16Array,
  i8: Int8Array,
  u8: Uint8Array,
  bool: Uint8Array,
} as const

/** The values of a recorded tensor. @throws Error when dtype, shape and data do not belong together */
export function valuesOf(recorded: Recorded): ArrayLike<number | bigint> {
  const { dtype, shape, data } = (recorded ?? {}) as Partial<Recorded>
  const Values = Object.hasOwn(ARRAYS, dtype ?? '') ? ARRAYS[dtype as keyof typeof ARRAYS] : null
  if (!Values) throw new Error(`a recorded tensor has dtype ${JSON.stringify(dtype)}`)
  if (!Array.isArray(shape) || typeof data !== 'string') throw new Error('a recorded tensor has no shape or no data')
  const bytes = new Uint8Array(Buffer.from(data, 'base64'))
  const size = shape.reduce((n, d) => n * d, 1)
  if (bytes.length !== size * Values.BYTES_PER_ELEMENT) {
    throw new Error(`a recorded tensor has ${bytes.length} bytes, which are not ${dtype} [${shape.join(', ')}]`)
  }
  return new Values(bytes.buffer)
}

/** Recorded names of dtypes, and ours. */
export const DTYPES: Readonly<Record<string, DType>> = {
  f32: 'float32',
  f64: 'float64',
  i64: 'int64',
  i32: 'int32',
  i16: 'int16',
  i8: 'int8',
  u8: 'uint8',
  bool: 'bool',
}

/** A recorded tensor as one of ours: floats in the precision of the run. */
export function toTensor(recorded: Recorded, precision: Precision): Tensor {
  const values = valuesOf(recorded) as TypedArray | BigInt64Array
  const floats = recorded.dtype === 'f32' || recorded.dtype === 'f64'
  return tensor(values, { dtype: floats ? precision : DTYPES[recorded.dtype], shape: recorded.shape })
}
