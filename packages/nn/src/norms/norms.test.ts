// Normalisation layers: running statistics, modes, shapes, and what they refuse. The fused ops are in fused.test.ts.
import { manualSeed, randn, ShapeError, tensor } from '@x/tensor'
import { assertClose, assertSame } from '@x/tensor/testing'
import { expect, test } from 'vitest'
import * as nn from '../index.ts'
import { checkModule } from '../testing.ts'

test.each([
  ['BatchNorm1d', () => new nn.BatchNorm1d(3), [4, 3]],
  ['BatchNorm1d of sequences', () => new nn.BatchNorm1d(3), [4, 3, 5]],
  ['BatchNorm2d', () => new nn.BatchNorm2d(3), [2, 3, 4, 4]],
  ['BatchNorm3d', () => new nn.BatchNorm3d(3), [2, 3, 2, 2, 2]],
  [
    'BatchNorm2d without weights and statistics',
    () => new nn.BatchNorm2d(3, { affine: false, trackRunningStats: false }),
    [2, 3, 4, 4],
  ],
  ['InstanceNorm1d', () => new nn.InstanceNorm1d(3, { affine: true }), [2, 3, 5]],
  ['InstanceNorm2d of one image', () => new nn.InstanceNorm2d(3), [3, 4, 4]],
  ['InstanceNorm3d', () => new nn.InstanceNorm3d(3, { trackRunningStats: true }), [2, 3, 2, 2, 2]],
  ['GroupNorm', () => new nn.GroupNorm(2, 4), [2, 4, 3]],
  ['LayerNorm of two axes', () => new nn.LayerNorm([3, 4]), [2, 3, 4]],
  ['LayerNorm without a shift', () => new nn.LayerNorm(4, { bias: false }), [2, 3, 4]],
  ['LayerNorm without weights', () => new nn.LayerNorm([3, 4], { elementwiseAffine: false }), [2, 3, 4]],
  ['RMSNorm', () => new nn.RMSNorm(4), [2, 3, 4]],
  ['LocalResponseNorm', () => new nn.LocalResponseNorm(3), [2, 5, 4, 4]],
] as const)('%s', (name, make, shape) => {
  manualSeed(7)
  checkModule(name, make, randn(shape))
})

test('running statistics follow the batches, the variance with divisor n − 1', () => {
  const layer = new nn.BatchNorm1d(1, { momentum: 0.25 })
  layer.forward(tensor([[1], [3], [5]]))
  expect(layer.runningMean?.toArray()).toEqual([0.75]) // 0 + (3 − 0) / 4
  expect(layer.runningVar?.toArray()).toEqual([1.75]) // 1 + (4 − 1) / 4
  expect(layer.numBatchesTracked?.item()).toBe(1)
  expect(Object.keys(layer.namedBuffers())).toEqual(['running_mean', 'running_var', 'num_batches_tracked'])
  layer.eval()
  const y = layer.forward(tensor([[0.75]]))
  expect(y.toArray()).toEqual([[0]])
  expect(layer.numBatchesTracked?.item()).toBe(1)
})

test('without a momentum the running statistics are the means over all batches', () => {
  const layer = new nn.BatchNorm1d(1, { momentum: null })
  for (const values of [
    [[1], [3]],
    [[5], [9]],
    [[0], [0]],
  ])
    layer.forward(tensor(values))
  expect(layer.runningMean?.item()).toBeCloseTo((2 + 7 + 0) / 3, 5)
  expect(layer.runningVar?.item()).toBeCloseTo((2 + 8 + 0) / 3, 5)
})

test('short rows of channels go the same way as long ones', () => {
  manualSeed(8)
  const x = randn([6, 3, 4])
  const [y, z] = [x, x.transpose(0, 1).reshape([1, 3, 24])].map((t) => nn.batchNorm(t, { training: true }))
  assertClose('y', y, z.reshape([3, 6, 4]).transpose(0, 1), 64, 1e-6)
})

test('groups of one channel are instance normalisation, one group of all is layer normalisation', () => {
  manualSeed(9)
  const x = randn([2, 4, 3])
  assertSame('channels', nn.groupNorm(x, 4), nn.instanceNorm(x))
  assertClose('all', nn.groupNorm(x, 1), nn.layerNorm(x, null, null, { normalizedShape: [4, 3] }), 32, 1e-6)
})

test('rows far from 0 keep their digits', () => {
  const x = tensor(Float32Array.from({ length: 64 }, (_, i) => 10_000 + (i % 2)))
  const y = nn.layerNorm(x, null, null)
  expect(Math.abs(Math.abs(y.at(0).item()) - 1)).toBeLessThan(1e-4)
})

test('misuse is named', () => {
  expect(() => new nn.BatchNorm2d(3).forward(randn([2, 3]))).toThrow('BatchNorm2d: x [2, 3] has not 4 axes')
  expect(() => new nn.BatchNorm1d(3).forward(randn([2, 4]))).toThrow('with 3 channels')
  expect(() => new nn.BatchNorm1d(3).forward(randn([1, 3]))).toThrow('has a single number per channel to train on')
  expect(() => nn.batchNorm(randn([2, 3]), { weight: randn([2]), training: true })).toThrow(ShapeError)
  expect(() => new nn.GroupNorm(3, 4)).toThrow('numChannels 4 is no multiple of 3')
  expect(() => new nn.LayerNorm(3).forward(randn([2, 4]))).toThrow('layerNorm: [3]')
  expect(() => new nn.BatchNorm1d(3, { decay: 1 } as object)).toThrow("BatchNorm1d: there is no option 'decay'")
  expect(() => nn.localResponseNorm(randn([2, 3, 4]), 0)).toThrow(RangeError)
})
