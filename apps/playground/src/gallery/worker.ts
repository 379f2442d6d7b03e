// The worker of the gallery: runs one scenario at a time and posts what it shows.
import { pace } from '@x/nn/training'
import { chosen, scenarios } from '@x/scenarios'
import { setNumThreads, threadsStatus } from '@x/tensor/threads'
import type { FromWorker, ToWorker } from './messages.ts'

const page = globalThis as unknown as {
  postMessage(message: FromWorker): void
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null
}

let controller = new AbortController()

page.onmessage = ({ data: message }) => {
  controller.abort()
  if (message.kind === 'stop') return
  controller = new AbortController()
  run(message, controller.signal)
}

const threadsText = (threads: number, reason: string): string =>
  `${threads} thread${threads === 1 ? '' : 's'}${reason && ` · ${reason}`}`

async function run(request: Extract<ToWorker, { kind: 'run' }>, signal: AbortSignal): Promise<void> {
  const began = performance.now()
  try {
    await setNumThreads(request.threads)
    const { threads, reason } = threadsStatus()
    page.postMessage({ kind: 'threads', text: threadsText(threads, threads < request.threads ? reason : '') })
    const scenario = scenarios.find(({ name }) => name === request.scenario)
    if (!scenario) throw new Error(`there is no scenario '${request.scenario}'`)
    const options = chosen(scenario, request.options)
    const items = scenario.run({ options, seed: request.seed, quick: false, breathe: pace(signal) })
    for await (const item of items) page.postMessage({ kind: 'shown', item })
    page.postMessage({ kind: 'done', seconds: (performance.now() - began) / 1000 })
  } catch (error) {
    page.postMessage(signal.aborted ? { kind: 'stopped' } : { kind: 'failed', message: (error as Error).message })
  }
}
