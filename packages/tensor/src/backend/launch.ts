// run: the one way a kernel is called. Splits large work among threads, and lets a recording write it down.
import { OutOfMemoryError } from '../errors.ts'
import { allocate, classOf } from '../memory/allocator.ts'
import { heap } from '../memory/heap.ts'
import { resolve } from './backend.ts'
import type { Kernel, KernelFunction } from './kernels.ts'

/** A kernel call with everything fixed but when it happens. */
export interface Launch {
  readonly kernel: Kernel
  readonly fn: KernelFunction
  readonly args: readonly number[]
  readonly work: number
  readonly cost: number
}

/** What a recording is made of: launches, and checks of values. */
export type Step = Launch | (() => void)

/** Work below this many element steps is not worth handing to another thread (a wake-up costs microseconds). */
const SPLIT_COST = 2 ** 18

/** Bytes of the workspace that each thread has for kernels with `scratch`. */
const SCRATCH_BYTES = 2 ** 20

/** Splits `launch` among threads; installed by threads.ts while there is more than one. */
export type Splitter = (kernel: Kernel, args: readonly number[], work: number) => void

const hooks = {
  split: null as Splitter | null,
  threads: 1,
  record: null as ((step: Step) => void) | null,
  scratch: 0,
}

export function setSplitter(split: Splitter | null, threads: number): void {
  hooks.split = split
  hooks.threads = threads
}

/** How many threads share large launches. */
export const threadCount = (): number => hooks.threads

/** Hears of every launch until set to null (see compile.ts). */
export function setRecorder(record: ((step: Step) => void) | null): void {
  hooks.record = record
}

/** The main thread's workspace for kernels with `scratch`. */
export function scratchAddress(): number {
  if (hooks.scratch === 0) hooks.scratch = newScratch()
  return hooks.scratch
}

/** Memory for one more thread's workspace. */
export function newScratch(): number {
  heap.open()
  const address = allocate(classOf(SCRATCH_BYTES))
  if (address === 0) throw new OutOfMemoryError("the kernels' workspace of 1 MiB does not fit in the linear memory")
  return address
}

/**
 * Runs `kernel(...args, 0, work)`.
 * @param work units of work, as the kernel counts them
 * @param cost element steps in all, to decide whether splitting among threads pays
 */
export function run(kernel: Kernel, work: number, cost: number, ...args: number[]): void {
  const fn = kernel.fn ?? resolve(kernel)
  if (hooks.record !== null) hooks.record({ kernel, fn, args, work, cost })
  launch(kernel, fn, args, work, cost)
}

/** Runs a recorded step again. */
export function replay(step: Step): void {
  if (typeof step === 'function') step()
  else launch(step.kernel, step.fn, step.args, step.work, step.cost)
}

/** Runs `check`, which throws for bad values; replays of a recording run it again. */
export function runCheck(check: () => void): void {
  if (hooks.record !== null) hooks.record(check)
  check()
}

/** Runs `kernel(...args, 0, work)` on this thread and returns its number. */
export function runForResult(kernel: Kernel, work: number, ...args: number[]): number {
  const fn = kernel.fn ?? resolve(kernel)
  return fn(...args, 0, work) as number
}

function launch(kernel: Kernel, fn: KernelFunction, args: readonly number[], work: number, cost: number): void {
  if (cost >= SPLIT_COST && hooks.split !== null && kernel.id >= 0 && work > 1) hooks.split(kernel, args, work)
  else if (kernel.scratch) fn(...args, scratchAddress(), 0, work)
  else call(fn, args, 0, work)
}

/** Calls with exact arity: a spread costs more than the kernels of small tensors. */
export function call(f: KernelFunction, a: readonly number[], begin: number, end: number): void {
  switch (a.length) {
    case 1:
      f(a[0], begin, end)
      break
    case 2:
      f(a[0], a[1], begin, end)
      break
    case 3:
      f(a[0], a[1], a[2], begin, end)
      break
    case 4:
      f(a[0], a[1], a[2], a[3], begin, end)
      break
    case 5:
      f(a[0], a[1], a[2], a[3], a[4], begin, end)
      break
    case 6:
      f(a[0], a[1], a[2], a[3], a[4], a[5], begin, end)
      break
    case 7:
      f(a[0], a[1], a[2], a[3], a[4], a[5], a[6], begin, end)
      break
    case 8:
      f(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], begin, end)
      break
    default:
      f(...a, begin, end)
  }
}
