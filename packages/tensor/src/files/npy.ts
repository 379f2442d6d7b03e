// NumPy's npy files: one array each.
import { fromBytes, tensor, toBytes } from '../create.ts'
import { DTypeError } from '../errors.ts'
import { keep } from '../memory/scope.ts'
import { checkOptions } from '../options.ts'
import { requireTensor } from '../record.ts'
import { show, sizeOf } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { complaint, makeHeader, type NpyHeader, readHeader } from './npyHeader.ts'
import { type Bytes, open, type Reader, type ReadOptions, type Source } from './source.ts'
import { type Target, write } from './target.ts'

/** Positions along the first axis, from the first to before the second. */
export type Rows = readonly [begin: number, end: number]

export interface NpyOptions extends ReadOptions {
  /** Reads these rows alone. Default: all. */
  readonly rows?: Rows
}

/**
 * The array of an npy file, versions 1 to 3, of either byte order; one in Fortran order is a transposed view.
 * bool, uint8, int8 to int64 and float16 to float64 stay what they are; uint16 becomes int32 and uint32 int64, which hold
 * their values. With `rows`, a file in C order is read there alone, where its source allows: paths, Files, servers that
 * answer for ranges. The tensor is exempt from every tidy.
 * @throws FormatError naming the offset and the reason for a malformed file, and for dtypes that there are not
 * @throws RangeError for rows and options that there are not
 * @example
 * import { tensor } from '@x/tensor'
 * import { loadNpy, saveNpy } from '@x/tensor/files'
 * const bytes = await saveNpy(tensor([[1, 2], [3, 4], [5, 6]]))
 * const x = await loadNpy(bytes, { rows: [1, 3] }) // [[3, 4], [5, 6]]
 */
export async function loadNpy(source: Source, options: NpyOptions = {}): Promise<Tensor> {
  const { rows } = options
  const reader = await open('loadNpy', source, options, { anywhere: rows !== undefined, more: ['rows'] })
  try {
    return keep(await readNpy(reader, 'npy', rows))
  } finally {
    await reader.close()
  }
}

/** The array that a reader holds. @param file its name in messages */
export async function readNpy(reader: Reader, file: string, rows?: Rows): Promise<Tensor> {
  const header = await readHeader(reader, file)
  const { begin, end, item, shape, fortran } = header
  const bad = complaint(file)
  const take = async (from: number, to: number): Promise<Bytes> => {
    const bytes = await reader.read(from, to)
    if (bytes.length === to - from) return bytes
    throw bad(from + bytes.length, `the file ends here; ${header.stored} ${show(shape)} takes ${end} bytes`)
  }
  if (rows) checkRows('loadNpy', rows, shape)
  const [first, last] = rows ?? [0, 0]
  if (!rows || fortran) {
    const bytes = await take(begin, end)
    const more = reader.size === null ? (await reader.read(end, end + 1)).length : reader.size - end
    if (more > 0) throw bad(end, 'bytes follow the array')
    const x = build(header, bytes)
    return rows ? new Tensor(x.storage, x.dtype, [last - first, ...shape.slice(1)], x.strides, first) : x
  }
  const row = sizeOf(shape.slice(1)) * item
  const part = { ...header, shape: [last - first, ...shape.slice(1)] }
  return build(part, await take(begin + first * row, begin + last * row))
}

/** @throws RangeError for rows that the shape does not have */
export function checkRows(op: string, rows: Rows, shape: readonly number[]): void {
  const [first, last] = rows
  if (!(Number.isInteger(first) && Number.isInteger(last) && 0 <= first && first <= last && last <= shape[0])) {
    throw new RangeError(`${op}: rows ${first} to ${last} are not among those of ${show(shape)}`)
  }
}

function build({ stored, bigEndian, item, shape, strides, fortran }: NpyHeader, bytes: Bytes): Tensor {
  if (bigEndian && item > 1) for (let at = 0; at < bytes.length; at += item) bytes.subarray(at, at + item).reverse()
  const flat = [sizeOf(shape)]
  const x =
    stored === 'uint16'
      ? tensor(Int32Array.from(new Uint16Array(bytes.buffer)))
      : stored === 'uint32'
        ? tensor(BigInt64Array.from(new Uint32Array(bytes.buffer), BigInt))
        : fromBytes(stored === 'bool' ? bytes.map((b) => Number(b !== 0)) : bytes, flat, stored)
  return new Tensor(x.storage, x.dtype, Object.freeze([...shape]), fortran ? strides : null)
}

export interface SaveOptions {
  /** Where the file goes. Default: its bytes are returned. */
  readonly to?: Target
}

/**
 * Writes an npy file, version 1.0, in C order; without `to`, gives its bytes.
 * @throws DTypeError for bfloat16, which NumPy does not have
 * @example
 * import { arange } from '@x/tensor'
 * import { saveNpy } from '@x/tensor/files'
 * const bytes = await saveNpy(arange(10)) // or saveNpy(x, { to: 'x.npy' })
 */
export function saveNpy(x: Tensor, options: SaveOptions & { readonly to: Target }): Promise<undefined>
export function saveNpy(x: Tensor, options?: { readonly to?: undefined }): Promise<Bytes>
export async function saveNpy(x: Tensor, options: SaveOptions = {}): Promise<Bytes | undefined> {
  checkOptions('saveNpy', options, ['to'])
  return write('saveNpy', npyParts('saveNpy', 'x', x), options.to)
}

/** Header and elements of a file. */
export function npyParts(op: string, name: string, x: Tensor): Bytes[] {
  requireTensor(op, name, x)
  if (x.dtype === 'bfloat16') {
    throw new DTypeError(`${op}: ${name} has dtype bfloat16, which NumPy does not have; cast('float32') is exact`)
  }
  return [makeHeader(x.dtype, x.shape), toBytes(x)]
}
