import { FormatError } from '@x/tensor'
import { expect, test } from 'vitest'
import { readIdx } from './idx.ts'

const images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255]

test('readIdx reads images and labels, also where the bytes begin at an odd place', () => {
  const read = readIdx(Uint8Array.from([9, ...images]).subarray(1), 'images')
  expect(read.shape).toEqual([2, 1, 3])
  expect([...read.data]).toEqual([1, 2, 3, 4, 5, 255])
  expect([...readIdx(Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 2, 7, 0]), 'labels').data]).toEqual([7, 0])
})

test.each([
  ['labels', images, 'at byte 3: 3 axes; a file of labels has 1'],
  ['images', images.slice(0, -1), 'at byte 16: 5 bytes follow where the shape [2, 1, 3] takes 6'],
  ['images', [...images, 0], 'at byte 16: 7 bytes follow'],
  ['images', images.slice(0, 9), 'at byte 4: the file has 9 bytes, fewer than its header of 16'],
  ['images', [], 'at byte 0: the file has 0 bytes'],
  ['images', [0x1f, 0x8b, 8, 0], 'at byte 0: it begins with 31, 139 instead of two zeros: still compressed'],
  ['images', [0, 0, 0x0d, 3], 'at byte 2: elements of type 0xd'],
] as const)('readIdx says what is wrong with %s %j', (kind, bytes, message) => {
  expect(() => readIdx(Uint8Array.from(bytes), kind)).toThrow(FormatError)
  expect(() => readIdx(Uint8Array.from(bytes), kind)).toThrow(message)
})
