// The header of an npy file: a magic string, a version, a length, and a Python dictionary of dtype, order and shape.
// Source: numpy.lib.format, format versions 1.0 to 3.0.
import type { DType } from '../dtype.ts'
import { FormatError } from '../errors.ts'
import { contiguousStrides, show, sizeOf } from '../shape.ts'
import { type Literal, LiteralError, readLiteral } from './literal.ts'
import type { Bytes, Reader } from './source.ts'

/** What elements are: a dtype of this library, or unsigned numbers that it holds in a wider one. */
export type Stored = DType | 'uint16' | 'uint32'

/** By NumPy's code. */
const KINDS: Readonly<Record<string, Stored>> = {
  b1: 'bool',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
}
const CODES = new Map(Object.entries(KINDS).map(([code, kind]) => [kind, code]))

/** What other codes stand for. */
const OTHERS: Readonly<Record<string, string>> = {
  c: 'complex numbers',
  u: 'uint64',
  f: 'long doubles',
  S: 'byte strings',
  U: 'strings',
  O: 'Python objects',
  M: 'dates',
  m: 'time differences',
  V: 'raw bytes or bfloat16',
}

const MAGIC = '\x93NUMPY'
const MOST_AXES = 64

export interface NpyHeader {
  readonly stored: Stored
  readonly bigEndian: boolean
  /** Bytes of an element. */
  readonly item: number
  readonly shape: readonly number[]
  /** In elements: those of Fortran order for files that say so. */
  readonly strides: readonly number[]
  readonly fortran: boolean
  /** Where the elements begin, and where they end. */
  readonly begin: number
  readonly end: number
}

/** Makes complaints about a file of this name. */
export const complaint =
  (file: string) =>
  (at: number, reason: string): FormatError =>
    new FormatError(`${file}: at byte ${at}: ${reason}`)

/** The header that a reader begins with, checked against the bytes that there are. @throws FormatError */
export async function readHeader(reader: Reader, file: string): Promise<NpyHeader> {
  const bad = complaint(file)
  const size = reader.size ?? Number.POSITIVE_INFINITY
  let at = 0
  const take = async (count: number): Promise<DataView> => {
    if (at + count > size) throw bad(at, `the header goes on to byte ${at + count} of ${size}`)
    const bytes = await reader.read(at, at + count)
    if (bytes.length < count) throw bad(at + bytes.length, 'the file ends within its header')
    at += count
    return new DataView(bytes.buffer)
  }
  const start = await take(8)
  const letters = String.fromCharCode(...new Uint8Array(start.buffer, 0, 6))
  if (letters !== MAGIC) throw bad(0, 'this is no npy file: it does not begin with "\\x93NUMPY"')
  const [version, minor] = [start.getUint8(6), start.getUint8(7)]
  if (version < 1 || version > 3 || minor !== 0) throw bad(6, `version ${version}.${minor}; known are 1.0, 2.0, 3.0`)
  const length = version === 1 ? (await take(2)).getUint16(0, true) : (await take(4)).getUint32(0, true)
  const textAt = at
  const bytes = new Uint8Array((await take(length)).buffer)
  let text: string
  try {
    text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1', { fatal: true }).decode(bytes)
  } catch {
    throw bad(textAt, 'the header is not UTF-8')
  }
  const wrong = (key: string, reason: string): FormatError => bad(textAt + Math.max(0, text.indexOf(key)), reason)
  const { descr, fortran_order: fortran, shape } = fieldsOf(text, (place, reason) => bad(textAt + place, reason))
  if (typeof fortran !== 'boolean') throw wrong('fortran_order', 'fortran_order is neither True nor False')
  if (!isShape(shape)) throw wrong('shape', `shape is no tuple of at most ${MOST_AXES} lengths`)
  const kind = kindOf(descr, (reason) => wrong('descr', reason))
  const end = at + sizeOf(shape) * kind.item
  if (end > size) throw wrong('shape', `${kind.stored} ${show(shape)} ends at byte ${end} of ${size}`)
  const strides = fortran ? contiguousStrides(shape.toReversed()).toReversed() : contiguousStrides(shape)
  return { ...kind, shape, strides, fortran, begin: at, end }
}

function fieldsOf(
  text: string,
  bad: (at: number, reason: string) => FormatError,
): { descr?: Literal; fortran_order?: Literal; shape?: Literal } {
  let literal: Literal
  try {
    literal = readLiteral(text)
  } catch (error) {
    if (error instanceof LiteralError) throw bad(error.at, `the header is no Python literal: ${error.message}`)
    throw error
  }
  const keys = literal instanceof Map ? [...literal.keys()].sort().join() : ''
  if (keys !== 'descr,fortran_order,shape') {
    throw bad(0, 'the header is no dictionary of descr, fortran_order and shape')
  }
  return Object.fromEntries(literal as ReadonlyMap<string, Literal>)
}

const isShape = (value: Literal | undefined): value is number[] =>
  Array.isArray(value) &&
  value.length <= MOST_AXES &&
  value.every((n) => typeof n === 'number' && Number.isSafeInteger(n) && n >= 0)

function kindOf(
  descr: Literal | undefined,
  wrong: (reason: string) => FormatError,
): { stored: Stored; bigEndian: boolean; item: number } {
  if (typeof descr !== 'string') throw wrong('structured dtypes are not read; save each field as an array of its own')
  const [, order, kind, digits] = /^([<>|=]?)([a-zA-Z])(\d*)$/.exec(descr) ?? []
  const stored = Object.hasOwn(KINDS, kind + digits) ? KINDS[kind + digits] : undefined
  if (stored) return { stored, bigEndian: order === '>', item: Number(digits) }
  const name = OTHERS[kind] ? ` (${OTHERS[kind]})` : ''
  throw wrong(`dtype '${descr}'${name} is not read; known are ${Object.keys(KINDS).join(', ')}`)
}

/**
 * The header of a file with such an array, version 1.0, padded as NumPy pads it: room for the first axis to grow, and
 * elements that begin at a multiple of 64.
 */
export function makeHeader(dtype: DType, shape: readonly number[]): Bytes {
  const code = CODES.get(dtype) as string
  const descr = (code.endsWith('1') ? '|' : '<') + code
  const lengths = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${lengths}, }`
  const roomy = text + (shape.length > 0 ? ' '.repeat(21 - String(shape[0]).length) : '')
  const length = Math.ceil((10 + roomy.length + 1) / 64) * 64
  const bytes = new TextEncoder().encode(`${MAGIC}\x01\x00  ${roomy.padEnd(length - 11)}\n`)
  // The magic string's first letter takes two bytes in UTF-8.
  const header = bytes.slice(1)
  header[0] = MAGIC.charCodeAt(0)
  new DataView(header.buffer).setUint16(8, length - 10, true)
  return header
}
