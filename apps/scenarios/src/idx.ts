// The IDX format of the MNIST files: two zero bytes, a type, the number of axes, their lengths, then the elements.
// Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", file formats.
import { FormatError } from '@x/tensor'

/** Unsigned bytes with their shape. */
export interface IdxArray {
  readonly shape: readonly number[]
  readonly data: Uint8Array
}

/** Image files hold three axes, label files one. */
export type IdxKind = 'images' | 'labels'

const UNSIGNED_BYTE = 0x08
const AXES: Readonly<Record<IdxKind, number>> = { images: 3, labels: 1 }

/**
 * Reads the bytes of an IDX file of images [n, height, width] or labels [n]; the data is a view of the bytes.
 * @throws FormatError naming the offset and the reason
 */
export function readIdx(file: Uint8Array, kind: IdxKind): IdxArray {
  const bad = (offset: number, reason: string): FormatError => new FormatError(`idx: at byte ${offset}: ${reason}`)
  const axes = AXES[kind]
  const start = 4 + 4 * axes
  if (file.length < 4) throw bad(0, `the file has ${file.length} bytes, fewer than its header`)
  if (file[0] !== 0 || file[1] !== 0) {
    throw bad(
      0,
      `it begins with ${file[0]}, ${file[1]} instead of two zeros${file[0] === 0x1f ? ': still compressed' : ''}`,
    )
  }
  if (file[2] !== UNSIGNED_BYTE) throw bad(2, `elements of type 0x${file[2].toString(16)}; unsigned bytes are 0x8`)
  if (file[3] !== axes) throw bad(3, `${file[3]} axes; a file of ${kind} has ${axes}`)
  if (file.length < start) throw bad(4, `the file has ${file.length} bytes, fewer than its header of ${start}`)
  const view = new DataView(file.buffer, file.byteOffset)
  const shape = Array.from({ length: axes }, (_, i) => view.getUint32(4 + 4 * i))
  const size = shape.reduce((a, b) => a * b, 1)
  if (file.length - start !== size) {
    throw bad(start, `${file.length - start} bytes follow where the shape [${shape.join(', ')}] takes ${size}`)
  }
  return { shape, data: file.subarray(start) }
}
