// Where a model's files are: a folder on disk, a folder on a server, files that a page was given.
import { openBytes, type ReadOptions, type Source } from '@x/tensor/files'

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

const isSource = (source: ModelSource): source is Source =>
  typeof source === 'string' ||
  source instanceof URL ||
  source instanceof Uint8Array ||
  source instanceof ArrayBuffer ||
  (typeof Blob !== 'undefined' && source instanceof Blob) ||
  (typeof Response !== 'undefined' && source instanceof Response)

/** A source that is one file, or the folder that it is. */
export function placeOf(source: ModelSource, options: ReadOptions): { file: Source } | { folder: Folder } {
  if (!isSource(source)) return { folder: listed(source) }
  if (typeof source !== 'string' && !(source instanceof URL)) return { file: source }
  return FILE.test(pathOf(source)) ? { file: source } : { folder: folderAt(source, options) }
}

const pathOf = (source: string | URL): string =>
  source instanceof URL ? source.pathname : source.replace(/[?#].*$/, '')

function listed(source: readonly File[] | Readonly<Record<string, Source>>): Folder {
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

/** All bytes of a file as text. */
export async function readText(source: Source, options: ReadOptions): Promise<string> {
  const reader = await openBytes(source, options)
  try {
    return new TextDecoder().decode(await reader.read(0, Number.POSITIVE_INFINITY))
  } finally {
    await reader.close()
  }
}
