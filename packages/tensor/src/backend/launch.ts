// run: the one way a kernel is called. Splits large work among threads, and lets a recording write it down.
import { OutOfMemoryError } from '../errors.ts'
import { allocate, classOf } from '../memory/allocator.ts'
import { heap } from '../memory/heap.ts'
import { recording } from '../memory/storage.ts'
import { resolve } from './backend.ts'
import type { Kernel, KernelFunction } from './kernels.ts'

/** Work below this many element steps is not worth handing to another thread (a wake-up costs microseconds). */
const SPLIT_COST = 2 ** 18

/** Bytes of the workspace that each thread has for kernels with `scratch`. */
const SCRATCH_BYTES = 2 ** 20

/** Splits `launch` among threads; installed by threads.ts while there is more than one. */
export type Splitter = (kernel: Kernel, args: readonly number[], work: number) => void

let splitter: Splitter | null = null
let threads = 1
let scratch = 0

export function setSplitter(split: Splitter | null, count: number): void {
  splitter = split
  threads = count
}

/** How many threads share large launches. */
export const threadCount = (): number => threads

/** The main thread's workspace for kernels with `scratch`. */
export function scratchAddress(): number {
  if (scratch === 0) scratch = newScratch()
  return scratch
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
  if (recording !== null) recording.steps.push(later(kernel, fn, args, work, cost))
  launch(kernel, fn, args, work, cost)
}

/** Runs `check`, which throws for bad values; replays of a recording run it again. */
export function runCheck(check: () => void): void {
  recording?.steps.push(check)
  check()
}

/** Runs `kernel(...args, 0, work)` on this thread and returns its number. */
export function runForResult(kernel: Kernel, work: number, ...args: number[]): number {
  const fn = kernel.fn ?? resolve(kernel)
  return fn(...args, 0, work) as number
}

function launch(kernel: Kernel, fn: KernelFunction, args: readonly number[], work: number, cost: number): void {
  if (cost >= SPLIT_COST && splitter !== null && kernel.id >= 0 && work > 1) splitter(kernel, args, work)
  else if (kernel.scratch) callWithScratch(fn, args, scratchAddress(), work)
  else call(fn, args, 0, work)
}

/** A launch for later: apart from `run`, which would make room for what a closure holds at every call. */
function later(kernel: Kernel, fn: KernelFunction, args: readonly number[], work: number, cost: number): () => void {
  return () => launch(kernel, fn, args, work, cost)
}

/** As `call`, for kernels with a workspace; the product of matrices is among them. */
function callWithScratch(f: KernelFunction, a: readonly number[], scratch: number, end: number): void {
  if (a.length !== 14) f(...a, scratch, 0, end)
  else f(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11], a[12], a[13], scratch, 0, end)
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
    case 10:
      f(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], begin, end)
      break
    case 11:
      f(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], begin, end)
      break
    default:
      f(...a, begin, end)
  }
}
