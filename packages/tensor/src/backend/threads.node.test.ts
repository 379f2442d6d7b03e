// A worker that dies: the computation goes on with one thread, and the result is right.
import { createRequire } from 'node:module'
import type { Worker as NodeWorker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { ones } from '../index.ts'
import { setNumThreads, threadsStatus } from '../threads.ts'

const workerThreads = createRequire(import.meta.url)('node:worker_threads') as { Worker: typeof NodeWorker }

test('a terminated worker does not change the result', async () => {
  const { Worker } = workerThreads
  const started: NodeWorker[] = []
  workerThreads.Worker = class extends Worker {
    constructor(...args: ConstructorParameters<typeof NodeWorker>) {
      super(...args)
      started.push(this)
    }
  }
  try {
    expect(await setNumThreads(2)).toBe(2)
  } finally {
    workerThreads.Worker = Worker
  }
  const a = ones([400, 300])
  const b = ones([300, 400])
  expect(a.matmul(b).sum().item()).toBe(400 * 400 * 300)
  const gone = started[0].terminate()
  // The worker is dying or dead; nobody has told the pool yet.
  for (let i = 0; i < 5; i++) expect(a.matmul(b).sum().item()).toBe(400 * 400 * 300)
  await gone
  await new Promise((resolve) => setImmediate(resolve))
  expect(threadsStatus()).toEqual({ threads: 1, reason: 'a worker died' })
  expect(a.matmul(b).sum().item()).toBe(400 * 400 * 300)
  expect(await setNumThreads(2)).toBe(2)
  expect(a.matmul(b).sum().item()).toBe(400 * 400 * 300)
  await setNumThreads(1)
})
