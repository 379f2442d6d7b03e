// Threads: workers on the same memory that help with large launches. One job at a time; the main thread works too.
import {
  ARG_COUNT,
  ARGS_BYTE,
  CHUNK,
  CHUNK_BITS,
  CHUNK_MASK,
  DONE,
  KERNEL,
  LOADED,
  MAX_ARGS,
  MEMBERS,
  NEXT,
  PARKED,
  RECALL,
  SCRATCH,
  WORK,
} from '@x/assembly/control'
import { source } from '@x/assembly/worker'
import { heap } from '../memory/heap.ts'
import { type LoadedModule, loadAll, watchModules } from './backend.ts'
import type { Kernel, KernelFunction } from './kernels.ts'
import { newScratch, scratchAddress, setSplitter } from './launch.ts'

/** A worker thread of Node or of a browser, reduced to what the pool needs. */
interface Thread {
  post(message: unknown): void
  stop(): void
}

interface Member {
  readonly thread: Thread
  readonly seat: Seat
  /** Ends the wait for it to be ready. */
  readonly settle: () => void
}

/** A worker's workspace, and its word of the control block. Seats are used again; workers get a new number each. */
interface Seat {
  readonly scratch: number
  readonly place: number
}

/** Chunks per thread: enough that nobody waits long for a slow one. */
const CHUNKS_PER_THREAD = 4
/**
 * A chunk that is not done this many milliseconds after everything else belongs to a thread that died while it worked.
 * One that dies before it takes a chunk costs nothing: the others do its share.
 */
const LOST_AFTER = 30_000

let members: Member[] = []
const freeSeats: Seat[] = []
let seats = 0
let lastId = 0
let known: LoadedModule[] = []
let watching = false
let reason = 'one thread: setNumThreads was not called'
let job = 0

/** Why there are as many threads as there are. */
export interface ThreadsStatus {
  /** Threads that compute, the main one included. */
  readonly threads: number
  readonly reason: string
}

/** How many threads compute, and why there are not more. */
export function threadsStatus(): ThreadsStatus {
  return { threads: members.length + 1, reason }
}

/**
 * Uses `count` threads from now on (the calling one included), and resolves to how many there are.
 *
 * Works in Node, Deno, Bun and in pages that are cross-origin isolated; elsewhere it stays at one and
 * `threadsStatus()` says why. Results are the same to the last bit for every count.
 *
 * @param count 1 to 64
 * @throws RangeError
 * @example
 * import { setNumThreads } from '@x/tensor/threads'
 * await setNumThreads(2)
 */
export async function setNumThreads(count: number): Promise<number> {
  if (!Number.isInteger(count) || count < 1 || count > 64) {
    throw new RangeError(`setNumThreads: ${count} is not a whole number from 1 to 64`)
  }
  while (members.length > count - 1) dismiss(members[members.length - 1], `set to ${count}`)
  if (count === 1) {
    reason = 'one thread: set to 1'
    return 1
  }
  if (!(heap.open().buffer instanceof (globalThis.SharedArrayBuffer ?? ArrayBuffer)) || !heap.shared) {
    reason = 'one thread: memory cannot be shared here; a page must be cross-origin isolated (COOP and COEP headers)'
    return 1
  }
  if (!watching) {
    watching = true
    loadAll()
    known = watchModules(teach)
  }
  const joining: Promise<void>[] = []
  for (let missing = count - 1 - members.length; missing > 0; missing--) joining.push(recruit())
  await Promise.all(joining)
  reason = members.length === count - 1 ? `set to ${count}` : reason
  setSplitter(members.length > 0 ? split : null, members.length + 1)
  return members.length + 1
}

/** Starts a worker; settles when it is ready or has failed. */
function recruit(): Promise<void> {
  return new Promise((resolve) => {
    const seat = freeSeats.pop() ?? { scratch: newScratch(), place: seats++ }
    const id = ++lastId
    Atomics.store(heap.i32, MEMBERS + seat.place, id)
    Atomics.store(heap.i32, LOADED + seat.place, 0)
    let member: Member
    const gone = (why: string): void => dismiss(member, why)
    try {
      member = { thread: start(resolve, gone), seat, settle: resolve }
    } catch (error) {
      reason = `one thread: a worker could not be started (${(error as Error).message})`
      freeSeats.push(seat)
      resolve()
      return
    }
    members.push(member)
    member.thread.post({
      memory: heap.open(),
      ...seat,
      id,
      recalls: Atomics.load(heap.i32, RECALL),
      modules: known.map(({ module, firstId }) => ({ module, firstId })),
    })
  })
}

function dismiss(member: Member, why: string): void {
  if (!members.includes(member)) return
  members = members.filter((m) => m !== member)
  // A worker may live on for a while after it is stopped; without its number it takes no more work.
  Atomics.store(heap.i32, MEMBERS + member.seat.place, 0)
  freeSeats.push(member.seat)
  member.thread.stop()
  member.settle()
  reason = why
  setSplitter(members.length > 0 ? split : null, members.length + 1)
}

/** Sends a module that was compiled after the workers started: they come back from their loop to receive it. */
function teach(loaded: LoadedModule): void {
  known.push(loaded)
  if (members.length === 0) return
  for (const m of members) m.thread.post({ module: loaded.module, firstId: loaded.firstId })
  Atomics.add(heap.i32, RECALL, 1)
  announce(0)
}

/** Workers load modules on their own time; until then they are left out. */
const knowsAll = ({ seat }: Member): boolean => Atomics.load(heap.i32, LOADED + seat.place) >= known.length

/** Publishes a new job with `chunks` chunks to take. */
function announce(chunks: number): void {
  job = (job + 1) & 0x7ffff
  const { i32 } = heap
  Atomics.store(i32, NEXT, (job << CHUNK_BITS) | chunks)
  if (Atomics.load(i32, PARKED) > 0) Atomics.notify(i32, NEXT)
}

/** Runs one launch on all threads and returns when it is done. */
function split(kernel: Kernel, args: readonly number[], work: number): void {
  const fn = kernel.fn as KernelFunction
  const mine = kernel.scratch ? [...args, scratchAddress()] : args
  if (args.length > MAX_ARGS || !members.every(knowsAll)) {
    fn(...mine, 0, work)
    return
  }
  const { i32, f64 } = heap
  const shares = (members.length + 1) * (kernel.coarse ? 1 : CHUNKS_PER_THREAD)
  const chunk = Math.ceil(work / Math.min(work, shares, CHUNK_MASK))
  const chunks = Math.ceil(work / chunk)
  for (let i = 0; i < args.length; i++) f64[ARGS_BYTE / 8 + i] = args[i]
  i32[KERNEL] = kernel.id
  i32[ARG_COUNT] = args.length
  i32[SCRATCH] = kernel.scratch ? 1 : 0
  i32[WORK] = work
  i32[CHUNK] = chunk
  Atomics.store(i32, DONE, 0)
  announce(chunks)
  let own = 0
  for (;;) {
    const next = Atomics.load(i32, NEXT)
    const left = next & CHUNK_MASK
    if (left === 0) break
    if (Atomics.compareExchange(i32, NEXT, next, next - 1) !== next) continue
    const begin = (left - 1) * chunk
    fn(...mine, begin, Math.min(work, begin + chunk))
    own++
  }
  join(chunks - own)
}

/** Waits, looking, until the others have finished their `count` chunks. */
function join(count: number): void {
  const { i32 } = heap
  let since = 0
  for (let spins = 1; Atomics.load(i32, DONE) < count; spins++) {
    if (spins % 100_000 !== 0) continue
    const now = performance.now()
    if (since === 0) since = now
    else if (now - since > LOST_AFTER) {
      for (const m of members) dismiss(m, 'one thread: a worker died while it computed')
      throw new Error(
        'a worker thread died in the middle of a computation; the result is lost. One thread from here on.',
      )
    }
  }
}

interface NodeWorker {
  on(event: string, listener: (value: unknown) => void): void
  postMessage(message: unknown): void
  unref(): void
  terminate(): Promise<number>
}
interface WorkerThreads {
  readonly Worker: new (source: string, options: object) => NodeWorker
}

function start(ready: () => void, gone: (why: string) => void): Thread {
  const node = (
    globalThis as { process?: { getBuiltinModule?: (name: string) => WorkerThreads | undefined } }
  ).process?.getBuiltinModule?.('node:worker_threads')
  if (node) {
    const worker = new node.Worker(source, { eval: true, execArgv: [], stdout: false, stderr: false })
    worker.on('message', () => {
      worker.unref()
      ready()
    })
    worker.on('error', (error) => gone(`a worker died: ${(error as Error).message}`))
    worker.on('exit', () => gone('a worker died'))
    return { post: (message) => worker.postMessage(message), stop: () => void worker.terminate() }
  }
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
  const worker = new Worker(url, { type: 'module' })
  worker.onmessage = ready
  worker.onerror = (event) => gone(`a worker died: ${event.message}`)
  return {
    post: (message) => worker.postMessage(message),
    stop: () => {
      worker.terminate()
      URL.revokeObjectURL(url)
    },
  }
}
