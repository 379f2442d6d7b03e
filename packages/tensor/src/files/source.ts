// Where bytes come from: memory, Blobs and Files, paths in Node, URLs (in pieces where the server allows), Responses.
import { checkOptions } from '../options.ts'
import { fileSystem, type Handle } from './node.ts'

/**
 * What files are read from: a path (in Node, Deno, Bun; in a page a string is a URL, relative to the page), a URL
 * (`http:`, `https:`, `data:`, `blob:`; `file:` as a path), a File or Blob, bytes, or the Response of a `fetch`.
 */
export type Source = string | URL | Blob | ArrayBuffer | Uint8Array | Response

/** How a file is read. */
export interface ReadOptions {
  /** Hears of every piece: bytes read so far, and bytes in all, null where nobody says. */
  readonly onProgress?: (progress: { readonly loaded: number; readonly total: number | null }) => void
  /** Ends the reading with the signal's reason. */
  readonly signal?: AbortSignal
  /** For URLs: sent with every request (an authorisation, say). */
  readonly headers?: Readonly<Record<string, string>>
  /** What fetches URLs: one that keeps what it fetched, say. It is asked for ranges. Default: the engine's fetch. */
  readonly fetch?: (url: URL, init: { signal?: AbortSignal; headers: Record<string, string> }) => Promise<Response>
}

/** Bytes in memory of their own. */
export type Bytes = Uint8Array<ArrayBuffer>

/** Bytes that are read piece by piece. */
export interface Reader {
  /** Bytes in all; null as long as a stream does not say. */
  readonly size: number | null
  /** Whether pieces may be asked for in any order; else each begins where the one before ended, or later. */
  readonly anywhere: boolean
  /** The bytes from `begin` to `end`, or as many of them as there are. They belong to the caller. */
  read(begin: number, end: number): Promise<Bytes>
  close(): Promise<void>
}

const OPTIONS = ['onProgress', 'signal', 'headers', 'fetch']

/**
 * Opens a source. With `anywhere`, one that is read in any order; what can only be read forward is then read to its end.
 * @throws TypeError for what is no source, RangeError for an option that there is not, Error when it cannot be had
 */
export async function open(
  op: string,
  source: Source,
  options: ReadOptions,
  { anywhere = false, more = [] }: { anywhere?: boolean; more?: readonly string[] } = {},
): Promise<Reader> {
  checkOptions(op, options, [...OPTIONS, ...more])
  options.signal?.throwIfAborted()
  const reader = await openPlain(op, source, options, anywhere)
  const told = options.onProgress || options.signal ? watched(reader, options) : reader
  if (!anywhere || told.anywhere) return told
  const all = memory(await told.read(0, Number.POSITIVE_INFINITY))
  await told.close()
  return all
}

/**
 * Opens a source for reading pieces of it in any order; what can only be read forward is read to its end first.
 * `close` it when done.
 * @throws TypeError for what is no source, RangeError for an option that there is not, Error when it cannot be had
 * @example
 * import { openBytes } from '@x/tensor/files'
 * const reader = await openBytes(new Uint8Array([1, 2, 3, 4]))
 * await reader.read(1, 3) // Uint8Array [2, 3]
 * await reader.close()
 */
export const openBytes = (source: Source, options: ReadOptions = {}): Promise<Reader> =>
  open('openBytes', source, options, { anywhere: true })

async function openPlain(op: string, source: Source, options: ReadOptions, anywhere: boolean): Promise<Reader> {
  if (source instanceof Uint8Array) return memory(source)
  if (source instanceof ArrayBuffer) return memory(new Uint8Array(source))
  if (typeof Blob !== 'undefined' && source instanceof Blob) return blob(source)
  if (typeof Response !== 'undefined' && source instanceof Response) return answer(op, source)
  if (typeof source !== 'string' && !(source instanceof URL)) {
    throw new TypeError(
      `${op}: ${source === null ? 'null' : typeof source} is no source; give a path, URL, File, Blob, Response or bytes`,
    )
  }
  const url = asUrl(source)
  if (url === null || url.protocol === 'file:') return path(op, url ?? (source as string))
  return anywhere && url.protocol.startsWith('http')
    ? remote(op, url, options)
    : answer(op, await request(url, options))
}

/** The URL that a source is, null for a path. */
export function asUrl(source: string | URL): URL | null {
  if (source instanceof URL) return source
  // One letter and a colon is a drive.
  if (/^[a-z][a-z\d+.-]+:/i.test(source)) return new URL(source)
  const page = (globalThis as { document?: { baseURI: string }; location?: { href: string } }) ?? {}
  const base = fileSystem() ? undefined : (page.document?.baseURI ?? page.location?.href)
  return base === undefined ? null : new URL(source, base)
}

/** Bytes at hand. */
export function memory(bytes: Uint8Array): Reader {
  // A plain view: slices of Node's Buffer are not copies.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    size: plain.length,
    anywhere: true,
    read: async (begin, end) => plain.slice(begin, end) as Bytes,
    close: async () => {},
  }
}

function blob(source: Blob): Reader {
  return {
    size: source.size,
    anywhere: true,
    read: async (begin, end) => new Uint8Array(await source.slice(begin, Math.min(end, source.size)).arrayBuffer()),
    close: async () => {},
  }
}

async function path(op: string, name: string | URL): Promise<Reader> {
  const fs = fileSystem()
  if (!fs) throw new Error(`${op}: paths cannot be opened here; give a URL, a File or bytes`)
  const handle: Handle = await fs.open(name, 'r')
  const { size } = await handle.stat()
  return {
    size,
    anywhere: true,
    async read(begin, end) {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - begin))
      for (let at = 0; at < bytes.length; ) {
        const { bytesRead } = await handle.read(bytes, at, bytes.length - at, begin + at)
        if (bytesRead === 0) return bytes.slice(0, at)
        at += bytesRead
      }
      return bytes
    },
    close: () => handle.close(),
  }
}

async function request(url: URL, options: ReadOptions, range?: string): Promise<Response> {
  const { signal, headers, fetch: ask = fetch } = options
  const response = await ask(url, { signal, headers: { ...headers, ...(range && { range }) } }).catch((error) => {
    // Engines do not say what they could not reach.
    if (signal?.aborted || !(error instanceof TypeError)) throw error
    throw new Error(`${url.href}: ${error.message}`, { cause: error })
  })
  if (!response.ok && !(range && response.status === 416)) throw refused(url.href, response)
  return response
}

const refused = (url: string, { status, statusText }: Response): Error =>
  new Error(`${url}: the server answered ${status} ${statusText}`.trimEnd())

/** Reads a body as it arrives. */
function answer(op: string, response: Response): Reader {
  if (!response.ok) throw refused(response.url || op, response)
  if (response.bodyUsed) throw new TypeError(`${op}: the body of the Response has been read already`)
  const length = response.headers.get('content-length')
  // The length of a compressed body is not that of the file.
  const size = length !== null && !response.headers.get('content-encoding') ? Number(length) : null
  return stream(response.body ?? new Blob([]).stream(), Number.isSafeInteger(size) ? size : null)
}

/** Reads a stream forward. */
export function stream(body: ReadableStream<Uint8Array>, size: number | null): Reader {
  const source = body.getReader()
  let at = 0
  let rest: Uint8Array = new Uint8Array(0)
  return {
    size,
    anywhere: false,
    async read(begin, end) {
      if (begin < at) throw new Error(`a stream that is at ${at} cannot go back to ${begin}`)
      const parts: Uint8Array[] = []
      for (;;) {
        const skip = Math.min(begin - at, rest.length)
        const take = Math.min(Math.max(0, end - Math.max(begin, at)), rest.length - skip)
        if (take > 0) parts.push(rest.subarray(skip, skip + take))
        at += skip + take
        begin = Math.max(begin, at)
        rest = rest.subarray(skip + take)
        if (at >= end) break
        const { done, value } = await source.read()
        if (done) break
        rest = value
      }
      return joined(parts)
    },
    close: () => source.cancel().catch(() => {}),
  }
}

/** The parts one after the other. */
export function joined(parts: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((n, part) => n + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** What the first request of a file asks for: a header, most often. */
const FIRST = 65536

/** A file on a server that answers for ranges of it, or else the whole of it. */
async function remote(op: string, url: URL, options: ReadOptions): Promise<Reader> {
  const response = await request(url, options, `bytes=0-${FIRST - 1}`)
  const [, total] = /^bytes \d+-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? []
  if (response.status === 416) {
    // There is no first byte.
    await response.body?.cancel()
    return memory(new Uint8Array(0))
  }
  if (response.status === 200) return answer(op, response)
  if (total === undefined || response.headers.get('content-encoding')) {
    await response.body?.cancel()
    return answer(op, await request(url, options))
  }
  const size = Number(total)
  const first = new Uint8Array(await response.arrayBuffer())
  return {
    size,
    anywhere: true,
    async read(begin, given) {
      const end = Math.min(given, size)
      if (begin >= end) return new Uint8Array(0)
      if (end <= first.length) return first.slice(begin, end)
      const part = await request(url, options, `bytes=${begin}-${end - 1}`)
      const bytes = part.status === 206 ? new Uint8Array(await part.arrayBuffer()) : new Uint8Array(0)
      if (part.headers.get('content-range') !== `bytes ${begin}-${end - 1}/${size}` || bytes.length !== end - begin) {
        throw new Error(`${url.href}: bytes ${begin} to ${end} did not come; the file has changed since it was opened`)
      }
      return bytes
    },
    close: async () => {},
  }
}

/** Tells of what is read, and stops when it is to. */
function watched(reader: Reader, { onProgress, signal }: ReadOptions): Reader {
  let loaded = 0
  const step = FIRST * 16
  return {
    size: reader.size,
    anywhere: reader.anywhere,
    async read(begin, end) {
      const parts: Uint8Array[] = []
      // In steps, so that a large tensor is told of on the way.
      for (let at = begin; at < end; at += step) {
        signal?.throwIfAborted()
        const wanted = Math.min(step, end - at)
        const part = await reader.read(at, at + wanted)
        parts.push(part)
        loaded += part.length
        onProgress?.({ loaded, total: reader.size })
        if (part.length < wanted) break
      }
      return joined(parts)
    },
    close: () => reader.close(),
  }
}
