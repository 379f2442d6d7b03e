// Training one network: the whole step (forward, gradients, optimiser) is one compiled function.

import { valueAndGrad } from '@x/autograd'
import { Adam, crossEntropy, DataLoader, type Module, TensorDataset } from '@x/nn'
import { type Compiled, compile, dispose, Generator, type Tensor, tidy } from '@x/tensor'
import { predictions, saveNetwork } from './classifier.ts'
import type { EpochEvent, NetworkEvent, StepEvent } from './events.ts'
import { CLASSES, type DigitsData, toInput, toTarget } from './images.ts'
import { type NetworkName, networks } from './networks.ts'

export const BATCH_SIZE = 32
const LEARNING_RATE = 3e-3

/** A network with its optimiser, and the function that moves it one step and returns the loss. */
export interface Learner {
  readonly model: Module
  readonly optimizer: Adam
  readonly step: Compiled<[Tensor, Tensor], Tensor>
  dispose(): void
}

/** A new network, ready to learn. The same seed gives the same weights and the same dropout. */
export function learner(
  name: NetworkName,
  { height, width }: { height: number; width: number },
  seed: number,
): Learner {
  const generator = new Generator(seed)
  const model = networks[name].build(height, width, generator)
  const parameters = model.parameters()
  const optimizer = new Adam(parameters, { lr: LEARNING_RATE })
  const step = compile((x: Tensor, y: Tensor) => {
    const { value, grads } = valueAndGrad(() => crossEntropy(model.forward(x), y), parameters)
    optimizer.step(grads)
    return value
  })
  const disposeAll = (): void => {
    step.dispose()
    model.dispose()
    optimizer.dispose()
    generator.dispose()
  }
  return { model, optimizer, step, dispose: disposeAll }
}

/** Falls from 1 to 0 along half a cosine: large steps at first, small ones in the end. */
const cosine = (part: number): number => (1 + Math.cos(Math.PI * part)) / 2

export interface TrainOptions {
  readonly epochs: number
  readonly seed: number
  /** Awaited after every step. */
  readonly breathe: () => Promise<void>
}

/** A trained network in its file, with its probabilities for the test images. */
export interface Trained {
  readonly network: NetworkName
  readonly file: Uint8Array<ArrayBuffer>
  readonly probabilities: Float32Array
}

/** Trains the network on `data.train` and tests it after every epoch. */
export async function* train(
  name: NetworkName,
  data: DigitsData,
  { epochs, seed, breathe }: TrainOptions,
): AsyncGenerator<NetworkEvent | StepEvent | EpochEvent, Trained> {
  const { model, optimizer, step, dispose: disposeLearner } = learner(name, data.train, seed)
  const scores = compile((x: Tensor) => model.forward(x).softmax(-1))
  const examples = new TensorDataset(toInput(data.train), toTarget(data.train.labels))
  const loader = new DataLoader(examples, { batchSize: BATCH_SIZE, shuffle: true, dropLast: true, seed })
  const testImages = toInput(data.test)
  try {
    const { title, layers } = networks[name]
    const parameters = model.parameters().reduce((sum, p) => sum + p.size, 0)
    yield { kind: 'network', network: name, title, layers, parameters, epochs, stepsPerEpoch: loader.length }
    const of = epochs * loader.length
    const began = performance.now()
    let trained: Trained = { network: name, file: new Uint8Array(), probabilities: new Float32Array() }
    let done = 0
    for (let epoch = 1; epoch <= epochs; epoch++) {
      model.train()
      let sum = 0
      let busy = 0
      let since = performance.now()
      for (const batch of loader) {
        optimizer.lr = LEARNING_RATE * cosine(done / of)
        const loss = tidy(() => step(batch.x, batch.y).item())
        dispose(batch)
        sum += loss
        done++
        busy += performance.now() - since
        yield { kind: 'step', network: name, epoch, step: done, of, loss }
        await breathe()
        since = performance.now()
      }
      model.eval()
      const probabilities = tidy(() => scores(testImages).data()) as Float32Array
      const file = saveNetwork(name, model, data.train)
      trained = { network: name, file, probabilities }
      const stepsPerSecond = (1000 * loader.length) / busy
      yield {
        kind: 'epoch',
        network: name,
        epoch,
        of: epochs,
        loss: sum / loader.length,
        testAccuracy: accuracy(probabilities, data.test.labels),
        stepsPerSecond,
        samplesPerSecond: stepsPerSecond * BATCH_SIZE,
        seconds: (performance.now() - began) / 1000,
        file,
      }
      await breathe()
    }
    return trained
  } finally {
    disposeLearner()
    scores.dispose()
    dispose([examples.x, examples.y, loader.generator.state, testImages])
  }
}

function accuracy(probabilities: Float32Array, labels: Uint8Array): number {
  const predicted = predictions(probabilities)
  return labels.reduce((right, label, n) => right + Number(predicted[n] === label), 0) / labels.length
}

/** Counts [true class][predicted class]. */
export function confusion(probabilities: Float32Array, labels: Uint8Array): number[][] {
  const matrix = Array.from({ length: CLASSES }, () => new Array<number>(CLASSES).fill(0))
  predictions(probabilities).forEach((predicted, n) => {
    matrix[labels[n]][predicted]++
  })
  return matrix
}
