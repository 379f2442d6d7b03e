// Whole training steps: eager against compiled to the last bit, flat memory, saving and loading.

import { valueAndGrad } from '@x/autograd'
import { compile, manualSeed, memoryStats, randn, type Tensor, tensor, tidy } from '@x/tensor'
import { loadSafetensors, saveSafetensors } from '@x/tensor/safetensors'
import { expect, test } from 'vitest'
import {
  Adam,
  AdamW,
  Conv2d,
  crossEntropy,
  DataLoader,
  Dropout,
  Flatten,
  GELU,
  LayerNorm,
  Linear,
  MaxPool2d,
  mseLoss,
  type Optimizer,
  ReLU,
  Sequential,
  SGD,
  Tanh,
  TensorDataset,
} from './index.ts'

function network(): Sequential {
  manualSeed(1)
  return new Sequential(
    new Conv2d(1, 4, 3, { padding: 1 }),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    new Dropout(0.2),
    new Linear(64, 16),
    new GELU(),
    new LayerNorm(16),
    new Linear(16, 10),
  )
}

const stepOf =
  (model: Sequential, optimizer: Optimizer) =>
  (x: Tensor, y: Tensor): Tensor =>
    tidy(() => {
      const { value, grads } = valueAndGrad(() => crossEntropy(model.forward(x), y), model.parameters())
      optimizer.step(grads)
      return value
    })

test.each(['SGD', 'Adam', 'AdamW'] as const)('100 compiled steps equal eager ones to the last bit (%s)', (name) => {
  const x = randn([32, 1, 8, 8])
  const y = tensor(Int32Array.from({ length: 32 }, (_, i) => i % 10))
  const history = (compiled: boolean): number[] => {
    const model = network()
    const make = {
      SGD: () => new SGD(model.parameters(), { lr: 0.05, momentum: 0.9 }),
      Adam: () => new Adam(model.parameters()),
      AdamW: () => new AdamW(model.parameters()),
    }
    const optimizer = make[name]()
    const step = stepOf(model, optimizer)
    const run = compiled ? compile(step) : step
    const losses: number[] = []
    for (let i = 0; i < 100; i++) {
      optimizer.lr = 0.01 / (1 + i / 50)
      const loss = run(x, y)
      losses.push(loss.item())
      loss.dispose()
    }
    losses.push(...model.forward(x).sum(0).data())
    return losses
  }
  const eager = history(false)
  expect(history(true)).toEqual(eager)
  expect(eager[99]).toBeLessThan(eager[0])
})

test('a replayed step allocates nothing', () => {
  const model = network()
  const optimizer = new Adam(model.parameters())
  const step = stepOf(model, optimizer)
  const silent = compile((x: Tensor, y: Tensor) => void step(x, y))
  const [x, y] = [randn([8, 1, 8, 8]), tensor(new Int32Array(8))]
  silent(x, y)
  const before = memoryStats()
  for (let i = 0; i < 200; i++) silent(x, y)
  expect(memoryStats()).toEqual(before)
})

test('training without any dispose leaves live storages and heap where they were', () => {
  manualSeed(2)
  const model = new Sequential(new Linear(2, 8), new Tanh(), new Linear(8, 1))
  const optimizer = new Adam(model.parameters(), { lr: 0.05 })
  const [x, y] = [
    tensor([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]),
    tensor([[0], [1], [1], [0]]),
  ]
  const step = (): void =>
    tidy(() => {
      optimizer.step(valueAndGrad(() => mseLoss(model.forward(x), y), model.parameters()).grads)
    })
  for (let i = 0; i < 1000; i++) step()
  const { storages, bytes, heapBytes } = memoryStats()
  for (let i = 0; i < 20_000; i++) step()
  expect(memoryStats()).toMatchObject({ storages, bytes, heapBytes })
  expect(tidy(() => mseLoss(model.forward(x), y).item())).toBeLessThan(1e-3) // XOR is learnt
})

test("a file has PyTorch's keys, and a model loaded from it is the same", () => {
  const model = network()
  const keys = Object.keys(model.stateDict())
  expect(keys).toEqual(['0.weight', '0.bias', '5.weight', '5.bias', '7.weight', '7.bias', '8.weight', '8.bias'])
  const file = saveSafetensors(model.stateDict())
  const other = new Sequential(...network().layers)
  for (const p of other.parameters()) expect(p.isDisposed).toBe(false)
  other.loadStateDict(loadSafetensors(file).tensors)
  const x = randn([3, 1, 8, 8])
  expect(other.eval().forward(x).toArray()).toEqual(model.eval().forward(x).toArray())
  const { '0.bias': _, ...missing } = loadSafetensors(file).tensors
  expect(() => other.loadStateDict({ ...missing, extra: tensor(1), '8.bias': tensor([1]) })).toThrow(
    'loadStateDict: missing: 0.bias; unexpected: extra; of another shape: 8.bias ([1] for [10])',
  )
})

test('an optimiser stopped and resumed goes the same way', () => {
  const x = randn([4, 3])
  const train = (w: Tensor, o: Optimizer, steps: number): void => {
    for (let i = 0; i < steps; i++) tidy(() => o.step(valueAndGrad(() => x.matmul(w).square().sum(), [w]).grads))
  }
  const start = randn([3, 2])
  const whole = start.copy()
  train(whole, new Adam([whole]), 10)
  const first = start.copy()
  const before = new Adam([first])
  train(first, before, 5)
  const saved = saveSafetensors(before.stateDict())
  const after = new Adam([first])
  after.loadStateDict(loadSafetensors(saved).tensors)
  train(first, after, 5)
  expect(first.toArray()).toEqual(whole.toArray())
})

test('loaders give every example once per pass, in seeded orders', () => {
  const data = new TensorDataset(
    tensor(Float32Array.from({ length: 10 }, (_, i) => i)),
    tensor(Int32Array.from({ length: 10 }, (_, i) => i)),
  )
  const pass = (loader: DataLoader): number[] => [...loader].flatMap(({ x }) => x.toArray() as number[])
  const loader = new DataLoader(data, { batchSize: 4, shuffle: true, seed: 5 })
  const [first, second] = [pass(loader), pass(loader)]
  expect([...first].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(first).not.toEqual(second)
  expect(pass(new DataLoader(data, { batchSize: 4, shuffle: true, seed: 5 }))).toEqual(first)
  expect([loader.length, new DataLoader(data, { batchSize: 4, dropLast: true }).length]).toEqual([3, 2])
  expect(() => new DataLoader(data, { batchSize: 0 })).toThrow(RangeError)
  expect(() => new TensorDataset(tensor([1]), tensor([1, 2]))).toThrow('different numbers of examples')
})

test('modes, misuse of settings', () => {
  const model = network()
  expect(Object.values(model.eval().modules()).every((m) => !m.training)).toBe(true)
  const p = model.parameters()
  expect(() => new Adam(p, { lr: -1 })).toThrow(RangeError)
  expect(() => new SGD(p, { nesterov: true })).toThrow('nesterov needs momentum')
  expect(() => new SGD(p).step([])).toThrow('0 gradients for 8 parameters')
  expect(() => new SGD([])).toThrow(RangeError)
})
