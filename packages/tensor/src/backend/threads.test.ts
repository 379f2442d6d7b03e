// Threads: same bits, modules that come later, and a worker that dies.

import { DONE, LOADED } from '@x/assembly/control'
import { afterEach, expect, test } from 'vitest'
import { randn } from '../index.ts'
import { heap } from '../memory/heap.ts'
import { setNumThreads, threadsStatus } from '../threads.ts'

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

test.runIf(canThread)('workers learn modules that are compiled after they started, several at once too', async () => {
  // Not awaited: the worker is still on its way when modules are added.
  const joined = setNumThreads(2)
  const { conv2d } = await import('../conv.ts')
  const [x, w] = [randn([16, 8, 24, 24]), randn([16, 8, 3, 3])]
  const modules = (): number => Atomics.load(heap.i32, LOADED)
  conv2d(x, w)
  conv2d(x.cast('float64'), w.cast('float64'))
  await joined
  const [a, b] = [randn([300, 257]), randn([257, 290])]
  a.matmul(b)
  let helped = 0
  for (let i = 0; i < 400 && helped === 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    for (let k = 0; k < 20; k++) conv2d(x, w).dispose()
    helped = Atomics.load(heap.i32, DONE)
  }
  expect(helped).toBeGreaterThan(0)
  expect(modules()).toBeGreaterThan(2)
})

test('counts are checked', async () => {
  await expect(setNumThreads(0)).rejects.toThrow(RangeError)
  await expect(setNumThreads(1.5)).rejects.toThrow('setNumThreads: 1.5 is not a whole number from 1 to 64')
})
