// Handwritten digits: 8,000 of MNIST's test images to learn from, 2,000 for testing.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import {
  Adam,
  accuracy,
  Conv2d,
  crossEntropy,
  DataLoader,
  Flatten,
  Linear,
  MaxPool2d,
  type Module,
  ReLU,
  Sequential,
  TensorDataset,
} from '@x/nn'
import { readIdx } from '@x/nn/data'
import { evaluate, fit } from '@x/nn/training'
import { Generator, tensor } from '@x/tensor'
import type { Baseline, Folder } from './baseline.ts'

const TRAIN = 8000

function load(folder: Folder): { train: TensorDataset; test: TensorDataset } {
  const read = (name: string, axes: number) => readIdx(gunzipSync(readFileSync(join(folder, name))), { axes })
  const images = read('mnist-t10k-images-idx3-ubyte.gz', 3)
  const labels = read('mnist-t10k-labels-idx1-ubyte.gz', 1)
  const size = images.shape[1] * images.shape[2]
  const part = (from: number, to: number): TensorDataset => {
    const pixels = Float32Array.from(images.data.subarray(from * size, to * size), (v) => v / 255)
    const x = tensor(pixels, { shape: [to - from, 1, images.shape[1], images.shape[2]] })
    return new TensorDataset(x, tensor(Int32Array.from(labels.data.subarray(from, to))))
  }
  return { train: part(0, TRAIN), test: part(TRAIN, images.shape[0]) }
}

async function testAccuracy(model: Module, epochs: number, folder: Folder, seed: number): Promise<number> {
  const { train, test } = load(folder)
  const optimizer = new Adam(model.parameters(), { lr: 1e-3 })
  const data = new DataLoader(train, { batchSize: 64, shuffle: true, seed })
  // biome-ignore lint/suspicious/noFocusedTests: this fit trains a model
  await fit(model, data, { loss: crossEntropy, optimizer, epochs })
  const { accuracy: share } = await evaluate(model, new DataLoader(test, { batchSize: 500 }), { metrics: { accuracy } })
  return share
}

const baseline = (id: string, epochs: number, build: (generator: Generator) => Module): Baseline => ({
  id,
  run: (folder, seed) => testAccuracy(build(new Generator(seed)), epochs, folder, seed),
})

export const mnist: readonly Baseline[] = [
  baseline('mnist-softmax', 5, (generator) => new Sequential(new Flatten(), new Linear(784, 10, { generator }))),
  baseline(
    'mnist-mlp',
    5,
    (generator) =>
      new Sequential(
        new Flatten(),
        new Linear(784, 128, { generator }),
        new ReLU(),
        new Linear(128, 10, { generator }),
      ),
  ),
  baseline(
    'mnist-cnn',
    3,
    (generator) =>
      new Sequential(
        ...[new Conv2d(1, 8, 3, { padding: 1, generator }), new ReLU(), new MaxPool2d(2)],
        ...[new Conv2d(8, 16, 3, { padding: 1, generator }), new ReLU(), new MaxPool2d(2)],
        ...[new Flatten(), new Linear(784, 10, { generator })],
      ),
  ),
]
