// Where models and tokenizers are not: files that hold something else, folders without them, addresses that do not answer.
// No file stays open.
import { type FileHandle, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FormatError } from '@x/tensor'
import { openBytes } from '@x/tensor/files'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { randomFolder } from '../cases/folder.ts'
import { loadTokenizer } from '../tokenizers.ts'
import { folderStore } from './cachingFetch.ts'
import { loadModel } from './loadModel.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A header of llama2.c for a file that ends behind it. */
const stories = (): Uint8Array => {
  const head = new Uint8Array(256)
  new Int32Array(head.buffer).set([8, 16, 1, 2, 2, 20, 16])
  return head
}

/** A GGUF file without tensors, of an architecture that there is not. */
function gguf(architecture: string): Uint8Array {
  const key = 'general.architecture'
  const file = new Uint8Array(24 + 8 + key.length + 4 + 8 + architecture.length)
  const view = new DataView(file.buffer)
  file.set(bytes('GGUF'))
  view.setUint32(4, 3, true)
  view.setUint32(16, 1, true)
  view.setUint32(24, key.length, true)
  file.set(bytes(key), 32)
  view.setUint32(32 + key.length, 8, true)
  view.setUint32(36 + key.length, architecture.length, true)
  file.set(bytes(architecture), 44 + key.length)
  return file
}

let folder = ''
const opened: FileHandle[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sources-'))
  const model = randomFolder()
  await mkdir(join(folder, 'model'))
  await mkdir(join(folder, 'pair'))
  await mkdir(join(folder, 'empty.bin'))
  const files: Record<string, Uint8Array | string> = {
    'phi.gguf': gguf('phi9'),
    'cut.gguf': gguf('llama').subarray(0, 40),
    'cut.bin': stories(),
    'README.md': '# no model',
    'net.onnx': new Uint8Array(300),
    'pair/vocab.json': JSON.stringify({ l: 0, o: 1, lo: 2, model: 3 }),
    'pair/merges.txt': '#version: 0.2\nl o\n',
    tokenizer: model['tokenizer.json'],
  }
  for (const [name, file] of Object.entries(model)) files[`model/${name}`] = file
  for (const [name, file] of Object.entries(files)) await writeFile(join(folder, name), file)
  const fs = process.getBuiltinModule('node:fs/promises')
  const open = fs.open.bind(fs)
  vi.spyOn(fs, 'open').mockImplementation(async (...given) => {
    const handle = await open(...given)
    opened.push(handle)
    return handle
  })
})
beforeEach(() => {
  opened.length = 0
})
afterAll(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true })
})

const unopened = (): void => void expect(opened.filter((handle) => handle.fd !== -1)).toEqual([])

test('files that are no models are refused, and closed', async () => {
  for (const [name, text] of [
    ['phi.gguf', "architecture 'phi9' is not known here; there are llama, qwen2, gpt2, bert"],
    ['cut.gguf', 'gguf'],
    ['cut.bin', 'the file should end at byte'],
    ['README.md', 'README.md: at byte 0: this is neither safetensors, GGUF'],
    ['net.onnx', 'this is neither'],
  ]) {
    const loading = loadModel(join(folder, name))
    await expect(loading, name).rejects.toThrow(text)
    await expect(loading, name).rejects.toThrow(FormatError)
    expect(opened.length).toBeGreaterThan(0)
    unopened()
  }
  await expect(loadModel(join(folder, 'pair'))).rejects.toThrow('there is no config.json')
  ;(await loadModel(join(folder, 'model'))).dispose()
  unopened()
})

test('what is no source', async () => {
  for (const load of [loadModel, loadTokenizer])
    for (const [source, text] of [
      [5, '5 is no source; give a path'],
      [undefined, 'undefined is no source'],
      [null, 'null is no source'],
      [{}, 'an empty list is no source'],
      [[], 'an empty list is no source'],
    ] as const) {
      const loading = load(source as never)
      await expect(loading).rejects.toThrow(`${load.name}: ${text}`)
      await expect(loading).rejects.toThrow(TypeError)
    }
})

test('an address that does not answer is named', async () => {
  const fetch = async (): Promise<Response> => {
    throw new TypeError('fetch failed')
  }
  const address = 'https://nobody.test/model'
  await expect(openBytes(`${address}/a.bin`, { fetch })).rejects.toThrow(`${address}/a.bin: fetch failed`)
  await expect(loadModel(address, { fetch })).rejects.toThrow(`${address}/config.json: fetch failed`)
  await expect(loadTokenizer(`${address}/vocab.txt`, { fetch })).rejects.toThrow(`${address}/vocab.txt: fetch failed`)
  const signal = AbortSignal.abort(new TypeError('enough'))
  await expect(openBytes(address, { fetch, signal })).rejects.toThrow(/^enough$/)
})

test('tokenizers of folders, of files without an ending, of two files by either name', async () => {
  const text = 'once upon a time'
  const whole = await loadTokenizer(join(folder, 'model'))
  expect((await loadTokenizer(join(folder, 'tokenizer'))).encode(text)).toEqual(whole.encode(text))
  for (const name of ['pair', 'pair/vocab.json', 'pair/merges.txt'])
    expect((await loadTokenizer(join(folder, name))).encode('lo')).toEqual([2])
  const vocab = bytes(JSON.stringify({ l: 0, o: 1, lo: 2, model: 3 }))
  for (const alone of [vocab, bytes('#version: 0.2\nl o\n')])
    await expect(loadTokenizer(alone)).rejects.toThrow('this is one of two files')
  await expect(loadTokenizer(join(folder, 'empty.bin'))).rejects.toThrow('there is no tokenizer; looked for')
  unopened()
})

test('a store without a folder', async () => {
  expect(() => folderStore(undefined as never)).toThrow('folderStore: undefined is no path')
  expect(() => folderStore('')).toThrow(TypeError)
  // A file stands where the folder is to be: told to whoever asks, and to nobody before.
  const store = folderStore(join(folder, 'README.md'))
  await new Promise((resolve) => setTimeout(resolve))
  await expect(store.get('a')).rejects.toThrow('EEXIST')
})
