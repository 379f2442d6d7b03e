// The page: starts the worker, sends it what is chosen and drawn, and shows what it tells.
import { answer } from './answer.ts'
import { onSchemeChange } from './colours.ts'
import { lossPlot } from './lossPlot.ts'
import type { FromWorker, ToWorker } from './messages.ts'
import { drawingPad } from './pad.ts'
import { byId, count, milliseconds, percent } from './page.ts'
import { offerFile, showConfusion, showSpeed } from './results.ts'
import { pixelsOf } from './strokes.ts'

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
const send = (message: ToWorker): void => worker.postMessage(message)

const plot = lossPlot(byId('plot'))
const shown = answer()
const progress = byId('progress', HTMLProgressElement)
const trainButton = byId('train', HTMLButtonElement)
const threadCount = byId('thread-count', HTMLSelectElement)

const cores = navigator.hardwareConcurrency || 1

let isTraining = false
let pixels: Uint8Array | null = null
let question = 0

const say = (text: string): void => {
  byId('message').textContent = text || '\u00a0'
}

/** Says why there are not more threads; what the server withholds is the first reason. */
function explainThreads(reason: string): void {
  const text = crossOriginIsolated
    ? reason
    : 'One thread: the server sends this page without the headers (COOP and COEP) that memory shared among threads needs.'
  byId('threads-note').hidden = text === ''
  byId('threads-note').textContent = text
}

function train(): void {
  const options = new FormData(byId('options', HTMLFormElement))
  isTraining = true
  trainButton.textContent = 'Stop'
  document.body.dataset.state = 'training'
  say('')
  send({
    kind: 'train',
    options: {
      networks: [options.get('network') as 'mlp' | 'cnn'],
      backend: options.get('backend') as 'wasm' | 'js',
      threads: Number(threadCount.value),
    },
  })
}

function idle(state: 'done' | 'stopped' | 'failed', text: string): void {
  isTraining = false
  trainButton.textContent = 'Train again'
  document.body.dataset.state = state
  say(text)
}

function classify(): void {
  if (pixels) send({ kind: 'classify', id: ++question, pixels })
}

function hear(message: FromWorker): void {
  switch (message.kind) {
    case 'start': {
      const { threads, reason } = message.threads
      byId('threads').textContent =
        `${message.backend} · ${threads} thread${threads === 1 ? '' : 's'} of ${cores} cores`
      explainThreads(threads < Number(threadCount.value) ? reason : '')
      break
    }
    case 'network':
      byId('layers').textContent = `${message.layers} · ${count(message.parameters)} parameters`
      progress.max = message.epochs * message.stepsPerEpoch
      progress.value = 0
      plot.begin(progress.max)
      break
    case 'step':
      progress.value = message.step
      plot.loss(message.step, message.loss)
      break
    case 'epoch':
      byId('accuracy').textContent = percent(message.testAccuracy)
      byId('loss').textContent = message.loss.toFixed(3)
      byId('steps').textContent = count(message.stepsPerSecond)
      byId('images').textContent = count(message.samplesPerSecond)
      plot.accuracy(progress.value, message.testAccuracy)
      say(`epoch ${message.epoch} of ${message.of}, ${message.seconds.toFixed(1)} s`)
      classify()
      break
    case 'confusion':
      showConfusion(message.matrix)
      break
    case 'saved':
      offerFile(message)
      break
    case 'loaded':
      say(`Trained. Saved, loaded again: the same answers for all ${message.compared} test digits. Timing a step …`)
      break
    case 'speed':
      showSpeed(message)
      break
    case 'done':
      idle('done', `Trained, saved, loaded and timed in ${message.seconds.toFixed(1)} s.`)
      break
    case 'stopped':
      idle('stopped', 'Stopped.')
      break
    case 'failed':
      idle('failed', message.message)
      break
    case 'probabilities':
      // An answer to an older drawing comes too late.
      if (message.id !== question || !pixels) break
      shown.show(message.values)
      byId('latency').textContent = `answered in ${milliseconds(message.ms)}`
  }
}

worker.onmessage = (event: MessageEvent<FromWorker>) => hear(event.data)
worker.onerror = (event) => idle('failed', event.message || 'The worker did not start.')
trainButton.onclick = () => (isTraining ? send({ kind: 'stop' }) : train())

onSchemeChange(() => shown.input(pixels))
const pad = drawingPad(byId('pad', HTMLCanvasElement), (strokes) => {
  pixels = pixelsOf(strokes)
  byId('hint').hidden = pixels !== null
  shown.input(pixels)
  if (pixels) classify()
  else shown.show(null)
})
byId('clear').onclick = () => pad.clear()

const choices = crossOriginIsolated ? Math.min(cores, 16) : 1
threadCount.append(...Array.from({ length: choices }, (_, i) => new Option(String(i + 1))))
threadCount.disabled = choices === 1

train()
