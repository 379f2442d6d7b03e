// Zip archives, as far as npz files need them: the directory at the end, entries stored or deflated, zip64 when reading.
// Source: PKWARE APPNOTE 6.3.10, sections 4.3 to 4.5.
import { FormatError } from '../errors.ts'
import { type Bytes, joined, type Reader } from './source.ts'

/** A file in an archive. All sizes in bytes. */
export interface ZipEntry {
  readonly name: string
  readonly isDeflated: boolean
  readonly crc: number
  readonly packed: number
  readonly size: number
  /** Where its own header lies. */
  readonly at: number
  /** Where the next begins, or the directory. */
  readonly limit: number
}

const END = 0x06054b50
const END64 = 0x06064b50
const LOCATOR64 = 0x07064b50
const DIRECTORY = 0x02014b50
const LOCAL = 0x04034b50
/** Deflate makes at most so many bytes of one. */
const MOST_RATIO = 1032

const bad = (at: number, reason: string): FormatError => new FormatError(`zip: at byte ${at}: ${reason}`)

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

async function exactly(reader: Reader, at: number, count: number, what: string): Promise<Bytes> {
  const size = reader.size as number
  const bytes = at >= 0 && at + count <= size ? await reader.read(at, at + count) : null
  if (bytes?.length !== count) throw bad(Math.min(at, size), `${what} of ${count} bytes does not fit in ${size}`)
  return bytes
}

/** A number of 64 bits. */
function long(bytes: DataView, at: number, where: number): number {
  const value = Number(bytes.getBigUint64(at, true))
  if (!Number.isSafeInteger(value)) throw bad(where, `the number ${value} is beyond any file`)
  return value
}

interface Directory {
  readonly at: number
  readonly size: number
  readonly count: number
}

/** Where the directory of an archive lies. */
async function findDirectory(reader: Reader): Promise<Directory> {
  const size = reader.size as number
  const tailAt = Math.max(0, size - 65557)
  const tail = await reader.read(tailAt, size)
  const bytes = view(tail)
  let end = tail.length - 22
  const isEnd = (at: number): boolean =>
    bytes.getUint32(at, true) === END && at + 22 + bytes.getUint16(at + 20, true) === tail.length
  while (end >= 0 && !isEnd(end)) end--
  if (end < 0) throw bad(size, 'this is no zip archive: the directory at its end is missing')
  const at = tailAt + end
  const short: Directory = {
    count: bytes.getUint16(end + 10, true),
    size: bytes.getUint32(end + 12, true),
    at: bytes.getUint32(end + 16, true),
  }
  if (bytes.getUint16(end + 4, true) !== 0 && bytes.getUint16(end + 4, true) !== 0xffff)
    throw bad(at, 'archives of several parts are not read')
  const isLong = short.count === 0xffff || short.size === 0xffffffff || short.at === 0xffffffff
  const found = isLong ? await findDirectory64(reader, at) : short
  if (found.at + found.size > at) throw bad(at, `a directory of ${found.size} bytes at ${found.at} does not fit`)
  return found
}

async function findDirectory64(reader: Reader, end: number): Promise<Directory> {
  const locator = view(await exactly(reader, end - 20, 20, 'the locator of the directory'))
  if (locator.getUint32(0, true) !== LOCATOR64) throw bad(end - 20, 'the locator of the directory is missing')
  const at = long(locator, 8, end - 20)
  const record = view(await exactly(reader, at, 56, 'the end of the directory'))
  if (record.getUint32(0, true) !== END64) throw bad(at, 'the end of the directory is missing')
  return { count: long(record, 32, at), size: long(record, 40, at), at: long(record, 48, at) }
}

/**
 * What an archive holds. No entry may lie within another: what all unpack to is at most 1032 times the file.
 * @throws FormatError naming the offset and the reason
 */
export async function readDirectory(reader: Reader): Promise<ZipEntry[]> {
  const { at: start, size, count } = await findDirectory(reader)
  const bytes = await exactly(reader, start, size, 'the directory')
  const entries: Omit<ZipEntry, 'limit'>[] = []
  let at = 0
  while (at < size) {
    const { entry, length } = readRecord(bytes.subarray(at), start + at)
    entries.push(entry)
    at += length
  }
  if (entries.length !== count) throw bad(start, `the directory has ${entries.length} entries, not ${count}`)
  const order = entries.toSorted((a, b) => a.at - b.at)
  return order.map((entry, i) => {
    const limit = order[i + 1]?.at ?? start
    if (entry.at + 30 + entry.packed > limit) throw bad(entry.at, `'${entry.name}' does not fit before byte ${limit}`)
    return { ...entry, limit }
  })
}

function readRecord(bytes: Bytes, where: number): { entry: Omit<ZipEntry, 'limit'>; length: number } {
  const record = view(bytes)
  if (bytes.length < 46 || record.getUint32(0, true) !== DIRECTORY)
    throw bad(where, 'an entry of the directory is missing')
  const [nameLength, extraLength] = [record.getUint16(28, true), record.getUint16(30, true)]
  const length = 46 + nameLength + extraLength + record.getUint16(32, true)
  if (length > bytes.length) throw bad(where, 'an entry of the directory is cut off')
  const name = new TextDecoder().decode(bytes.subarray(46, 46 + nameLength))
  const flags = record.getUint16(8, true)
  const method = record.getUint16(10, true)
  if (flags & 1) throw bad(where, `'${name}' is encrypted`)
  if (method !== 0 && method !== 8) throw bad(where, `'${name}' is packed by method ${method}; known are 0 and 8`)
  const fields = [record.getUint32(24, true), record.getUint32(20, true), record.getUint32(42, true)]
  const [size, packed, at] = widened(fields, bytes.subarray(46 + nameLength, length), where)
  if (method === 0 ? size !== packed : size > packed * MOST_RATIO) {
    throw bad(where, `'${name}' cannot be ${size} bytes in ${packed}`)
  }
  return { entry: { name, isDeflated: method === 8, crc: record.getUint32(16, true), packed, size, at }, length }
}

/** Fields of 32 bits, those that are full from the extra field that holds them in 64. */
function widened(fields: number[], extra: Bytes, where: number): number[] {
  const bytes = view(extra)
  for (let at = 0; at + 4 <= extra.length; ) {
    const [id, length] = [bytes.getUint16(at, true), bytes.getUint16(at + 2, true)]
    const end = at + 4 + length
    if (id === 1 && end <= extra.length) {
      let next = at + 4
      return fields.map((n) => {
        if (n !== 0xffffffff) return n
        if (next + 8 > end) throw bad(where, 'a size of 64 bits is missing')
        next += 8
        return long(bytes, next - 8, where)
      })
    }
    at = end
  }
  return fields
}

/** Where the bytes of an entry lie. */
async function locate(reader: Reader, { name, at, packed, limit }: ZipEntry): Promise<number> {
  const header = view(await exactly(reader, at, 30, `the header of '${name}'`))
  if (header.getUint32(0, true) !== LOCAL) throw bad(at, `the header of '${name}' is missing`)
  const begin = at + 30 + header.getUint16(26, true) + header.getUint16(28, true)
  if (begin + packed > limit) throw bad(at, `'${name}' does not fit before byte ${limit}`)
  return begin
}

/** What an entry holds, unpacked and checked. @throws FormatError */
export async function readEntry(reader: Reader, entry: ZipEntry): Promise<Bytes> {
  const begin = await locate(reader, entry)
  const packed = await exactly(reader, begin, entry.packed, `'${entry.name}'`)
  const bytes = entry.isDeflated ? await inflate(packed, entry, begin) : packed
  if (crc32(bytes) !== entry.crc) throw bad(begin, `'${entry.name}' is damaged: its checksum differs`)
  return bytes
}

/** A reader of a stored entry's bytes, which are not checked; null for a deflated one. */
export async function openEntry(reader: Reader, entry: ZipEntry): Promise<Reader | null> {
  if (entry.isDeflated) return null
  const begin = await locate(reader, entry)
  return {
    size: entry.size,
    anywhere: true,
    read: (from, to) => reader.read(begin + from, begin + Math.min(to, entry.size)),
    close: async () => {},
  }
}

/** Unpacks piece by piece, so that memory is taken for what comes and no more than was declared. */
async function inflate(packed: Bytes, { name, size }: ZipEntry, where: number): Promise<Bytes> {
  const { readable, writable } = new DecompressionStream('deflate-raw')
  feed(writable, packed)
  const reader = readable.getReader()
  const parts: Uint8Array[] = []
  let length = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      parts.push(value)
      length += value.length
      if (length > size) break
    }
  } catch (error) {
    throw bad(where, `'${name}' does not unpack: ${(error as Error).message}`)
  }
  if (length === size) return joined(parts)
  await reader.cancel().catch(() => {})
  throw bad(where, `'${name}' unpacks to ${length > size ? 'more' : 'less'} than ${size} bytes`)
}

/** What goes wrong here shows where the stream is read. */
function feed(writable: WritableStream<BufferSource>, bytes: Bytes): void {
  const writer = writable.getWriter()
  writer.write(bytes).catch(() => {})
  writer.close().catch(() => {})
}

async function deflate(bytes: Bytes): Promise<Bytes> {
  const { readable, writable } = new CompressionStream('deflate-raw')
  feed(writable, bytes)
  return new Uint8Array(await new Response(readable).arrayBuffer())
}

const TABLE: Uint32Array = crcTable()

function crcTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1
    return c
  })
}

function crc32(bytes: Uint8Array): number {
  let c = -1
  for (let i = 0; i < bytes.length; i++) c = TABLE[(c ^ bytes[i]) & 255] ^ (c >>> 8)
  return ~c >>> 0
}

/** 1 January 1980, as archives write dates: the same contents give the same file. */
const DATE = 0x21

/**
 * The pieces of an archive with these files.
 * @throws RangeError beyond 4 GiB or 65534 files, which take another kind of archive
 */
export async function* archive(
  files: Iterable<readonly [name: string, bytes: Bytes]>,
  isDeflated: boolean,
): AsyncGenerator<Bytes> {
  const records: Bytes[] = []
  let at = 0
  for (const [name, bytes] of files) {
    const packed = isDeflated ? await deflate(bytes) : bytes
    const text = new TextEncoder().encode(name)
    // What both headers have, from the version on: 2.0, names in UTF-8 if need be, the method.
    const common = new DataView(new ArrayBuffer(26))
    common.setUint16(0, 20, true)
    common.setUint16(2, text.length === name.length ? 0 : 0x800, true)
    common.setUint16(4, isDeflated ? 8 : 0, true)
    common.setUint16(8, DATE, true)
    common.setUint32(10, crc32(bytes), true)
    common.setUint32(14, packed.length, true)
    common.setUint32(18, bytes.length, true)
    common.setUint16(22, text.length, true)
    const fields = new Uint8Array(common.buffer)
    const tail = new DataView(new ArrayBuffer(14))
    tail.setUint32(10, at, true)
    records.push(joined([word(DIRECTORY), fields.subarray(0, 2), fields, new Uint8Array(tail.buffer), text]))
    yield joined([word(LOCAL), fields, text])
    yield packed
    at += 30 + text.length + packed.length
    if (at >= 2 ** 32 || records.length >= 0xffff) {
      throw new RangeError('zip: an archive holds at most 4 GiB; save safetensors instead')
    }
  }
  const directory = joined(records)
  const end = new DataView(new ArrayBuffer(22))
  end.setUint32(0, END, true)
  end.setUint16(8, records.length, true)
  end.setUint16(10, records.length, true)
  end.setUint32(12, directory.length, true)
  end.setUint32(16, at, true)
  yield directory
  yield new Uint8Array(end.buffer)
}

const word = (value: number): Bytes => Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24)
