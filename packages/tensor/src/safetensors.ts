// The safetensors format: an 8-byte length, a JSON header, and the tensors' bytes.
// Source: https://github.com/huggingface/safetensors, "Format".

import { tensor } from './create.ts'
import { type DType, ITEM_SIZE, type TypedArray } from './dtype.ts'
import { FormatError } from './errors.ts'
import { sizeOf } from './shape.ts'
import { Tensor } from './tensor.ts'

const NAMES: Readonly<Record<DType, string>> = {
  float32: 'F32',
  float64: 'F64',
  int32: 'I32',
  uint8: 'U8',
  bool: 'BOOL',
}
const KINDS = new Map(Object.entries(NAMES).map(([dtype, name]) => [name, dtype as DType]))
const MOST_HEADER = 100 * 2 ** 20

/** Named tensors and the file's free text. */
export interface SafetensorsFile {
  readonly tensors: Record<string, Tensor>
  readonly metadata: Record<string, string>
}

interface Entry {
  readonly dtype: string
  readonly shape: number[]
  readonly data_offsets: [number, number]
}

/** The bytes of a safetensors file with the tensors under their names. */
export function saveSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  for (const [name, x] of Object.entries(tensors)) {
    if (!(x instanceof Tensor))
      throw new TypeError(`saveSafetensors: '${name}' is not a tensor; of a model, pass model.stateDict()`)
  }
  // The largest elements first, as the reference implementation orders them, so that every tensor lies aligned.
  const names = Object.keys(tensors).sort(
    (a, b) => ITEM_SIZE[tensors[b].dtype] - ITEM_SIZE[tensors[a].dtype] || (a < b ? -1 : 1),
  )
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {}
  let end = 0
  for (const name of names) {
    const { dtype, shape, size } = tensors[name]
    const begin = end
    end += size * ITEM_SIZE[dtype]
    header[name] = { dtype: NAMES[dtype], shape, data_offsets: [begin, end] }
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const start = 8 + Math.ceil(json.length / 8) * 8
  const file = new Uint8Array(start + end)
  new DataView(file.buffer).setBigUint64(0, BigInt(start - 8), true)
  file.fill(0x20, 8, start)
  file.set(json, 8)
  let at = start
  for (const name of names) {
    const data = tensors[name].data()
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return file
}

/**
 * Reads a safetensors file.
 * @throws FormatError naming the offset and the reason when the bytes are not a valid file
 */
export function loadSafetensors(source: ArrayBuffer | Uint8Array): SafetensorsFile {
  if (!(source instanceof Uint8Array || source instanceof ArrayBuffer))
    throw new TypeError('loadSafetensors: give the bytes of a file, not its name')
  // A plain view: slices of Node's Buffer are not copies.
  const file =
    source instanceof Uint8Array
      ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
      : new Uint8Array(source)
  const { header, start } = readHeader(file)
  const { __metadata__: metadata = {}, ...entries } = header
  const tensors: Record<string, Tensor> = {}
  let covered = 0
  for (const [name, entry] of Object.entries(entries).sort(([, a], [, b]) => beginOf(a) - beginOf(b))) {
    const { dtype, shape, begin, end } = checkEntry(name, entry, file.length - start)
    if (begin !== covered)
      throw bad(start + begin, `tensor '${name}' begins at ${begin}, not at ${covered} where the one before ends`)
    covered = end
    // A copy, because typed arrays need their alignment and tensors their own memory.
    tensors[name] = tensor(typed(dtype, file.slice(start + begin, start + end).buffer), { dtype, shape })
  }
  if (covered !== file.length - start)
    throw bad(start + covered, `${file.length - start - covered} bytes belong to no tensor`)
  return { tensors, metadata: metadata as Record<string, string> }
}

const bad = (offset: number, reason: string): FormatError =>
  new FormatError(`safetensors: at byte ${offset}: ${reason}`)

const beginOf = (entry: unknown): number => Number((entry as Partial<Entry> | null)?.data_offsets?.[0])

function readHeader(file: Uint8Array): { header: Record<string, unknown>; start: number } {
  if (file.length < 8) throw bad(0, `the file has ${file.length} bytes, fewer than the 8 of the header's length`)
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true))
  if (length > MOST_HEADER || 8 + length > file.length)
    throw bad(0, `a header of ${length} bytes does not fit in a file of ${file.length}`)
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file.slice(8, 8 + length)))
  } catch (error) {
    throw bad(8, `the header is not JSON (${(error as Error).message})`)
  }
  if (header === null || typeof header !== 'object' || Array.isArray(header))
    throw bad(8, 'the header is not an object')
  return { header: header as Record<string, unknown>, start: 8 + length }
}

function checkEntry(
  name: string,
  entry: unknown,
  room: number,
): { dtype: DType; shape: number[]; begin: number; end: number } {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Partial<Entry>
  const kind = KINDS.get(dtype ?? '')
  if (!kind)
    throw bad(8, `tensor '${name}' has dtype ${JSON.stringify(dtype)}; known are ${[...KINDS.keys()].join(', ')}`)
  const natural = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0
  if (!Array.isArray(shape) || !shape.every(natural))
    throw bad(8, `tensor '${name}' has shape ${JSON.stringify(shape)}`)
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(natural)) {
    throw bad(8, `tensor '${name}' has offsets ${JSON.stringify(offsets)}`)
  }
  const [begin, end] = offsets
  if (end > room) throw bad(8, `tensor '${name}' ends at ${end} of ${room} bytes`)
  if (end - begin !== sizeOf(shape) * ITEM_SIZE[kind]) {
    throw bad(
      8,
      `tensor '${name}' has ${end - begin} bytes where ${dtype} [${shape.join(', ')}] takes ${sizeOf(shape) * ITEM_SIZE[kind]}`,
    )
  }
  return { dtype: kind, shape, begin, end }
}

function typed(dtype: DType, buffer: ArrayBuffer): TypedArray {
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer)
    case 'float64':
      return new Float64Array(buffer)
    case 'int32':
      return new Int32Array(buffer)
    default:
      return new Uint8Array(buffer)
  }
}
