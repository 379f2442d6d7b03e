// Where a model's files are: a folder on disk, a folder on a server, files that a page was given.
import { openBytes, type Reader, type ReadOptions, type Source } from '@x/tensor/bytes'

/**
 * Where a model is: a folder (a path, or a URL such as https://huggingface.co/OWNER/NAME/resolve/main), one file (a path,
 * URL, File, Blob, bytes), files that were chosen in a page, or sources under their names.
 */
export type ModelSource = Source | readonly File[] | Readonly<Record<string, Source>>

/** Files by name. */
export interface Folder {
  /** For messages. */
  readonly name: string
  /** Null for a file that there is not. */
  find(file: string): Promise<Source | null>
}

/** Names of files, by which paths of files are told from those of folders. */
const FILE = /\.(gguf|bin|pt|pth|ckpt|safetensors|json)$/i

export const isSource = (source: ModelSource): source is Source =>
  typeof source === 'string' ||
  source instanceof URL ||
  source instanceof Uint8Array ||
  source instanceof ArrayBuffer ||
  source instanceof Blob ||
  source instanceof Response

/** One file that somebody chose: a model by itself. */
export const isOneFile = (source: ModelSource): source is readonly [File] =>
  Array.isArray(source) && source.length === 1

/** A source that is one file, or the folder that it is. */
export function placeOf(source: ModelSource, options: ReadOptions): { file: Source } | { folder: Folder } {
  if (isOneFile(source)) return { file: source[0] }
  if (!isSource(source)) return { folder: listed('loadModel', source) }
  if (typeof source !== 'string' && !(source instanceof URL)) return { file: source }
  return FILE.test(pathOf(source)) ? { file: source } : { folder: folderAt(source, options) }
}

/** A path or address without what follows it. */
export const pathOf = (source: string | URL): string =>
  source instanceof URL ? source.pathname : source.replace(/[?#].*$/, '')

/** Files that somebody chose, or sources under their names. @throws TypeError for what is none of all */
export function listed(op: string, source: readonly File[] | Readonly<Record<string, Source>>): Folder {
  const isList = typeof source === 'object' && source !== null
  const missing = isList && Object.values(source).findIndex((given) => given === null || given === undefined)
  if (!isList || missing !== -1 || Object.keys(source).length === 0) {
    const given = !isList ? String(source) : missing === -1 ? 'an empty list' : `a list without its number ${missing}`
    throw new TypeError(`${op}: ${given} is no source; give a path, URL, File, bytes, Files, or sources by name`)
  }
  const files = new Map<string, Source>(
    Array.isArray(source) ? (source as File[]).map((file) => [file.name, file]) : Object.entries(source),
  )
  return { name: `the files ${[...files.keys()].join(', ')}`, find: async (file) => files.get(file) ?? null }
}

/** The source of a file in a folder. */
function inside(folder: string | URL, file: string): string | URL {
  const text = String(folder)
  if (/^[a-z][a-z\d+.-]+:/i.test(text)) {
    const url = new URL(text)
    if (!url.pathname.endsWith('/')) url.pathname += '/'
    url.pathname += file
    return url
  }
  return `${text.replace(/[\\/]+$/, '')}/${file}`
}

/** A folder on disk or on a server. */
export function folderAt(folder: string | URL, options: ReadOptions): Folder {
  return {
    name: String(folder),
    async find(file) {
      const source = inside(folder, file)
      return (await isThere(source, options)) ? source : null
    },
  }
}

/** The folder that a file is in. */
export const folderOf = (file: string | URL, options: ReadOptions): Folder =>
  file instanceof URL
    ? folderAt(new URL('.', file), options)
    : folderAt(/[\\/]/.test(file) ? file.replace(/[^\\/]*$/, '') : '.', options)

async function isThere(source: string | URL, { onProgress: _, ...options }: ReadOptions): Promise<boolean> {
  try {
    await (await openBytes(source, options)).close()
    return true
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT' || /answered 40[34]/.test((error as Error).message)) return false
    throw error
  }
}

/** All bytes of a file. */
export async function bytesOf(source: Source, options: ReadOptions): Promise<Uint8Array<ArrayBuffer>> {
  const reader = await openBytes(source, options)
  try {
    return await reader.read(0, Number.POSITIVE_INFINITY)
  } finally {
    await reader.close()
  }
}

/** The same as text. */
export const readText = async (source: Source, options: ReadOptions): Promise<string> =>
  new TextDecoder().decode(await bytesOf(source, options))

/** Bytes that are kept at most of what was read. */
const KEPT = 2 ** 24

/**
 * A reader that keeps the beginning of a file, as much as is read of it in one: a header's end is found by reading more
 * and more. What follows is then neither fetched nor told of again.
 */
export function onceEach(reader: Reader): Reader {
  let head = new Uint8Array(0)
  return {
    size: reader.size,
    anywhere: reader.anywhere,
    async read(begin, end) {
      if (end <= head.length) return head.slice(begin, end)
      if (begin > head.length) return reader.read(begin, end)
      const rest = await reader.read(head.length, end)
      const all = new Uint8Array(head.length + rest.length)
      all.set(head)
      all.set(rest, head.length)
      if (begin === 0 && all.length <= KEPT) head = all
      return all.slice(begin)
    },
    close: () => reader.close(),
  }
}
