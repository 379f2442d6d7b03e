import { FormatError } from '@x/tensor'
import { expect, test } from 'vitest'
import { readIdx } from './idx.ts'

const images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255]

test('readIdx reads images and labels, also where the bytes begin at an odd place', () => {
  const read = readIdx(Uint8Array.from([9, ...images]).subarray(1), { axes: 3 })
  expect(read.shape).toEqual([2, 1, 3])
  expect([...read.data]).toEqual([1, 2, 3, 4, 5, 255])
  expect([...readIdx(Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 2, 7, 0]), { axes: 1 }).data]).toEqual([7, 0])
})

test('readIdx reads numbers of other types, big-endian', () => {
  const header = (code: number, n: number) => [0, 0, code, 1, 0, 0, 0, n]
  expect([...readIdx(Uint8Array.from([...header(9, 2), 255, 1])).data]).toEqual([-1, 1])
  expect([...readIdx(Uint8Array.from([...header(11, 1), 255, 254])).data]).toEqual([-2])
  expect([...readIdx(Uint8Array.from([...header(12, 1), 0, 1, 0, 0])).data]).toEqual([65536])
  expect([...readIdx(Uint8Array.from([...header(13, 1), 0x3f, 0xc0, 0, 0])).data]).toEqual([1.5])
  expect([...readIdx(Uint8Array.from([...header(14, 1), 0xbf, 0xf0, 0, 0, 0, 0, 0, 0])).data]).toEqual([-1])
})

test.each([
  [1, images, 'at byte 3: the file has 3 axes, not 1'],
  [3, images.slice(0, -1), 'at byte 16: 5 bytes follow where the shape [2, 1, 3] takes 6'],
  [3, [...images, 0], 'at byte 16: 7 bytes follow'],
  [3, images.slice(0, 9), 'at byte 4: the file has 9 bytes, fewer than its header of 16'],
  [3, [], 'at byte 0: the file has 0 bytes'],
  [3, [0x1f, 0x8b, 8, 0], 'at byte 0: it begins with 31, 139 instead of two zeros: still compressed'],
  [3, [0, 0, 0x0a, 3], 'at byte 2: there is no type 0xa of elements'],
] as const)('readIdx says what is wrong with a file of %s axes, %j', (axes, bytes, message) => {
  expect(() => readIdx(Uint8Array.from(bytes), { axes })).toThrow(FormatError)
  expect(() => readIdx(Uint8Array.from(bytes), { axes })).toThrow(message)
})
