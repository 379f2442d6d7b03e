// Layers of convolution, pooling and images: the contract of every layer, PyTorch's shapes and first values, misuse.
import { arange, manualSeed, ones, randn, type Tensor, tensor } from '@x/tensor'
import { describe, expect, test } from 'vitest'
import * as nn from '../index.ts'
import { checkModule } from '../testing.ts'

const sequence = (): Tensor => randn([2, 4, 9])
const image = (): Tensor => randn([2, 4, 8, 7])
const volume = (): Tensor => randn([1, 2, 4, 5, 4])

const layers: Record<string, readonly [() => nn.Module, () => Tensor, readonly number[]]> = {
  Conv1d: [() => new nn.Conv1d(4, 6, 3, { padding: 'same' }), sequence, [2, 6, 9]],
  'Conv1d circular': [() => new nn.Conv1d(4, 6, 3, { padding: 2, paddingMode: 'circular' }), sequence, [2, 6, 11]],
  Conv2d: [() => new nn.Conv2d(4, 6, [3, 2], { padding: 1, stride: [2, 1], groups: 2 }), image, [2, 6, 4, 8]],
  'Conv2d reflect': [() => new nn.Conv2d(4, 3, 3, { padding: 'same', paddingMode: 'reflect' }), image, [2, 3, 8, 7]],
  'Conv2d replicate, unbatched': [
    () => new nn.Conv2d(4, 3, 3, { padding: [0, 1], paddingMode: 'replicate' }),
    () => randn([4, 8, 7]),
    [3, 6, 7],
  ],
  Conv3d: [() => new nn.Conv3d(2, 3, [2, 3, 1], { padding: [1, 0, 0] }), volume, [1, 3, 5, 3, 4]],
  'Conv3d same': [() => new nn.Conv3d(2, 3, 2, { padding: 'same', bias: false }), volume, [1, 3, 4, 5, 4]],
  ConvTranspose1d: [
    () => new nn.ConvTranspose1d(4, 6, 3, { stride: 2, outputPadding: 1, groups: 2 }),
    sequence,
    [2, 6, 20],
  ],
  ConvTranspose2d: [() => new nn.ConvTranspose2d(4, 2, [2, 3], { padding: [0, 1] }), image, [2, 2, 9, 7]],
  MaxPool1d: [() => new nn.MaxPool1d(2, { ceilMode: true }), sequence, [2, 4, 5]],
  MaxPool2d: [() => new nn.MaxPool2d(3, { stride: 2, padding: 1 }), image, [2, 4, 4, 4]],
  AvgPool1d: [() => new nn.AvgPool1d(2), sequence, [2, 4, 4]],
  AvgPool2d: [() => new nn.AvgPool2d(2, { countIncludePad: false, padding: 1 }), image, [2, 4, 5, 4]],
  LPPool1d: [() => new nn.LPPool1d(2, 3), sequence, [2, 4, 3]],
  LPPool2d: [() => new nn.LPPool2d(2, [2, 3], { stride: 2 }), image, [2, 4, 4, 3]],
  AdaptiveAvgPool1d: [() => new nn.AdaptiveAvgPool1d(4), sequence, [2, 4, 4]],
  AdaptiveAvgPool2d: [() => new nn.AdaptiveAvgPool2d([3, null]), image, [2, 4, 3, 7]],
  AdaptiveMaxPool1d: [() => new nn.AdaptiveMaxPool1d(4), sequence, [2, 4, 4]],
  AdaptiveMaxPool2d: [() => new nn.AdaptiveMaxPool2d([3, 2]), image, [2, 4, 3, 2]],
  Unfold: [() => new nn.Unfold([2, 3], { stride: 2 }), image, [2, 24, 12]],
  Fold: [() => new nn.Fold([4, 5], 2), () => randn([1, 8, 12]), [1, 2, 4, 5]],
  PixelShuffle: [() => new nn.PixelShuffle(2), image, [2, 1, 16, 14]],
  PixelUnshuffle: [() => new nn.PixelUnshuffle(2), () => randn([3, 4, 6]), [12, 2, 3]],
  Upsample: [() => new nn.Upsample({ scaleFactor: 2, mode: 'bilinear' }), image, [2, 4, 16, 14]],
  ZeroPad1d: [() => new nn.ZeroPad1d([1, 2]), sequence, [2, 4, 12]],
  ZeroPad2d: [() => new nn.ZeroPad2d([1, 2, 3, 0]), image, [2, 4, 11, 10]],
  ConstantPad1d: [() => new nn.ConstantPad1d(1, 3.5), sequence, [2, 4, 11]],
  ConstantPad2d: [() => new nn.ConstantPad2d(1, 3.5), image, [2, 4, 10, 9]],
  ReflectionPad1d: [() => new nn.ReflectionPad1d(3), sequence, [2, 4, 15]],
  ReflectionPad2d: [() => new nn.ReflectionPad2d([1, 2, 3, 0]), image, [2, 4, 11, 10]],
  ReplicationPad1d: [() => new nn.ReplicationPad1d(3), sequence, [2, 4, 15]],
  ReplicationPad2d: [() => new nn.ReplicationPad2d(1), () => randn([4, 3, 3]), [4, 5, 5]],
  CircularPad1d: [() => new nn.CircularPad1d([0, 4]), sequence, [2, 4, 13]],
  CircularPad2d: [() => new nn.CircularPad2d(2), image, [2, 4, 12, 11]],
}

test.each(Object.entries(layers))('%s', (name, [make, input, shape]) => {
  manualSeed(3)
  checkModule(name, make, input())
  expect(make().forward(input()).shape).toEqual(shape)
})

describe('first values are uniform in ±1/√(inputs per output), as in PyTorch', () => {
  test.each([
    [() => new nn.Conv1d(32, 64, 5), { weight: [64, 32, 5], bias: [64] }, 32 * 5],
    [() => new nn.Conv2d(32, 64, [3, 2], { groups: 2 }), { weight: [64, 16, 3, 2], bias: [64] }, 16 * 6],
    [() => new nn.Conv3d(8, 64, 3), { weight: [64, 8, 3, 3, 3], bias: [64] }, 8 * 27],
    [() => new nn.ConvTranspose1d(32, 64, 5, { groups: 2 }), { weight: [32, 32, 5], bias: [64] }, 32 * 5],
    [() => new nn.ConvTranspose2d(32, 64, 3), { weight: [32, 64, 3, 3], bias: [64] }, 64 * 9],
    [() => new nn.Bilinear(30, 20, 64), { weight: [64, 30, 20], bias: [64] }, 30],
  ])('%s', (make, shapes, fanIn) => {
    manualSeed(5)
    const state = make().stateDict()
    expect(Object.fromEntries(Object.entries(state).map(([name, { shape }]) => [name, shape]))).toEqual(shapes)
    const bound = 1 / Math.sqrt(fanIn)
    for (const values of Object.values(state)) {
      const most = values.abs().max().item()
      expect(most).toBeLessThanOrEqual(bound)
      expect(most).toBeGreaterThan(0.9 * bound)
    }
    const [weight] = Object.values(state)
    expect(Math.abs(weight.std().item() / (bound / Math.sqrt(3)) - 1)).toBeLessThan(0.05)
  })
})

test('padding widths are in PyTorch’s order, the last axis first', () => {
  const x = arange(4).reshape([1, 2, 2])
  expect(new nn.ZeroPad2d([1, 0, 0, 2]).forward(x).toArray()).toEqual([
    [
      [0, 0, 1],
      [0, 2, 3],
      [0, 0, 0],
      [0, 0, 0],
    ],
  ])
})

test('other paddings are those of pad', () => {
  const layer = new nn.Conv1d(1, 1, 3, { padding: 1, paddingMode: 'circular', bias: false })
  layer.loadStateDict({ weight: tensor([[[1, 10, 100]]]) })
  expect(layer.forward(tensor([[1, 2, 3]])).toArray()).toEqual([[213, 321, 132]])
})

test('pooling layers return positions where that is asked for, and unpooling takes them', () => {
  const x = tensor([[[1, 5, 2, 3]]])
  const [y, positions] = new nn.MaxPool1d(2, { returnIndices: true }).forward(x)
  expect([y.toArray(), positions.toArray()]).toEqual([[[[5, 3]]], [[[1, 3]]]])
  expect(new nn.MaxUnpool1d(2).forward(y, positions).toArray()).toEqual([[[0, 5, 0, 3]]])
  const [largest, at] = new nn.AdaptiveMaxPool2d(1, { returnIndices: true }).forward(x)
  expect([largest.item(), at.item()]).toEqual([5, 1])
  const plane = tensor([
    [
      [1, 2],
      [4, 3],
    ],
  ])
  const pooled = new nn.MaxPool2d(2, { returnIndices: true }).forward(plane)
  expect(new nn.MaxUnpool2d(2).forward(...pooled).toArray()).toEqual([
    [
      [0, 0],
      [4, 0],
    ],
  ])
})

test('a bilinear layer sums over every pair of features', () => {
  const layer = new nn.Bilinear(2, 3, 1)
  layer.loadStateDict({
    weight: tensor([
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ]),
    bias: tensor([0.5]),
  })
  const y = layer.forward(tensor([[1, 10]]), tensor([[1, 0, -1]]))
  expect(y.toArray()).toEqual([[1 - 3 + 40 - 60 + 0.5]])
  expect(() => layer.forward(ones([1, 2]), ones([1, 2]))).toThrow('bilinear: a [1, 2] ([.., m]), b [1, 2]')
})

test('settings are checked', () => {
  expect(() => new nn.Conv2d(3, 4, 3, { groups: 2 })).toThrow('Conv2d: inChannels 3 is no multiple of 2')
  expect(() => new nn.Conv2d(0, 4, 3)).toThrow('Conv2d: inChannels 0 is not a whole number')
  expect(() => new nn.Conv1d(1, 1, 0)).toThrow('Conv1d: kernelSize 0 is not a whole number ≥ 1')
  expect(() => new nn.Conv2d(1, 1, 3, { pad: 1 } as object)).toThrow("Conv2d: there is no option 'pad'")
  expect(() => new nn.Conv2d(1, 1, 3, { paddingMode: 'mirror' as 'reflect' })).toThrow("paddingMode 'mirror'")
  expect(() => new nn.ConvTranspose2d(1, 1, 3, { paddingMode: 'zeros' } as object)).toThrow("no option 'paddingMode'")
  expect(() => new nn.ZeroPad2d([1, 2])).toThrow('ZeroPad2d: padding [1,2] is not one or 4 whole numbers')
  expect(() => new nn.Conv2d(1, 1, 3).forward(ones([1, 2, 5, 5]))).toThrow('conv2d: channels do not fit')
  expect(() => nn.conv2d(ones([1, 1, 5, 5]), ones([2, 1, 3, 3]), ones([3]))).toThrow('conv2d: b [3] is not [2]')
  expect(() => nn.conv1d(ones([1, 1, 5]), ones([2, 1, 3]), ones([3]))).toThrow('conv1d: b [3] is not [2]')
})
