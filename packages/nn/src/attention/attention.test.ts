// Attention and transformers as modules: masks, weights, keys, and what they refuse. Their numbers are held against
// recordings in scripts/golden, the fused op against its composition in fused.test.ts.
import { valueAndGrad } from '@x/autograd'
import {
  compile,
  DTypeError,
  manualSeed,
  memoryStats,
  ones,
  randn,
  ShapeError,
  type Tensor,
  tensor,
  tidy,
} from '@x/tensor'
import { assertClose, assertSame } from '@x/tensor/testing'
import { expect, test } from 'vitest'
import * as nn from '../index.ts'

test('a mask of bool says what takes part, in the layer what does not', () => {
  manualSeed(1)
  const [q, k, v] = [randn([2, 8]), randn([3, 8]), randn([3, 8])]
  const attnMask = tensor([[1, 0, 1], [1, 1, 0]], { dtype: 'bool' }) // biome-ignore format: a matrix
  const w = nn.attentionWeights(q, k, { attnMask })
  expect([w.at(0, 1).item(), w.at(1, 2).item()]).toEqual([0, 0])
  assertClose('fused', nn.scaledDotProductAttention(q, k, v, { attnMask }), w.matmul(v), 32, 1e-6)
  const layer = new nn.MultiheadAttention(8, 2)
  expect(layer.forward(q, k, v, { attnMask: attnMask.logicalNot() })[1]?.at(0, 1).item()).toBe(0)
})

test('a query that sees no key has NaN, the others their numbers', () => {
  const [q, k, v] = [randn([2, 8]), randn([3, 8]), randn([3, 8])]
  const attnMask = tensor([[0, 0, 0], [1, 1, 0]], { dtype: 'bool' }) // biome-ignore format: a matrix
  const y = nn.scaledDotProductAttention(q, k, v, { attnMask })
  expect(y.at(0).data().every(Number.isNaN)).toBe(true)
  expect(y.at(1).data().every(Number.isFinite)).toBe(true)
})

test('the memory of attention does not grow with the square of the length', () => {
  const peakOf = (T: number): number =>
    tidy(() => {
      const [q, k, v] = [0, 1, 2].map(() => randn([1, 1, T, 8]))
      const before = memoryStats().bytes
      let most = 0
      tidy(() => {
        const { grads } = valueAndGrad(() => {
          const y = nn.scaledDotProductAttention(q, k, v, { isCausal: true }).sum()
          most = Math.max(most, memoryStats().bytes - before)
          return y
        }, [q, k, v])
        most = Math.max(most, memoryStats().bytes - before)
        return grads
      })
      return most
    })
  expect(peakOf(2048) / peakOf(512)).toBeLessThan(5)
})

test('weights that are dropped are scaled', () => {
  manualSeed(2)
  const [q, k] = [randn([64, 8]), randn([64, 8])]
  const v = ones([64, 1])
  const y = nn.scaledDotProductAttention(q, k, v, { dropoutP: 0.5 })
  expect(Math.abs(y.mean().item() - 1)).toBeLessThan(0.2)
  expect(y.std().item()).toBeGreaterThan(0.01)
})

test('the fused way of the layer is the plain one', () => {
  manualSeed(3)
  for (const options of [{}, { batchFirst: true }, { bias: false }, { addBiasKv: true, addZeroAttn: true }]) {
    const layer = new nn.MultiheadAttention(16, 2, options)
    const x = randn([4, 3, 16])
    const batch = (options as { batchFirst?: boolean }).batchFirst ? 4 : 3
    const keys = 12 / batch
    const keyPaddingMask = tensor(
      Array.from({ length: 12 }, (_, i) => i % keys === keys - 1),
      { dtype: 'bool', shape: [batch, keys] },
    )
    for (const isCausal of [false, true]) {
      const given = { keyPaddingMask, isCausal }
      const [plain] = layer.forward(x, x, x, given)
      const [fused, none] = layer.forward(x, x, x, { ...given, needWeights: false })
      assertClose(JSON.stringify(options), fused, plain, 64, 1e-6)
      expect(none).toBeNull()
    }
  }
})

test("keys are PyTorch's", () => {
  const keys = (m: nn.Module<unknown>): string[] => Object.keys(m.stateDict())
  expect(keys(new nn.MultiheadAttention(4, 2, { kdim: 3, addBiasKv: true }))).toEqual(
    expect.arrayContaining([
      ...['q_proj_weight', 'k_proj_weight', 'v_proj_weight', 'in_proj_bias', 'bias_k', 'bias_v'],
      ...['out_proj.weight', 'out_proj.bias'],
    ]),
  )
  const model = new nn.Transformer({ dModel: 4, nhead: 2, numEncoderLayers: 1, numDecoderLayers: 1, dimFeedforward: 8 })
  expect(keys(model)).toEqual(
    expect.arrayContaining([
      ...['encoder.layers.0.self_attn.in_proj_weight', 'encoder.layers.0.linear1.weight', 'encoder.norm.bias'],
      ...['decoder.layers.0.multihead_attn.out_proj.bias', 'decoder.layers.0.norm3.weight', 'decoder.norm.weight'],
    ]),
  )
})

test('masks of the future: given, asked for, and generated', () => {
  manualSeed(4)
  const layer = new nn.TransformerEncoderLayer(8, 1, { dimFeedforward: 16, dropout: 0 })
  const x = randn([5, 2, 8])
  const y = layer.forward(x, { isCausal: true })
  assertClose('given', layer.forward(x, { srcMask: nn.Transformer.generateSquareSubsequentMask(5) }), y, 64, 1e-6)
  const changed = x.add(tensor([0, 0, 0, 0, 1], { shape: [5, 1, 1] }))
  assertClose('what was before', layer.forward(changed, { isCausal: true }).at(3), y.at(3), 16, 1e-6)
})

test('a small model learns to copy, compiled as eager', () => {
  const history = (isCompiled: boolean): number[] => {
    manualSeed(5)
    const embedding = new nn.Embedding(6, 16)
    const layer = new nn.TransformerEncoderLayer(16, 2, {
      dimFeedforward: 32,
      dropout: 0,
      batchFirst: true,
      normFirst: true,
      activation: 'gelu',
    })
    const head = new nn.Linear(16, 6)
    const parameters = [embedding, layer, head].flatMap((m) => m.parameters())
    const optimizer = new nn.AdamW(parameters, { lr: 0.01 })
    const step = (x: Tensor): Tensor =>
      tidy(() => {
        const loss = (): Tensor => {
          const y = head.forward(layer.forward(embedding.forward(x), { isCausal: true }))
          return nn.crossEntropy(y.reshape([-1, 6]), x.reshape([-1]))
        }
        const { value, grads } = valueAndGrad(loss, parameters)
        optimizer.step(grads)
        return value
      })
    const run = isCompiled ? compile(step) : step
    const x = tensor(
      Int32Array.from({ length: 24 }, (_, i) => (i * 5) % 6),
      { shape: [4, 6] },
    )
    return Array.from({ length: 40 }, () => run(x).item())
  }
  const eager = history(false)
  expect(eager[39]).toBeLessThan(0.2)
  expect(history(true)).toEqual(eager)
})

test('evaluation drops nothing', () => {
  const layer = new nn.TransformerDecoderLayer(8, 2, { dimFeedforward: 16 })
  const [x, memory] = [randn([3, 2, 8]), randn([4, 2, 8])]
  layer.eval()
  assertSame('again', layer.forward(x, memory), layer.forward(x, memory))
  layer.train()
  expect(layer.forward(x, memory).toArray()).not.toEqual(layer.forward(x, memory).toArray())
})

test('misuse is named', () => {
  const [q, k] = [randn([2, 3, 8]), randn([2, 4, 6])]
  expect(() => nn.scaledDotProductAttention(q, k, k)).toThrow('q and k differ in their last axis')
  expect(() => nn.scaledDotProductAttention(q, q, randn([2, 5, 8]))).toThrow('there is not one v for each k')
  expect(() => nn.scaledDotProductAttention(q, q, q, { attnMask: ones([3, 3], { dtype: 'int32' }) })).toThrow(
    DTypeError,
  )
  expect(() => nn.scaledDotProductAttention(q, q, q, { attnMask: ones([4, 3]) })).toThrow(ShapeError)
  expect(() => nn.scaledDotProductAttention(q, q, q, { causal: true } as object)).toThrow("there is no option 'causal'")
  expect(() => new nn.MultiheadAttention(6, 4)).toThrow('embedDim 6 is no multiple of 4')
  const layer = new nn.MultiheadAttention(8, 2)
  expect(() => layer.forward(q, k, k)).toThrow('MultiheadAttention: query [2, 3, 8], key [2, 4, 6]')
  expect(() => layer.forward(q, q, q, { attnMask: ones([3, 3]) })).toThrow(
    'attnMask [3, 3] does not fit 3 examples with 2',
  )
  expect(() => new nn.TransformerEncoderLayer(8, 2, { activation: 'tanh' as 'relu' })).toThrow("activation 'tanh'")
  expect(() => new nn.TransformerEncoder(() => new nn.TransformerEncoderLayer(8, 2), 0)).toThrow('numLayers 0')
})
