// wllama, which is llama.cpp in Wasm, in Chromium: it needs a page's workers. Times are those that it takes itself, so
// that the way from here into the page does not count.

import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright'
import { findBrowser } from '../../../scripts/browser.mjs'
import type { Engine } from '../engine.ts'
import { peersFolder } from '../peers.ts'
import { median, type Turn } from '../timing.ts'
import type { Foreign, Size, Steps } from '../workload.ts'

/** What is to be done. */
export interface WllamaTask {
  readonly file: Uint8Array<ArrayBuffer>
  readonly prompt: string
  /** Tokens to write; without, the prompt alone is timed. */
  readonly tokens: number
  /** The token that is most probable behind the prompt, and the logarithm of its probability. */
  readonly expected: { readonly token: number; readonly logarithm: number }
  readonly tolerance: number
}

/** What the page gives back, of llama.cpp's answer. */
interface Answer {
  readonly promptMs: number
  readonly tokenMs: number
  readonly top: { readonly id: number; readonly logprob: number }
}

const TYPES: Readonly<Record<string, string>> = { js: 'text/javascript', wasm: 'application/wasm', '': 'text/html' }

export async function openWllama(threads: number): Promise<Engine> {
  const folder = join(peersFolder, 'node_modules/@wllama/wllama/esm')
  let model = new Uint8Array()
  const server = await serve(async (path) => {
    if (path === '') return '<!doctype html><title>wllama</title>'
    return path === 'model' ? model : readFile(join(folder, path))
  })
  const browser: Browser = await chromium.launch({
    executablePath: await findBrowser(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  })
  return {
    async start({ wllama, size }, values) {
      const task = (wllama as Steps<(x: Foreign, size: Size) => WllamaTask>).start(values, size)
      model = task.file as typeof model
      const page = await browser.newPage()
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
      await page.evaluate(load, { threads, context: task.prompt.length + task.tokens + 8 })
      const ask = (): Promise<Answer> => answerOf(page, task)
      return {
        operations: 1,
        run: () => ask().then(() => {}),
        async turn(ms): Promise<Turn> {
          const until = performance.now() + ms
          const times: number[] = []
          do {
            const { promptMs, tokenMs } = await ask()
            times.push((task.tokens > 0 ? tokenMs : promptMs) * 1e6)
          } while (performance.now() < until)
          return { median: median(times), best: Math.min(...times) }
        },
        async results() {
          const { top } = await ask()
          const { token, logarithm } = task.expected
          if (top.id !== token || !(Math.abs(top.logprob - logarithm) <= task.tolerance)) {
            throw new Error(`wrong: token ${top.id} with ${top.logprob} for ${token} with ${logarithm}`)
          }
          return null
        },
        close: () => page.close(),
      }
    },
  }
}

/** In the page: a model that is ready. */
async function load({ threads, context }: { threads: number; context: number }): Promise<void> {
  const name = '/index.js'
  const { Wllama } = await import(name)
  const wllama = new Wllama({ default: '/wasm/wllama.wasm' }, { suppressNativeLog: true })
  const file = await (await fetch('/model')).blob()
  const sizes = { n_ctx: context, n_batch: 512, n_parallel: 1 }
  await wllama.loadModel([file], { n_threads: threads, n_gpu_layers: 0, ...sizes })
  Object.assign(globalThis, { wllama })
}

async function answerOf(page: Page, { prompt, tokens }: WllamaTask): Promise<Answer> {
  const text = await page.evaluate(
    async (options) => JSON.stringify(await (globalThis as Foreign).wllama.createCompletion(options)),
    {
      ...{ prompt, max_tokens: Math.max(1, tokens), temperature: 0, logprobs: 1 },
      ...{ cache_prompt: false, ignore_eos: true },
    },
  )
  const { timings, choices } = JSON.parse(text)
  if (timings.prompt_n !== prompt.length) throw new Error(`${timings.prompt_n} tokens for ${prompt.length} letters`)
  const { id, logprob } = choices[0].logprobs.content[0].top_logprobs[0]
  return { promptMs: timings.prompt_ms, tokenMs: timings.predicted_per_token_ms, top: { id, logprob } }
}

/** Files for the page, which may share memory among threads. */
async function serve(read: (path: string) => Promise<string | Uint8Array>): Promise<Server> {
  const isolated = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }
  const server = createServer(({ url = '/' }, response) => {
    const path = url.slice(1)
    read(path).then(
      (body) => {
        const type = TYPES[path === '' ? '' : (path.split('.').at(-1) as string)] ?? 'application/octet-stream'
        response.writeHead(200, { ...isolated, 'Content-Type': type }).end(body)
      },
      () => void response.writeHead(404, isolated).end(),
    )
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return server
}
