// Every scenario does what it claims, in Node and in the browser.
import { expect, test } from 'vitest'
import { scenarios } from './all.ts'
import { chosen, type Shown, TOPICS } from './scenario.ts'

test('names are unique, topics are in order', () => {
  const names = scenarios.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  const order = scenarios.map(({ topic }) => TOPICS.indexOf(topic))
  expect(order).toEqual(order.toSorted((a, b) => a - b))
})

test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
  '%s',
  // Each computes for seconds, on a busy machine for many times as long.
  { timeout: 240_000 },
  async (_, scenario) => {
    const shown: Shown[] = []
    const options = chosen(scenario, {})
    for await (const item of scenario.run({ options, seed: 0, quick: true, breathe: async () => {} })) shown.push(item)
    const claims = shown.filter((item) => item.kind === 'claim')
    expect(claims.length).toBeGreaterThan(0)
    for (const { text, holds } of claims) expect(holds, text).toBe(true)
  },
)

test('options are checked', () => {
  const [first] = scenarios
  expect(() => chosen(first, { stray: 1 })).toThrow("no option 'stray'")
  expect(() => chosen(first, { epochs: 'many' })).toThrow("epochs 'many' is not a whole number from 1")
  expect(() => chosen(first, { epochs: '2.5' })).toThrow("epochs '2.5' is not a whole number")
})
