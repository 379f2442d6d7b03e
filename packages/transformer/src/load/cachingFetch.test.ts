// Downloads are kept in pieces, and go on where they ended.
import { openBytes } from '@x/tensor/files'
import { expect, test } from 'vitest'
import { cachingFetch, type PieceStore } from './cachingFetch.ts'

const file = Uint8Array.from({ length: 100 }, (_, i) => i)
const url = 'https://models.test/file.bin'

function memoryStore(): PieceStore & { readonly pieces: Map<string, Uint8Array<ArrayBuffer>> } {
  const pieces = new Map<string, Uint8Array<ArrayBuffer>>()
  return {
    pieces,
    get: async (key) => pieces.get(key) ?? null,
    put: async (key, bytes) => void pieces.set(key, bytes),
    delete: async (key) => void pieces.delete(key),
  }
}

/** A server that answers for ranges, and tells what it was asked. */
function server({ tag = 'a', fails = () => false }: { tag?: string; fails?: (range: string) => boolean } = {}) {
  const asked: string[] = []
  const fetch = async (_: URL, { headers }: { headers: Record<string, string> }): Promise<Response> => {
    asked.push(headers.range)
    if (fails(headers.range)) throw new TypeError('the line is down')
    const [, a, b] = /^bytes=(\d+)-(\d+)$/.exec(headers.range) as RegExpExecArray
    const part = file.slice(Number(a), Number(b) + 1)
    const range = `bytes ${a}-${Number(a) + part.length - 1}/${file.length}`
    return new Response(part, { status: 206, headers: { 'content-range': range, etag: tag } })
  }
  return { asked, fetch }
}

test('pieces are fetched once, and answer for any range', async () => {
  const store = memoryStore()
  const { asked, fetch } = server()
  const reader = await openBytes(url, { fetch: cachingFetch({ store, fetch, pieceBytes: 16 }) })
  expect(reader.size).toBe(100)
  expect(await reader.read(30, 50)).toEqual(file.slice(30, 50))
  expect(await reader.read(0, 100)).toEqual(file)
  // The first request of a reader is for more than there is.
  expect(new Set(asked).size).toBe(asked.length)
  const again = server()
  const second = await openBytes(url, { fetch: cachingFetch({ store, fetch: again.fetch }) })
  expect(await second.read(0, 100)).toEqual(file)
  expect(again.asked).toEqual([])
})

test('a download that broke goes on where it ended', async () => {
  const store = memoryStore()
  const down = server({ fails: (range) => range.startsWith('bytes=64') })
  const options = { store, pieceBytes: 16 }
  await expect(openBytes(url, { fetch: cachingFetch({ ...options, fetch: down.fetch }) })).rejects.toThrow(
    'line is down',
  )
  const up = server()
  const reader = await openBytes(url, { fetch: cachingFetch({ ...options, fetch: up.fetch }) })
  expect(await reader.read(0, 100)).toEqual(file)
  expect(up.asked).toEqual(['bytes=64-79', 'bytes=80-95', 'bytes=96-99'])
})

test('a file that has changed is refused, and begun anew', async () => {
  const store = memoryStore()
  await (
    await cachingFetch({ store, fetch: server().fetch, pieceBytes: 16 })(new URL(url), {
      headers: { range: 'bytes=0-9' },
    })
  ).arrayBuffer()
  const changed = cachingFetch({ store, fetch: server({ tag: 'b' }).fetch, pieceBytes: 16 })
  const ask = () => changed(new URL(url), { headers: { range: 'bytes=20-29' } })
  await expect(ask()).rejects.toThrow('has changed')
  expect(new Uint8Array(await (await ask()).arrayBuffer())).toEqual(file.slice(20, 30))
})

test('what a server refuses, or gives as a whole only, is handed through; a full store stops nothing', async () => {
  let asked = 0
  const fetch = async (): Promise<Response> => new Response(null, { status: asked++ === 0 ? 503 : 404 })
  const refused = cachingFetch({ store: memoryStore(), fetch })
  await expect(openBytes(url, { fetch: refused })).rejects.toThrow('answered 503')
  // That there is none is kept too.
  for (let i = 0; i < 3; i++) await expect(openBytes(url, { fetch: refused })).rejects.toThrow('answered 404')
  expect(asked).toBe(2)
  const whole = cachingFetch({ store: memoryStore(), fetch: async () => new Response(file) })
  expect(await (await openBytes(url, { fetch: whole })).read(90, 100)).toEqual(file.slice(90))
  const full = { ...memoryStore(), put: async () => Promise.reject(new DOMException('', 'QuotaExceededError')) }
  const reader = await openBytes(url, { fetch: cachingFetch({ store: full, fetch: server().fetch, pieceBytes: 16 }) })
  expect(await reader.read(30, 50)).toEqual(file.slice(30, 50))
})
