// The safetensors format: an 8-byte length, a JSON header, and the tensors' bytes. What readers and writers share: ../safetensors.ts
// for bytes at hand, safetensors.ts for paths, pages, shards and piece by piece.
// Source: https://github.com/huggingface/safetensors, "Format".
import { fromBytes, toBytes } from '../create.ts'
import { type DType, ITEM_SIZE } from '../dtype.ts'
import { FormatError } from '../errors.ts'
import { sizeOf } from '../shape.ts'
import { Tensor } from '../tensor.ts'

/** The dtypes in the order of the reference implementation, which puts them so into a file: all lie aligned. */
const NAMES: Readonly<Record<DType, string>> = {
  int64: 'I64',
  float64: 'F64',
  float32: 'F32',
  int32: 'I32',
  bfloat16: 'BF16',
  float16: 'F16',
  int16: 'I16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
}
const ORDER = Object.keys(NAMES)
const KINDS = new Map(Object.entries(NAMES).map(([dtype, name]) => [name, dtype as DType]))
const MOST_HEADER = 100 * 2 ** 20
const MOST_AXES = 64

/** A tensor in a file: bytes `begin` to `end` of it. */
export interface Entry {
  readonly name: string
  /** Null for one that this library does not have: the others of the file can be read. */
  readonly dtype: DType | null
  /** The dtype as the file names it. */
  readonly stored: string
  /** A complaint about it, with the place in the file where the header names it. */
  readonly wrong: (reason: string) => FormatError
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

export interface Header {
  readonly metadata: Record<string, string>
  /** In the order in which they lie in the file. */
  readonly entries: readonly Entry[]
  /** Where the last of them ends, and the file with it. */
  readonly end: number
}

/** What a file consists of: the header, then each tensor. */
export function* partsOf(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>>,
): Generator<Uint8Array<ArrayBuffer>> {
  for (const [name, x] of Object.entries(tensors)) {
    if (!(x instanceof Tensor))
      throw new TypeError(`saveSafetensors: '${name}' is not a tensor; of a model, pass model.stateDict()`)
  }
  for (const [key, text] of Object.entries(metadata)) {
    if (typeof text !== 'string') throw new TypeError(`saveSafetensors: metadata '${key}' is not a string`)
  }
  const place = (name: string): number => ORDER.indexOf(tensors[name].dtype)
  const names = Object.keys(tensors).sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : []
  let end = 0
  for (const name of names) {
    const { dtype, shape, size } = tensors[name]
    const begin = end
    end += size * ITEM_SIZE[dtype]
    header.push([name, { dtype: NAMES[dtype], shape, data_offsets: [begin, end] }])
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)))
  const head = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20)
  new DataView(head.buffer).setBigUint64(0, BigInt(head.length - 8), true)
  head.set(json, 8)
  yield head
  for (const name of names) yield toBytes(tensors[name])
}

/** The tensor of an entry from its bytes. */
export function readEntry({ dtype, stored, wrong, shape }: Entry, bytes: Uint8Array): Tensor {
  if (!dtype) throw wrong(`has dtype ${JSON.stringify(stored)}; known are ${[...KINDS.keys()].join(', ')}`)
  return fromBytes(dtype === 'bool' ? bytes.map((b) => Number(b !== 0)) : bytes, shape, dtype)
}

const bad = (offset: number, reason: string): FormatError =>
  new FormatError(`safetensors: at byte ${offset}: ${reason}`)

/** The first byte behind the header. @param size bytes of the whole file, null if not known yet */
export function headerEnd(first: Uint8Array, size: number | null): number {
  if (first.length < 8) throw bad(0, `the file has ${first.length} bytes, fewer than the 8 of the header's length`)
  const length = Number(new DataView(first.buffer, first.byteOffset).getBigUint64(0, true))
  if (length > MOST_HEADER || 8 + length > (size ?? Number.POSITIVE_INFINITY)) {
    throw bad(0, `a header of ${length} bytes does not fit in a file of ${size ?? 'any'} bytes; the most is 100 MiB`)
  }
  return 8 + length
}

/** What the header says, checked. @param size bytes of the whole file, null if not known yet */
export function readHeader(bytes: Uint8Array, size: number | null): Header {
  let text = ''
  let header: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    header = JSON.parse(text)
  } catch (error) {
    throw bad(8, `the header is not JSON (${(error as Error).message})`)
  }
  if (!isObject(header)) throw bad(8, 'the header is not an object')
  const { __metadata__: metadata = {}, ...given } = header
  const placeOf = (name: string): number => {
    const before = text.indexOf(JSON.stringify(name))
    return 8 + (before < 0 ? 0 : new TextEncoder().encode(text.slice(0, before)).length)
  }
  if (!isObject(metadata) || Object.values(metadata).some((value) => typeof value !== 'string'))
    throw bad(placeOf('__metadata__'), '__metadata__ is not an object of strings')
  const start = 8 + bytes.length
  const entries = Object.entries(given)
    .map(([name, entry]) => checkEntry(name, entry, placeOf, start, size))
    .sort((a, b) => a.begin - b.begin || a.end - b.end)
  let end = start
  for (const { name, begin, end: next } of entries) {
    if (begin !== end) {
      const [where, last] = [begin - start, end - start]
      throw bad(begin, `tensor '${name}' begins at ${where}, not at ${last} where the one before ends`)
    }
    end = next
  }
  if (size !== null && end !== size) throw bad(end, `${size - end} bytes belong to no tensor`)
  return { metadata: metadata as Record<string, string>, entries, end }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

const isNatural = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0

/** A value of the header in a message, however deeply it is nested. */
const brief = (value: unknown): string =>
  Array.isArray(value)
    ? `[${value.slice(0, MOST_AXES).map((v) => (typeof v === 'object' ? '…' : v))}]`
    : isObject(value)
      ? 'an object'
      : String(JSON.stringify(value))

function checkEntry(
  name: string,
  entry: unknown,
  placeOf: (name: string) => number,
  start: number,
  size: number | null,
): Entry {
  const wrong = (reason: string): FormatError => bad(placeOf(name), `tensor '${name}' ${reason}`)
  const { dtype: stored, shape, data_offsets: offsets } = (isObject(entry) ? entry : {}) as Record<string, unknown>
  if (typeof stored !== 'string') throw wrong(`has dtype ${brief(stored)}`)
  if (!Array.isArray(shape) || shape.length > MOST_AXES || !shape.every(isNatural))
    throw wrong(`has shape ${brief(shape)}, not a list of at most ${MOST_AXES} lengths`)
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isNatural) || offsets[0] > offsets[1])
    throw wrong(`has offsets ${brief(offsets)}`)
  const [begin, end] = offsets
  if (size !== null && end > size - start) throw wrong(`ends at ${end} of ${size - start} bytes`)
  const dtype = KINDS.get(stored) ?? null
  const needed = dtype ? sizeOf(shape) * ITEM_SIZE[dtype] : end - begin
  if (end - begin !== needed) throw wrong(`has ${end - begin} bytes where ${stored} [${shape}] takes ${needed}`)
  return { name, dtype, stored, wrong, shape, begin: start + begin, end: start + end }
}
