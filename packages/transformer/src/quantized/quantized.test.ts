// Quantised layers: to the bit on every backend, build and number of threads; near the layers they stand for.
import { valueAndGrad } from '@x/autograd'
import { Embedding, Linear, Sequential } from '@x/nn'
import {
  concat,
  DTypeError,
  deterministic,
  Generator,
  memoryStats,
  randn,
  ShapeError,
  type Tensor,
  tensor,
  tidy,
} from '@x/tensor'
import { js } from '@x/tensor/js'
import { assertSame, withBackend } from '@x/tensor/testing'
import { setNumThreads } from '@x/tensor/threads'
import { afterAll, describe, expect, test } from 'vitest'
import { dequantizeGgml, quantizeGgml } from '../formats/ggmlTypes.ts'
import { js as own } from '../js/index.ts'
import { Llama } from '../models/llama.ts'
import { QuantizedEmbedding, QuantizedLinear } from './layers.ts'
import { quantize } from './quantize.ts'

const KINDS = ['int8', 'int4'] as const
const SIZES = [
  [1, 1],
  [7, 3],
  [8, 4],
  [9, 31],
  [20, 32],
  [16, 33],
  [5, 100],
  [24, 160],
] as const

const random = (shape: number[], seed: number) => randn(shape, { generator: new Generator(seed) })

afterAll(async () => {
  deterministic(false)
  await setNumThreads(1)
})

describe.each(KINDS)('%s', (kind) => {
  test.each(SIZES)('%i rows of %i: one result everywhere', (N, K) => {
    tidy(() => {
      const layer = { weight: random([N, K], 1), bias: random([N], 2) }
      const index = tensor([N - 1, 0, 0], { dtype: 'int32' })
      const inputs = new Map([1, 2, 8, 9].map((M) => [M, random([M, K], 3)]))
      const results = (M: number) => {
        const made = new QuantizedLinear(layer, kind)
        const table = new QuantizedEmbedding(layer, kind)
        const found = [made.packed, made.forward(inputs.get(M) as Tensor), made.dequantize(), table.forward(index)]
        return found.map((x) => x.copy())
      }
      for (const M of inputs.keys()) {
        const relaxed = results(M)
        deterministic(true)
        const strict = results(M)
        deterministic(false)
        relaxed.forEach((x, i) => void assertSame(`relaxed and strict ${M} ${i}`, x, strict[i]))
        const plain = withBackend([js, own], () => results(M))
        relaxed.forEach((x, i) => void assertSame(`wasm and js ${M} ${i}`, x, plain[i]))
      }
    })
  })

  test('the numbers are near those of the layer', () => {
    const layer = new Linear(256, 64)
    const made = new QuantizedLinear(layer, kind)
    const off = made.dequantize().sub(layer.weight).abs().max().item()
    expect(off).toBeLessThan(kind === 'int8' ? 1 / 16 / 250 : 1 / 16 / 7)
    for (const rows of [4, 20]) {
      const x = random([rows, 256], rows)
      const exact = x.matmul(made.dequantize().mT).add(layer.bias as never)
      // What rounding the inputs costs.
      const cost = made.forward(x).sub(exact).abs().max().item()
      expect(cost).toBeLessThan(kind === 'int8' ? 1e-3 : 2e-2)
    }
  })

  test('a row is the same alone and in a prompt', () => {
    const made = new QuantizedLinear(new Linear(256, 64), kind)
    const x = random([40, 256], 6)
    const rows = x.split(1).map((row) => made.forward(row))
    assertSame('rows', made.forward(x), concat(rows))
  })

  test('a bias of another dtype is one of float32', () => {
    const { weight, bias } = new Linear(32, 8)
    const x = random([3, 32], 5)
    const wide = new QuantizedLinear({ weight, bias: bias?.cast('float64') ?? null }, kind)
    assertSame('bias', wide.forward(x), new QuantizedLinear({ weight, bias }, kind).forward(x))
  })

  test('gradients flow through to x, and to the bias', () => {
    const layer = new Linear(32, 8)
    const made = new QuantizedLinear(layer, kind)
    for (const M of [2, 12]) {
      const x = random([M, 32], 7)
      const bias = made.bias as Tensor
      const { grads } = valueAndGrad(() => made.forward(x).square().sum(), { x, bias })
      const dy = made.forward(x).mul(2)
      expect(grads.x.sub(dy.matmul(made.dequantize())).abs().max().item()).toBeLessThan(1e-4)
      expect(grads.bias.sub(dy.sum(0)).abs().max().item()).toBeLessThan(1e-4)
    }
  })

  test.runIf(typeof SharedArrayBuffer !== 'undefined')('the same bits with two threads', async () => {
    const made = new QuantizedLinear(new Linear(512, 1500), kind)
    const x = random([2, 512], 8)
    const many = random([30, 512], 9)
    const one = [made.forward(x), made.forward(many)]
    await setNumThreads(2)
    const two = [made.forward(x), made.forward(many)]
    two.forEach((y, i) => void assertSame(`${i}`, y, one[i]))
    await setNumThreads(1)
  })
})

test('int8: inputs and weights at their bounds add up exactly', () => {
  const K = 20000
  const ones = (n: number, value: number) => tensor(new Float32Array(n).fill(value), { shape: [1, n] })
  const made = new QuantizedLinear({ weight: ones(K, -1), bias: null }, 'int8')
  for (const strict of [false, true]) {
    deterministic(strict)
    // But for the scales, which are rounded.
    expect(made.forward(ones(K, 1)).item() / -K).toBeCloseTo(1, 6)
    expect(made.forward(ones(K, -1)).item() / K).toBeCloseTo(1, 6)
  }
  deterministic(false)
})

test("int4 are ggml's Q4_0: packed again they are what they were", () => {
  const values = random([8 * 64], 4).data() as Float32Array
  const known = dequantizeGgml('Q4_0', quantizeGgml('Q4_0', values))
  const once = new QuantizedLinear({ weight: tensor(values, { shape: [8, 64] }), bias: null }, 'int4').dequantize()
  expect(once.data()).toEqual(known)
  expect(new QuantizedLinear({ weight: once, bias: null }, 'int4').dequantize().data()).toEqual(known)
})

test('rows of zeros, and of what is no number', () => {
  for (const kind of KINDS) {
    const weight = tensor([new Array(8).fill(0), [1, 2, 3, 4, 5, 6, 7, 8]])
    const made = new QuantizedLinear({ weight, bias: null }, kind)
    expect(made.forward(tensor([new Array(8).fill(0)])).toArray()).toEqual([[0, 0]])
    const y = made.forward(tensor([[1, Number.NaN, 1, 1, 1, 1, 1, 1]])).data()
    expect(y[1]).toBeNaN()
  }
})

test('a model is quantised in place, and nothing is left behind', () => {
  const config = { vocabSize: 40, hiddenSize: 64, intermediateSize: 96, numHiddenLayers: 2, numAttentionHeads: 4 }
  const model = new Llama(config)
  const before = memoryStats().storages
  const tokens = tensor([[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]], { dtype: 'int32' })
  const exact = tidy(() => model.forward(tokens))
  quantize(model, 'int8', { exclude: ['lm_head'] })
  expect(model.model.layers[0].mlp.upProj).toBeInstanceOf(QuantizedLinear)
  expect(model.model.embedTokens).toBeInstanceOf(QuantizedEmbedding)
  expect(model.lmHead).toBeInstanceOf(Linear)
  const y = tidy(() => model.forward(tokens))
  const share = tidy(() => y.sub(exact).abs().max().item() / exact.abs().max().item())
  expect(share).toBeGreaterThan(0)
  expect(share).toBeLessThan(0.05)
  for (const t of [tokens, exact, y]) t.dispose()
  // As many as before, and a few constants: the packed weights for the plain ones.
  expect(memoryStats().storages - before).toBeLessThanOrEqual(8)
})

test('misuse is named', () => {
  const made = new QuantizedLinear(new Linear(8, 4), 'int8')
  expect(() => made.forward(randn([2, 8], { dtype: 'float64' }))).toThrow(DTypeError)
  expect(() => made.forward(randn([2, 7]))).toThrow(ShapeError)
  const table = new QuantizedEmbedding(new Embedding(5, 8), 'int4')
  expect(() => table.forward(tensor([5], { dtype: 'int32' }))).toThrow('index 5 is outside the 5 rows')
  expect(() => quantize(new Linear(2, 2), 'int4')).toThrow('no linear layer')
  expect(() => quantize(new Sequential(new Linear(2, 2)), 'int8', { exclude: ['nope'] })).toThrow("no layer 'nope'")
  expect(() => new QuantizedLinear(new Linear(2, 2), 'int2' as 'int4')).toThrow("'int2' is not 'int8' or 'int4'")
})
