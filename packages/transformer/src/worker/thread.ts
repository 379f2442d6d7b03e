// A worker of a browser or of Node, reduced to what is needed of it.
import type { FromWorker, ToWorker } from './messages.ts'
import { program } from './program.ts'

/** What both kinds of workers have. */
export interface AnyWorker {
  postMessage(message: unknown): void
  terminate(): unknown
}

/** What is used of a worker of `node:worker_threads`. */
interface NodeWorker extends AnyWorker {
  on(event: string, listener: (value: unknown) => void): void
  ref(): void
  unref(): void
}

interface WorkerThreads {
  readonly Worker: new (source: URL, options: object) => NodeWorker
}

export interface Thread {
  post(message: ToWorker): void
  stop(): void
  /** Whether the program is to go on until it answers. */
  hold(isWaiting: boolean): void
}

export interface Listeners {
  hear(message: FromWorker): void
  /** The worker has ended by itself, for want of memory or for another reason. */
  gone(why: string, isFull: boolean): void
}

/** Starts the program of this package, or takes a worker that runs `serveModel`. */
export function startThread(given: AnyWorker | undefined, listeners: Listeners): Thread {
  const worker = given ?? started()
  return 'ref' in worker ? ofNode(worker as NodeWorker, listeners) : ofPage(worker as Worker, listeners)
}

function started(): AnyWorker {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => WorkerThreads | undefined }
  }
  const threads = process?.getBuiltinModule?.('node:worker_threads')
  return threads ? new threads.Worker(program.address(), {}) : program.start()
}

function ofNode(worker: NodeWorker, { hear, gone }: Listeners): Thread {
  worker.on('message', (message) => hear(message as FromWorker))
  worker.on('error', (error) => {
    const { code, message } = error as Error & { code?: string }
    gone(message, code === 'ERR_WORKER_OUT_OF_MEMORY')
  })
  worker.on('exit', (code) => gone(`it ended with code ${code}`, false))
  worker.unref()
  return {
    post: (message) => worker.postMessage(message),
    stop: () => void worker.terminate(),
    hold: (isWaiting) => (isWaiting ? worker.ref() : worker.unref()),
  }
}

function ofPage(worker: Worker, { hear, gone }: Listeners): Thread {
  worker.onmessage = (event: MessageEvent<FromWorker>) => hear(event.data)
  worker.onerror = (event) => {
    const why = event.message || 'it did not start; where blob: is forbidden, give a worker of your own as { worker }'
    gone(why, /out of memory/i.test(why))
  }
  return { post: (message) => worker.postMessage(message), stop: () => worker.terminate(), hold: () => {} }
}
