import { defaultGenerator, manualSeed, memoryStats, ones, type Tensor, tensor, tidy } from '@x/tensor'
import { assign } from '@x/tensor/op'
import { loadSafetensors, saveSafetensors } from '@x/tensor/safetensors'
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
import { Module, parameter } from '../module.ts'
import { Adam } from '../optim/adam.ts'
import { LBFGS } from '../optim/lbfgs.ts'
import { SGD } from '../optim/sgd.ts'
import { ExponentialLR } from '../schedule/decay.ts'
import { type Callback, checkpoint, earlyStopping } from './callbacks.ts'
import { evaluate, type Metric } from './evaluate.ts'
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
  ['between epochs', {}, 1],
  ['within an epoch', { everySteps: 10 }, 1],
  ['after the update that ends an epoch, of fewer batches', { everySteps: 4 }, 2],
])('a training resumed %s ends with the very numbers of an uninterrupted one', async (_, when, accumulate) => {
  const whole = setup()
  manualSeed(7)
  const files: Uint8Array[] = []
  const keepAll = (): Callback => checkpoint({ save: (file) => void files.push(file), ...when })
  const expected = await fit(whole.model, loader(), { ...whole.options, accumulate, epochs: 4, callbacks: [keepAll()] })
  const final = weights(whole.model)
  for (const file of files.slice(0, 3)) {
    const again = setup()
    defaultGenerator().seed(99)
    const callbacks = [checkpoint({ save: () => {} })]
    const history = await fit(again.model, loader(), {
      ...again.options,
      accumulate,
      epochs: 4,
      callbacks,
      resume: file,
    })
    expect(weights(again.model)).toEqual(final)
    expect(history.losses).toEqual(expected.losses)
    expect(history.epochs.map(({ loss, lr }) => [loss, lr])).toEqual(expected.epochs.map(({ loss, lr }) => [loss, lr]))
  }
})

test('callbacks are told the epoch that is over, and so are files of checkpoints', async () => {
  const told: string[] = []
  const spy = (until: number): Callback[] => [
    {
      onStep: (run) => void told.push(`step ${run.epoch}.${run.batch}`),
      onEpoch(run) {
        told.push(`epoch ${run.epoch}, ${run.history.last.epoch}`)
        if (run.epoch === until) run.stop()
      },
      onEnd: (run) => void told.push(`end ${run.epoch}`),
    },
  ]
  const train = async (options: Partial<FitOptions>): Promise<string[]> => {
    const made = setup()
    const batches = new DataLoader(data, { batchSize: 100 })
    told.length = 0
    await fit(made.model, batches, { ...made.options, epochs: 2, ...options })
    return [...told]
  }
  const first = ['step 1.1', 'step 1.2', 'epoch 1, 1']
  const second = ['step 2.1', 'step 2.2', 'epoch 2, 2', 'end 2']
  const files: [Uint8Array, number][] = []
  const saving = checkpoint({ everySteps: 1, save: (file, run) => void files.push([file, run.epoch]) })
  expect(await train({ callbacks: [saving, ...spy(0)] })).toEqual([...first, ...second])
  expect(files.map(([, epoch]) => epoch)).toEqual([1, 1, 1, 2, 2, 2])
  expect(await train({ callbacks: spy(1) })).toEqual([...first, 'end 1'])
  expect(await train({ callbacks: spy(0), resume: files[1][0] })).toEqual(['epoch 1, 1', ...second])
  expect(await train({ callbacks: spy(0), resume: files[2][0] })).toEqual(second)
  expect(await train({ callbacks: spy(0), resume: files[5][0] })).toEqual(['end 2'])
})

/** The file as it was written before it held names. */
function former(file: Uint8Array, callbacks: readonly unknown[]): Uint8Array {
  const { tensors, metadata } = loadSafetensors(file)
  const position = { ...JSON.parse(metadata.training), names: undefined, callbacks }
  return saveSafetensors(tensors, { training: JSON.stringify(position) })
}

test('to resume, callbacks with a state have to be there, and no others', async () => {
  const validation = [data.batch(Int32Array.from({ length: 200 }, (_, i) => i))]
  const files: Uint8Array[] = []
  const saving = (): Callback => checkpoint({ save: (file) => void files.push(file) })
  const stopping = (): Callback => earlyStopping({ patience: 3 })
  const silent: Callback = { onEpoch() {} }
  const counter = (): Callback & { n: number } => ({
    n: 0,
    onEpoch() {
      this.n++
    },
    state() {
      return this.n
    },
    restore(state) {
      this.n = state as number
    },
  })
  const train = async (callbacks: readonly Callback[], more: Partial<FitOptions> = {}): Promise<number[]> => {
    const { model, options } = setup()
    manualSeed(3)
    await fit(model, loader(), { ...options, validation, callbacks, epochs: 3, ...more })
    return weights(model)
  }
  const whole = await train([silent, stopping(), counter(), saving()])
  const resume = files[1]
  const counted = counter()
  expect(await train([counted, stopping()], { resume })).toEqual(whole)
  expect(counted.n).toBe(3)
  expect(await train([silent, checkpoint({ save() {}, onlyBest: true }), stopping(), counter()], { resume })).toEqual(
    whole,
  )
  await expect(train([silent, counter(), saving()], { resume })).rejects.toThrow(
    'resume: callback 1 (earlyStopping) has a state; give it again',
  )
  await expect(train([stopping(), silent, saving()], { resume })).rejects.toThrow('no name')
  files.length = 0
  await train([saving(), silent], { epochs: 2 })
  expect(await train([], { resume: files[1] })).toEqual(whole)
  // Files from before.
  expect(await train([silent, saving()], { resume: former(files[1], [null, null]) })).toEqual(whole)
  expect(await train([], { resume: former(files[1], [null, null]) })).toEqual(whole)
  const again = counter()
  await train([silent, again], { resume: former(files[1], [null, 2]) })
  expect(again.n).toBe(3)
  await expect(train([counter()], { resume: former(files[1], [null, 2]) })).rejects.toThrow('has a state')
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

test.each([true, false])(
  'an infinite gradient is clipped once, and not there for ever (compiled: %s)',
  async (compile) => {
    const model = new Linear(1, 1)
    const optimizer = new SGD(model.parameters(), { lr: 0.125 })
    const loss = (output: Tensor, target: Tensor): Tensor => output.mul(target).sum()
    for (const p of Object.values(model.stateDict())) assign(p, tensor(1))
    const data = [Number.POSITIVE_INFINITY, 1, 1, 1].map((y) => ({ x: tensor([[1]]), y: tensor([[y]]) }))
    await fit(model, data, { loss, optimizer, compile, accumulate: 2, clipValue: 1 })
    expect(Object.values(model.stateDict()).map((p) => p.data()[0])).toEqual([0.75, 0.75])
  },
)

test('evaluate leaves nothing behind without compiling, either', async () => {
  const { model } = setup()
  const validation = [data.batch(Int32Array.of(0, 1, 2))]
  const before = memoryStats().storages
  await evaluate(model, validation, { loss: crossEntropy, metrics: { accuracy }, compile: false })
  expect(memoryStats().storages).toBe(before)
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
  const other = setup().options.schedule
  await expect(fails({ schedule: other })).rejects.toThrow(/^fit: schedule belongs to another optimiser/)
  await expect(fails({ schedule: {} })).rejects.toThrow(/^fit: schedule/)
  await expect(fails({ callbacks: [() => {}] })).rejects.toThrow(/^fit: a callback is Function, not .*onEpoch/)
  await expect(fails({ callbacks: [{ onepoch() {} }] })).rejects.toThrow(/^fit: a callback .*onEpoch/)
  await expect(fails({ callbacks: { onEpoch() {} } })).rejects.toThrow(/^fit: callbacks is Object, not a list/)
  await expect(fails({ callbacks: [{ onEpoch: 3 }] })).rejects.toThrow('onEpoch')
  const validation = loader()
  await expect(fails({ validation, metrics: [accuracy] })).rejects.toThrow(/^fit: metrics is Array.*{ accuracy }/)
  await expect(fails({ validation, metrics: { accuracy: 3 } })).rejects.toThrow("metric 'accuracy' is a number")
  await expect(fails({ validation, metrics: { f: (o: Tensor) => o.sum() } })).rejects.toThrow(
    "metric 'f' is Tensor, not a number",
  )
  await expect(fails({ validation: { x: 1, y: 2 } })).rejects.toThrow(/^fit: validation is Object, not batches/)
  await expect(fails({ penalty: 1 })).rejects.toThrow('fit: penalty is a number')
  await expect(fails({ optimizer: new LBFGS(model.parameters()), schedule: undefined })).rejects.toThrow(
    /^fit: optimizer is .*LBFGS.*loop of your own/,
  )
  const { x, y } = data.batch(Int32Array.of(0, 1))
  await expect(fails({}, [[x, y]] as never)).rejects.toThrow(/^fit: x of a batch { x, y } is undefined/)
  await expect(fails({}, [{ x: [[1, 2]], y }] as never)).rejects.toThrow(/^fit: x of a batch { x, y } is an array/)
  await expect(fails({}, data as never)).rejects.toThrow(/^fit: data is TensorDataset.*DataLoader/)
  await expect(fails({}, x as never)).rejects.toThrow(/^fit: data is Tensor/)
  const raw = fit as (...given: unknown[]) => Promise<unknown>
  await expect(raw(model, loader())).rejects.toThrow(/^fit: options are { loss, optimizer/)
  await expect(raw()).rejects.toThrow(/^fit: model is undefined/)
  await expect(raw(model, undefined, options)).rejects.toThrow(/^fit: data is undefined/)
  const measure = evaluate as (...given: unknown[]) => Promise<unknown>
  await expect(measure()).rejects.toThrow(/^evaluate: model is undefined/)
  await expect(measure(model)).rejects.toThrow(/^evaluate: data is undefined/)
  await expect(measure(model, [[x, y]])).rejects.toThrow(/^evaluate: x of a batch/)
  await expect(measure(model, loader(), { loss: 3 })).rejects.toThrow(/^evaluate: loss is a number/)
  await expect(measure(model, loader(), { metrics: [accuracy] })).rejects.toThrow(/^evaluate: metrics is Array/)
  // Last, for it spoils the weights.
  await expect(fails({}, [{ x: tensor([[Number.NaN, 0]]), y: tensor([0], { dtype: 'int32' }) }])).rejects.toThrow(
    'NaN in epoch 1',
  )
})

test.each([true, false])(
  'evaluating frees neither inputs nor parameters that a model returns, compiled: %s',
  async (compile) => {
    class Echo extends Module {
      w = parameter(ones([2, 3]))
      returns: 'input' | 'view' | 'parameter' = 'input'
      forward(x: Tensor): Tensor {
        return this.returns === 'input' ? x : this.returns === 'view' ? x.reshape([2, 3]) : this.w
      }
    }
    const model = new Echo()
    const data = [1, 2].map((n) => ({ x: ones([2, 3]).mul(n), y: ones([2, 3]) }))
    const measured: Readonly<Record<string, Metric>>[] = [{}, { mean: (outputs) => outputs.mean().item() }]
    for (model.returns of ['input', 'view', 'parameter'] as const) {
      for (const metrics of measured) {
        const found = await evaluate(model, data, { loss: mseLoss, metrics, compile })
        const isInput = model.returns !== 'parameter'
        expect(found).toEqual({ loss: isInput ? 0.5 : 0, ...('mean' in metrics && { mean: isInput ? 1.5 : 1 }) })
      }
    }
    expect([...data.flatMap(({ x, y }) => [x, y]), model.w].some((t) => t.isDisposed)).toBe(false)
  },
)
