// Protocol buffers on the wire: fields of a message one after the other, each a number, a kind and a value.
// Source: https://protobuf.dev/programming-guides/encoding
import { FormatError } from '@x/tensor/bytes'

/** A field of a message: the kind of its value decides which of the readers fits. */
export interface Field {
  readonly number: number
  readonly at: number
  /** A whole number (kind 0), taken as unsigned. */
  readonly whole: number
  /** A float32 (kind 5). */
  readonly float: number
  /** Bytes: texts, messages within the message, packed lists (kind 2). */
  readonly bytes: Uint8Array
}

const NONE = new Uint8Array(0)

/** The fields of a message. `base` is where the bytes begin in the file. @throws FormatError naming the offset */
export function* fieldsOf(bytes: Uint8Array, where: string, base = 0): Generator<Field> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const fail = (reason: string): never => {
    throw new FormatError(`${where}: at byte ${base + at}: ${reason}`)
  }
  const varint = (): number => {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= bytes.length) fail('the file ends within a number')
      const byte = bytes[at++]
      value += (byte & 127) * 2 ** shift
      if (byte < 128) return value
    }
    return fail('a number of more than ten bytes')
  }
  const skip = (length: number): number => {
    if (length > bytes.length - at) fail(`${length} bytes are announced where ${bytes.length - at} are left`)
    at += length
    return at - length
  }
  while (at < bytes.length) {
    const start = at
    const tag = varint()
    const field: { -readonly [K in keyof Field]: Field[K] } = {
      number: Math.floor(tag / 8),
      at: base + start,
      whole: 0,
      float: 0,
      bytes: NONE,
    }
    if (field.number === 0) fail('there is no field 0')
    const kind = tag % 8
    if (kind === 0) field.whole = varint()
    else if (kind === 1) skip(8)
    else if (kind === 2) {
      const length = varint()
      const begin = skip(length)
      field.bytes = bytes.subarray(begin, begin + length)
      field.at = base + begin
    } else if (kind === 5) field.float = view.getFloat32(skip(4), true)
    else fail(`there is no kind ${kind} of value`)
    yield field
  }
}
