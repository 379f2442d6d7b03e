// GGUF files: metadata, names of tensors, and their bytes. Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
import { FormatError, type Reader } from '@x/tensor/bytes'

/** A value of the metadata. 64-bit numbers beyond 2⁵³ are bigints. */
export type GgufValue = number | bigint | boolean | string | readonly GgufValue[] | ArrayLike<number>

/** How the numbers of a tensor are stored: in blocks of so many elements, in so many bytes each. */
export interface GgufType {
  readonly name: string
  readonly elements: number
  readonly bytes: number
}

/** A tensor in a GGUF file. */
export interface GgufTensor {
  readonly name: string
  /** Outermost axis first, as everywhere here; the file has it the other way round. */
  readonly shape: readonly number[]
  readonly type: GgufType
  /** Where its bytes begin in the file, and how many they are. */
  readonly at: number
  readonly bytes: number
}

/** What stands in a GGUF file before the numbers. */
export interface Gguf {
  readonly version: number
  readonly metadata: ReadonlyMap<string, GgufValue>
  readonly tensors: readonly GgufTensor[]
}

/** The bytes at hand end before the metadata does: more of the file are needed. */
export class GgufTooShort extends FormatError {
  override name = 'GgufTooShort'
}

const TYPES: ReadonlyMap<number, GgufType> = new Map(
  (
    [
      [0, 'F32', 1, 4],
      [1, 'F16', 1, 2],
      [2, 'Q4_0', 32, 18],
      [3, 'Q4_1', 32, 20],
      [6, 'Q5_0', 32, 22],
      [7, 'Q5_1', 32, 24],
      [8, 'Q8_0', 32, 34],
      [9, 'Q8_1', 32, 36],
      [10, 'Q2_K', 256, 84],
      [11, 'Q3_K', 256, 110],
      [12, 'Q4_K', 256, 144],
      [13, 'Q5_K', 256, 176],
      [14, 'Q6_K', 256, 210],
      [15, 'Q8_K', 256, 292],
      [24, 'I8', 1, 1],
      [25, 'I16', 1, 2],
      [26, 'I32', 1, 4],
      [27, 'I64', 1, 8],
      [28, 'F64', 1, 8],
      [30, 'BF16', 1, 2],
      [34, 'TQ1_0', 256, 54],
      [35, 'TQ2_0', 256, 66],
    ] as const
  ).map(([id, name, elements, bytes]) => [id, { name, elements, bytes }]),
)

/** Numbers by their kind in the file. */
const NUMBERS = [
  Uint8Array,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  undefined,
  undefined,
  undefined,
  BigUint64Array,
  BigInt64Array,
  Float64Array,
] as const
const [BOOL, STRING, ARRAY] = [7, 8, 9]
/** Lists in lists in lists: nobody writes more. */
const DEEPEST = 4

/** Bytes to begin with, where the metadata of a file most often ends. */
const FIRST = 1 << 22

/** What stands before the numbers of a file, of which no more is read than that takes. @throws FormatError */
export async function ggufOf(reader: Reader): Promise<Gguf> {
  for (let length = FIRST; ; length *= 4) {
    const bytes = await reader.read(0, length)
    try {
      return readGguf(bytes)
    } catch (error) {
      if (!(error instanceof GgufTooShort) || bytes.length < length) throw error
    }
  }
}

/**
 * Reads what stands before the numbers of a GGUF file (version 2 or 3). `file` may be the beginning of one.
 * @throws GgufTooShort when the beginning is too short, FormatError naming the offset and the reason
 * @example
 * import { readGguf } from '@x/transformer'
 * const empty = [0x47, 0x47, 0x55, 0x46, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
 * readGguf(Uint8Array.from(empty)).version // 3
 */
export function readGguf(file: Uint8Array): Gguf {
  if (!(file instanceof Uint8Array)) throw new TypeError('readGguf: give the bytes of a file, a Uint8Array')
  const bytes = new Cursor(file)
  if (bytes.number() !== 0x46554747) bytes.fail(0, 'the file does not begin with GGUF')
  const version = bytes.number()
  if (version !== 2 && version !== 3) bytes.fail(4, `version ${version} is not supported; 2 and 3 are`)
  const tensorCount = bytes.size()
  const entryCount = bytes.size()
  const metadata = new Map<string, GgufValue>()
  for (let i = 0; i < entryCount; i++) {
    const at = bytes.at
    const key = bytes.text()
    if (metadata.has(key)) bytes.fail(at, `the key '${key}' stands there twice`)
    metadata.set(key, bytes.value(bytes.number()))
  }
  const infos = Array.from({ length: bytes.within(tensorCount, 24) }, () => readInfo(bytes))
  const alignment = Number(metadata.get('general.alignment') ?? 32)
  if (!Number.isInteger(alignment) || alignment <= 0 || alignment % 8 !== 0) {
    bytes.fail(bytes.at, `general.alignment ${alignment} is no multiple of 8`)
  }
  const begin = Math.ceil(bytes.at / alignment) * alignment
  const names = new Set<string>()
  const tensors = infos.map(({ offset, place, ...info }) => {
    if (names.has(info.name)) bytes.fail(place, `the tensor '${info.name}' stands there twice`)
    names.add(info.name)
    if (offset % alignment !== 0) bytes.fail(place, `'${info.name}' lies at ${offset}, no multiple of ${alignment}`)
    return { ...info, at: begin + offset }
  })
  return { version, metadata, tensors }
}

function readInfo(bytes: Cursor): Omit<GgufTensor, 'at'> & { offset: number; place: number } {
  const place = bytes.at
  const name = bytes.text()
  const axes = bytes.number()
  if (axes > 8) bytes.fail(place, `the tensor '${name}' has ${axes} axes`)
  const shape = Array.from({ length: axes }, () => bytes.size()).reverse()
  const id = bytes.number()
  const type = TYPES.get(id)
  if (!type) bytes.fail(place, `the tensor '${name}' is of type ${id}, which is not supported`)
  const elements = shape.reduce((n, length) => n * length, 1)
  if (!Number.isSafeInteger(elements)) bytes.fail(place, `the tensor '${name}' of shape [${shape}] is too large`)
  if ((shape.at(-1) ?? 1) % type.elements !== 0) {
    bytes.fail(
      place,
      `'${name}' has rows of ${shape.at(-1)}, which blocks of ${type.elements} (${type.name}) do not fill`,
    )
  }
  return { name, shape, type, bytes: (elements / type.elements) * type.bytes, offset: bytes.size(), place }
}

/** Reads numbers, texts and lists one after the other. */
class Cursor {
  at = 0
  readonly #bytes: Uint8Array
  readonly #view: DataView

  constructor(bytes: Uint8Array) {
    // A plain view: slices of Node's Buffer are not copies.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  fail(at: number, reason: string): never {
    throw new FormatError(`gguf: at byte ${at}: ${reason}`)
  }

  /** The next `length` bytes. */
  take(length: number): number {
    if (length > this.#bytes.length - this.at) {
      throw new GgufTooShort(
        `gguf: at byte ${this.at}: ${length} bytes are wanted where ${this.#bytes.length - this.at} are left`,
      )
    }
    this.at += length
    return this.at - length
  }

  /** A whole number of four bytes. */
  number(): number {
    return this.#view.getUint32(this.take(4), true)
  }

  /** A whole number of eight bytes that counts something. */
  size(): number {
    const at = this.take(8)
    const value = Number(this.#view.getBigUint64(at, true))
    if (!Number.isSafeInteger(value)) this.fail(at, `${value} is no sensible number`)
    return value
  }

  /** A count of things of at least so many bytes each. */
  within(count: number, least: number): number {
    if (count * least > this.#bytes.length - this.at) this.take(count * least)
    return count
  }

  text(): string {
    const length = this.size()
    const at = this.take(length)
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.#bytes.subarray(at, at + length))
  }

  value(kind: number, depth = 0): GgufValue {
    const at = this.at - 4
    if (kind === STRING) return this.text()
    if (kind === ARRAY) return this.#list(depth)
    if (kind === BOOL) return this.#view.getUint8(this.take(1)) !== 0
    if (!NUMBERS[kind]) this.fail(at, `there is no kind ${kind} of value`)
    return this.#numbers(kind, 1)[0]
  }

  #list(depth: number): GgufValue {
    const at = this.at
    if (depth >= DEEPEST) this.fail(at, 'lists lie too deep in lists')
    const kind = this.number()
    const length = this.size()
    if (NUMBERS[kind]) return this.#numbers(kind, length)
    if (kind !== STRING && kind !== ARRAY && kind !== BOOL) this.fail(at, `there is no kind ${kind} of value`)
    this.within(length, kind === BOOL ? 1 : 8)
    return Array.from({ length }, () => this.value(kind, depth + 1))
  }

  #numbers(kind: number, length: number): ArrayLike<number> | (number | bigint)[] {
    const Numbers = NUMBERS[kind] as NonNullable<(typeof NUMBERS)[number]>
    const at = this.take(length * Numbers.BYTES_PER_ELEMENT)
    const found = new Numbers(this.#bytes.slice(at, this.at).buffer)
    if (!(found instanceof BigUint64Array || found instanceof BigInt64Array)) return found
    return Array.from(found, (value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value))
  }
}
