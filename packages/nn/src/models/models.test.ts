// What the worked models promise about shapes and formulas; that they learn is shown by the scenarios.
import { valueAndGrad } from '@x/autograd'
import { Generator, manualSeed, memoryStats, rand, randn, type Tensor, tensor, tidy } from '@x/tensor'
import { expect, test } from 'vitest'
import {
  Autoencoder,
  Diffusion,
  Gan,
  InceptionBlock,
  InceptionNet,
  LeNet,
  RecurrentLanguageModel,
  ResidualBlock,
  ResNet,
  Seq2Seq,
  Vae,
  Word2Vec,
} from '../models.ts'
import type { Module } from '../module.ts'

const int = { dtype: 'int32' } as const

test.each([
  ['LeNet', new LeNet(10), [2, 1, 28, 28]],
  ['a small LeNet', new LeNet(10, { side: 8, kernel: 3 }), [2, 1, 8, 8]],
  ['ResNet', new ResNet(10, { channels: 3, widths: [8, 16, 32], blocks: 2 }), [2, 3, 9, 11]],
  ['InceptionNet', new InceptionNet(10), [2, 1, 12, 8]],
] as [string, Module, number[]][])(
  '%s gives logits for every image, and gradients for every parameter',
  (_, model, shape) => {
    tidy(() => {
      const x = rand(shape)
      expect(model.forward(x).shape).toEqual([2, 10])
      const { grads } = valueAndGrad(() => model.forward(x).square().sum(), model.parameters())
      for (const g of grads) expect(g.data().some((v) => v !== 0)).toBe(true)
    })
  },
)

test('LeNet-5 on 28 × 28 has the known number of parameters', () => {
  const count = new LeNet(10).parameters().reduce((n, p) => n + p.size, 0)
  expect(count).toBe(156 + 2416 + 400 * 120 + 120 + 120 * 84 + 84 + 840 + 10)
})

test('blocks keep or halve the image', () => {
  tidy(() => {
    const x = rand([1, 8, 6, 6])
    expect(new ResidualBlock(8, 8).forward(x).shape).toEqual([1, 8, 6, 6])
    expect(new ResidualBlock(8, 16, { stride: 2 }).forward(x).shape).toEqual([1, 16, 3, 3])
    const block = new InceptionBlock(8, { one: 2, three: [3, 4], five: [1, 5], pool: 6 })
    expect([block.outputs, block.forward(x).shape]).toEqual([17, [1, 17, 6, 6]])
  })
})

test('the evidence bound is the reconstruction plus the divergence from the normal distribution', () => {
  const vae = new Vae(6, 2, { hidden: 8 })
  tidy(() => {
    const x = rand([5, 6])
    const noise = randn([5, 2])
    const { logits, mean, logVariance } = vae.forward(x, noise)
    const { loss, reconstruction, kl } = vae.elbo(x, noise)
    const p = logits.sigmoid()
    const byHand = x
      .mul(p.log())
      .add(x.neg().add(1).mul(p.neg().add(1).log()))
      .sum()
      .div(-5)
      .item()
    expect(reconstruction.item()).toBeCloseTo(byHand, 3)
    let divergence = 0
    const [m, v] = [mean.data(), logVariance.data()]
    m.forEach((mu, i) => {
      divergence += (mu ** 2 + Math.exp(v[i]) - v[i] - 1) / 2 / 5
    })
    expect(kl.item()).toBeCloseTo(divergence, 4)
    expect(loss.item()).toBeCloseTo(byHand + divergence, 3)
    const { mean: again } = vae.forward(x, noise)
    expect(again.toArray()).toEqual(mean.toArray())
  })
})

test('diffusion ends in noise, and sampling is repeatable', () => {
  const model = new Diffusion(4, { steps: 20, hidden: 16, embedding: 8 })
  const bars = model.alphaBar.data() as Float32Array
  expect(bars[0]).toBeGreaterThan(0.98)
  expect(bars[19]).toBeLessThan(1e-3)
  expect(bars.every((v, i) => i === 0 || v < bars[i - 1])).toBe(true)
  const draw = (): unknown => tidy(() => model.sample(2, { generator: new Generator(3) }).toArray())
  expect(draw()).toEqual(draw())
  tidy(() => {
    const x0 = rand([3, 4])
    const t = tensor([0, 10, 19], int)
    const seen = model.diffuse(x0, t, randn([3, 4]))
    expect(seen.shape).toEqual([3, 4])
    expect(model.loss(x0, t, randn([3, 4])).item()).toBeGreaterThan(0)
  })
  expect(() => new Diffusion(4, { embedding: 7 })).toThrow('embedding 7 is no multiple of 2')
})

test.each(['bahdanau', 'luong'] as const)("%s's attention adds up to 1 and leaves padding out", (attention) => {
  manualSeed(2)
  const model = new Seq2Seq(12, 9, { attention, embedding: 6, hidden: 8 })
  const source = tensor(
    [
      [3, 4, 5, 2],
      [6, 2, 0, 0],
    ],
    int,
  )
  tidy(() => {
    const { logits, alignment } = model.forward(
      source,
      tensor(
        [
          [1, 4, 5],
          [1, 3, 2],
        ],
        int,
      ),
    )
    expect(logits.shape).toEqual([2, 3, 9])
    const rows = alignment.toArray() as number[][][]
    for (const row of rows.flat()) expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5)
    for (const row of rows[1]) expect(row.slice(2)).toEqual([0, 0])
  })
  const before = memoryStats().storages
  const { tokens, alignment } = model.translate([3, 4, 2], { begin: 1, end: 2, most: 6 })
  expect(alignment).toHaveLength(tokens.length)
  expect(tokens.length).toBeLessThanOrEqual(6)
  expect(memoryStats().storages - before).toBeLessThan(4) // constants
  expect(() => new Seq2Seq(3, 3, { attention: 'other' as 'luong' })).toThrow("attention 'other'")
})

test.each(['RNN', 'GRU', 'LSTM'] as const)('%s: going on from a state is the same as reading all at once', (cell) => {
  const model = new RecurrentLanguageModel(7, { cell, embedding: 4, hidden: 6, numLayers: 2 })
  tidy(() => {
    const [whole] = model.forward(tensor([[1, 2, 3, 4]], int))
    const [, state] = model.forward(tensor([[1, 2]], int))
    const [rest] = model.forward(tensor([[3, 4]], int), state)
    const [a, b] = [whole.toArray() as number[][][], rest.toArray() as number[][][]]
    b[0].flat().forEach((v, i) => {
      expect(v).toBeCloseTo(a[0].slice(2).flat()[i], 5)
    })
  })
  expect(model.generate([1], 5, { temperature: 0 })).toHaveLength(5)
  const draw = (): number[] => model.generate([1, 2], 20, { generator: new Generator(1) })
  expect(draw()).toEqual(draw())
  expect(() => model.generate([], 5)).toThrow('prompt is empty')
})

test('the rest: codes, forgeries, words', () => {
  tidy(() => {
    const coder = new Autoencoder(9, 3)
    expect([coder.encode(rand([4, 9])).shape, coder.forward(rand([4, 9])).shape]).toEqual([
      [4, 3],
      [4, 9],
    ])
    const gan = new Gan(9, 4)
    const forged = gan.sample(5)
    const range = (x: Tensor): number[] => [x.min().item(), x.max().item()]
    expect(range(forged)[0]).toBeGreaterThanOrEqual(0)
    expect(range(forged)[1]).toBeLessThanOrEqual(1)
    expect(gan.judgeLoss(rand([5, 9]), forged).item()).toBeCloseTo(2 * Math.LN2, 0)
    const words = new Word2Vec(20, { size: 8 })
    const loss = words.forward(
      tensor([1, 2], int),
      tensor([3, 4], int),
      tensor(
        [
          [5, 6, 7],
          [8, 9, 10],
        ],
        int,
      ),
    )
    expect(loss.item()).toBeCloseTo(4 * Math.LN2, 5) // all vectors beside are zero
    const near = words.analogy([1, 2], [3], 4)
    expect(near).toHaveLength(4)
    expect(near.some(({ word }) => [1, 2, 3].includes(word))).toBe(false)
  })
})
