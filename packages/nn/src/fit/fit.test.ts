import { defaultGenerator, manualSeed, memoryStats, type Tensor, tensor, tidy } from '@x/tensor'
import { expect, test } from 'vitest'
import { type Batch, ListDataset, randomSplit, Subset, TensorDataset } from '../data/datasets.ts'
import { DataLoader, weightedSampler } from '../data/loader.ts'
import { Linear } from '../layers/linear.ts'
import { Sequential } from '../layers/sequential.ts'
import { Dropout, Tanh } from '../layers/simple.ts'
import { crossEntropy } from '../losses/crossEntropy.ts'
import { l1Penalty } from '../losses/penalty.ts'
import { mseLoss } from '../losses/regression.ts'
import { accuracy } from '../metrics/accuracy.ts'
import { Adam } from '../optim/adam.ts'
import { SGD } from '../optim/sgd.ts'
import { ExponentialLR } from '../schedule/decay.ts'
import { type Callback, checkpoint, earlyStopping } from './callbacks.ts'
import { evaluate } from './evaluate.ts'
import { type FitOptions, fit } from './fit.ts'

/** Two spirals' worth of points that a line cannot part: the sign of x₀x₁. */
function points(n: number): TensorDataset {
  const x = Float32Array.from({ length: 2 * n }, (_, i) => Math.sin(i * 12.9898) * 1.5)
  const y = Int32Array.from({ length: n }, (_, i) => (x[2 * i] * x[2 * i + 1] > 0 ? 1 : 0))
  return new TensorDataset(tensor(x, { shape: [n, 2] }), tensor(y))
}

const data = points(200)
const loader = (): DataLoader => new DataLoader(data, { batchSize: 32, shuffle: true, seed: 3 })

/** The same network, optimiser and schedule each time, with dropout. */
function setup(): { model: Sequential; options: FitOptions } {
  manualSeed(5)
  const model = new Sequential(new Linear(2, 16), new Tanh(), new Dropout(0.1), new Linear(16, 2))
  const optimizer = new Adam(model.parameters(), { lr: 0.02 })
  return { model, options: { loss: crossEntropy, optimizer, schedule: new ExponentialLR(optimizer, { gamma: 0.98 }) } }
}

const weights = (model: Sequential): number[] =>
  Object.values(model.stateDict()).flatMap((x) => Array.from(x.data() as Float32Array))

test('fit learns, validates, records and leaves nothing behind', async () => {
  const { model, options } = setup()
  const validation = [data.batch(Int32Array.from({ length: 200 }, (_, i) => i))]
  const batches = loader()
  await fit(model, batches, { ...options, validation, metrics: { accuracy } })
  const before = memoryStats().storages
  const history = await fit(model, batches, { ...options, epochs: 60, validation, metrics: { accuracy } })
  expect(history.epochs).toHaveLength(60)
  expect(history.losses).toHaveLength(60 * 7)
  expect(history.last.accuracy).toBeGreaterThan(0.95)
  expect(history.last['validation loss']).toBeLessThan(0.3)
  expect(history.series('loss').y[0]).toBeGreaterThan(history.last.loss)
  expect(history.toCsv().split('\n')[0]).toBe('epoch,seconds,lr,loss,validation loss,accuracy')
  expect(model.training).toBe(true)
  expect(memoryStats().storages).toBe(before)
})

test('compiled and eager steps do the same to the last bit', async () => {
  const [a, b] = [setup(), setup()]
  manualSeed(1)
  await fit(a.model, loader(), { ...a.options, epochs: 2 })
  manualSeed(1)
  await fit(b.model, loader(), { ...b.options, epochs: 2, compile: false })
  expect(weights(b.model)).toEqual(weights(a.model))
})

test.each([
  ['between epochs', {}],
  ['within an epoch', { everySteps: 10 }],
])('a training resumed %s ends with the very numbers of an uninterrupted one', async (_, when) => {
  const whole = setup()
  manualSeed(7)
  const files: Uint8Array[] = []
  const keepAll = (): Callback => checkpoint({ save: (file) => void files.push(file), ...when })
  const expected = await fit(whole.model, loader(), { ...whole.options, epochs: 4, callbacks: [keepAll()] })
  const final = weights(whole.model)
  for (const file of files.slice(0, 3)) {
    const again = setup()
    defaultGenerator().seed(99)
    const callbacks = [checkpoint({ save: () => {} })]
    const history = await fit(again.model, loader(), { ...again.options, epochs: 4, callbacks, resume: file })
    expect(weights(again.model)).toEqual(final)
    expect(history.losses).toEqual(expected.losses)
    expect(history.epochs.map(({ loss, lr }) => [loss, lr])).toEqual(expected.epochs.map(({ loss, lr }) => [loss, lr]))
  }
})

test('gradients of several batches make one update, which is that of the whole', async () => {
  const parts = setup()
  const whole = setup()
  const sequence = (batchSize: number): DataLoader =>
    new DataLoader(new Subset(data, [...Array(64).keys()]), { batchSize })
  for (const { model } of [parts, whole]) model.eval()
  const sgd = (model: Sequential): FitOptions => ({
    loss: crossEntropy,
    optimizer: new SGD(model.parameters(), { lr: 0.5 }),
  })
  const withoutDropout = (model: Sequential): Sequential => {
    for (const m of Object.values(model.modules())) if (m instanceof Dropout) Object.assign(m, { p: 0 })
    return model
  }
  await fit(withoutDropout(parts.model), sequence(16), { ...sgd(parts.model), accumulate: 4 })
  await fit(withoutDropout(whole.model), sequence(64), sgd(whole.model))
  weights(parts.model).forEach((w, i) => {
    expect(w).toBeCloseTo(weights(whole.model)[i], 5)
  })
})

test('earlyStopping ends the training and puts back the best weights', async () => {
  const model = new Linear(1, 1)
  const optimizer = new SGD(model.parameters(), { lr: 0.1 })
  const batch = { x: tensor([[1], [2]]), y: tensor([[2], [4]]) }
  const seen: number[] = []
  const spoil: Callback = {
    onEpoch(run) {
      seen.push(run.history.last['validation loss'])
      if (run.epoch > 6) optimizer.lr = 0.8 // diverges from here on
    },
  }
  const callbacks = [spoil, earlyStopping({ patience: 2 })]
  const history = await fit(model, [batch], { loss: mseLoss, optimizer, epochs: 100, validation: [batch], callbacks })
  expect(history.epochs.length).toBeLessThan(15)
  const { loss } = await evaluate(model, [batch], { loss: mseLoss })
  expect(loss).toBeCloseTo(Math.min(...seen), 6)
})

test('clipping and penalties reach the update', async () => {
  const run = async (options: Partial<FitOptions>): Promise<number> => {
    const model = new Linear(1, 1, { bias: false })
    model.loadStateDict({ weight: tensor([[1]]) })
    const optimizer = new SGD(model.parameters(), { lr: 1 })
    await fit(model, [{ x: tensor([[1]]), y: tensor([[-9]]) }], { loss: mseLoss, optimizer, ...options })
    return model.weight.item()
  }
  expect(await run({})).toBeCloseTo(1 - 20, 5)
  expect(await run({ clipNorm: 1 })).toBeCloseTo(0, 4)
  expect(await run({ clipValue: 0.5 })).toBeCloseTo(0.5, 5)
  const weight = tensor([[3]])
  expect(tidy(() => l1Penalty([weight, weight], 2).item())).toBe(12)
})

test('data: lists with a collation, splits, samplers, transforms, batches to wait for', async () => {
  const list = new ListDataset([5, 6, 7, 8], (items): { x: Tensor; y: Tensor } => ({
    x: tensor(items),
    y: tensor(items),
  }))
  const doubled = new DataLoader(list, { batchSize: 3, transform: ({ x, y }) => ({ x: x.mul(2), y }) })
  expect([...doubled].map(({ x }) => x.toArray())).toEqual([[10, 12, 14], [16]])
  const [a, b] = randomSplit(list, [0.75, 0.25], { seed: 1 })
  expect([...a.positions, ...b.positions].sort()).toEqual([0, 1, 2, 3])
  expect(() => randomSplit(list, [1, 2])).toThrow('add up to 4')
  const rare = new DataLoader(list, { batchSize: 50, sampler: weightedSampler([0, 0, 1, 3], 1000) })
  const drawn = [...rare].flatMap(({ x }) => x.toArray() as number[])
  expect(drawn.every((v) => v >= 7)).toBe(true)
  expect(drawn.filter((v) => v === 8).length / 1000).toBeCloseTo(0.75, 1)
  const slow = { length: 4, batch: async (positions: Int32Array): Promise<Batch> => list.batch(positions) }
  const waited: unknown[] = []
  for await (const { x } of new DataLoader(slow, { batchSize: 2, prefetch: 1 })) waited.push(x.toArray())
  expect(waited).toEqual([
    [5, 6],
    [7, 8],
  ])
  expect(() => [...new DataLoader(slow)]).toThrow('for await')
})

test('misuse is named', async () => {
  const { model, options } = setup()
  const fails = (more: object, d: Iterable<Batch> = loader()): Promise<unknown> =>
    fit(model, d, { ...options, ...more })
  await expect(fails({ epoch: 3 })).rejects.toThrow("no option 'epoch'")
  await expect(fails({ epochs: 0 })).rejects.toThrow('epochs 0')
  await expect(fails({ metrics: { accuracy } })).rejects.toThrow('validation')
  await expect(fails({}, [])).rejects.toThrow('no batch')
  await expect(fails({ callbacks: [earlyStopping()] })).rejects.toThrow("no 'validation loss'")
  await expect(fails({ resume: new Uint8Array(3) })).rejects.toThrow('safetensors')
  await expect(fails({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
  await expect(fails({}, [{ x: tensor([[Number.NaN, 0]]), y: tensor([0], { dtype: 'int32' }) }])).rejects.toThrow(
    'NaN in epoch 1',
  )
})
