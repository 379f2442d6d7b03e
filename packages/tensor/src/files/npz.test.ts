// npz: NumPy's archives, our own, and every way in which one can be broken.
import { expect, test } from 'vitest'
import { loadNpz, openNpz, saveNpz } from '../files.ts'
import { arange, FormatError, ones, tensor, zeros } from '../index.ts'

const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (c) => c.charCodeAt(0))

/** np.savez_compressed(…, x=np.arange(6, dtype='>i2').reshape(2, 3), y=np.float32(2.5)), NumPy 2.4: with zip64 fields. */
const numpy = fromBase64(
  'UEsDBC0AAAAIAAAAIQCQvN3C//////////8FABQAeC5ucHkBABAAjAAAAAAAAABSAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6XaaSuo6Cell9U' +
    'UpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CsaaOgq1CmQDLgYGBkYGJgZmBhYGVgBQSwMELQAAAAgAAAAhAGSMIsP//////////wUAFAB5Lm5weQEA' +
    'EACEAAAAAAAAAEYAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNmoq6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkamjoKtQoUAS4GBgUH' +
    'AFBLAQItAy0AAAAIAAAAIQCQvN3CUgAAAIwAAAAFAAAAAAAAAAAAAACAAQAAAAB4Lm5weVBLAQItAy0AAAAIAAAAIQBkjCLDRgAAAIQAAAAFAAAAAAAA' +
    'AAAAAACAAYkAAAB5Lm5weVBLBQYAAAAAAgACAGYAAAAGAQAAAAA=',
)

test('archives of NumPy are read', async () => {
  const { x, y } = await loadNpz(numpy)
  expect([x.dtype, x.toArray()]).toEqual([
    'int16',
    [
      [0, 1, 2],
      [3, 4, 5],
    ],
  ])
  expect([y.dtype, y.shape, y.item()]).toEqual(['float32', [], 2.5])
})

test.each([false, true])('what is saved comes back (compressed %s)', async (compressed) => {
  const many = zeros([100, 100], { dtype: 'int64' })
  const file = await saveNpz({ many, ünï: ones([2], { dtype: 'bool' }), __proto__: arange(3) }, { compressed })
  expect(file.length < 2000).toBe(compressed)
  const read = await loadNpz(new Blob([file]))
  expect(Object.keys(read)).toEqual(['many', 'ünï'])
  expect(read.many.sum().item()).toBe(0)
  expect(read.ünï.toArray()).toEqual([true, true])
  const [first] = Object.entries(await loadNpz(await saveNpz([arange(3)], { compressed })))
  expect([first[0], first[1].toArray()]).toEqual(['arr_0', [0, 1, 2]])
  expect(await loadNpz(await saveNpz({}))).toEqual({})
})

test.each([false, true])('arrays one by one, and rows of them (compressed %s)', async (compressed) => {
  const file = await openNpz(await saveNpz({ x: arange(12).reshape([4, 3]), y: ones([2]) }, { compressed }))
  expect(file.keys()).toEqual(['x', 'y'])
  expect(await file.info('x')).toEqual({ dtype: 'float32', shape: [4, 3], bytes: 48 })
  expect((await file.getTensor('y')).toArray()).toEqual([1, 1])
  expect((await file.getSlice('x', 1, 3)).toArray()).toEqual([
    [3, 4, 5],
    [6, 7, 8],
  ])
  await expect(file.getTensor('z')).rejects.toThrow("the file has no tensor 'z'; it has x, y")
  await expect(file.getSlice('x', 1, 5)).rejects.toThrow(RangeError)
  await file.close()
})

/** The bytes with some of them written over. */
const changed = (file: Uint8Array, at: number, ...bytes: number[]): Uint8Array => {
  const copy = file.slice()
  copy.set(bytes, at < 0 ? copy.length + at : at)
  return copy
}
const directoryAt = (file: Uint8Array): number => new DataView(file.buffer).getUint32(file.length - 6, true)

test('what is broken is a FormatError', async () => {
  const plain = await saveNpz({ x: arange(4), y: ones([2]) })
  const packed = await saveNpz({ x: zeros([1000]), y: ones([2]) }, { compressed: true })
  const [a, b] = [directoryAt(plain), directoryAt(packed)]
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(0), 'at byte 0: this is no zip archive'],
    [plain.slice(0, -1), 'this is no zip archive'],
    [plain.slice(10), 'does not fit'],
    [changed(plain, -12, 3, 0), 'the directory has 2 entries, not 3'],
    [changed(plain, -22 + 4, 1, 0), 'archives of several parts'],
    [changed(plain, -10, 0xff, 0xff, 0xff, 0xff), 'the locator of the directory is missing'],
    [changed(plain, a, 0), 'an entry of the directory is missing'],
    [changed(plain, a + 28, 0xff, 0xff), 'an entry of the directory is cut off'],
    [changed(plain, a + 8, 1), "'x.npy' is encrypted"],
    [changed(plain, a + 10, 12), "'x.npy' is packed by method 12"],
    [changed(plain, a + 24, 200), 'cannot be'],
    [changed(plain, 0, 0), "the header of 'x.npy' is missing"],
    [changed(plain, 26, 0xff, 0xff), "'x.npy' does not fit"],
    [changed(plain, 150, 7), "'x.npy' is damaged: its checksum differs"],
    [changed(plain, a + 46 + 5 + 46, 'x'.charCodeAt(0)), "a second array 'x'"],
    // Two entries at one place: an archive that unpacks to more than it is.
    [changed(plain, a + 51 + 42, 0, 0, 0, 0), 'does not fit before byte'],
    [changed(packed, b + 24, 0xff, 0xff, 0xff, 0x7f), 'cannot be 2147483647 bytes'],
    [changed(packed, b + 24, 0x20, 0x11), "'x.npy' unpacks to less than"],
    [changed(packed, b + 24, 0x10, 0), "'x.npy' unpacks to more than 16 bytes"],
    [changed(packed, 36, 0xff), "'x.npy' does not unpack"],
  ]
  for (const [file, text] of cases) {
    await expect(loadNpz(file), text).rejects.toThrow(FormatError)
    await expect(loadNpz(file)).rejects.toThrow(text)
  }
})

test('an archive whose directory is in 64 bits is read', async () => {
  const plain = await saveNpz({ x: arange(4) })
  const at = directoryAt(plain)
  const size = plain.length - 22 - at
  const end = new DataView(new ArrayBuffer(56 + 20 + 22))
  const set64 = (where: number, value: number): void => end.setBigUint64(where, BigInt(value), true)
  end.setUint32(0, 0x06064b50, true)
  set64(24, 1)
  set64(32, 1)
  set64(40, size)
  set64(48, at)
  end.setUint32(56, 0x07064b50, true)
  set64(64, plain.length - 22)
  end.setUint32(76, 0x06054b50, true)
  for (const where of [84, 86]) end.setUint16(where, 0xffff, true)
  for (const where of [88, 92]) end.setUint32(where, 0xffffffff, true)
  const file = new Uint8Array([...plain.slice(0, -22), ...new Uint8Array(end.buffer)])
  expect((await loadNpz(file)).x.toArray()).toEqual([0, 1, 2, 3])
})

test('misuse is named', async () => {
  await expect(saveNpz({ x: 3 as never })).rejects.toThrow('saveNpz: x is a number, not a tensor')
  await expect(saveNpz({ x: tensor([1], { dtype: 'bfloat16' }) })).rejects.toThrow('x has dtype bfloat16')
  await expect(saveNpz({}, { compress: true } as never)).rejects.toThrow("there is no option 'compress'")
  await expect(loadNpz(3 as never)).rejects.toThrow('loadNpz: number is no source')
})
