// The IDX format of the MNIST files: two zero bytes, a type, the number of axes, their lengths, then the elements,
// big-endian. Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", file formats.
import { FormatError } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import { refuse } from '../refuse.ts'

/** What an IDX file holds, row by row. */
export interface IdxArray<T = Uint8Array> {
  /** [28, 28] for an image, say; the examples first. */
  readonly shape: readonly number[]
  /** All elements, row by row. */
  readonly data: T
}

/** The numbers of an IDX file of any type. */
export type IdxData = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array

const TYPES = {
  uint8: { code: 0x08, array: Uint8Array, get: 'getUint8' },
  int8: { code: 0x09, array: Int8Array, get: 'getInt8' },
  int16: { code: 0x0b, array: Int16Array, get: 'getInt16' },
  int32: { code: 0x0c, array: Int32Array, get: 'getInt32' },
  float32: { code: 0x0d, array: Float32Array, get: 'getFloat32' },
  float64: { code: 0x0e, array: Float64Array, get: 'getFloat64' },
} as const

/** Options of `readIdx`. */
export interface IdxOptions {
  /** How many axes there must be: 3 for MNIST's images, 1 for its labels. Default: any number. */
  axes?: number
}

/**
 * Reads the bytes of an IDX file; those of unsigned bytes (images, labels) are a view of the file.
 * @throws FormatError naming the offset and the reason
 * @example
 * import { readIdx } from '@x/nn/data'
 * const file = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4)
 * readIdx(file, { axes: 1 }).data // Uint8Array [5, 0, 4]
 */
export function readIdx(file: Uint8Array, options: IdxOptions = {}): IdxArray<IdxData> {
  if (!(file instanceof Uint8Array)) throw refuse('readIdx: file', file, 'its bytes as a Uint8Array')
  checkOptions('readIdx', options, ['axes'])
  const { axes } = options
  const bad = (offset: number, reason: string): FormatError => new FormatError(`idx: at byte ${offset}: ${reason}`)
  if (file.length < 4) throw bad(0, `the file has ${file.length} bytes, fewer than its header`)
  if (file[0] !== 0 || file[1] !== 0) {
    const packed = file[0] === 0x1f ? ': still compressed' : ''
    throw bad(0, `it begins with ${file[0]}, ${file[1]} instead of two zeros${packed}`)
  }
  const type = Object.values(TYPES).find(({ code }) => code === file[2])
  if (!type) throw bad(2, `there is no type 0x${file[2].toString(16)} of elements; unsigned bytes are 0x8`)
  if (axes !== undefined && file[3] !== axes) throw bad(3, `the file has ${file[3]} axes, not ${axes}`)
  const start = 4 + 4 * file[3]
  if (file.length < start) throw bad(4, `the file has ${file.length} bytes, fewer than its header of ${start}`)
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const shape = Array.from({ length: file[3] }, (_, i) => view.getUint32(4 + 4 * i))
  const size = shape.reduce((a, b) => a * b, 1)
  const bytes = size * type.array.BYTES_PER_ELEMENT
  if (file.length - start !== bytes) {
    throw bad(start, `${file.length - start} bytes follow where the shape [${shape.join(', ')}] takes ${bytes}`)
  }
  if (type.array === Uint8Array) return { shape, data: file.subarray(start) }
  const data = new type.array(size)
  for (let i = 0; i < size; i++) data[i] = view[type.get](start + i * type.array.BYTES_PER_ELEMENT)
  return { shape, data }
}
