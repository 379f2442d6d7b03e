import { expect, test } from 'vitest'
import { grown, type Reading, trainUntidied } from './memory.ts'

test('a model trains without a dispose or tidy, and memory stays where it was', () => {
  const readings: Reading[] = []
  trainUntidied(4000, (reading) => readings.push(reading))
  expect(readings.map(({ step }) => step)).toEqual([40, 400, 800, 1200, 1600, 2000, 2400, 2800, 3200, 3600, 4000])
  expect(grown(readings[4], readings[10])).toEqual([])
  // 4000 steps make some 100 storages each: nearly all have gone.
  expect(readings[10].storages).toBeLessThan(40_000)
  expect(readings[10].loss).toBeLessThan(0.1)
})

test('growth is seen', () => {
  const flat: Reading = { step: 1, storages: 10, bytes: 1, heapBytes: 1, jsHeap: 1, buffers: 1, rss: 1, loss: 0 }
  expect(grown(flat, { ...flat, storages: 30_000, rss: 2 ** 30 })).toEqual([
    'storages 10 → 30000',
    `rss 1 → ${2 ** 30}`,
  ])
})
