// Threads of A3C: workers of Node and of pages, reduced to what it needs.

/** A worker that runs. */
export interface Thread {
  /** Ends it; resolves when it has ended. */
  stop(): Promise<unknown>
}

interface NodeWorker {
  on(event: string, listener: (value: unknown) => void): void
  postMessage(message: unknown): void
  terminate(): Promise<number>
}
interface NodePort {
  once(event: 'message', listener: (message: unknown) => void): void
  postMessage(message: unknown): void
}
interface WorkerThreads {
  readonly Worker: new (address: URL) => NodeWorker
  readonly parentPort: NodePort | null
}

const workerThreads = (): WorkerThreads | undefined =>
  (
    globalThis as { process?: { getBuiltinModule?: (name: string) => WorkerThreads | undefined } }
  ).process?.getBuiltinModule?.('node:worker_threads')

/** Where the workers' script lies: beside this file, in the sources and as it is installed. */
const script = (): URL =>
  new URL(/\.ts(\?|$)/.test(import.meta.url) ? './a3cWorker.ts' : './a3c-worker.js', import.meta.url)

const failed = (why: string): Error =>
  new Error(`A3C: a worker failed: ${why}; a page that a bundler made needs the option 'worker'`)

/** Starts a worker, gives it its job, and hands on what it tells, until it says `isDone`: also the error that it dies of. */
export function startThread(make: (() => unknown) | null, job: unknown, deliver: (message: unknown) => void): Thread {
  const Node = workerThreads()?.Worker
  const worker = make ? make() : Node ? new Node(script()) : new Worker(script(), { type: 'module' })
  let isStopped = false
  const hear = (message: unknown): void => {
    isStopped ||= (message as { isDone?: boolean }).isDone === true
    deliver(message)
  }
  const fail = (why: string): void => {
    if (!isStopped) deliver(failed(why))
  }
  if (typeof (worker as NodeWorker).on === 'function') {
    const node = worker as NodeWorker
    node.on('message', hear)
    node.on('error', (error) => fail((error as Error).message))
    node.on('exit', () => fail('it ended before its work'))
    node.postMessage(job)
    return {
      stop: () => {
        isStopped = true
        return node.terminate()
      },
    }
  }
  const web = worker as Worker
  web.onmessage = ({ data }) => hear(data)
  web.onerror = (event) => fail(event.message ?? 'its script could not be loaded')
  web.postMessage(job)
  return {
    stop: async () => {
      isStopped = true
      web.terminate()
    },
  }
}

/** In a worker: hears of its job once, and gives it a way to tell. Nothing happens in a main thread. */
export function onJob(work: (job: unknown, tell: (message: unknown) => void) => void): void {
  const port = workerThreads()?.parentPort
  if (port) {
    port.once('message', (job) => work(job, (message) => port.postMessage(message)))
    return
  }
  const scope = globalThis as unknown as { document?: unknown; postMessage?: (message: unknown) => void } & EventTarget
  if (scope.document !== undefined || typeof scope.postMessage !== 'function') return
  const { postMessage } = scope
  scope.addEventListener('message', ({ data }: Event & { data?: unknown }) => work(data, (m) => postMessage(m)), {
    once: true,
  })
}
