// The scenario: two networks learn to read handwritten digits, the second is saved, loaded and timed.

import { pace } from '@x/nn/training'
import { setNumThreads, threadsStatus } from '@x/tensor/threads'
import { type BackendName, useBackend } from '../backends.ts'
import { Classifier, predictions } from './classifier.ts'
import type { DigitsEvent, DigitsOptions, Example, LoadedEvent } from './events.ts'
import { bundledDigits, CLASSES, type DigitsData, type Images, pick, split } from './images.ts'
import { type NetworkName, networks } from './networks.ts'
import { measureSpeed } from './speed.ts'
import { confusion, type Trained, train } from './train.ts'

/** The share of the images that no network ever learns from, and the seed of that division. */
const TEST_SHARE = 0.2
const SPLIT_SEED = 0
/** Training goes on until a network has seen about this many images, where nobody says for how long. */
const IMAGES_TO_SEE = 20_000

/** Images divided into those to learn from and a fifth to be examined on, always in the same way. */
export const heldOut = (name: string, images: Images): DigitsData => ({
  name,
  ...split(images, TEST_SHARE, SPLIT_SEED),
})

/**
 * Trains a multi-layer perceptron and a convolutional network on handwritten digits, tells about every step, saves and
 * loads the last one, and times a training step on Wasm against pure JavaScript.
 * @throws RangeError for options out of range; the signal's reason once it is aborted
 */
export async function* digits(options: DigitsOptions = {}): AsyncGenerator<DigitsEvent, void> {
  const { backend = 'wasm', threads, seed = 0, networks: names = ['mlp', 'cnn'], speed = true } = options
  const data = options.data ?? heldOut('UCI optical digits', bundledDigits())
  const epochs = options.epochs ?? Math.max(1, Math.round(IMAGES_TO_SEE / data.train.labels.length))
  check(backend, epochs, seed, names)
  const began = performance.now()
  const breathe = pace(options.signal)
  useBackend(backend)
  if (threads !== undefined) await setNumThreads(threads)
  const { height, width, labels } = data.train
  yield {
    kind: 'start',
    data: data.name,
    train: labels.length,
    test: data.test.labels.length,
    height,
    width,
    backend,
    threads: threadsStatus(),
  }
  let last: Trained | undefined
  for (const name of names) {
    last = yield* train(name, data, { epochs, seed, breathe })
    yield { kind: 'confusion', network: name, matrix: confusion(last.probabilities, data.test.labels) }
  }
  const { network, file, probabilities } = last as Trained
  yield { kind: 'saved', network, file }
  yield reload((await options.store?.(file)) ?? file, probabilities, data.test)
  if (speed) yield await measureSpeed(network, data.train, { seed, backend, breathe })
  yield { kind: 'done', seconds: (performance.now() - began) / 1000 }
}

function check(backend: BackendName, epochs: number, seed: number, names: readonly NetworkName[]): void {
  if (backend !== 'wasm' && backend !== 'js') throw new RangeError(`digits: backend '${backend}' is not 'wasm' or 'js'`)
  if (!Number.isInteger(epochs) || epochs < 1)
    throw new RangeError(`digits: epochs ${epochs} is not a whole number ≥ 1`)
  if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`digits: seed ${seed} is not a whole number ≥ 0`)
  const known = Object.keys(networks)
  if (names.length === 0 || !names.every((name) => known.includes(name))) {
    throw new RangeError(`digits: networks [${names.join(', ')}] are not one or more of ${known.join(', ')}`)
  }
}

/** Loads the file into a new network, which must do exactly as the one that was saved. */
function reload(file: Uint8Array, expected: Float32Array, test: Images): LoadedEvent {
  const classifier = new Classifier(file)
  const probabilities = classifier.probabilities(test.pixels)
  classifier.dispose()
  if (!probabilities.every((p, i) => p === expected[i])) {
    throw new Error('digits: the loaded network does not give the probabilities of the saved one')
  }
  const predicted = predictions(probabilities)
  const example = (n: number): Example => ({
    pixels: pick(test, [n]).pixels,
    label: test.labels[n],
    predicted: predicted[n],
    probability: probabilities[n * CLASSES + predicted[n]],
  })
  const ofClass = Array.from({ length: CLASSES }, (_, c) => test.labels.indexOf(c)).filter((n) => n >= 0)
  const wrong = Array.from(test.labels.keys()).filter((n) => predicted[n] !== test.labels[n])
  return {
    kind: 'loaded',
    network: classifier.network,
    compared: test.labels.length,
    examples: ofClass.map(example),
    mistakes: wrong.map(example),
  }
}
