// The digits scenario in the terminal.
import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { styleText } from 'node:util'
import { type DigitsEvent, digits } from '@x/scenarios'
import { type DemoOptions, UsageError } from './commandLine.ts'
import { confusionMatrix, digitRow, lossCurve } from './drawing.ts'
import { readMnist } from './mnist.ts'
import { type Progress, progress } from './progress.ts'

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`
const count = (value: number): string => Math.round(value).toLocaleString('en')
const title = (text: string): string => `\n${styleText('bold', text)}`

/** Runs the scenario and prints what happens. @throws UsageError, FormatError */
export async function showDigits({ data: folder, save, ...options }: DemoOptions): Promise<void> {
  const mnist = folder === undefined ? undefined : readMnist(folder)
  if (mnist) console.log(`${folder}: ${mnist.found}`)
  const path = save ?? join(tmpdir(), 'digits-cnn.safetensors')
  checkWritable(dirname(path))
  const store = (file: Uint8Array): Uint8Array => {
    writeFileSync(path, file)
    return readFileSync(path)
  }
  const present = presenter(path, mnist?.data.train.ink ?? 16)
  for await (const event of digits({ ...options, data: mnist?.data, store })) present(event)
}

/** Said before the training rather than after it. @throws UsageError */
function checkWritable(folder: string): void {
  try {
    accessSync(folder, constants.W_OK)
  } catch (error) {
    throw new UsageError(`The model cannot be written to ${folder} (${(error as NodeJS.ErrnoException).code}).`)
  }
}

/** A function that prints each event in turn. */
function presenter(path: string, ink: number): (event: DigitsEvent) => void {
  let size = { height: 0, width: 0 }
  let bar: Progress | undefined
  let losses: number[] = []
  return (event) => {
    switch (event.kind) {
      case 'start': {
        const { data, train, test, height, width, backend, threads } = event
        size = { height, width }
        console.log(
          `${data}: ${count(train)} digits of ${height} × ${width} to learn from, ${count(test)} others for testing`,
        )
        console.log(
          `backend ${backend}, ${threads.threads} thread${threads.threads === 1 ? '' : 's'} (${threads.reason})`,
        )
        break
      }
      case 'network':
        console.log(title(`${event.network}: ${event.title}, ${count(event.parameters)} parameters`))
        console.log(event.layers)
        losses = []
        bar = progress(event.epochs * event.stepsPerEpoch)
        break
      case 'step':
        losses.push(event.loss)
        bar?.step(event.step, `loss ${event.loss.toFixed(4)}`)
        break
      case 'epoch': {
        const { epoch, of, loss, testAccuracy, samplesPerSecond, seconds } = event
        bar?.epoch(
          `epoch ${String(epoch).padStart(String(of).length)} of ${of}  loss ${loss.toFixed(4)}  test ${percent(testAccuracy)}  ` +
            `${count(samplesPerSecond)} images/s`,
        )
        if (epoch < of) break
        bar?.end()
        console.log(lossCurve(losses))
        console.log(styleText('bold', `test accuracy ${percent(testAccuracy)} after ${seconds.toFixed(2)} s`))
        break
      }
      case 'confusion':
        console.log('\nconfusion matrix: true digit downwards, predicted digit across')
        console.log(confusionMatrix(event.matrix))
        break
      case 'saved':
        console.log(title(`saved ${event.network}: ${count(event.file.length)} bytes in ${path}`))
        break
      case 'loaded': {
        const drawn = { ...size, ink, columns: Math.min(process.stdout.columns ?? 80, 100) }
        console.log(`loaded it into a new network: the same probabilities for all ${count(event.compared)} test digits`)
        console.log(title('some test digits, and what the loaded network says'))
        console.log(digitRow(event.examples, drawn))
        if (event.mistakes.length === 0) break
        console.log(title(`some of its ${event.mistakes.length} mistakes`))
        console.log(digitRow(event.mistakes, drawn))
        break
      }
      case 'speed': {
        const { network, batchSize, steps, threads, wasmMs, jsMs, ratio, lossDifference } = event
        console.log(title('a training step on WebAssembly and on pure JavaScript, here and now'))
        console.log(
          `${network}, ${batchSize} images, median of ${steps} steps: wasm ${wasmMs.toFixed(2)} ms ` +
            `(${threads} thread${threads === 1 ? '' : 's'}), js ${jsMs.toFixed(2)} ms; losses differ by at most ${lossDifference.toExponential(1)}`,
        )
        console.log(styleText('bold', `${ratio.toFixed(1)} times faster than pure JavaScript`))
        break
      }
      case 'done':
        console.log(`\n${event.seconds.toFixed(1)} s in all`)
    }
  }
}
