// The worker of the page: runs the scenario (the page starts one at a time), and classifies drawings with the network
// as it is then.
import { Classifier, type DigitsOptions, digits } from '@x/scenarios'
import type { FromWorker, ToWorker } from './messages.ts'

const page = globalThis as unknown as {
  postMessage(message: FromWorker): void
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null
}

let classifier: Classifier | undefined
let controller = new AbortController()

page.onmessage = ({ data: message }) => {
  switch (message.kind) {
    case 'train':
      controller = new AbortController()
      train({ ...message.options, signal: controller.signal })
      break
    case 'stop':
      controller.abort()
      break
    case 'classify':
      classify(message.id, message.pixels)
  }
}

async function train(options: DigitsOptions & { signal: AbortSignal }): Promise<void> {
  try {
    for await (const event of digits(options)) {
      if (event.kind === 'epoch') {
        classifier?.dispose()
        classifier = new Classifier(event.file)
      }
      page.postMessage(event)
    }
  } catch (error) {
    page.postMessage(
      options.signal.aborted ? { kind: 'stopped' } : { kind: 'failed', message: (error as Error).message },
    )
  }
}

function classify(id: number, pixels: Uint8Array): void {
  if (!classifier) return
  const began = performance.now()
  const values = classifier.probabilities(pixels)
  page.postMessage({ kind: 'probabilities', id, values, ms: performance.now() - began })
}
