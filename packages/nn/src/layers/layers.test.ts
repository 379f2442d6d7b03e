// Every layer keeps the contract of checkModule.
import { manualSeed, ones, randn, tensor } from '@x/tensor'
import { expect, test } from 'vitest'
import * as nn from '../index.ts'
import { checkModule } from '../testing.ts'

const image = (): ReturnType<typeof randn> => randn([2, 3, 8, 8])
const layers: Record<string, readonly [() => nn.Module, () => ReturnType<typeof randn>]> = {
  Linear: [() => new nn.Linear(5, 3), () => randn([4, 5])],
  'Linear without bias': [() => new nn.Linear(5, 3, { bias: false }), () => randn([2, 4, 5])],
  Conv2d: [() => new nn.Conv2d(3, 4, 3, { padding: 1, stride: 2 }), image],
  'Conv2d in groups': [() => new nn.Conv2d(3, 6, [3, 2], { groups: 3, bias: false }), image],
  MaxPool2d: [() => new nn.MaxPool2d(2), image],
  ReLU: [() => new nn.ReLU(), image],
  GELU: [() => new nn.GELU(), image],
  'GELU tanh': [() => new nn.GELU({ approximate: 'tanh' }), image],
  Tanh: [() => new nn.Tanh(), image],
  Sigmoid: [() => new nn.Sigmoid(), image],
  Dropout: [() => new nn.Dropout(0.5), image],
  Flatten: [() => new nn.Flatten(), image],
  LayerNorm: [() => new nn.LayerNorm([8, 8]), image],
  Sequential: [
    () => new nn.Sequential(new nn.Flatten(), new nn.Linear(192, 8), new nn.Tanh(), new nn.Linear(8, 2)),
    image,
  ],
}

test.each(Object.entries(layers))('%s', (name, [make, input]) => {
  manualSeed(3)
  checkModule(name, make, input())
})

test('dropout drops in training only', () => {
  const layer = new nn.Dropout(0.5)
  expect(
    layer
      .forward(ones([1000]))
      .eq(0)
      .any()
      .item(),
  ).toBe(1)
  expect(
    layer
      .eval()
      .forward(ones([1000]))
      .eq(0)
      .any()
      .item(),
  ).toBe(0)
})

test('checkModule finds a layer that keeps its weights to itself', () => {
  class Odd extends nn.Module {
    scale = nn.parameter(tensor([2]))
    calls = 0
    override forward(x: ReturnType<typeof randn>): ReturnType<typeof randn> {
      this.calls++
      return x.mul(this.calls)
    }
  }
  expect(() => checkModule('Odd', () => new Odd(), ones([3]))).toThrow('Odd: a second forward')
})

test('a tensor that two layers share is one parameter', () => {
  const model = new nn.Sequential(new nn.Linear(2, 2), new nn.Linear(2, 2))
  const [first, second] = model.layers as nn.Linear[]
  Object.assign(second, { weight: first.weight })
  expect(model.parameters().length).toBe(3)
  expect(Object.keys(model.stateDict())).toEqual(['0.weight', '0.bias', '1.weight', '1.bias'])
})

test('a parameter made of a view is of its own memory', () => {
  const w = tensor([
    [1, 2],
    [3, 4],
  ])
  const p = nn.parameter(w.at(0))
  new nn.SGD([p], { lr: 1 }).step([ones([2])])
  expect([p.toArray(), w.toArray()]).toEqual([
    [0, 1],
    [
      [1, 2],
      [3, 4],
    ],
  ])
})

test('settings are checked', () => {
  expect(() => new nn.Dropout(2)).toThrow(RangeError)
  expect(() => new nn.GELU({ approximate: 'fast' as 'tanh' })).toThrow(RangeError)
  expect(() => new nn.Linear(3, 2).forward(ones([2, 4]))).toThrow('linear: x [2, 4] and w [2, 3]')
})
