// Downloads that are kept: a file in pieces, each fetched once, so that a broken download goes on where it ended and a
// page that is opened again loads nothing.
import type { ReadOptions } from '@x/tensor/files'
import { checkOptions } from '@x/tensor/op'
import { fileSystem } from './fileSystem.ts'

/** Where pieces are kept. */
export interface PieceStore {
  /** Null for what is not there. */
  get(key: string): Promise<Uint8Array<ArrayBuffer> | null>
  put(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>
  delete(key: string): Promise<void>
}

/** What a page has: see the Cache interface of browsers. */
interface PageCache {
  match(url: string): Promise<Response | undefined>
  put(url: string, response: Response): Promise<void>
  delete(url: string): Promise<boolean>
}

/**
 * Keeps pieces in the browser's Cache storage, which stays until the user or the browser clears it.
 * @throws Error where there is none: outside of browsers, and in pages that are not served over https
 */
export function pageStore(name = 'x-models'): PieceStore {
  const { caches } = globalThis as { caches?: { open(name: string): Promise<PageCache> } }
  if (!caches) throw new Error('pageStore: there is no Cache storage here; use folderStore(path), or a secure page')
  const cache = caches.open(name)
  // Keys of caches are addresses.
  const address = (key: string): string => `https://pieces.invalid/?${encodeURIComponent(key)}`
  return {
    async get(key) {
      const found = await (await cache).match(address(key))
      return found ? new Uint8Array(await found.arrayBuffer()) : null
    },
    put: async (key, bytes) => (await cache).put(address(key), new Response(bytes)),
    delete: async (key) => void (await (await cache).delete(address(key))),
  }
}

/**
 * Keeps pieces as files of a folder, which is made.
 * @throws TypeError for what is no path, Error where there are no files
 * @example
 * import { cachingFetch, folderStore, loadCausalLM } from '@x/transformer'
 * const load = (url) => loadCausalLM(url, { fetch: cachingFetch({ store: folderStore('models') }) })
 */
export function folderStore(path: string): PieceStore {
  if (typeof path !== 'string' || path === '')
    throw new TypeError(`folderStore: ${path === '' ? "''" : path} is no path of a folder; give one`)
  const files = fileSystem()
  if (!files) throw new Error('folderStore: there are no files here; use pageStore()')
  const made = files.mkdir(path, { recursive: true })
  // Told to whoever first reads or writes.
  made.catch(() => {})
  const fileOf = async (key: string): Promise<string> => {
    await made
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key)))
    return `${path}/${Array.from(hash.subarray(0, 16), (b) => b.toString(16).padStart(2, '0')).join('')}`
  }
  return {
    async get(key) {
      try {
        return new Uint8Array(await files.readFile(await fileOf(key)))
      } catch (error) {
        if ((error as { code?: string }).code === 'ENOENT') return null
        throw error
      }
    },
    // Written aside: a piece is there as a whole or not at all.
    async put(key, bytes) {
      const file = await fileOf(key)
      await files.writeFile(`${file}.part`, bytes)
      await files.rename(`${file}.part`, file)
    },
    delete: async (key) => files.rm(await fileOf(key), { force: true }),
  }
}

export interface CachingOptions {
  /** Default: `pageStore()`. */
  readonly store?: PieceStore
  /** Bytes of a piece. Default 8 MiB. */
  readonly pieceBytes?: number
  /** What fetches. Default: the engine's fetch. */
  readonly fetch?: NonNullable<ReadOptions['fetch']>
}

type Ask = (first: number, last: number) => Promise<Response>

/** What is known of a file: written beside its pieces. */
interface Known {
  readonly size: number
  readonly pieceBytes: number
  /** What the server calls this version of the file. */
  readonly tag: string | null
}

/**
 * A fetch for `loadModel` and the readers of `@x/tensor/files` that keeps what it downloads. It answers requests for ranges
 * from pieces that it has, and fetches the others. What is kept is not asked for again, whatever becomes of it on the
 * server: give addresses that name a version, or delete it from the store.
 * @throws Error from the fetch when the file changes between two pieces of it; RangeError for options
 * @example
 * import { cachingFetch, loadCausalLM } from '@x/transformer'
 * const load = (url) => loadCausalLM(url, { fetch: cachingFetch(), onProgress: ({ loaded }) => console.log(loaded) })
 */
export function cachingFetch(options: CachingOptions = {}): NonNullable<ReadOptions['fetch']> {
  checkOptions('cachingFetch', options, ['store', 'pieceBytes', 'fetch'])
  const { store = pageStore(), pieceBytes = 2 ** 23, fetch: ask = fetch } = options
  if (!(Number.isInteger(pieceBytes) && pieceBytes >= 1))
    throw new RangeError(`cachingFetch: pieceBytes ${pieceBytes} is not a whole number from 1`)
  return async (url, { signal, headers }) => {
    const asked: Ask = (first, last) => ask(url, { signal, headers: { ...headers, range: `bytes=${first}-${last}` } })
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? 'bytes=0-') ?? []
    if (from === undefined) return ask(url, { signal, headers })
    const known = (await knownOf(store, url.href)) ?? (await begin(store, url.href, asked, pieceBytes))
    if (known instanceof Response) return known
    if (known.size === MISSING) return new Response(null, { status: 404 })
    const first = Number(from)
    const end = Math.min(known.size, to === '' ? known.size : Number(to) + 1)
    if (first >= end) return new Response(null, { status: 416 })
    const parts: Uint8Array<ArrayBuffer>[] = []
    for (let i = Math.floor(first / known.pieceBytes); i * known.pieceBytes < end; i++) {
      signal?.throwIfAborted()
      const piece = await pieceOf(store, url.href, i, known, asked)
      const at = i * known.pieceBytes
      parts.push(piece.subarray(Math.max(0, first - at), end - at))
    }
    const range = `bytes ${first}-${end - 1}/${known.size}`
    const isWhole = headers.range === undefined
    const length = String(end - first)
    return new Response(new Blob(parts), {
      status: isWhole ? 200 : 206,
      headers: isWhole ? { 'content-length': length } : { 'content-length': length, 'content-range': range },
    })
  }
}

/** The size of a file that there is not. */
const MISSING = -1

const encoded = (known: Known): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(known))

async function knownOf(store: PieceStore, url: string): Promise<Known | null> {
  const bytes = await store.get(url)
  return bytes ? (JSON.parse(new TextDecoder().decode(bytes)) as Known) : null
}

/** Fetches the first piece, which tells the size; what the server refuses or gives only as a whole is handed through. */
async function begin(store: PieceStore, url: string, ask: Ask, pieceBytes: number): Promise<Known | Response> {
  const response = await ask(0, pieceBytes - 1)
  const [, size] = /^bytes \d+-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? []
  // Models are looked for under several names: what is not there need not be asked for again, which a page could not do
  // without a network.
  if (response.status === 404) await keep(store, url, encoded({ size: MISSING, pieceBytes, tag: null }))
  if (response.status !== 206 || size === undefined) return response
  const known: Known = { size: Number(size), pieceBytes, tag: response.headers.get('etag') }
  await keep(store, `${url} 0`, new Uint8Array(await response.arrayBuffer()))
  await keep(store, url, encoded(known))
  return known
}

async function pieceOf(
  store: PieceStore,
  url: string,
  i: number,
  { size, pieceBytes, tag }: Known,
  ask: Ask,
): Promise<Uint8Array<ArrayBuffer>> {
  const first = i * pieceBytes
  const last = Math.min(size, first + pieceBytes) - 1
  const kept = await store.get(`${url} ${i}`)
  if (kept?.length === last + 1 - first) return kept
  const response = await ask(first, last)
  if (!response.ok) throw new Error(`${url}: the server answered ${response.status} ${response.statusText}`.trimEnd())
  const bytes = new Uint8Array(await response.arrayBuffer())
  if (response.status !== 206 || bytes.length !== last + 1 - first || response.headers.get('etag') !== tag) {
    await store.delete(url)
    throw new Error(`${url}: the file has changed since its download began; load it again`)
  }
  await keep(store, `${url} ${i}`, bytes)
  return bytes
}

/** What finds no room is not kept: the model loads all the same. */
async function keep(store: PieceStore, key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  try {
    await store.put(key, bytes)
  } catch (error) {
    if ((error as Error).name !== 'QuotaExceededError') throw error
  }
}
