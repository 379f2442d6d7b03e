// The worker's side: loads a model, answers what it is asked, one generation beside the other.
import { memoryStats } from '@x/tensor'
import { FormatError } from '@x/tensor/bytes'
import { loadTorch } from '@x/tensor/files'
import { setNumThreads, threadsStatus } from '@x/tensor/threads'
import type { TextModel } from '../generation/generate.ts'
import { generateText, streamText, type TextOptions } from '../generation/text.ts'
import { writing } from '../load/architectures.ts'
import { cachingFetch, folderStore, pageStore } from '../load/cachingFetch.ts'
import type { ModelSource } from '../load/folder.ts'
import { type LoadOptions, loadModelWith } from '../load/loadModel.ts'
import type { TorchReader } from '../load/torchReader.ts'
import { Bloom } from '../models/bloom.ts'
import { GPT } from '../models/gpt.ts'
import { Llama } from '../models/llama.ts'
import { T5 } from '../models/t5.ts'
import { TranslationTransformer } from '../models/translation.ts'
import { loadTokenizer } from '../tokenizers/readers/load.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import type { FromWorker, Loaded, Request, ToWorker } from './messages.ts'
import { sourceOf } from './places.ts'
import { plainOf } from './plainError.ts'

/** The other side. */
interface Port {
  post(message: FromWorker): void
  listen(hear: (message: ToWorker) => void): void
}

interface Served {
  readonly model: TextModel
  readonly tokenizer: Tokenizer
}

/**
 * Makes the worker that calls it serve `loadInWorker(source, { worker })`: for pages that forbid the worker of their own
 * that `loadInWorker` starts otherwise (a blob), or whose bundler is to split the code.
 * @throws Error outside of workers
 * @example
 * // worker.js
 * import { serveModel } from '@x/transformer/serve'
 * if (globalThis.WorkerGlobalScope) serveModel()
 */
export const serveModel = (): void => serveModelWith(loadTorch)

/** The same with something else that reads files of torch.save. */
export function serveModelWith(readTorch: TorchReader): void {
  const port = portOf()
  const running = new Map<number, AbortController>()
  let served: Served | null = null

  async function answer(id: number, request: Request, signal: AbortSignal): Promise<unknown> {
    if (request.do === 'load') {
      if (served) throw new Error('loadInWorker: this worker has a model already; give each a worker of its own')
      served = await load(request, readTorch, signal, (progress) => port.post({ id, progress }))
      return described(served.model)
    }
    if (request.do === 'memory') return memoryStats()
    if (!served) throw new Error('loadInWorker: the worker has no model yet')
    const { model, tokenizer } = served
    if (request.do === 'encode') return [...tokenizer.encode(request.text)]
    const options: TextOptions = { ...request.options, signal }
    if (request.do === 'generate') return generateText(model, tokenizer, request.prompt, options)
    const pieces = streamText(model, tokenizer, request.prompt, options)
    for (;;) {
      const { done, value } = await pieces.next()
      if (done) return value
      port.post({ id, piece: value })
    }
  }

  port.listen(async (message) => {
    const { id } = message
    if (message.do === 'stop') {
      running.get(id)?.abort()
      return
    }
    const controller = new AbortController()
    running.set(id, controller)
    try {
      port.post({ id, done: await answer(id, message, controller.signal) })
    } catch (error) {
      port.post({ id, failed: plainOf(error) })
    } finally {
      running.delete(id)
    }
  })
}

async function load(
  { source, tokenizer: place, cache, threads, options }: Extract<Request, { do: 'load' }>,
  readTorch: TorchReader,
  signal: AbortSignal,
  onProgress: LoadOptions['onProgress'],
): Promise<Served> {
  await setNumThreads(threads)
  const from = sourceOf(source)
  const store = cache === null ? null : 'caches' in globalThis ? pageStore(cache) : folderStore(cache)
  const reading: LoadOptions = { ...options, signal, ...(store && { fetch: cachingFetch({ store }) }) }
  const { headers, fetch } = reading
  // First, as it is small: what cannot be spoken to need not be loaded.
  const tokenizer = await tokenizerFor(place ? sourceOf(place) : from, place === null, { headers, fetch, signal })
  const means = { readTorch, architectures: writing() }
  return { tokenizer, model: await loadModelWith<TextModel>(means, from, { ...reading, onProgress }) }
}

/** @throws Error telling the way out where weights are alone */
async function tokenizerFor(source: ModelSource, isBeside: boolean, options: LoadOptions): Promise<Tokenizer> {
  try {
    return await loadTokenizer(source, options)
  } catch (error) {
    if (!isBeside || !(error instanceof FormatError)) throw error
    throw new FormatError(`loadInWorker: there is no tokenizer in the file; give its own as { tokenizer }`)
  }
}

/** The names of the classes, which bundlers shorten. */
const CLASSES = Object.entries({ Bloom, GPT, Llama, T5, TranslationTransformer })

function described(model: TextModel): Loaded {
  return {
    architecture: CLASSES.find(([, type]) => model instanceof type)?.[0] ?? 'a model',
    config: { ...model.config } as Record<string, unknown>,
    parameters: model.parameters().reduce((n, p) => n + p.size, 0),
    threads: threadsStatus().threads,
  }
}

interface NodePort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: ToWorker) => void): void
}

/** @throws Error */
function portOf(): Port {
  const { process } = globalThis as unknown as {
    process?: { getBuiltinModule?: (name: string) => { parentPort: NodePort | null } | undefined }
  }
  const parent = process?.getBuiltinModule?.('node:worker_threads')?.parentPort
  if (parent) {
    return { post: (message) => parent.postMessage(message), listen: (hear) => parent.on('message', hear) }
  }
  const page = globalThis as unknown as {
    WorkerGlobalScope?: unknown
    postMessage(message: FromWorker): void
    onmessage: ((event: MessageEvent<ToWorker>) => void) | null
  }
  if (!page.WorkerGlobalScope) throw new Error('serveModel: this is no worker')
  return {
    post: (message) => page.postMessage(message),
    listen: (hear) => {
      page.onmessage = ({ data }) => hear(data)
    },
  }
}
