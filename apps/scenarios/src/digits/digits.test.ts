import { backendName, memoryStats } from '@x/tensor'
import { afterEach, expect, test } from 'vitest'
import { useBackend } from '../backends.ts'
import { digits } from './digits.ts'
import type { DigitsEvent, DigitsOptions } from './events.ts'

afterEach(() => useBackend('wasm'))

async function run(options: DigitsOptions): Promise<DigitsEvent[]> {
  const events: DigitsEvent[] = []
  for await (const event of digits(options)) events.push(event)
  return events
}

const of = <K extends DigitsEvent['kind']>(events: readonly DigitsEvent[], kind: K) =>
  events.filter((event): event is Extract<DigitsEvent, { kind: K }> => event.kind === kind)

test('both networks learn to read: the convolutional one at least 97 % of the test digits', async () => {
  const events = await run({})
  const last = of(events, 'epoch').filter(({ epoch, of }) => epoch === of)
  expect(last.map(({ network }) => network)).toEqual(['mlp', 'cnn'])
  expect(last[0].testAccuracy).toBeGreaterThan(0.95)
  expect(last[1].testAccuracy).toBeGreaterThanOrEqual(0.97)
  expect(last[1].seconds).toBeLessThan(20)

  const { matrix } = of(events, 'confusion')[1]
  const right = matrix.reduce((sum, row, label) => sum + row[label], 0)
  expect(right / matrix.flat().reduce((a, b) => a + b)).toBe(last[1].testAccuracy)
  const [{ compared, examples, mistakes }] = of(events, 'loaded')
  expect(compared).toBe(359)
  expect(mistakes.length).toBe(359 - right)
  expect(examples.map(({ label }) => label)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])

  const [{ ratio, wasmMs, jsMs, lossDifference }] = of(events, 'speed')
  expect(ratio).toBeCloseTo(jsMs / wasmMs)
  expect(ratio).toBeGreaterThan(1)
  expect(lossDifference).toBeLessThan(1e-4)
})

const brief: DigitsOptions = { epochs: 1, networks: ['mlp'], speed: false }

test('the same seed gives the same losses on both backends, another seed others', async () => {
  const losses = async (options: DigitsOptions) =>
    of(await run({ ...brief, ...options }), 'step').map(({ loss }) => loss)
  const first = await losses({ seed: 1 })
  expect(first.length).toBe(44)
  expect(await losses({ seed: 1 })).toEqual(first)
  expect(await losses({ seed: 2 })).not.toEqual(first)
  const js = await losses({ seed: 1, backend: 'js' })
  expect(backendName()).toBe('js')
  expect(Math.max(...js.map((loss, i) => Math.abs(loss - first[i])))).toBeLessThan(1e-4)
})

test('the stored file is the one that is loaded', async () => {
  let stored = 0
  const store = (file: Uint8Array): Uint8Array => {
    stored = file.length
    return file.slice()
  }
  const [{ file }] = of(await run({ ...brief, store }), 'saved')
  expect(stored).toBe(file.length)
  await expect(run({ ...brief, store: (file) => file.subarray(0, 100) })).rejects.toThrow('safetensors: at byte 0')
})

test('nothing is left in memory, also when the run is aborted', async () => {
  await run(brief)
  const { storages } = memoryStats()
  await run(brief)
  expect(memoryStats().storages).toBe(storages)

  const controller = new AbortController()
  const aborted = async () => {
    for await (const event of digits({ ...brief, signal: controller.signal })) {
      if (event.kind === 'step' && event.step === 3) controller.abort(new Error('enough'))
    }
  }
  await expect(aborted()).rejects.toThrow('enough')
  expect(memoryStats().storages).toBe(storages)
})

test.each([
  [{ epochs: 0 }, 'digits: epochs 0 is not'],
  [{ seed: -1 }, 'digits: seed -1 is not'],
  [{ networks: [] }, 'digits: networks [] are not'],
  [{ backend: 'gpu' as 'js' }, "digits: backend 'gpu' is not"],
  [{ threads: 0 }, 'setNumThreads: 0 is not'],
])('options out of range are errors: %j', async (options, message) => {
  await expect(run({ ...brief, ...options })).rejects.toThrow(message)
})
