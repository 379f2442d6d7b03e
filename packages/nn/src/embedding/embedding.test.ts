// Embeddings and positions.
import { grad } from '@x/autograd'
import { checkGradient } from '@x/autograd/testing'
import { DTypeError, manualSeed, ones, randn, ShapeError, type Tensor, tensor } from '@x/tensor'
import { assertClose, assertNoLeak } from '@x/tensor/testing'
import { expect, test } from 'vitest'
import * as nn from '../index.ts'

const ints = (values: number[] | number[][]): Tensor => tensor(values, { dtype: 'int32' })
const table = tensor([[0, 1], [2, 3], [4, 5], [6, 7]]) // biome-ignore format: a table

test('rows by position, and their gradients', () => {
  expect(nn.embedding(ints([[3, 0], [3, 1]]), table).toArray()).toEqual([[[6, 7], [0, 1]], [[6, 7], [2, 3]]]) // biome-ignore format: rows
  const of = (options: nn.EmbeddingOptions): unknown =>
    grad(
      (w) =>
        nn
          .embedding(ints([1, 1, 3, 0]), w, options)
          .at('...', 0)
          .sum(),
      table,
    )
      .at('...', 0)
      .toArray()
  expect(of({})).toEqual([1, 2, 0, 1])
  expect(of({ paddingIdx: 1 })).toEqual([1, 0, 0, 1])
  expect(of({ paddingIdx: -1 })).toEqual([1, 2, 0, 0])
  expect(of({ scaleGradByFreq: true })).toEqual([1, 1, 0, 1])
  const run = (w: Tensor): Tensor => nn.embedding(ints([1, 1, 3, 0]), w, { paddingIdx: 3, scaleGradByFreq: true })
  expect(() =>
    checkGradient({ name: 'padded', inputs: [{ shape: [4, 2] }], run, dtypes: ['float64'], ulp: 1 }),
  ).toThrow()
})

test('rows that are looked up and too long are scaled down in the table', () => {
  const layer = new nn.Embedding(4, 2, { maxNorm: 2 })
  layer.loadStateDict({ weight: table })
  const y = layer.forward(ints([0, 3]))
  assertClose('the row', y.at(1), tensor([6, 7]).mul(2 / Math.sqrt(85)), 64)
  expect(layer.weight.at(2).toArray()).toEqual([4, 5])
  expect(layer.weight.at(0).toArray()).toEqual([0, 1])
})

test('bags: sum, mean and maximum, flat and in rows', () => {
  const [words, offsets] = [ints([1, 2, 2, 0]), ints([0, 2, 2])]
  const bags = (mode: 'sum' | 'mean' | 'max', more: nn.EmbeddingBagOptions = {}): unknown =>
    nn.embeddingBag(words, table, { offsets, mode, ...more }).toArray()
  expect(bags('sum')).toEqual([[6, 8], [0, 0], [4, 6]]) // biome-ignore format: rows
  expect(bags('mean')).toEqual([[3, 4], [0, 0], [2, 3]]) // biome-ignore format: rows
  expect(bags('max')).toEqual([[4, 5], [0, 0], [4, 5]]) // biome-ignore format: rows
  expect(bags('mean', { paddingIdx: 2 })).toEqual([[2, 3], [0, 0], [0, 1]]) // biome-ignore format: rows
  expect(bags('max', { paddingIdx: 2 })).toEqual([[2, 3], [0, 0], [0, 1]]) // biome-ignore format: rows
  expect(bags('sum', { perSampleWeights: tensor([1, 2, 3, 4]) })).toEqual([[10, 13], [0, 0], [12, 19]]) // biome-ignore format: rows
  expect(bags('sum', { includeLastOffset: true })).toEqual([
    [6, 8],
    [0, 0],
  ])
  const layer = new nn.EmbeddingBag(4, 2)
  layer.loadStateDict({ weight: table })
  expect(layer.forward(ints([[1, 2], [3, 3]])).toArray()).toEqual([[3, 4], [6, 7]]) // biome-ignore format: rows
})

test.each(['sum', 'mean', 'max'] as const)('the gradient of bags: %s', (mode) => {
  const run = (w: Tensor): Tensor => nn.embeddingBag(ints([1, 2, 2, 0]), w, { offsets: ints([0, 1, 1]), mode })
  checkGradient({ name: mode, inputs: [{ shape: [4, 2] }], run, dtypes: ['float64'], ulp: 1 })
  assertNoLeak(mode, () => void run(table))
})

test('a table starts standard normal, its row of padding 0', () => {
  manualSeed(1)
  const { weight } = new nn.Embedding(1000, 20, { paddingIdx: -1 })
  expect(weight.at(-1).toArray()).toEqual(Array(20).fill(0))
  expect(weight.std().item()).toBeCloseTo(1, 1)
})

test('positions: the columns of sinusoids are waves of growing length', () => {
  const pe = nn.sinusoidalPositions(50, 6, { dtype: 'float64' })
  for (const [p, i] of [
    [7, 0],
    [49, 1],
    [30, 2],
  ]) {
    const angle = p / 10000 ** ((2 * i) / 6)
    expect(pe.at(p, 2 * i).item()).toBeCloseTo(Math.sin(angle), 12)
    expect(pe.at(p, 2 * i + 1).item()).toBeCloseTo(Math.cos(angle), 12)
  }
})

test.each(['half', 'interleaved'] as const)('products of rotated rows depend on their distance (%s)', (style) => {
  manualSeed(2)
  const [q, k] = [randn([1, 8]), randn([1, 8])].map((t) => t.expand([10, 1, 8]))
  const turn = (x: Tensor, start: number): Tensor => nn.rotaryEmbedding(x, { style, start }).squeeze(1)
  const products = turn(q, 0).matmul(turn(k, 0).mT)
  expect(products.at(2, 5).item()).toBeCloseTo(products.at(6, 9).item(), 4)
  assertClose('from a later start', turn(q, 3).at(0), turn(q, 0).at(3), 8)
  assertClose(
    'at given positions',
    nn
      .rotaryEmbedding(q, { style, start: tensor(Int32Array.from({ length: 10 }, () => 4)) })
      .squeeze(1)
      .at(0),
    turn(q, 0).at(4),
    8,
  )
  assertClose('the length', turn(q, 0).square().sum(1), q.squeeze(1).square().sum(1), 64)
})

test('misuse is named', () => {
  for (const row of [4, -1]) {
    expect(() => nn.embedding(ints([row]), table)).toThrow(RangeError)
    expect(() => nn.embeddingBag(ints([[0, row]]), table)).toThrow(`index ${row} (at flat position 1)`)
  }
  expect(() => nn.embedding(ones([2]), table)).toThrow(DTypeError)
  expect(() => nn.embedding(ints([0]), table, { paddingIdx: 4 })).toThrow('paddingIdx 4 is not from -4 to 3')
  expect(() => nn.embedding(ints([0]), table, { sparse: true } as object)).toThrow("there is no option 'sparse'")
  expect(() => nn.embeddingBag(ints([0]), table)).toThrow('is not [B, n], or flat [N] with offsets')
  expect(() => nn.embeddingBag(ints([[0]]), table, { perSampleWeights: ones([1, 1]) })).toThrow("go with mode 'sum'")
  const bags = (...offsets: number[]) => nn.embeddingBag(ints([1, 2, 3]), table, { offsets: ints(offsets) })
  expect(() => bags(1, 2)).toThrow('embeddingBag: offset 1 at position 0 is not from 0 to 0; offsets rise from 0')
  expect(() => bags(0, 2, 1)).toThrow('offset 1 at position 2 is not from 2 to 3')
  expect(() => bags(0, 4)).toThrow('offset 4 at position 1 is not from 0 to 3')
  expect(() => new nn.Embedding(0, 3)).toThrow('numEmbeddings 0')
  expect(() => nn.sinusoidalPositions(3, 5)).toThrow(ShapeError)
  expect(() => nn.rotaryEmbedding(ones([2, 1, 3]))).toThrow(ShapeError)
})
