// A3C in a page: workers of the web, that share memory where the page is isolated.
import { expect, test } from 'vitest'
import { evaluate } from '../training/evaluate.ts'
import { A3C } from './a3c.ts'

test.each([
  ['the script beside it', undefined],
  ['a worker of the page', () => new Worker(new URL('./a3cWorker.ts', import.meta.url), { type: 'module' })],
])('learns in workers: %s', async (_, worker) => {
  const agent = new A3C('CartPole-v1', { workers: 2, seed: 0, worker })
  for await (const { steps } of agent.learn({ steps: 60_000, seed: 0 })) expect(steps).toBeLessThanOrEqual(agent.steps)
  expect(agent.steps).toBeGreaterThanOrEqual(60_000)
  expect(evaluate(agent, 'CartPole-v1', { episodes: 50 }).mean).toBeGreaterThan(60)
  agent.dispose()
})
