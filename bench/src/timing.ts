// Timing a job, and what samples say.
import type { Job } from './engine.ts'

/** Nanoseconds per operation: of one turn the median and the best batch. */
export interface Turn {
  readonly median: number
  readonly best: number
}

/** A batch lasts at least this many milliseconds, so that the clock's resolution does not matter. */
const BATCH_MS = 0.5
/** A batch between whose runs a collector works is longer, to see it work. */
const COLLECTED_BATCH_MS = 5

/** Runs `job` in batches for about `ms` milliseconds, at least once. */
export async function takeTurn(job: Job, ms: number): Promise<Turn> {
  const least = job.between ? COLLECTED_BATCH_MS : BATCH_MS
  const until = performance.now() + ms
  let runs = 1
  const times: number[] = []
  for (;;) {
    const start = performance.now()
    await runBatch(job, runs)
    if (job.between) await breathe()
    const end = performance.now()
    const isLast = end >= until
    // A batch that was too short only tells how long the next has to be.
    if (end - start >= least * 0.8 || isLast) times.push(((end - start) * 1e6) / runs / job.operations)
    if (end - start < least * 0.8) runs = Math.ceil(runs * Math.min(10, (least * 1.2) / Math.max(end - start, 1e-3)))
    if (isLast && times.length > 0) break
    if (!job.between) await breathe()
  }
  return { median: median(times), best: Math.min(...times) }
}

/** A promise only where the job gives one: waiting costs as much as a small operation. */
async function runBatch(job: Job, runs: number): Promise<void> {
  for (let i = 0; i < runs; i++) {
    const promise = job.run()
    if (promise) await promise
  }
}

/** Lets the event loop turn: finalizers and messages. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Median distance from the median, relative to it: how far the rounds of one cell lie apart. */
export function spread(values: readonly number[]): number {
  const m = median(values)
  return m > 0 ? median(values.map((v) => Math.abs(v - m))) / m : 0
}
