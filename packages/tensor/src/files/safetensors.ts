// safetensors from anywhere: whole, tensor by tensor, and in shards. The format itself is in safetensorsFormat.ts.
import { ITEM_SIZE } from '../dtype.ts'
import { FormatError } from '../errors.ts'
import { keep } from '../memory/scope.ts'
import { checkOptions } from '../options.ts'
import type { SafetensorsFile } from '../safetensors.ts'
import { sizeOf } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { checkRows, type SaveOptions } from './npy.ts'
import { type Entry, type Header, headerEnd, partsOf, readEntry, readHeader } from './safetensorsFormat.ts'
import { asUrl, type Bytes, joined, open, type Reader, type ReadOptions, type Source } from './source.ts'
import { type Target, write } from './target.ts'
import { loadAll, type TensorFile, type TensorInfo, unknown } from './tensorFile.ts'

export interface SafetensorsOptions extends ReadOptions {
  /**
   * For the index of a sharded file: where a shard of this name is. Default: beside the index, which is then a path or
   * a URL.
   */
  readonly shard?: (name: string) => Source
}

const bad = (at: number, reason: string): FormatError => new FormatError(`safetensors: at byte ${at}: ${reason}`)

/**
 * Opens a safetensors file, or the index of a sharded one (`model.safetensors.index.json`), whose tensors are then read
 * one by one: only headers are read now, and later the bytes of what is asked for, where the source allows: paths, Files,
 * servers that answer for ranges.
 * @throws FormatError naming the offset and the reason, RangeError for options that there are not
 * @example
 * import { arange, ones } from '@x/tensor'
 * import { saveSafetensors } from '@x/tensor/safetensors'
 * import { openSafetensors } from '@x/tensor/files'
 * const file = await openSafetensors(saveSafetensors({ x: arange(3), y: ones([2, 2]) }))
 * const { shape } = await file.info('y') // [2, 2]
 * const row = await file.getSlice('y', 0, 1)
 * await file.close()
 */
export async function openSafetensors(source: Source, options: SafetensorsOptions = {}): Promise<TensorFile> {
  const reader = await open('openSafetensors', source, options, { anywhere: true, more: ['shard'] })
  try {
    const first = await reader.read(0, 8)
    if (!isIndex(first)) return new OneFile(reader, await headerOf(reader, first))
    const index = readIndex(await reader.read(0, Number.POSITIVE_INFINITY))
    await reader.close()
    return await openShards(index, source, options)
  } catch (error) {
    await reader.close()
    throw error
  }
}

/** A text that begins with a brace, where a header's length would have zeros at its end. */
const isIndex = (first: Uint8Array): boolean => first[0] === 0x7b && first.length === 8 && first[7] !== 0

async function headerOf(reader: Reader, first: Bytes): Promise<Header> {
  const end = headerEnd(first, reader.size)
  const bytes = await reader.read(8, end)
  if (bytes.length < end - 8) throw bad(8 + bytes.length, 'the file ends within its header')
  return readHeader(bytes, reader.size)
}

class OneFile implements TensorFile {
  readonly metadata: Readonly<Record<string, string>>
  private readonly reader: Reader
  private readonly entries: ReadonlyMap<string, Entry>

  constructor(reader: Reader, { metadata, entries }: Header) {
    this.reader = reader
    this.metadata = metadata
    this.entries = new Map(entries.map((entry) => [entry.name, entry]))
  }

  keys(): string[] {
    return [...this.entries.keys()]
  }

  async info(name: string): Promise<TensorInfo> {
    const { dtype, stored, shape, begin, end } = this.entry(name)
    return { dtype: dtype ?? stored, shape, bytes: end - begin }
  }

  async getTensor(name: string): Promise<Tensor> {
    return this.read(this.entry(name))
  }

  async getSlice(name: string, begin: number, end: number): Promise<Tensor> {
    const entry = this.entry(name)
    const { shape, dtype } = entry
    checkRows('getSlice', [begin, end], shape)
    const row = sizeOf(shape.slice(1)) * (dtype ? ITEM_SIZE[dtype] : 0)
    const part = {
      shape: [end - begin, ...shape.slice(1)],
      begin: entry.begin + begin * row,
      end: entry.begin + end * row,
    }
    return this.read({ ...entry, ...part })
  }

  close(): Promise<void> {
    return this.reader.close()
  }

  private entry(name: string): Entry {
    const entry = this.entries.get(name)
    if (!entry) throw unknown(name, this.keys())
    return entry
  }

  private async read(entry: Entry): Promise<Tensor> {
    const bytes = await this.reader.read(entry.begin, entry.end)
    if (bytes.length < entry.end - entry.begin)
      throw bad(entry.begin + bytes.length, `the file ends in '${entry.name}'`)
    return keep(readEntry(entry, bytes))
  }
}

interface Index {
  readonly metadata: Record<string, string>
  /** The shard of every tensor. */
  readonly shards: ReadonlyMap<string, string>
}

function readIndex(bytes: Bytes): Index {
  let index: unknown
  try {
    index = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw bad(0, `the index is not JSON (${(error as Error).message})`)
  }
  const { weight_map: shards, metadata = {} } = index as Record<string, unknown>
  if (!isObject(shards) || !isObject(metadata)) throw bad(0, 'the index has no weight_map, or metadata of another kind')
  for (const [name, shard] of Object.entries(shards)) {
    // A name leads to a file beside the index and nowhere else.
    if (typeof shard !== 'string' || !/^[^/\\]+$/.test(shard) || shard === '..' || shard === '.')
      throw bad(0, `the index has no file name for '${name}'`)
  }
  const texts = Object.entries(metadata).map(([key, v]) => [key, typeof v === 'string' ? v : JSON.stringify(v)])
  return { metadata: Object.fromEntries(texts), shards: new Map(Object.entries(shards as Record<string, string>)) }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/** Where a shard is: where the caller says, or beside the index. */
function shardSource(source: Source, name: string, { shard }: SafetensorsOptions): Source {
  if (shard) return shard(name)
  if (typeof source !== 'string' && !(source instanceof URL)) {
    throw new TypeError(`this index does not say where its shards are: name them with { shard: (name) => … }`)
  }
  const url = asUrl(source)
  return url ? new URL(encodeURIComponent(name), url) : String(source).replace(/[^/\\]*$/, () => name)
}

async function openShards(index: Index, source: Source, options: SafetensorsOptions): Promise<TensorFile> {
  const { shard: _, ...plain } = options
  const files = new Map<string, TensorFile>()
  const file = new ShardedFile(index, files)
  try {
    for (const name of new Set(index.shards.values())) {
      files.set(name, await openSafetensors(shardSource(source, name, options), plain))
    }
    for (const [name, shard] of index.shards) {
      if (!files.get(shard)?.keys().includes(name)) throw missing(name, shard)
    }
  } catch (error) {
    await file.close()
    throw error
  }
  return file
}

const missing = (name: string, shard: string): FormatError =>
  bad(0, `the index looks for '${name}' in ${shard}, where it is not`)

class ShardedFile implements TensorFile {
  readonly metadata: Readonly<Record<string, string>>
  private readonly shards: ReadonlyMap<string, string>
  private readonly files: ReadonlyMap<string, TensorFile>

  constructor({ metadata, shards }: Index, files: ReadonlyMap<string, TensorFile>) {
    this.metadata = metadata
    this.shards = shards
    this.files = files
  }

  keys(): string[] {
    return [...this.shards.keys()]
  }

  async info(name: string): Promise<TensorInfo> {
    return this.fileOf(name).info(name)
  }

  async getTensor(name: string): Promise<Tensor> {
    return this.fileOf(name).getTensor(name)
  }

  async getSlice(name: string, begin: number, end: number): Promise<Tensor> {
    return this.fileOf(name).getSlice(name, begin, end)
  }

  async close(): Promise<void> {
    for (const file of this.files.values()) await file.close()
  }

  private fileOf(name: string): TensorFile {
    const file = this.files.get(this.shards.get(name) ?? '')
    if (!file) throw unknown(name, this.keys())
    return file
  }
}

/**
 * All tensors of a safetensors file, read forward as they come, or of the shards that an index names
 * (`model.safetensors.index.json`). The tensors are exempt from every tidy. `onProgress` tells of each file by itself.
 * @throws FormatError naming the offset and the reason, RangeError for options that there are not
 * @example
 * import { arange } from '@x/tensor'
 * import { saveSafetensors } from '@x/tensor/safetensors'
 * import { loadSafetensors } from '@x/tensor/files'
 * const response = new Response(saveSafetensors({ x: arange(3) })) // or await fetch(…), a URL, a path, a File
 * const { tensors } = await loadSafetensors(response, { onProgress: ({ loaded, total }) => console.log(loaded, total) })
 */
export async function loadSafetensors(source: Source, options: SafetensorsOptions = {}): Promise<SafetensorsFile> {
  const reader = await open('loadSafetensors', source, options, { more: ['shard'] })
  try {
    const first = await reader.read(0, 8)
    if (isIndex(first)) {
      const index = readIndex(joined([first, await reader.read(8, Number.POSITIVE_INFINITY)]))
      return { tensors: await loadShards(index, source, options), metadata: index.metadata }
    }
    const header = await headerOf(reader, first)
    const tensors = await loadAll(new OneFile(reader, header))
    if (reader.size === null && (await reader.read(header.end, header.end + 1)).length > 0) {
      for (const x of Object.values(tensors)) x.dispose()
      throw bad(header.end, 'bytes belong to no tensor')
    }
    return { tensors, metadata: header.metadata }
  } finally {
    await reader.close()
  }
}

async function loadShards(
  { shards }: Index,
  source: Source,
  options: SafetensorsOptions,
): Promise<Record<string, Tensor>> {
  const { shard: _, ...plain } = options
  const found = new Map<string, Tensor>()
  try {
    for (const shard of new Set(shards.values())) {
      const { tensors } = await loadSafetensors(shardSource(source, shard, options), plain)
      for (const [name, x] of Object.entries(tensors)) {
        if (shards.get(name) === shard) found.set(name, x)
        else x.dispose()
      }
    }
    return Object.fromEntries(
      [...shards].map(([name, shard]) => {
        const x = found.get(name)
        if (!x) throw missing(name, shard)
        return [name, x]
      }),
    )
  } catch (error) {
    for (const x of found.values()) x.dispose()
    throw error
  }
}

export interface SaveSafetensorsOptions extends SaveOptions {
  /** Free text to go with the tensors. */
  readonly metadata?: Readonly<Record<string, string>>
  /**
   * Splits what is larger into files of at most so many bytes of tensors (one tensor is never split), with an index
   * beside them, under the names of Hugging Face's: for `to` 'model.safetensors' model-00001-of-00002.safetensors … and
   * model.safetensors.index.json. Wants a path. Default: no limit.
   */
  readonly maxShardBytes?: number
}

type Tensors = Readonly<Record<string, Tensor>>

/**
 * Writes a safetensors file, or several with an index; without `to`, gives its bytes.
 * @throws TypeError for what is no tensor or no string, RangeError for a limit that is no positive number
 * @example
 * import { arange } from '@x/tensor'
 * import { saveSafetensors } from '@x/tensor/files'
 * const bytes = await saveSafetensors({ x: arange(3) }, { metadata: { format: 'pt' } }) // or { to: 'x.safetensors' }
 */
export function saveSafetensors(
  tensors: Tensors,
  options: SaveSafetensorsOptions & { readonly to: Target },
): Promise<undefined>
export function saveSafetensors(
  tensors: Tensors,
  options?: SaveSafetensorsOptions & { readonly to?: undefined },
): Promise<Bytes>
export async function saveSafetensors(
  tensors: Tensors,
  options: SaveSafetensorsOptions = {},
): Promise<Bytes | undefined> {
  checkOptions('saveSafetensors', options, ['to', 'metadata', 'maxShardBytes'])
  const { to, metadata = {}, maxShardBytes = Number.POSITIVE_INFINITY } = options
  if (!(maxShardBytes > 0)) throw new RangeError(`saveSafetensors: maxShardBytes ${maxShardBytes} is not positive`)
  const shards = split(tensors, maxShardBytes)
  if (shards.length < 2) return write('saveSafetensors', partsOf(tensors, metadata), to)
  if (typeof to !== 'string' && !(to instanceof URL)) {
    throw new TypeError('saveSafetensors: several files (maxShardBytes) take a path as { to }')
  }
  const [, stem, ending] = /^(.*?)(\.safetensors)?$/s.exec(String(to)) as RegExpExecArray
  const files: [string, string][] = []
  for (const [i, shard] of shards.entries()) {
    const digits = (n: number): string => String(n).padStart(5, '0')
    const path = `${stem}-${digits(i + 1)}-of-${digits(shards.length)}${ending ?? ''}`
    const file = path.replace(/^.*[/\\]/s, '')
    for (const name of Object.keys(shard)) files.push([name, to instanceof URL ? decodeURIComponent(file) : file])
    await write('saveSafetensors', partsOf(shard, metadata), path)
  }
  const total = Object.values(tensors).reduce((n, x) => n + x.size * ITEM_SIZE[x.dtype], 0)
  const index = { metadata: { ...metadata, total_size: total }, weight_map: Object.fromEntries(files) }
  return write('saveSafetensors', [new TextEncoder().encode(JSON.stringify(index, null, 2))], `${to}.index.json`)
}

/** Groups of at most so many bytes, in the order given. */
function split(tensors: Tensors, most: number): Tensors[] {
  const shards: [string, Tensor][][] = [[]]
  let bytes = 0
  for (const [name, x] of Object.entries(tensors)) {
    const size = x.size * ITEM_SIZE[x.dtype]
    if (bytes > 0 && bytes + size > most) {
      shards.push([])
      bytes = 0
    }
    shards[shards.length - 1].push([name, x])
    bytes += size
  }
  return shards.map((shard) => Object.fromEntries(shard))
}
