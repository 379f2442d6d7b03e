// Threads: same bits, modules that come later, and a worker that dies.
import { afterEach, expect, test } from 'vitest'
import { deterministic, randn, setNumThreads, threadsStatus } from '../index.ts'

afterEach(async () => {
  await setNumThreads(1)
})

const canThread = typeof SharedArrayBuffer !== 'undefined'

test.runIf(canThread)('products and exponentials are the same to the last bit', async () => {
  const [a, b] = [randn([300, 257]), randn([257, 290])]
  const one = [a.matmul(b), a.exp(), a.mT.softmax()].map((t) => t.data())
  expect(await setNumThreads(2)).toBe(2)
  const two = [a.matmul(b), a.exp(), a.mT.softmax()].map((t) => t.data())
  expect(two).toEqual(one)
  expect(threadsStatus().threads).toBe(2)
})

test.runIf(canThread)('workers learn modules that are compiled after they started', async () => {
  await setNumThreads(2)
  const [a, b] = [randn([300, 257]), randn([257, 290])]
  deterministic(true)
  const strict = a.matmul(b).data()
  deterministic(false)
  await setNumThreads(1)
  deterministic(true)
  expect(a.matmul(b).data()).toEqual(strict)
  deterministic(false)
})

test('counts are checked', async () => {
  await expect(setNumThreads(0)).rejects.toThrow(RangeError)
  await expect(setNumThreads(1.5)).rejects.toThrow('setNumThreads: 1.5 is not a whole number from 1 to 64')
})
