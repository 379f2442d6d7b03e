// safetensors from every kind of source, whole, tensor by tensor and in shards; and what servers answer.
import { afterEach, expect, test, vi } from 'vitest'
import { loadNpy, loadSafetensors, openSafetensors, type Source, saveNpy, saveSafetensors } from '../files.ts'
import { arange, FormatError, memoryStats, ones, type Tensor, tensor } from '../index.ts'
import { loadSafetensors as loadBytes } from '../safetensors.ts'

afterEach(() => void vi.unstubAllGlobals())

const tensors = (): Record<string, Tensor> => ({
  x: arange(6).reshape([2, 3]),
  half: tensor([0.5, -2], { dtype: 'bfloat16' }),
  big: tensor([2n ** 60n]),
  none: tensor([], { shape: [0, 4], dtype: 'int8' }),
})
const values = (all: Readonly<Record<string, Tensor>>): unknown =>
  Object.fromEntries(Object.entries(all).map(([name, x]) => [name, [x.dtype, x.shape, x.toArray()]]))
const want = { metadata: { format: 'pt' }, tensors: values(tensors()) }

/** A server: answers for files by name, and for ranges of them unless it is a simple one; counts the bytes it sends. */
function serve(
  files: Record<string, Uint8Array>,
  { ranges = true, length = true } = {},
): { sent: number; asked: string[] } {
  const log = { sent: 0, asked: [] as string[] }
  vi.stubGlobal('fetch', async (url: URL, { headers = {} }: { headers?: Record<string, string> } = {}) => {
    log.asked.push(`${url.pathname} ${headers.range ?? ''}`.trim())
    const file = files[url.pathname.slice(1)]
    if (!file) return new Response('no', { status: 404, statusText: 'Not Found' })
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? []
    if (!ranges || first === undefined) {
      log.sent += file.length
      const body = new Blob([file as BlobPart]).stream()
      return new Response(body, { headers: length ? { 'content-length': `${file.length}` } : {} })
    }
    if (Number(first) >= file.length) return new Response(null, { status: 416 })
    const part = file.slice(Number(first), Number(last) + 1)
    log.sent += part.length
    const range = `bytes ${first}-${Number(first) + part.length - 1}/${file.length}`
    return new Response(part, { status: 206, headers: { 'content-range': range } })
  })
  return log
}

test('every kind of source gives the same', async () => {
  const file = await saveSafetensors(tensors(), { metadata: { format: 'pt' } })
  expect(values(loadBytes(file).tensors)).toEqual(want.tensors)
  serve({ 'a.safetensors': file })
  const sources: Source[] = [
    file,
    file.buffer,
    new Blob([file]),
    new File([file], 'a.safetensors'),
    new Response(file),
    new Response(new Blob([file]).stream(), { headers: { 'content-encoding': 'gzip', 'content-length': '3' } }),
    new URL('https://host/a.safetensors'),
    'https://host/a.safetensors',
  ]
  for (const source of sources) {
    const { tensors, metadata } = await loadSafetensors(source)
    expect({ metadata, tensors: values(tensors) }).toEqual(want)
  }
})

test('tensors one by one: no more is fetched than is asked for', async () => {
  const large = { a: ones([50_000]), b: arange(100_000).reshape([1000, 100]), c: ones([5]) }
  const log = serve({ 'm.safetensors': await saveSafetensors(large) })
  const file = await openSafetensors('https://host/m.safetensors')
  expect([file.keys(), log.asked.length]).toEqual([['a', 'b', 'c'], 1])
  expect(await file.info('b')).toEqual({ dtype: 'float32', shape: [1000, 100], bytes: 400_000 })
  expect((await file.getSlice('b', 998, 1000)).at(1, 99).item()).toBe(99_999)
  expect((await file.getTensor('c')).toArray()).toEqual([1, 1, 1, 1, 1])
  expect(log.sent).toBeLessThan(70_000)
  await expect(file.getSlice('b', 0, 1001)).rejects.toThrow(RangeError)
  await expect(file.getTensor('d')).rejects.toThrow("the file has no tensor 'd'")
  await file.close()
})

test('servers that know no ranges, no lengths, or nothing', async () => {
  const file = await saveSafetensors(tensors())
  for (const how of [{ ranges: false }, { ranges: false, length: false }]) {
    serve({ a: file }, how)
    const open = await openSafetensors(new URL('https://host/a'))
    expect((await open.getTensor('half')).toArray()).toEqual([0.5, -2])
  }
  serve({ a: file, empty: new Uint8Array(0) })
  await expect(loadSafetensors(new URL('https://host/b'))).rejects.toThrow('https://host/b: the server answered 404')
  await expect(openSafetensors(new URL('https://host/empty'))).rejects.toThrow(FormatError)
  const files = { a: new Uint8Array(await saveSafetensors({ a: ones([50_000]) })) }
  serve(files)
  const open = await openSafetensors(new URL('https://host/a'))
  files.a = files.a.slice(0, 100_000)
  await expect(open.getTensor('a')).rejects.toThrow('the file has changed since it was opened')
})

test('progress is told, and reading can be ended', async () => {
  const file = await saveSafetensors({ a: ones([1_000_000]) })
  const seen: number[] = []
  serve({ a: file })
  const onProgress = ({ loaded, total }: { loaded: number; total: number | null }): void => {
    expect(total).toBe(file.length)
    seen.push(loaded)
  }
  await loadSafetensors(new URL('https://host/a'), { onProgress })
  expect(seen.length).toBeGreaterThan(4)
  expect(seen.at(-1)).toBe(file.length)
  const stop = new AbortController()
  const before = memoryStats().storages
  const reading = loadSafetensors(new Blob([file]), {
    signal: stop.signal,
    onProgress: () => stop.abort(new Error('enough')),
  })
  await expect(reading).rejects.toThrow('enough')
  await expect(loadNpy(file, { signal: stop.signal })).rejects.toThrow('enough')
  expect(memoryStats().storages).toBeLessThanOrEqual(before)
})

const index = (map: object): Blob =>
  new Blob([JSON.stringify({ metadata: { total_size: 8, by: 'x' }, weight_map: map })])

test('shards are found beside their index, or where the caller says', async () => {
  const shards: Record<string, Uint8Array> = {
    'one.safetensors': await saveSafetensors({ a: ones([2]), unnamed: ones([3]) }),
    'two.safetensors': await saveSafetensors({ b: arange(4).reshape([2, 2]) }),
  }
  const map = index({ a: 'one.safetensors', b: 'two.safetensors' })
  const files = Object.entries(shards).map(([name, file]) => [`dir/${name}`, file])
  serve({ ...Object.fromEntries(files), 'dir/index.json': new Uint8Array(await map.arrayBuffer()) })
  const shard = (name: string): Source => shards[name]
  for (const [source, options] of [
    [new URL('https://host/dir/index.json'), {}],
    [map, { shard }],
  ] as const) {
    const { tensors, metadata } = await loadSafetensors(source, options)
    expect(values(tensors)).toEqual({
      a: ['float32', [2], [1, 1]],
      b: [
        'float32',
        [2, 2],
        [
          [0, 1],
          [2, 3],
        ],
      ],
    })
    expect(metadata).toEqual({ total_size: '8', by: 'x' })
    const file = await openSafetensors(source, options)
    expect(file.keys()).toEqual(['a', 'b'])
    expect((await file.getSlice('b', 1, 2)).toArray()).toEqual([[2, 3]])
    await file.close()
  }
  await expect(loadSafetensors(map)).rejects.toThrow('this index does not say where its shards are')
  for (const broken of [{ a: '../one.safetensors' }, { a: '..' }, { a: 'x/y' }, { a: 3 }, { b: 'one.safetensors' }]) {
    await expect(loadSafetensors(index(broken), { shard })).rejects.toThrow(FormatError)
    await expect(openSafetensors(index(broken), { shard })).rejects.toThrow(FormatError)
  }
})

test('a dtype that there is not is named, and the other tensors can be read', async () => {
  const header = JSON.stringify({
    a: { dtype: 'F8_E4M3', shape: [4], data_offsets: [0, 4] },
    b: { dtype: 'U8', shape: [2], data_offsets: [4, 6] },
  })
  const bytes = new Uint8Array(8 + header.length + 6)
  bytes[0] = header.length
  bytes.set(new TextEncoder().encode(header), 8)
  bytes.set([7, 9], bytes.length - 2)
  await expect(loadSafetensors(bytes)).rejects.toThrow(`at byte 9: tensor 'a' has dtype "F8_E4M3"; known are I64`)
  const file = await openSafetensors(bytes)
  expect(await file.info('a')).toEqual({ dtype: 'F8_E4M3', shape: [4], bytes: 4 })
  expect((await file.getTensor('b')).toArray()).toEqual([7, 9])
  await expect(file.getTensor('a')).rejects.toThrow(FormatError)
})

test('names are names, whatever they are', async () => {
  const all = Object.fromEntries(['__proto__', 'constructor', '', 'ünï "x"'].map((name, i) => [name, tensor([i])]))
  const { tensors } = await loadSafetensors(await saveSafetensors(all))
  expect(Object.keys(tensors).sort()).toEqual(Object.keys(all).sort())
  for (const [name, x] of Object.entries(all)) expect(tensors[name].toArray()).toEqual(x.toArray())
})

test('streams and file handles are written to', async () => {
  const parts: Uint8Array[] = []
  const stream = (): WritableStream<Uint8Array> => new WritableStream({ write: (part) => void parts.push(part) })
  await saveNpy(arange(3), { to: stream() })
  expect((await loadNpy(new Blob(parts as BlobPart[]))).toArray()).toEqual([0, 1, 2])
  parts.length = 0
  await saveSafetensors({ x: ones([2]) }, { to: { createWritable: async () => stream() } as never })
  expect((await loadSafetensors(new Blob(parts as BlobPart[]))).tensors.x.toArray()).toEqual([1, 1])
})

test('misuse is named', async () => {
  for (const source of [null, undefined, 7, {}, [new Uint8Array(3)]]) {
    await expect(loadSafetensors(source as never)).rejects.toThrow('is no source; give a path, URL, File')
  }
  const used = new Response('x')
  await used.text()
  await expect(loadSafetensors(used)).rejects.toThrow('the body of the Response has been read already')
  await expect(loadSafetensors(new Uint8Array(9), { progress: 1 } as never)).rejects.toThrow("no option 'progress'")
  await expect(saveSafetensors({ x: 1 as never })).rejects.toThrow("saveSafetensors: 'x' is not a tensor")
  await expect(saveSafetensors({ x: ones([1]) }, { metadata: { a: 1 as never } })).rejects.toThrow("metadata 'a'")
  await expect(saveSafetensors({ x: ones([1]) }, { maxShardBytes: 0 })).rejects.toThrow(RangeError)
  await expect(saveSafetensors({ x: ones([9]), y: ones([9]) }, { maxShardBytes: 9 })).rejects.toThrow('take a path')
  await expect(saveNpy(ones([1]), { to: 3 as never })).rejects.toThrow('{ to } is no path')
  await expect(saveNpy(ones([1]), { to: new URL('https://host/x') as never })).rejects.toThrow('cannot write to https')
})
