// safetensors: round trips, and every way a file can be broken.
import { expect, test } from 'vitest'
import { FormatError, Generator, tensor } from './index.ts'
import { loadSafetensors, saveSafetensors } from './safetensors.ts'

const sample = (): Record<string, ReturnType<typeof tensor>> => ({
  'a.weight': tensor([
    [1, 2],
    [3, 4],
  ]),
  flags: tensor([true, false, true]),
  precise: tensor([Math.PI], { dtype: 'float64' }),
  empty: tensor([], { shape: [0, 3] }),
  scalar: tensor(-7, { dtype: 'int32' }),
})

test('a file read back has the same names, dtypes, shapes and values', () => {
  const file = saveSafetensors(sample(), { made: 'here' })
  const { tensors, metadata } = loadSafetensors(file)
  expect(metadata).toEqual({ made: 'here' })
  for (const [name, t] of Object.entries(sample())) {
    expect([tensors[name].dtype, tensors[name].shape, tensors[name].toArray()]).toEqual([t.dtype, t.shape, t.toArray()])
  }
})

test('a window of a larger buffer is read, also where its slices share memory as those of a Buffer in Node do', () => {
  class Shared extends Uint8Array<ArrayBuffer> {
    override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
      return this.subarray(start, end)
    }
  }
  const file = saveSafetensors({ a: tensor([1, 2, 3]) })
  const pool = new Shared(new ArrayBuffer(file.length + 16))
  pool.set(file, 8)
  expect(loadSafetensors(pool.subarray(8, 8 + file.length)).tensors.a.toArray()).toEqual([1, 2, 3])
})

test('the header is aligned and in the order of the reference implementation', () => {
  const file = saveSafetensors(sample())
  const length = Number(new DataView(file.buffer).getBigUint64(0, true))
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)))
  expect(length % 8).toBe(0)
  expect(Object.keys(header)).toEqual(['precise', 'a.weight', 'empty', 'scalar', 'flags'])
  expect(header['a.weight']).toEqual({ dtype: 'F32', shape: [2, 2], data_offsets: [8, 24] })
})

const withHeader = (header: unknown, bytes = 4): Uint8Array => {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const file = new Uint8Array(8 + json.length + bytes)
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true)
  file.set(json, 8)
  return file
}
const entry = (change: object): object => ({ x: { dtype: 'F32', shape: [1], data_offsets: [0, 4], ...change } })

test.each([
  ['too short', new Uint8Array(4), 'the file has 4 bytes'],
  ['header beyond the end', new Uint8Array([255, 0, 0, 0, 0, 0, 0, 0]), 'a header of 255 bytes does not fit'],
  ['no JSON', withHeader('{"x"'), 'the header is not JSON'],
  ['a list', withHeader('[]'), 'the header is not an object'],
  ['unknown dtype', withHeader(entry({ dtype: 'Q9' })), '"Q9"'],
  ['negative length', withHeader(entry({ shape: [-1] })), 'has shape [-1]'],
  ['size', withHeader(entry({ shape: [2] })), 'has 4 bytes where F32 [2] takes 8'],
  ['end', withHeader(entry({ shape: [2], data_offsets: [0, 8] })), 'ends at 8 of 4 bytes'],
  ['gap', withHeader(entry({ data_offsets: [4, 8] }), 8), 'begins at 4, not at 0'],
  ['rest', withHeader(entry({}), 8), '4 bytes belong to no tensor'],
  ['null', withHeader({ x: null }), 'has dtype undefined'],
])('%s is a FormatError', (_, file, text) => {
  expect(() => loadSafetensors(file)).toThrow(FormatError)
  expect(() => loadSafetensors(file)).toThrow(text)
})

test('mutated files never do anything but load or fail with a FormatError', () => {
  const file = saveSafetensors(sample())
  const words = new Generator(1).words(6000)
  for (let i = 0; i < 2000; i++) {
    const broken = file.slice(0, i % 3 === 0 ? (words[3 * i] >>> 0) % file.length : file.length)
    broken[(words[3 * i + 1] >>> 0) % broken.length] = words[3 * i + 2] & 255
    try {
      loadSafetensors(broken)
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError)
    }
  }
})
