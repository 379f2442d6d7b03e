// What memory does while a model trains and nobody disposes or tidies: npm run bench:memory -- [--steps N]
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { valueAndGrad } from '@x/autograd'
import { Adam, crossEntropy, DataLoader, Linear, ReLU, Sequential, TensorDataset } from '@x/nn'
import { manualSeed, memoryStats, randn } from '@x/tensor'

/** Where memory stands after so many steps. Bytes. */
export interface Reading {
  readonly step: number
  /** Tensors in the linear memory, what they take of it, and how large it has grown. */
  readonly storages: number
  readonly bytes: number
  readonly heapBytes: number
  /** The JavaScript heap, the ArrayBuffers beside it (to which tensors move that nobody frees), and all of the process. */
  readonly jsHeap: number
  readonly buffers: number
  readonly rss: number
  readonly loss: number
}

const MiB = 2 ** 20

/**
 * Trains 64 → 32 → 10 eagerly on batches of 32, in a synchronous loop as a newcomer writes it, and reads what memory
 * takes after 1 % of the steps, after each tenth, and at the end.
 */
export function trainUntidied(steps: number, seen: (reading: Reading) => void): void {
  manualSeed(1)
  const x = randn([1024, 64])
  const y = x.matmul(randn([64, 10])).argmax(1)
  const loader = new DataLoader(new TensorDataset(x, y), { batchSize: 32, shuffle: true })
  const model = new Sequential(new Linear(64, 32), new ReLU(), new Linear(32, 10))
  const optimizer = new Adam(model.parameters(), { lr: 1e-3 })
  const due = new Set([
    Math.ceil(steps / 100),
    ...Array.from({ length: 10 }, (_, i) => Math.ceil((steps * (i + 1)) / 10)),
  ])
  let step = 0
  while (step < steps) {
    for (const batch of loader) {
      const { value, grads } = valueAndGrad(() => crossEntropy(model.forward(batch.x), batch.y), model.parameters())
      optimizer.step(grads)
      step++
      if (due.has(step)) seen(reading(step, value.item()))
      if (step === steps) return
    }
  }
}

function reading(step: number, loss: number): Reading {
  const { storages, bytes, heapBytes } = memoryStats()
  const { heapUsed: jsHeap, arrayBuffers: buffers, rss } = process.memoryUsage()
  return { step, storages, bytes, heapBytes, jsHeap, buffers, rss, loss }
}

/** What has grown from one reading to another, by more than what waits for the collector at some moment. */
export function grown(early: Reading, late: Reading): string[] {
  const some = 64 * MiB
  const slack = { storages: 20_000, bytes: some, heapBytes: some, jsHeap: some, buffers: some, rss: 2 * some }
  return Object.entries(slack)
    .filter(([name, more]) => late[name as keyof Reading] > early[name as keyof Reading] + more)
    .map(([name]) => `${name} ${early[name as keyof Reading]} → ${late[name as keyof Reading]}`)
}

function main(): void {
  const { values } = parseArgs({ options: { steps: { type: 'string', default: '100000' } } })
  const steps = Number(values.steps)
  if (!(Number.isInteger(steps) && steps >= 100)) throw new Error(`--steps ${values.steps} is no whole number ≥ 100`)
  const columns = ['step', 'storages', 'tensors', 'wasm memory', 'js heap', 'buffers', 'process', 'loss']
  console.log(columns.map((name) => name.padStart(11)).join(' '))
  const readings: Reading[] = []
  const began = performance.now()
  trainUntidied(steps, (r) => {
    readings.push(r)
    const sizes = [r.bytes, r.heapBytes, r.jsHeap, r.buffers, r.rss].map((bytes) => `${(bytes / MiB).toFixed(1)} MiB`)
    const cells = [String(r.step), String(r.storages), ...sizes, r.loss.toFixed(4)]
    console.log(cells.map((cell) => cell.padStart(11)).join(' '))
  })
  const seconds = (performance.now() - began) / 1000
  // What has been loaded and compiled by the first tenth is no leak.
  const leaks = grown(readings[1], readings[readings.length - 1])
  console.log(`\n${steps} steps in ${seconds.toFixed(1)} s, ${((seconds / steps) * 1e6).toFixed(0)} µs each`)
  console.log(leaks.length === 0 ? 'Memory is flat.' : `Memory has grown: ${leaks.join(', ')}`)
  if (leaks.length > 0) process.exitCode = 1
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main()
