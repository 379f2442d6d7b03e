// npy: every dtype, order and version, the bytes that NumPy writes, and every way in which a file can be broken.
import { expect, test } from 'vitest'
import { loadNpy, saveNpy } from '../files.ts'
import { type DType, DTypeError, FormatError, memoryStats, tensor, zeros } from '../index.ts'

/** A file with this header and these bytes. */
function npy(header: string, bytes: Uint8Array, version = 1): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(header)
  const head = new Uint8Array(version === 1 ? 10 : 12)
  head.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0])
  if (version === 1) new DataView(head.buffer).setUint16(8, text.length, true)
  else new DataView(head.buffer).setUint32(8, text.length, true)
  return new Uint8Array([...head, ...text, ...bytes])
}

const dict = (descr: string, shape: string, fortran = 'False'): string =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`

const bytes = (values: ArrayBufferView): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
const swapped = (values: ArrayBufferView & { BYTES_PER_ELEMENT: number }): Uint8Array => {
  const all = bytes(values).slice()
  const n = values.BYTES_PER_ELEMENT
  for (let at = 0; at < all.length; at += n) all.subarray(at, at + n).reverse()
  return all
}

test.each<[string, Uint8Array, DType, unknown]>([
  ['|b1', Uint8Array.of(1, 0, 7), 'bool', [true, false, true]],
  ['|u1', Uint8Array.of(1, 0, 255), 'uint8', [1, 0, 255]],
  ['|i1', Uint8Array.of(1, 0, 255), 'int8', [1, 0, -1]],
  ['<i2', bytes(Int16Array.of(1, -2, 300)), 'int16', [1, -2, 300]],
  ['>i2', swapped(Int16Array.of(1, -2, 300)), 'int16', [1, -2, 300]],
  ['<i4', bytes(Int32Array.of(1, -2, 3e8)), 'int32', [1, -2, 3e8]],
  ['>i4', swapped(Int32Array.of(1, -2, 3e8)), 'int32', [1, -2, 3e8]],
  ['<i8', bytes(BigInt64Array.of(1n, -(2n ** 62n), 2n)), 'int64', [1, -(2n ** 62n), 2]],
  ['>i8', swapped(BigInt64Array.of(1n, -3n, 2n)), 'int64', [1, -3, 2]],
  ['<u2', bytes(Uint16Array.of(1, 65535, 2)), 'int32', [1, 65535, 2]],
  ['>u2', swapped(Uint16Array.of(1, 65535, 2)), 'int32', [1, 65535, 2]],
  ['<u4', bytes(Uint32Array.of(1, 4294967295, 2)), 'int64', [1, 4294967295, 2]],
  ['<f2', bytes(Uint16Array.of(0x3c00, 0xc000, 0x7c00)), 'float16', [1, -2, Number.POSITIVE_INFINITY]],
  ['>f2', swapped(Uint16Array.of(0x3c00, 0xc000, 0x0001)), 'float16', [1, -2, 2 ** -24]],
  ['<f4', bytes(Float32Array.of(0.5, -1, Number.NaN)), 'float32', [0.5, -1, Number.NaN]],
  ['>f4', swapped(Float32Array.of(0.5, -1, 3)), 'float32', [0.5, -1, 3]],
  ['<f8', bytes(Float64Array.of(0.1, -1, 3)), 'float64', [0.1, -1, 3]],
  ['>f8', swapped(Float64Array.of(0.1, -1, 3)), 'float64', [0.1, -1, 3]],
])('%s', async (descr, data, dtype, want) => {
  const x = await loadNpy(npy(dict(descr, '(3,)'), data))
  expect([x.dtype, x.shape, x.toArray()]).toEqual([dtype, [3], want])
  x.dispose()
})

test('versions, orders, shapes and spellings of the header', async () => {
  const six = bytes(Float32Array.of(1, 2, 3, 4, 5, 6))
  const load = async (file: Uint8Array): Promise<unknown> => (await loadNpy(file)).toArray()
  expect(await load(npy(dict('<f4', '(2, 3)'), six, 2))).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ])
  expect(await load(npy(dict('<f4', '(2, 3)'), six, 3))).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ])
  expect(await load(npy(dict('<f4', '(2, 3)', 'True'), six))).toEqual([
    [1, 3, 5],
    [2, 4, 6],
  ])
  expect(await load(npy(dict('<f4', '(1L, 6L)'), six))).toEqual([[1, 2, 3, 4, 5, 6]])
  expect(await load(npy(dict('<f4', '()'), six.slice(0, 4)))).toBe(1)
  expect(await load(npy(`{"shape":(2,3,),"fortran_order":False,"descr":"<f4"}`, six))).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ])
  expect((await loadNpy(npy(dict('<f4', '(0, 9007199254740991)'), six.slice(0, 0)))).shape).toEqual([0, 2 ** 53 - 1])
})

test('rows alone', async () => {
  const six = bytes(Float32Array.of(1, 2, 3, 4, 5, 6))
  const c = npy(dict('<f4', '(3, 2)'), six)
  const fortran = npy(dict('<f4', '(3, 2)', 'True'), six)
  expect((await loadNpy(c, { rows: [1, 3] })).toArray()).toEqual([
    [3, 4],
    [5, 6],
  ])
  expect((await loadNpy(fortran, { rows: [1, 3] })).toArray()).toEqual([
    [2, 5],
    [3, 6],
  ])
  expect((await loadNpy(c, { rows: [2, 2] })).shape).toEqual([0, 2])
  for (const rows of [
    [0, 4],
    [2, 1],
    [-1, 1],
    [0.5, 1],
  ] as const) {
    await expect(loadNpy(c, { rows })).rejects.toThrow(RangeError)
  }
})

test('files are written as NumPy writes them', async () => {
  const file = await saveNpy(tensor([0, 1, 2], { dtype: 'int64' }))
  const header = `\x93NUMPY\x01\x00v\x00{'descr': '<i8', 'fortran_order': False, 'shape': (3,), }${' '.repeat(60)}\n`
  expect(String.fromCharCode(...file)).toBe(`${header}${['\0', '\x01', '\x02'].map((c) => c.padEnd(8, '\0')).join('')}`)
  for (const dtype of ['bool', 'uint8', 'int8', 'int16', 'int32', 'int64', 'float16', 'float32', 'float64'] as const) {
    const x = tensor(
      [
        [0, 1, 1],
        [1, 0, 1],
      ],
      { dtype },
    ).mT
    const y = await loadNpy(await saveNpy(x))
    expect([y.dtype, y.toArray()]).toEqual([dtype, x.toArray()])
  }
  await expect(saveNpy(zeros([1], { dtype: 'bfloat16' }))).rejects.toThrow(DTypeError)
  await expect(saveNpy(zeros([1]), { path: 'x' } as never)).rejects.toThrow("there is no option 'path'")
})

const two = new Uint8Array(8)
test.each<[string, Uint8Array, string]>([
  ['nothing', new Uint8Array(0), 'at byte 0: the header goes on to byte 8 of 0'],
  ['another kind of file', new TextEncoder().encode('PK\x03\x04abcdefgh'), 'this is no npy file'],
  ['version', npy(dict('<f4', '(2,)'), two, 9), 'at byte 6: version 9.0'],
  ['header beyond the end', npy(dict('<f4', '(2,)'), two).slice(0, 30), 'at byte 10: the header goes on'],
  ['no dictionary', npy('[1, 2]', two), 'no dictionary of descr'],
  ['another key', npy("{'descr': '<f4', 'shape': (2,), 'order': 1}", two), 'no dictionary of descr'],
  ['unclosed', npy("{'descr': '<f4', ", two), 'at byte 26: the header is no Python literal'],
  ['deep', npy('('.repeat(60000), two), 'brackets more than 16 deep'],
  ['a name', npy("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2,)}", two), 'the name Maybe'],
  ['order', npy(dict('<f4', '(2,)', '0'), two), 'fortran_order is neither'],
  ['negative length', npy(dict('<f4', '(-2,)'), two), 'shape is no tuple'],
  ['a length that no number holds', npy(dict('<f4', '(99999999999999999999,)'), two), 'shape is no tuple'],
  ['not a tuple', npy(dict('<f4', '2'), two), 'shape is no tuple'],
  ['too few bytes', npy(dict('<f4', '(1000000, 1000000)'), two), 'at byte 52: float32 [1000000, 1000000] ends at'],
  ['overflow', npy(dict('<f4', `(${'9007199254740991,'.repeat(40)})`), two), 'ends at byte'],
  ['too many bytes', npy(dict('<f4', '(1,)'), two), 'bytes follow the array'],
  ['complex', npy(dict('<c8', '(1,)'), two), "dtype '<c8' (complex numbers) is not read"],
  ['uint64', npy(dict('<u8', '(1,)'), two), "dtype '<u8' (uint64)"],
  ['strings', npy(dict('<U2', '(1,)'), two), '(strings)'],
  ['objects', npy(dict('|O', '(1,)'), two), '(Python objects)'],
  ['raw', npy(dict('|V2', '(4,)'), two), '(raw bytes or bfloat16)'],
  ['fields', npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}", two), 'structured dtypes'],
])('%s is a FormatError', async (_, file, text) => {
  const before = memoryStats().storages
  await expect(loadNpy(file)).rejects.toThrow(FormatError)
  await expect(loadNpy(file)).rejects.toThrow(text)
  // A stream says no length before.
  await expect(loadNpy(new Response(new Blob([file as BlobPart]).stream()))).rejects.toThrow(FormatError)
  expect(memoryStats().storages).toBeLessThanOrEqual(before)
})
