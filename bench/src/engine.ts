// An engine runs workloads in one way; a job is one workload on it, ready to be run again and again.
import type { HostArray } from './hostArray.ts'
import type { Turn } from './timing.ts'
import type { Workload } from './workload.ts'

/** Numbers of one result, in row-major order. */
export type Numbers = ArrayLike<number>

export interface Job {
  /** One run, with everything that it costs; what it makes is freed. */
  run(): void | Promise<void>
  /** Operations in one run: times are divided by it. */
  readonly operations: number
  /** The results of a fresh start: one, or those of the first steps; null from those who compared them themselves. */
  results(): Promise<Numbers[] | null>
  /** Takes a turn of about `ms` milliseconds, where the one who works also times. */
  turn?(ms: number): Promise<Turn>
  close(): void | Promise<void>
  /** Count what happens between runs as well: for memory that a collector gives back. */
  readonly between?: boolean
}

export interface Engine {
  start(workload: Workload, values: Readonly<Record<string, HostArray>>): Job | Promise<Job>
}

/** How many steps' results are compared: several for what has state. */
export const comparedSteps = ({ ours }: Workload): number => (typeof ours === 'function' ? 1 : 3)
