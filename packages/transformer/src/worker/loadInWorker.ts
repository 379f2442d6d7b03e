// The page's side: a model that lives in a worker, so that the page never waits for it.
import { checkOptions, OutOfMemoryError } from '@x/tensor/bytes'
import type { FinishReason } from '../generation/generate.ts'
import type { TextOptions } from '../generation/text.ts'
import type { ModelSource } from '../load/folder.ts'
import type { LoadOptions } from '../load/loadModel.ts'
import type { FromWorker, Loaded, Request } from './messages.ts'
import { plainSource } from './places.ts'
import { errorOf } from './plainError.ts'
import { type AnyWorker, startThread, type Thread } from './thread.ts'

/** A worker has ended, by itself or by `dispose`; its model is gone with it. */
export class WorkerGoneError extends Error {
  override name = 'WorkerGoneError'
}

export interface WorkerLoadOptions extends Omit<LoadOptions, 'fetch'> {
  /** The tokenizer's file or folder. Default: what lies in the model's file or folder. */
  readonly tokenizer?: ModelSource
  /** Keeps downloads: the name of the browser's Cache storage, in Node a folder. Default: they are not kept. */
  readonly cache?: string
  /** Threads to compute with, 1 to 64; more than 1 in a page that is cross-origin isolated, and in Node. Default 1. */
  readonly threads?: number
  /** A worker of your own that calls `serveModel()` of `@x/transformer/serve`. Default: one is started. */
  readonly worker?: AnyWorker
}

/** Everything that can be said in a message; processors and generators are functions and states, which cannot. */
export type WorkerTextOptions = Omit<TextOptions, 'logitsProcessors' | 'generator'>

/** What a worker's memory holds, in bytes. */
export interface WorkerMemory {
  /** Bytes of tensors, and the most there have been. */
  readonly bytes: number
  readonly peakBytes: number
  /** Size of the linear memory, and what the engine lets it grow to. */
  readonly heapBytes: number
  readonly limitBytes: number
}

const LOADING = ['dtype', 'weights', 'config', 'architecture', 'quantize', 'strict', 'headers']
const OPTIONS = ['tokenizer', 'cache', 'threads', 'worker', 'onProgress', 'signal', ...LOADING]

/** Hears what comes for one request. */
interface Waiting {
  readonly onPiece?: (piece: string) => void
  readonly onProgress?: LoadOptions['onProgress']
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Requests and their answers. */
class Line {
  private readonly waiting = new Map<number, Waiting>()
  private readonly thread: Thread
  private end: Error | null = null
  private last = 0

  constructor(worker: AnyWorker | undefined) {
    this.thread = startThread(worker, {
      hear: (message) => this.hear(message),
      gone: (why, isFull) =>
        this.close(new (isFull ? OutOfMemoryError : WorkerGoneError)(`the worker is gone: ${why}`)),
    })
  }

  /** @throws what the worker throws; the signal's reason at once */
  async ask<T>(
    request: Request,
    { signal, ...heard }: Omit<Waiting, 'resolve' | 'reject'> & { signal?: AbortSignal } = {},
  ): Promise<T> {
    signal?.throwIfAborted()
    if (this.end) throw this.end
    const id = ++this.last
    const answer = new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { ...heard, resolve: resolve as (value: unknown) => void, reject })
    })
    const stop = (): void => {
      this.thread.post({ id, do: 'stop' })
      this.settle(id, (waiting) => waiting.reject(signal?.reason))
    }
    signal?.addEventListener('abort', stop)
    try {
      this.thread.post({ id, ...request })
      this.thread.hold(true)
      return await answer
    } finally {
      signal?.removeEventListener('abort', stop)
      this.waiting.delete(id)
      this.thread.hold(this.waiting.size > 0)
    }
  }

  /** Ends the worker; who waits, or asks from now on, gets the error. */
  close(reason: Error): void {
    if (this.end) return
    this.end = reason
    this.thread.stop()
    for (const id of [...this.waiting.keys()]) this.settle(id, (waiting) => waiting.reject(this.end))
  }

  private hear(message: FromWorker): void {
    const waiting = this.waiting.get(message.id)
    // Of a request that was given up.
    if (!waiting) return
    if ('progress' in message) waiting.onProgress?.(message.progress)
    else if ('piece' in message) waiting.onPiece?.(message.piece)
    else if ('done' in message) this.settle(message.id, ({ resolve }) => resolve(message.done))
    else this.settle(message.id, ({ reject }) => reject(errorOf(message.failed)))
  }

  private settle(id: number, how: (waiting: Waiting) => void): void {
    const waiting = this.waiting.get(id)
    this.waiting.delete(id)
    if (waiting) how(waiting)
  }
}

/**
 * A model with its tokenizer, in a worker. Texts go in, texts come out; several may be written at the same time. Errors
 * are those of `generateText`, with their classes. Running out of memory is an OutOfMemoryError, after which the model can
 * still be used; when the worker itself has ended, everything throws what ended it: a WorkerGoneError, or the
 * OutOfMemoryError of the engine.
 */
export class WorkerModel {
  /** The class of the model, such as 'Llama'. */
  readonly architecture: string
  /** The model's configuration. */
  readonly config: Readonly<Record<string, unknown>>
  /** How many numbers it has learnt. */
  readonly parameters: number
  /** Threads that compute. */
  readonly threads: number
  private readonly line: Line

  /** Made by `loadInWorker`. */
  constructor(line: Line, { architecture, config, parameters, threads }: Loaded) {
    this.line = line
    this.architecture = architecture
    this.config = config
    this.parameters = parameters
    this.threads = threads
  }

  /** The text that the model writes behind the prompt (or for a source). Options as `generateText`'s. */
  async generate(prompt: string, { signal, ...options }: WorkerTextOptions = {}): Promise<string> {
    return this.line.ask<string>(asked('generate', prompt, options), { signal })
  }

  /** The same piece by piece, as it comes; returns why it ended. Leaving the loop ends the generation. */
  async *stream(
    prompt: string,
    { signal, ...options }: WorkerTextOptions = {},
  ): AsyncGenerator<string, FinishReason, undefined> {
    const pieces: string[] = []
    let wake = (): void => {}
    const left = new AbortController()
    const answer = this.line.ask<FinishReason>(asked('stream', prompt, options), {
      signal: signal ? AbortSignal.any([signal, left.signal]) : left.signal,
      onPiece: (piece) => {
        pieces.push(piece)
        wake()
      },
    })
    let isEnd = false
    const end = (): void => {
      isEnd = true
      wake()
    }
    answer.then(end, end)
    try {
      for (;;) {
        while (pieces.length > 0) {
          signal?.throwIfAborted()
          yield pieces.shift() as string
        }
        if (isEnd) return await answer
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    } finally {
      left.abort()
    }
  }

  /** The tokens of a text, to count them, say. */
  async encode(text: string): Promise<number[]> {
    return this.line.ask({ do: 'encode', text: textOf('encode', text) })
  }

  /** How full the worker's memory is. */
  memory(): Promise<WorkerMemory> {
    return this.line.ask({ do: 'memory' })
  }

  /** Ends the worker, which frees everything at once. What still runs throws a WorkerGoneError. */
  dispose(): void {
    this.line.close(new WorkerGoneError('the model was disposed'))
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}

/**
 * Loads a model, and the tokenizer that lies beside it, in a worker: the page stays as quick as it was. Takes what
 * `loadModel` takes: the path or URL of a folder or file (relative to the page), a File or Blob, bytes, the Files that
 * somebody chose, sources under their names; but for files of torch.save, which only a worker of your own reads.
 * @throws what `loadModel` and `loadTokenizer` throw, FormatError for models that write no texts and for weights without a
 * tokenizer, RangeError for options that there are not, WorkerGoneError when no worker can be started
 * @example
 * import { loadInWorker } from '@x/transformer/worker'
 * async function tell(file) {
 *   const model = await loadInWorker(file, { onProgress: ({ loaded }) => console.log(loaded) })
 *   for await (const piece of model.stream('Once upon a time', { maxNewTokens: 200 })) console.log(piece)
 *   model.dispose()
 * }
 */
export async function loadInWorker(source: ModelSource, options: WorkerLoadOptions = {}): Promise<WorkerModel> {
  checkOptions('loadInWorker', options, OPTIONS)
  const { tokenizer, cache = null, threads = 1, worker, onProgress, signal, ...rest } = options
  const request: Request = {
    do: 'load',
    source: await plainSource(source),
    tokenizer: tokenizer === undefined ? null : await plainSource(tokenizer),
    ...{ cache, threads, options: rest },
  }
  const line = new Line(worker)
  try {
    return new WorkerModel(line, await line.ask<Loaded>(request, { signal, onProgress }))
  } catch (error) {
    line.close(new WorkerGoneError('the model could not be loaded'))
    throw error
  }
}

/** @throws TypeError, RangeError for what cannot be said in a message */
function asked(op: 'generate' | 'stream', prompt: string, options: object): Request {
  for (const name of ['logitsProcessors', 'generator', 'tokenizer']) {
    if (!(name in options)) continue
    throw new RangeError(`${op}: ${name} cannot cross to a worker; loadModel() and ${op}Text() take them on the page`)
  }
  return { do: op, prompt: textOf(op, prompt), options }
}

/** @throws TypeError */
function textOf(op: string, text: string): string {
  if (typeof text !== 'string') throw new TypeError(`${op}: a prompt is a text, not ${typeof text}`)
  return text
}
