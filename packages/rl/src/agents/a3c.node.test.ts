import { Worker } from 'node:worker_threads'
import { memoryStats } from '@x/tensor'
import { describe, expect, test } from 'vitest'
import { evaluate } from '../training/evaluate.ts'
import { trainAsync } from '../training/train.ts'
import { A3C } from './a3c.ts'

/** Handles of worker threads that are open. */
const workersOpen = (): number => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length

const weights = (agent: A3C): number[] => Array.from(agent.save())

describe('A3C', () => {
  test('learns in workers, and leaves none behind', async () => {
    const before = workersOpen()
    const agent = new A3C('CartPole-v1', { workers: 2, seed: 0 })
    const returns: number[] = []
    let most = 0
    for await (const { episodes, metrics, steps } of agent.learn({ steps: 120_000, seed: 0 })) {
      returns.push(...episodes.map(({ reward }) => reward))
      most = Math.max(most, workersOpen() - before)
      expect(steps).toBeLessThanOrEqual(agent.steps)
      expect(metrics['train/learning_rate']).toBeLessThanOrEqual(4e-3)
    }
    expect(most).toBeGreaterThan(0)
    expect(workersOpen()).toBe(before)
    expect(agent.steps).toBeGreaterThanOrEqual(120_000)
    expect(agent.steps).toBeLessThan(120_000 + 2 * 32)
    const recent = returns.slice(-50)
    expect(recent.reduce((sum, r) => sum + r, 0) / recent.length).toBeGreaterThan(120)
    expect(evaluate(agent, 'CartPole-v1', { episodes: 50 }).mean).toBeGreaterThan(150)
    agent.dispose()
  })

  test('with one worker a seed repeats a run, and a checkpoint goes on to the bit', async () => {
    const run = async (agent: A3C, seed: number): Promise<void> => {
      for await (const _ of agent.learn({ steps: 1000, seed })) {
      }
    }
    const options = { workers: 1, hidden: [8], learningRate: 1e-3 }
    const [first, second, third] = [3, 3, 4].map((seed) => new A3C('CartPole-v1', { ...options, seed }))
    await run(first, 1)
    await run(second, 1)
    expect(weights(second)).toEqual(weights(first))
    third.load(first.save())
    await run(first, 2)
    await run(third, 2)
    expect(weights(third)).toEqual(weights(first))
    expect(weights(third)).not.toEqual(weights(second))
    const wider = new A3C('CartPole-v1', { workers: 2, hidden: [8] })
    expect(() => wider.load(first.save())).toThrow('the checkpoint is of A3C on [4] with Discrete(2) and 1 workers')
    for (const agent of [first, second, third, wider]) agent.dispose()
  })

  test('a training that is resumed is one that was never stopped', async () => {
    const options = { workers: 1, hidden: [8] }
    const [whole, other] = [0, 1].map((seed) => new A3C('CartPole-v1', { ...options, seed }))
    const files: Uint8Array[] = []
    const write = (bytes: Uint8Array): void => {
      files.push(bytes)
    }
    const evaluation = { env: 'CartPole-v1', episodes: 3, every: 400 }
    const first = await trainAsync(whole, { steps: 1500, seed: 2, evaluation, checkpoint: { every: 500, write } })
    const second = await trainAsync(other, { steps: 1500, seed: 2, evaluation, resume: files[0] })
    expect(weights(other)).toEqual(weights(whole))
    expect(second.episodes).toEqual(first.episodes)
    expect(second.best).toEqual(first.best)
    expect(first.log.at(-1)?.['rollout/ep_rew_mean']).toBeGreaterThan(8)
    for (const agent of [whole, other]) agent.dispose()
  })

  test('ends its workers when nobody listens any more', async () => {
    const before = workersOpen()
    const agent = new A3C('Pendulum-v1', { workers: 2, hidden: [8] })
    for await (const { steps } of agent.learn({ steps: 1e9 })) if (steps > 0) break
    expect(workersOpen()).toBe(before)
    const second = agent.learn({ steps: 1e9 })
    await second.next()
    await expect(agent.learn({ steps: 10 }).next()).rejects.toThrow('learn() is under way already')
    await second.return()
    agent.dispose()
  })

  test('workers that a page starts itself', async () => {
    /** A worker of Node with the interface of a page's. */
    class PageWorker {
      onmessage: ((event: { data: unknown }) => void) | null = null
      onerror: ((event: { message: string }) => void) | null = null
      private readonly worker = new Worker(new URL('./a3cWorker.ts', import.meta.url))

      constructor() {
        this.worker.on('message', (data) => this.onmessage?.({ data }))
        this.worker.on('error', ({ message }: Error) => this.onerror?.({ message }))
      }

      postMessage(message: unknown): void {
        this.worker.postMessage(message)
      }

      terminate(): void {
        ended++
        void this.worker.terminate()
      }
    }
    let ended = 0
    const agent = new A3C('CartPole-v1', { workers: 2, hidden: [8], worker: () => new PageWorker() })
    let count = 0
    for await (const { episodes } of agent.learn({ steps: 2000, seed: 0 })) count += episodes.length
    expect(count).toBeGreaterThan(10)
    expect(ended).toBe(2)
    agent.dispose()
    class Broken extends PageWorker {
      override postMessage(): void {
        this.onerror?.({ message: 'no such file' })
      }
    }
    const broken = new A3C('CartPole-v1', { workers: 1, worker: () => new Broken() })
    await expect(broken.learn({ steps: 10 }).next()).rejects.toThrow('A3C: a worker failed: no such file')
    expect(ended).toBe(3)
    broken.dispose()
  })

  test('environments of your own, from a module that workers import', async () => {
    const module = new URL('../../fixtures/corridor.ts', import.meta.url)
    await import(module.href)
    const agent = new A3C('test/Corridor-v0', { workers: 2, hidden: [8], modules: [module] })
    let count = 0
    for await (const { episodes } of agent.learn({ steps: 4000, seed: 0 })) count += episodes.length
    expect(count).toBeGreaterThan(10)
    agent.dispose()
    const unknown = new A3C('test/Corridor-v0', { workers: 1 })
    await expect(unknown.learn({ steps: 10 }).next()).rejects.toThrow("there is no environment 'test/Corridor-v0'")
    const missing = new A3C('CartPole-v1', { workers: 1, modules: ['file:///nowhere.js'] })
    await expect(missing.learn({ steps: 10 }).next()).rejects.toThrow('nowhere.js')
    for (const each of [unknown, missing]) each.dispose()
  })

  test('leaves nothing behind', async () => {
    const run = async (): Promise<void> => {
      const agent = new A3C('CartPole-v1', { workers: 1, hidden: [8] })
      for await (const _ of agent.learn({ steps: 200, seed: 0 })) agent.act(new Float32Array(4))
      agent.load(agent.save())
      agent.dispose()
    }
    await run()
    const before = memoryStats().storages
    await run()
    expect(memoryStats().storages).toBe(before)
  })

  test('bad use is named', async () => {
    const made = (options: object): A3C => new A3C('CartPole-v1', options)
    expect(() => made({ threads: 2 })).toThrow("A3C: there is no option 'threads'")
    expect(() => made({ workers: 0 })).toThrow('A3C: workers 0 is not a whole number from 1 to 64')
    expect(() => made({ modules: './mine.js' })).toThrow('A3C: modules are not a list')
    expect(() => made({ worker: './worker.js' })).toThrow('A3C: worker is string, not a function')
    expect(() => made({ gamma: 1.5 })).toThrow('A3C: gamma 1.5 is not in [0, 1]')
    expect(() => new A3C({} as never)).toThrow('A3C: workers make environments by id')
    expect(() => new A3C('FrozenLake-v1')).toThrow('no vectors')
    const diverging = new A3C('CartPole-v1', { workers: 1, hidden: [8], learningRate: 1e38 })
    const learning = async (): Promise<void> => {
      for await (const _ of diverging.learn({ steps: 5000, seed: 0 })) {
      }
    }
    await expect(learning()).rejects.toThrow(/A3C: the loss is .* after \d+ steps/)
    diverging.dispose()
  })
})
