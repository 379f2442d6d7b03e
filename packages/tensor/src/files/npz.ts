// NumPy's npz files: archives of npy files.
import { FormatError } from '../errors.ts'
import { keep } from '../memory/scope.ts'
import { checkOptions } from '../options.ts'
import type { Tensor } from '../tensor.ts'
import { checkRows, npyParts, type Rows, readNpy, type SaveOptions } from './npy.ts'
import { readHeader } from './npyHeader.ts'
import { type Bytes, joined, memory, open, type Reader, type ReadOptions, type Source } from './source.ts'
import { type Target, write } from './target.ts'
import { loadAll, type TensorFile, type TensorInfo, unknown } from './tensorFile.ts'
import { archive, openEntry, readDirectory, readEntry, type ZipEntry } from './zip.ts'

/**
 * Opens an npz file whose arrays are then read one by one: only its directory is read now. Names are those of `np.load`,
 * without `.npy`.
 * @throws FormatError naming the offset and the reason, RangeError for options that there are not
 * @example
 * import { arange, ones } from '@x/tensor'
 * import { openNpz, saveNpz } from '@x/tensor/files'
 * const file = await openNpz(await saveNpz({ x: arange(3), y: ones([2, 2]) }))
 * file.keys() // ['x', 'y']
 * const y = await file.getTensor('y')
 * await file.close()
 */
export function openNpz(source: Source, options: ReadOptions = {}): Promise<TensorFile> {
  return openAs('openNpz', source, options)
}

async function openAs(op: string, source: Source, options: ReadOptions): Promise<TensorFile> {
  const reader = await open(op, source, options, { anywhere: true })
  try {
    return new NpzFile(reader, await readDirectory(reader))
  } catch (error) {
    await reader.close()
    throw error
  }
}

class NpzFile implements TensorFile {
  readonly metadata: Readonly<Record<string, string>> = {}
  private readonly reader: Reader
  private readonly entries = new Map<string, ZipEntry>()

  constructor(reader: Reader, entries: readonly ZipEntry[]) {
    this.reader = reader
    for (const entry of entries) {
      if (entry.name.endsWith('/')) continue
      const name = entry.name.replace(/\.npy$/, '')
      if (this.entries.has(name)) throw new FormatError(`npz: at byte ${entry.at}: a second array '${name}'`)
      this.entries.set(name, entry)
    }
  }

  keys(): string[] {
    return [...this.entries.keys()]
  }

  async info(name: string): Promise<TensorInfo> {
    const { stored, shape, begin, end } = await readHeader(await this.contents(name), this.entry(name).name)
    return { dtype: stored, shape, bytes: end - begin }
  }

  async getTensor(name: string): Promise<Tensor> {
    const entry = this.entry(name)
    return keep(await readNpy(memory(await readEntry(this.reader, entry)), entry.name))
  }

  async getSlice(name: string, begin: number, end: number): Promise<Tensor> {
    const rows: Rows = [begin, end]
    const { shape } = await this.info(name)
    checkRows('getSlice', rows, shape)
    return keep(await readNpy(await this.contents(name), this.entry(name).name, rows))
  }

  close(): Promise<void> {
    return this.reader.close()
  }

  private entry(name: string): ZipEntry {
    const entry = this.entries.get(name)
    if (!entry) throw unknown(name, this.keys())
    return entry
  }

  /** The npy file of this name: where it lies if it is stored, else unpacked. */
  private async contents(name: string): Promise<Reader> {
    const entry = this.entry(name)
    return (await openEntry(this.reader, entry)) ?? memory(await readEntry(this.reader, entry))
  }
}

/**
 * The arrays of an npz file, stored or compressed, under the names of `np.load`. What loadNpy says of dtypes holds.
 * Compressed arrays take the memory they were declared with, at most 1032 times their packed size.
 * @throws FormatError naming the offset and the reason, RangeError for options that there are not
 * @example
 * import { arange } from '@x/tensor'
 * import { loadNpz, saveNpz } from '@x/tensor/files'
 * const { x } = await loadNpz(await saveNpz({ x: arange(3) }, { compressed: true }))
 */
export async function loadNpz(source: Source, options: ReadOptions = {}): Promise<Record<string, Tensor>> {
  const file = await openAs('loadNpz', source, options)
  try {
    return await loadAll(file)
  } finally {
    await file.close()
  }
}

export interface SaveNpzOptions extends SaveOptions {
  /** Deflated, as by `np.savez_compressed`. Default false. */
  readonly compressed?: boolean
}

/**
 * Writes an npz file; without `to`, gives its bytes. A list of tensors gets NumPy's names arr_0, arr_1 …
 * @throws DTypeError for bfloat16, which NumPy does not have; RangeError beyond 4 GiB
 * @example
 * import { arange } from '@x/tensor'
 * import { saveNpz } from '@x/tensor/files'
 * const bytes = await saveNpz({ x: arange(10) }, { compressed: true }) // or { to: 'arrays.npz' }
 */
export function saveNpz(tensors: Named, options: SaveNpzOptions & { readonly to: Target }): Promise<undefined>
export function saveNpz(tensors: Named, options?: SaveNpzOptions & { readonly to?: undefined }): Promise<Bytes>
export async function saveNpz(tensors: Named, options: SaveNpzOptions = {}): Promise<Bytes | undefined> {
  checkOptions('saveNpz', options, ['to', 'compressed'])
  return write('saveNpz', archive(npyFiles(tensors), options.compressed ?? false), options.to)
}

/** Tensors under their names, or in a row. */
export type Named = Readonly<Record<string, Tensor>> | readonly Tensor[]

function* npyFiles(tensors: Named): Generator<readonly [string, Bytes]> {
  for (const [key, x] of Object.entries(tensors)) {
    const name = Array.isArray(tensors) ? `arr_${key}` : key
    yield [`${name}.npy`, joined(npyParts('saveNpz', name, x))]
  }
}
